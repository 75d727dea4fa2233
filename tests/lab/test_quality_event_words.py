"""Words of events: spans, moments, classes as the standard cuts them."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from addad.lab import quality_event_words as words
from quality_records import record, reported, usual_events, with_events


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.182, "182 ms"), (0.9994, "999 ms"), (1.22, "1.22 s"), (89.0, "89 s"), (90.0, "1.5 min"),
        (762.0, "12.7 min"), (7_200.0, "2 h"), (604_800.0, "7 d"), (None, "not over"),
    ],
)  # fmt: skip
def test_a_span_is_told_in_the_unit_that_fits(seconds: float | None, text: str) -> None:
    assert words.duration(seconds) == text


def test_a_moment_is_told_to_the_millisecond() -> None:
    assert words.moment(datetime(2026, 6, 2, 1, 2, 3, 45_678, UTC)) == "Tue 2 Jun 01:02:03.045"


def test_a_row_has_a_cell_for_each_head() -> None:
    report = reported(with_events(record(), usual_events()))
    dip = words.event_cells(report, report.events[0])
    assert len(dip) == len(words.event_head(report))
    assert dip == (
        "1", "dip", "Mon 1 Jun 01:01:40.000", "200 ms", "120.0 V", "52.2 %", "L1",
        "may stop equipment",
    )  # fmt: skip
    rapid = words.event_cells(report, report.events[4])
    assert rapid[4] == "±14.0 V"
    assert rapid[7] == "—"
    assert words.event_cells(report, report.events[2])[7] == "see the interruption"
    assert words.lasted(replace(report.events[0], cut=True)) == "≥ 200 ms"
    assert words.lasted(replace(report.events[4], duration_s=0.01)) == "a step"


def test_without_a_date_times_count_from_the_begin() -> None:
    made = with_events(record(), usual_events()[:1])
    report = reported(replace(made, supply=replace(made.supply, dated=False)))
    assert words.event_head(report)[2] == "began after"
    assert words.event_cells(report, report.events[0])[2] == "3700.000 s"


def test_classes_are_those_of_the_table() -> None:
    report = reported(with_events(record(), usual_events()))
    dips, swells = words.classes(report)
    assert dips.rows[0] == "90 > u ≥ 80 %"
    assert dips.rows[-1] == "5 % > u"
    assert dips.columns[-1] == "≤ 60 s"
    assert [len(row) for row in dips.counts] == [len(dips.columns)] * len(dips.rows)
    assert swells.rows == ["u ≥ 120 %", "120 > u > 110 %"]
    assert dict(words.other_events(report))["Interruptions, up to 3 min"] == "1"
    assert words.caption(report.events[0]) == "dip on L1, 120.0 V (52.2 %), 200 ms"
