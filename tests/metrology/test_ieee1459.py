import numpy as np
import pytest

from addad.errors import InputError
from addad.metrology import Instrument, InstrumentSettings, ieee1459

RATE = 10_000.0
FREQUENCY = 50.02


def measured(orders, samples=4100, neutral=False):
    """A window of {channel: {order: RMS phasor}}, channels 0 .. 2 voltages and 3 .. 5 currents."""
    angle = 2 * np.pi * FREQUENCY * np.arange(samples) / RATE
    x = np.zeros((1, samples, 6))
    for channel, lines in orders.items():
        for order, phasor in lines.items():
            if order == 0:
                x[0, :, channel] += phasor
            else:
                wave = np.sin(order * angle + np.angle(phasor))
                x[0, :, channel] += np.sqrt(2) * abs(phasor) * wave
    return Instrument(InstrumentSettings(RATE, currents=3)).process(x)[0]


def balanced(u, i):
    """Three phases of {order: phasor} each, turned by thirds of each order's cycle."""
    turned = {}
    for phase in range(3):
        for begin, lines in ((0, u), (3, i)):
            turned[begin + phase] = {
                h: z * np.exp(-2j * np.pi * h * phase / 3) if h else z for h, z in lines.items()
            }
    return turned


U = {1: 230.0, 5: 11.5 * np.exp(0.4j), 7: 4.6 * np.exp(-1j), 0: 0.5}
I = {1: 10 * np.exp(-0.6j), 5: 3 * np.exp(2.0j), 7: 1.0, 11: 0.5 * np.exp(1j), 0: -0.2}  # noqa: E741


def test_every_power_of_a_phase_closes():
    found = ieee1459.single_phase(measured(balanced(U, I)))
    vh = np.sqrt(11.5**2 + 4.6**2 + 0.25)
    ih = np.sqrt(9 + 1 + 0.25 + 0.04)
    ph = 34.5 * np.cos(1.6) + 4.6 * np.cos(1.0) - 0.1
    expected = {
        "p1": 2300 * np.cos(0.6),
        "q1": 2300 * np.sin(0.6),
        "s1": 2300,
        "pf1": np.cos(0.6),
        "ph": ph,
        "d_i": 230 * ih,
        "d_v": vh * 10,
        "s_h": vh * ih,
        "d_h": np.sqrt((vh * ih) ** 2 - ph**2),
        "s_n": np.sqrt((230 * ih) ** 2 + (vh * 10) ** 2 + (vh * ih) ** 2),
    }
    for name, value in expected.items():
        np.testing.assert_allclose(getattr(found, name)[0], value, rtol=3e-4, err_msg=name)
    np.testing.assert_allclose(found.s**2, found.s1**2 + found.s_n**2, rtol=1e-5)
    np.testing.assert_allclose(found.n**2, found.s**2 - found.p**2, rtol=1e-5)
    np.testing.assert_allclose(found.pollution, found.s_n / found.s1)


def test_a_clean_balanced_load_has_no_distortion_and_no_unbalance():
    window = measured(balanced({1: 230.0}, {1: 10.0}))
    phase, three = ieee1459.single_phase(window), ieee1459.three_phase(window)
    assert phase.pollution.max() < 1e-5
    assert phase.n.max() < 1e-4 * phase.s.max()
    assert three.pollution[0] < 1e-5
    assert three.load_unbalance[0] < 2e-3
    np.testing.assert_allclose([three.s_e, three.s1_plus, three.p], 6900, rtol=1e-5)
    np.testing.assert_allclose([three.v_e, three.i_e], [[230], [10]], rtol=1e-5)


@pytest.mark.parametrize("wires", [3, 4])
def test_effective_powers_of_one_loaded_phase(wires):
    orders = balanced({1: 230.0}, {})
    orders[3] = {1: 30.0, 3: 3.0}
    found = ieee1459.three_phase(measured(orders), wires)
    share = 6 if wires == 4 else 3
    i_e1, i_eh = np.sqrt(900 * share / 9), np.sqrt(9 * share / 9)
    np.testing.assert_allclose(found.i_e1, i_e1, rtol=1e-4)
    np.testing.assert_allclose(found.i_eh, i_eh, rtol=1e-3)
    np.testing.assert_allclose(found.s_e1, 690 * i_e1, rtol=1e-4)
    np.testing.assert_allclose(found.d_ei, 690 * i_eh, rtol=1e-3)
    np.testing.assert_allclose(found.s1_plus, 6900, rtol=1e-4)
    np.testing.assert_allclose(found.pf1_plus, 1.0, rtol=1e-6)
    np.testing.assert_allclose(found.s_u1, np.sqrt(found.s_e1**2 - 6900**2), rtol=1e-3)
    np.testing.assert_allclose(found.pf, 6900 / found.s_e, rtol=1e-4)
    # only a clean voltage: all that is not fundamental is the current's
    np.testing.assert_allclose(found.pollution, i_eh / i_e1, rtol=1e-3)
    np.testing.assert_allclose(
        found.load_unbalance, np.sqrt(found.s_e1**2 - 6900**2) / 6900, rtol=1e-3
    )


