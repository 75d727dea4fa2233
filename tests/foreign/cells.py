"""The cells of the interop table: what a test has shown, and between whom.

`@cell(...)` marks a test with what it exchanged with a peer, or read out of a published vector;
`tools/write_interop.py` makes the table of docs/interop.md of the marks.
"""

from collections.abc import Iterable

import pytest

from addad.dlms.acse import Mechanism
from addad.dlms.security.suite import SecuritySuite

GURUX, COSEM, VECTOR = "gurux-dlms", "dlms-cosem", "published vector"
TRANSLATOR = "gurux-dlms translator"
REAL_METERS = "frames of real meters"
PEERS = (GURUX, COSEM, TRANSLATOR, VECTOR, REAL_METERS)

CLIENT, SERVER, BOTH = "client", "server", "both roles"
ROLES = (CLIENT, SERVER, BOTH)

SERVICES = (
    "association",
    "release",
    "GET normal",
    "GET with list",
    "GET in blocks",
    "SET normal",
    "SET with list",
    "SET in blocks",
    "ACTION normal",
    "ACTION with list",
    "ACTION in blocks",
    "ACCESS",
    "general block transfer",
    "DataNotification",
    "EventNotification",
    "selective access by range",
    "selective access by entry",
    "selective access by columns",
    "compact array",
    "null-data compression",
    "delta types",
    "data types",
    "short-name association refused",
    "object list",
    "key transfer",
    "key agreement",
    "certificates",
)
TRANSPORTS = (
    "TCP wrapper",
    "UDP wrapper",
    "HDLC over TCP",
    "HDLC over a serial line",
    "mode E",
    "HDLC UI frames",
    "gateway header",
    "M-Bus container",
    "plain container",
    "octets",
)
MECHANISMS = {
    Mechanism.NONE: "none",
    Mechanism.LOW: "low (password)",
    Mechanism.HIGH: "2 (manufacturer)",
    Mechanism.HIGH_MD5: "3 (MD5)",
    Mechanism.HIGH_SHA1: "4 (SHA-1)",
    Mechanism.HIGH_GMAC: "5 (GMAC)",
    Mechanism.HIGH_SHA256: "6 (SHA-256)",
    Mechanism.HIGH_ECDSA: "7 (ECDSA)",
}
SUITES = tuple(SecuritySuite)
PROTECTIONS = (
    "glo",
    "ded",
    "general-glo",
    "general-ded",
    "authenticated only",
    "encrypted only",
    "broadcast key",
    "pre-established",
    "general-ciphering, identified key",
    "general-ciphering, wrapped key",
    "general-ciphering, one-pass agreement",
    "general-ciphering, static agreement",
    "general-signing",
)


def cell(
    peer: str | tuple[str, ...],
    ours: str,
    *,
    services: Iterable[str] = (),
    transport: str = "octets",
    mechanism: Mechanism | None = None,
    suite: int | None = None,
    protections: Iterable[str] = (),
    note: str = "",
) -> pytest.MarkDecorator:
    """The mark of a test; `ours` is the role of our end, `note` which vector, or a quirk.

    Raises `ValueError` for a word that is in no list above.
    """
    services, protections = tuple(services), tuple(protections)
    peers = (peer,) if isinstance(peer, str) else peer
    known = (
        (PEERS, peers),
        (ROLES, (ours,)),
        (SERVICES, services),
        (TRANSPORTS, (transport,)),
        (PROTECTIONS, protections),
    )
    for words, said in known:
        strange = set(said) - set(words)
        if strange:
            raise ValueError(f"{strange} is no part of the interop table")
    return pytest.mark.interop(
        peers=peers,
        ours=ours,
        services=services,
        transport=transport,
        mechanism=mechanism,
        suite=suite,
        protections=protections,
        note=note,
    )
