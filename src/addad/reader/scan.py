"""Read a meter without knowing it: its object list, then attribute by attribute.

Blue Book, class 15: the object list says which class and version each object has and what this
client may read; the table of classes gives names and types. What is not in the table is shown as it
came.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from addad import obis
from addad.cosem.classes import CLASSES, AssociationLN, Register, find_class
from addad.cosem.classes.access import (
    AccessRightsList,
    AttributeAccessItem,
    ObjectListElement,
    ObjectListElementType,
)
from addad.cosem.classes.access_modes import AttributeAccess, may_read
from addad.cosem.classes.measurement import BufferAttribute
from addad.cosem.interface_class import Attribute
from addad.dlms import data as axdr
from addad.dlms.apdu.descriptors import AttributeDescriptor
from addad.dlms.data import Data, Tag
from addad.dlms.results import DataAccessResult
from addad.errors import AccessError, DecodeError
from addad.net.client import Client
from addad.obis import Obis
from addad.units import ScalerUnit

OBJECTS_MAX: Final = 10_000
"""How many objects of a list are taken."""
_MASKS: Final = 3
_ENUMERATED: Final = max(AttributeAccess)
_LOGICAL_NAME: Final = 1
_LIKELY: Final = (3, 1, 7, 8, 4, 5, 70, 15, 64, 40, 20, 11, 9, 22, 21, 71, 17, 18, 6)
"""Classes that an object of unknown class may have, the most frequent first."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A register's content with scaler and unit applied."""

    value: float
    unit: str
    raw: int | float
    scaler_unit: ScalerUnit


@dataclass(frozen=True, slots=True)
class Reading:
    """One attribute of one object: its value, or why there is none.

    `refused` is the result by which the meter refused it, `fault` what went wrong otherwise.
    `quantity` is the value of a register in its unit.
    """

    class_id: int
    logical_name: Obis
    index: int
    name: str
    value: object = None
    refused: int | None = None
    fault: str = ""
    quantity: Quantity | None = None

    @property
    def refusal(self) -> str:
        """Why there is no value, in words; empty when there is one."""
        if self.refused is None:
            return self.fault
        known = self.refused in set(DataAccessResult)
        text = DataAccessResult(self.refused).name if known else f"result {self.refused}"
        return text.lower().replace("_", " ")


async def object_list(client: Client) -> tuple[ObjectListElement, ...]:
    """What the meter shows to this client, in order of logical name.

    Raises `AccessError` where it shows no list, `DecodeError` for one of which nothing can be read;
    elements that cannot be read are left out.
    """
    octets = await client.get_octets(AssociationLN.object_list.of(obis.CURRENT_ASSOCIATION))
    return read_object_list(octets)


def read_object_list(octets: bytes) -> tuple[ObjectListElement, ...]:
    """The elements of an object list of any version, in order of logical name."""
    listed = axdr.decode(octets)
    if listed.tag not in (Tag.ARRAY, Tag.COMPACT_ARRAY) or not isinstance(listed.value, tuple):
        raise DecodeError(f"an object list is an array, not {listed.tag.name}")
    found = []
    for entry in listed.value[:OBJECTS_MAX]:
        with contextlib.suppress(DecodeError):
            if isinstance(entry, Data):
                found.append(ObjectListElementType.from_data(entry))
    if listed.value and not found:
        raise DecodeError("no element of the object list can be read")
    return tuple(sorted(found, key=lambda element: (element.logical_name, element.class_id)))


def rights_version(elements: Iterable[ObjectListElement]) -> int:
    """In which version of Association LN the access modes of a list are written.

    The list says so of its own association. Codes that no enumeration has are masks of bits,
    whatever it says.
    """
    version = 1
    for element in elements:
        if element.class_id == AssociationLN.class_id and (
            element.logical_name == obis.CURRENT_ASSOCIATION
        ):
            version = element.version
        if any(item.access_mode > _ENUMERATED for item in element.access_rights.attributes):
            return _MASKS
    return version


