"""Profiles as tables, with what the meter left out put back."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

import virtual_time
from addad import obis
from addad.cosem.classes.measurement import CaptureObject
from addad.cosem.server import ServerEndpoint
from addad.dlms.clock_time import DateTime
from addad.dlms.data import Data, Tag, Value, encode
from addad.errors import DecodeError, InputError
from addad.net.client import Client
from addad.net.server import ServerLink
from addad.net.tcp import FrameLink
from addad.reader.profile import (
    ProfileForm,
    column_title,
    read_all,
    read_form,
    read_last,
    read_range,
    read_units,
    table,
)
from addad.reader.quirks import Quirk
from addad.units import ScalerUnit, Unit
from cosem.sample_device import IMPORT_WH, PERIOD, PROFILE_COLUMNS, READER, START, SampleMeter
from net.memory_link import memory_pair

CLOCK = CaptureObject(8, obis.CLOCK, 2)
ENERGY = CaptureObject(3, obis.ACTIVE_ENERGY_IMPORT, 2)


def on_meter(body: Callable[[Client], Awaitable[None]], rows: int) -> None:
    async def main() -> None:
        link = FrameLink()
        memory_pair(link, ServerLink(ServerEndpoint(SampleMeter(rows).physical_device)))
        async with Client(link, client_sap=2, password=READER) as client:
            await body(client)
        await asyncio.sleep(0.1)

    virtual_time.run(main())


def test_a_range_as_a_table() -> None:
    async def body(client: Client) -> None:
        form = await read_form(client, obis.LOAD_PROFILE)
        assert (form.period_s, form.newest_first, form.in_use) == (900, False, 100)
        found = await read_range(client, form, START, START + 3 * PERIOD)
        whole = await read_range(
            client, form, START, START + 3 * PERIOD, frozenset((Quirk.WHOLE_BUFFER,))
        )
        assert whole == found
        assert len((await read_all(client, form)).rows) == 100
        assert found.columns == PROFILE_COLUMNS
        assert found.titles == ("0-0:1.0.0 time", "0-0:96.10.1", "1-0:1.8.0", "1-0:2.8.0")
        moments = [row[0] for row in found.rows]
        assert moments == [DateTime.from_datetime(START + n * PERIOD) for n in range(4)]
        energies = [row[2] for row in found.rows]
        assert energies == [Data(Tag.DOUBLE_LONG_UNSIGNED, IMPORT_WH + 25 * n) for n in range(4)]

    on_meter(body, 100)


def test_the_units_of_columns_that_are_registers_and_tell_them() -> None:
    async def body(client: Client) -> None:
        found = await read_units(client, PROFILE_COLUMNS)
        assert found == {PROFILE_COLUMNS[2]: ScalerUnit(0, Unit.WATT_HOUR)}
        assert await read_units(client, PROFILE_COLUMNS[:2]) == {}

    on_meter(body, 1)


@pytest.mark.parametrize(("rows", "expected"), [(100, 10), (4, 4), (0, 0)])
def test_the_last_rows(rows: int, expected: int) -> None:
    async def body(client: Client) -> None:
        form = await read_form(client, obis.LOAD_PROFILE)
        found = await read_last(client, form, 10)
        whole = await read_last(client, form, 10, frozenset((Quirk.WHOLE_BUFFER,)))
        assert whole == found
        assert form.in_use == rows
        assert len(found.rows) == expected
        if rows:
            assert found.rows[-1][0] == DateTime.from_datetime(START + (rows - 1) * PERIOD)

    on_meter(body, rows)


@pytest.mark.parametrize("quirks", [frozenset[Quirk](), frozenset((Quirk.WHOLE_BUFFER,))])
@pytest.mark.parametrize("newest_first", [False, True])
def test_no_rows_are_no_rows_whatever_the_meter_knows(
    newest_first: bool, quirks: frozenset[Quirk]
) -> None:
    async def body(client: Client) -> None:
        form = await read_form(client, obis.LOAD_PROFILE)
        other = replace(form, newest_first=newest_first)
        assert not (await read_last(client, other, 0, quirks)).rows
        with pytest.raises(InputError, match="-1 rows"):
            await read_last(client, other, -1, quirks)

    on_meter(body, 5)


def buffer(*rows: tuple[Data, ...]) -> bytes:
    entries: Value = tuple(Data(Tag.STRUCTURE, row) for row in rows)
    return encode(Data(Tag.ARRAY, entries))


NULL = Data(Tag.NULL_DATA, None)
FIRST = Data(Tag.OCTET_STRING, DateTime.from_datetime(START).encode())
WH = Data(Tag.DOUBLE_LONG_UNSIGNED, 7)


def test_nulls_repeat_the_row_above_and_step_the_clock() -> None:
    octets = buffer((FIRST, WH), (NULL, NULL), (NULL, Data(Tag.DOUBLE_LONG_UNSIGNED, 9)))
    found = table(ProfileForm(obis.LOAD_PROFILE, (CLOCK, ENERGY), 900), octets)
    assert [row[0] for row in found.rows] == [
        DateTime.from_datetime(START + n * PERIOD) for n in range(3)
    ]
    assert [row[1].value for row in found.rows if isinstance(row[1], Data)] == [7, 7, 9]


def test_a_time_without_deviation_or_period_is_not_guessed() -> None:
    local = Data(Tag.OCTET_STRING, DateTime(2026, 3, 1, 7, 0, 0, 0).encode())
    with pytest.raises(DecodeError, match="deviation"):
        table(ProfileForm(obis.LOAD_PROFILE, (CLOCK,), 900), buffer((local,), (NULL,)))
    with pytest.raises(DecodeError, match="period"):
        table(ProfileForm(obis.LOAD_PROFILE, (CLOCK,)), buffer((FIRST,), (NULL,)))


@pytest.mark.parametrize(
    "octets", [b"\x11\x05", buffer((WH,), (WH, WH)), b"\x01\x01\x11\x05", b"\x01\x01"]
)
def test_what_is_no_buffer_of_these_columns_is_refused(octets: bytes) -> None:
    with pytest.raises(DecodeError):
        table(ProfileForm(obis.LOAD_PROFILE, (ENERGY,)), octets)


def test_titles_name_what_is_not_the_value() -> None:
    assert column_title(ENERGY) == "1-0:1.8.0"
    assert column_title(CaptureObject(3, obis.FREQUENCY, 9)) == "1-0:14.7.0 attribute 9"
    assert column_title(CaptureObject(1, obis.DEVICE_ID_1, 2, 3)) == "0-0:96.1.0 [3]"
    assert column_title(CaptureObject(9999, obis.DEVICE_ID_1, 5)) == "0-0:96.1.0 attribute 5"


def test_newest_first_counts_back() -> None:
    form = ProfileForm(obis.LOAD_PROFILE, (CLOCK, ENERGY), 900, newest_first=True)
    found = table(form, buffer((FIRST, WH), (NULL, NULL)))
    assert [row[0] for row in found.rows] == [
        DateTime.from_datetime(START - n * PERIOD) for n in range(2)
    ]


def test_short_rows_and_the_other_sign_are_declared() -> None:
    form = ProfileForm(obis.LOAD_PROFILE, (CLOCK, ENERGY), 900)
    with pytest.raises(DecodeError, match="1 of 2 columns"):
        table(form, buffer((FIRST, WH), (FIRST,)))
    found = table(form, buffer((FIRST, WH), (FIRST,)), (Quirk.SHORT_ROWS,))
    assert found.rows[0] == found.rows[1]
    cet = DateTime(2026, 3, 1, 7, 1, 0, 0, deviation=60)
    other = buffer((Data(Tag.OCTET_STRING, cet.encode()), WH))
    moment = table(form, other, (Quirk.DEVIATION_SIGN,)).rows[0][0]
    assert isinstance(moment, DateTime)
    assert moment.deviation == -60


def test_a_broken_time_costs_no_other_row() -> None:
    form = ProfileForm(obis.LOAD_PROFILE, (CLOCK, ENERGY), 900)
    broken = Data(Tag.OCTET_STRING, b"\x07\xea\x0d")
    found = table(form, buffer((FIRST, WH), (broken, WH)))
    assert found.rows[1][0] == broken
    assert found.rows[0][0] == DateTime.from_datetime(START)
