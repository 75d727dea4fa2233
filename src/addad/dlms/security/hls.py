"""High-level security: how each end proves by a challenge that it knows the secret.

Green Book, IEC 62056-5-3 (authentication mechanisms 2 to 7, passes 3 and 4). Mechanism 2 is each
manufacturer's own; here it is what the most common open stack does.
"""

from __future__ import annotations

from enum import Enum
from hmac import compare_digest
from typing import Final, NamedTuple

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from addad.dlms.acse import Mechanism
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.counters import take_counter
from addad.dlms.security.keys import KeyId
from addad.dlms.security.signatures import sign, signature_verifies
from addad.dlms.security.suite import TAG_OCTETS, TITLE_OCTETS, Protection, SecurityControl
from addad.errors import LocalProtocolError, SecurityError, SecurityFault

HIGH_MECHANISMS: Final = frozenset(
    (
        Mechanism.HIGH,
        Mechanism.HIGH_MD5,
        Mechanism.HIGH_SHA1,
        Mechanism.HIGH_GMAC,
        Mechanism.HIGH_SHA256,
        Mechanism.HIGH_ECDSA,
    )
)
TITLED_MECHANISMS: Final = (Mechanism.HIGH_GMAC, Mechanism.HIGH_SHA256, Mechanism.HIGH_ECDSA)
"""Those whose proofs are made over the system titles."""
OBSOLETE_MECHANISMS: Final = frozenset((Mechanism.HIGH, Mechanism.HIGH_MD5, Mechanism.HIGH_SHA1))
"""Those that a client uses with an old meter when asked to, and no server here offers."""

CHALLENGE_OCTETS: Final = 32
"""The size of a challenge to send: long enough for every mechanism."""
CHALLENGE_MIN: Final = 8
CHALLENGE_MIN_ECDSA: Final = 32
CHALLENGE_MAX: Final = 64

_BLOCK: Final = 16
_GMAC_OCTETS: Final = 5 + TAG_OCTETS


class Prover(Enum):
    """Who proves: the client in pass 3, the server in pass 4."""

    CLIENT = "client"
    SERVER = "server"


class Passes(NamedTuple):
    """What went over in passes 1 and 2."""

    client_title: bytes
    server_title: bytes
    client_challenge: bytes
    """CtoS: the client's challenge to the server."""
    server_challenge: bytes
    """StoC: the server's challenge to the client."""

    def challenge(self, prover: Prover) -> bytes:
        """The challenge that a prover answers."""
        return self.server_challenge if prover is Prover.CLIENT else self.client_challenge

    def message(self, prover: Prover) -> bytes:
        """Titles and challenges in the order of mechanisms 6 and 7: the prover's title first."""
        client, server, to_server, to_client = self
        if prover is Prover.CLIENT:
            return client + server + to_client + to_server
        return server + client + to_server + to_client


def check_challenge(mechanism: Mechanism, challenge: bytes) -> None:
    """Raise `SecurityError` for a challenge too short or too long for its mechanism."""
    least = CHALLENGE_MIN_ECDSA if mechanism == Mechanism.HIGH_ECDSA else CHALLENGE_MIN
    if not least <= len(challenge) <= CHALLENGE_MAX:
        raise SecurityError(
            f"a challenge of {len(challenge)} octets, where {least} to {CHALLENGE_MAX} are due",
            SecurityFault.AUTHENTICATION,
        )


def check_reflection(mechanism: Mechanism, passes: Passes) -> None:
    """Raise `SecurityError` if the server sent the client's own challenge or title back.

    Where both titles are one, or the server's has another length, a client can be made to prove
    what it awaits as the server's proof.
    """
    if mechanism in TITLED_MECHANISMS:
        if len(passes.server_title) != TITLE_OCTETS:
            raise SecurityError("a server without system title", SecurityFault.UNKNOWN_TITLE)
        if passes.client_title == passes.server_title:
            raise SecurityError("our own system title came back", SecurityFault.UNKNOWN_TITLE)
    if compare_digest(passes.client_challenge, passes.server_challenge):
        raise SecurityError("our own challenge came back", SecurityFault.AUTHENTICATION)


def prove(
    mechanism: Mechanism,
    prover: Prover,
    passes: Passes,
    *,
    secret: bytes = b"",
    security: SecurityContext | None = None,
) -> bytes:
    """f(StoC) of a client, f(CtoS) of a server.

    Mechanisms 2, 3, 4 and 6 take the `secret`; 5 takes the keys of `security` and spends an
    invocation counter; 7 takes its signature key. Raises `LocalProtocolError` for any other.
    """
    if mechanism == Mechanism.HIGH_GMAC:
        return _gmac(_needed(security), passes.challenge(prover))
    if mechanism == Mechanism.HIGH_ECDSA:
        return sign(_needed(security).parties.own_signature(), passes.message(prover))
    return _hashed(mechanism, prover, passes, secret)


