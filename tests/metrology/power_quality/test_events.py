"""Dips, swells and interruptions of all phases together, with their residual voltage and time."""

import itertools

import numpy as np
import pytest

from addad.metrology.power_quality.events import EventKind, VoltageEvents
from addad.metrology.power_quality.half_cycle import HalfCycleRms
from addad.metrology.power_quality.settings import PowerQualitySettings
from addad.metrology.settings import InstrumentSettings

RATE = 10_000.0
SETTINGS = PowerQualitySettings(InstrumentSettings(RATE))


def voltages(level, seconds=2.0, frequency=50.0, begin=0.3):
    t = np.arange(round(RATE * seconds)) / RATE
    angle = 2 * np.pi * frequency * t + begin
    return np.stack(
        [230 * np.sqrt(2) * level(t, k) * np.sin(angle - 2 * np.pi * k / 3) for k in range(3)], -1
    )


def step(start, duration, depth, phases=(0, 1, 2)):
    return lambda t, k: np.where((t >= start) & (t < start + duration) & (k in phases), depth, 1.0)


def found(samples, block=len):
    cycles = HalfCycleRms(RATE, 50.0, 3, 20.0)
    events = VoltageEvents(SETTINGS, itertools.count(1))
    size = block(samples)
    return [
        event
        for n in range(0, len(samples), size)
        for event in events.take(cycles.process(samples[n : n + size]))
    ]


@pytest.mark.parametrize("seed", range(12))
def test_residual_voltage_and_duration_of_any_dip(seed):
    rng = np.random.default_rng(seed)
    start, duration = 1.0 + rng.uniform(0, 0.02), rng.uniform(0.04, 0.4)
    depth = rng.choice([0.0, 0.1, 0.4, 0.7, 0.85])
    phases = [(0,), (1,), (2,), (0, 1), (0, 1, 2)][rng.integers(5)]
    frequency = rng.uniform(49.5, 50.5)
    events = found(voltages(step(start, duration, depth, phases), 2.0, frequency))
    (dip,) = [e for e in events if e.kind is EventKind.DIP and e.over]
    assert dip.voltage == pytest.approx(230 * depth, abs=0.0002 * 230)
    assert dip.duration_s == pytest.approx(duration, abs=0.010)
    assert dip.start_s == pytest.approx(start, abs=0.010)
    assert dip.phases == tuple(k + 1 for k in phases)


def test_a_swell_is_told_with_its_highest_voltage():
    begun, ended = found(voltages(step(1.0, 0.2, 1.25, (1,))))
    assert begun.kind is ended.kind is EventKind.SWELL
    assert not begun.over
    assert ended.number == begun.number
    assert ended.voltage == pytest.approx(287.5, rel=1e-4)
    assert ended.phases == (2,)
    assert ended.duration_s == pytest.approx(0.2, abs=0.01)


def test_a_swell_before_the_voltage_collapses_lasts_as_long_as_its_half_cycles():
    t = np.arange(round(RATE)) / RATE
    level = np.where(t < 0.5, 1.0, np.where(t < 0.51, 1.6, 0.02))
    samples = 230 * np.sqrt(2) * (level * np.sin(2 * np.pi * 50 * t))[:, None] * np.ones(3)
    events = found(samples * [0.0, 0.0, 1.0] + voltages(lambda t, k: 1.0, 1.0) * [1, 1, 0])
    (swell,) = [e for e in events if e.kind is EventKind.SWELL and e.over]
    assert 0.009 < swell.duration_s < 0.021
    assert swell.start_s == pytest.approx(0.495, abs=0.01)
    assert {type(swell.start_s), type(swell.duration_s)} == {float}


def test_an_interruption_needs_all_phases():
    two = found(voltages(step(1.0, 0.5, 0.0, (0, 1))))
    assert {e.kind for e in two} == {EventKind.DIP}
    three = found(voltages(step(1.0, 0.5, 0.0)))
    (interruption,) = [e for e in three if e.kind is EventKind.INTERRUPTION and e.over]
    assert interruption.duration_s == pytest.approx(0.5, abs=0.01)
    assert interruption.voltage == pytest.approx(0.0, abs=1e-3)


def test_phases_that_dip_one_after_the_other_are_one_dip():
    levels = [step(1.0, 0.1, 0.5, (0,)), step(1.08, 0.1, 0.6, (1,)), step(1.15, 0.1, 0.7, (2,))]
    events = found(voltages(lambda t, k: np.prod([f(t, k) for f in levels], axis=0)))
    begun, ended = events
    assert ended.phases == (1, 2, 3)
    assert ended.voltage == pytest.approx(115.0, rel=1e-3)
    assert ended.duration_s == pytest.approx(0.25, abs=0.01)
    assert begun.start_s == pytest.approx(1.0, abs=0.02)


def test_the_hysteresis_holds_a_dip_together():
    wobble = lambda t, k: np.where(  # noqa: E731
        (t > 1) & (t < 1.6), np.where((t > 1.2) & (t < 1.4), 0.91, 0.85), 1.0
    )
    events = found(voltages(wobble))
    assert len(events) == 2
    assert events[1].duration_s == pytest.approx(0.6, abs=0.01)


@pytest.mark.parametrize(
    ("kind", "far", "held", "let_go"),
    [
        (EventKind.DIP, 0.85, 0.915, 0.925),
        (EventKind.SWELL, 1.15, 1.085, 1.075),
        (EventKind.INTERRUPTION, 0.02, 0.065, 0.075),
    ],
)
def test_each_kind_has_its_hysteresis(kind, far, held, let_go):
    def wobble(between):
        return lambda t, k: np.where(
            (t > 1) & (t < 1.6), np.where((t > 1.2) & (t < 1.4), between, far), 1.0
        )

    for between, count in ((held, 1), (let_go, 2)):
        events = found(voltages(wobble(between)))
        assert sum(event.kind is kind and event.over for event in events) == count


def test_an_event_is_told_within_twenty_milliseconds():
    samples = voltages(step(1.0, 0.4, 0.3))
    cycles = HalfCycleRms(RATE, 50.0, 3, 20.0)
    events = VoltageEvents(SETTINGS, itertools.count(1))
    for n in range(0, len(samples), 10):
        told = events.take(cycles.process(samples[n : n + 10]))
        if told:
            break
    assert (n + 10) / RATE - 1.0 <= 0.020


@pytest.mark.parametrize("block", [7, 160, 2_000])
def test_the_cut_of_the_stream_changes_nothing(block):
    samples = voltages(step(1.0, 0.13, 0.3, (0, 2)))
    assert found(samples, lambda _: block) == found(samples)


def test_a_gap_cuts_an_event_off():
    cycles = HalfCycleRms(RATE, 50.0, 3, 20.0)
    events = VoltageEvents(SETTINGS, itertools.count(1))
    (begun,) = events.take(cycles.process(voltages(step(0.8, 9.0, 0.5), 1.0)))
    assert events.lasting_since_s == pytest.approx(0.8, abs=0.02)
    (cut,) = events.gap()
    assert events.lasting_since_s == float("inf")
    assert cut.number == begun.number
    assert cut.duration_s == pytest.approx(0.2, abs=0.02)
