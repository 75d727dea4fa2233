"""Objects of a small table, with everything around them in plain sight."""

from typing import Any, TypeVar

from addad.cosem.classes.measurement import Register
from addad.cosem.cosem_object import CosemObject
from addad.cosem.interface_class import Attribute, Method
from addad.dlms.clock_time import DateTime
from addad.dlms.data import Data
from addad.dlms.types import DoubleLongUnsigned
from addad.errors import AccessError
from addad.meter.attribute_store import AttributeStore
from addad.meter.object_model import ObjectModel
from addad.meter.stored_methods import stored_objects
from addad.meter.stored_objects import Surroundings
from addad.obis import Obis
from addad.units import ScalerUnit, Unit

T = TypeVar("T")
NOW = DateTime(2026, 6, 21, 7, 12, 0, 0, 0, -60, 0)
ENERGY, OTHER = Obis.parse("1-0:1.8.0"), Obis.parse("1-0:2.8.0")


def _register(name: Obis, value: int) -> CosemObject:
    shown = Register.value.typed(DoubleLongUnsigned)
    unit = ScalerUnit(0, Unit.WATT_HOUR)
    return CosemObject(
        Register, name, shown.reads(lambda: value), Register.scaler_unit.reads(lambda: unit)
    )


class TableDesk:
    """The objects of a table, and two registers: `ENERGY` of 1000 Wh and `OTHER` of 2000."""

    def __init__(self, table: str) -> None:
        self.store = AttributeStore()
        self.noted: list[int] = []
        self.changed: list[tuple[int, Obis, int, Data]] = []
        self.calls: list[bool] = []
        self.objects = {name: _register(name, wh) for name, wh in ((ENERGY, 1000), (OTHER, 2000))}
        around = Surroundings(
            self.store,
            self.noted.append,
            self.objects.get,
            lambda: NOW,
            lambda: self.calls.append(True),
            lambda *change: self.changed.append(change),
        )
        self.around = around
        self.model = ObjectModel.parse(table)
        self.model.declare(self.store)
        made = list(stored_objects(self.model, around))
        self.objects.update({item.logical_name: item for item in made})
        self.first = made[0]

    def get(self, attribute: Attribute[T], item: CosemObject | None = None) -> T:
        """What an attribute of the table's first object, or another one, shows."""
        octets = (item or self.first).reads[attribute.index].encode(None)
        assert isinstance(octets, bytes)
        return attribute.type.decode(octets)

    def set(self, attribute: Attribute[Any], value: object) -> int:
        """The result of writing it: 0 for success."""
        try:
            self.first.writes[attribute.index].accept(attribute.type.to_data(value))
        except AccessError as refused:
            return refused.result
        return 0

    def act(self, method: Method[Any, Any], value: object = 0) -> int:
        """The result of a method of the first object."""
        try:
            self.first.does[method.index].run(method.parameter.to_data(value), None)
        except AccessError as refused:
            return refused.result
        return 0
