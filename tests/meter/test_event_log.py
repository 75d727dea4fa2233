"""Event logs: every entry in time order of noting, with a number that has no gap."""

from datetime import UTC, datetime, timedelta

import pytest

from addad.dlms.clock_time import DateTime
from addad.dlms.data import decode
from addad.meter.event_codes import EVENTS, LOG_OF, Log
from addad.meter.event_log import EventLog

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def add(log: EventLog, code: int, seconds: int = 0, threshold_w: int = 0) -> None:
    moment = NOON + timedelta(seconds=seconds)
    log.add(code, moment, DateTime.from_datetime(moment), threshold_w)


def rows(log: EventLog) -> list[tuple]:
    return [
        tuple(field.value for field in decode(log.table.row(i)).value)
        for i in range(len(log.table))
    ]


def test_ev_02_each_entry_has_time_code_and_a_number_without_gaps() -> None:
    log = EventLog(Log.FRAUD, capacity=3)
    for index, code in enumerate((44, 45, 40, 41)):
        add(log, code, index)
    found = rows(log)
    assert [(code, number) for _, code, number in found] == [(45, 2), (40, 3), (41, 4)]
    assert DateTime.decode(found[0][0]).to_datetime() == NOON + timedelta(seconds=1)
    assert (log.count, log.last_code) == (4, 41)
    assert list(log.codes()) == [41, 40, 45]


def test_the_disconnector_log_also_keeps_the_threshold() -> None:
    log = EventLog(Log.DISCONNECTOR)
    add(log, 65, threshold_w=6000)
    assert rows(log)[0][1:] == (65, 1, 6000)


def test_ev_01_a_cleared_log_begins_with_the_event_that_says_so() -> None:
    log = EventLog(Log.STANDARD)
    add(log, 2)
    add(log, 11)
    log.clear(NOON, DateTime.from_datetime(NOON))
    assert [row[1:] for row in rows(log)] == [(255, 3)]


def test_count_and_code_come_back_from_the_state_or_from_the_rows() -> None:
    log = EventLog(Log.STANDARD)
    for code in (1, 2, 4, 5):
        add(log, code)
    again = EventLog(Log.STANDARD)
    again.restore(log.snapshot())
    assert (again.count, again.last_code) == (4, 5)
    from_rows = EventLog(Log.STANDARD)
    from_rows.table.load(log.table.image(), None)
    from_rows.recover()
    assert (from_rows.count, from_rows.last_code) == (4, 5)
    empty = EventLog(Log.STANDARD)
    empty.recover()
    assert empty.count == 0


@pytest.mark.parametrize("log", list(Log))
def test_every_code_of_a_log_fits_an_entry_and_is_found_by_number(log: Log) -> None:
    for code, text in EVENTS[log].items():
        assert 0 < code <= 255
        assert text
        assert code == 255 or LOG_OF[code] is log
