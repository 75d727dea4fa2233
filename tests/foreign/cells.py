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
    "protected data (class 30)",
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


UNCHECKED: dict[str, str] = {
    "ACTION with list": "no peer makes it; each form of the ASN.1 module is a vector",
    "delta types": "no peer knows these tags; they and their rules are those of one public stack",
    "compact array": "gurux-dlms reads ours; with an inner array, which it counts otherwise than"
    " the ASN.1 module, none is sent",
    "key agreement": "the client of gurux-dlms ends in an error of its own before it sends one; its"
    " signatures and its points on the curves agree with our meter in a request that the test"
    " writes, in suites 1 and 2",
    "2 (manufacturer)": "no server of a peer runs; the proofs are those of the code of gurux-dlms",
    "3 (MD5)": "no server of a peer runs; the proofs are those of the code of gurux-dlms",
    "4 (SHA-1)": "no server of a peer runs; the proofs are those of the code of gurux-dlms",
    "broadcast key": "no client of a peer sends to all stations; the envelope is that which the"
    " ciphering of gurux-dlms makes under that key",
    "general-ciphering, identified key": "gurux-dlms ends in an error of its own at this form, and"
    " dlms-cosem lacks it; the tests write the layout once more, with the ciphering of gurux-dlms."
    " What is authenticated is what three open stacks do: no published tag fits any reading",
    "general-ciphering, wrapped key": "the same; suite 2 by the vectors of RFC 3394 alone",
    "general-ciphering, one-pass agreement": "the same; of the published message the keys, the"
    " signature and the plain text are right",
    "general-ciphering, static agreement": "the same; the published key is right",
    "general-signing": "neither peer has it; gurux-dlms verifies our signatures, and we its own,"
    " over the octets that a digest of the Green Book names, in a layout that the test writes",
    "protected data (class 30)": "neither peer has its methods, and no public source shows their"
    " octets; a layer is what general-ciphering or general-signing has, and the tests make such"
    " APDUs of layers and layers of such APDUs",
}
"""What no peer could check, or not whole, and why."""

SERVERS: str = (
    "No peer has a server that runs: that of gurux-dlms 1.0.203 ends in errors of its own at the"
    " first AARQ, and dlms-cosem has none. Our client is checked by their readers and ciphering,"
    " which take or make the same octets, and against our own server, which their clients check."
    " For our client's end of mode E and of the gateway header there is nothing but that and the"
    " octets of the documents; gurux-dlms writes the same header."
)

PEER_DIFFERENCES: tuple[tuple[str, str], ...] = (
    (
        GURUX,
        "writes the length of an AARQ in one octet, so that beyond 127 octets it is malformed"
        " (a dedicated key of 32 octets beside a challenge of 32); the tests have a shorter one.",
    ),
    (
        GURUX,
        "reads a user's number where AARE has the certificate of mechanism 7, and fails; our server"
        " sends its own only where the client sent one, and no peer has read ours there.",
    ),
    (
        GURUX,
        "names P-256 twice where it chooses a curve, and so has no P-384; repaired by the tests.",
    ),
    (
        GURUX,
        "does not count the system title of general-glo- when it cuts blocks, so that they are"
        " longer than agreed; our server says that they are too long. Its blocks under glo- fit."
        " Near the agreed size it also truncates its own general-glo- APDU.",
    ),
    (
        GURUX,
        "gives the number of columns where an entry selection has the last column, so that only"
        " columns from the first on are what was meant.",
    ),
    (
        GURUX,
        "gives the joined body of an ACTION response in blocks as it is, with result and choice;"
        " one in general blocks it reads.",
    ),
    (
        GURUX,
        "knows only some sums of the bits by which version 3 of the association says access rights,"
        " and refuses the others; the test lets it have all sums.",
    ),
    (
        GURUX,
        "fails on certificates whose key usage is critical and on certificate requests with an"
        " attribute; its reader of ASN.1 reads both.",
    ),
    (
        GURUX,
        "says 04, a whole list, where it begins a SET with list in blocks (05); refused by our"
        " server, and nothing is written.",
    ),
    (GURUX, "compares no tags of authenticated encryption; dlms-cosem and our tests do."),
    (
        TRANSLATOR,
        "ends in errors of its own at SET with list in blocks, ACTION with list or in blocks and"
        " an exception with an invocation counter; the vectors of the ASN.1 module stand in.",
    ),
    (
        COSEM,
        "finds HDLC frames by their flags, and waits for ever at two octets 7E side by side inside"
        " one; the tests have octets that do not happen to hold them.",
    ),
    (COSEM, "takes 0 for a used invocation counter of a meter; the tests start it at -1."),
    (COSEM, "cannot write a GET response again that it has read."),
)
