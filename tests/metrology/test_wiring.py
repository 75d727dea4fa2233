"""Wiring faults put into samples of a supply are named, and what is right is left alone."""

import numpy as np
import pytest

from addad.metrology import Instrument, InstrumentSettings
from addad.metrology.wiring import Certainty, Site, Wiring, WiringFault, check

RATE = 4000.0
THIRD = 2.0 * np.pi / 3.0
HARMONICS = ((5, 0.02, 0.4), (7, 0.01, 2.0))


def waves(lags=(0.4, 0.3, 0.5), i=(8.0, 11.0, 9.0), seconds=1.0, u=(230.0, 230.0, 230.0)):
    """Samples (n, 7) of a house that draws power: U1 to U3, I1 to I3, the neutral."""
    angle = 2.0 * np.pi * 50.02 * np.arange(round(RATE * seconds)) / RATE
    voltages, currents = [], []
    for k in range(3):
        of_phase = angle - k * THIRD
        voltages.append(np.sqrt(2.0) * u[k] * np.sin(of_phase))
        voltages[k] += sum(
            np.sqrt(2.0) * u[k] * part * np.sin(h * of_phase + shift)
            for h, part, shift in HARMONICS
        )
        currents.append(np.sqrt(2.0) * i[k] * np.sin(of_phase - lags[k]))
    return np.stack([*voltages, *currents, sum(currents)], axis=-1)


def windows_of(samples, currents=4, **settings):
    instrument = Instrument(InstrumentSettings(sample_rate=RATE, currents=currents, **settings))
    return [*instrument.process(samples[None, :, : 3 + currents]), *instrument.flush()]


def found(samples, currents=3, site=None, **settings):
    """Faults and phases of a self-check, without what is only possible about currents."""
    findings = check(windows_of(samples, currents, **settings), site=site)
    return {(str(each.fault), each.phases) for each in findings}


def turned(samples, *channels):
    sign = np.ones(7)
    sign[list(channels)] = -1.0
    return samples * sign


@pytest.mark.parametrize("currents", [3, 4])
@pytest.mark.parametrize("lag", [-0.5, 0.0, 0.4, 1.0])
def test_a_house_wired_as_it_should_be_has_no_findings(lag, currents):
    assert found(waves((lag,) * 3), currents) == set()


@pytest.mark.parametrize("phase", [0, 1, 2])
def test_a_reversed_transformer_is_named_with_its_cure(phase):
    (finding,) = check(windows_of(turned(waves(), 3 + phase), 3))
    assert finding.fault is WiringFault.REVERSED_CURRENT
    assert finding.phases == (f"L{phase + 1}",)
    assert finding.certainty is Certainty.LIKELY
    assert f"The current transformer of L{phase + 1} sits the wrong way round" in finding.words
    assert "swap its two wires, if there is no generation on L" in finding.cure
    assert dict(finding.evidence)["PF"] < -0.8


def test_the_sum_of_the_currents_proves_which_transformer_is_reversed():
    (finding,) = check(windows_of(turned(waves(), 4)))
    assert (finding.fault, finding.phases) == (WiringFault.REVERSED_CURRENT, ("L2",))
    assert finding.certainty is Certainty.PROVED
    assert "if there is no generation" not in finding.cure


def test_an_inverter_on_one_phase_is_cleared_by_the_sum_of_the_currents():
    assert found(waves((0.4, np.pi, 0.5)), currents=4) == set()


def test_export_on_all_phases_is_not_called_reversed():
    (finding,) = check(windows_of(waves((np.pi, np.pi - 0.1, np.pi + 0.2)), 3))
    assert finding.fault is WiringFault.EXPORT
    assert finding.phases == ("L1", "L2", "L3")
    assert "Nothing is to be done if something generates there" in finding.cure


def test_a_sine_against_a_distorted_voltage_is_taken_for_an_inverter():
    samples = waves((0.4, np.pi, 0.5))
    assert found(samples) == {("export", ("L2",))}
    resistor = samples.copy()
    resistor[:, 4] = -samples[:, 1] / 25.0
    assert found(resistor) == {("reversed current", ("L2",))}


def test_what_is_known_of_the_site_settles_it():
    samples = waves((0.4, np.pi, 0.5))
    assert found(samples, site=Site(generation=frozenset({"L2"}))) == set()
    for nowhere in (frozenset(), frozenset({"L1"})):
        site = Site(generation=nowhere)
        assert found(samples, site=site) == {("reversed current", ("L2",))}


def test_power_that_flows_both_ways_is_generation():
    day = np.concatenate([waves((0.1, 0.2, 0.1)), waves((np.pi - 0.2, np.pi, np.pi))])
    assert found(day) == set()


def stepping(sign, generation):
    """A load that switches behind 0.3 ohm, and what the transformer of L1 makes of it."""
    blocks = []
    for k in range(16):
        drawn = 9.0 * (k % 2) - generation
        blocks.append(
            waves(
                i=(drawn, 5.0, 5.0),
                lags=(0.0, 0.3, 0.3),
                seconds=0.4,
                u=(230.0 - 0.3 * drawn, 230.0, 230.0),
            )
        )
    return np.concatenate(blocks) * np.where(np.arange(7) == 3, sign, 1.0)


@pytest.mark.parametrize("generation", [0.0, 12.0])
def test_the_networks_answer_to_load_tells_the_direction_whoever_generates(generation):
    assert found(stepping(1.0, generation)) == set()
    (finding,) = check(windows_of(stepping(-1.0, generation), 3))
    assert (finding.fault, finding.phases) == (WiringFault.REVERSED_CURRENT, ("L1",))
    assert finding.certainty is Certainty.PROVED


