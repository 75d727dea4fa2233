"""What the two ends of an association ask for, offer and agree on.

Green Book, IEC 62056-5-3 (COSEM-OPEN service, negotiation of the xDLMS context).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from addad.dlms.acse import Mechanism
from addad.dlms.apdu.initiate import Conformance
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.framing import CipheringForm
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, Protection
from addad.errors import LocalProtocolError

MAX_PDU: Final = 0xFFFF
"""The largest APDU that the transports here carry; 0, without limit, means the same."""
MIN_PDU: Final = 12
"""An APDU that cannot even hold a block of one octet is refused."""
RESPONSE_OCTETS_MAX: Final = 16 * 1024 * 1024
"""How much a client takes in one long response."""
SAP_MAX: Final = 0xFFFF
"""What fits the wrapper's wPorts; HDLC addresses are shorter."""
REQUEST_OCTETS_MAX: Final = 64 * 1024
"""How much a server takes in one long request."""

CONFIRMED: Final = 0x40
HIGH_PRIORITY: Final = 0x80

SERVICES: Final = (
    Conformance.GET
    | Conformance.SET
    | Conformance.ACTION
    | Conformance.SELECTIVE_ACCESS
    | Conformance.MULTIPLE_REFERENCES
    | Conformance.BLOCK_TRANSFER_WITH_GET
    | Conformance.BLOCK_TRANSFER_WITH_SET
    | Conformance.BLOCK_TRANSFER_WITH_ACTION
    | Conformance.PRIORITY_MANAGEMENT
    | Conformance.DATA_NOTIFICATION
    | Conformance.EVENT_NOTIFICATION
    | Conformance.GENERAL_PROTECTION
    | Conformance.GENERAL_BLOCK_TRANSFER
    | Conformance.ACCESS
)
"""All services that both ends here know."""


def _no_challenge() -> bytes:
    return b""


def check_max_pdu(octets: int) -> None:
    """Refuse, by `LocalProtocolError`, a size of APDU that two octets cannot announce."""
    if not 0 <= octets <= MAX_PDU:
        raise LocalProtocolError(f"an APDU has at most {MAX_PDU} octets (0: no limit): {octets}")


def check_secret(secret: bytes) -> None:
    """Refuse, by `LocalProtocolError`, a text where octets are wanted.

    With one every peer would be refused later, and nobody would be told why.
    """
    if hasattr(secret, "encode"):
        raise LocalProtocolError('a password is octets: b"…", or .encode() of a text')


@dataclass(frozen=True, slots=True)
class AssociationParameters:
    """What a client asks for, and how it protects what it sends.

    `max_pdu` is the largest APDU it receives, 0 without limit. `password` is the secret of
    mechanisms 1 to 4 and 6. With `security` and a `protection` the application context is the
    ciphered one; with `security` alone it serves mechanisms 5 and 7.
    """

    client_sap: int
    server_sap: int = 1
    mechanism: Mechanism = Mechanism.NONE
    password: bytes = field(default=b"", repr=False)
    max_pdu: int = MAX_PDU
    conformance: Conformance = SERVICES
    security: SecurityContext | None = None
    protection: Protection = AUTHENTICATED_ENCRYPTION
    """Of requests, when there is `security`; NONE for an association that is not ciphered."""
    form: CipheringForm = CipheringForm.GLOBAL
    """A form with a dedicated key is taken by itself once there is such a key."""
    challenge: bytes = field(default=b"", repr=False)
    """CtoS of mechanisms 2 to 7: 16 to 64 random octets, 32 at least for mechanism 7; used once."""
    dedicated_key: bytes | None = field(default=None, repr=False)
    user_id: int | None = None
    certificate: bytes | None = field(default=None, repr=False)
    """The client's signature certificate (DER), to be sent with mechanism 7."""
    pre_established: bool = False
    """The association stands without AARQ; `conformance` and `max_pdu` are those of both ends."""
    broadcast: bool = False
    """Nobody answers: requests are unconfirmed, and ciphered under the broadcast key."""
    allow_weak: bool = False
    """Mechanisms 2, 3 and 4 are for old meters only, and must be allowed here."""
    title: bytes | None = None
    """The client's system title for mechanism 6 without `security`."""

    def __post_init__(self) -> None:
        """Raises `LocalProtocolError` for what no peer could be asked."""
        check_secret(self.password)
        check_max_pdu(self.max_pdu)
        for what, sap in (("client", self.client_sap), ("server", self.server_sap)):
            if not 0 <= sap <= SAP_MAX:
                raise LocalProtocolError(f"a {what} SAP is 0 to {SAP_MAX}, not {sap}")

    @property
    def ciphered(self) -> bool:
        """Whether the application context is the ciphered one."""
        return self.security is not None and self.protection != Protection.NONE

    @property
    def own_title(self) -> bytes | None:
        """The client's system title."""
        return self.title if self.security is None else self.security.own_title


