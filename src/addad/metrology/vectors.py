"""Vectors of numbers side by side, as the kernels hold them: one vector register each.

In compiled code a vector is a value of its own, with sums and products lane by lane; the compiler
makes of it what the machine's registers are, and may fuse a product into a sum. `rows.py` has those
of eight numbers of single precision, `quads.py` those of four of double precision.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any, Self, TypeVar

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, overload, register_model
from numpy.typing import NDArray

from addad.metrology.kernels import kernel

FUSED = ("contract",)
I32 = ir.IntType(32)

Code = Callable[..., Any]
Single = np.float32 | float
Numbers = NDArray[np.float32] | NDArray[np.float64]


class Vector:
    """Numbers side by side in a register; lives in compiled code only."""

    def __add__(self, other: Self) -> Self:
        raise TypeError("a vector lives in compiled code only")

    __sub__ = __add__
    __truediv__ = __add__

    def __mul__(self, other: Self | Single) -> Self:
        raise TypeError("a vector lives in compiled code only")


_Same = TypeVar("_Same", bound=Vector)


class VectorType(types.Type):
    """The compiler's name of a vector: so many lanes of a number."""

    def __init__(self, name: str, number: Any, lanes: int) -> None:
        self.number = number
        self.lanes = lanes
        super().__init__(name=name)

    @property
    def code(self) -> Any:
        """What the compiler's back end calls it."""
        single = self.number == types.float32
        return ir.VectorType(ir.FloatType() if single else ir.DoubleType(), self.lanes)

    @property
    def octets(self) -> int:
        """The size of a number, by which its place in memory is aligned."""
        return int(self.number.bitwidth) // 8


ROW = VectorType("Row", types.float32, 8)
QUAD = VectorType("Quad", types.float64, 4)


@register_model(VectorType)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, dmm: Any, fe_type: Any) -> None:
        super().__init__(dmm, fe_type, fe_type.code)  # type: ignore[no-untyped-call]


def inline(function: Code) -> Code:
    """Numba's decorator of what writes its own code, typed."""
    made: Code = intrinsic(function)
    return made


def place_of(context: Any, builder: Any, array_type: Any, array: Any, row: Any) -> Any:
    """The address of a row of an array whose rows are contiguous."""
    parts = context.make_array(array_type)(context, builder, array)
    stride = cgutils.unpack_tuple(builder, parts.strides)[0]  # type: ignore[no-untyped-call]
    octets = builder.bitcast(parts.data, ir.IntType(8).as_pointer())
    return builder.gep(octets, [builder.mul(row, stride)])


def pointer(builder: Any, place: Any, kind: Any) -> Any:
    """The place as that of a value of this kind."""
    return builder.bitcast(place, kind.as_pointer())


def constant(kind: VectorType, value: float) -> Any:
    """The same number in each lane, known when the kernel is compiled."""
    return ir.Constant(kind.code, [value] * kind.lanes)


def spread(builder: Any, code: Any, number: Any) -> Any:
    """A vector of the same number in each lane."""
    none = ir.Constant(code, ir.Undefined)
    first = builder.insert_element(none, number, I32(0))
    lanes = ir.Constant(ir.VectorType(I32, code.count), [0] * code.count)
    return builder.shuffle_vector(first, none, lanes)


def below(builder: Any, lanes: int, count: Any) -> Any:
    """Which lanes are those before the lane `count`."""
    kind = ir.VectorType(ir.IntType(64), lanes)
    numbers = ir.Constant(kind, list(range(lanes)))
    return builder.icmp_signed("<", numbers, spread(builder, kind, count))


