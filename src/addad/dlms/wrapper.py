"""The wrapper that carries APDUs over TCP and UDP.

IEC 62056-47: version 1, source and destination wPort, length, each of two octets.
"""

from __future__ import annotations

from dataclasses import dataclass
from struct import Struct
from typing import Final

from addad.errors import DecodeError, LocalProtocolError

PORT: Final = 4059
MAX_APDU: Final = 0xFFFF
HEADER_OCTETS: Final = 8
_VERSION: Final = 1
_HEADER: Final = Struct(">HHHH")


@dataclass(frozen=True, slots=True)
class WrapperFrame:
    """An APDU and the two wPorts it travels between."""

    source: int
    destination: int
    apdu: bytes

    def encode(self) -> bytes:
        """The octets of the frame; raises `LocalProtocolError` for what has no place in one."""
        size = len(self.apdu)
        ports = self.source | self.destination
        if not 1 <= size <= MAX_APDU or not 0 <= ports <= 0xFFFF:
            raise LocalProtocolError(
                f"{size} octets from {self.source} to {self.destination} are no frame"
            )
        return _HEADER.pack(_VERSION, self.source, self.destination, size) + self.apdu

    @classmethod
    def decode(cls, octets: bytes) -> WrapperFrame:
        """The one frame that these octets are, as in a datagram; raises `DecodeError`."""
        if len(octets) <= HEADER_OCTETS:
            raise DecodeError(f"{len(octets)} octets are no frame")
        version, source, destination, size = _HEADER.unpack_from(octets)
        if version != _VERSION:
            raise DecodeError(f"a wrapper of version {version}")
        if size != len(octets) - HEADER_OCTETS:
            raise DecodeError(f"a wrapper around {size} octets, of which others are there")
        return cls(source, destination, octets[HEADER_OCTETS:])


class WrapperDecoder:
    """Makes frames of octets as they come; keeps at most one incomplete frame."""

    __slots__ = ("_buffer", "max_apdu")

    def __init__(self, max_apdu: int = MAX_APDU) -> None:
        self.max_apdu = max_apdu
        self._buffer = bytearray()

    @property
    def buffered(self) -> int:
        """How many octets wait for the rest of their frame."""
        return len(self._buffer)

    def feed(self, octets: bytes) -> list[WrapperFrame]:
        """The frames that these octets complete.

        Raises `DecodeError` for octets that are no frame: the link cannot be trusted any more.
        """
        if not self._buffer:  # almost always: whole frames come
            frames, taken = self._cut(octets)
            if taken < len(octets):
                self._buffer += octets[taken:]
            return frames
        self._buffer += octets
        frames, taken = self._cut(self._buffer)
        del self._buffer[:taken]
        return frames

    def _cut(self, buffer: bytes | bytearray) -> tuple[list[WrapperFrame], int]:
        """The whole frames that stand here, and how many octets they take."""
        frames: list[WrapperFrame] = []
        start = 0
        while len(buffer) - start >= HEADER_OCTETS:
            version, source, destination, size = _HEADER.unpack_from(buffer, start)
            if version != _VERSION:
                raise DecodeError(f"a wrapper of version {version}")
            if not 1 <= size <= self.max_apdu:
                raise DecodeError(f"a wrapper around {size} octets; {self.max_apdu} is the limit")
            end = start + HEADER_OCTETS + size
            if end > len(buffer):
                break
            apdu = bytes(buffer[start + HEADER_OCTETS : end])
            frames.append(WrapperFrame(source, destination, apdu))
            start = end
        return frames, start
