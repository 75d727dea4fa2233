"""The house balances at every sample, repeats from its seed, and obeys relay and network."""

import sys
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from addad.world.pv import SolarDay
from addad.world.site import CHANNELS, Site

NOON = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
EVENING = datetime(2026, 1, 15, 19, 30, tzinfo=UTC)
RATE = 8_000.0


def site(seed: int = 7, start: datetime = NOON, rate: float = RATE) -> Site:
    return Site(seed, start=start, sample_rate=rate)


def _fundamental(x: np.ndarray) -> np.ndarray:
    """The fundamental of x as a turning phasor, from a nominal cycle around each sample."""
    cycle = round(RATE / 50.0)
    kernel = np.exp(2j * np.pi * np.arange(cycle) / cycle)
    return np.convolve(x, kernel, mode="valid")


@pytest.mark.parametrize("start", [NOON, EVENING])
def test_currents_balance_at_every_sample(start: datetime) -> None:
    block = site(start=start).block(0.0, 12_345)
    samples = block.samples
    assert samples.shape == (12_345, len(CHANNELS))
    np.testing.assert_array_equal(samples[:, 3:6], block.load_current - block.pv_current)
    np.testing.assert_allclose(samples[:, 6], samples[:, 3:6].sum(axis=1), atol=1e-12)
    power = samples[:, :3] * samples[:, 3:6]
    load, pv = samples[:, :3] * block.load_current, samples[:, :3] * block.pv_current
    np.testing.assert_allclose(power + pv, load, atol=1e-9)


@pytest.mark.parametrize("cuts", [[1, 2, 3, 159, 160, 161], [800] * 20, [7_999, 2, 8_001]])
def test_samples_do_not_depend_on_the_cut(cuts: list[int]) -> None:
    whole = site().block(0.0, sum(cuts)).samples
    other, parts, first = site(), [], 0
    for count in cuts:
        parts.append(other.block(first / RATE, count).samples)
        first += count
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_time_is_absolute_and_the_order_of_asking_is_free() -> None:
    late = site(start=NOON + timedelta(seconds=90)).block(0.0, 500).samples
    early = site()
    early.block(3_000.0, 100)
    np.testing.assert_array_equal(early.block(90.0, 500).samples, late)


def test_another_seed_is_another_house() -> None:
    assert not np.allclose(site(1).block(0.0, 100).samples, site(2).block(0.0, 100).samples)


def test_other_sample_rates_see_the_same_house() -> None:
    slow, fast = site(rate=5_000.0), site(rate=10_000.0)
    np.testing.assert_allclose(
        fast.block(0.0, 20_000).samples[::2], slow.block(0.0, 10_000).samples, atol=1e-9
    )


@pytest.mark.parametrize("start", [NOON, EVENING])
def test_the_truth_is_what_the_samples_hold(start: datetime) -> None:
    house = site(start=start)
    frequency = house.block(2.0, 16_000).truth.frequency
    block = house.block(2.0, round(100 * RATE / frequency))
    samples, truth = block.samples, block.truth
    rms = np.sqrt((samples**2).mean(axis=0))
    np.testing.assert_allclose(rms[:3], truth.u_rms, rtol=5e-5)
    np.testing.assert_allclose(rms[3:], truth.i_rms, rtol=2e-4)
    power = (samples[:, :3] * samples[:, 3:6]).mean(axis=0)
    np.testing.assert_allclose(power, truth.p, rtol=2e-4)
    turned = np.unwrap(np.angle(_fundamental(samples[:, 0])))
    turns = (turned[-1] - turned[0]) / (2.0 * np.pi)
    assert turns * RATE / (len(turned) - 1) == pytest.approx(frequency, abs=1e-3)


def test_evening_currents_have_harmonics_and_noon_feeds_the_network() -> None:
    evening, noon = site(start=EVENING).block(0.0, 8_000).truth, site().block(0.0, 8_000).truth
    odd = [evening.orders.index(order) for order in (3, 5, 7, 9)]
    assert (evening.i_harmonics[:3, odd].max(axis=0) > 0.02).all()
    assert (evening.thd_u > 0.005).all()
    assert not evening.pv_w.any()
    assert evening.p.sum() > 0.0
    assert evening.running
    assert noon.pv_w.sum() > 1_000.0
    assert noon.p.sum() < 0.0


