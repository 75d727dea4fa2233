"""Sampled voltages and currents as arrays with the names, phases and units of their channels.

No standard governs this shape; it is what recordings are read into and what a site is drawn from.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

ChannelKind = Literal["voltage", "current", "other"]
Phase = Literal["L1", "L2", "L3", "N", ""]


@dataclass(frozen=True, slots=True)
class Channel:
    """One measured quantity of a waveform: `phase` is empty when it is not known."""

    name: str
    kind: ChannelKind
    phase: Phase = ""
    unit: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Waveform:
    """Samples (n, channels) taken at one even `sample_rate` [Hz]; `start` is aware, or unknown."""

    sample_rate: float
    channels: tuple[Channel, ...]
    samples: NDArray[np.float64]
    start: datetime | None = None

    def __post_init__(self) -> None:
        if not self.sample_rate > 0.0:
            raise ValueError(f"sample rate {self.sample_rate} Hz is not positive")
        if self.samples.ndim != 2 or self.samples.shape[1] != len(self.channels):
            raise ValueError(
                f"samples of shape {self.samples.shape} do not fit {len(self.channels)} channels"
            )
        if self.start is not None and self.start.tzinfo is None:
            raise ValueError("the start of a waveform needs a time zone")

    @property
    def duration_s(self) -> float:
        """Length of the record [s]."""
        return float(self.samples.shape[0] / self.sample_rate)
