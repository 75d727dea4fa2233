"""The bounded cursor: the only thing that indexes octets.

IEC 62056-5-3 (A-XDR); multi-octet integers are big-endian.
"""

from __future__ import annotations

from struct import Struct, error
from typing import Final, NoReturn

from addad.errors import DecodeError, LocalProtocolError

LENGTH_MAX: Final = 0xFFFFFFFF

_I8, _I16, _I32, _I64 = Struct(">b"), Struct(">h"), Struct(">i"), Struct(">q")
_U16, _U32, _U64 = Struct(">H"), Struct(">I"), Struct(">Q")


class Cursor:
    """Reads octets from left to right; each read returns or raises `DecodeError`."""

    __slots__ = ("_octets", "position")

    def __init__(self, octets: bytes, position: int = 0) -> None:
        self._octets = octets
        self.position = position

    def __repr__(self) -> str:
        return f"Cursor({self.position} of {len(self._octets)})"

    @property
    def remaining(self) -> int:
        """How many octets are still unread."""
        return len(self._octets) - self.position

    @property
    def at_end(self) -> bool:
        """Whether all octets were read."""
        return self.position >= len(self._octets)

    def peek(self) -> int:
        """The next octet, left unread."""
        try:
            return self._octets[self.position]
        except IndexError:
            self.fail(1)

    def u8(self) -> int:
        """One octet, 0 to 255."""
        try:
            value = self._octets[self.position]
        except IndexError:
            self.fail(1)
        self.position += 1
        return value

    def i8(self) -> int:
        """One octet, -128 to 127."""
        return int(self.unpack(_I8))

    def u16(self) -> int:
        """Two octets, unsigned."""
        return int(self.unpack(_U16))

    def i16(self) -> int:
        """Two octets, signed."""
        return int(self.unpack(_I16))

    def u32(self) -> int:
        """Four octets, unsigned."""
        return int(self.unpack(_U32))

    def i32(self) -> int:
        """Four octets, signed."""
        return int(self.unpack(_I32))

    def u64(self) -> int:
        """Eight octets, unsigned."""
        return int(self.unpack(_U64))

    def i64(self) -> int:
        """Eight octets, signed."""
        return int(self.unpack(_I64))

    def boolean(self) -> bool:
        """One octet; any non-zero one is true."""
        return self.u8() != 0

    def unpack(self, form: Struct) -> int | float:
        """The one number of a big-endian form."""
        try:
            value: int | float = form.unpack_from(self._octets, self.position)[0]
        except error:
            self.fail(form.size)
        self.position += form.size
        return value

    def take(self, size: int) -> bytes:
        """The next `size` octets."""
        start = self.position
        end = start + size
        if size < 0 or end > len(self._octets):
            self.fail(size)
        self.position = end
        return self._octets[start:end]

    def rest(self) -> bytes:
        """All octets still unread; leaves the cursor at the end."""
        return self.take(self.remaining)

    def since(self, start: int) -> bytes:
        """The octets read since the cursor stood at `start`."""
        return self._octets[start : self.position]

    def skip(self, size: int) -> None:
        """Pass over `size` octets."""
        end = self.position + size
        if size < 0 or end > len(self._octets):
            self.fail(size)
        self.position = end

    def length(self) -> int:
        """A length or count: one octet to 127, else 81 to 84 and that many octets."""
        first = self.u8()
        if first < 0x80:
            return first
        octets = first & 0x7F
        if not 1 <= octets <= 4:
            raise DecodeError(f"a length cannot begin with {first:02X}")
        return int.from_bytes(self.take(octets), "big")

    def octet_string(self) -> bytes:
        """A length, and that many octets."""
        return self.take(self.length())

    def expect_end(self) -> None:
        """Raise `DecodeError` unless all octets were read."""
        if not self.at_end:
            raise DecodeError(f"{self.remaining} octets too many")

    def fail(self, size: int) -> NoReturn:
        """Raise the `DecodeError` of octets that are missing."""
        raise DecodeError(f"{size} octets wanted at {self.position}, {self.remaining} left")


def encode_length(length: int) -> bytes:
    """A length or count in its shortest form; raises `LocalProtocolError` beyond 32 bits."""
    if 0 <= length < 0x80:
        return bytes((length,))
    if not 0 <= length <= LENGTH_MAX:
        raise LocalProtocolError(f"{length} is no length")
    size = (length.bit_length() + 7) // 8
    return bytes((0x80 | size,)) + length.to_bytes(size, "big")


def encode_octet_string(octets: bytes) -> bytes:
    """The length of the octets, and the octets."""
    return encode_length(len(octets)) + octets
