"""Two parties of a suite with every kind of key, for protected data."""

from itertools import count

from cryptography.hazmat.primitives.asymmetric import ec

from addad.dlms.security.context import SecurityContext
from addad.dlms.security.counters import Counters, VolatileCounters
from addad.dlms.security.data_layers import LayerOrder
from addad.dlms.security.general_ciphering import KeyInfoKind
from addad.dlms.security.keys import SymmetricKeys
from addad.dlms.security.parties import PartyKeys, PublicKeys
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, Protection, SecuritySuite
from dlms.security.published import CLIENT, SERVER

A, E, BOTH, SIGNED = (
    Protection.AUTHENTICATION,
    Protection.ENCRYPTION,
    AUTHENTICATED_ENCRYPTION,
    Protection.SIGNATURE,
)
THIRD = b"THR\x00\x00\x00\x00\x01"
_SCALARS = {CLIENT: 11, SERVER: 21, THIRD: 31}


def party(
    own: bytes,
    peer: bytes | None,
    suite: int = 1,
    counters: Counters | None = None,
    keys: SymmetricKeys | None = None,
) -> SecurityContext:
    """One end; its private keys follow from its title, and it knows the others' public ones."""
    known = SecuritySuite(suite)
    size = known.key_octets
    symmetric = keys or SymmetricKeys(*(bytes([octet]) * size for octet in (1, 2, 3, 4)))
    parties = PartyKeys()
    if suite:
        privates = {
            title: [ec.derive_private_key(scalar + use, known.curve) for use in (0, 1)]
            for title, scalar in _SCALARS.items()
        }
        others = {
            title: PublicKeys(signing.public_key(), agreeing.public_key())
            for title, (signing, agreeing) in privates.items()
            if title != own
        }
        scalars = count(1000 * _SCALARS[own])
        parties = PartyKeys(
            *privates[own],
            others,
            lambda: ec.derive_private_key(next(scalars), known.curve),
            lambda: next(scalars).to_bytes(size, "big"),
        )
    return SecurityContext(
        known, own, peer, symmetric, counters or VolatileCounters(), parties=parties
    )


def pair(suite: int = 1) -> tuple[SecurityContext, SecurityContext]:
    """Client and server."""
    return party(CLIENT, SERVER, suite), party(SERVER, CLIENT, suite)


ORDERS = {
    "authenticated": (LayerOrder(A),),
    "both": (LayerOrder(BOTH),),
    "group": (LayerOrder(BOTH, broadcast=True),),
    "wrapped": (LayerOrder(BOTH, KeyInfoKind.WRAPPED),),
    "one-pass": (LayerOrder(BOTH, KeyInfoKind.ONE_PASS),),
    "static": (LayerOrder(A, KeyInfoKind.STATIC, other_information=b"more"),),
    "signed": (LayerOrder(SIGNED),),
    "signed, encrypted": (LayerOrder(SIGNED), LayerOrder(BOTH)),
    "encrypted, signed": (LayerOrder(E), LayerOrder(SIGNED, other_information=b"x")),
    "three": (
        LayerOrder(BOTH, KeyInfoKind.STATIC),
        LayerOrder(SIGNED),
        LayerOrder(BOTH, KeyInfoKind.WRAPPED),
    ),
    "twice one key": (LayerOrder(A), LayerOrder(BOTH)),
}
"""Orders under which no octet can be altered unseen."""
