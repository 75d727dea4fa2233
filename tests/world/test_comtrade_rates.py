"""Which rows of a recording are read, and when they were taken."""

import io
from collections.abc import Sequence

import numpy as np
import pytest

from addad.world.comtrade_configuration import Section
from addad.world.comtrade_data import DataFile, Layout
from addad.world.comtrade_rates import Timing, timing
from addad.world.recording import Reading

TRACKED = [Section(2400.0, 0, 40), Section(2410.0, 40, 100), Section(2390.0, 100, 140)]


def _times(sections: Sequence[Section], gap_s: float = 0.0) -> list[float]:
    """When each sample of sections is taken, with a gap before the last section."""
    steps = np.concatenate([np.full(s.last - s.first, 1.0 / s.rate) for s in sections])
    times = np.concatenate([[0.0], np.cumsum(steps)[:-1]])
    times[sections[-1].first :] += gap_s
    return [float(time) for time in times]


def _timing(sections: Sequence[Section], times: Sequence[float], **reading: object) -> Timing:
    rows = "".join(f"{k + 1},{round(time * 1e6)},0\n" for k, time in enumerate(times))
    data = DataFile(io.BytesIO(rows.encode()), Layout("ASCII", ((1.0, 0.0),), 0, (99999.0,)), "a")
    return timing(sections, data, Reading(**reading), 1e-6, "a")  # type: ignore[arg-type]


def test_rates_that_follow_the_mains_are_one_record() -> None:
    found = _timing(TRACKED, _times(TRACKED))
    assert (found.first, found.last, found.rate, found.before_s) == (0, 140, 2400.0, 0.0)
    assert found.course is not None
    assert found.samples == pytest.approx(140, abs=1)
    assert "3 sampling rates follow the mains, 2390 to 2410 S/s" in found.notes[0]
    assert (found.jumps, found.rate_off) == ((), False)


def test_stretches_with_a_gap_between_them_are_not_one_record() -> None:
    found = _timing(TRACKED, _times(TRACKED, gap_s=0.5))
    assert found.course is None
    assert (found.first, found.last) == (40, 100)
    assert "section 2, the longest, is read" in found.notes[0]


def test_a_section_or_a_rate_that_is_asked_for_is_read_as_it_is() -> None:
    times = _times(TRACKED)
    found = _timing(TRACKED, times, section=3)
    assert (found.course, found.first, found.rate) == (None, 100, 2390.0)
    assert found.before_s == pytest.approx(40 / 2400 + 60 / 2410)
    assert _timing(TRACKED, times, rate=2400.0).course is None


def test_neighbours_of_one_rate_are_one_stretch_whose_gaps_are_told() -> None:
    sections = [Section(1200.0, 0, 50), Section(1200.0, 50, 80), Section(1200.0, 80, 200)]
    found = _timing(sections, _times(sections, gap_s=0.25))
    assert (found.first, found.last, found.samples, found.course) == (0, 200, 200, None)
    assert found.jumps == (80,)
    assert "gaps or repeats: +0.25 s at sample 80" in found.notes[0]


def test_a_fast_and_a_slow_rate_are_two_records() -> None:
    sections = [Section(6000.0, 0, 60), Section(1000.0, 60, 200)]
    found = _timing(sections, _times(sections))
    assert (found.first, found.last, found.rate) == (60, 200, 1000.0)
    assert found.before_s == pytest.approx(0.01)


def test_of_very_many_rates_some_are_listed() -> None:
    sections = [Section(1000.0 * (1 + k % 2), 10 * k, 10 * k + 10) for k in range(30)]
    (note,) = _timing(sections, _times(sections)).notes
    assert "30 sampling rates" in note
    assert "and 24 more" in note
