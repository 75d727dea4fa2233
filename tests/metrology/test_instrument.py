import dataclasses
import itertools
import math

import numpy as np
import pytest

from addad.errors import InputError
from addad.metrology import (
    EnergyRegister,
    EnergySettings,
    Instrument,
    InstrumentSettings,
    WindowFlag,
    warm_up,
)

RATE = 8000.0


def instrument(**changes):
    return Instrument(InstrumentSettings(**{"sample_rate": RATE, "currents": 3, **changes}))


def everything(window):
    """All that a window says, in octets."""
    said = []
    for field in dataclasses.fields(window):
        value = getattr(window, field.name)
        if field.name == "energy":
            value = value.quanta
        said.append(value.tobytes() if isinstance(value, np.ndarray) else value)
    return said


def run(samples, cuts=(), **changes):
    meter = instrument(currents=samples.shape[2] - 3, **changes)
    windows = []
    for a, b in zip([0, *cuts], [*cuts, samples.shape[1]], strict=True):
        windows += meter.process(samples[:, a:b])
    return [*windows, *meter.flush()]


@pytest.fixture
def troubled(supply):
    """Two and a half seconds of everything: a ramp, noise, a lost phase, no voltage, NaN."""
    rng = np.random.default_rng(7)
    samples = supply(RATE, 2.5, 50.3, lag=1.0, neutral=True)
    samples += rng.normal(size=samples.shape)
    samples[0, 5000:6200, 1] = 0.0
    samples[0, 8000:11000] = rng.normal(size=(3000, 7)) * 0.1
    samples[0, 14000, 2] = np.nan
    samples[0, 16000, 3] = 1e30
    return samples


def test_any_chunking_gives_the_identical_result(troubled):
    rng = np.random.default_rng(8)
    n = troubled.shape[1]
    whole = [everything(w) for w in run(troubled)]
    assert len(whole) == 13
    for _ in range(8):
        cuts = sorted(rng.integers(0, n, rng.integers(1, 300)).tolist())
        assert [everything(w) for w in run(troubled, cuts)] == whole
    assert [everything(w) for w in run(troubled, range(1, n))] == whole


def test_a_window_is_finished_by_the_same_sample_however_the_stream_is_cut(supply):
    """Where the frequency steps up, the window's end is known before the last one's length."""
    samples = np.concatenate([supply(RATE, 0.6, 42.0), supply(RATE, 0.6, 52.0)], axis=1)
    for end in range(7_405, 7_417):
        part = samples[:, :end]
        whole = [everything(w) for w in run(part)]
        assert [everything(w) for w in run(part, range(6_800, end))] == whole, end


def test_a_fleet_measures_as_its_meters_alone_do(supply, troubled):
    n = troubled.shape[1]
    others = [supply(RATE, n / RATE, f, neutral=True)[:, :n] for f in (47.0, 52.9)]
    fleet = instrument(meters=3, currents=4)
    found = {0: [], 1: [], 2: []}
    samples = np.concatenate([others[0], troubled, others[1]])
    windows = []
    for a in range(0, n, 777):
        windows += fleet.process(samples[:, a : a + 777])
    windows += fleet.flush()
    for window in windows:
        for row, meter in enumerate(window.meters):
            found[int(meter)].append(
                (window.index[row], window.frequency[row], window.p[row].tolist(),
                 window.energy.quanta[row].tolist(), window.flags[row])
            )  # fmt: skip
    alone = [
        (w.index[0], w.frequency[0], w.p[0].tolist(), w.energy.quanta[0].tolist(), w.flags[0])
        for w in run(troubled)
    ]
    assert str(found[1]) == str(alone)
    assert len(found[2]) > len(found[0])


def test_windows_are_gapless(supply):
    windows = run(supply(RATE, 3.0, 51.2))
    for before, after in itertools.pairwise(windows):
        assert after.start_s[0] == pytest.approx(before.start_s[0] + before.duration_s[0], abs=1e-9)
    assert [int(w.index[0]) for w in windows] == list(range(len(windows)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int16, np.int32])
