"""The flickermeter against the performance tests of IEC 61000-4-15, and its manners."""

import numpy as np
import pytest

from addad.errors import InputError
from addad.metrology.flicker import (
    Flickermeter,
    FlickerSettings,
    long_term,
    severity,
)

RATE = 4_000.0
CHANGES = (1, 2, 7, 39, 110, 1620)
RECTANGULAR = {
    (230, 50): (2.715, 2.191, 1.450, 0.894, 0.722, 0.407, 2.343),
    (230, 60): (2.719, 2.194, 1.450, 0.895, 0.723, 0.409, 3.263),
    (120, 50): (3.178, 2.561, 1.694, 1.045, 0.844, 0.545, 3.426),
    (120, 60): (3.181, 2.564, 1.694, 1.040, 0.844, 0.548, 4.837),
}
"""dV/V [%] of Pst = 1 by lamp and mains frequency, for so many changes a minute."""
SINE = {0.5: 2.325, 1.5: 1.067, 8.8: 0.250, 20.0: 0.704, 25.0: 1.037, 33.33: 2.128}
"""dV/V [%] of P_inst,max = 1 by modulation frequency [Hz], 230 V and 50 Hz."""


def modulated(frequency, modulation, seconds, rate=RATE, begin=0.0):
    """A voltage with a modulation (share of the amplitude) that is a function of time [s]."""
    t = begin + np.arange(round(seconds * rate)) / rate
    return 325.0 * np.sin(2 * np.pi * frequency * t) * (1.0 + modulation(t))


def square(percent, changes_a_minute):
    return lambda t: percent / 200 * np.sign(np.sin(np.pi * changes_a_minute / 60 * t + 1e-9))


@pytest.mark.parametrize(("lamp", "frequency"), RECTANGULAR)
def test_all_rectangular_points_of_both_lamps_and_frequencies(lamp, frequency):
    changes = (*CHANGES, 4000 if frequency == 50 else 4800)
    parts = RECTANGULAR[lamp, frequency]
    meter = Flickermeter(FlickerSettings(RATE, float(frequency), lamp, meters=7, phases=1))
    for minute in range(11):
        waves = [
            modulated(frequency, square(part, count), 60.0, begin=60.0 * minute)
            for part, count in zip(parts, changes, strict=True)
        ]
        meter.process(np.stack(waves)[:, :, None])
        if minute == 0:
            meter.short_term()
    error = meter.short_term()[:, 0] - 1.0
    if (lamp, frequency) == (120, 60):
        # the published 1.040 of 39 changes is half a percent off the 1.045 of 50 Hz
        assert abs(error[3]) < 0.005
        error[3] = 0.0
    assert np.max(np.abs(error)) < 0.002


def test_sensation_of_sine_modulation():
    waves = [
        modulated(50.0, lambda t, f=f, m=m: m / 200 * np.sin(2 * np.pi * f * t), 40.0)
        for f, m in SINE.items()
    ]
    meter = Flickermeter(FlickerSettings(RATE, meters=len(SINE), phases=1))
    meter.process(np.stack(waves)[:, :, None])
    assert np.max(np.abs(meter.instantaneous_max - 1.0)) < 0.03


def test_severity_is_proportional_to_the_change_and_blind_to_the_level():
    waves = [scale * modulated(50.0, square(2 * 0.894 * k, 39), 120.0)
             for k, scale in ((1, 1.0), (2, 1.0), (2, 0.5))]  # fmt: skip
    meter = Flickermeter(FlickerSettings(RATE, phases=3))
    meter.process(np.stack(waves, axis=-1)[None])
    one, double, low = meter.short_term()[0]
    assert one == pytest.approx(2.0, rel=0.02)
    assert double == pytest.approx(2 * one, rel=2e-3)
    assert low == pytest.approx(double, rel=1e-4)


def test_the_cut_of_the_stream_changes_nothing():
    wave = modulated(50.0, square(1.45, 7), 60.0)[None, :, None]
    whole, cut = (Flickermeter(FlickerSettings(RATE, phases=1)) for _ in range(2))
    whole.process(wave)
    rng = np.random.default_rng(3)
    place = 0
    while place < wave.shape[1]:
        step = int(rng.integers(1, 700))
        cut.process(wave[:, place : place + step])
        place += step
    assert np.array_equal(whole.short_term(), cut.short_term())


def test_a_quiet_voltage_has_next_to_no_flicker():
    meter = Flickermeter(FlickerSettings(RATE, phases=1))
    meter.process(modulated(49.97, lambda t: 0.0 * t, 60.0)[None, :, None])
    assert meter.short_term()[0, 0] < 0.02


