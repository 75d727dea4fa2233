"""The terms in which an HDLC link speaks to its owner: roles, limits in time, what came of a frame.

IEC 62056-46: the primary station is the client, the secondary one the server.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

from addad.dlms.hdlc.parameters import LinkParameters

RESPONSE_TIMEOUT_S: Final = 3.0
RETRIES: Final = 3
"""How often the client asks again before it gives up."""
INACTIVITY_TIMEOUT_S: Final = 120.0
POLL_INTERVAL_S: Final = 0.2
"""How long the client leaves a server alone that has no answer yet."""


class LinkRole(Enum):
    """Who polls and who is polled."""

    CLIENT = "client"
    SERVER = "server"


@dataclass(frozen=True, slots=True)
class LinkTimes:
    """Limits in time [s]; `octet_s` is how long one octet takes on the line, 0 when at once."""

    response_s: float = RESPONSE_TIMEOUT_S
    retries: int = RETRIES
    inactivity_s: float = INACTIVITY_TIMEOUT_S
    poll_interval_s: float = POLL_INTERVAL_S
    octet_s: float = 0.0


DEFAULT_TIMES: Final = LinkTimes()


@dataclass(frozen=True, slots=True)
class Connected:
    """The link stands, for what both ends agreed on."""

    parameters: LinkParameters


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The link has ended; `reason` is empty when our own side wished it."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class ApduReceived:
    """An APDU came, whole and in its order."""

    apdu: bytes


LinkOutcome: TypeAlias = Connected | Disconnected | ApduReceived
