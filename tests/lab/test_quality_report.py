"""The report: every requirement is judged, a week is a verdict and less is none."""

from dataclasses import replace

import numpy as np
import pytest

from addad.lab.quality_record import QualityRecord
from addad.lab.quality_report import drawn_waveforms, signalling_values, ten_minute_values
from addad.lab.quality_tolerance import Region
from addad.metrology.power_quality import EventKind, VoltageEvent
from addad.metrology.power_quality.en50160 import Quantity, Verdict
from quality_records import DECLARED, START, record, reported, usual_events, with_events, with_gap


def _of_ten(made: QualityRecord, **arrays: np.ndarray) -> QualityRecord:
    return replace(made, ten=replace(made.ten, **arrays))


def test_a_week_within_all_limits_conforms() -> None:
    made = reported(record(signalling=True))
    assert made.verdict is Verdict.CONFORMS
    assert made.a_week
    found = {item.requirement.quantity: item.verdict for item in made.items}
    assert set(found) == set(Quantity)
    assert found.pop(Quantity.FREQUENCY) is Verdict.CONFORMS
    assert set(found.values()) == {Verdict.CONFORMS}
    # of the two of the frequency the one over a year stays open
    assert [i.verdict for i in made.of(Quantity.FREQUENCY)] == [Verdict.WITHIN, Verdict.CONFORMS]
    assert [i.requirement.order for i in made.of(Quantity.HARMONIC)] == list(range(2, 26))


def test_less_than_a_week_is_no_verdict() -> None:
    made = reported(record(3.0))
    assert made.verdict is Verdict.WITHIN
    assert {i.verdict for i in made.items} <= {Verdict.WITHIN, Verdict.NOT_MEASURED}


@pytest.mark.parametrize("quantity", [Quantity.VOLTAGE, Quantity.UNBALANCE, Quantity.FLICKER])
def test_six_percent_beyond_fail_and_four_do_not(quantity: Quantity) -> None:
    made = record()
    for share, expected in ((0.04, Verdict.CONFORMS), (0.06, Verdict.FAILS)):
        count = int(share * 1_008)
        if quantity is Quantity.VOLTAGE:
            voltage = made.ten.voltage.copy()
            voltage[:count, 1] = 0.89 * DECLARED
            changed = _of_ten(made, voltage=voltage)
        elif quantity is Quantity.UNBALANCE:
            unbalance = made.ten.unbalance.copy()
            unbalance[:count, 0] = 0.021
            changed = _of_ten(made, unbalance=unbalance)
        else:
            values = made.plt.values.copy()
            values[: round(share * 84), 2] = 1.1
            changed = replace(made, plt=replace(made.plt, values=values))
        item = reported(changed).of(quantity)[0]
        assert item.verdict is expected
    assert item.worst is not None
    assert item.worst.channel == {Quantity.VOLTAGE: 1, Quantity.FLICKER: 2}.get(quantity, 0)


def test_one_harmonic_beyond_fails_with_its_order() -> None:
    made = record()
    harmonics = made.ten.harmonics.copy()
    harmonics[:, 2, 15] = 0.006
    report = reported(_of_ten(made, harmonics=harmonics))
    assert report.verdict is Verdict.FAILS
    bad = [i.requirement.order for i in report.of(Quantity.HARMONIC) if i.verdict is Verdict.FAILS]
    assert bad == [15]


def test_harmonics_that_the_rate_does_not_show_say_so() -> None:
    made = record()
    harmonics = made.ten.harmonics.copy()
    harmonics[:, :, 8:] = np.nan
    report = reported(
        replace(
            _of_ten(made, harmonics=harmonics),
            supply=replace(made.supply, highest_order=7, sample_rate=800.0),
        )
    )
    items = report.of(Quantity.HARMONIC)
    assert [i.verdict for i in items[:6]] == [Verdict.CONFORMS] * 6
    assert {i.why for i in items[6:]} == {"800 samples a second do not show it"}
    assert np.nanmax(ten_minute_values(report.record, Quantity.DISTORTION)) < 3.5


def test_flagged_intervals_do_not_count_and_are_told() -> None:
    made = record()
    voltage, flagged = made.ten.voltage.copy(), made.ten.flagged.copy()
    voltage[:100, 0] = 100.0
    flagged[:100] = True
    item = reported(_of_ten(made, voltage=voltage, flagged=flagged)).of(Quantity.VOLTAGE)[1]
    assert item.verdict is Verdict.CONFORMS
    assert (item.results[0].flagged, item.results[0].flagged_beyond) == (100, 100)


def test_a_gap_of_half_a_day_leaves_no_verdict() -> None:
    assert reported(with_gap(record(), 0.0, 3_600.0)).verdict is Verdict.CONFORMS
    report = reported(with_gap(record(), 86_400.0, 43_200.0))
    assert not report.a_week
    assert report.verdict is Verdict.WITHIN


def test_intervals_that_were_not_measured_whole_do_not_count() -> None:
    made = record(1.0)
    coverage = made.ten.coverage.copy()
    coverage[:10] = 0.5
    report = reported(_of_ten(made, coverage=coverage))
    assert report.of(Quantity.UNBALANCE)[0].results[0].counted == 134


def test_two_voltages_have_no_unbalance() -> None:
    made = record(1.0)
    report = reported(replace(made, supply=replace(made.supply, phases=(0, 2))))
    assert report.of(Quantity.UNBALANCE)[0].why == "it takes three voltages"
    assert [r.channel for r in report.of(Quantity.VOLTAGE)[0].results] == [0, 2]


def test_signalling_is_a_share_of_the_declared_voltage() -> None:
    made = record(1.0, signalling=True)
    assert signalling_values(made)[0, 0] == pytest.approx(100.0 * 0.8 / DECLARED)
    unwatched = reported(record(1.0)).of(Quantity.SIGNALLING)[0]
    assert unwatched.verdict is Verdict.NOT_MEASURED
    assert "--signalling" in unwatched.why


def test_events_have_their_place_on_the_plane_and_their_class() -> None:
    report = reported(with_events(record(), usual_events()))
    dip, swell, grown, gone, rapid = report.events
    assert (dip.kind, dip.region, dip.share) == ("dip", Region.NO_DAMAGE, 120.0 / 230.0)
    assert swell.region is Region.TOLERATED
    assert grown.of_interruption
    assert gone.region is Region.NO_DAMAGE
    assert rapid.region is None
    assert report.table.dips[2][0] == 1
    assert report.table.interruptions == (1, 0)
    assert dip.stem == "event-001-dip-20260601T010140Z"
    assert not any(event.cut for event in report.events)
    assert [e.number for e in drawn_waveforms(report)] == [1, 2, 4, 5]


def test_an_event_that_samples_end_in_is_cut_off() -> None:
    ends = VoltageEvent(1, EventKind.DIP, START + 86_390.0, 9.99, 100.0, (1,))
    before = VoltageEvent(2, EventKind.DIP, START + 35_990.0, 9.98, 100.0, (1,))
    over = VoltageEvent(3, EventKind.DIP, START + 50_000.0, 9.9, 100.0, (1,))
    made = with_events(with_gap(record(1.0), 36_000.0, 600.0), [])
    report = reported(replace(made, events=(before, over, ends)))
    assert [event.cut for event in report.events] == [True, False, True]
