"""Rows of eight channels side by side, as the kernels hold them.

A row of the sample store holds eight channels in single precision; in compiled code it is a vector
of its own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numpy.typing import NDArray

from addad.metrology.kernels import kernel
from addad.metrology.vectors import (
    I32,
    ROW,
    Vector,
    below,
    constant,
    inline,
    loading,
    magnitude,
    moved,
    place_of,
    pointer,
)

BATCH = 64
"""Rows that are summed in single precision before they go into a double one."""

Rows = NDArray[np.float32]
AnyRows = NDArray[np.float32] | NDArray[np.float64]


class Row(Vector):
    """Eight numbers of single precision in a register; lives in compiled code only."""


_row_at = loading(ROW)
_halves_swapped = moved((4, 5, 6, 7, 0, 1, 2, 3))
_next_phase = moved((1, 2, 0, 3, 5, 6, 4, 7))


@inline
def _nothing(typing: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return constant(ROW, 0.0)

    return ROW(), code


@inline
def _sample_at(typing: Any, x: Any, n: Any, voltages: Any, currents: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        x, n, voltages, currents = args
        double = signature.args[0].dtype == types.float64
        octets = ir.IntType(64)(8 if double else 4)
        number = ir.DoubleType() if double else ir.FloatType()
        place = place_of(context, builder, signature.args[0], x, n)
        behind = builder.gep(place, [builder.mul(voltages, octets)])
        halves = []
        for begin, count in ((place, voltages), (behind, currents)):
            four = pointer(builder, begin, ir.VectorType(number, 4))
            four = builder.load(four, align=8 if double else 4)
            if double:
                four = builder.fptrunc(four, ir.VectorType(ir.FloatType(), 4))
            kept = below(builder, 4, count)
            halves.append(builder.select(kept, four, ir.Constant(four.type, [0.0] * 4)))
        lanes = ir.Constant(ir.VectorType(I32, ROW.lanes), list(range(ROW.lanes)))
        return builder.shuffle_vector(halves[0], halves[1], lanes)

    return ROW(x, types.int64, types.int64, types.int64), code


@inline
def _all_within(typing: Any, a: Any, limits: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        within = builder.fcmp_ordered("<", magnitude(builder, ROW, args[0]), args[1])
        every = builder.bitcast(within, ir.IntType(ROW.lanes))
        return builder.icmp_unsigned("==", every, ir.IntType(ROW.lanes)(2**ROW.lanes - 1))

    return types.boolean(ROW, ROW), code


@inline
def _root(typing: Any, a: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = ir.FunctionType(ROW.code, [ROW.code])
        root = builder.module.declare_intrinsic("llvm.sqrt.v8f32", fnty=kind)
        return builder.call(root, args)

    return ROW(ROW), code


@kernel
def nothing() -> Row:
    """A row of zeros."""
    return _nothing()  # type: ignore[no-any-return]


@kernel
def row_at(x: Rows, n: int) -> Row:
    """Row n of `x` (n, 8)."""
    return _row_at(x, n)  # type: ignore[no-any-return]


@kernel
def sample_at(x: AnyRows, n: int, voltages: int, currents: int) -> Row:
    """Row n of samples (n, voltages + currents): voltages from lane 0 on, currents from lane 4 on.

    Reads up to three numbers behind the row, which must be there.
    """
    return _sample_at(x, n, voltages, currents)  # type: ignore[no-any-return]


@kernel
def all_within(a: Row, limits: Row) -> bool:
    """Whether each lane's magnitude is below its limit; NaN is not."""
    return _all_within(a, limits)  # type: ignore[no-any-return]


@kernel
def root(a: Row) -> Row:
    """The square roots."""
    return _root(a)  # type: ignore[no-any-return]


@kernel
def currents_first(a: Row) -> Row:
    """The row with its halves exchanged: currents, then voltages."""
    return _halves_swapped(a)  # type: ignore[no-any-return]


@kernel
def next_phase(a: Row) -> Row:
    """The row with L2, L3, L1 where L1, L2, L3 were, in both halves."""
    return _next_phase(a)  # type: ignore[no-any-return]
