"""A recording of real mains: what its file says of it, and its samples block by block.

No standard governs this shape; the formats behind it are one module each: `comtrade`, `wav`,
`csv_text`, `npz`, `matlab`, `hdf5`; `formats` tells them apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from addad.errors import InputError
from addad.world.waveform import Channel, ChannelKind, Phase, Waveform

MAX_CHANNELS = 4096
MAX_SAMPLES = 2**40
MAX_WAVEFORM_VALUES = 2**27
BLOCK_SAMPLES = 1 << 15

MAX_STATUSES = 1 << 16
UNKNOWN_STATE = 255

Blocks = Iterator[NDArray[np.float64]]
BlockReader = Callable[[tuple[int, ...], int], Blocks]
States = Iterator[NDArray[np.uint8]]
StateReader = Callable[[int], States]
Side = Literal["primary", "secondary", ""]


class ChoiceError(InputError):
    """The user chose a channel, an item, a section or a value that is not to be had."""


def printable(text: str) -> str:
    """A text of a file as it may be shown: what would steer a terminal, or turn a line, is a mark.

    White space of any kind becomes a space.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else " " if c.isspace() else "\ufffd" for c in text)


def _keep_printable(record: object, *fields: str) -> None:
    for name in fields:
        text = getattr(record, name)
        if not text.isprintable():
            object.__setattr__(record, name, printable(text))


@dataclass(frozen=True, slots=True)
class RecordedChannel:
    """A channel as its file names it; the samples come in `unit` with the file's gain applied.

    `circuit` is the feeder or busbar it belongs to; `ratio` is primary ÷ secondary of its
    transformer and `side` the side that the values are on; `skew_s` [s] is how much later than
    the time stamp it was sampled, which is mended in the samples; `step`, in `unit`, is the least
    difference that the file can hold, 0 where it is not known.
    """

    name: str
    kind: ChannelKind = "other"
    phase: Phase = ""
    unit: str = ""
    circuit: str = ""
    ratio: float = 1.0
    side: Side = ""
    skew_s: float = 0.0
    step: float = 0.0

    def __post_init__(self) -> None:
        _keep_printable(self, "name", "unit", "circuit")


@dataclass(frozen=True, slots=True)
class StatusChannel:
    """A channel of two states: a contact, a protection's start or trip.

    `normal` is the state that is nothing to speak of, None where the file does not say.
    """

    name: str
    phase: str = ""
    circuit: str = ""
    normal: int | None = None

    def __post_init__(self) -> None:
        _keep_printable(self, "name", "phase", "circuit")


@dataclass(frozen=True)
class Reading:
    """How to read a file where the file itself does not say, or says it wrongly.

    `rate` [Hz] replaces the file's sampling rate, `nominal_frequency` [Hz] serves where nothing
    else tells how long a cycle is; `section` (from 1) picks one of several sampling rates; `item`
    (from 0) one of many records; `allow_wrong_count` measures what a truncated file still holds.
    """

    rate: float | None = None
    nominal_frequency: float | None = None
    section: int | None = None
    item: int | None = None
    encoding: str | None = None
    allow_wrong_count: bool = False


@dataclass(frozen=True)
class Recording:
    """What a file says of its record; the samples stay in the file until `blocks` asks for them.

    `items` names the records of a file that holds many of the same shape, empty for one record;
    `samples` counts those of one item. `rate_assumed`: the file does not say its sampling rate.
    `calibrated`: the values are volts and amperes, not fractions of full scale. `statuses` are the
    channels of two states beside them, of one record only. `jumps` are the samples at which its
    time stamps jump; `rate_off`: they run at another rate than `sample_rate`.
    """

    format: str
    sample_rate: float
    samples: int
    channels: tuple[RecordedChannel, ...]
    reader: BlockReader = field(repr=False)
    start: datetime | None = None
    nominal_frequency: float | None = None
    items: tuple[str, ...] = ()
    rate_assumed: bool = False
    calibrated: bool = True
    notes: tuple[str, ...] = ()
    statuses: tuple[StatusChannel, ...] = ()
    state_reader: StateReader | None = field(default=None, repr=False)
    jumps: tuple[int, ...] = ()
    rate_off: bool = False

    def __post_init__(self) -> None:
        _keep_printable(self, "format")
        for name in ("items", "notes"):
            object.__setattr__(self, name, tuple(map(printable, getattr(self, name))))
        if not (np.isfinite(self.sample_rate) and 0.0 < self.sample_rate <= 1e9):
            raise InputError(
                f"a sampling rate of {self.sample_rate:g} S/s is none; state it with --rate"
            )
        if not 0 < len(self.channels) <= MAX_CHANNELS:
            raise InputError(f"{len(self.channels)} channels; 1 to {MAX_CHANNELS} can be read")
        if not 0 < self.samples <= MAX_SAMPLES:
            raise InputError("the file holds no sample")

    @property
    def duration_s(self) -> float:
        """Length of the record [s]."""
        return self.samples / self.sample_rate

    def blocks(self, columns: Sequence[int], block_samples: int = BLOCK_SAMPLES) -> Blocks:
        """The samples of some channels (items, n, columns), n at most `block_samples`.

        InputError where the file breaks off or holds something that is no number.
        """
        chosen = tuple(columns)
        if any(not 0 <= column < len(self.channels) for column in chosen):
            raise ValueError(f"columns {chosen} of {len(self.channels)} channels")
        return self.reader(chosen, block_samples)

    def states(self, block_samples: int = BLOCK_SAMPLES) -> States:
        """The states (n, statuses) block by block: 0, 1, or UNKNOWN_STATE; as long as the samples.

        InputError where the file breaks off.
        """
        return self.state_reader(block_samples) if self.state_reader else iter(())

    def on_side(self, side: Literal["primary", "secondary"]) -> Recording:
        """The same recording with every value converted to one side of its transformers."""
        gains = tuple(_to_side(channel, side) for channel in self.channels)
        reader = self.reader

        def converted(columns: tuple[int, ...], block_samples: int) -> Blocks:
            gain = np.array([gains[column] for column in columns], dtype=np.float64)
            return (block * gain for block in reader(columns, block_samples))

        channels = tuple(
            replace(channel, side=side, step=channel.step * gain) if channel.side else channel
            for channel, gain in zip(self.channels, gains, strict=True)
        )
        return replace(self, channels=channels, reader=converted)

    def waveform(self, columns: Sequence[int] | None = None, item: int = 0) -> Waveform:
        """One item whole in memory; InputError when it is too large for that."""
        chosen = tuple(range(len(self.channels))) if columns is None else tuple(columns)
        if self.samples * len(chosen) > MAX_WAVEFORM_VALUES:
            raise InputError(
                f"{self.samples} samples of {len(chosen)} channels are too many to hold at once"
            )
        samples = np.concatenate([block[item] for block in self.blocks(chosen)])
        named = tuple(self.channels[column] for column in chosen)
        channels = tuple(Channel(c.name, c.kind, c.phase, c.unit) for c in named)
        return Waveform(self.sample_rate, channels, samples, self.start)


def _to_side(channel: RecordedChannel, side: Literal["primary", "secondary"]) -> float:
    if channel.side in ("", side) or channel.ratio <= 0.0:
        return 1.0
    return channel.ratio if side == "primary" else 1.0 / channel.ratio
