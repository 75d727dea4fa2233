"""The protection of an association: published frames, counters, titles, keys."""

from __future__ import annotations

import pytest

from addad.dlms.security.context import SecurityContext
from addad.dlms.security.counters import VolatileCounters
from addad.dlms.security.framing import CipheringForm
from addad.dlms.security.keys import SymmetricKeys
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, Protection, SecuritySuite

ENCRYPTION = bytes(range(16))
AUTHENTICATION = bytes(range(0xD0, 0xE0))
CLIENT = bytes.fromhex("4D4D4D0000BC614E")
SERVER = bytes.fromhex("4D4D4D0000000001")
GET = bytes.fromhex("C0010000080000010000FF0200")
KEYS = SymmetricKeys(ENCRYPTION, AUTHENTICATION)


def context(own: bytes, peer: bytes | None, first: int = 0) -> SecurityContext:
    return SecurityContext(SecuritySuite.SUITE_0, own, peer, KEYS, VolatileCounters(first))


@pytest.mark.parametrize(
    ("protection", "expected"),
    [
        (Protection.AUTHENTICATION, f"C81E1001234567{GET.hex()}06725D910F9221D263877516"),
        (Protection.ENCRYPTION, "C8122001234567411312FF935A47566827C467BC"),
        (
            AUTHENTICATED_ENCRYPTION,
            "C81E3001234567411312FF935A47566827C467BC7D825C3BE4A77C3FCC056B6B",
        ),
    ],
)
def test_the_published_get_request(protection: Protection, expected: str) -> None:
    octets = context(CLIENT, SERVER, 0x01234567).protect(GET, protection, CipheringForm.GLOBAL)
    assert octets == bytes.fromhex(expected)
    received = context(SERVER, CLIENT).unprotect(octets)
    assert (received.apdu, received.protection) == (GET, protection)
    assert (received.title, received.counter) == (CLIENT, 0x01234567)
