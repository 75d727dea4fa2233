"""Samples taken at a rate that follows the mains, brought to an even one.

A recorder that takes so many samples a cycle states a rate for each stretch of its record; read as
if they were even, every stretch would have the nominal frequency. The samples are interpolated by
a windowed sinc (Kaiser), at even instants by the stated rates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from addad.world.recording import Blocks, States

HALF_TAPS = 24
_KAISER_BETA = 11.0
_AT_ONCE = 1 << 14

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RateCourse:
    """When samples were taken: `edges` (k + 1,) of stretches in samples, `times` (k + 1,) [s]."""

    edges: Floats
    times: Floats
    rate: float
    """The even rate to bring them to [Hz]."""

    @property
    def samples(self) -> int:
        """How many even instants lie between the first and the last sample."""
        return int(float(self.when(self.edges[-1:] - 1.0)[0]) * self.rate + 1e-6) + 1

    def when(self, sample: Floats) -> Floats:
        """The time of samples [s]."""
        return np.asarray(np.interp(sample, self.edges, self.times), dtype=np.float64)

    def places(self, first: int, last: int) -> Floats:
        """Where even instants `first` to `last` (out) lie, in samples and fractions of one."""
        instants = np.arange(first, last) / self.rate
        return np.asarray(np.interp(instants, self.times, self.edges), dtype=np.float64)


def rate_course(rates: Sequence[float], counts: Sequence[int]) -> RateCourse:
    """That of stretches of so many samples at such rates [Hz], at the rate of most of them."""
    edges = np.concatenate([[0.0], np.cumsum(counts, dtype=np.float64)])
    times = np.concatenate([[0.0], np.cumsum(np.divide(counts, rates))])
    order = np.argsort(rates)
    middle = np.searchsorted(np.cumsum(np.take(counts, order)), edges[-1] / 2.0)
    return RateCourse(edges, times, float(rates[order[middle]]))


def evened(blocks: Blocks, course: RateCourse) -> Blocks:
    """The blocks (items, n, channels) at even instants; a missing sample is missed around it."""
    total, count = int(course.edges[-1]), course.samples
    kept: Floats | None = None
    begin = done = held = 0
    for block in blocks:
        kept = block if kept is None else np.concatenate([kept, block], axis=1)
        held += block.shape[1]
        while done < count:
            places = course.places(done, min(count, done + _AT_ONCE))
            ready = len(places) if held >= total else np.searchsorted(places, held - HALF_TAPS)
            if not ready:
                break
            yield _interpolated(kept, places[:ready] - begin, total - begin)
            done += int(ready)
        if done < count:
            drop = max(0, int(course.places(done, done + 1)[0]) - HALF_TAPS - begin)
            kept, begin = kept[:, drop:], begin + drop


def evened_states(states: States, course: RateCourse) -> States:
    """The states (n, channels) at even instants: those of the nearest sample."""
    total, count = int(course.edges[-1]), course.samples
    done = begin = 0
    for block in states:
        end = begin + len(block)
        last = done
        while last < count:
            places = np.rint(course.places(last, min(count, last + _AT_ONCE))).astype(np.intp)
            ready = len(places) if end >= total else int(np.searchsorted(places, end))
            if not ready:
                break
            yield block[np.clip(places[:ready] - begin, 0, len(block) - 1)]
            last += ready
        done, begin = last, end


def _interpolated(kept: Floats, places: Floats, total: int) -> Floats:
    """`kept` (items, n, channels) at `places` (m,) in it; near the record's ends by fewer taps."""
    below = np.floor(places)
    offsets = np.arange(1 - HALF_TAPS, HALF_TAPS + 1)
    reach = np.clip(np.minimum(below + 1.0, total - 1.0 - below), 1.0, HALF_TAPS)
    apart = (places - below)[:, None] - offsets
    inside = 1.0 - np.square(apart / reach[:, None])
    weights = np.sinc(apart) * np.where(
        inside > 0.0, np.i0(_KAISER_BETA * np.sqrt(np.maximum(inside, 0.0))), 0.0
    )
    weights /= weights.sum(axis=1, keepdims=True)
    taps = np.clip(below[:, None].astype(np.intp) + offsets, 0, kept.shape[1] - 1)
    result = np.zeros((kept.shape[0], len(places), kept.shape[2]))
    for tap in range(len(offsets)):
        weight = weights[:, tap]
        used = weight != 0.0
        result[:, used] += weight[used, None] * kept[:, taps[used, tap]]
    return result
