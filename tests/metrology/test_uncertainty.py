"""Intervals of 95 % hold the truth in 93 to 97 % of random windows, for every quantity."""

import numpy as np
import pytest

from addad.errors import InputError
from addad.metrology import Instrument, InstrumentSettings
from addad.metrology.sequence import sequence_components
from addad.metrology.uncertainty import uncertainties
from addad.metrology.uncertainty_inputs import InputUncertainty

RATE = 6400.0
WINDOWS = 1000
FLEET = 250
ORDERS = np.array([1, 3, 5, 7, 11])
GIVEN = InputUncertainty(
    gain=(8e-4,) * 3 + (1.2e-3,) * 4,
    phase=(3e-4,) * 3 + (6e-4,) * 4,
    offset=(0.02,) * 3 + (0.002,) * 4,
    clock=8e-7,
    gain_correlation=0.5,
)
TOTALS = ("frequency", "p_total", "q_total", "s_total", "pf_total", "u2", "u0")
BY_PHASE = ("u_rms", "i_rms", "p", "q", "s", "pf", "thd_u", "thd_i", "energy")
ANGLES = ("u_angle", "i_angle")
HARMONICS = ("u_harmonics", "i_harmonics")


def normal(rng, *shape):
    return rng.normal(size=shape)


def drawn(rng, m):
    """True phasors (m, 7, orders) of random supplies and loads, and their frequency (m,)."""
    frequency = rng.uniform(47.0, 53.0, m)
    u = 230.0 * np.exp(-2j * np.pi * np.arange(3) / 3.0)
    u = u * (1.0 + 0.04 * (normal(rng, m, 3) + 1j * normal(rng, m, 3)))
    lag = np.arccos(rng.uniform(0.2, 1.0, (m, 3))) * rng.choice([-1.0, 1.0], (m, 3))
    size = np.exp(rng.uniform(np.log(0.5), np.log(60.0), (m, 3)))
    i = size * np.exp(1j * (np.angle(u) - lag))
    phasors = np.zeros((m, 7, len(ORDERS)), np.complex128)
    phasors[:, :3, 0], phasors[:, 3:6, 0] = u, i
    turns = np.exp(2j * np.pi * rng.random((m, 6, 4)))
    parts = rng.uniform(0.005, 0.04, (m, 6, 4))
    parts[:, 3:] *= rng.uniform(1.0, 6.0, (m, 3, 1))
    phasors[:, :6, 1:] = parts * turns * np.abs(phasors[:, :6, :1])
    phasors[:, 6] = phasors[:, 3:6].sum(axis=1)
    return phasors, frequency


def truth_of(phasors, frequency):
    """The true values (m, ...) by name."""
    u, i = phasors[:, :3], phasors[:, 3:]
    rms = np.sqrt(np.square(np.abs(phasors)).sum(axis=2))
    p = (u * i[:, :3].conj()).real.sum(axis=2)
    q = (u[:, :, 0] * i[:, :3, 0].conj()).imag
    s = rms[:, :3] * rms[:, 3:6]
    thd = np.sqrt(np.square(rms) - np.square(np.abs(phasors[:, :, 0]))) / np.abs(phasors[:, :, 0])
    turn = np.exp(2j * np.pi / 3.0)
    first = [u[:, 0, 0] + turn**k * u[:, 1, 0] + turn ** (2 * k) * u[:, 2, 0] for k in range(3)]
    return {
        "frequency": frequency, "u_rms": rms[:, :3], "i_rms": rms[:, 3:], "p": p, "q": q, "s": s,
        "pf": p / s, "p_total": p.sum(axis=1), "q_total": q.sum(axis=1), "s_total": s.sum(axis=1),
        "pf_total": p.sum(axis=1) / s.sum(axis=1), "thd_u": thd[:, :3], "thd_i": thd[:, 3:],
        "u_harmonics": np.abs(u), "i_harmonics": np.abs(i),
        "u2": np.abs(first[2] / first[1]), "u0": np.abs(first[0] / first[1]),
        "energy": np.column_stack([p, p.sum(axis=1)]),
        "u_angle": np.angle(u[:, 1:, 0] / u[:, :1, 0]),
        "i_angle": np.angle(i[:, :, 0] / u[:, :1, 0]),
    }  # fmt: skip


