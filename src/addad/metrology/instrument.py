"""One block of samples after the other to windows of measurements, for one meter or a fleet.

The basic interval is that of IEC 61000-4-30: gapless windows of ten cycles at 50 Hz, of twelve at
60 Hz.
"""

import numpy as np
from numpy.typing import NDArray

from addad.errors import InputError
from addad.metrology import engine, harmonics, interharmonics, resampling
from addad.metrology.blocks import Samples, plain
from addad.metrology.cycles import CYCLES_MAX, LANES
from addad.metrology.edges import AFTER, BEFORE, edge_table
from addad.metrology.energy import REGISTERS, SUMS
from addad.metrology.report import windows_of
from addad.metrology.sample_clock import SampleClock
from addad.metrology.settings import InstrumentSettings, plan_of
from addad.metrology.state import (
    Plan,
    Results,
    Scratch,
    Streams,
    Tables,
    memory_of,
    renew,
    results_for,
    shift,
    store,
)
from addad.metrology.window import Window, WindowFlag

_STORED_MAX = 250_000
"""Samples that the store of all meters keeps together: 8 MB."""
_GAP_MAX = 1 << 53
"""More samples than a stream of any rate has in ten years."""
_ROUNDS = 8
"""Rounds of results that one meter's room is made for at once."""


def _scratch(plan: Plan) -> Scratch:
    return Scratch(
        turn=np.zeros((2, int(plan.rate / plan.lowest) + 16), np.float32),
        phasors=np.zeros((CYCLES_MAX, LANES), np.complex128),
        spread=resampling.work_rows(int(plan.cycles * plan.rate / plan.lowest)),
        work=harmonics.work_rows(),
        between=interharmonics.work_rows(plan.cycles),
        means=np.zeros((4, LANES)),
    )


