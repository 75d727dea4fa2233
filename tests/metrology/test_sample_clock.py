import math

import pytest

from addad.errors import InputError
from addad.metrology import Instrument, InstrumentSettings, WindowFlag
from addad.metrology.sample_clock import SampleClock

RATE = 8000.0


@pytest.mark.parametrize("off", [0.99, 0.998, 1.002, 1.01])
@pytest.mark.parametrize("step_s", [0.2, 1.0, 30.0])
def test_a_rate_that_is_off_is_told_after_ten_seconds(off, step_s):
    clock = SampleClock(RATE)
    said = [
        clock.observe(round(k * step_s * RATE * off), 1e9 + k * step_s)
        for k in range(int(60 / step_s) + 1)
    ]
    assert said[0] == WindowFlag.NONE
    assert said[-1] == WindowFlag.SAMPLE_RATE_OFF
    assert set(said) == {WindowFlag.NONE, WindowFlag.SAMPLE_RATE_OFF}
    assert clock.measured_rate == pytest.approx(RATE * off, rel=1e-6)


def test_a_good_clock_says_nothing_and_a_jump_is_no_rate():
    clock = SampleClock(RATE)
    assert math.isnan(clock.measured_rate)
    said = [clock.observe(k * 1600, 0.2 * k + 1e-3 * (k % 3)) for k in range(200)]
    assert set(said) == {WindowFlag.NONE}
    assert clock.observe(200 * 1600, 40.0 + 3600.0) == WindowFlag.CLOCK_JUMP
    assert clock.observe(201 * 1600, 40.2 + 3600.0) == WindowFlag.NONE
    assert clock.observe(202 * 1600, 20.0) == WindowFlag.CLOCK_JUMP
    assert clock.observe(203 * 1600, math.nan) == WindowFlag.CLOCK_JUMP


def test_a_moment_noted_late_is_no_rate():
    clock = SampleClock(RATE)
    late = [0.03 if k % 7 == 0 else 0.0 for k in range(600)]
    said = [clock.observe(k * 400, 1e9 + 0.05 * k + late[k]) for k in range(600)]
    assert set(said) == {WindowFlag.NONE}


def test_a_rate_that_is_right_again_is_told_so():
    clock = SampleClock(RATE)
    for k in range(301):
        said = clock.observe(k * 1600, 0.202 * k)
    assert said == WindowFlag.SAMPLE_RATE_OFF
    for k in range(1, 701):
        said = clock.observe((300 + k) * 1600, 300 * 0.202 + 0.2 * k)
    assert said == WindowFlag.NONE


def test_the_time_of_samples_stands_in_the_flags_of_windows(supply):
    """A rate one percent off, then a clock that is set, and samples that were lost and told."""
    meter = Instrument(InstrumentSettings(RATE, currents=3))
    block = supply(RATE, 0.2)
    told = []
    for k in range(100):
        time = 1e9 + 0.2 * k * 1.01
        meter.time_is(time)
        told += [int(w.flags[0]) for w in meter.process(block)]
    assert WindowFlag.SAMPLE_RATE_OFF in told
    assert told.index(WindowFlag.SAMPLE_RATE_OFF) >= 48
    assert told[-1] == WindowFlag.SAMPLE_RATE_OFF
    assert meter.time_is(time + 5000.0) == WindowFlag.CLOCK_JUMP
    assert int(meter.process(block)[0].flags[0]) == WindowFlag.CLOCK_JUMP
    meter.gap(round(30.0 * RATE))
    assert meter.time_is(time + 5000.2 + 30.0) == WindowFlag.NONE


def test_what_the_clock_says_stands_in_the_next_window(supply):
    meter = Instrument(InstrumentSettings(RATE, currents=3))
    samples = supply(RATE, 1.0)
    first = meter.process(samples[:, :1700])
    meter.flag_next(WindowFlag.SAMPLE_RATE_OFF)
    second = meter.process(samples[:, 1700:])
    assert not first[0].flags[0]
    assert second[0].flags[0] == WindowFlag.SAMPLE_RATE_OFF
    assert not second[1].flags[0]


def test_a_rate_must_be_one():
    with pytest.raises(InputError, match="more than 0"):
        SampleClock(0.0)
