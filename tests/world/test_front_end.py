"""The front end: what it does to samples, and that its stated conversion undoes it."""

from dataclasses import replace

import numpy as np
import pytest

from addad.world.front_end import Conversion, FrontEnd, warm_up
from addad.world.front_end_converter import Converter
from addad.world.front_end_filter import LowPass
from addad.world.front_end_settings import FrontEndSettings

RATE = 8_000.0
REAL = FrontEndSettings(sample_rate=RATE)
PRESETS = {
    "sixteen": FrontEndSettings.sixteen_bit(RATE),
    "twenty-four": FrontEndSettings.twenty_four_bit(RATE),
    "dc tolerant": FrontEndSettings.twenty_four_bit(RATE).dc_tolerant(),
    "rogowski": FrontEndSettings.twenty_four_bit(RATE).rogowski(),
}
IDEAL = FrontEndSettings.ideal(RATE)


def sine(seconds: float, amplitudes: tuple[float, ...], delay_s: float = 0.0) -> np.ndarray:
    time = np.arange(round(seconds * RATE))[:, None] / RATE - delay_s
    return np.sin(2.0 * np.pi * 50.0 * time) * np.array(amplitudes)


FULL = (325.0, 325.0, 325.0, 14.0, 14.0, 14.0, 14.0)


def phasors(x: np.ndarray) -> np.ndarray:
    """Complex amplitudes at 50 Hz of whole cycles at the end of x."""
    last = x[-round(RATE) :]
    return np.exp(-2j * np.pi * 50.0 * np.arange(len(last)) / RATE) @ last * 2.0 / len(last)


def undone(counts: np.ndarray, conversion: Conversion) -> np.ndarray:
    scale = np.array(conversion.volts_per_count + conversion.amperes_per_count)
    return (counts - np.array(conversion.offset_counts)) * scale


@pytest.mark.parametrize("bits", [16, 24])
def test_an_ideal_front_end_only_rounds(bits: int) -> None:
    unit = FrontEnd(FrontEndSettings.ideal(RATE, bits=bits))
    samples = sine(0.1, FULL)
    counts = unit.counts(samples)
    assert counts.dtype == np.int32
    scale = np.array(unit.nominal.volts_per_count + unit.nominal.amperes_per_count)
    np.testing.assert_array_equal(counts, np.rint(samples / scale))
    assert set(unit.nominal.delay_s) == {0.0}


@pytest.mark.parametrize("bits", [16, 24, 32])
def test_too_much_is_clipped_at_the_last_count_of_either_sign(bits: int) -> None:
    unit = FrontEnd(FrontEndSettings.ideal(RATE, bits=bits))
    counts = unit.counts(np.array([[1e6] * 7, [-1e6] * 7, [0.0] * 7]))
    assert set(counts[0]) == {2 ** (bits - 1) - 1} == {unit.full_scale_counts}
    assert set(counts[1]) == {-(2 ** (bits - 1))}
    assert not counts[2].any()


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", PRESETS)
def test_the_laboratorys_conversion_undoes_a_real_unit_at_50_hz(name: str, seed: int) -> None:
    settings = PRESETS[name]
    peak = 2.0**0.5 * settings.current.nominal_current
    unit = FrontEnd(settings, seed=seed)
    samples = sine(9.0, (325.0,) * 3 + (peak,) * 4)
    back = phasors(undone(unit.counts(samples), unit.actual))
    late = np.array(unit.actual.delay_s) + unit.latency / RATE
    turn = np.exp(1j * (2.0 * np.pi * 50.0 * late - np.array(unit.actual.lead)))
    np.testing.assert_allclose(back * turn / phasors(samples), 1.0, atol=3e-5)


def test_the_drawings_conversion_is_near_and_units_differ() -> None:
    samples = sine(1.0, FULL)
    back = [
        phasors(undone(FrontEnd(REAL, seed=s).counts(samples), FrontEnd(REAL, seed=s).nominal))
        for s in (1, 2)
    ]
    for one in back:
        np.testing.assert_allclose(np.abs(one / phasors(samples)), 1.0, atol=0.02)
    assert np.abs(back[0] / back[1] - 1.0).max() > 1e-4


def test_current_transformers_lead_more_at_low_currents_and_filters_lag() -> None:
    unit = FrontEnd(REAL, seed=1)
    assert min(unit.actual.delay_s) > 25e-6
    assert unit.actual.lead[:3] == (0.0,) * 3
    assert unit.actual.lead[3] == pytest.approx(REAL.current.lead, rel=0.3)
    curve = unit.actual.curves[0]
    assert [e.lead for e in curve] == sorted((e.lead for e in curve), reverse=True)
    assert [e.ratio_error for e in curve] == sorted(e.ratio_error for e in curve)
    weak = unit.response(50.0, 0.01 * REAL.current.nominal_current)[3]
    usual = unit.response(50.0)[3]
    assert np.angle(weak / usual) == pytest.approx(REAL.current.low_lead - REAL.current.lead, 0.3)


def test_ten_percent_of_a_pole_are_two_thousandths_of_the_power_at_half_a_power_factor() -> None:
    still = replace(
        REAL,
        voltage=replace(REAL.voltage, tolerance=0.0, lower_ohm=1.0),
        current=replace(REAL.current, tolerance=0.0, lead=0.0, burden_ohm=1e-6),
        voltage_filter=LowPass(1e3, 33e-9, tolerance=0.0),
        current_filter=LowPass(1e3, 33e-9 * 1.1, tolerance=0.0),
    )
    found = FrontEnd(still).response(50.0)
    u, i = found[0] / abs(found[0]), found[3] / abs(found[3])
    p = (u * np.conj(i * np.exp(-1j * np.pi / 3.0))).real
    assert 100.0 * abs(p / 0.5 - 1.0) == pytest.approx(0.18, abs=0.01)


