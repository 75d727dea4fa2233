"""A strategy for the values of any COSEM type, as the interface classes use them."""

import contextlib
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from addad.cosem.classes import choices
from addad.dlms import types as t
from addad.dlms.clock_time import Date, DateTime, Time
from addad.dlms.data import NULL, BitString, Data, Tag
from addad.errors import DecodeError
from addad.obis import Obis

OCTET = st.integers(0, 0xFF)
RANGES = {
    t.Integer: (-(2**7), 2**7 - 1),
    t.Long: (-(2**15), 2**15 - 1),
    t.DoubleLong: (-(2**31), 2**31 - 1),
    t.Unsigned: (0, 2**8 - 1),
    t.LongUnsigned: (0, 2**16 - 1),
    t.DoubleLongUnsigned: (0, 2**32 - 1),
    t.EnumCode: (0, 2**8 - 1),
}


def _or_any(values: st.SearchStrategy[int]) -> st.SearchStrategy[int | None]:
    return st.one_of(st.none(), values)


DATES = st.builds(
    Date,
    _or_any(st.integers(2000, 2100)),
    _or_any(st.integers(1, 12)),
    _or_any(st.integers(1, 31)),
    _or_any(st.integers(1, 7)),
)
TIMES = st.builds(
    Time, _or_any(st.integers(0, 23)), _or_any(st.integers(0, 59)), _or_any(st.integers(0, 59))
)
MOMENTS = st.builds(
    lambda date, time, deviation: DateTime(
        date.year,
        date.month,
        date.day,
        date.weekday,
        time.hour,
        time.minute,
        time.second,
        0,
        deviation,
        0,
    ),
    DATES,
    TIMES,
    _or_any(st.integers(-720, 840)),
)
PLAIN: dict[object, st.SearchStrategy[Any]] = {
    t.Boolean: st.booleans(),
    t.BitStringType: st.lists(st.booleans(), max_size=20).map(BitString.of),
    t.Utf8String: st.text(max_size=5),
    t.LogicalName: st.binary(min_size=6, max_size=6).map(Obis),
    t.DateTimeOctets: MOMENTS,
    t.DateOctets: DATES,
    t.TimeOctets: TIMES,
    choices.TaggedDateTime: MOMENTS,
    choices.Text: st.text(st.characters(max_codepoint=0xFF), max_size=5),
    t.AnyData: st.one_of(
        st.just(NULL),
        st.integers(0, 0xFFFF).map(lambda n: Data(Tag.LONG_UNSIGNED, n)),
        st.binary(max_size=4).map(lambda b: Data(Tag.OCTET_STRING, b)),
        st.lists(OCTET, max_size=3).map(
            lambda ns: Data(Tag.ARRAY, tuple(Data(Tag.UNSIGNED, n) for n in ns))
        ),
    ),
}


def _codes(kind: t.DataType[Any]) -> Iterator[Any]:
    """All that an enum allows, found by asking it."""
    for code in range(0x100):
        with contextlib.suppress(DecodeError):
            yield kind.from_data(Data(Tag.ENUM, code))


def values_of(kind: t.DataType[Any]) -> st.SearchStrategy[Any]:
    """Values that the type can hold."""
    if kind in PLAIN:
        return PLAIN[kind]
    if kind in RANGES:
        return st.integers(*RANGES[kind])
    match kind:
        case t.Limited():
            return st.integers(kind.lowest, kind.highest)
        case t.Array():
            return st.lists(values_of(kind.element), max_size=2).map(tuple)
        case t.Structure():
            return st.builds(kind.names, *(values_of(field) for field in kind.fields))
        case t.Nullable():
            return st.one_of(st.none(), values_of(kind.inner))
        case t.Enum() | choices.Flags():
            return st.sampled_from(list(_codes(kind)))
        case choices.MethodMode():
            return st.integers(0, 1)
        case choices.ObjectIdentifier():
            return st.integers(0, 127).map(lambda n: bytes.fromhex("608574050801") + bytes((n,)))
        case t.OctetString():
            return st.binary(min_size=kind.size or 0, max_size=kind.size or 8)
    raise AssertionError(f"no values are known of {kind!r}")
