"""A-XDR values: vectors, round trips, and a bounded cost for any octets."""

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addad.dlms.compact_array import COMPACT_ELEMENTS_PER_OCTET
from addad.dlms.data import (
    FIXED_OCTETS,
    MAX_DEPTH,
    NULL,
    NUMBER_FORMS,
    BitString,
    Data,
    Tag,
    decode,
    encode,
    read,
    read_octets,
)
from addad.dlms.octets import Cursor
from addad.errors import DecodeError, LocalProtocolError
from foreign import cells

# The types' encodings follow the Data choice of the DLMS UA ASN.1 module.
VECTORS = [
    ("00", NULL),
    ("FF", Data(Tag.DONT_CARE, None)),
    ("0300", Data(Tag.BOOLEAN, False)),
    ("0301", Data(Tag.BOOLEAN, True)),
    ("0409A580", Data(Tag.BIT_STRING, BitString(b"\xa5\x80", 9))),
    ("05FFFFFFFE", Data(Tag.DOUBLE_LONG, -2)),
    ("06FFFFFFFE", Data(Tag.DOUBLE_LONG_UNSIGNED, 0xFFFFFFFE)),
    ("09020001", Data(Tag.OCTET_STRING, b"\x00\x01")),
    ("0A03414243", Data(Tag.VISIBLE_STRING, "ABC")),
    ("0C02C3A9", Data(Tag.UTF8_STRING, "é")),
    ("0D42", Data(Tag.BCD, 0x42)),
    ("0FFD", Data(Tag.INTEGER, -3)),
    ("10FFFD", Data(Tag.LONG, -3)),
    ("11FD", Data(Tag.UNSIGNED, 253)),
    ("12FFFD", Data(Tag.LONG_UNSIGNED, 65533)),
    ("14FFFFFFFFFFFFFFFF", Data(Tag.LONG64, -1)),
    ("15FFFFFFFFFFFFFFFF", Data(Tag.LONG64_UNSIGNED, 2**64 - 1)),
    ("161B", Data(Tag.ENUM, 27)),
    ("1743670000", Data(Tag.FLOAT32, 231.0)),
    ("18406CE00000000000", Data(Tag.FLOAT64, 231.0)),
    ("1907E60C0103173B3B00FFC400", Data(Tag.DATE_TIME, bytes.fromhex("07E60C0103173B3B00FFC400"))),
    ("1A07E60C0103", Data(Tag.DATE, bytes.fromhex("07E60C0103"))),
    ("1B173B3B00", Data(Tag.TIME, bytes.fromhex("173B3B00"))),
    ("1CFF", Data(Tag.DELTA_INTEGER, -1)),
    ("210000000A", Data(Tag.DELTA_DOUBLE_LONG_UNSIGNED, 10)),
    ("0100", Data(Tag.ARRAY, ())),
    ("02020FFF1621", Data(Tag.STRUCTURE, (Data(Tag.INTEGER, -1), Data(Tag.ENUM, 33)))),
    (
        "13 0202 06 11 0A 00000001 02 00000003 04",
        Data(
            Tag.COMPACT_ARRAY,
            (
                Data(Tag.STRUCTURE, (Data(Tag.DOUBLE_LONG_UNSIGNED, 1), Data(Tag.UNSIGNED, 2))),
                Data(Tag.STRUCTURE, (Data(Tag.DOUBLE_LONG_UNSIGNED, 3), Data(Tag.UNSIGNED, 4))),
            ),
        ),
    ),
]


@cells.cell(
    cells.VECTOR,
    cells.BOTH,
    services=("data types", "compact array", "delta types"),
    note="each tag of the ASN.1 module; the delta tags as one public stack has them",
)
@pytest.mark.parametrize(("octets", "data"), VECTORS)
def test_a_vector_both_ways(octets: str, data: Data) -> None:
    wire = bytes.fromhex(octets)
    assert decode(wire) == data
    assert encode(data) == wire
    assert read_octets(Cursor(wire)) == wire


@pytest.mark.parametrize(("octets", "data"), VECTORS)
def test_a_vector_truncated_or_followed_by_more(octets: str, data: Data) -> None:
    wire = bytes.fromhex(octets)
    for end in range(len(wire)):
        with pytest.raises(DecodeError):
            decode(wire[:end])
        with pytest.raises(DecodeError):
            read_octets(Cursor(wire[:end]))
    with pytest.raises(DecodeError):
        decode(wire + b"\x00")