@pytest.mark.parametrize("name", PRESETS)
def test_temperature_moves_what_it_should_and_comes_back(name: str) -> None:
    unit = FrontEnd(PRESETS[name], seed=4)
    cold = unit.response(50.0)
    unit.temperature = 63.0
    warm = unit.response(50.0)
    unit.temperature = 23.0
    np.testing.assert_array_equal(unit.response(50.0), cold)
    moved = np.abs(np.abs(warm / cold) - 1.0)
    assert (moved > 1e-6).all()
    assert (moved < 40 * 100e-6).all()
    assert np.abs(np.angle(warm / cold)[:3]).max() < 1e-4
    np.testing.assert_array_equal(
        FrontEnd(PRESETS[name], seed=4, temperature=63.0).response(50), warm
    )


def test_what_is_put_in_on_purpose_is_there_and_nothing_else() -> None:
    plain = PRESETS["sixteen"]
    wrong = replace(plain, current_error=0.005, phase_error=np.radians(0.5))
    change = FrontEnd(wrong, seed=2).response(50.0) / FrontEnd(plain, seed=2).response(50.0)
    np.testing.assert_allclose(change[:3], 1.0, atol=1e-9)
    np.testing.assert_allclose(np.abs(change[3:]), 1.005, atol=1e-6)
    np.testing.assert_allclose(np.degrees(np.angle(change[3:])), 0.5, atol=1e-4)


def test_channels_sampled_one_after_the_other_run_ahead() -> None:
    apart = replace(IDEAL, converter=replace(IDEAL.converter, skew_s=10e-6))
    late = np.array(FrontEnd(apart).actual.delay_s)
    np.testing.assert_allclose(late, -10e-6 * np.arange(7), atol=1e-10)


def test_neighbours_see_a_share_of_each_other() -> None:
    quiet = Converter(24, 1.2, 0.0, 0.0, 0.0, 0.0, crosstalk=1e-4)
    samples = sine(0.1, (325.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0))
    counts = FrontEnd(replace(IDEAL, converter=quiet)).counts(samples)
    np.testing.assert_allclose(counts[:, 1], 1e-4 * counts[:, 0], atol=1.0)
    assert not counts[:, 2:].any()


def test_a_clock_that_trembles_makes_noise_of_the_slope() -> None:
    trembling = replace(IDEAL, converter=replace(IDEAL.converter, jitter_s=1e-6))
    samples = sine(2.0, FULL)
    off = FrontEnd(trembling, seed=1).counts(samples) - FrontEnd(IDEAL).counts(samples)
    slope = 2.0 * np.pi * 50.0 * samples[:, 0].std() / 600.0 * 2.0**23 / 1.2
    assert off[:, 0].std() == pytest.approx(1e-6 * slope, rel=0.05)
    assert np.corrcoef(off[:, 0], off[:, 3])[0, 1] == pytest.approx(1.0, abs=0.05)


def test_half_a_wave_saturates_a_transformer_unless_it_is_made_for_it() -> None:
    half = np.maximum(sine(4.0, (0.0,) * 3 + (80.0,) * 4), 0.0)
    powers = {}
    for name in ("twenty-four", "dc tolerant"):
        unit = FrontEnd(PRESETS[name], seed=1)
        found = phasors(undone(unit.counts(half), unit.actual))[3]
        late = unit.actual.delay_s[3] + unit.latency / RATE
        turn = np.exp(1j * (2.0 * np.pi * 50.0 * late - unit.actual.lead[3]))
        powers[name] = (found * turn / phasors(half)[3]).real
    assert powers["dc tolerant"] == pytest.approx(1.0, abs=0.02)
    assert powers["twenty-four"] < 0.9


@pytest.mark.parametrize("cuts", [[1] * 100, [37, 400, 363], [799, 1]])
@pytest.mark.parametrize("name", PRESETS)
def test_counts_do_not_depend_on_the_cut(name: str, cuts: list[int]) -> None:
    samples = sine(0.1, FULL)[: sum(cuts)]
    whole = FrontEnd(PRESETS[name], seed=3).counts(samples)
    unit = FrontEnd(PRESETS[name], seed=3)
    parts = [unit.counts(part) for part in np.split(samples, np.cumsum(cuts)[:-1])]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_silence_is_offset_and_noise_of_the_stated_size() -> None:
    unit = FrontEnd(REAL, seed=1)
    volts = unit.counts(np.zeros((20_000, 7))) * REAL.converter.step
    np.testing.assert_allclose(volts.std(axis=0), REAL.converter.noise, rtol=0.05)
    offset = np.array(unit.actual.offset_counts) * REAL.converter.step
    np.testing.assert_allclose(volts.mean(axis=0), offset, atol=5e-7)
    assert np.abs(offset).max() > 1e-5


def test_what_is_no_number_is_held_and_does_not_stick() -> None:
    samples = np.full((6, 7), 1.0)
    samples[0] = np.nan
    samples[3] = np.inf
    counts = FrontEnd(IDEAL).counts(samples)
    assert not counts[0].any()
    assert (counts[1:] == counts[1]).all()
    assert counts[1].all()


def test_three_currents_will_do() -> None:
    unit = FrontEnd(FrontEndSettings.ideal(RATE, currents=3))
    assert unit.counts(np.ones((4, 6))).shape == (4, 6)
    assert len(unit.nominal.amperes_per_count) == 3
    with pytest.raises(ValueError, match="for 6 channels"):
        unit.counts(np.ones((4, 7)))


def test_warm_up_leaves_a_kernel_that_runs() -> None:
    warm_up()
    assert FrontEnd(IDEAL).counts(np.empty((0, 7))).shape == (0, 7)
