"""Edges of a window between the samples.

A window is a rectangle that a short kernel has smoothed: S(n - begin) - S(n - end), with S the
same smooth step for every edge. So the weights of adjacent windows add up to one at every sample,
none is lost or counted twice, and a window of whole cycles keeps its nulls at all harmonics. The
step is a sample's box and a Kaiser-Bessel kernel run together: what the sampling has folded back
from beyond the Nyquist frequency it holds off by more than 50 dB.
"""

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from addad.metrology.kernels import kernel

TAPS = 16
"""Samples that an edge weights."""
BEFORE = TAPS // 2 - 1
"""Samples that an edge needs before its own whole sample."""
AFTER = TAPS // 2 + 1
"""Samples that an edge needs from its own whole sample on."""
_STEPS = 512
"""Rows of the table from one sample to the next; it is straight in between."""
_BETA = 8.0
"""The kernel's shape: 50 dB against what is folded back, with its nulls at the harmonics."""

Floats = NDArray[np.float64]


@cache
def edge_table() -> Floats:
    """The step S (steps + 1, taps) at the samples around an edge `row / steps` behind a sample."""
    fine = 4
    points = np.arange(-TAPS * _STEPS * fine // 2, TAPS * _STEPS * fine // 2 + 1)
    place = points / (_STEPS * fine)
    inside = np.clip(1.0 - (2.0 * place / (TAPS - 1)) ** 2, 0.0, None)
    kernel = np.where(np.abs(place) < (TAPS - 1) / 2, np.i0(_BETA * np.sqrt(inside)), 0.0)
    rise = _integral(kernel)
    half = _STEPS * fine // 2
    ahead = np.concatenate([rise, np.full(half, rise[-1])])[half:]
    behind = np.concatenate([np.zeros(half), rise])[: len(rise)]
    step = _integral(ahead - behind)
    step /= step[-1]
    rows = np.arange(_STEPS + 1)[:, None]
    offset = (np.arange(TAPS)[None, :] - BEFORE) * _STEPS - rows
    return np.asarray(step[(offset + TAPS * _STEPS // 2) * fine])


def _integral(values: Floats) -> Floats:
    """Running integral by the trapezoidal rule, from 0."""
    return np.concatenate([[0.0], np.cumsum(0.5 * (values[1:] + values[:-1]))])


@kernel
def edge_weights(fraction: float, table: Floats, weights: Floats) -> None:
    """Weights (16) of the samples around an edge in the window that begins there.

    The samples are floor(edge) - BEFORE .. floor(edge) + AFTER - 1; `fraction` is how far the edge
    lies behind floor(edge), 0 to 1. The window that ends there has one minus these.
    """
    place = fraction * _STEPS
    row = min(math.floor(place), _STEPS - 1)
    part = place - row
    for k in range(TAPS):
        weights[k] = table[row, k] + part * (table[row + 1, k] - table[row, k])