def test_samples_may_be_of_any_number(supply, dtype):
    windows = run(supply(RATE, 0.5).round().astype(dtype))
    np.testing.assert_allclose(windows[0].u_rms[0], 230, rtol=1e-3)


def test_missing_phases_are_flagged_and_the_others_measured(supply):
    samples = supply(RATE, 0.6)
    samples[..., 1] = 0.0
    for window in run(samples)[:-1]:
        assert window.flags[0] == WindowFlag.MISSING_L2
        assert window.frequency[0] == pytest.approx(50.0, abs=1e-5)
        np.testing.assert_allclose(window.p[0], [2300, 0, 2300], rtol=1e-5, atol=1e-6)


def test_without_voltage_the_currents_tell_the_frequency(supply):
    samples = supply(RATE, 0.6, 49.0)
    samples[..., :3] = 0.0
    window = run(samples)[0]
    assert window.flags[0] & WindowFlag.NO_VOLTAGE
    assert window.frequency[0] == pytest.approx(49.0, abs=1e-4)
    np.testing.assert_allclose(window.i_rms[0], 10.0, rtol=1e-5)
    assert not window.energy.quanta.any()


def test_silence_gives_windows_of_nominal_length():
    windows = run(np.zeros((1, 8100, 6)))
    assert len(windows) == 5
    for window in windows:
        assert window.flags[0] & WindowFlag.NO_VOLTAGE
        assert window.flags[0] & WindowFlag.FREQUENCY_ASSUMED
        assert window.duration_s[0] == pytest.approx(0.2)
        assert np.isnan(window.frequency[0])
        assert np.isnan(window.pf).all()


def test_direct_voltages_are_named(supply):
    samples = np.full((1, 4000, 6), 100.0)
    window = run(samples)[0]
    assert window.flags[0] & WindowFlag.DC_ONLY
    np.testing.assert_allclose(window.u_rms[0], 100.0, rtol=1e-6)


@pytest.mark.parametrize("frequency", [16.7, 30.0, 41.5, 58.5, 75.0, 400.0])
def test_a_frequency_out_of_range_is_flagged_and_the_stream_goes_on(supply, frequency):
    windows = run(supply(RATE, 1.0, frequency))
    assert len(windows) >= 4
    for window in windows[:-1]:
        flags = WindowFlag(int(window.flags[0]))
        assert flags & (WindowFlag.FREQUENCY_OUT_OF_RANGE | WindowFlag.NO_VOLTAGE)
        np.testing.assert_allclose(window.u_rms[0], 230, rtol=0.2)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e30, -1e38])
def test_impossible_samples_are_flagged_and_energy_does_not_run_wild(supply, bad):
    samples = supply(RATE, 1.0)
    samples[0, 2000:2004, :] = bad
    windows = run(samples)
    assert windows[1].flags[0] & WindowFlag.NOT_FINITE
    for window in windows[:-1]:
        assert window.energy.quanta[0, 3, EnergyRegister.ACTIVE_IMPORT_UWH] < 1.01 * 383_340
        assert np.isfinite(window.u_rms).all()
    assert not windows[3].flags[0]


def test_samples_at_the_limit_are_flagged(supply):
    samples = supply(RATE, 0.5)
    window = run(samples, voltage_limit=300.0)[0]
    assert window.flags[0] & WindowFlag.SATURATED
    assert window.u_rms[0, 0] < 230