@dataclass(frozen=True, slots=True)
class ServerParameters:
    """What a server offers one client; associations of one kind share one object.

    `max_pdu` is the largest APDU it receives, 0 without limit. `secret` is that of mechanisms 1
    and 6. `security` is the pattern of a context: each association gets a fresh one.
    """

    max_pdu: int = MAX_PDU
    conformance: Conformance = SERVICES
    max_request_octets: int = REQUEST_OCTETS_MAX
    mechanism: Mechanism | None = Mechanism.NONE
    """What the client must offer; None lets nobody in."""
    secret: bytes = field(default=b"", repr=False)
    security: SecurityContext | None = None
    ciphered: bool = False
    """Whether the application context is the ciphered one; the other one is refused."""
    required: Protection = Protection.NONE
    """What the policy demands of each request of a ciphered association."""
    required_in_responses: Protection = Protection.NONE
    challenge: Callable[[], bytes] = field(default=_no_challenge, repr=False)
    """A new StoC at each call: 16 to 64 random octets, 32 at least for mechanism 7."""
    certificate: bytes | None = field(default=None, repr=False)
    """The server's signature certificate (DER), to be sent with mechanism 7."""
    pre_established: bool = False
    """The association stands without AARQ; `conformance` and `max_pdu` are those of both ends."""
    title: bytes | None = None
    """The server's system title for mechanism 6 without `security`."""

    def __post_init__(self) -> None:
        """Raises `LocalProtocolError` for what cannot work with any client."""
        check_secret(self.secret)
        check_max_pdu(self.max_pdu)
        if self.ciphered and self.security is None:
            raise LocalProtocolError("a ciphered association needs a security context")
        keyed = self.mechanism in (Mechanism.HIGH_GMAC, Mechanism.HIGH_ECDSA)
        if keyed and self.security is None:
            raise LocalProtocolError("mechanisms 5 and 7 need a security context")
        high = self.mechanism is not None and self.mechanism > Mechanism.LOW
        if high and self.challenge is _no_challenge:
            raise LocalProtocolError("high-level security needs a source of challenges")
        if self.mechanism == Mechanism.HIGH_SHA256 and self.own_title is None:
            raise LocalProtocolError("mechanism 6 needs a system title")

    @property
    def own_title(self) -> bytes | None:
        """The server's system title."""
        return self.title if self.security is None else self.security.own_title


@dataclass(frozen=True, slots=True)
class Negotiated:
    """What was agreed: the services of both, and the largest APDU that the peer receives."""

    conformance: Conformance
    max_pdu: int
    services: int = field(init=False, repr=False, compare=False)
    """The conformance as a number: each request asks it, and flags take their time."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "services", int(self.conformance))

    def allows(self, services: Conformance) -> bool:
        """Whether all of these services were agreed."""
        return not int(services) & ~self.services


@functools.lru_cache(256)
def agreed(conformance: Conformance, max_pdu: int) -> Negotiated:
    """What was agreed: one object for all associations alike, of which a meter may have many."""
    return Negotiated(conformance, max_pdu)


NOTHING: Final = agreed(Conformance(0), MAX_PDU)


def usable_pdu(announced: int) -> int:
    """The size that an announced one means here: 0 and larger ones are what we can carry."""
    return min(announced or MAX_PDU, MAX_PDU)