def readable(element: ObjectListElement, version: int = 1) -> list[int]:
    """The attributes that a GET may read, by the access modes of the object list."""
    return [
        item.attribute_id
        for item in element.access_rights.attributes
        if item.attribute_id > 0 and may_read(item.access_mode, version)
    ]


def attribute_of(element: ObjectListElement, index: int) -> Attribute[object] | None:
    """The constant for an attribute of an object, if its class is known."""
    known = find_class(element.class_id, element.version)
    return None if known is None else known.attributes.get(index)


def is_buffer(element: ObjectListElement, index: int) -> bool:
    """Whether an attribute is the buffer of a profile."""
    return isinstance(attribute_of(element, index), BufferAttribute)


async def find_object(client: Client, name: Obis) -> ObjectListElement | None:
    """An object that no list names: its logical name is asked for, class after class.

    All attributes of the class that answers count as readable; None when none answers.
    """
    for class_id in _LIKELY:
        descriptor = AttributeDescriptor(class_id, name, _LOGICAL_NAME)
        try:
            told = await client.get_octets(descriptor)
        except AccessError:
            continue
        if told[-len(name) :] != name:
            continue
        version = max(v for c, v in CLASSES if c == class_id)
        attributes = CLASSES[class_id, version].attributes
        items = tuple(AttributeAccessItem(index, AttributeAccess.READ) for index in attributes)
        return ObjectListElement(class_id, version, name, AccessRightsList(items, ()))
    return None


async def read_objects(
    client: Client,
    elements: Iterable[ObjectListElement],
    *,
    buffers: bool = False,
    version: int = 1,
) -> list[Reading]:
    """Every readable attribute of these objects; profile buffers only when asked for.

    An attribute that the meter refuses is a `Reading` with the refusal. Raises `LinkError` and
    `RemoteProtocolError` when the meter is lost. `version` is that of `rights_version`.
    """
    wanted = [
        (element, index)
        for element in elements
        for index in readable(element, version)
        if buffers or not is_buffer(element, index)
    ]
    return await read_attributes(client, wanted)


async def read_attributes(
    client: Client, wanted: Sequence[tuple[ObjectListElement, int]]
) -> list[Reading]:
    """These attributes, in as few requests as the meter allows; numbers in their units."""
    descriptors = [
        AttributeDescriptor(element.class_id, element.logical_name, index, None)
        for element, index in wanted
    ]
    answers = await client.get_many_octets(descriptors)
    return with_units(
        [
            _reading(element, index, answer)
            for (element, index), answer in zip(wanted, answers, strict=True)
        ]
    )


def unread(element: ObjectListElement, index: int, fault: str) -> Reading:
    """An attribute of which nothing came that can be read."""
    return Reading(*_where(element, index), fault=fault)


def _where(element: ObjectListElement, index: int) -> tuple[int, Obis, int, str]:
    attribute = attribute_of(element, index)
    name = f"attribute {index}" if attribute is None else attribute.name
    return element.class_id, element.logical_name, index, name


def _reading(element: ObjectListElement, index: int, answer: bytes | AccessError) -> Reading:
    where = _where(element, index)
    if isinstance(answer, AccessError):
        return Reading(*where, refused=answer.result)
    return Reading(*where, value=_value(attribute_of(element, index), answer))


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


def with_units(readings: Sequence[Reading]) -> list[Reading]:
    """The readings, those that are a register's content with their quantity."""
    units = {
        (reading.class_id, reading.logical_name): reading.value
        for reading in readings
        if isinstance(reading.value, ScalerUnit)
    }
    found = []
    for reading in readings:
        unit = units.get((reading.class_id, reading.logical_name))
        if unit is not None and reading.index in SCALED.get(reading.class_id, ()):
            scaled = quantity(reading.value, unit)
            found.append(replace(reading, quantity=scaled))
        else:
            found.append(reading)
    return found


SCALED: Final = {3: (2,), 4: (2,), 5: (2, 3)}
"""The attributes of each class that have its scaler and unit."""
SCALER_UNIT: Final = {3: 3, 4: 3, 5: 4}
"""The attribute of each class that is its scaler and unit."""


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
