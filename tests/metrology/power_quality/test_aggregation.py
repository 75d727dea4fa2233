"""Intervals of windows: two hours of ten minutes, and what is known of them."""

from dataclasses import replace

import numpy as np
import pytest

from addad.metrology import Instrument, InstrumentSettings
from addad.metrology.power_quality.aggregation import Aggregation, IntervalKind, whole
from addad.metrology.window import WindowFlag

BEGIN = 1_790_006_400.0
"""Two hours of UTC begin here."""
NONE = np.full(3, np.nan)


@pytest.fixture(scope="module")
def window():
    t = np.arange(2_500) / 5_000
    wave = np.sin(2 * np.pi * 50 * t)
    samples = np.stack([325 * wave, 325 * wave, 325 * wave, wave], axis=-1)[None]
    return Instrument(InstrumentSettings(5_000.0, currents=1)).process(samples)[0]


def test_two_hours_are_twelve_times_ten_minutes(window):
    sums = Aggregation(230.0, 0.2)
    found = []
    for n in range(12 * 60 + 1):
        # a window of ten seconds serves as well as one of ten cycles
        ten = replace(window, duration_s=np.array([10.0]), cycles=np.array([500]))
        start = BEGIN + 10.0 * n
        if n % 60 == 0 and n:
            sums.severity(start - 1.0, np.array([1.0, 0.5, 2.0]))
        found += sums.take(ten, start, n == 100, NONE)
    two = [i for i in found if i.kind is IntervalKind.TWO_HOURS]
    assert [i.start_utc_s for i in two] == [BEGIN]
    assert whole(two[0])
    assert two[0].flagged
    assert two[0].windows == 720
    np.testing.assert_allclose(two[0].flicker, [1.0, 0.5, 2.0])
    np.testing.assert_allclose(two[0].values.u_rms, window.u_rms[0])
    tens = [i for i in found if i.kind is IntervalKind.TEN_MINUTES]
    assert [i.flagged for i in tens] == [n == 1 for n in range(12)]


def test_what_is_under_way_at_the_end_is_told_with_its_coverage(window):
    sums = Aggregation(230.0, 0.2)
    for n in range(10):
        assert sums.take(window, BEGIN + 0.2 * n, False, NONE) == []
    found = sums.finish()
    assert {i.kind for i in found} == set(IntervalKind)
    assert all(i.coverage < 1.0 for i in found)
    assert not any(whole(i) for i in found)


def test_the_frequency_of_ten_seconds_is_flagged_and_leaves_out_what_overlaps(window):
    sums = Aggregation(230.0, 0.2)
    overlap = replace(window, flags=window.flags | int(WindowFlag.OVERLAP), cycles=np.array([900]))
    for n in range(151):
        sums.take(overlap if n == 149 else window, BEGIN + 0.2 * n, n == 60, NONE)
    sums.finish()
    assert [f.start_utc_s - BEGIN for f in sums.frequencies] == [0.0, 10.0, 20.0]
    assert [f.flagged for f in sums.frequencies] == [False, True, False]
    assert [f.hertz for f in sums.frequencies] == [pytest.approx(50.0, abs=1e-6)] * 3


@pytest.mark.parametrize(
    "flag",
    [
        WindowFlag.NOT_FINITE,
        WindowFlag.SATURATED,
        WindowFlag.GAP,
        WindowFlag.FREQUENCY_OUT_OF_RANGE,
        WindowFlag.SAMPLE_RATE_OFF,
        WindowFlag.CLOCK_JUMP,
    ],
)
def test_a_window_that_is_not_to_be_trusted_flags_its_intervals(window, flag):
    sums = Aggregation(230.0, 0.2)
    bad = replace(window, flags=window.flags | int(flag))
    found = [
        i
        for n in range(31)
        for i in sums.take(bad if n == 3 else window, BEGIN + 0.2 * n, False, NONE)
    ]
    found += sums.finish()
    short = [i for i in found if i.kind is IntervalKind.SHORT]
    assert [i.flagged for i in short] == [True, False, False]
    assert all(i.flagged for i in found if i.kind is not IntervalKind.SHORT)


def test_eleven_values_of_flicker_make_no_long_term_one(window):
    sums = Aggregation(230.0, 0.2)
    ten = replace(window, duration_s=np.array([600.0]), cycles=np.array([30_000]))
    found = []
    for n in range(1, 13):
        sums.severity(BEGIN + 600.0 * n + 1.0, np.ones(3))
        found += sums.take(ten, BEGIN + 600.0 * n, False, NONE)
    (two,) = (i for i in found if i.kind is IntervalKind.TWO_HOURS)
    assert np.isnan(two.flicker).all()
