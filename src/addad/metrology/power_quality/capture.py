"""The waveforms of events: what the channels did before, during and after a disturbance."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from addad.metrology.power_quality.events import VoltageEvent

Samples = NDArray[np.float32]

LEAD_S = 0.1
"""Seconds kept before an event begins, and behind its end."""
LONGEST_S = 3.0
"""Seconds of one waveform at most; of a longer event the begin is kept."""
_BLOCK_S = 0.5
KEPT_MAX = 64
"""Waveforms that wait to be collected at most; the oldest make room."""


@dataclass(frozen=True, slots=True, eq=False)
class EventWaveform:
    """Samples (n, channels) [V, A] around an event, the first at `start_s` of the stream [s]."""

    event: VoltageEvent
    start_s: float
    sample_rate: float
    samples: Samples


class Waveforms:
    """Keeps the newest samples of one meter, and those around each event."""

    def __init__(self, sample_rate: float, channels: int) -> None:
        self._rate = sample_rate
        kept_s = LONGEST_S + 2 * LEAD_S + _BLOCK_S
        self._ring = np.zeros((round(kept_s * sample_rate), channels), np.float32)
        self._end = 0
        self._waiting: dict[int, tuple[VoltageEvent, int, int]] = {}
        self._cut: set[int] = set()
        self._ready: list[EventWaveform] = []

    def process(
        self, samples: NDArray[np.float32] | NDArray[np.float64], events: list[VoltageEvent]
    ) -> None:
        """The next samples (n, channels), half a second at most, and the events found in them."""
        self._keep(samples)
        for event in events:
            if event.number in self._cut:
                self._cut.discard(event.number)
                continue
            first = round((event.start_s - LEAD_S) * self._rate)
            length = LONGEST_S if event.duration_s is None else min(event.duration_s, LONGEST_S)
            last = first + round((length + 2 * LEAD_S) * self._rate)
            self._waiting[event.number] = (event, first, last)
        for number, (event, first, last) in tuple(self._waiting.items()):
            if self._end >= last:
                self._take(event, first, last)
                del self._waiting[number]
                if not event.over:
                    self._cut.add(number)

    def collected(self) -> list[EventWaveform]:
        """The waveforms that are complete since the last call."""
        ready, self._ready = self._ready, []
        return ready

    def gap(self, samples: int) -> None:
        """So many samples are missing here: what is waited for is taken as far as it is there."""
        for event, first, last in self._waiting.values():
            self._take(event, first, min(last, self._end))
        self._waiting = {}
        self._cut.clear()
        self._end += max(samples, 0)
        self._ring[:] = 0.0

    def _keep(self, samples: NDArray[np.float32] | NDArray[np.float64]) -> None:
        size = len(self._ring)
        fresh = samples[-size:]
        place = (self._end + len(samples) - len(fresh)) % size
        head = min(len(fresh), size - place)
        with np.errstate(over="ignore"):
            self._ring[place : place + head] = fresh[:head]
            self._ring[: len(fresh) - head] = fresh[head:]
        self._end += len(samples)

    def _take(self, event: VoltageEvent, first: int, last: int) -> None:
        size = len(self._ring)
        first = max(first, self._end - size, 0)
        if first >= last:
            return
        place = np.arange(first, last) % size
        self._ready.append(
            EventWaveform(event, first / self._rate, self._rate, self._ring[place].copy())
        )
        del self._ready[:-KEPT_MAX]
