"""UI frames: what a meter says without being asked, outside of any link.

IEC 62056-46, Green Book: the source is the meter, the LLC header E6 E7 00. Meters that send
E6 E6 00 are read too, and those that send blocks of which only the first has a header. A long
APDU comes in several frames, all but the last with the segmentation bit.
"""

from __future__ import annotations

from dataclasses import dataclass

from addad.dlms.hdlc import llc
from addad.dlms.hdlc.address import Address
from addad.dlms.hdlc.frame import Control, Frame, FrameKind
from addad.dlms.hdlc.parameters import INFORMATION_DEFAULT
from addad.dlms.hdlc.windows import SDU_MAX
from addad.errors import DecodeError, LocalProtocolError


@dataclass(frozen=True, slots=True)
class Unnumbered:
    """An APDU that came in UI frames."""

    source: Address
    destination: Address
    apdu: bytes


def encode_unnumbered(
    message: Unnumbered, information_max: int = INFORMATION_DEFAULT, *, final: bool = True
) -> bytes:
    """The UI frames of a meter's APDU. Raises `LocalProtocolError` for one that is too long."""
    sdu = llc.RESPONSE + message.apdu
    if len(sdu) > SDU_MAX:
        raise LocalProtocolError(f"an APDU of {len(message.apdu)} octets is too long to push")
    control = Control(FrameKind.UI, final).octet
    last = (len(sdu) - 1) // information_max * information_max
    return b"".join(
        [
            Frame(
                message.destination,
                message.source,
                control,
                sdu[start : start + information_max],
                start < last,
            ).encode()
            for start in range(0, last + 1, information_max)
        ]
    )


class UnnumberedReader:
    """Puts the segments of UI frames together; keeps those of one sender at most."""

    def __init__(self) -> None:
        self._parts = bytearray()
        self._of: tuple[Address, Address] | None = None

    def take(self, frame: Frame) -> Unnumbered | None:
        """The APDU that a UI frame completes, None while segments are due.

        Raises `DecodeError` for one without an APDU, and for endless segments.
        """
        between = (frame.source, frame.destination)
        if self._of != between:
            self._parts.clear()
        if len(self._parts) + len(frame.information) > SDU_MAX:
            self._forget()
            raise DecodeError(f"segments of more than {SDU_MAX} octets")
        self._parts += frame.information
        if frame.segmented:
            self._of = between
            return None
        sdu = bytes(self._parts)
        self._forget()
        if sdu.startswith((llc.RESPONSE, llc.COMMAND)):
            sdu = sdu[len(llc.RESPONSE) :]
        if not sdu:
            raise DecodeError("a UI frame without an APDU")
        return Unnumbered(frame.source, frame.destination, sdu)

    def _forget(self) -> None:
        self._parts.clear()
        self._of = None
