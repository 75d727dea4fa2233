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
Phase = Literal["L1", "L2", "L3", "N", "L12", "L23", "L31", ""]
"""Of a phase or the neutral; of the voltage between two phases; empty where it is not known."""


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


def carrier(advance: NDArray[np.float64], samples: int) -> NDArray[np.complex128]:
    """e^{jθ} of a fundamental (frames, samples), one nominal cycle a frame.

    `advance` (frames + 1,) [rad] is how far θ is ahead of the nominal frequency at each frame's
    edges; within a frame it runs straight from edge to edge, so θ has no jump anywhere.
    """
    position = np.arange(samples) / samples
    step = 2.0 * np.pi + np.diff(advance)
    theta = advance[:-1, None] + step[:, None] * position
    return np.asarray(np.exp(1j * theta), dtype=np.complex128)


def synthesize(
    phasors: NDArray[np.complex128], orders: tuple[int, ...], fundamental: NDArray[np.complex128]
) -> NDArray[np.float64]:
    """Samples (frames · samples, channels) of rms `phasors` (frames, channels, orders).

    A channel is √2 Re Σ X_h e^{jhθ} over `orders` (ascending), with e^{jθ} the `fundamental`
    (frames, samples) of `carrier`; the phasors hold still during a frame.
    """
    frames, samples = fundamental.shape
    basis = np.empty((frames, samples, 2 * len(orders)))
    gaps = np.diff((0, *orders))
    powers = {int(gap): fundamental ** int(gap) for gap in set(gaps.tolist())}
    turning = np.ones_like(fundamental)
    for index, gap in enumerate(gaps.tolist()):
        turning = turning * powers[gap]
        basis[:, :, 2 * index] = turning.real
        basis[:, :, 2 * index + 1] = turning.imag
    weights = np.empty((frames, 2 * len(orders), phasors.shape[1]))
    weights[:, 0::2, :] = np.sqrt(2.0) * phasors.real.transpose(0, 2, 1)
    weights[:, 1::2, :] = -np.sqrt(2.0) * phasors.imag.transpose(0, 2, 1)
    return np.asarray(basis @ weights).reshape(frames * samples, phasors.shape[1])
