"""Averages are energy over period, whatever befalls the period; the maximum is the highest."""

from datetime import UTC, datetime, timedelta

import pytest

from addad.meter.clock import Zone
from addad.meter.demand import POWERS, Demanded, Demands
from addad.meter.profile import PeriodGrid, ProfileStatus
from meter.conftest import reading

NOON = datetime(2026, 6, 21, 12, tzinfo=UTC)
NONE, PDN, CAD = ProfileStatus(0), ProfileStatus.PDN, ProfileStatus.CAD


class Run:
    """Time that goes on in seconds, with a power."""

    def __init__(self, begin: datetime = NOON) -> None:
        self.demands = Demands(PeriodGrid(900, Zone()))
        self.now = begin
        self.demands.step(begin, NONE)

    def live(self, seconds: int, power: float = 3600.0, current: float = 5.0) -> None:
        for _ in range(seconds):
            self.now += timedelta(seconds=1)
            self.demands.add(reading(power, 1.0, current))
            self.demands.step(self.now, NONE)

    def last(self, what: Demanded = Demanded.IMPORT) -> int:
        return self.demands.averages[what].last


def test_a_period_ends_with_its_average() -> None:
    run = Run()
    run.live(450, 2000.0)
    assert run.demands.current(Demanded.IMPORT) == 1000
    run.live(450, 4000.0)
    assert run.last() == 3000
    assert [run.last(Demanded(what)) for what in range(1, 5)] == [0, 5000, 5500, 6000]
    average = run.demands.averages[Demanded.IMPORT]
    assert average.start == average.ended == NOON + timedelta(seconds=900)
    assert run.demands.current(Demanded.IMPORT) == 0


def test_export_has_its_own() -> None:
    run = Run()
    run.live(900, -1800.0)
    assert (run.last(Demanded.IMPORT), run.last(Demanded.EXPORT)) == (0, 1800)


def test_the_maximum_is_the_highest_average_since_its_reset() -> None:
    run = Run()
    for power in (1000.0, 3000.0, 2000.0):
        run.live(900, power)
    maximum = run.demands.maxima[Demanded.IMPORT]
    assert (maximum.value, maximum.at) == (3000, NOON + timedelta(seconds=1800))
    maximum.reset(run.now)
    assert (maximum.value, maximum.at) == (0, run.now)
    run.live(900, 500.0)
    assert maximum.value == 500


def test_a_power_cut_within_a_period_goes_on_with_it() -> None:
    run = Run()
    run.live(300, 3000.0)
    again = Demands(PeriodGrid(900, Zone()))
    again.restore(run.demands.snapshot())
    assert again.snapshot() == run.demands.snapshot()
    run.demands = again
    again.mark(PDN)
    run.now += timedelta(seconds=300)
    run.live(300, 3000.0)
    assert run.last() == 2000
    assert again.averages[Demanded.IMPORT].last_status == PDN
    assert again.averages[Demanded.IMPORT].ended == NOON + timedelta(seconds=900)


def test_after_a_long_power_cut_the_period_before_it_is_closed_and_a_new_one_begins() -> None:
    run = Run()
    run.live(450, 2000.0)
    run.demands.mark(PDN)
    run.now += timedelta(hours=3)
    run.demands.step(run.now, NONE)
    average = run.demands.averages[Demanded.IMPORT]
    assert (average.last, average.ended) == (1000, NOON + timedelta(seconds=900))
    assert (average.start, average.last_status) == (run.now, PDN)


def test_a_clock_set_back_begins_the_period_anew_and_a_slew_does_not() -> None:
    run = Run()
    run.live(900, 2000.0)
    run.demands.step(run.now - timedelta(seconds=2), NONE)
    assert run.demands.averages[Demanded.IMPORT].start == run.now
    run.live(100, 2000.0)
    run.demands.mark(CAD)
    back = NOON - timedelta(hours=1)
    run.demands.step(back, NONE)
    average = run.demands.averages[Demanded.IMPORT]
    assert (average.start, average.total, average.status) == (back, 0, CAD)


def test_a_client_ends_a_period_of_one_average_or_resets_it() -> None:
    run = Run()
    run.live(450, 2000.0)
    run.demands.next_period(Demanded.IMPORT, run.now)
    assert run.last() == run.demands.maxima[Demanded.IMPORT].value == 1000
    assert run.demands.current(Demanded.IMPORT) == 0
    assert run.demands.current(Demanded.CURRENT_L1) == 2500
    run.demands.reset(Demanded.IMPORT, run.now)
    assert run.last() == 0
    assert run.demands.maxima[Demanded.IMPORT].value == 1000


def test_a_period_of_another_length_is_not_continued() -> None:
    run = Run()
    run.live(900, 2000.0)
    run.live(100, 2000.0)
    other = Demands(PeriodGrid(1800, Zone()))
    other.restore(run.demands.snapshot())
    assert other.maxima[Demanded.IMPORT].value == 2000
    other.step(run.now, NONE)
    assert other.current(Demanded.IMPORT) == 0


@pytest.mark.parametrize("what", POWERS)
def test_a_current_that_is_not_measured_counts_nothing(what: Demanded) -> None:
    run = Run()
    run.live(10, 2000.0, float("nan"))
    assert run.demands.current(Demanded.CURRENT_L1) == 0
    assert run.demands.current(what) in (0, 22)
