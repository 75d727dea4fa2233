"""The meter's own objects and those of its table, together: each finds the others by name.

Blue Book: what a parameter monitor watches, a register table shows or compact data capture may be
any object of the logical device.
"""

from __future__ import annotations

from addad.cosem.cosem_object import CosemObject
from addad.dlms.data import Data
from addad.meter.device import Meter
from addad.meter.parameter_monitor import notice_change, watch_writes
from addad.meter.stored_methods import stored_objects
from addad.meter.stored_objects import Surroundings
from addad.obis import Obis


def with_table(meter: Meter, own: list[CosemObject]) -> list[CosemObject]:
    """`own` and the objects of the meter's table."""
    model = meter.settings.model
    found = {item.logical_name: item for item in own}

    def written(class_id: int, name: Obis, index: int, value: Data) -> None:
        notice_change(model, around, class_id, name, index, value)

    around = Surroundings(
        meter.table.attributes,
        meter.notices.note,
        found.get,
        meter.clock.date_time,
        meter.table.calling.connect,
        written,
    )
    watch_writes(own, written)
    made = list(stored_objects(model, around))
    found.update({item.logical_name: item for item in made})
    return [*own, *made]
