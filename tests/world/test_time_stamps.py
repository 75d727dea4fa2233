"""Time stamps that run on, jump, are rounded, or run at another rate."""

import numpy as np
import pytest

from addad.world.time_stamps import TimeStamps


def stamps_of(times, cuts=(), resolution=0.0):
    stamps = TimeStamps(resolution)
    for part in np.split(np.arange(len(times)), cuts):
        stamps.add(part, times[part])
    return stamps


@pytest.mark.parametrize("decimals", [9, 6, 4, 3])
@pytest.mark.parametrize("rate", [400.0, 4000.0, 12_800.0])
def test_rounded_stamps_run_evenly(decimals, rate):
    times = np.round(np.arange(20_000) / rate, decimals)
    stamps = stamps_of(times, [1, 77, 9000])
    assert stamps.rate == pytest.approx(rate, rel=1e-3)
    assert not stamps.jumps
    assert not stamps.is_off(rate)
    assert stamps.notes("its time", rate, "it states") == []


@pytest.mark.parametrize("off", [0.99, 1.01, 0.998, 1.1])
def test_a_rate_that_is_off_is_told_by_how_much(off):
    stamps = stamps_of(np.round(np.arange(9_000) / (4000.0 * off), 6), resolution=1e-6)
    assert stamps.is_off(4000.0)
    (note,) = stamps.notes("its time", 4000.0, "it states")
    assert f"({100 * (off - 1):+.3g} %)" in note
    assert "--rate" in note


def test_a_step_that_was_rounded_before_it_was_added_up_is_no_other_rate():
    times = 78e-6 * np.arange(5_000)
    assert not stamps_of(times, resolution=1e-6).is_off(12_800.0)
    assert stamps_of(times, resolution=1e-6).is_off(12_000.0)
    assert stamps_of(times).is_off(12_800.0)


def test_a_count_of_samples_is_no_time():
    assert not stamps_of(np.arange(9_000.0)).is_off(4000.0)


@pytest.mark.parametrize("jump_s", [0.025, 1.0, -3.0, 3600.0])
@pytest.mark.parametrize("cuts", [(), (5000,), (4999, 5001), (10, 20)])
def test_a_jump_is_told_with_its_place_and_is_no_rate(jump_s, cuts):
    times = np.arange(10_000) / 4000.0
    times[5000:] += jump_s
    stamps = stamps_of(times, cuts)
    ((sample, seconds),) = stamps.jumps
    assert sample == 5000
    assert seconds == pytest.approx(jump_s, abs=1e-6)
    assert stamps.rate == pytest.approx(4000.0)
    (note,) = stamps.notes("the time column", 4000.0, "")
    assert "at sample 5000" in note


def test_of_very_many_jumps_the_first_are_named():
    times = np.arange(30_000) / 1000.0 + 0.5 * (np.arange(30_000) // 10)
    stamps = stamps_of(times)
    assert stamps.count == 2999
    assert len(stamps.jumps) == 1000
    assert "and 2996 more" in stamps.notes("its time", 1000.0, "")[0]


@pytest.mark.parametrize("times", [[], [1.0], [0.0] * 50, [5.0, 4.0, 3.0, 2.0]])
def test_stamps_that_do_not_run_on_tell_no_rate(times):
    stamps = stamps_of(np.array(times))
    assert np.isnan(stamps.rate)
    assert not stamps.is_off(4000.0)


@pytest.mark.parametrize("jump_s", [3600.0, -3600.0])
def test_a_clock_put_forward_or_back_is_told_in_whole_seconds(jump_s):
    times = np.arange(10_000) / 800.0
    times[4800:] += jump_s
    (note,) = stamps_of(times).notes("the time column", 800.0, "--rate states")
    assert f"{jump_s:+.0f} s at sample 4800" in note
    assert "times behind such a place are off by as much" in note
