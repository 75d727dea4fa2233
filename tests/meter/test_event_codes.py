"""The codes of this meter against the table they were taken from."""

import csv
from pathlib import Path

import pytest

from addad.meter.event_codes import EVENTS, LOG_CLEARED, MANUFACTURER_EVENTS, Log

TABLE = Path(__file__).with_name("idis_events.csv")
NAMES = {"standard": Log.STANDARD, "fraud": Log.FRAUD, "disconnector": Log.DISCONNECTOR}
ROWS = [row for row in csv.DictReader(TABLE.open()) if row["log"].split()[0] in NAMES]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["event"])
def test_each_event_of_the_three_logs_is_there_with_its_text(row: dict[str, str]) -> None:
    log = NAMES[row["log"].split()[0]]
    assert EVENTS[log][int(row["event"])] == row["text"].split(" (vendor")[0]


@pytest.mark.parametrize("log", list(Log))
def test_nothing_is_invented(log: Log) -> None:
    listed = {int(row["event"]) for row in ROWS if NAMES[row["log"].split()[0]] is log}
    assert set(EVENTS[log]) - listed <= {LOG_CLEARED, *MANUFACTURER_EVENTS}
