"""Why a frame is rejected: the three octets of FRMR.

ISO/IEC 13239 as IEC 62056-46 uses it: the rejected control field, our V(S) and V(R), and reasons.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
from typing import Final

from addad.errors import DecodeError

FRMR_OCTETS: Final = 3


class RejectReason(IntFlag):
    """The reasons w, x, y, z; w stands in the bit that is sent first."""

    NONE = 0
    CONTROL_UNDEFINED = 0x01
    INFORMATION_NOT_PERMITTED = 0x02
    INFORMATION_TOO_LONG = 0x04
    RECEIVE_NUMBER_INVALID = 0x08


@dataclass(frozen=True, slots=True)
class Reject:
    """What FRMR says of the frame it rejects."""

    control: int
    send: int
    receive: int
    reason: RejectReason

    def encode(self) -> bytes:
        """The information field of FRMR."""
        return bytes((self.control, self.send << 1 | self.receive << 5, self.reason))

    @classmethod
    def read(cls, information: bytes) -> Reject:
        """What an FRMR says; raises `DecodeError` without three octets."""
        if len(information) < FRMR_OCTETS:
            raise DecodeError(f"FRMR with {len(information)} octets; {FRMR_OCTETS} are due")
        control, numbers, reason = information[:FRMR_OCTETS]
        return cls(control, numbers >> 1 & 7, numbers >> 5, RejectReason(reason & 0x0F))

    def __str__(self) -> str:
        words = self.reason.name or "NONE"
        return f"control {self.control:02X}: {words.lower().replace('_', ' ')}"