def verify(
    mechanism: Mechanism,
    prover: Prover,
    passes: Passes,
    proof: bytes,
    *,
    secret: bytes = b"",
    security: SecurityContext | None = None,
    last: int | None = None,
) -> None:
    """Raise `SecurityError` unless the peer's proof is right; `prover` is the peer.

    With mechanism 5 the peer's invocation counter is taken, once its tag verified. A proof in an
    envelope was made before the envelope, so its counter is compared with `last`, the one accepted
    before the envelope came.
    """
    if mechanism == Mechanism.HIGH_GMAC:
        title, challenge = _title(prover, passes), passes.challenge(prover)
        number = _verify_gmac(_needed(security), title, challenge, proof)
        counters, unicast = _needed(security).counters, KeyId.GLOBAL_UNICAST_ENCRYPTION
        if last is None or not last < number <= counters.last(unicast, title):
            take_counter(counters, unicast, title, number, verified=True)
        return
    if mechanism == Mechanism.HIGH_ECDSA:
        key = _needed(security).parties.signature_of(_title(prover, passes))
        right = signature_verifies(key, passes.message(prover), proof)
    else:
        right = bool(secret) and compare_digest(_hashed(mechanism, prover, passes, secret), proof)
    if not right:
        raise _not_proven()


def _title(prover: Prover, passes: Passes) -> bytes:
    return passes.client_title if prover is Prover.CLIENT else passes.server_title


def _needed(security: SecurityContext | None) -> SecurityContext:
    if security is None:
        raise LocalProtocolError("this mechanism takes a security context")
    return security


def _gmac(security: SecurityContext, challenge: bytes) -> bytes:
    octet = bytes((SecurityControl(security.suite, Protection.AUTHENTICATION).octet,))
    counter = security.counters.next(KeyId.GLOBAL_UNICAST_ENCRYPTION).to_bytes(4, "big")
    nonce = security.own_title + counter
    return octet + counter + security.keys.unicast_cipher.tag(nonce, octet, challenge)


def _verify_gmac(security: SecurityContext, title: bytes, challenge: bytes, proof: bytes) -> int:
    """The invocation counter of a proof whose tag verifies."""
    expected = SecurityControl(security.suite, Protection.AUTHENTICATION).octet
    if len(proof) != _GMAC_OCTETS or proof[0] != expected or title == security.own_title:
        raise _not_proven()
    octet, counter, tag = proof[:1], proof[1:5], proof[5:]
    if not security.keys.unicast_cipher.verify(title + counter, octet, challenge, tag):
        raise _not_proven()
    return int.from_bytes(counter, "big")


def _hashed(mechanism: Mechanism, prover: Prover, passes: Passes, secret: bytes) -> bytes:
    if not secret:
        raise LocalProtocolError("this mechanism takes a secret")
    if mechanism == Mechanism.HIGH_SHA256:
        return _digest(hashes.SHA256(), secret + passes.message(prover))
    challenge = passes.challenge(prover)
    if mechanism == Mechanism.HIGH_MD5:
        return _digest(hashes.MD5(), challenge + secret)
    if mechanism == Mechanism.HIGH_SHA1:
        return _digest(hashes.SHA1(), challenge + secret)
    if mechanism == Mechanism.HIGH:
        return _enciphered(challenge, secret)
    raise LocalProtocolError(f"mechanism {mechanism:d} answers no challenge")


def _digest(algorithm: hashes.HashAlgorithm, octets: bytes) -> bytes:
    digest = hashes.Hash(algorithm)
    digest.update(octets)
    return digest.finalize()


def _enciphered(challenge: bytes, secret: bytes) -> bytes:
    """AES-128 of each block of the challenge; both are filled with zeros to whole blocks."""
    size = max(len(challenge), len(secret))
    size += -size % _BLOCK
    key = secret.ljust(_BLOCK, b"\0")[:_BLOCK]
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return encryptor.update(challenge.ljust(size, b"\0")) + encryptor.finalize()


def _not_proven() -> SecurityError:
    return SecurityError(
        "the peer did not prove who it is: its secret or key is another one",
        SecurityFault.AUTHENTICATION,
    )
