"""The three octets before each APDU on an HDLC link: who speaks, a command or a response.

IEC 62056-46, logical link control: E6 E6 00 from a client, E6 E7 00 from a server.
"""

from __future__ import annotations

from typing import Final

from addad.errors import DecodeError

COMMAND: Final = b"\xe6\xe6\x00"
RESPONSE: Final = b"\xe6\xe7\x00"


def read_llc(information: bytes, expected: tuple[bytes, ...]) -> bytes:
    """The APDU behind one of the expected headers; raises `DecodeError` behind another."""
    for header in expected:
        if information.startswith(header):
            return information[len(header) :]
    raise DecodeError(f"{information[:3].hex(' ') or 'nothing'} where an LLC header is due")
