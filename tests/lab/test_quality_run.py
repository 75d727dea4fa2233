"""A stream becomes a record: intervals by UTC, events with waveforms, gaps, missing phases."""

import numpy as np
import pytest

from addad.lab import quality_run
from addad.lab.quality_record import Supply
from addad.lab.quality_run import QualityRun, instrument_of, measured
from addad.metrology.power_quality import EventKind

START = 1_780_272_000.0 + 300.0
"""Five minutes before a tenth minute of UTC."""
RATE = 1_000.0


def _supply(phases: tuple[int, ...] = (0, 1, 2), currents: tuple[int, ...] = ()) -> Supply:
    return Supply("a feeder", 230.0, 50.0, RATE, 8, phases=phases, currents=currents)


def _waves(seconds: float, phases: tuple[int, ...] = (0, 1, 2), level: float = 1.0) -> np.ndarray:
    t = np.arange(round(seconds * RATE)) / RATE
    angle = 2.0 * np.pi * (50.0 * t[:, None] - np.array(phases) / 3.0)
    return level * 230.0 * np.sqrt(2.0) * (np.sin(angle) + 0.03 * np.sin(5.0 * angle))


def test_intervals_events_and_waveforms() -> None:
    samples = _waves(960.0)
    dip = slice(round(400.0 * RATE), round(400.2 * RATE))
    samples[dip, 0] *= 0.5
    record = measured(_supply(), START, [(samples, 0)])
    assert record.measured_s == pytest.approx(960.0)
    assert record.ten.start == pytest.approx([START, START + 300.0, START + 900.0])
    whole = record.ten.coverage > 0.99
    assert whole.tolist() == [False, True, False]
    assert record.ten.flagged.tolist() == [False, True, False]
    assert record.ten.voltage[0] == pytest.approx(230.0 * np.sqrt(1.0009), rel=1e-5)
    assert record.ten.harmonics[0, :, 5] == pytest.approx(0.03, abs=1e-5)
    assert np.isnan(record.ten.harmonics[0, :, 9:]).all()
    assert record.ten.lowest[1, 0] == pytest.approx(115.05, abs=0.1)
    assert record.ten.lowest[1, 1] == pytest.approx(230.1, abs=0.1)
    assert record.frequency.values[5, 0] == pytest.approx(50.0, abs=1e-4)
    (event,) = record.events
    assert event.start_s == pytest.approx(START + 400.0, abs=0.01)
    assert (event.kind, event.phases) == (EventKind.DIP, (1,))
    (wave,) = record.waveforms
    assert wave.start_s == pytest.approx(START + 399.9, abs=0.01)
    assert wave.samples.shape[1] == 3


def test_what_began_before_or_after_is_left_out() -> None:
    samples = _waves(30.0)
    for second in (2.0, 12.0, 26.0):
        samples[round(second * RATE) : round((second + 0.1) * RATE)] *= 0.5
    run = QualityRun(_supply(), START, START + 10.0, START + 20.0)
    run.take((samples, 0))
    assert not run.disturbed
    record = run.finish()
    assert record.begin_utc_s == START + 10.0
    assert record.end_utc_s == START + 20.0
    assert [round(e.start_s - START) for e in record.events] == [12]
    assert len(record.waveforms) == 1
    assert (
        (record.frequency.start >= START + 10.0) & (record.frequency.start < START + 20.0)
    ).all()


def test_gaps_are_remembered_and_those_that_touch_are_one() -> None:
    run = QualityRun(_supply(), START)
    run.take((_waves(5.0), round(2.0 * RATE)))
    run.take((_waves(0.0), round(1.0 * RATE)))
    run.take((_waves(5.0), 0))
    record = run.finish()
    assert record.gaps == pytest.approx(np.array([[START + 5.0, START + 8.0]]))
    assert record.measured_s == pytest.approx(10.0)
    assert record.days == pytest.approx(13.0 / 86_400.0)


def test_two_voltages_keep_their_phases() -> None:
    samples = np.column_stack([_waves(4.0, (0, 2)), np.ones(4_000)])
    samples[2_000:2_100, 1] *= 0.5
    record = measured(_supply((0, 2), (3,)), START, [(samples, 0)])
    assert np.isfinite(record.ten.voltage).tolist() == [[True, False, True]]
    assert np.isnan(record.ten.unbalance).all()
    assert record.events[0].phases == (3,)
    assert instrument_of(record.supply).voltages == 2


def test_waveforms_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality_run, "WAVEFORMS_MAX", 2)
    samples = _waves(8.0)
    for second in range(1, 7):
        samples[second * 1_000 : second * 1_000 + 100] *= 0.5
    record = measured(_supply(), START, [(samples, 0)])
    assert len(record.events) == 6
    assert len(record.waveforms) == 2
