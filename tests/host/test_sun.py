"""The site's sun from another process: the same values, ahead of time, and never a stop."""

import logging
import subprocess
import sys

import numpy as np
import pytest

from addad.errors import InputError
from addad.host.sun import Days, Sun, ask_process
from addad.world.pv import MINUTES, Roof, SolarDay, solar_day

MIDSUMMER = SolarDay(seed=7, peak_w=5_500.0, roof=Roof(), day=20_625)


class Almanac:
    """A sun that is one number a day; it fails from a day on, and remembers."""

    def __init__(self, fails_from: int | None = None) -> None:
        self.asked: list[tuple[int, int]] = []
        self.fails_from = fails_from

    def __call__(self, first: SolarDay, count: int) -> Days:
        self.asked.append((first.day, count))
        if self.fails_from is not None and first.day + count > self.fails_from:
            raise InputError("clouds in the machine")
        return np.repeat(np.arange(first.day, first.day + count, dtype=float), MINUTES + 1).reshape(
            count, -1
        )


def test_another_process_gives_the_very_same_days() -> None:
    days = ask_process(MIDSUMMER, 2)
    assert np.array_equal(days[0], solar_day(MIDSUMMER))
    assert np.array_equal(days[1], solar_day(MIDSUMMER._replace(day=MIDSUMMER.day + 1)))


def test_the_asking_process_never_loads_the_library() -> None:
    code = (
        "import sys; from datetime import UTC, datetime; from addad.host.sources import SiteSource;"
        "source = SiteSource(1, datetime(2026, 6, 21, 11, tzinfo=UTC));"
        "taken = source.block(800, connected=True);"
        "assert taken.pv_power_w > 100.0, taken.pv_power_w;"
        "assert not {'pvlib', 'pandas'} & set(sys.modules)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr


def test_what_the_process_complains_of_is_said() -> None:
    with pytest.raises(InputError, match="sun of the site cannot be computed"):
        ask_process(MIDSUMMER._replace(day=10**12), 1)


def test_the_day_before_is_known_with_the_first_and_the_next_ones_are_ready() -> None:
    almanac = Almanac()
    sun = Sun(almanac)
    for day in (100, 99, 100, 101, 102, 103, 104):
        power = sun(MIDSUMMER._replace(day=day))
        assert power.shape == (MINUTES + 1,)
        assert power[0] == day
    # beside the first question each day was asked for while the one before was still in use
    assert almanac.asked[0] == (99, 3)
    assert almanac.asked[1:] == [(day, 1) for day in (102, 103, 104, 105)][: len(almanac.asked) - 1]
    assert len(almanac.asked) >= 4


def test_a_first_day_that_fails_is_an_error() -> None:
    with pytest.raises(InputError, match="clouds"):
        Sun(Almanac(fails_from=0))(MIDSUMMER)


def test_a_later_day_that_fails_is_like_the_one_before(caplog: pytest.LogCaptureFixture) -> None:
    almanac = Almanac(fails_from=102)
    sun = Sun(almanac)
    with caplog.at_level(logging.WARNING):
        powers = [sun(MIDSUMMER._replace(day=day))[0] for day in (100, 101, 102, 103)]
    assert powers == [100, 101, 101, 101]
    assert "clouds" in caplog.text
