"""Channels that were sampled one after another, brought back to one instant.

A recorder with one converter for all channels states how much later each was sampled (COMTRADE's
skew); unmended, 100 µs are 1.8° at 50 Hz, and falsify power at a low power factor.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from addad.world.recording import Blocks

HALF_TAPS = 16
_KAISER_BETA = 10.0
NEGLIGIBLE = 1e-4
MAX_SKEW_SAMPLES = 8.0


def aligned(blocks: Blocks, delays: Sequence[float]) -> Blocks:
    """The blocks (items, n, channels) as if all channels were sampled at their time stamps.

    `delays` are in samples; positive was sampled later. Flat to 0.4 of the sampling rate; blocks
    of other lengths come out, with the same samples in total. ValueError beyond some samples.
    """
    if any(abs(delay) > MAX_SKEW_SAMPLES for delay in delays):
        raise ValueError(f"delays {delays} beyond {MAX_SKEW_SAMPLES} samples")
    if all(abs(delay) < NEGLIGIBLE for delay in delays):
        yield from blocks
        return
    reach = HALF_TAPS + int(MAX_SKEW_SAMPLES)
    taps = [None if abs(delay) < NEGLIGIBLE else _taps(-delay, reach) for delay in delays]
    kept: NDArray[np.float64] | None = None
    for block in blocks:
        # the record's first sample stands for what was before it
        kept = (
            np.concatenate([np.repeat(block[:, :1], reach, axis=1), block], axis=1)
            if kept is None
            else np.concatenate([kept, block], axis=1)
        )
        if kept.shape[1] > 2 * reach:
            yield _filtered(kept, taps, reach)
            kept = kept[:, kept.shape[1] - 2 * reach :]
    if kept is not None:
        yield _filtered(np.concatenate([kept, np.repeat(kept[:, -1:], reach, 1)], 1), taps, reach)


def _filtered(
    kept: NDArray[np.float64], taps: Sequence[NDArray[np.float64] | None], reach: int
) -> NDArray[np.float64]:
    """Every sample that has `reach` others on both sides."""
    result = kept[:, reach : kept.shape[1] - reach].copy()
    for column, weights in enumerate(taps):
        if weights is None:
            continue
        for item in range(kept.shape[0]):
            result[item, :, column] = np.convolve(kept[item, :, column], weights, mode="valid")
    return result


def _taps(advance: float, reach: int) -> NDArray[np.float64]:
    """The windowed sinc whose convolution gives the wave `advance` samples later."""
    place = np.arange(-reach, reach + 1, dtype=np.float64) + advance
    inside = np.clip(1.0 - (place / HALF_TAPS) ** 2, 0.0, None)
    weights = np.sinc(place) * np.i0(_KAISER_BETA * np.sqrt(inside)) * (inside > 0.0)
    return np.asarray(weights / weights.sum())
