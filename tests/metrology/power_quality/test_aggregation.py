"""Intervals of windows: two hours of ten minutes, and what is known of them."""

from dataclasses import replace

import numpy as np
import pytest

from addad.metrology import Instrument, InstrumentSettings
from addad.metrology.power_quality.aggregation import Aggregation, IntervalKind, whole

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
