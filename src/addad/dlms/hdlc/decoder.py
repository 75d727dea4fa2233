"""Frames out of a stream of octets: what is broken is counted and passed over, as a link does.

IEC 62056-46: a serial line has noise, and a closing flag may open the next frame. After octets that
are no frame the search goes on at the next flag among them.
"""

from __future__ import annotations

from typing import Final

from addad.dlms.hdlc.frame import FLAG, LENGTH_MAX, Frame, read_format, read_frame
from addad.errors import DecodeError

BUFFERED_MAX: Final = LENGTH_MAX + 2
"""Octets kept at most: one frame that lacks its closing flag."""
_HEAD: Final = 3


class FrameDecoder:
    """Makes frames of octets as they come; keeps at most one incomplete frame."""

    def __init__(self) -> None:
        self.broken = 0
        """How many flags opened what is no frame, since the beginning."""
        self.noise_octets = 0
        """How many octets stood outside of frames, flags aside."""
        self._buffer = bytearray()

    @property
    def buffered(self) -> int:
        """How many octets wait for the rest of their frame."""
        return len(self._buffer)

    def feed(self, octets: bytes) -> list[Frame]:
        """The frames that these octets complete; raises nothing."""
        self._buffer += octets
        return self._scan()

    def silence(self) -> list[Frame]:
        """The line was silent for too long within a frame: that one is broken.

        Gives the frames that stand among the octets of the broken one.
        """
        frames: list[Frame] = []
        while self._buffer:
            self._lose(1)
            frames += self._scan()
            if len(self._buffer) == 1:
                self._buffer.clear()
        return frames

    def _scan(self) -> list[Frame]:
        buffer = self._buffer
        frames: list[Frame] = []
        start = self._next_flag(0)
        while len(buffer) - start >= _HEAD:
            if buffer[start + 1] == FLAG:
                start += 1
                continue
            try:
                end = start + 1 + (read_format(buffer, start + 1) & LENGTH_MAX)
                if end >= len(buffer):
                    break
                if buffer[end] != FLAG:
                    raise DecodeError("no flag where the frame ends")
                frames.append(read_frame(bytes(memoryview(buffer)[start + 1 : end])))
                start = end
            except DecodeError:
                self.broken += 1
                start = self._next_flag(start + 1)
        del buffer[:start]
        return frames

    def _next_flag(self, start: int) -> int:
        flag = self._buffer.find(FLAG, start)
        end = len(self._buffer) if flag < 0 else flag
        self.noise_octets += end - start
        return end

    def _lose(self, octets: int) -> None:
        del self._buffer[:octets]
        self.broken += 1
