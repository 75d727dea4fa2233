"""Rows of eight channels side by side, as the kernels hold them: one vector register each.

A row of the sample store holds eight channels in single precision. In compiled code it is a value
of its own, with sums and products lane by lane; the compiler makes of it what the machine's
registers are, and may fuse a product into a sum.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, overload, register_model
from numpy.typing import NDArray

from addad.metrology.kernels import kernel

BATCH = 64
"""Rows that are summed in single precision before they go into a double one."""
_LANES = 8
_FUSED = ("contract",)
_SINGLE = ir.VectorType(ir.FloatType(), _LANES)
_DOUBLE = ir.VectorType(ir.DoubleType(), _LANES)

Rows = NDArray[np.float32]
AnyRows = NDArray[np.float32] | NDArray[np.float64]
Single = np.float32 | float


_Code = Callable[..., Any]


def _inline(function: _Code) -> _Code:
    """Numba's decorator, typed."""
    made: _Code = intrinsic(function)
    return made


def _operator(of: Callable[..., Any], function: _Code) -> None:
    """Let compiled code use an intrinsic of two rows for an operator."""

    @overload(of, strict=False)
    def choose(a: Any, b: Any) -> Any:
        rows = isinstance(a, RowType) and isinstance(b, RowType)
        return (lambda a, b: function(a, b)) if rows else None  # noqa: PLW0108


class Row:
    """Eight numbers of single precision in a register; lives in compiled code only."""

    def __add__(self, other: Row) -> Row:
        raise TypeError("a row lives in compiled code only")

    __sub__ = __add__

    def __mul__(self, other: Row | Single) -> Row:
        raise TypeError("a row lives in compiled code only")


class RowType(types.Type):
    """The compiler's name of a Row."""

    def __init__(self) -> None:
        super().__init__(name="Row")


_ROW = RowType()


@register_model(RowType)
class _RowModel(models.PrimitiveModel):
    def __init__(self, dmm: Any, fe_type: Any) -> None:
        super().__init__(dmm, fe_type, _SINGLE)  # type: ignore[no-untyped-call]


def _place(context: Any, builder: Any, array_type: Any, array: Any, row: Any) -> Any:
    """The address of a row of an array whose rows are contiguous."""
    parts = context.make_array(array_type)(context, builder, array)
    stride = cgutils.unpack_tuple(builder, parts.strides)[0]  # type: ignore[no-untyped-call]
    octets = builder.bitcast(parts.data, ir.IntType(8).as_pointer())
    return builder.gep(octets, [builder.mul(row, stride)])


def _vector(builder: Any, place: Any, kind: Any) -> Any:
    return builder.bitcast(place, kind.as_pointer())


def _spread(builder: Any, number: Any) -> Any:
    """A vector of the same number in each lane."""
    none = ir.Constant(_SINGLE, ir.Undefined)
    first = builder.insert_element(none, number, ir.IntType(32)(0))
    lanes = ir.Constant(ir.VectorType(ir.IntType(32), _LANES), [0] * _LANES)
    return builder.shuffle_vector(first, none, lanes)


