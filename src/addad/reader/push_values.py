"""The values in the body of a push: each with its name, its scaler and its unit where it has them.

Green Book (DataNotification), Blue Book class 40 (push object list). Makers lay a body out in one
of five ways: values named one by one, with or without scaler and unit, in structures or flat;
values behind an attribute's descriptor; a push object list and then the values it names; and
values whose meaning is their place alone. The first four are recognised by their types, the last
by a table, `push_lists`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from addad import obis
from addad.dlms.clock_time import DateTime
from addad.dlms.data import Data, Tag
from addad.errors import DecodeError
from addad.obis import Obis
from addad.reader.plain_values import Plain, moment_as_text, plain
from addad.reader.push_lists import LIST_VERSION, PUSH_LISTS, Kind, Place, PushList
from addad.units import ScalerUnit

VALUES_MAX: Final = 4096
"""Values of one push; a body with more is refused."""

_NAME_OCTETS: Final = 6
_CLOCK_OCTETS: Final = 12
_TEXTS: Final = frozenset((Tag.VISIBLE_STRING, Tag.UTF8_STRING))
_SEQUENCES: Final = frozenset((Tag.ARRAY, Tag.STRUCTURE, Tag.COMPACT_ARRAY))
_DESCRIPTOR: Final = (Tag.LONG_UNSIGNED, Tag.OCTET_STRING, Tag.INTEGER)
_OBJECT: Final = (*_DESCRIPTOR, Tag.LONG_UNSIGNED)
_SCALER_UNIT: Final = (Tag.INTEGER, Tag.ENUM)


@dataclass(frozen=True, slots=True)
class PushedValue:
    """One value: `data` as it came, and what is known of it.

    `logical_name` is None where neither the push nor a known list tells it. `scaler_unit` comes
    from the push, or where `declared` from the maker's list.
    """

    logical_name: Obis | None
    data: Data
    scaler_unit: ScalerUnit | None = None
    declared: bool = False
    class_id: int | None = None
    attribute_index: int | None = None

    @property
    def raw(self) -> int | float | None:
        """The number as it came; None for what is no number."""
        value = self.data.value
        return None if not isinstance(value, int | float) else value

    @property
    def value(self) -> Plain:
        """A number in its unit, a text without its padding, a moment as ISO 8601."""
        value = self.data.value
        if self.scaler_unit is not None and isinstance(value, int | float):
            return plain(_scaled(value, self.scaler_unit))
        if isinstance(value, str):
            return value.split("\0", 1)[0]
        if isinstance(value, bytes) and _printable(value):
            return value.rstrip(b"\0").decode("ascii")
        moment = self.moment
        return plain(self.data) if moment is None else moment_as_text(moment)

    @property
    def unit(self) -> str:
        """The unit's sign; empty where there is none."""
        return "" if self.scaler_unit is None else self.scaler_unit.symbol

    @property
    def moment(self) -> DateTime | None:
        """The date-time that the value is, or None."""
        return _moment(self.data)


def _printable(octets: bytes) -> bool:
    """Whether octets are a text in ASCII, perhaps padded with zeros."""
    return all(0x20 <= octet < 0x7F for octet in octets.rstrip(b"\0"))


def _scaled(value: int | float, scaler_unit: ScalerUnit) -> float:
    if isinstance(value, int):
        return scaler_unit.scaled(value)
    return float(value * 10.0**scaler_unit.scaler)


@dataclass(frozen=True, slots=True)
class PushedValues:
    """The values of a body, and the name of the maker's list that was needed to read them."""

    values: tuple[PushedValue, ...]
    list_name: str = ""

    @property
    def moment(self) -> DateTime | None:
        """What the meter's clock said, if it is among the values."""
        for value in self.values:
            name = value.logical_name
            if name is not None and name[2:5] == obis.CLOCK[2:5] and value.moment is not None:
                return value.moment
        return None


def read_values(body: Data) -> PushedValues:
    """The values of a push's body; raises `DecodeError` for one with too many."""
    found = _values(body)
    if len(found) > VALUES_MAX:
        raise DecodeError(f"a push of {len(found)} values; {VALUES_MAX} is the limit")
    known = _known_list(found)
    if known is None:
        return PushedValues(tuple(found))
    return PushedValues(tuple(_by_list(found, known)), known.name)


# Names that stand in the push


def _values(body: Data) -> list[PushedValue]:
    elements = _elements(body)
    listed = _object_list(elements)
    if listed is not None:
        return list(listed)
    if body.tag not in _SEQUENCES:
        return [PushedValue(None, body)]
    return list(_named(elements))


