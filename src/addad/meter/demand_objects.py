"""Demand as clients see it: averages of powers and currents, and the highest averages.

Blue Book: classes 5 and 4, over the capture period of the load profile. The maximum is that since
the last reset, which script 1 of the end of the billing period does too.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from addad import obis
from addad.cosem.classes.measurement import DemandRegister, ExtendedRegister
from addad.cosem.cosem_object import CosemObject
from addad.dlms.clock_time import DateTime
from addad.dlms.types import DoubleLongUnsigned, Unsigned
from addad.meter.demand import Demanded
from addad.meter.device import Meter
from addad.meter.register_objects import CURRENT, PLAIN_POWER, Form
from addad.obis import Obis

_MAX: Final = 0xFFFF_FFFF
_NEVER: Final = DateTime(None, None, None)
_AVERAGES: Final[tuple[tuple[Demanded, Obis, Form], ...]] = (
    (Demanded.IMPORT, obis.ACTIVE_DEMAND_IMPORT, PLAIN_POWER),
    (Demanded.EXPORT, obis.ACTIVE_DEMAND_EXPORT, PLAIN_POWER),
    (Demanded.CURRENT_L1, obis.CURRENT_DEMAND_PHASES[0], CURRENT),
    (Demanded.CURRENT_L2, obis.CURRENT_DEMAND_PHASES[1], CURRENT),
    (Demanded.CURRENT_L3, obis.CURRENT_DEMAND_PHASES[2], CURRENT),
)
_MAXIMA: Final[tuple[tuple[Demanded, Obis], ...]] = (
    (Demanded.IMPORT, obis.MAXIMUM_DEMAND_IMPORT),
    (Demanded.EXPORT, obis.MAXIMUM_DEMAND_EXPORT),
)


def demand_objects(meter: Meter) -> Iterator[CosemObject]:
    """The averages and the maxima."""
    for what, name, form in _AVERAGES:
        yield _average(meter, what, name, form)
    for what, name in _MAXIMA:
        yield _maximum(meter, what, name)


def _shown(meter: Meter, moment: datetime | None) -> DateTime:
    return _NEVER if moment is None else meter.clock.date_time(moment)


def _average(meter: Meter, what: Demanded, name: Obis, form: Form) -> CosemObject:
    demands = meter.profiles.demands
    average = demands.averages[what]
    current, last = (
        attribute.typed(DoubleLongUnsigned)
        for attribute in (DemandRegister.current_average_value, DemandRegister.last_average_value)
    )
    return CosemObject(
        DemandRegister,
        name,
        current.reads(lambda: min(demands.current(what), _MAX)),
        last.reads(lambda: min(average.last, _MAX)),
        DemandRegister.scaler_unit.reads(lambda: form.scale),
        DemandRegister.status.typed(Unsigned).reads(lambda: int(average.last_status)),
        DemandRegister.capture_time.reads(lambda: _shown(meter, average.ended)),
        DemandRegister.start_time_current.reads(lambda: _shown(meter, average.start)),
        DemandRegister.period.reads(lambda: demands.grid.period_s),
        DemandRegister.number_of_periods.reads(lambda: 1),
        DemandRegister.reset.does(lambda _: demands.reset(what, meter.clock.time)),
        DemandRegister.next_period.does(lambda _: demands.next_period(what, meter.clock.time)),
    )


def _maximum(meter: Meter, what: Demanded, name: Obis) -> CosemObject:
    maximum = meter.profiles.demands.maxima[what]
    value = ExtendedRegister.value.typed(DoubleLongUnsigned)
    return CosemObject(
        ExtendedRegister,
        name,
        value.reads(lambda: min(maximum.value, _MAX)),
        ExtendedRegister.scaler_unit.reads(lambda: PLAIN_POWER.scale),
        ExtendedRegister.status.typed(Unsigned).reads(lambda: int(maximum.status)),
        ExtendedRegister.capture_time.reads(lambda: _shown(meter, maximum.at)),
        ExtendedRegister.reset.does(lambda _: maximum.reset(meter.clock.time)),
    )
