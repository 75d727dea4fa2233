"""Four numbers of double precision side by side: what the voltages' streams calculate with.

A lane is a voltage, or a line of its spectrum.
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
    QUAD,
    Numbers,
    Vector,
    below,
    inline,
    loading,
    magnitude,
    place_of,
    pointer,
    spread,
)

LANES = QUAD.lanes

Quads = NDArray[np.float64]


class Quad(Vector):
    """Four numbers of double precision in a register; lives in compiled code only."""


_quad_at = loading(QUAD)


@inline
def _quad_of(typing: Any, number: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return spread(builder, QUAD.code, args[0])

    return QUAD(types.float64), code


@inline
def _numbers_at(typing: Any, x: Any, n: Any, count: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        x, n, count = args
        double = signature.args[0].dtype == types.float64
        number = ir.DoubleType() if double else ir.FloatType()
        four = ir.VectorType(number, QUAD.lanes)
        mask = ir.VectorType(ir.IntType(1), QUAD.lanes)
        kind = ir.FunctionType(four, [four.as_pointer(), I32, mask, four])
        name = f"llvm.masked.load.v4f{64 if double else 32}.p0"
        load = builder.module.declare_intrinsic(name, fnty=kind)
        place = pointer(builder, place_of(context, builder, signature.args[0], x, n), four)
        zeros = ir.Constant(four, [0.0] * QUAD.lanes)
        kept = below(builder, QUAD.lanes, count)
        found = builder.call(load, [place, I32(8 if double else 4), kept, zeros])
        return found if double else builder.fpext(found, QUAD.code)

    return QUAD(x, types.int64, types.int64), code


@inline
def _below_or(typing: Any, a: Any, most: Any, b: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        a, most, b = args
        kept = builder.fcmp_ordered("<", magnitude(builder, QUAD, a), most)
        return builder.select(kept, a, b)

    return QUAD(QUAD, QUAD, QUAD), code


@kernel
def quad_at(x: Quads, n: int) -> Quad:
    """Row n of `x` (n, 4)."""
    return _quad_at(x, n)  # type: ignore[no-any-return]


@kernel
def quad_of(number: float) -> Quad:
    """The same number four times."""
    return _quad_of(number)  # type: ignore[no-any-return]


@kernel
def numbers_at(x: Numbers, n: int, count: int) -> Quad:
    """The first `count` numbers of row n of `x`, four at most, and zeros behind them."""
    return _numbers_at(x, n, count)  # type: ignore[no-any-return]


@kernel
def below_or(a: Quad, most: Quad, b: Quad) -> Quad:
    """The numbers of `a` whose magnitudes are below those of `most`, of `b` where they are not.

    NaN is not below anything.
    """
    return _below_or(a, most, b)  # type: ignore[no-any-return]