def test_any_nonzero_octet_is_true() -> None:
    assert decode(b"\x03\xff") == Data(Tag.BOOLEAN, True)


def test_unused_bits_do_not_count() -> None:
    assert decode(bytes.fromhex("0403FF")) == decode(bytes.fromhex("0403E0"))
    assert BitString.of([1, 0, 1, 0, 0, 1, 0, 1, 1]) == BitString(b"\xa5\x80", 9)
    assert BitString(b"\xa5\x80", 9).bits == (
        True,
        False,
        True,
        False,
        False,
        True,
        False,
        True,
        True,
    )
    assert BitString.of([]) == BitString(b"", 0)


def test_an_array_inside_a_compact_array_takes_its_count_from_the_description() -> None:
    wire = bytes.fromhex("13 01 0002 11 04 01 02 03 04")
    pair = lambda a, b: Data(Tag.ARRAY, (Data(Tag.UNSIGNED, a), Data(Tag.UNSIGNED, b)))  # noqa: E731
    assert decode(wire) == Data(Tag.COMPACT_ARRAY, (pair(1, 2), pair(3, 4)))


REFUSED = {
    "no octets": "",
    "unknown tag": "07",
    "more elements declared than octets": "01 84 7FFFFFFF 00 00 00 00",
    "string longer than the input": "09 84 FFFFFFFF 00",
    "bit string longer than the input": "04 84 FFFFFFFF 00",
    "bad UTF-8": "0C 02 C3 28",
    "nested too deep": "0201" * (MAX_DEPTH + 1) + "00",
    "compact array nested too deep": "0201" * MAX_DEPTH + "13 11 01 01",
    "compact description nested too deep": "13" + "0201" * (MAX_DEPTH + 1) + "11 01 01",
    "compact elements of no octets": "13 00 04 01020304",
    "compact arrays of nulls without end": "13 01 FFFF 00 04 01020304",
    "compact array that expands": "13 02 02 11 01 FFFF 00 7F" + "01" * 127,
    "compact contents cut in an element": "13 12 03 000100",
}


@pytest.mark.parametrize("octets", REFUSED.values(), ids=REFUSED.keys())
def test_bad_octets_are_refused(octets: str) -> None:
    with pytest.raises(DecodeError):
        decode(bytes.fromhex(octets))
    with pytest.raises(DecodeError):
        read_octets(Cursor(bytes.fromhex(octets)))


def test_the_deepest_nesting_is_read() -> None:
    wire = bytes.fromhex("0201" * MAX_DEPTH + "1101")
    assert encode(decode(wire)) == wire


# The most objects per octet that each form of nesting can give.
DENSEST = {
    "nulls": b"\x01\x82\x07\xfc" + b"\x00" * 2044,
    "empty structures": b"\x01\x82\x03\xfe" + b"\x02\x00" * 1022,
    "deep structures": b"\x01\x82\x00\x80" + b"\x02\x01" * 7 * 128 + b"\x00" * 252,
    "small numbers": b"\x01\x82\x03\xfe" + b"\x11\x01" * 1022,
    "compact octets": b"\x13\x11\x82\x07\xfb" + b"\x01" * 2043,
    "compact pairs": b"\x13\x02\x01\x11\x82\x07\xf9" + b"\x01" * 2041,
    "compact deep": b"\x13" + b"\x02\x01" * 2 + b"\x11\x82\x07\xf7" + b"\x01" * 2039,
    "compact nulls": b"\x13\x02\x02\x11\x01\x00\x16\x00\x82\x07\xf5" + b"\x01" * 2037,
    "compact arrays of nulls": b"\x13\x02\x02\x11\x01\xff\xff\x00\x82\x07\xf5" + b"\x01" * 2037,
    "description": b"\x13\x02\x82\x07\xf0" + b"\x11" * 2032 + b"\x00",
}


@pytest.mark.parametrize("octets", DENSEST.values(), ids=DENSEST.keys())
def test_two_kibibytes_cost_little_memory(octets: bytes) -> None:
    assert len(octets) <= 2048
    tracemalloc.start()
    try:
        try:
            kept: object = decode(octets)
        except DecodeError as problem:
            kept = problem
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept is not None
    assert peak <= 1 << 20


@given(st.binary(max_size=2048))
@settings(max_examples=300)
def test_any_octets_are_read_or_refused(octets: bytes) -> None:
    try:
        data = decode(octets)
    except DecodeError:
        return
    assert decode(encode(data)) == data or "nan" in repr(data)


