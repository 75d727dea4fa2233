"""Blocks of samples as they are given, made what the compiled kernels read.

A kernel takes the channels of a sample as numbers side by side; another order, or another kind of
number, would be read as if it were that.
"""

import numpy as np
from numpy.typing import NDArray

from addad.errors import InputError

Samples = NDArray[np.float32] | NDArray[np.float64]

BEYOND = 2e7
"""Volts and amperes that no channel measures: they count as not finite."""
_PLAIN = (np.dtype(np.float32), np.dtype(np.float64))
_NUMBERS = "fiu"


def plain(samples: Samples) -> Samples:
    """The same samples in rows of float32 or float64; whole numbers become float64.

    Without a copy where they are so. Raises InputError for what is no array of real numbers.
    """
    if not isinstance(samples, np.ndarray):
        raise InputError(
            f"samples as {type(samples).__name__}: give a NumPy array of float32 or float64"
        )
    if samples.dtype in _PLAIN and samples.flags.carray:
        return samples
    if samples.dtype.kind not in _NUMBERS:
        raise InputError(f"samples of type {samples.dtype}: give float32 or float64")
    wanted = np.float32 if samples.dtype == np.float32 else np.float64
    with np.errstate(over="ignore"):
        return np.require(samples, wanted, ["C", "A", "W", "E"])
