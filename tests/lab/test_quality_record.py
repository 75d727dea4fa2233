"""A record: THD from its harmonics, what is missing, stretches put together."""

from dataclasses import replace

import numpy as np
import pytest

from addad.lab.quality_record import joined
from quality_records import START, record, usual_events, with_events, with_gap


def test_thd_is_the_root_of_the_squares() -> None:
    ten = record(0.1).ten
    shares = ten.harmonics[:, :, 2:41].astype(float)
    assert ten.distortion(40) == pytest.approx(np.sqrt((shares**2).sum(axis=2)))
    unknown = ten.harmonics.copy()
    unknown[0] = np.nan
    assert np.isnan(replace(ten, harmonics=unknown).distortion(40)[0]).all()


def test_what_is_missing_is_not_measured() -> None:
    made = with_gap(record(1.0), 36_000.0, 3_600.0)
    assert made.days == 1.0
    assert made.measured_s == pytest.approx(82_800.0)
    assert len(made.ten.start) == 144 - 6


def test_stretches_become_one() -> None:
    first = with_events(record(1.0), usual_events()[:1])
    second = with_gap(record(0.5), 3_600.0, 600.0)
    shift = first.end_utc_s - START
    second = replace(
        second, begin_utc_s=first.end_utc_s, end_utc_s=second.end_utc_s + shift,
        gaps=second.gaps + shift,
    )  # fmt: skip
    whole = joined([first, second])
    assert whole.days == 1.5
    assert whole.measured_s == pytest.approx(1.5 * 86_400.0 - 600.0)
    assert len(whole.ten.start) == 144 + 72 - 1
    assert len(whole.events) == len(whole.waveforms) == 1