def samples_of(rng, phasors, frequency, decibels, seconds=0.26):
    """What an instrument with an error drawn from GIVEN sees of the truth (m, n, 7)."""
    m = len(phasors)
    r = GIVEN.gain_correlation
    common = np.sqrt(r) * normal(rng, m, 1) + np.sqrt(1.0 - r) * normal(rng, m, 7)
    gain = 1.0 + common * np.array(GIVEN.gain)
    delay = normal(rng, m, 7) * np.array(GIVEN.phase) / (2.0 * np.pi * 50.0)
    offset = normal(rng, m, 7) * np.array(GIVEN.offset)
    time = np.arange(round(RATE * seconds)) / RATE * (1.0 + GIVEN.clock * normal(rng, m, 1))
    turning = np.exp(2j * np.pi * frequency[:, None] * time)
    samples = np.zeros((m, time.shape[1], 7))
    for k, order in enumerate(ORDERS):
        late = np.exp(-2j * np.pi * order * frequency[:, None] * delay)
        wave = phasors[:, :, k] * late * gain
        samples += np.sqrt(2.0) * (wave[:, None, :] * (turning**order)[:, :, None]).imag
    level = np.sqrt(np.square(np.abs(phasors)).sum(axis=2))
    noise = level * 10.0 ** (-rng.uniform(*decibels, (m, 7)) / 20.0)
    return samples + offset[:, None, :] + noise[:, None, :] * normal(rng, *samples.shape)