@pytest.mark.parametrize("pair", [(0, 1), (1, 2), (0, 2)])
def test_exchanged_currents_and_voltages_are_named(pair):
    names = tuple(f"L{k + 1}" for k in pair)
    for first, fault in ((3, "swapped currents"), (0, "swapped voltages")):
        samples = waves()
        a, b = (first + k for k in pair)
        samples[:, [a, b]] = samples[:, [b, a]]
        assert found(samples) == {(fault, names)}


@pytest.mark.parametrize("steps", [1, 2])
@pytest.mark.parametrize("lag", [0.2, 0.45])
def test_currents_moved_on_by_one_phase_are_named(steps, lag):
    samples = waves((lag,) * 3)
    samples[:, 3:6] = np.roll(samples[:, 3:6], steps, axis=1)
    (finding,) = check(windows_of(samples, 3), site=Site(generation=frozenset()))
    assert finding.fault is WiringFault.ROTATED_CURRENTS
    assert f"U1 meets I1 instead of I{1 + steps}" in finding.words


def test_export_that_may_be_a_load_on_the_next_phases_voltage_says_so():
    samples = waves((0.55,) * 3)
    samples[:, 3:6] = np.roll(samples[:, 3:6], 2, axis=1)
    (finding,) = check(windows_of(samples, 3))
    assert finding.fault is WiringFault.EXPORT
    assert "or each current meets the voltage of another phase" in finding.cure


def test_a_wrong_sequence_is_named_where_each_current_has_its_own_voltage():
    samples = waves()
    samples = samples[:, [0, 2, 1, 3, 5, 4, 6]]
    assert found(samples) == {("wrong sequence", ("L1", "L2", "L3"))}


def test_two_faults_are_named_together():
    samples = waves()
    samples[:, [4, 5]] = samples[:, [5, 4]]
    assert found(turned(samples, 3)) == {
        ("swapped currents", ("L2", "L3")),
        ("reversed current", ("L1",)),
    }


def test_missing_voltages_and_currents_are_named_and_absent_ones_are_not():
    samples = waves()
    samples[:, 1] = 0.0
    assert found(samples) == {("missing voltage", ("L2",))}
    assert found(samples, absent=frozenset({"U2"})) == set()
    samples = waves()
    samples[:, 5] = 0.0
    assert found(samples) == {("missing current", ("L3",))}
    samples = waves()
    samples[:, 1] = samples[:, 0]
    assert ("same voltage", ("L1", "L2")) in found(samples)


def test_the_neutral_is_compared_with_the_sum_of_the_phases():
    assert found(turned(waves(), 6), currents=4) == {("neutral reversed", ("N",))}
    leak = waves(i=(20.0, 3.0, 4.0))
    leak[:, 6] *= 0.5
    (finding,) = check(windows_of(leak))
    assert finding.fault is WiringFault.NEUTRAL_MISMATCH
    assert "A go another way" in finding.words


def test_powers_of_noise_are_not_named():
    samples = waves()
    rng = np.random.default_rng(1)
    samples[:, 3:6] = 0.05 * rng.normal(size=(len(samples), 3)) - 2e-5 * samples[:, :3]
    assert found(samples) == set()


def test_a_capacitor_alone_is_only_possibly_a_fault():
    findings = check(windows_of(waves((-1.5,) * 3), 3))
    assert all(each.certainty is Certainty.POSSIBLE for each in findings)


def test_a_fleet_is_checked_meter_by_meter_and_without_keeping_windows():
    right, wrong = waves(), turned(waves(), 5)
    settings = InstrumentSettings(sample_rate=RATE, meters=2, currents=3)
    wiring = Wiring(meters=2)
    for window in Instrument(settings).process(np.stack([right, wrong])[:, :, :6]):
        wiring.add(window)
    assert wiring.findings(0) == ()
    assert [each.phases for each in wiring.findings(1)] == [("L3",)]
    assert Wiring().findings() == check([]) == ()


def test_a_real_current_that_is_turned_is_named_and_noise_is_not(data_dir):
    with np.load(data_dir / "waveforms/plaid_125.npz", allow_pickle=False) as file:
        u, i = file["voltage_v"], file["current_a"]
    settings = InstrumentSettings(
        sample_rate=30_000.0, meters=len(u), nominal_frequency=60.0, voltages=1, currents=1
    )

    def self_check(currents):
        instrument = Instrument(settings)
        instrument.process(np.stack([u, currents], axis=-1))
        wiring = Wiring(len(u))
        for window in instrument.flush():
            wiring.add(window)
        return [wiring.findings(k) for k in range(len(u))]

    assert not any(self_check(i)), "noise-level negative powers are no reversed transformer"
    flipped = self_check(-i)
    named = [found[0].fault for found in flipped if found]
    assert len(named) == 120  # the others draw less than 20 mA
    assert named.count(WiringFault.REVERSED_CURRENT) >= 117
    assert set(named) <= {WiringFault.REVERSED_CURRENT, WiringFault.EXPORT}


def test_voltages_of_no_mains_frequency_tell_nothing_of_the_wiring():
    t = np.arange(round(2.0 * RATE))[:, None] / RATE
    turns = np.concatenate([400.0 * t - np.arange(3) / 3.0, 50.0 * t - np.arange(3) / 3.0], axis=1)
    samples = np.array([325.0] * 3 + [7.0] * 3) * np.sin(2.0 * np.pi * turns - 0.3)
    assert found(samples.round(3)) == set()