@_inline
def _nothing(typing: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return ir.Constant(_SINGLE, [0.0] * _LANES)

    return _ROW(), code


@_inline
def _row_at(typing: Any, x: Any, n: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = _place(context, builder, signature.args[0], *args)
        return builder.load(_vector(builder, place, _SINGLE), align=4)

    return _ROW(x, types.intp), code


@_inline
def _write(typing: Any, a: Any, out: Any, n: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = _place(context, builder, signature.args[1], *args[1:])
        if signature.args[1].dtype == types.float64:
            wide = builder.fpext(args[0], _DOUBLE)
            builder.store(wide, _vector(builder, place, _DOUBLE), align=8)
        else:
            builder.store(args[0], _vector(builder, place, _SINGLE), align=4)
        return context.get_dummy_value()

    return types.none(a, out, types.intp), code


@_inline
def _add(typing: Any, a: Any, out: Any, n: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = _place(context, builder, signature.args[1], *args[1:])
        double = signature.args[1].dtype == types.float64
        kind, align = (_DOUBLE, 8) if double else (_SINGLE, 4)
        place = _vector(builder, place, kind)
        more = builder.fpext(args[0], _DOUBLE) if double else args[0]
        builder.store(builder.fadd(builder.load(place, align=align), more), place, align=align)
        return context.get_dummy_value()

    return types.none(a, out, types.intp), code


@_inline
def _sample_at(typing: Any, x: Any, n: Any, voltages: Any, currents: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        x, n, voltages, currents = args
        double = signature.args[0].dtype == types.float64
        octets = ir.IntType(64)(8 if double else 4)
        number = ir.DoubleType() if double else ir.FloatType()
        place = _place(context, builder, signature.args[0], x, n)
        behind = builder.gep(place, [builder.mul(voltages, octets)])
        kind, counts = ir.VectorType(ir.IntType(64), 4), ir.Constant(ir.IntType(32), 0)
        halves = []
        for begin, count in ((place, voltages), (behind, currents)):
            four = _vector(builder, begin, ir.VectorType(number, 4))
            four = builder.load(four, align=8 if double else 4)
            if double:
                four = builder.fptrunc(four, ir.VectorType(ir.FloatType(), 4))
            none = ir.Constant(kind, ir.Undefined)
            limit = builder.insert_element(none, count, counts)
            zeros = ir.Constant(ir.VectorType(ir.IntType(32), 4), [0] * 4)
            limit = builder.shuffle_vector(limit, none, zeros)
            kept = builder.icmp_signed("<", ir.Constant(kind, list(range(4))), limit)
            halves.append(builder.select(kept, four, ir.Constant(four.type, [0.0] * 4)))
        lanes = ir.Constant(ir.VectorType(ir.IntType(32), _LANES), list(range(_LANES)))
        return builder.shuffle_vector(halves[0], halves[1], lanes)

    return _ROW(x, types.int64, types.int64, types.int64), code


@_inline
def _all_within(typing: Any, a: Any, limits: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        within = builder.fcmp_ordered("<", _magnitude(builder, args[0]), args[1])
        every = builder.bitcast(within, ir.IntType(_LANES))
        return builder.icmp_unsigned("==", every, ir.IntType(_LANES)(2**_LANES - 1))

    return types.boolean(_ROW, _ROW), code


def _lane_by_lane(build: Callable[[Any, Any, Any], Any], second: Any) -> Any:
    """An intrinsic of two rows, or of a row and a number."""

    @_inline
    def operation(typing: Any, a: Any, b: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            b = args[1] if second is _ROW else _spread(builder, args[1])
            return build(builder, args[0], b)

        return _ROW(_ROW, second), code

    return operation


_sum = _lane_by_lane(lambda builder, a, b: builder.fadd(a, b, flags=_FUSED), _ROW)
_difference = _lane_by_lane(lambda builder, a, b: builder.fsub(a, b, flags=_FUSED), _ROW)
_product = _lane_by_lane(lambda builder, a, b: builder.fmul(a, b, flags=_FUSED), _ROW)
_scaled = _lane_by_lane(lambda builder, a, b: builder.fmul(a, b, flags=_FUSED), types.float32)


def _magnitude(builder: Any, a: Any) -> Any:
    kind = ir.VectorType(ir.IntType(32), _LANES)
    bits = builder.and_(builder.bitcast(a, kind), ir.Constant(kind, [0x7FFFFFFF] * _LANES))
    return builder.bitcast(bits, _SINGLE)


def _larger_magnitude(builder: Any, a: Any, b: Any) -> Any:
    b = _magnitude(builder, b)
    return builder.select(builder.fcmp_ordered(">", b, a), b, a)


_larger = _lane_by_lane(_larger_magnitude, _ROW)


@_inline
def _root(typing: Any, a: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = ir.FunctionType(_SINGLE, [_SINGLE])
        root = builder.module.declare_intrinsic("llvm.sqrt.v8f32", fnty=kind)
        return builder.call(root, args)

    return _ROW(_ROW), code


def _moved(lanes: Sequence[int]) -> Any:
    """An intrinsic that gives each lane the number of another one."""

    @_inline
    def operation(typing: Any, a: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            mask = ir.Constant(ir.VectorType(ir.IntType(32), _LANES), list(lanes))
            return builder.shuffle_vector(args[0], ir.Constant(_SINGLE, ir.Undefined), mask)

        return _ROW(_ROW), code

    return operation


_halves_swapped = _moved((4, 5, 6, 7, 0, 1, 2, 3))
_next_phase = _moved((1, 2, 0, 3, 5, 6, 4, 7))


for _of in (operator.add, operator.iadd):
    _operator(_of, _sum)
_operator(operator.sub, _difference)
_operator(operator.mul, _product)


@overload(operator.mul, strict=False)
def _scale(a: Any, b: Any) -> Any:
    if isinstance(a, RowType) and isinstance(b, types.Float):
        return lambda a, b: _scaled(a, b)  # noqa: PLW0108
    return None


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
def larger(a: Row, b: Row) -> Row:
    """The larger of `a` and the magnitude of `b`, lane by lane."""
    return _larger(a, b)  # type: ignore[no-any-return]


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


@kernel
def write(a: Row, out: AnyRows, n: int) -> None:
    """Write `a` as row n of `out`, of any precision."""
    _write(a, out, n)


@kernel
def add(a: Row, out: AnyRows, n: int) -> None:
    """Add `a` to row n of `out`, of any precision."""
    _add(a, out, n)