def test_current_makes_the_voltage_drop() -> None:
    free = site(start=EVENING).block(0.0, 8_000).truth
    loaded = site(start=EVENING).block(0.0, 8_000, extra_load_w=(4_600.0, 0.0, 0.0)).truth
    assert 2.0 < free.u_rms[0] - loaded.u_rms[0] < 12.0
    ratio = loaded.u_rms[0] / 230.0
    assert loaded.load_w[0] - free.load_w[0] == pytest.approx(4_600.0 * ratio**2, rel=0.02)


def test_an_open_relay_leaves_voltage_and_stops_house_and_inverter() -> None:
    block = site().block(0.0, 8_000, connected=False)
    assert not block.samples[:, 3:].any()
    assert not block.truth.pv_w.any()
    assert block.truth.running == ()
    assert (block.truth.u_rms > 220.0).all()


def test_the_inverter_comes_back_after_its_delay() -> None:
    house = site()
    before = house.block(0.0, 8_000).truth.pv_w.sum()
    house.block(1.0, 4_000, connected=False)
    assert house.block(1.5, 4_000).truth.pv_w.sum() == 0.0
    assert house.block(60.0, 4_000).truth.pv_w.sum() == 0.0
    assert 0.0 < house.block(80.0, 4_000).truth.pv_w.sum() < 0.6 * before
    assert house.block(130.0, 4_000).truth.pv_w.sum() == pytest.approx(before, rel=0.1)


def test_the_inverter_does_not_feed_a_dead_phase() -> None:
    house = site()
    lost = house.block(0.0, 8_000, voltage=(1.0, 0.0, 1.0))
    assert not lost.truth.pv_w.any()
    assert not lost.samples[:, 4].any()
    assert np.abs(lost.samples[:, 1]).max() < 20.0
    assert lost.truth.u_rms[0] > 220.0
    assert lost.truth.load_w[0] > 0.0


def test_a_dip_is_as_deep_as_asked() -> None:
    full = site().block(0.0, 8_000).truth.u_rms
    low = site().block(0.0, 8_000, voltage=(1.0, 1.0, 0.4)).truth.u_rms
    assert low[2] == pytest.approx(0.4 * full[2], rel=0.02)
    assert low[0] == pytest.approx(full[0], rel=0.02)


@pytest.mark.parametrize(("month", "least", "most"), [(1, 6.0, 20.0), (8, 8.0, 28.0)])
def test_a_day_of_the_house_is_a_day_of_a_household(month: int, least: float, most: float) -> None:
    house = site(start=datetime(2026, month, 15, tzinfo=UTC), rate=2_600.0)
    states = [house.block(float(s), 52).truth for s in range(0, 86_400, 120)]
    load, pv, grid = (
        sum(float(getattr(s, name).sum()) for s in states) / 30.0 / 1_000.0
        for name in ("load_w", "pv_w", "grid_w")
    )
    assert least < load < most
    assert 5.0 < pv < 40.0
    assert grid == pytest.approx(load - pv)
    night = [float(s.load_w.sum()) for s in states[30:100]]
    assert 30.0 < min(night) < 250.0, "a house is never off"


def test_a_record_of_the_site() -> None:
    record = site().waveform(0.5, 4_000)
    assert record.channels == CHANNELS
    assert record.start == NOON + timedelta(seconds=0.5)
    np.testing.assert_array_equal(record.samples, site().block(0.5, 4_000).samples)


def test_a_house_without_panels_needs_no_pvlib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pvlib", None)
    house = Site(7, start=NOON, pv_peak_w=0.0)
    assert not house.block(0.0, 100).truth.pv_w.any()


def test_the_sun_can_be_prepared_and_computed_elsewhere() -> None:
    asked = []

    def elsewhere(wanted: SolarDay) -> np.ndarray:
        asked.append(wanted.day)
        return np.full(1_441, 3_000.0)

    house = Site(7, start=NOON, compute_sun=elsewhere)
    house.prepare(NOON + timedelta(days=1))
    house.prepare(NOON + timedelta(days=1))
    assert 2_700.0 < house.block(0.0, 8_000).truth.pv_w.sum() < 3_000.0
    assert asked == [asked[1] + 1, asked[1]]


@pytest.mark.parametrize("rate", [0.0, 8_010.0, 8_000.5, 2_500.0])
def test_a_rate_that_cannot_be_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="multiple of 50"):
        site(rate=rate)


def test_a_start_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Site(7, start=datetime(2026, 6, 15, 12, 0))


def test_an_empty_block_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one sample"):
        site().block(0.0, 0)
