"""General-Block-Transfer: a numbered block of any APDU, and what has arrived of the peer's.

Green Book, IEC 62056-5-3 (General-Block-Transfer). An APDU is protected first and then cut; a
block itself is never ciphered.
"""

from __future__ import annotations

from dataclasses import dataclass
from struct import pack
from typing import ClassVar, Final

from addad.dlms.octets import Cursor, encode_octet_string
from addad.errors import LocalProtocolError

WINDOW_MAX: Final = 63
NUMBER_MAX: Final = 0xFFFF
HEADER_OCTETS: Final = 6
"""What stands before the length of the contents."""
_LAST: Final = 0x80
_STREAMING: Final = 0x40


@dataclass(frozen=True, slots=True)
class GeneralBlock:
    """A block; with no contents it only acknowledges.

    `window` is how many blocks its sender takes before it acknowledges, 0 when it never does.
    `streaming` says that more follow at once; `acknowledged` is the last block of the peer that
    has arrived with none missing before it.
    """

    TAG: ClassVar[int] = 0xE0

    last: bool
    streaming: bool
    window: int
    number: int
    acknowledged: int
    contents: bytes

    def encode(self) -> bytes:
        """The octets of the APDU; raises `LocalProtocolError` for a number out of range."""
        if not 0 <= self.window <= WINDOW_MAX:
            raise LocalProtocolError(f"{self.window} is no window")
        if not (0 <= self.number <= NUMBER_MAX and 0 <= self.acknowledged <= NUMBER_MAX):
            raise LocalProtocolError(f"{self.number}, {self.acknowledged} are no block numbers")
        control = self.window | (_LAST if self.last else 0) | (_STREAMING if self.streaming else 0)
        head = pack(">BBHH", self.TAG, control, self.number, self.acknowledged)
        return head + encode_octet_string(self.contents)

    @classmethod
    def read(cls, cursor: Cursor) -> GeneralBlock:
        """Read what follows the tag; raises `DecodeError`."""
        control = cursor.u8()
        number, acknowledged = cursor.u16(), cursor.u16()
        return cls(
            bool(control & _LAST),
            bool(control & _STREAMING),
            control & WINDOW_MAX,
            number,
            acknowledged,
            cursor.octet_string(),
        )
