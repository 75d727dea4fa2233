"""The front end: what it does to samples, and that its stated conversion undoes it."""

import numpy as np
import pytest

from addad.world.front_end import Conversion, FrontEnd, FrontEndSettings, warm_up

RATE = 8_000.0
REAL = FrontEndSettings(sample_rate=RATE)
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
def test_the_laboratorys_conversion_undoes_a_real_unit_at_50_hz(seed: int) -> None:
    unit = FrontEnd(REAL, seed=seed)
    samples = sine(12.0, FULL)
    back = phasors(undone(unit.counts(samples), unit.actual))
    late = np.exp(2j * np.pi * 50.0 * np.array(unit.actual.delay_s))
    np.testing.assert_allclose(back * late / phasors(samples), 1.0, atol=2e-5)


def test_the_drawings_conversion_is_near_and_units_differ() -> None:
    samples = sine(1.0, FULL)
    back = [
        phasors(undone(FrontEnd(REAL, seed=s).counts(samples), FrontEnd(REAL, seed=s).nominal))
        for s in (1, 2)
    ]
    for one in back:
        np.testing.assert_allclose(np.abs(one / phasors(samples)), 1.0, atol=0.02)
    assert np.abs(back[0] / back[1] - 1.0).max() > 1e-4


def test_current_transformers_lead_and_the_low_pass_lags() -> None:
    unit = FrontEnd(REAL, seed=1)
    volts, amperes = unit.actual.delay_s[:3], unit.actual.delay_s[3:]
    assert min(volts) > 0.0
    assert max(amperes) < min(volts)
    lead = 360.0 * 50.0 * (np.mean(volts) - np.mean(amperes))
    assert lead == pytest.approx(REAL.ct_lead, rel=0.3)


@pytest.mark.parametrize("cuts", [[1] * 100, [37, 400, 363], [799, 1]])
def test_counts_do_not_depend_on_the_cut(cuts: list[int]) -> None:
    samples = sine(0.1, FULL)[: sum(cuts)]
    whole = FrontEnd(REAL, seed=3).counts(samples)
    unit = FrontEnd(REAL, seed=3)
    parts = [unit.counts(part) for part in np.split(samples, np.cumsum(cuts)[:-1])]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_silence_is_offset_and_noise_of_the_stated_size() -> None:
    unit = FrontEnd(REAL, seed=1)
    volts = unit.counts(np.zeros((20_000, 7))) * REAL.full_scale / 2**23
    np.testing.assert_allclose(volts.std(axis=0), REAL.noise, rtol=0.05)
    offset = np.array(unit.actual.offset_counts) * REAL.full_scale / 2**23
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


@pytest.mark.parametrize("change", [{"bits": 33}, {"currents": 5}, {"sample_rate": 0.0}])
def test_impossible_front_ends_are_refused(change: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="bits"):
        FrontEnd(FrontEndSettings(**change))  # type: ignore[arg-type]


def test_warm_up_leaves_a_kernel_that_runs() -> None:
    warm_up()
    assert FrontEnd(IDEAL).counts(np.empty((0, 7))).shape == (0, 7)
