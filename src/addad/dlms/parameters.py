"""What the two ends of an association ask for, offer and agree on.

Green Book, IEC 62056-5-3 (COSEM-OPEN service, negotiation of the xDLMS context).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from addad.dlms.acse import Mechanism
from addad.dlms.apdu.initiate import Conformance

MAX_PDU: Final = 0xFFFF
"""The largest APDU that the transports here carry; 0, without limit, means the same."""
MIN_PDU: Final = 12
"""An APDU that cannot even hold a block of one octet is refused."""
RESPONSE_OCTETS_MAX: Final = 16 * 1024 * 1024
"""How much a client takes in one long response."""
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
)
"""All services that both ends here know."""


@dataclass(frozen=True, slots=True)
class AssociationParameters:
    """What a client asks for; `max_pdu` is the largest APDU it receives, 0 without limit."""

    client_sap: int
    server_sap: int = 1
    mechanism: Mechanism = Mechanism.NONE
    password: bytes = field(default=b"", repr=False)
    max_pdu: int = MAX_PDU
    conformance: Conformance = SERVICES


@dataclass(frozen=True, slots=True)
class ServerParameters:
    """What a server offers; `max_pdu` is the largest APDU it receives, 0 without limit."""

    max_pdu: int = MAX_PDU
    conformance: Conformance = SERVICES
    max_request_octets: int = REQUEST_OCTETS_MAX


@dataclass(frozen=True, slots=True)
class Negotiated:
    """What was agreed: the services of both, and the largest APDU that the peer receives."""

    conformance: Conformance
    max_pdu: int

    def allows(self, services: Conformance) -> bool:
        """Whether all of these services were agreed."""
        return self.conformance & services == services


NOTHING: Final = Negotiated(Conformance(0), MAX_PDU)


def usable_pdu(announced: int) -> int:
    """The size that an announced one means here: 0 and larger ones are what we can carry."""
    return min(announced or MAX_PDU, MAX_PDU)
