"""Alarm registers: bits by the table, filters, descriptors, and what clearing can do."""

import csv
from pathlib import Path

import pytest

from addad.meter.alarms import ALARM_OF, ENDED_BY, Alarms
from addad.meter.event_codes import LOG_OF

FRAUD = 1 << 13
ROWS = list(csv.DictReader(Path(__file__).with_name("idis_alarm_bits.csv").open()))


@pytest.mark.parametrize("row", ROWS, ids=lambda r: f"{r['register'][0]}-{r['bit']}")
def test_each_bit_is_raised_by_the_events_of_the_table(row: dict[str, str]) -> None:
    if "M-Bus" in row["text"]:
        return  # this meter has no M-Bus
    for code in map(int, row["trigger_events"].split(",")):
        assert ALARM_OF[code] == (int(row["register"][0]) - 1, int(row["bit"]))


def test_every_alarm_has_its_event_and_every_lasting_cause_its_end() -> None:
    assert {code for code in ALARM_OF if code in LOG_OF} >= {6, 14, 40, 42, 44, 46, 68}
    assert set(ENDED_BY) <= set(ALARM_OF)


def test_opening_the_cover_sets_bit_13_and_asks_for_a_push() -> None:
    alarms = Alarms()
    assert alarms.take(44)
    assert alarms.registers == [FRAUD, 0]
    assert alarms.descriptors == [FRAUD, 0]


def test_the_filter_keeps_from_descriptor_and_push_but_not_from_the_register() -> None:
    alarms = Alarms(filters=(0, 0))
    assert not alarms.take(44)
    assert (alarms.registers, alarms.descriptors) == ([FRAUD, 0], [0, 0])


def test_an_event_that_is_no_alarm_changes_nothing() -> None:
    alarms = Alarms()
    assert not alarms.take(62)
    assert alarms.registers == [0, 0]


def test_al_10_a_bit_cannot_be_cleared_while_its_cause_lasts() -> None:
    alarms = Alarms()
    alarms.take(44)
    assert not alarms.clear_register(0, 0)
    assert alarms.registers[0] == FRAUD
    alarms.take(45)
    assert alarms.registers[0] == FRAUD
    assert alarms.clear_register(0, 0)
    assert alarms.registers[0] == 0


def test_writing_clears_bits_and_sets_none() -> None:
    alarms = Alarms()
    alarms.take(14)
    alarms.take(68)
    assert not alarms.clear_register(0, 0xFFFF_FFFF)
    assert alarms.registers == [1 << 10, 1 << 31]
    assert alarms.clear_register(1, 0x7FFF_FFFF)
    assert alarms.registers == [1 << 10, 0]
    assert alarms.clear_descriptor(1, 0)
    assert not alarms.clear_descriptor(1, 0xFFFF_FFFF)
    assert alarms.descriptors == [1 << 10, 0]


def test_a_second_opening_is_told_again() -> None:
    alarms = Alarms()
    assert alarms.take(44)
    alarms.take(45)
    assert alarms.take(44)


def test_everything_survives_a_power_cut_the_lasting_cause_too() -> None:
    alarms = Alarms(filters=(0xFFFF, 7))
    alarms.take(44)
    again = Alarms()
    again.restore(alarms.snapshot())
    assert again.snapshot() == alarms.snapshot()
    assert not again.clear_register(0, 0)