def test_nothing_is_told_before_the_filters_have_settled():
    meter = Flickermeter(FlickerSettings(RATE, phases=1))
    meter.process(modulated(50.0, square(5.0, 39), 10.0)[None, :, None])
    assert meter.measured_s == 0.0
    assert np.isnan(meter.short_term()).all()


def test_a_new_interval_begins_with_each_short_term_value():
    meter = Flickermeter(FlickerSettings(RATE, phases=1))
    meter.process(modulated(50.0, square(3.0, 39), 40.0)[None, :, None])
    assert meter.measured_s == pytest.approx(25.0, abs=0.01)
    assert meter.short_term()[0, 0] > 3.0
    assert meter.instantaneous_max[0, 0] == 0.0
    meter.process(modulated(50.0, lambda t: 0.0 * t, 40.0, begin=40.0)[None, :, None])
    meter.short_term()
    meter.process(modulated(50.0, lambda t: 0.0 * t, 20.0, begin=80.0)[None, :, None])
    assert meter.measured_s == pytest.approx(20.0, abs=0.01)
    assert meter.instantaneous_max[0, 0] < 1e-3
    assert meter.short_term()[0, 0] < 0.02


def test_a_dead_phase_has_no_severity_and_the_others_have_theirs():
    wave = modulated(50.0, square(0.894, 39), 90.0)
    meter = Flickermeter(FlickerSettings(RATE))
    meter.process(np.stack([wave, 0 * wave, wave], axis=-1)[None])
    first, dead, third = meter.short_term()[0]
    assert np.isnan(dead)
    assert first == third == pytest.approx(1.0, abs=0.05)


def test_samples_that_are_no_numbers_do_not_spoil_what_follows():
    wave = modulated(50.0, square(0.894, 39), 180.0)
    broken = wave.copy()
    broken[60_000:60_040] = np.nan
    broken[61_000] = np.inf
    meter = Flickermeter(FlickerSettings(RATE, phases=2))
    meter.process(np.stack([wave, broken], axis=-1)[None])
    good, mended = meter.short_term()[0]
    assert mended == pytest.approx(good, rel=0.1)
    assert np.isfinite(meter.instantaneous).all()


@pytest.mark.parametrize("power", [0.5, 1.0, 3.0])
def test_severity_weighs_the_levels_as_the_formula_has_them(power):
    sensed = np.linspace(0.0, 1.0, 1_000_001)[1:] ** power
    mantissa, exponent = np.frexp(sensed)
    # 256 equal classes to a doubling, from 2^-20 on
    places = (exponent + 19) * 256 + np.floor((2 * mantissa - 1) * 256).astype(np.int64)
    counts = np.bincount(np.clip(places, 0, None), minlength=40 * 256)

    def level(*percents):
        return np.mean([(1 - percent / 100) ** power for percent in percents])

    wanted = np.sqrt(
        0.0314 * level(0.1)
        + 0.0525 * level(0.7, 1.0, 1.5)
        + 0.0657 * level(2.2, 3.0, 4.0)
        + 0.28 * level(6.0, 8.0, 10.0, 13.0, 17.0)
        + 0.08 * level(30.0, 50.0, 80.0)
    )
    assert severity(counts) == pytest.approx(wanted, rel=1e-5)


def test_long_term_is_the_cubic_mean():
    values = np.array([1.0] * 11 + [2.0])
    assert long_term(values) == pytest.approx(((11 + 8) / 12) ** (1 / 3))
    assert np.isnan(long_term(np.array([np.nan] + [1.0] * 11)))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"lamp": 110}, "give 230 or 120"),
        ({"nominal_frequency": 55.0}, "give 50 or 60"),
        ({"sample_rate": 400.0}, "flicker needs 800 Hz"),
        ({"sample_rate": np.inf}, "flicker needs 800 Hz"),
        ({"sample_rate": np.nan}, "flicker needs 800 Hz"),
        ({"phases": 5}, "give 1 or more of 1 to 4"),
    ],
)
def test_what_cannot_be_is_said(wrong, words):
    with pytest.raises(InputError, match=words):
        FlickerSettings(**{"sample_rate": RATE, **wrong})


def test_a_block_of_the_wrong_shape_is_refused():
    with pytest.raises(InputError, match=r"give \(1, n, 3\)"):
        Flickermeter(FlickerSettings(RATE)).process(np.zeros((1, 10, 2)))


def test_a_number_that_no_voltage_has_does_not_outlast_itself():
    angle = 2 * np.pi * 50 * np.arange(round(60 * RATE)) / RATE
    samples = np.repeat(230 * np.sqrt(2) * np.sin(angle)[:, None], 3, axis=1)[None]
    samples[0, round(20 * RATE), 0] = 1e150
    meter = Flickermeter(FlickerSettings(RATE))
    meter.process(samples)
    assert meter.instantaneous[0, 0] < 1e-3
    assert meter.short_term()[0, 0] < 0.3