def test_effective_powers_close():
    found = ieee1459.three_phase(measured(balanced(U, I)))
    np.testing.assert_allclose(found.s_e**2, found.s_e1**2 + found.s_en**2, rtol=1e-5)
    np.testing.assert_allclose(found.s_e**2, found.p**2 + found.n**2, rtol=1e-5)
    np.testing.assert_allclose(found.s_eh**2, found.d_eh**2 + found.ph**2, rtol=1e-5)
    with pytest.raises(InputError, match="3 or 4"):
        ieee1459.three_phase(measured(balanced(U, I)), wires=2)


@pytest.mark.parametrize(("lag", "quadrant"), [(0.5, 1), (2.5, 2), (-2.5, 3), (-0.5, 4)])
def test_quadrants_and_displacement_follow_the_declared_convention(lag, quadrant):
    window = measured(balanced({1: 230.0}, {1: 10 * np.exp(-1j * lag)}))
    assert ieee1459.quadrant(window).tolist() == [[quadrant] * 3]
    np.testing.assert_allclose(ieee1459.displacement_angle(window), [[lag] * 3], atol=1e-6)
    assert np.sign(ieee1459.single_phase(window).q1[0, 0]) == np.sign(np.sin(lag))
    assert "lags" in ieee1459.SIGN_OF_Q


def test_who_pollutes_is_told_by_order_with_the_sign_of_its_power():
    window = measured({0: U, 3: {1: 10.0, 5: -3 * np.exp(0.4j), 7: np.exp(-1j), 9: 1.0}})
    power = ieee1459.harmonic_power(window).real[0, 0]
    np.testing.assert_allclose(power[[1, 5, 7]], [2300, -34.5, 4.6], rtol=1e-3)
    source = ieee1459.harmonic_source(window)[0, 0]
    assert source[[1, 5, 7, 9]].tolist() == [0, -1, 1, 0]
    assert ieee1459.who_pollutes(window) == (
        "L1, order 5: 34.5 W comes from this installation",
        "L1, order 7: 4.6 W comes from the supply",
    )


def test_crest_k_factor_and_direct_components():
    window = measured(balanced(U, I))
    u0, i0 = ieee1459.direct_components(window)
    np.testing.assert_allclose(u0, 0.5, rtol=1e-3)
    np.testing.assert_allclose(i0, -0.2, rtol=1e-3)
    k = (100 + 25 * 9 + 49 + 121 * 0.25) / (100 + 9 + 1 + 0.25)
    np.testing.assert_allclose(ieee1459.k_factor(window.i_harmonics), k, rtol=1e-3)
    sine = measured(balanced({1: 230.0}, {1: 10.0}))
    crest = ieee1459.crest_factor(sine.u_peak, sine.u_rms)
    np.testing.assert_allclose(crest, np.sqrt(2), rtol=1e-4)


def test_what_has_no_channel_is_nan_and_raises_nothing(supply):
    settings = InstrumentSettings(8000.0, voltages=1, currents=1)
    window = Instrument(settings).process(supply(8000.0, 0.5)[..., [0, 3]])[0]
    found = ieee1459.single_phase(window)
    assert found.p1[0, 0] == pytest.approx(2300, rel=1e-5)
    assert np.isnan(found.s_n[0, 1:]).all()
    assert np.isnan(ieee1459.three_phase(window).s_e).all()
    assert ieee1459.who_pollutes(window) == ()
    silent = Instrument(InstrumentSettings(8000.0, currents=3)).process(np.zeros((1, 4000, 6)))[0]
    assert np.isnan(ieee1459.three_phase(silent).pf).all()
    assert (ieee1459.quadrant(silent) == 0).all()