@pytest.mark.parametrize("seed", range(20))
def test_any_garbage_gives_windows_and_no_negative_energy(seed):
    rng = np.random.default_rng(seed)
    rate = float(rng.choice([300.0, 400.0, 1000.0, 8000.0]))
    samples = rng.standard_normal((1, int(rate), 6)) * 10.0 ** rng.uniform(-30, 9, (1, 1, 6))
    place = rng.integers(0, samples.size, 50)
    samples.flat[place] = rng.choice([np.nan, np.inf, -np.inf, 0.0, 1e300, -1e38, 1e-300], 50)
    if seed % 2:
        samples[:, : int(rate) // 2] = rng.choice([0.0, 230.0, -1e7, np.nan])
    meter = instrument(sample_rate=rate)
    windows = [*meter.process(samples), *meter.gap(10), *meter.process(samples), *meter.flush()]
    assert len(windows) >= 7
    for window in windows:
        assert window.energy.quanta.min() >= 0
        assert np.isfinite(window.u_rms).all()
        assert 0.0 < window.duration_s[0] < 0.3


def test_a_read_only_block_is_measured(supply):
    samples = supply(RATE, 0.5)
    samples.flags.writeable = False
    np.testing.assert_allclose(run(samples)[0].u_rms[0], 230, rtol=1e-5)


def test_nothing_finite_at_all_counts_nothing(supply):
    for window in run(np.full((1, 9000, 6), np.nan)):
        assert window.flags[0] & WindowFlag.NOT_FINITE
        assert not window.energy.quanta.any()


def test_a_gap_ends_a_window_and_flags_the_next(supply):
    samples = supply(RATE, 2.0)
    meter = instrument()
    before = meter.process(samples[:, :5000])
    rest = meter.gap(3000)
    after = meter.process(samples[:, 8000:])
    assert [int(w.cycles[0]) for w in rest] == [1]
    assert not before[-1].flags[0] & WindowFlag.GAP
    assert after[0].flags[0] & WindowFlag.GAP
    assert not after[1].flags[0] & WindowFlag.GAP
    assert after[0].start_s[0] == pytest.approx(1.0, abs=2e-3)
    np.testing.assert_allclose(after[0].p[0], 2300, rtol=1e-5)


@pytest.mark.parametrize("cycles", [2.3, 3.7, 8.0, 9.5])
def test_a_short_record_is_measured_over_its_whole_cycles(supply, cycles):
    (window,) = run(supply(RATE, cycles / 50.0))
    assert window.partial
    assert window.flags[0] & WindowFlag.PARTIAL
    assert window.cycles[0] == int(cycles)
    np.testing.assert_allclose(window.u_rms[0], 230, rtol=1e-5)
    np.testing.assert_allclose(window.p_total[0], 6900, rtol=1e-5)
    assert window.frequency[0] == pytest.approx(50.0, abs=1e-3)
    assert "whole record" in window.reason or f"over {int(cycles)} cycles" in window.reason


def test_a_record_of_exactly_one_window_is_no_partial_one(supply):
    (window,) = run(supply(RATE, 0.2))
    assert not window.partial
    assert window.cycles[0] == 10
    assert window.reason == "the whole record, 10 cycles"


def test_less_than_a_cycle_is_measured_whole(supply):
    samples = supply(RATE, 0.013)
    (window,) = run(samples)
    assert window.reason == "shorter than a cycle: the whole record"
    assert np.isnan(window.frequency[0])
    assert np.isnan(window.q).all()
    np.testing.assert_allclose(
        window.u_rms[0], np.sqrt(np.mean(samples[0, :, :3] ** 2, axis=0)), rtol=1e-6
    )


@pytest.mark.parametrize("n", [0, 1, 2, 15, 16, 17, 40])
def test_a_handful_of_samples_raises_nothing(supply, n):
    windows = run(supply(RATE, 1.0)[:, :n])
    assert len(windows) == (1 if n else 0)


def test_channels_that_are_not_there_are_nan(supply):
    samples = supply(RATE, 0.5)[..., [0, 3]]
    meter = instrument(voltages=1, currents=1)
    window = meter.process(samples)[0]
    np.testing.assert_allclose(window.p[0], [2300, np.nan, np.nan], rtol=1e-5)
    assert window.p_total[0] == pytest.approx(2300, rel=1e-5)
    assert window.u_rms.shape == (1, 3)
    assert window.i_rms.shape == (1, 1)
    assert np.isnan(window.u_harmonics[0, 1:]).all()
    assert not window.flags[0]


def test_an_absent_column_is_not_looked_at(supply):
    samples = supply(RATE, 0.5)
    samples[..., 1] = np.nan
    window = instrument(absent=frozenset({"U2"})).process(samples)[0]
    assert not window.flags[0]
    assert np.isnan(window.u_rms[0, 1])
    assert np.isnan(window.p[0, 1])
    assert window.p_total[0] == pytest.approx(4600, rel=1e-5)


def test_voltages_alone_are_measured(supply):
    window = instrument(currents=0).process(supply(RATE, 0.5)[..., :3])[0]
    assert window.i_rms.shape == (1, 0)
    assert np.isnan(window.p_total[0])
    assert not window.energy.quanta.any()
    np.testing.assert_allclose(window.u_rms[0], 230, rtol=1e-5)


def test_the_start_current_is_obeyed(supply):
    energy = EnergySettings(start_current=0.02)
    below = run(supply(RATE, 1.0, i=0.0199), energy=energy)
    above = run(supply(RATE, 1.0, i=0.0201), energy=energy)
    assert not sum(w.energy.quanta for w in below).any()
    assert sum(w.energy.quanta for w in above).any()


@pytest.mark.parametrize("shape", [(1, 100, 5), (2, 100, 6), (100, 6)])
def test_a_block_of_the_wrong_shape_is_refused_with_the_right_one(shape):
    with pytest.raises(InputError, match=r"\(1, n, 6\)"):
        instrument().process(np.zeros(shape))


def test_warm_up_compiles_without_a_word(capsys):
    warm_up()
    assert capsys.readouterr() == ("", "")


def test_a_resynchronised_stream_overlaps_once_and_counts_every_sample_once(supply):
    samples = supply(RATE, 3.0, 49.7, lag=0.8, neutral=True)
    samples[..., 3:6] *= np.linspace(1.0, 2.0, samples.shape[1])[None, :, None]
    meter = instrument(currents=4)
    meter.resynchronise(9001)
    meter.resynchronise(17000)
    windows = []
    for a in range(0, samples.shape[1], 700):
        windows += meter.process(samples[:, a : a + 700])
    windows += meter.flush()
    begins = [round(float(w.start_s[0]) * RATE, 3) for w in windows]
    for place in (9001, 17000):
        k = begins.index(place)
        assert windows[k - 1].flags[0] == WindowFlag.OVERLAP
        assert windows[k - 1].cycles[0] == 10
        assert begins[k - 1] + windows[k - 1].duration_s[0] * RATE > place
        assert not windows[k].flags[0]
    assert sum(int(w.flags[0]) & WindowFlag.OVERLAP > 0 for w in windows) == 2

    power = np.sum(samples[0, :, :3] * samples[0, :, 3:6], axis=1)
    integral = np.concatenate([[0.0], np.cumsum(0.5 * (power[1:] + power[:-1]))]) / RATE
    ends = np.array([begins[0] / RATE, windows[-1].start_s[0] + windows[-1].duration_s[0]])
    expected = np.diff(np.interp(ends, np.arange(len(power)) / RATE, integral)) / 3600 * 1e6
    energy = sum(w.energy.total[0] for w in windows)
    import_less_export = energy[EnergyRegister.ACTIVE_IMPORT_UWH] - energy[1]
    assert import_less_export == pytest.approx(expected[0], rel=1e-5)


def test_resynchronising_says_when_it_is_too_late(supply):
    meter = instrument()
    meter.process(supply(RATE, 1.0))
    with pytest.raises(InputError, match="call before"):
        meter.resynchronise(1000)


def test_a_stretch_may_be_resynchronised_where_it_begins(supply):
    """Its first window begins some samples behind, where its edge has all that it needs."""
    samples = supply(RATE, 1.0)
    plain, told = instrument(), instrument()
    found: list[list[object]] = [[], []]
    for start in (0, samples.shape[1] + 500):
        told.resynchronise(start + 3)
        for meter, said in zip((plain, told), found, strict=True):
            said += [everything(w) for w in (*meter.process(samples), *meter.gap(500))]
    assert len(found[0]) == 10
    assert found[0] == found[1]
    for place in (math.nan, 1 << 63, None):
        with pytest.raises(InputError, match="whole number"):
            told.resynchronise(place)


def test_a_place_to_resynchronise_can_be_moved_before_it_has_come(supply):
    samples = supply(RATE, 2.0)
    one, moved = instrument(), instrument()
    one.resynchronise(9_100)
    moved.resynchronise(7_000)
    moved.resynchronise(9_100, instead_of=7_000)
    wanted = [everything(w) for w in one.process(samples)]
    assert [everything(w) for w in moved.process(samples)] == wanted


def test_a_fleet_resynchronises_each_meter_in_its_own_window(supply):
    samples = np.concatenate([supply(RATE, 2.0, f) for f in (48.0, 52.0)])
    meter = instrument(meters=2)
    meter.resynchronise(8000)
    found = {0: [], 1: []}
    for a in range(0, samples.shape[1], 160):
        for window in meter.process(samples[:, a : a + 160]):
            for row, which in enumerate(window.meters):
                found[int(which)].append((float(window.start_s[row]), int(window.flags[row])))
    for windows in found.values():
        starts, flags = zip(*windows, strict=True)
        assert flags[starts.index(1.0) - 1] == WindowFlag.OVERLAP
        assert sum(flags) == WindowFlag.OVERLAP


def test_phasors_tell_harmonic_power_and_its_direction_in_every_window(supply):
    samples = supply(RATE, 1.0, 50.02, lag=0.5)
    angle = 2 * np.pi * 50.02 * np.arange(samples.shape[1]) / RATE
    for column, size, shift in ((0, 12.0, 0.4), (3, -1.5, 0.1)):
        samples[0, :, column] += np.sqrt(2) * size * np.sin(5 * angle + shift) - 2.0
    for window in run(samples):
        u, i = window.u_phasors[0, 0], window.i_phasors[0, 0]
        np.testing.assert_allclose(u[[0, 1, 5]], [-2, 230, 12 * np.exp(0.4j)], rtol=1e-4)
        np.testing.assert_allclose(i[5], -1.5 * np.exp(0.1j), rtol=1e-4)
        power = (window.u_phasors * window.i_phasors.conj()).real
        np.testing.assert_allclose(power.sum(axis=2), window.p, rtol=1e-5)
        assert power[0, 0, 5] == pytest.approx(-18 * np.cos(0.3), rel=1e-3)


def test_a_rate_that_is_off_by_a_hundredth_moves_frequency_and_energy_by_as_much(supply):
    """What the samples cannot tell: only the time of day can, as SampleClock does."""
    windows = run(supply(RATE * 1.01, 2.0))
    for window in windows[:-1]:
        assert window.frequency[0] == pytest.approx(50.0 / 1.01, abs=1e-4)
        np.testing.assert_allclose(window.u_rms[0], 230, rtol=1e-5)
        np.testing.assert_allclose(window.p_total[0], 6900, rtol=1e-5)
    seconds = sum(w.duration_s[0] for w in windows)
    energy = sum(w.energy.total[0, EnergyRegister.ACTIVE_IMPORT_UWH] for w in windows)
    assert energy == pytest.approx(6900 * seconds / 3600 * 1e6, rel=1e-5)


def test_a_voltage_that_dies_and_comes_back_counts_no_energy_meanwhile(supply):
    samples = supply(RATE, 3.0, lag=0.4)
    samples[:, 8000:16000, :3] = 0.0
    windows = run(samples)
    dead = [w for w in windows if w.start_s[0] >= 1.0 and w.start_s[0] + w.duration_s[0] <= 2.0]
    assert len(dead) >= 3
    for window in dead:
        assert window.flags[0] & WindowFlag.NO_VOLTAGE
        assert not window.energy.quanta.any()
        assert window.frequency[0] == pytest.approx(50.0, abs=1e-3)
    energy = sum(w.energy.total[0, EnergyRegister.ACTIVE_IMPORT_UWH] for w in windows)
    assert energy == pytest.approx(6900 * np.cos(0.4) * 2.0 / 3600 * 1e6, rel=0.02)
