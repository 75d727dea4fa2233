import math

import numpy as np
import pytest

from addad.metrology import Instrument, InstrumentSettings
from addad.metrology.interharmonics import smoothed

RATE = 10_000.0


def measured(nominal, tones, frequency=None, seconds=0.25):
    """The first window of 230 V and 10 A with tones {hertz at the nominal frequency: volts}."""
    frequency = frequency or nominal
    angle = 2 * np.pi * frequency * np.arange(int(RATE * seconds)) / RATE
    wave = 230 * np.sin(angle)
    for hertz, volts in tones.items():
        wave += volts * np.sin(hertz / nominal * angle + hertz)
    samples = math.sqrt(2) * np.stack([wave, 10 * np.sin(angle)], axis=-1)[None]
    settings = InstrumentSettings(
        RATE, nominal_frequency=nominal, voltages=1, currents=1, interharmonics=True
    )
    return Instrument(settings).process(samples)[0]


@pytest.mark.parametrize("nominal", [50.0, 60.0])
@pytest.mark.parametrize("off", [-2.4, 1.7])
def test_every_line_falls_into_its_groups(nominal, off):
    """Lines of an Hz and a place each: on the harmonic, beside it, between, half-way."""
    lines = int(nominal / 5)
    for order in (2, 49):
        for place in range(lines):
            window = measured(nominal, {nominal * order + 5 * place: 2.0}, nominal + off)
            group, between, centred = (
                getattr(window, f"u_{name}")[0, 0, order] / 2.0
                for name in ("groups", "interharmonic_groups", "interharmonics")
            )
            half = lines // 2
            share = 1.0 if place < half else math.sqrt(0.5) if place == half else 0.0
            assert group == pytest.approx(share, abs=1.5e-2)
            assert between == pytest.approx(float(place > 0), abs=1.5e-2)
            assert centred == pytest.approx(float(1 < place < lines - 1), abs=1.5e-2)
            above = window.u_groups[0, 0, order + 1] / 2.0 if order < 50 else 0.0
            expected = 1.0 if place > half else math.sqrt(0.5) if place == half else 0.0
            assert above == pytest.approx(expected, abs=1.5e-2)


def test_a_tone_of_ten_volts_at_60_hz_reads_ten_volts_wherever_it_lies():
    for hertz in (105.0, 110.0):
        window = measured(60.0, {hertz: 10.0})
        assert window.u_interharmonics[0, 0, 1] == pytest.approx(10.0, rel=5e-3)
        assert window.u_interharmonic_groups[0, 0, 1] == pytest.approx(10.0, rel=5e-3)


def test_below_the_fundamental_and_in_the_last_order():
    window = measured(50.0, {20.0: 3.0, 2525.0: 2.0}, 50.4)
    assert window.u_interharmonics[0, 0, 0] == pytest.approx(3.0, rel=5e-3)
    assert window.u_interharmonics[0, 0, 50] == pytest.approx(2.0, rel=5e-3)
    assert window.u_groups[0, 0, 50] == pytest.approx(math.sqrt(2.0), rel=5e-3)
    assert math.isnan(window.u_groups[0, 0, 0])
    assert window.u_groups[0, 0, 1] == pytest.approx(230.0, rel=1e-4)
    assert window.i_interharmonics[0, 0].max() < 5e-3


def test_groups_are_there_only_when_asked_for_and_nan_in_a_partial_window():
    plain = InstrumentSettings(RATE, voltages=1, currents=1)
    window = Instrument(plain).process(np.ones((1, 3000, 2)))[0]
    assert window.u_groups is None
    assert window.i_interharmonics is None
    meter = Instrument(InstrumentSettings(RATE, voltages=1, currents=1, interharmonics=True))
    angle = 2 * np.pi * 50 * np.arange(1000) / RATE
    meter.process(np.stack([np.sin(angle), np.sin(angle)], axis=-1)[None])
    (short,) = meter.flush()
    assert short.u_groups.shape == (1, 3, 51)
    assert np.isnan(short.u_groups).all()


def test_the_low_pass_takes_a_second_and_a_half():
    step = smoothed(np.concatenate([np.zeros((1, 3)), np.ones((30, 3))]), 0.2)
    seconds = 0.2 * np.arange(31)
    np.testing.assert_allclose(step[:, 1], 1 - np.exp(-seconds / 1.5), atol=1e-12)
    again = smoothed(np.ones((5, 3)), 0.2, before=step[-1])
    assert (again > step[-1]).all()


def test_a_window_without_groups_does_not_stay_in_the_low_pass():
    groups = np.ones((6, 2, 3))
    groups[2], groups[:, 0, 0] = np.nan, np.nan
    found = smoothed(groups, 0.2)
    assert np.isnan(found[2]).all()
    assert np.isnan(found[:, 0, 0]).all()
    good = np.delete(found, 2, axis=0)[:, 1]
    assert good == pytest.approx(1.0)
    assert smoothed(groups[:1], 0.2, before=np.full((2, 3), np.nan))[0, 1] == pytest.approx(1.0)
    assert smoothed(np.empty((0, 3)), 0.2).shape == (0, 3)
