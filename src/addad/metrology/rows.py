"""Rows of eight channels side by side, as the kernels hold them: one vector register each.

A row is a tuple of eight numbers; the compiler keeps it in a register from one sample to the next.
"""

import numpy as np
from numpy.typing import NDArray

from addad.metrology.kernels import kernel

BATCH = 64
"""Rows that are summed in single precision before they go into a double one."""

Rows = NDArray[np.float32]
AnyRows = NDArray[np.float32] | NDArray[np.float64]
Single = np.float32 | float
Row = tuple[Single, Single, Single, Single, Single, Single, Single, Single]


@kernel
def nothing() -> Row:
    """A row of zeros, of single precision."""
    z = np.float32(0.0)
    return (z, z, z, z, z, z, z, z)


@kernel
def row_at(x: Rows, n: int) -> Row:
    """Row n of `x` (n, 8)."""
    return (x[n, 0], x[n, 1], x[n, 2], x[n, 3], x[n, 4], x[n, 5], x[n, 6], x[n, 7])


@kernel
def plus(a: Row, x: Rows, n: int) -> Row:
    """`a` and row n of `x`."""
    return (
        a[0] + x[n, 0],
        a[1] + x[n, 1],
        a[2] + x[n, 2],
        a[3] + x[n, 3],
        a[4] + x[n, 4],
        a[5] + x[n, 5],
        a[6] + x[n, 6],
        a[7] + x[n, 7],
    )


@kernel
def plus_times(a: Row, x: Rows, n: int, w: Single) -> Row:
    """`a` and `w` times row n of `x`."""
    return (
        a[0] + x[n, 0] * w,
        a[1] + x[n, 1] * w,
        a[2] + x[n, 2] * w,
        a[3] + x[n, 3] * w,
        a[4] + x[n, 4] * w,
        a[5] + x[n, 5] * w,
        a[6] + x[n, 6] * w,
        a[7] + x[n, 7] * w,
    )


@kernel
def plus_squares(a: Row, x: Rows, n: int) -> Row:
    """`a` and the squares of row n of `x`."""
    return (
        a[0] + x[n, 0] * x[n, 0],
        a[1] + x[n, 1] * x[n, 1],
        a[2] + x[n, 2] * x[n, 2],
        a[3] + x[n, 3] * x[n, 3],
        a[4] + x[n, 4] * x[n, 4],
        a[5] + x[n, 5] * x[n, 5],
        a[6] + x[n, 6] * x[n, 6],
        a[7] + x[n, 7] * x[n, 7],
    )


@kernel
def plus_products(a: Row, x: Rows, n: int) -> Row:
    """`a` and the products of row n of `x` that powers need.

    u i of the three phases, the square of the three currents' sum, the squares of the three
    voltages from line to line.
    """
    u1, u2, u3, i1, i2, i3 = x[n, 0], x[n, 1], x[n, 2], x[n, 4], x[n, 5], x[n, 6]
    neutral = i1 + i2 + i3
    u12, u23, u31 = u1 - u2, u2 - u3, u3 - u1
    return (
        a[0] + u1 * i1,
        a[1] + u2 * i2,
        a[2] + u3 * i3,
        a[3] + neutral * neutral,
        a[4] + u12 * u12,
        a[5] + u23 * u23,
        a[6] + u31 * u31,
        a[7],
    )


@kernel
def larger(a: Row, x: Rows, n: int) -> Row:
    """The larger of `a` and the magnitudes of row n of `x`, lane by lane."""
    return (
        max(a[0], abs(x[n, 0])),
        max(a[1], abs(x[n, 1])),
        max(a[2], abs(x[n, 2])),
        max(a[3], abs(x[n, 3])),
        max(a[4], abs(x[n, 4])),
        max(a[5], abs(x[n, 5])),
        max(a[6], abs(x[n, 6])),
        max(a[7], abs(x[n, 7])),
    )


@kernel
def write(a: Row, out: AnyRows, n: int) -> None:
    """Write `a` as row n of `out`, of any precision."""
    out[n, 0], out[n, 1], out[n, 2], out[n, 3] = a[0], a[1], a[2], a[3]
    out[n, 4], out[n, 5], out[n, 6], out[n, 7] = a[4], a[5], a[6], a[7]


@kernel
def add(a: Row, out: AnyRows, n: int) -> None:
    """Add `a` to row n of `out`, of any precision."""
    out[n, 0] += a[0]
    out[n, 1] += a[1]
    out[n, 2] += a[2]
    out[n, 3] += a[3]
    out[n, 4] += a[4]
    out[n, 5] += a[5]
    out[n, 6] += a[6]
    out[n, 7] += a[7]


@kernel
def add_times(a: Row, w: Single, out: Rows, n: int) -> None:
    """Add `w` times `a` to row n of `out`."""
    out[n, 0] += w * a[0]
    out[n, 1] += w * a[1]
    out[n, 2] += w * a[2]
    out[n, 3] += w * a[3]
    out[n, 4] += w * a[4]
    out[n, 5] += w * a[5]
    out[n, 6] += w * a[6]
    out[n, 7] += w * a[7]
