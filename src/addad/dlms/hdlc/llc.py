"""The three octets before each APDU on an HDLC link: who speaks, a command or a response.

IEC 62056-46, logical link control: E6 E6 00 from a client, E6 E7 00 from a server.
"""

from __future__ import annotations

from typing import Final

COMMAND: Final = b"\xe6\xe6\x00"
RESPONSE: Final = b"\xe6\xe7\x00"
