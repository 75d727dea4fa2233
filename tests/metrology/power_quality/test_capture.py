"""The waveforms kept around events."""

import numpy as np

from addad.metrology.power_quality.capture import KEPT_MAX, LONGEST_S, Waveforms
from addad.metrology.power_quality.events import EventKind, VoltageEvent

RATE = 1_000.0


def event(number, start, duration):
    return VoltageEvent(number, EventKind.DIP, start, duration, 100.0, (1,))


def ramp(begin, count):
    """Samples that tell their own place."""
    return np.arange(begin, begin + count, dtype=np.float32)[:, None]


def test_what_was_before_and_behind_is_kept_too():
    kept = Waveforms(RATE, 1)
    kept.process(ramp(0, 2_000), [event(1, 1.5, None)])
    kept.process(ramp(2_000, 50), [event(1, 1.5, 0.52)])
    assert kept.collected() == []
    kept.process(ramp(2_050, 500), [])
    (found,) = kept.collected()
    assert found.start_s == 1.4
    assert found.samples[0, 0] == 1_400
    assert len(found.samples) == 720
    assert np.all(np.diff(found.samples[:, 0]) == 1)
    assert found.event.over


def test_of_a_long_event_the_begin_is_kept_once():
    kept = Waveforms(RATE, 1)
    kept.process(ramp(0, 1_000), [event(1, 0.5, None)])
    for n in range(1_000, 5_000, 500):
        kept.process(ramp(n, 500), [])
    (found,) = kept.collected()
    assert len(found.samples) == round((LONGEST_S + 0.2) * RATE)
    kept.process(ramp(5_000, 1_000), [event(1, 0.5, 5.0)])
    assert kept.collected() == []


def test_a_gap_takes_what_is_there():
    kept = Waveforms(RATE, 1)
    kept.process(ramp(0, 1_000), [event(1, 0.8, None)])
    kept.gap(5_000)
    (found,) = kept.collected()
    assert len(found.samples) == 300


def test_those_that_nobody_collects_make_room():
    kept = Waveforms(RATE, 1)
    for n in range(2 * KEPT_MAX):
        kept.process(ramp(1_000 * n, 1_000), [event(n, n + 0.3, 0.1)])
    found = kept.collected()
    assert len(found) == KEPT_MAX
    assert found[-1].event.number == 2 * KEPT_MAX - 1