def _simple(tags: tuple[Tag, ...]) -> st.SearchStrategy[Data]:
    branches = []
    for tag in tags:
        form = NUMBER_FORMS[tag]
        if form.format in (">f", ">d"):
            width = 32 if form.format == ">f" else 64
            branches.append(st.builds(Data, st.just(tag), st.floats(width=width, allow_nan=False)))
        else:
            bits = 8 * form.size
            signed = form.format[-1].islower()
            low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
            branches.append(st.builds(Data, st.just(tag), st.integers(low, high)))
    return st.one_of(branches)


SIMPLE = st.one_of(
    _simple(tuple(NUMBER_FORMS)),
    st.builds(Data, st.just(Tag.BOOLEAN), st.booleans()),
    st.builds(Data, st.just(Tag.OCTET_STRING), st.binary(max_size=200)),
    st.builds(Data, st.just(Tag.UTF8_STRING), st.text(max_size=50)),
    st.builds(
        Data, st.just(Tag.VISIBLE_STRING), st.text(st.characters(max_codepoint=255), max_size=50)
    ),
    st.builds(
        Data, st.just(Tag.BIT_STRING), st.lists(st.booleans(), max_size=30).map(BitString.of)
    ),
    *(
        st.builds(Data, st.just(tag), st.binary(min_size=size, max_size=size))
        for tag, size in FIXED_OCTETS.items()
    ),
    st.sampled_from([NULL, Data(Tag.DONT_CARE, None)]),
)
GENERAL = st.recursive(
    SIMPLE,
    lambda inner: st.builds(
        Data, st.sampled_from([Tag.ARRAY, Tag.STRUCTURE]), st.lists(inner, max_size=4).map(tuple)
    ),
    max_leaves=12,
)


def _depth(data: Data) -> int:
    if data.tag not in (Tag.ARRAY, Tag.STRUCTURE):
        return 0
    return 1 + max((_depth(element) for element in data.value), default=0)  # type: ignore[union-attr,arg-type]


@given(GENERAL)
def test_what_is_written_is_read(data: Data) -> None:
    if _depth(data) > MAX_DEPTH:
        with pytest.raises(LocalProtocolError):
            encode(data)
        return
    wire = encode(data)
    cursor = Cursor(wire + b"\x00")
    assert read(cursor) == data
    assert cursor.remaining == 1
    assert read_octets(Cursor(wire + b"\x00")) == wire


@given(st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=9)), max_size=20))
def test_a_compact_array_returns(rows: list[tuple[int, bytes]]) -> None:
    elements = tuple(
        Data(Tag.STRUCTURE, (Data(Tag.UNSIGNED, a), Data(Tag.OCTET_STRING, b), NULL))
        for a, b in rows
    )
    data = Data(Tag.COMPACT_ARRAY, elements)
    assert decode(encode(data)) == data
    assert COMPACT_ELEMENTS_PER_OCTET >= 2


WRONG = {
    "a number too large": Data(Tag.UNSIGNED, 256),
    "text as a number": Data(Tag.UNSIGNED, "1"),
    "octets of a wrong size": Data(Tag.DATE_TIME, b"123"),
    "text as octets": Data(Tag.OCTET_STRING, "abc"),
    "octets as text": Data(Tag.UTF8_STRING, b"abc"),
    "text beyond latin-1": Data(Tag.VISIBLE_STRING, "عداد"),
    "bits without their octets": Data(Tag.BIT_STRING, BitString(b"", 4)),
    "a value of null": Data(Tag.NULL_DATA, 0),
    "no sequence": Data(Tag.ARRAY, 1),
    "a bit string as a sequence": Data(Tag.ARRAY, BitString(b"\x80", 1)),
    "an array in a compact array": Data(Tag.COMPACT_ARRAY, (Data(Tag.ARRAY, (NULL,)),)),
    "mixed compact array": Data(Tag.COMPACT_ARRAY, (Data(Tag.UNSIGNED, 1), Data(Tag.INTEGER, 1))),
    "compact array of nulls": Data(Tag.COMPACT_ARRAY, (NULL, NULL)),
}


@pytest.mark.parametrize("data", WRONG.values(), ids=WRONG.keys())
def test_what_a_tag_cannot_hold_is_refused(data: Data) -> None:
    with pytest.raises(LocalProtocolError):
        encode(data)
