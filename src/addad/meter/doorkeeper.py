"""Who is let into the meter: secrets, challenges and locks for its associations.

IDIS numbering of the events: 46 authentication, 49 deciphering, 50 replay.
"""

from __future__ import annotations

from typing import Final

from addad.cosem.gateway import FORGEABLE
from addad.cosem.logical_device import Doorkeeper
from addad.cosem.rights import AssociationSpec
from addad.dlms.acse import Mechanism
from addad.dlms.indications import Incident, IncidentKind
from addad.dlms.security.hls import CHALLENGE_OCTETS
from addad.errors import SecurityFault
from addad.meter.door import Offence, host_of
from addad.meter.notices import Notices
from addad.meter.security import MeterSecurity

_OFFENCES: Final = {
    IncidentKind.AUTHENTICATION_FAILED: Offence.AUTHENTICATION,
    IncidentKind.DECIPHERING_FAILED: Offence.DECIPHERING,
    IncidentKind.POLICY_VIOLATED: Offence.DECIPHERING,
    IncidentKind.REPLAYED: Offence.REPLAY,
}
_OURS: Final = (SecurityFault.COUNTERS, SecurityFault.COUNTER_EXHAUSTED)
"""What is wrong with the meter's own disk or counters is no client's offence."""


class MeterDoorkeeper(Doorkeeper):
    """Lets clients in by the meter's own secrets, and notes who should not have come."""

    def __init__(self, security: MeterSecurity, notices: Notices) -> None:
        self._security = security
        self._notices = notices

    def admits(self, spec: AssociationSpec, peer: str) -> bool:
        """Whether a client may knock from there now."""
        return self._notices.door.admits(spec.client_sap, host_of(peer))

    def came(self, spec: AssociationSpec, peer: str, user_id: int | None) -> None:
        """A client has been let in."""
        self._notices.door.came(spec.client_sap, host_of(peer))

    def failed(self, spec: AssociationSpec, peer: str, incident: Incident) -> None:
        """A client was refused: perhaps an event, and a lock where secrets do not travel.

        There is no lock where anybody could fail in another's name, and so shut that one out.
        """
        if incident.fault in _OURS:
            return
        secret = spec.ciphered or spec.mechanism > Mechanism.LOW
        lockable = secret and not peer.startswith(FORGEABLE)
        self._notices.client_failed(
            spec.client_sap, host_of(peer), _OFFENCES[incident.kind], lockable=lockable
        )

    def secret(self, spec: AssociationSpec) -> bytes:
        """The secret of an association as it is now."""
        return self._security.secret(spec.client_sap)

    def change_secret(self, spec: AssociationSpec, secret: bytes) -> None:
        """Ask another one from now on; raises `AccessError` where it cannot be kept."""
        self._security.change_secret(spec.client_sap, secret)

    def challenge(self) -> bytes:
        """Octets that nobody can foresee, new at each call."""
        return self._security.chance.octets(CHALLENGE_OCTETS)
