"""What an association needs anew each time: a challenge, a dedicated key, a context of its own.

Green Book, IEC 62056-5-3 (COSEM-OPEN, high-level security). The only place of the client's side
where chance comes in.
"""

from __future__ import annotations

import secrets
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric import ec

from addad.dlms.parameters import AssociationParameters
from addad.dlms.security.hls import CHALLENGE_OCTETS, HIGH_MECHANISMS
from addad.dlms.security.parties import PartyKeys
from addad.dlms.security.suite import SecuritySuite
from addad.errors import LocalProtocolError


def new_association(pattern: AssociationParameters, dedicated: bool) -> AssociationParameters:
    """The parameters for one association of a pattern's kind.

    A challenge or dedicated key that the pattern names stands; `dedicated` asks for a new key.
    """
    security = pattern.security
    if security is None:
        if dedicated:
            raise LocalProtocolError("a dedicated key needs a ciphered association")
        if pattern.mechanism not in HIGH_MECHANISMS:
            return pattern
    challenge, key = pattern.challenge, pattern.dedicated_key
    if pattern.mechanism in HIGH_MECHANISMS and not challenge:
        challenge = secrets.token_bytes(CHALLENGE_OCTETS)
    if dedicated and key is None and security is not None:
        key = secrets.token_bytes(security.suite.key_octets)
    return replace(
        pattern,
        challenge=challenge,
        dedicated_key=key,
        security=None if security is None else security.fresh(),
    )


def with_ephemeral_keys(parties: PartyKeys, suite: SecuritySuite) -> PartyKeys:
    """The keys of a party that can also agree on keys and wrap new ones."""
    return replace(
        parties,
        new_private_key=lambda: ec.generate_private_key(suite.curve),
        new_session_key=lambda: secrets.token_bytes(suite.key_octets),
    )
