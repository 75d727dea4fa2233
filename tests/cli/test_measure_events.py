"""What is printed of events."""

import dataclasses
import math

import numpy as np

from addad.cli.measure_events import MAX_EVENTS, event_notes, events_table, states_told
from addad.lab.report import RecordEvent, RecordQuality, RecordStates, StateChange
from addad.world.recording import StatusChannel


def _quality(count: int, cut: bool = False, kind: str = "dip") -> RecordQuality:
    events = tuple(
        RecordEvent(k + 1, kind, 0.5 * k, 0.0 if k == 1 else 0.2, 92.0, 0.4, ("L1", "L3"), cut)
        for k in range(count)
    )
    none = np.empty((0, 3))
    return RecordQuality(230.0, False, events, np.empty(0), none, none)


def _volts(value: float, within: float = math.nan) -> str:
    return f"{value:g} V" if math.isnan(within) else f"{value:g} ± {within:g} V"


def _span(value: float) -> str:
    return f"{1e3 * value:g} ms"


def _columns(quality: RecordQuality) -> list[list[str]]:
    table = events_table(quality, _span, _volts)
    return [[str(cell) for cell in column.cells] for column in table.columns]


def test_a_row_tells_when_how_long_and_how_deep() -> None:
    columns = _columns(_quality(2))
    assert [column[0] for column in columns] == [
        "1", "dip", "0.000 s", "200 ms", "92 V", "40.00 %", "L1 L3",
    ]  # fmt: skip
    assert columns[3][1] == "< 8 ms"
    assert _columns(_quality(1, kind="rapid change"))[4] == ["±92 V"]


def test_a_voltage_has_its_uncertainty_and_times_theirs_in_a_note() -> None:
    quality = _quality(1)
    (event,) = quality.events
    event = dataclasses.replace(event, voltage_uncertainty=0.46, time_uncertainty_s=0.01)
    quality = dataclasses.replace(quality, events=(event,))
    assert [column[0] for column in _columns(quality)][4:6] == ["92 ± 0.46 V", "40.00 ± 0.20 %"]
    assert "within ± 10.0 ms (half a cycle)" in " ".join(event_notes(quality, _volts))


def test_what_was_cut_off_lasted_at_least_so_long() -> None:
    quality = _quality(1, cut=True)
    assert _columns(quality)[3] == ["≥ 200 ms"]
    assert "≥: the record ended" in " ".join(event_notes(quality, _volts))


def test_many_events_are_counted() -> None:
    quality = _quality(MAX_EVENTS + 11)
    assert len(_columns(quality)[0]) == MAX_EVENTS
    assert "11 more events; --json lists all" in " ".join(event_notes(quality, _volts))


def test_state_changes_are_told_a_line_each() -> None:
    channels = tuple(StatusChannel(name) for name in ("START", "TRIP"))
    changes = tuple(StateChange(0.1 * k, k % 2, 1) for k in range(30))
    told = list(states_told(RecordStates(channels, (0, 0), changes, 30)))
    assert told[0] == "2 of 2 digital channels change:"
    assert told[2].split() == ["0.1000", "s", "TRIP", "goes", "1"]
    assert told[-1] == "and 10 more changes; --json lists them"
    many = list(states_told(RecordStates(channels, (0, 0), changes, 45)))
    assert many[0] == "at least 2 of 2 digital channels change:"
    assert many[-1] == "and 25 more changes; --json lists the first 30"
    (none,) = states_told(RecordStates(channels, (0, 0), (), 0))
    assert none == "none of 2 digital channels changes"


def test_no_event_is_told_too() -> None:
    (note,) = event_notes(_quality(0), _volts)
    assert note == "no events against 230 V (the record's own while steady; --nominal states it)"