@pytest.fixture(scope="module", params=[(45.0, 65.0), (20.0, 45.0)], ids=["clean", "noisy"])
def hits(request):
    """For each quantity whether each window's interval holds the truth (windows, ...)."""
    rng = np.random.default_rng(20)
    settings = InstrumentSettings(sample_rate=RATE, meters=FLEET)
    held = {}
    for _ in range(WINDOWS // FLEET):
        phasors, frequency = drawn(rng, FLEET)
        window = Instrument(settings).process(samples_of(rng, phasors, frequency, request.param))[0]
        found = uncertainties(window, GIVEN, settings)
        parts = sequence_components(window)
        true = truth_of(phasors, frequency)
        for name, value in true.items():
            read, spread = getattr(window, name, None), getattr(found, name, None)
            if name in HARMONICS:
                read = read[:, :, ORDERS]
                expanded = spread.expanded[:, :, ORDERS]
            elif name in ANGLES:
                cut = slice(1, None) if name == "u_angle" else slice(None)
                read, expanded = read[:, cut], spread.expanded[:, cut]
                read = value + np.angle(np.exp(1j * (read - value)))
            elif name == "energy":
                quanta = window.energy.quanta[:, :, 0] - window.energy.quanta[:, :, 1]
                read, expanded = quanta * 1e-6, found.active_energy.expanded
                hours = (window.cycles / frequency / 3600.0)[:, None]
                read, expanded = read / hours, expanded / hours
            else:
                read = getattr(parts, name) if name in ("u2", "u0") else read
                expanded = spread.expanded
            held.setdefault(name, []).append(np.abs(read - value) <= expanded)
    return {name: np.concatenate(rows) for name, rows in held.items()}


@pytest.mark.parametrize("name", [*TOTALS, *BY_PHASE, *HARMONICS, *ANGLES])
def test_95_percent_of_the_intervals_hold_the_truth(hits, name):
    assert len(hits[name]) == WINDOWS
    assert 0.93 <= hits[name].mean() <= 0.97


def test_a_sine_in_noise_has_a_distortion_of_zero_and_a_power_factor_of_one_within_its_interval():
    rng = np.random.default_rng(3)
    settings = InstrumentSettings(sample_rate=RATE, meters=FLEET)
    held = {name: [] for name in ("thd_u", "thd_i", "u_harmonics", "pf", "pf_total")}
    for _ in range(2):
        phasors, frequency = drawn(rng, FLEET)
        phasors[:, :, 1:] = 0.0
        sizes = np.abs(phasors[:, 3:6, 0])
        phasors[:, 3:6, 0] = sizes * np.exp(1j * np.angle(phasors[:, :3, 0]))
        phasors[:, 6] = phasors[:, 3:6].sum(axis=1)
        samples = samples_of(rng, phasors, frequency, (20.0, 40.0))
        window = Instrument(settings).process(samples)[0]
        found = uncertainties(window, GIVEN, settings)
        true = truth_of(phasors, frequency)
        true |= {"thd_u": 0.0, "thd_i": 0.0, "u_harmonics": 0.0}
        for name, within in held.items():
            cut = (slice(None), slice(None), slice(2, None)) if name == "u_harmonics" else ...
            off = np.abs(getattr(window, name) - true[name])
            within.append((off <= getattr(found, name).expanded)[cut].ravel())
    for name, within in held.items():
        assert 0.93 <= np.concatenate(within).mean() <= 0.98, name


def test_a_balanced_supply_has_no_unbalance_within_its_interval():
    rng = np.random.default_rng(4)
    settings = InstrumentSettings(sample_rate=RATE, meters=FLEET)
    held = {"u2": [], "u0": []}
    for decibels in ((30.0, 40.0), (50.0, 60.0)):
        phasors, frequency = drawn(rng, FLEET)
        phasors[:, :3, 0] = 230.0 * np.exp(-2j * np.pi * np.arange(3) / 3.0)
        samples = samples_of(rng, phasors, frequency, decibels)
        window = Instrument(settings).process(samples)[0]
        found, read = uncertainties(window, GIVEN, settings), sequence_components(window)
        for name, within in held.items():
            within.append(getattr(read, name) <= getattr(found, name).expanded)
    for name, within in held.items():
        assert 0.93 <= np.concatenate(within).mean() <= 0.97, name


def test_voltages_that_balance_to_the_digit_are_no_less_certain_than_others(supply):
    window, settings = window_of(supply(RATE, 0.3))
    found = uncertainties(window, only(gain=(1e-3,) * 6), settings, NO_NOISE)
    assert 1e-4 < found.u2.expanded[0] < 2e-3
    assert 1e-4 < found.u0.expanded[0] < 2e-3


def test_calibration_stays_where_noise_shrinks_and_gains_of_one_reference_add_up(supply):
    samples = supply(RATE, 0.3, i=10.0, lag=0.5)
    samples += 0.1 * np.random.default_rng(0).normal(size=samples.shape)
    settings = InstrumentSettings(sample_rate=RATE, currents=3)
    window = Instrument(settings).process(samples)[0]
    apart = InputUncertainty(gain=(1e-3,) * 6, phase=(0.0,) * 6)
    together = InputUncertainty(gain=(1e-3,) * 6, phase=(0.0,) * 6, gain_correlation=1.0)
    one, all_alike = (uncertainties(window, given, settings) for given in (apart, together))
    assert one.p.systematic == pytest.approx(window.p * np.sqrt(2.0) * 1e-3, rel=1e-5)
    assert all_alike.p_total.systematic == pytest.approx(window.p_total * 2e-3, rel=1e-5)
    assert one.p_total.systematic == pytest.approx(window.p_total * 1e-3 * np.sqrt(2 / 3), rel=1e-3)
    assert all_alike.u2.systematic == pytest.approx(0.0, abs=1e-5)
    assert one.pf.systematic == pytest.approx(0.0, abs=1e-4), "gains cancel in a power factor"
    assert one.u_rms.expanded == pytest.approx(2.0 * one.u_rms.standard)
    assert one.p.of_mean(10_000) == pytest.approx(one.p.systematic, rel=1e-3)


def test_an_angle_matters_most_at_a_low_power_factor(supply):
    settings = InstrumentSettings(sample_rate=RATE, currents=3)
    given = InputUncertainty(gain=(0.0,) * 6, phase=(0.0,) * 3 + (1e-3,) * 3)
    shares = []
    for lag in (0.0, np.pi / 3.0):
        window = Instrument(settings).process(supply(RATE, 0.3, lag=lag))[0]
        found = uncertainties(window, given, settings)
        shares.append(float((found.p.systematic / window.p)[0, 0]))
    assert shares[0] < 3e-6
    assert shares[1] == pytest.approx(1e-3 * np.sqrt(3.0), rel=1e-3)


def test_what_has_no_channel_has_no_uncertainty_and_a_wrong_number_is_told(supply):
    settings = InstrumentSettings(sample_rate=RATE, voltages=1, currents=1)
    window = Instrument(settings).process(supply(RATE, 0.3)[:, :, [0, 3]])[0]
    given = InputUncertainty(gain=(1e-3, 2e-3), phase=(0.0, 1e-4))
    found = uncertainties(window, given, settings)
    assert found.p.standard[0, 0] > 0.0
    assert np.isnan(found.p.standard[0, 1:]).all()
    assert found.p_total.standard == pytest.approx(found.p.standard[:, 0], rel=1e-3)
    assert np.isnan(found.u2.standard).all()
    with pytest.raises(InputError, match="the instrument has U1, I1"):
        uncertainties(window, GIVEN, settings)


def test_an_angle_is_as_uncertain_as_both_its_ends_and_its_reference_not_at_all(supply):
    settings = InstrumentSettings(sample_rate=RATE, currents=3)
    given = InputUncertainty(gain=(0.0,) * 6, phase=(1e-3,) * 6)
    window = Instrument(settings).process(supply(RATE, 0.3, lag=0.4))[0]
    found = uncertainties(window, given, settings)
    assert found.u_angle.standard[0, 0] == 0.0
    assert found.u_angle.systematic[0, 1:] == pytest.approx(1e-3 * np.sqrt(2.0), rel=1e-3)
    assert found.i_angle.systematic[0] == pytest.approx(1e-3 * np.sqrt(2.0), rel=1e-3)


NO_NOISE = np.zeros((1, 3)), np.zeros((1, 3))
SIX = (0.0,) * 6
DOUBT = 0.951 / np.sqrt(48.0)


def only(**given):
    """An input of which nothing is uncertain but what is given."""
    return InputUncertainty(**{"gain": SIX, "phase": SIX, **given})


def window_of(samples):
    settings = InstrumentSettings(sample_rate=RATE, currents=3)
    return Instrument(settings).process(samples)[0], settings


def test_a_delay_weighs_harmonics_by_their_order_and_grows_with_the_frequency(supply):
    samples, frequency = supply(RATE, 0.4, 47.5), 47.5
    angle = 2 * np.pi * frequency * np.arange(samples.shape[1]) / RATE
    for phase in range(3):
        fifth = 5 * (angle - 2 * np.pi * phase / 3)
        samples[0, :, phase] += np.sqrt(2) * 20.0 * np.sin(fifth)
        samples[0, :, 3 + phase] += np.sqrt(2) * 4.0 * np.sin(fifth - np.pi / 2)
    window, settings = window_of(samples)
    found = uncertainties(window, only(phase=(0.0,) * 3 + (1e-3,) * 3), settings, NO_NOISE)
    # the fundamental is at unity: all of Σ h Q_h is the fifth's
    assert found.p.systematic[0] == pytest.approx(5 * 80.0 * 1e-3 * 0.95, rel=1e-2)
    assert found.q.systematic[0] == pytest.approx(2300.0 * 1e-3 * 0.95, rel=1e-3)
    assert found.i_angle.systematic[0] == pytest.approx(1e-3 * 0.95, rel=1e-3)


def test_offsets_matter_with_what_flows_of_direct_current(supply):
    samples = supply(RATE, 0.3)
    samples[0, :, :3] += 3.0
    samples[0, :, 3:] += 0.5
    window, settings = window_of(samples)
    given = only(offset=(0.02,) * 3 + (0.002,) * 3)
    found = uncertainties(window, given, settings, NO_NOISE)
    u, i = np.hypot(230.0, 3.0), np.hypot(10.0, 0.5)
    method = 2e-6
    assert found.p.systematic[0] == pytest.approx(
        np.hypot(np.hypot(3.0 * 0.002, 0.5 * 0.02), method * u * i), rel=1e-2
    )
    assert found.u_rms.systematic[0] == pytest.approx(
        np.hypot(3.0 * 0.02 / u, method * u), rel=1e-2
    )
    assert found.u_harmonics.systematic[0, :, 0] == pytest.approx(0.02)
    assert found.i_harmonics.systematic[0, :, 0] == pytest.approx(0.002)


def test_energy_has_the_clocks_share_and_a_quantums_rectangle(supply):
    window, settings = window_of(supply(RATE, 0.3))
    found = uncertainties(window, only(clock=1e-4), settings, NO_NOISE)
    watt_hours = 2300.0 * 0.2 / 3600.0
    assert found.active_energy.systematic[0, :3] == pytest.approx(watt_hours * 1e-4, rel=1e-3)
    assert found.active_energy.random[0] == pytest.approx(1e-6 / np.sqrt(12.0))
    assert found.frequency.systematic[0] == pytest.approx(50.0 * 1e-4, rel=1e-3)


@pytest.mark.parametrize("lag", [0.0, np.pi / 3.0])
def test_noise_moves_a_power_factor_by_what_is_across_it(supply, lag):
    window, settings = window_of(supply(RATE, 0.3, lag=lag))
    sigma, samples = 0.05, 0.2 * RATE
    found = uncertainties(window, only(), settings, (np.zeros((1, 3)), np.full((1, 3), sigma)))
    wanted = sigma / np.sqrt(samples) / 10.0 * np.sin(lag)
    assert found.pf.random[0] == pytest.approx(wanted, rel=1e-3, abs=1e-7)
    found = uncertainties(window, only(), settings, (np.full((1, 3), sigma), np.zeros((1, 3))))
    wanted = sigma / np.sqrt(samples) / 230.0 * np.sin(lag)
    assert found.pf.random[0] == pytest.approx(wanted, rel=1e-3, abs=1e-7)


def test_what_three_lines_of_noise_add_to_a_subgroup_counts_where_it_is_more_than_their_spread(
    supply,
):
    window, settings = window_of(supply(RATE, 0.3))
    sigma, samples = 10.0, 0.2 * RATE
    found = uncertainties(window, only(), settings, (np.full((1, 3), sigma), np.zeros((1, 3))))
    spread = sigma / np.sqrt(samples)
    assert found.u_harmonics.random[0] == pytest.approx(spread)
    assert found.u_harmonics.systematic[0, :, 1] == pytest.approx(0.0, abs=1e-6)
    # there is no other harmonic: all of what is read was added
    assert found.u_harmonics.expanded[0, :, 5] == pytest.approx(2.0 * spread, rel=1e-3)
    for level in (2.5, 5.0, 20.0):
        window.u_harmonics[0, :, 5] = level * spread
        found = uncertainties(window, only(), settings, (np.full((1, 3), sigma), np.zeros((1, 3))))
        rest = level**2 - 6.0
        wide = 4.0 * rest + 4.0 * 1.645**2 + 12.0 * (1.0 + 3.0 * DOUBT**2)
        lowest = np.sqrt(max(rest + 2.0 * 1.645**2 - 1.645 * np.sqrt(wide), 0.0))
        wanted = max(level - lowest, 2.0) * spread
        assert found.u_harmonics.expanded[0, :, 5] == pytest.approx(wanted, rel=1e-3)


def test_what_noise_adds_to_all_three_phases_adds_up_in_the_totals(supply):
    window, settings = window_of(supply(RATE, 0.3))
    sigma = 60.0
    found = uncertainties(window, only(), settings, (np.full((1, 3), sigma), np.zeros((1, 3))))
    added, spread = sigma**2 / (2.0 * 230.0), sigma / np.sqrt(0.2 * RATE)
    for one, phases, unit in ((found.s, 1.0, 10.0), (found.s_total, 3.0, 10.0)):
        doubtful = 1.645 * np.sqrt(phases) * np.hypot(spread, DOUBT * added)
        wanted = unit * (phases * added + doubtful)
        assert one.expanded.ravel()[0] == pytest.approx(wanted, rel=1e-3)
    # at a power factor of one the noise of a voltage moves P and S alike
    share = added / 230.0
    assert found.pf.expanded[0] == pytest.approx(share * (1.0 + 1.645 * DOUBT), rel=1e-2)
    share *= 1.0 + 1.645 * DOUBT / np.sqrt(3.0)
    assert found.pf_total.expanded[0] == pytest.approx(share, rel=1e-2)
    assert found.p.systematic[0] == pytest.approx(0.0, abs=0.01)


def test_a_converters_step_is_noise_of_a_rectangle_at_least(supply):
    window, settings = window_of(supply(RATE, 0.3))
    found = uncertainties(window, only(quantum=(0.5,) * 3 + (0.1,) * 3), settings, NO_NOISE)
    root = np.sqrt(0.2 * RATE)
    assert found.u_rms.random[0] == pytest.approx(0.5 / np.sqrt(12.0) / root, rel=1e-3)
    assert found.i_rms.random[0] == pytest.approx(0.1 / np.sqrt(12.0) / root, rel=1e-3)


def test_next_to_no_unbalance_grows_by_what_is_across_it(supply):
    samples, k, gain = supply(RATE, 0.3), 3e-4, 1e-3
    angle = 2 * np.pi * 50.0 * np.arange(samples.shape[1]) / RATE
    for phase in range(3):
        samples[0, :, phase] += np.sqrt(2) * 230.0 * k * np.sin(angle + 2 * np.pi * phase / 3)
    window, settings = window_of(samples)
    found = uncertainties(window, only(gain=(gain,) * 3 + (0.0,) * 3), settings, NO_NOISE)
    # three independent gains make a negative sequence of g/√6 along it, and as much across
    part = gain / np.sqrt(6.0)
    wanted = np.hypot(part, part**2 / (2.0 * k) / np.sqrt(3.0))
    assert found.u2.systematic[0] == pytest.approx(wanted, rel=1e-2)


def test_delays_of_the_voltages_make_an_unbalance_that_grows_with_the_frequency(supply):
    samples, k, delay = supply(RATE, 0.4, 47.5), 0.02, 1e-4
    angle = 2 * np.pi * 47.5 * np.arange(samples.shape[1]) / RATE
    for phase in range(3):
        samples[0, :, phase] += np.sqrt(2) * 230.0 * k * np.sin(angle + 2 * np.pi * phase / 3)
    window, settings = window_of(samples)
    found = uncertainties(window, only(phase=(delay,) * 3 + (0.0,) * 3), settings, NO_NOISE)
    assert found.u2.systematic[0] == pytest.approx(0.95 * delay / np.sqrt(6.0), rel=1e-3)
