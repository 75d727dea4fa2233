"""Rows that leave out what repeats: nulls, clocks, deltas, short rows, and back again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addad.dlms.clock_time import DateTime
from addad.dlms.data import MAX_ELEMENTS, NULL, Data, Tag, decode, encode
from addad.dlms.profile_compression import Row, RowFormat, compress, expand
from addad.errors import DecodeError, LocalProtocolError
from foreign import cells

FORM = RowFormat(3, clocks=(0,), period_s=900)


def _u32(value: int) -> Data:
    return Data(Tag.DOUBLE_LONG_UNSIGNED, value)


def _clock(day: int, hour: int, minute: int, deviation: int | None = -60) -> Data:
    weekday = (day + 2) % 7 + 1  # 2026-01-01 is a Thursday
    moment = DateTime(2026, 1, day, weekday, hour, minute, 0, 0, deviation, 0)
    return Data(Tag.OCTET_STRING, moment.encode())


def _rows(*rows: Row) -> list[Data]:
    return [Data(Tag.STRUCTURE, row) for row in rows]


@cells.cell(
    cells.VECTOR,
    cells.BOTH,
    services=("null-data compression",),
    note="by the rules on which two public stacks agree",
)
def test_nulls_repeat_and_clocks_go_on() -> None:
    first = (_clock(1, 23, 30), _u32(5), Data(Tag.ENUM, 1))
    sent = _rows(first, (NULL, NULL, Data(Tag.ENUM, 2)), (NULL, _u32(7), NULL))
    assert expand(sent, FORM) == [
        first,
        (_clock(1, 23, 45), _u32(5), Data(Tag.ENUM, 2)),
        (_clock(2, 0, 0), _u32(7), Data(Tag.ENUM, 2)),
    ]


def test_the_newest_first_goes_backwards() -> None:
    form = RowFormat(1, clocks=(0,), period_s=900, newest_first=True)
    assert expand(_rows((_clock(2, 0, 0),), (NULL,)), form) == [
        (_clock(2, 0, 0),),
        (_clock(1, 23, 45),),
    ]


def test_what_a_clock_does_not_specify_stays_so() -> None:
    moment = DateTime(2026, 1, 1, None, 0, 0, 0, None, 0, 0)
    later = DateTime(2026, 1, 1, None, 0, 15, 0, None, 0, 0)
    rows = expand(_rows((Data(Tag.DATE_TIME, moment.encode()),), (NULL,)), RowFormat(1, (0,), 900))
    assert rows[1] == (Data(Tag.DATE_TIME, later.encode()),)


@cells.cell(
    cells.VECTOR, cells.BOTH, services=("delta types",), note="by the rules of one public stack"
)
def test_deltas_keep_the_type_of_the_last_full_value_and_wrap_in_it() -> None:
    form = RowFormat(1)
    sent = _rows(
        (_u32(2**32 - 1),),
        (Data(Tag.DELTA_UNSIGNED, 2),),
        (NULL,),
        (Data(Tag.DELTA_INTEGER, -2),),
        (Data(Tag.LONG, 32767),),
        (Data(Tag.DELTA_LONG, 1),),
    )
    assert [row[0] for row in expand(sent, form)] == [
        _u32(2**32 - 1),
        _u32(1),
        _u32(1),
        _u32(2**32 - 1),
        Data(Tag.LONG, 32767),
        Data(Tag.LONG, -32768),
    ]


def test_a_buffer_from_its_octets() -> None:
    """A clock, a counter that grows by 3 as delta-unsigned, and a state that stays."""
    octets = bytes.fromhex(
        "01 03"
        " 02 03 090C07EA01010400000000000000 0600000064 1600"
        " 02 03 00 1F03 00"
        " 02 03 00 1F00 1601"
    )
    buffer = decode(octets).value
    assert isinstance(buffer, tuple)
    rows = expand([row for row in buffer if isinstance(row, Data)], FORM)
    assert [row[1] for row in rows] == [_u32(100), _u32(103), _u32(103)]
    assert [row[2].value for row in rows] == [0, 0, 1]
    assert rows[2][0].value == bytes.fromhex("07EA010104001E0000000000")


FULL = (_clock(1, 0, 0), _u32(5), NULL)
BAD = {
    "no structure": ([Data(Tag.UNSIGNED, 1)], FORM),
    "a short row": (_rows(FULL, (NULL, NULL)), FORM),
    "a long row": (_rows(FULL, (NULL,) * 4), FORM),
    "no first time": (_rows((NULL, _u32(5), NULL)), FORM),
    "a delta first": (_rows((_clock(1, 0, 0), Data(Tag.DELTA_LONG, 1), NULL)), FORM),
    "a delta of a null": (_rows(FULL, (NULL, NULL, Data(Tag.DELTA_LONG, 1))), FORM),
    "a delta of a text": (
        _rows((Data(Tag.VISIBLE_STRING, "a"),), (Data(Tag.DELTA_LONG, 1),)),
        RowFormat(1),
    ),
    "a delta that is wider": (
        _rows((Data(Tag.UNSIGNED, 1),), (Data(Tag.DELTA_LONG_UNSIGNED, 1),)),
        RowFormat(1),
    ),
    "no period": (_rows(FULL, (NULL, NULL, NULL)), RowFormat(3, (0,))),
    "no deviation": (_rows((_clock(1, 0, 0, None),), (NULL,)), RowFormat(1, (0,), 900)),
    "a time that is a number": (_rows((_u32(1),), (NULL,)), RowFormat(1, (0,), 900)),
    "a time beyond the calendar": (
        _rows(
            (Data(Tag.OCTET_STRING, DateTime(9999, 12, 31, 5, 23, 59, 0, 0, 0, 0).encode()),),
            (NULL,),
        ),
        RowFormat(1, (0,), 900),
    ),
}


@pytest.mark.parametrize(("rows", "form"), BAD.values(), ids=BAD.keys())
def test_what_nothing_before_explains_is_refused(rows: list[Data], form: RowFormat) -> None:
    with pytest.raises(DecodeError):
        expand(rows, form)


def test_short_rows_are_a_declared_quirk() -> None:
    rows = _rows((_clock(1, 0, 0), _u32(5), _u32(6)), (NULL, _u32(7)))
    assert expand(rows, FORM, short_rows=True)[1] == (_clock(1, 0, 15), _u32(7), _u32(6))
    with pytest.raises(DecodeError):
        expand(_rows((_clock(1, 0, 0),)), FORM, short_rows=True)


def test_short_rows_do_not_expand_without_bound() -> None:
    form = RowFormat(1000)
    rows = _rows((NULL,) * 1000, *[()] * (MAX_ELEMENTS // 1000))
    with pytest.raises(DecodeError, match=str(MAX_ELEMENTS)):
        expand(rows, form, short_rows=True)


def test_what_repeats_is_left_out() -> None:
    rows = [
        (_clock(1, 0, 0), _u32(5), Data(Tag.ENUM, 1)),
        (_clock(1, 0, 15), _u32(5), Data(Tag.ENUM, 1)),
        (_clock(1, 0, 31), _u32(9), Data(Tag.ENUM, 1)),
    ]
    assert list(compress(rows, FORM)) == _rows(
        rows[0], (NULL, NULL, NULL), (_clock(1, 0, 31), _u32(9), NULL)
    )
    assert list(compress(rows, FORM, deltas=True))[2] == Data(
        Tag.STRUCTURE, (_clock(1, 0, 31), Data(Tag.DELTA_UNSIGNED, 4), NULL)
    )


@pytest.mark.parametrize(
    ("tag", "before", "after", "written"),
    [
        (Tag.DOUBLE_LONG_UNSIGNED, 10, 9, Tag.DOUBLE_LONG_UNSIGNED),
        (Tag.DOUBLE_LONG_UNSIGNED, 10, 266, Tag.DELTA_LONG_UNSIGNED),
        (Tag.DOUBLE_LONG_UNSIGNED, 10, 100_000, Tag.DOUBLE_LONG_UNSIGNED),
        (Tag.LONG64_UNSIGNED, 10, 100_000, Tag.DELTA_DOUBLE_LONG_UNSIGNED),
        (Tag.DOUBLE_LONG, 10, -118, Tag.DELTA_INTEGER),
        (Tag.DOUBLE_LONG, 10, -119, Tag.DELTA_LONG),
        (Tag.UNSIGNED, 1, 2, Tag.UNSIGNED),
        (Tag.ENUM, 1, 2, Tag.ENUM),
    ],
)
def test_the_narrowest_delta_that_saves_something(
    tag: Tag, before: int, after: int, written: Tag
) -> None:
    rows = [(Data(tag, before),), (Data(tag, after),)]
    sent = list(compress(rows, RowFormat(1), deltas=True))
    cells = sent[1].value
    assert isinstance(cells, tuple)
    assert isinstance(cells[0], Data)
    assert cells[0].tag is written
    assert expand(sent, RowFormat(1)) == rows


def test_what_cannot_be_told_is_ours() -> None:
    with pytest.raises(LocalProtocolError):
        list(compress([(_u32(1),), (NULL,)], RowFormat(1)))
    with pytest.raises(LocalProtocolError):
        list(compress([(_u32(1),)], RowFormat(2)))


NUMBERS = st.one_of(
    st.builds(Data, st.just(Tag.DOUBLE_LONG_UNSIGNED), st.integers(0, 2**32 - 1)),
    st.builds(Data, st.just(Tag.DOUBLE_LONG_UNSIGNED), st.integers(0, 300)),
    st.builds(Data, st.just(Tag.LONG), st.integers(-(2**15), 2**15 - 1)),
    st.builds(Data, st.just(Tag.LONG64), st.integers(-(2**63), 2**63 - 1)),
    st.sampled_from([Data(Tag.ENUM, 1), Data(Tag.OCTET_STRING, b"a"), Data(Tag.FLOAT32, 1.0)]),
)
CLOCKS = st.builds(_clock, st.integers(1, 3), st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))


@given(st.lists(st.tuples(CLOCKS, NUMBERS, NUMBERS), max_size=12), st.booleans(), st.booleans())
def test_what_is_compressed_expands(rows: list[Row], deltas: bool, newest_first: bool) -> None:
    form = RowFormat(3, (0,), 900, newest_first)
    sent = list(compress(rows, form, deltas=deltas))
    buffer = decode(encode(Data(Tag.ARRAY, tuple(sent)))).value
    assert isinstance(buffer, tuple)
    assert expand([row for row in buffer if isinstance(row, Data)], form) == rows
