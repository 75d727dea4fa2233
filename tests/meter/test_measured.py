"""From a window of the instrument to what the registers show, and when it was."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from addad.meter.measured import Measured, readings_of
from addad.meter.registers import Quantity
from addad.metrology import Instrument, InstrumentSettings, WindowFlag

RATE = 8000.0
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def samples(seconds: float, amperes: float = 10.0) -> np.ndarray:
    """Three phases of 230 V, 50 Hz, resistive load, no neutral current."""
    t = np.arange(round(seconds * RATE)) / RATE
    angles = 2 * np.pi * 50 * t[:, None] - 2 * np.pi / 3 * np.arange(3)
    waves = np.sqrt(2) * np.cos(angles)
    return np.hstack([230 * waves, amperes * waves, np.zeros((len(t), 1))])


def test_a_window_becomes_one_reading_a_meter_with_its_energy() -> None:
    instrument = Instrument(InstrumentSettings(sample_rate=RATE, meters=2))
    windows = instrument.process(np.stack([samples(0.5), samples(0.5, 20.0)]))
    readings = readings_of(windows[0])
    assert sorted(readings) == [0, 1]
    assert readings[0].p_total == pytest.approx(6900, rel=1e-3)
    assert readings[1].i_rms[:3] == pytest.approx([20.0] * 3, rel=1e-3)
    imported = readings[1].energy[3 * 8 + Quantity.ACTIVE_IMPORT]
    assert isinstance(imported, int)
    assert imported == pytest.approx(13800 * readings[1].duration_s / 3600 * 1e6, rel=1e-3)


def test_samples_are_measured_as_they_come_and_told_when() -> None:
    measured = Measured(Instrument(InstrumentSettings(sample_rate=RATE)), RATE)
    stream = samples(2.0)
    got, ends = [], []
    for index in range(20):
        now = NOON + timedelta(seconds=(index + 1) * 0.1)
        got += measured.sample(stream[index * 800 : (index + 1) * 800], now)
        if got:
            ends.append((measured.time.window_end_us / 1e6 - NOON.timestamp(), got[-1]))
    assert len(got) >= 8
    assert measured.reading is got[-1]
    for end_s, reading in ends:
        assert end_s == pytest.approx(reading.start_s + reading.duration_s, abs=2e-3)
    assert measured.time.window_end_us - measured.time.window_start_us == pytest.approx(
        200_000, abs=2000
    )
    measured.stamp_processed(NOON + timedelta(seconds=5))
    assert measured.time.processed_us == round((NOON.timestamp() + 5) * 1e6)


def test_without_instrument_or_readings_nothing_is_shown() -> None:
    measured = Measured()
    assert measured.sample(samples(0.1), NOON) == ()
    measured.take((), NOON)
    assert measured.reading is None
    assert measured.time == (0, 0, 0)


def test_what_was_lost_or_is_no_number_puts_energy_in_doubt() -> None:
    measured = Measured(Instrument(InstrumentSettings(sample_rate=RATE)), RATE)
    stream, now = samples(1.0), NOON + timedelta(seconds=1)
    assert not any(reading.in_doubt for reading in measured.sample(stream, now))
    now += timedelta(seconds=31)
    behind_a_gap = measured.sample(stream, now, missed=round(30 * RATE))
    assert [reading.in_doubt for reading in behind_a_gap][:3] == [False, True, False]
    assert measured.reading is not None
    assert measured.time.window_end_us / 1e6 == pytest.approx(now.timestamp(), abs=0.25)
    assert measured.reading.start_s > 31
    broken = stream.copy()
    broken[100, 2] = np.nan
    assert any(r.in_doubt for r in measured.sample(broken, now + timedelta(seconds=1)))


def test_a_clock_that_is_set_is_flagged() -> None:
    measured = Measured(Instrument(InstrumentSettings(sample_rate=RATE)), RATE)
    stream = samples(1.0)
    measured.sample(stream, NOON)
    flags = [r.flags for r in measured.sample(stream, NOON + timedelta(seconds=1))]
    assert not any(flags)
    flags = [r.flags for r in measured.sample(stream, NOON + timedelta(hours=1))]
    assert flags[0] == WindowFlag.CLOCK_JUMP
    assert not any(flags[1:])