class Instrument:
    """A streaming instrument for the samples of one meter, or of a fleet that samples together."""

    def __init__(self, settings: InstrumentSettings) -> None:
        self.settings = settings
        self._plan = plan_of(settings)
        tables = Tables(
            resampling.kernel_table(),
            edge_table(),
            harmonics.fold_turns(self._plan.cycles),
            harmonics.order_turns(),
            harmonics.line_gains(self._plan.cycles),
            (
                interharmonics.line_turns(self._plan.cycles),
                harmonics.order_turns(),
                interharmonics.power_gains(self._plan.cycles),
            ),
        )
        self._longest = (
            int(self._plan.cycles * self._plan.rate / self._plan.lowest) + BEFORE + AFTER
        )
        kept = min(20 * self._longest, _STORED_MAX // settings.meters)
        capacity = max(self._longest * 3 // 2, kept)
        m = settings.meters
        self._streams = Streams(
            x=np.zeros((m, capacity, LANES), np.float32),
            edge=np.full(m, BEFORE, np.int64),
            fraction=np.zeros(m),
            need=np.zeros(m, np.int64),
            frequency=np.full(m, self._plan.nominal),
            number=np.zeros(m, np.int64),
            pending=np.zeros(m, np.int64),
            carry=np.zeros((m, SUMS, REGISTERS)),
            ticks=np.zeros(0, np.int64),
            tick=np.zeros(m, np.int64),
        )
        self._clock = SampleClock(settings.sample_rate)
        self._room = self._new_room(0)
        self._memory = memory_of(
            self._plan, tables, _scratch(self._plan), self._streams, self._room
        )
        self._used = 0
        self._begin = 0
        self._origin = 0
        self._filled = 0

    def process(self, samples: Samples) -> tuple[Window, ...]:
        """Take the next block, (meters, n, channels) [V, A], and give the windows it completes.

        Any n will do, and how a stream is cut into blocks does not change a result. Each Window
        says in `meters` whose it is. Raises InputError only for a block of the wrong shape or kind.
        """
        block = self._accept(samples)
        limits = float(self.settings.voltage_limit), float(self.settings.current_limit)
        windows: list[Window] = []
        done = 0
        while done < block.shape[1]:
            self._make_room()
            n = min(block.shape[1] - done, self._streams.x.shape[1] - self._filled)
            store(
                block, done, done + n, self.settings.voltages, limits,
                self._streams.x, self._filled,
            )  # fmt: skip
            done += n
            self._filled += n
            if self._origin + self._filled >= _least(self._streams.need):
                windows += self._advance()
        return tuple(windows)

    def flush(self) -> tuple[Window, ...]:
        """End the stretch of samples: measure what is left of it, and say how.

        What is left behind the last window is measured over its whole cycles; a stretch shorter
        than a window too, or as a whole when it is within a hair of whole cycles, or has none.
        Samples after it begin a new stretch.
        """
        self._make_results(1)
        engine.finish(self._memory, self._origin, self._filled, self._begin)
        self._restart(0)
        self._used = 1
        return tuple(self._windows(0, short=True))

    def gap(self, samples: int) -> tuple[Window, ...]:
        """Tell that this many samples are missing here; nothing is measured or counted over them.

        Gives what was left before the gap; the first window after it carries WindowFlag.GAP.
        Raises InputError for what is no number of samples; a negative one counts as none.
        """
        if not isinstance(samples, int | np.integer) or samples > _GAP_MAX:
            raise InputError(f"a gap of {samples} samples: give a whole number, at most 2^53")
        windows = self.flush()
        self._restart(max(samples, 0))
        self.flag_next(WindowFlag.GAP)
        return windows

    def flag_next(self, flags: WindowFlag) -> None:
        """Let the next window of each meter carry these flags too."""
        self._streams.pending[:] |= int(flags)

    def time_is(self, utc_s: float) -> WindowFlag:
        """Tell the time [s since 1970] at which the next sample comes, as often as it is known.

        Gives what `SampleClock` finds: a rate that is off, or a clock that jumped, which the next
        window says too.
        """
        flags = self._clock.observe(self._origin + self._filled, utc_s)
        self.flag_next(flags)
        return flags

    def resynchronise(self, at_sample: int, instead_of: int | None = None) -> None:
        """Begin a new window at this place of the stream, counted in samples from its first one.

        The window that straddles the place is still measured whole and carries WindowFlag.OVERLAP;
        what of it lies behind the place counts as energy only in the new window. A place so near
        to the begin of a stretch that no window has begun is where the first one begins. A place
        told before that has not come yet, `instead_of`, is forgotten. Call this before the window
        under way is finished: raises InputError when it is too late for a meter.
        """
        begin = int(np.max(self._streams.edge + (self._streams.fraction > 0.0)))
        if not isinstance(at_sample, int | np.integer) or at_sample > begin + _GAP_MAX:
            raise InputError(f"resynchronise at sample {at_sample}: give a whole number to 2^53")
        if begin == self._begin + BEFORE and at_sample >= self._begin:
            at_sample = max(at_sample, begin)
        if at_sample < begin:
            raise InputError(
                f"resynchronise at sample {at_sample}: the window under way began at {begin}; "
                "call before giving the samples of that place"
            )
        kept = self._streams.ticks[int(self._streams.tick.min()) :]
        self._streams.tick[:] -= int(self._streams.tick.min())
        if instead_of is not None and instead_of > begin:
            kept = kept[kept != instead_of]
        places = np.union1d(kept, [at_sample])
        self._streams = self._streams._replace(ticks=places)
        renew(self._memory, self._streams, self._room)

    def _restart(self, skip: int) -> None:
        self._begin = self._origin + self._filled + skip
        self._origin, self._filled = self._begin, 0
        self._streams.edge[:] = self._begin + BEFORE
        self._streams.fraction[:] = 0.0
        self._streams.need[:] = self._begin

    def _accept(self, samples: Samples) -> Samples:
        samples = plain(samples)
        wanted = (self.settings.meters, self.settings.voltages + self.settings.currents)
        if samples.ndim != 3 or (samples.shape[0], samples.shape[2]) != wanted:
            raise InputError(
                f"a block of shape {samples.shape}: give ({wanted[0]}, n, {wanted[1]}) for "
                f"{wanted[0]} meters and the channels {', '.join(self.settings.channels)}"
            )
        if self.settings.absent:
            kept = np.zeros(samples.shape, samples.dtype)
            for k, name in enumerate(self.settings.channels):
                if name not in self.settings.absent:
                    kept[:, :, k] = samples[:, :, k]
            samples = kept
        return samples

    def _make_room(self) -> None:
        if self._streams.x.shape[1] - self._filled >= self._longest // 2:
            return
        drop = min(_least(self._streams.edge) - BEFORE - self._origin, self._filled)
        if drop > 0:
            shift(self._streams.x, drop, self._filled)
            self._origin += drop
            self._filled -= drop

    def _advance(self) -> list[Window]:
        shortest = self._plan.cycles * self._plan.rate / self._plan.highest
        fresh = self._origin + self._filled - _least(self._streams.edge)
        rounds = int(fresh / shortest) + 1 + len(self._streams.ticks)
        if self._used + rounds > len(self._room.number):
            self._make_results(max(rounds, _ROUNDS // self.settings.meters))
        first = self._used
        engine.advance(self._memory, self._origin, self._filled, first)
        windows = self._windows(first)
        self._used += len(windows)
        return windows

    def _make_results(self, rounds: int) -> None:
        self._room = self._new_room(rounds)
        self._used = 0
        renew(self._memory, self._streams, self._room)

    def _new_room(self, rounds: int) -> Results:
        kinds = interharmonics.KINDS if self.settings.interharmonics else 0
        return results_for(rounds, self.settings.meters, kinds)

    def _windows(self, first: int, short: bool = False) -> list[Window]:
        return windows_of(self._room, first, self.settings.currents, self._plan.orders, short)


def _least(numbers: NDArray[np.int64]) -> int:
    return int(numbers[0]) if len(numbers) == 1 else int(numbers.min())
