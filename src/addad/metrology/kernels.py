"""How the instrument's kernels are compiled: once, at set-up, and cached.

A row of the sample store holds eight channels, which one vector register takes. The superword-level
vectoriser, which Numba leaves off, finds that in sums side by side, and is three times as
fast; only fused multiply-adds are allowed to change a rounding, so NaN and order of sums are kept.
"""

from numba import config, njit

config.SLP_VECTORIZE = 1  # type: ignore[attr-defined]

kernel = njit(cache=True, fastmath={"contract"}, error_model="numpy")
"""The decorator of every kernel."""