def _elements(data: Data) -> tuple[Data, ...]:
    """The elements of an array or structure; none of any other value."""
    if data.tag not in _SEQUENCES or not isinstance(data.value, tuple):
        return ()
    return tuple(element for element in data.value if isinstance(element, Data))


def _tags(data: Data) -> tuple[Tag, ...]:
    return tuple(element.tag for element in _elements(data))


def _name(data: Data) -> Obis | None:
    """The logical name that an octet-string of six octets may be."""
    value = data.value
    if data.tag != Tag.OCTET_STRING or not isinstance(value, bytes) or len(value) != _NAME_OCTETS:
        return None
    return Obis(value)


def _scaler_unit(data: Data) -> ScalerUnit | None:
    if _tags(data) != _SCALER_UNIT:
        return None
    scaler, unit = (element.value for element in _elements(data))
    return ScalerUnit(scaler, unit) if isinstance(scaler, int) and isinstance(unit, int) else None


def _named(elements: Iterable[Data]) -> Iterator[PushedValue]:
    """The values of a row, or of a body: each behind its name or its descriptor, or alone."""
    waiting = list(elements)[::-1]
    while waiting:
        data = waiting.pop()
        name = _name(data)
        if name is not None and waiting:
            value = waiting.pop()
            scaler_unit = _scaler_unit(waiting[-1]) if waiting else None
            if scaler_unit is not None:
                waiting.pop()
            yield PushedValue(name, value, scaler_unit)
        elif _tags(data) == _DESCRIPTOR and waiting:
            yield _described(data, waiting.pop())
        elif data.tag in _SEQUENCES:
            yield from _named(_elements(data))
        elif data.tag != Tag.NULL_DATA:
            yield PushedValue(None, data)


def _described(descriptor: Data, value: Data) -> PushedValue:
    class_id, name, index = _elements(descriptor)[:3]
    return PushedValue(
        _name(name),
        value,
        class_id=class_id.value if isinstance(class_id.value, int) else None,
        attribute_index=index.value if isinstance(index.value, int) else None,
    )


def _object_list(elements: tuple[Data, ...]) -> Iterator[PushedValue] | None:
    """The values that a push object list at their head names; the list itself is left out."""
    if len(elements) < 2:
        return None
    listed = _elements(elements[0])
    if len(listed) != len(elements):
        return None
    if any(_tags(one)[:4] != _OBJECT or _name(_elements(one)[1]) is None for one in listed):
        return None
    return (
        _described(descriptor, value)
        for descriptor, value in zip(listed[1:], elements[1:], strict=True)
    )


# Names and units that a maker's list tells


def _known_list(values: list[PushedValue]) -> PushList | None:
    unnamed = [value for value in values if value.logical_name is None]
    named = len(unnamed) < len(values)
    version = _version(values)
    for known in PUSH_LISTS:
        if named is known.named and version.startswith(known.version):
            if _fits(unnamed, known.places):
                return known
    return None


def _version(values: list[PushedValue]) -> str:
    """The version of the list: the value of that name, or the first one where it is a text."""
    for place, value in enumerate(values):
        name = value.logical_name
        if place == 0 if name is None else name[2:5] == LIST_VERSION[2:5]:
            shown = value.value
            return shown if isinstance(shown, str) else ""
    return ""


def _fits(unnamed: list[PushedValue], places: tuple[Place, ...]) -> bool:
    if len(unnamed) != len(places):
        return False
    return all(
        _kind(value.data) is place.kind for value, place in zip(unnamed, places, strict=True)
    )


def _kind(data: Data) -> Kind | None:
    value = data.value
    if data.tag == Tag.DOUBLE_LONG_UNSIGNED:
        return Kind.NUMBER
    if _moment(data) is not None:
        return Kind.CLOCK
    if data.tag in _TEXTS or (isinstance(value, bytes) and _printable(value)):
        return Kind.TEXT
    return None


def _moment(data: Data) -> DateTime | None:
    value = data.value
    if not isinstance(value, bytes) or len(value) != _CLOCK_OCTETS:
        return None
    try:
        moment = DateTime.decode(value)
    except DecodeError:
        return None
    return None if moment.year is None else moment


def _by_list(values: list[PushedValue], known: PushList) -> Iterator[PushedValue]:
    places = iter(known.places)
    for value in values:
        name = value.logical_name
        if name is None:
            name = next(places).logical_name
        scale = known.scales.get((name[2], name[3]))
        if scale is None or value.scaler_unit is not None or value.raw is None:
            yield replace(value, logical_name=name)
        else:
            yield replace(value, logical_name=name, scaler_unit=scale, declared=True)