def loading(kind: VectorType) -> Code:
    """An intrinsic that reads row n of an array."""

    @inline
    def read(typing: Any, x: Any, n: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            place = place_of(context, builder, signature.args[0], *args)
            return builder.load(pointer(builder, place, kind.code), align=kind.octets)

        return kind(x, types.intp), code

    return read


def _lane_by_lane(build: Callable[[Any, VectorType, Any, Any], Any], scalar: bool = False) -> Code:
    """An intrinsic of two vectors, or of a vector and a number."""

    @inline
    def operation(typing: Any, a: Any, b: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            kind = signature.args[0]
            b = spread(builder, kind.code, args[1]) if scalar else args[1]
            return build(builder, kind, args[0], b)

        return a(a, a.number if scalar else a), code

    return operation


_sum = _lane_by_lane(lambda builder, _, a, b: builder.fadd(a, b, flags=FUSED))
_difference = _lane_by_lane(lambda builder, _, a, b: builder.fsub(a, b, flags=FUSED))
_product = _lane_by_lane(lambda builder, _, a, b: builder.fmul(a, b, flags=FUSED))
_quotient = _lane_by_lane(lambda builder, _, a, b: builder.fdiv(a, b, flags=FUSED))
_scaled = _lane_by_lane(lambda builder, _, a, b: builder.fmul(a, b, flags=FUSED), scalar=True)


def magnitude(builder: Any, kind: VectorType, a: Any) -> Any:
    """The numbers without their signs."""
    whole = ir.IntType(kind.number.bitwidth)
    bits = ir.VectorType(whole, kind.lanes)
    unsigned = ir.Constant(bits, [(1 << (whole.width - 1)) - 1] * kind.lanes)
    return builder.bitcast(builder.and_(builder.bitcast(a, bits), unsigned), kind.code)


def _larger_magnitude(builder: Any, kind: VectorType, a: Any, b: Any) -> Any:
    b = magnitude(builder, kind, b)
    return builder.select(builder.fcmp_ordered(">", b, a), b, a)


_larger = _lane_by_lane(_larger_magnitude)


def _wide(builder: Any, out: Any, a: Any, kind: VectorType) -> tuple[Any, Any, int]:
    """A vector in the precision of the array `out`, its code there, and its numbers' octets."""
    code, octets = ir.VectorType(ir.DoubleType(), kind.lanes), 8
    if out.dtype == kind.number:
        return a, kind.code, kind.octets
    return builder.fpext(a, code), code, octets


@inline
def _write(typing: Any, a: Any, out: Any, n: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind, array, _ = signature.args
        a, code, octets = _wide(builder, array, args[0], kind)
        place = pointer(builder, place_of(context, builder, array, *args[1:]), code)
        builder.store(a, place, align=octets)
        return context.get_dummy_value()

    return types.none(a, out, types.intp), code


@inline
def _add(typing: Any, a: Any, out: Any, n: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind, array, _ = signature.args
        a, code, octets = _wide(builder, array, args[0], kind)
        place = pointer(builder, place_of(context, builder, array, *args[1:]), code)
        builder.store(builder.fadd(builder.load(place, align=octets), a), place, align=octets)
        return context.get_dummy_value()

    return types.none(a, out, types.intp), code


def moved(lanes: Sequence[int]) -> Code:
    """An intrinsic that gives each lane the number of another one."""

    @inline
    def operation(typing: Any, a: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            mask = ir.Constant(ir.VectorType(I32, len(lanes)), list(lanes))
            none = ir.Constant(signature.args[0].code, ir.Undefined)
            return builder.shuffle_vector(args[0], none, mask)

        return a(a), code

    return operation


def _operator(of: Callable[..., Any], function: Code) -> None:
    """Let compiled code use an intrinsic of two vectors for an operator."""

    @overload(of, strict=False)
    def choose(a: Any, b: Any) -> Any:
        vectors = isinstance(a, VectorType) and a == b
        return (lambda a, b: function(a, b)) if vectors else None  # noqa: PLW0108


for _of in (operator.add, operator.iadd):
    _operator(_of, _sum)
for _of in (operator.sub, operator.isub):
    _operator(_of, _difference)
_operator(operator.mul, _product)
_operator(operator.truediv, _quotient)


@overload(operator.mul, strict=False)
def _scale(a: Any, b: Any) -> Any:
    if isinstance(a, VectorType) and isinstance(b, types.Float):
        return lambda a, b: _scaled(a, b)  # noqa: PLW0108
    return None


@kernel
def write(a: Vector, out: Numbers, n: int) -> None:
    """Write `a` as row n of `out`, of its own precision or of double."""
    _write(a, out, n)


@kernel
def add(a: Vector, out: Numbers, n: int) -> None:
    """Add `a` to row n of `out`, of its own precision or of double."""
    _add(a, out, n)


@kernel
def larger(a: _Same, b: _Same) -> _Same:
    """The larger of `a` and the magnitude of `b`, lane by lane."""
    return _larger(a, b)  # type: ignore[no-any-return]
