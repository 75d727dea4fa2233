"""What one row of a profile or log holds: columns of fixed length, already encoded.

Profile generic of the Blue Book: a capture object names each column. As every column has one type
of one length, a row can be cut without being decoded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, Generic, TypeVar

from addad.cosem.classes.measurement import CaptureObject
from addad.dlms.types import DataType
from addad.obis import Obis

T = TypeVar("T")
V = TypeVar("V")

_STRUCTURE: Final = 0x02
DATA: Final = 1
REGISTER: Final = 3
CLOCK: Final = 8
LIMITER: Final = 71
VALUE: Final = 2


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """One column: its name, its length with the tag, and where its value comes from."""

    capture: CaptureObject
    octets: int
    encode: Callable[[T], bytes]


def column(
    class_id: int,
    name: Obis,
    kind: DataType[V],
    octets: int,
    source: Callable[[T], V],
    *,
    index: int = VALUE,
) -> Column[T]:
    """The column of an attribute of an object; `octets` is the encoded length of `kind`."""
    return Column(
        CaptureObject(class_id, name, index), octets, lambda captured: kind.encode(source(captured))
    )


class Layout(Generic[T]):
    """The columns of a table, in order."""

    def __init__(self, *columns: Column[T]) -> None:
        self.columns = columns
        self._starts = tuple(accumulate((one.octets for one in columns), initial=0))
        self._head = bytes((_STRUCTURE, len(columns)))

    @property
    def row_octets(self) -> int:
        """The length of an encoded row, with the head of its structure."""
        return len(self._head) + self._starts[-1]

    @property
    def capture_objects(self) -> tuple[CaptureObject, ...]:
        """The names of the columns."""
        return tuple(one.capture for one in self.columns)

    def row(self, captured: T) -> bytes:
        """Encode one row."""
        return self._head + b"".join(one.encode(captured) for one in self.columns)

    def field(self, row: bytes, index: int) -> bytes:
        """The encoded value of one column of a row."""
        at = len(self._head) + self._starts[index]
        return row[at : at + self.columns[index].octets]

    def cut(self, row: bytes, columns: Sequence[int]) -> bytes:
        """A row with only the columns of these numbers, in this order."""
        head = bytes((_STRUCTURE, len(columns)))
        return head + b"".join(self.field(row, index) for index in columns)
