"""Read a meter without knowing it: its object list, then attribute by attribute.

The object list says which class and version each object has and what this client may read; the
table of classes gives names and types. What is not in the table is shown as it came.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from addad import obis
from addad.cosem.classes import AssociationLN, Register, find_class
from addad.cosem.classes.access import AttributeAccess, ObjectListElement
from addad.cosem.classes.measurement import BufferAttribute
from addad.cosem.interface_class import Attribute
from addad.dlms import data as axdr
from addad.dlms.apdu.descriptors import AttributeDescriptor
from addad.dlms.results import DataAccessResult
from addad.errors import AccessError, DecodeError
from addad.net.client import Client
from addad.obis import Obis
from addad.units import ScalerUnit


@dataclass(frozen=True, slots=True)
class Reading:
    """One attribute of one object: its value, or the result by which the meter refused it."""

    class_id: int
    logical_name: Obis
    index: int
    name: str
    value: object = None
    refused: int | None = None

    @property
    def refusal(self) -> str:
        """The refusal in words, empty when there is a value."""
        if self.refused is None:
            return ""
        known = self.refused in set(DataAccessResult)
        text = DataAccessResult(self.refused).name if known else f"result {self.refused}"
        return text.lower().replace("_", " ")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A register's content with scaler and unit applied."""

    value: float
    unit: str
    raw: int | float
    scaler_unit: ScalerUnit


async def object_list(client: Client) -> tuple[ObjectListElement, ...]:
    """What the meter shows to this client, in order of logical name."""
    listed = await client.get(obis.CURRENT_ASSOCIATION, AssociationLN.object_list)
    return tuple(sorted(listed, key=lambda element: (element.logical_name, element.class_id)))


def readable(element: ObjectListElement) -> list[int]:
    """The attributes that a plain GET may read, by the access modes of the object list."""
    indexes = []
    for item in element.access_rights.attributes:
        mode = item.access_mode
        try:
            allowed = AttributeAccess(mode).readable
        except ValueError:
            allowed = bool(mode & 1)
        if allowed and item.attribute_id > 0:
            indexes.append(item.attribute_id)
    return indexes


def attribute_of(element: ObjectListElement, index: int) -> Attribute[object] | None:
    """The constant for an attribute of an object, if its class is known."""
    known = find_class(element.class_id, element.version)
    return None if known is None else known.attributes.get(index)


async def read_objects(
    client: Client, elements: Iterable[ObjectListElement], *, buffers: bool = False
) -> list[Reading]:
    """Every readable attribute of these objects; profile buffers only when asked for.

    An attribute that the meter refuses is a `Reading` with the refusal. Raises `LinkError` and
    `RemoteProtocolError` when the meter is lost.
    """
    wanted = [
        (element, index)
        for element in elements
        for index in readable(element)
        if buffers or not isinstance(attribute_of(element, index), BufferAttribute)
    ]
    return await read_attributes(client, wanted)


async def read_attributes(
    client: Client, wanted: Sequence[tuple[ObjectListElement, int]]
) -> list[Reading]:
    """These attributes, in as few requests as the meter allows."""
    descriptors = [
        AttributeDescriptor(element.class_id, element.logical_name, index, None)
        for element, index in wanted
    ]
    answers = await client.get_many_octets(descriptors)
    return [
        _reading(element, index, answer)
        for (element, index), answer in zip(wanted, answers, strict=True)
    ]


def _reading(element: ObjectListElement, index: int, answer: bytes | AccessError) -> Reading:
    attribute = attribute_of(element, index)
    name = f"attribute {index}" if attribute is None else attribute.name
    where = (element.class_id, element.logical_name, index, name)
    if isinstance(answer, AccessError):
        return Reading(*where, refused=answer.result)
    return Reading(*where, value=_value(attribute, answer))


def _value(attribute: Attribute[object] | None, octets: bytes) -> object:
    """The value by the attribute's type; of another type, as it came; of none, the octets."""
    try:
        data = axdr.decode(octets)
    except DecodeError:
        return octets
    if attribute is None:
        return data
    try:
        return attribute.type.from_data(data)
    except DecodeError:
        return data


async def read_quantity(client: Client, logical_name: Obis) -> Quantity:
    """A register's value with scaler and unit applied.

    Raises `AccessError` when the meter refuses either, `DecodeError` when they are no numbers.
    """
    answers = await client.get_many_octets(
        [Register.value.of(logical_name), Register.scaler_unit.of(logical_name)]
    )
    for answer in answers:
        if isinstance(answer, AccessError):
            raise answer
    value, unit = (answer for answer in answers if not isinstance(answer, AccessError))
    scaled = quantity(axdr.decode(value), Register.scaler_unit.type.decode(unit))
    if scaled is None:
        raise DecodeError(f"{logical_name} holds no number")
    return scaled


def quantity(value: object, scaler_unit: ScalerUnit) -> Quantity | None:
    """A number, also inside a general value, with scaler and unit; None for what is no number."""
    number = value.value if isinstance(value, axdr.Data) else value
    if isinstance(number, bool) or not isinstance(number, int | float):
        return None
    exact = isinstance(number, int)
    scaled = scaler_unit.scaled(int(number)) if exact else number * 10.0**scaler_unit.scaler
    return Quantity(scaled, scaler_unit.symbol, number, scaler_unit)


def with_units(readings: Sequence[Reading]) -> dict[Obis, Quantity]:
    """The quantities among the readings: a value and a scaler_unit of the same object."""
    units = {
        reading.logical_name: reading.value
        for reading in readings
        if isinstance(reading.value, ScalerUnit)
    }
    found = {}
    for reading in readings:
        scaler_unit = units.get(reading.logical_name)
        if reading.name != "value" or not isinstance(scaler_unit, ScalerUnit):
            continue
        scaled = quantity(reading.value, scaler_unit)
        if scaled is not None:
            found[reading.logical_name] = scaled
    return found
