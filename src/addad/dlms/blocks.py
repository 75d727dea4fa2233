"""Long transfers: what does not fit one APDU goes in numbered blocks.

Green Book, IEC 62056-5-3 (service-specific block transfer). Outgoing octets are pulled as the
blocks leave, so that a long profile is never encoded whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from addad.dlms.octets import encode_length
from addad.errors import RemoteProtocolError

Encodable = bytes | Iterable[bytes]
"""Octets, whole or in pieces that are made when they are pulled."""


def pieces(encodable: Encodable) -> Iterator[bytes]:
    """The octets piece by piece."""
    return iter((encodable,)) if isinstance(encodable, bytes) else iter(encodable)


def structure(values: Sequence[Encodable]) -> Iterator[bytes]:
    """One structure of encoded values, as a GET of all attributes answers; still in pieces."""
    yield b"\x02" + encode_length(len(values))
    for value in values:
        yield from pieces(value)


def room(max_pdu: int, header: int) -> int:
    """How many octets fit a block, when its header and a length stand before them."""
    free = max_pdu - header
    for length_octets, most in ((1, 0x7F), (2, 0xFF), (3, 0xFFFF)):
        if free - length_octets <= most:
            return free - length_octets
    return free - 5


class OutgoingBlocks:
    """Cuts octets into blocks; holds no more than one block and one piece."""

    def __init__(self, encodable: Encodable) -> None:
        self._pieces = pieces(encodable)
        self._buffer = bytearray()
        self.number = 0
        """The number of the block that was cut last; the first is 1."""
        self.done = False
        """Whether the last block was cut."""

    def _fill(self, size: int) -> None:
        buffer = self._buffer
        while len(buffer) < size:
            piece = next(self._pieces, None)
            if piece is None:
                return
            buffer += piece

    def whole(self, size: int) -> bytes | None:
        """All octets, if they are `size` at most; else None, and nothing is lost."""
        self._fill(size + 1)
        return bytes(self._buffer) if len(self._buffer) <= size else None

    def cut(self, size: int) -> tuple[bool, int, bytes]:
        """The next block of `size` octets at most: whether it is the last, its number, octets."""
        self._fill(size + 1)
        contents = bytes(self._buffer[:size])
        del self._buffer[:size]
        self.number += 1
        self.done = not self._buffer
        return self.done, self.number, contents


class IncomingBlocks:
    """Joins blocks that arrive in order, up to a limit."""

    def __init__(self, max_octets: int) -> None:
        self._max_octets = max_octets
        self._octets = bytearray()
        self.number = 0
        """The number of the block that was taken last; the first is 1."""

    def take(self, number: int, contents: bytes, last: bool) -> None:
        """Add a block.

        Raises `RemoteProtocolError` for a wrong number, too many octets, or a block that brings
        nothing and is not the last: such blocks could come for ever.
        """
        if not contents and not last:
            raise RemoteProtocolError(f"block {number} is empty")
        if number != self.number + 1:
            raise RemoteProtocolError(f"block {self.number + 1} expected, {number} received")
        if len(self._octets) + len(contents) > self._max_octets:
            raise RemoteProtocolError(f"more than {self._max_octets} octets in blocks")
        self.number = number
        self._octets += contents

    def joined(self) -> bytes:
        """All octets taken so far."""
        return bytes(self._octets)
