"""SE-10: the passes of high-level security, against published and a peer's proofs."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import hashes
from gurux_dlms.enums import Authentication
from gurux_dlms.GXSecure import GXSecure
from hypothesis import given
from hypothesis import strategies as st

from addad.dlms.acse import Mechanism
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.counters import VolatileCounters
from addad.dlms.security.hls import (
    CHALLENGE_OCTETS,
    HIGH_MECHANISMS,
    OBSOLETE_MECHANISMS,
    Passes,
    Prover,
    check_challenge,
    check_reflection,
    prove,
    verify,
)
from addad.dlms.security.keys import KeyId, SymmetricKeys
from addad.dlms.security.parties import PartyKeys, PublicKeys
from addad.dlms.security.suite import SecuritySuite
from addad.errors import LocalProtocolError, SecurityError, SecurityFault
from dlms.security import published
from dlms.security.published import AUTHENTICATION, CLIENT, ENCRYPTION, SERVER
from foreign import cells

KEYS = SymmetricKeys(ENCRYPTION, AUTHENTICATION)
PASSES = Passes(CLIENT, SERVER, b"K56iVagY", b"P6wRJ21F")
SECRET = b"correct horse"
WITH_SECRET = sorted(HIGH_MECHANISMS - {Mechanism.HIGH_GMAC, Mechanism.HIGH_ECDSA})
CLIENT_KEYS = PartyKeys(
    published.CLIENT_SIGNATURE,
    others={SERVER: PublicKeys(published.SERVER_SIGNATURE_PUBLIC)},
)
SERVER_KEYS = PartyKeys(
    published.SERVER_SIGNATURE,
    others={CLIENT: PublicKeys(published.CLIENT_SIGNATURE_PUBLIC)},
)


def context(own: bytes, peer: bytes, first: int = 0) -> SecurityContext:
    return SecurityContext(
        SecuritySuite.SUITE_0,
        own,
        peer,
        KEYS,
        VolatileCounters(first),
        parties=CLIENT_KEYS if own == CLIENT else SERVER_KEYS,
    )


@cells.cell(
    cells.VECTOR,
    cells.BOTH,
    mechanism=Mechanism.HIGH_GMAC,
    suite=0,
    services=("association",),
    note="Green Book, both passes",
)
@pytest.mark.parametrize(
    ("prover", "titles", "first", "expected"),
    [
        (Prover.CLIENT, (SERVER, CLIENT), 1, "10000000011A52FE7DD3E72748973C1E28"),
        (Prover.SERVER, (CLIENT, SERVER), 0x01234567, "1001234567FE1466AFB3DBCD4F9389E2B7"),
    ],
)
def test_the_published_proofs_of_GMAC(
    prover: Prover, titles: tuple[bytes, bytes], first: int, expected: str
) -> None:
    """The published titles belong to the client 4D..01 and the server 4D..BC614E."""
    client = SERVER
    passes = Passes(client, CLIENT, b"K56iVagY", b"P6wRJ21F")
    own, peer = titles
    proof = prove(Mechanism.HIGH_GMAC, prover, passes, security=context(own, peer, first))
    assert proof.hex().upper() == expected
    other = context(peer, own)
    verify(Mechanism.HIGH_GMAC, prover, passes, proof, security=other)
    assert other.counters.last(KeyId.GLOBAL_UNICAST_ENCRYPTION, own) == first


def test_a_GMAC_proof_is_accepted_once() -> None:
    client, server = context(CLIENT, SERVER), context(SERVER, CLIENT)
    proof = prove(Mechanism.HIGH_GMAC, Prover.CLIENT, PASSES, security=client)
    verify(Mechanism.HIGH_GMAC, Prover.CLIENT, PASSES, proof, security=server)
    with pytest.raises(SecurityError) as caught:
        verify(Mechanism.HIGH_GMAC, Prover.CLIENT, PASSES, proof, security=server)
    assert caught.value.fault is SecurityFault.REPLAY


def test_a_GMAC_proof_may_be_older_than_its_envelope_but_not_than_what_was_before() -> None:
    client, server = context(CLIENT, SERVER), context(SERVER, CLIENT)
    key = KeyId.GLOBAL_UNICAST_ENCRYPTION
    client.counters.next(key)
    proof = prove(Mechanism.HIGH_GMAC, Prover.CLIENT, PASSES, security=client)
    server.counters.accept(key, CLIENT, 2)
    verify(Mechanism.HIGH_GMAC, Prover.CLIENT, PASSES, proof, security=server, last=0)
    with pytest.raises(SecurityError) as caught:
        verify(Mechanism.HIGH_GMAC, Prover.CLIENT, PASSES, proof, security=server, last=1)
    assert caught.value.fault is SecurityFault.REPLAY
    assert server.counters.last(key, CLIENT) == 2


def test_SE_04_a_forged_GMAC_proof_moves_no_counter() -> None:
    client, server = context(CLIENT, SERVER), context(SERVER, CLIENT)
    proof = prove(Mechanism.HIGH_GMAC, Prover.CLIENT, PASSES, security=client)
    forged = proof[:1] + b"\xff\xff\xff\xf0" + proof[5:]
    for wrong in (forged, proof[:-1], proof + b"\0", b"", b"\x30" + proof[1:], b"\x11" + proof[1:]):
        with pytest.raises(SecurityError) as caught:
            verify(Mechanism.HIGH_GMAC, Prover.CLIENT, PASSES, wrong, security=server)
        assert caught.value.fault is SecurityFault.AUTHENTICATION
    verify(Mechanism.HIGH_GMAC, Prover.CLIENT, PASSES, proof, security=server)


def test_a_clients_own_proof_is_not_the_servers() -> None:
    client = context(CLIENT, SERVER)
    mirrored = Passes(CLIENT, CLIENT, b"K56iVagY", b"K56iVagY")
    proof = prove(Mechanism.HIGH_GMAC, Prover.CLIENT, mirrored, security=client)
    with pytest.raises(SecurityError):
        verify(Mechanism.HIGH_GMAC, Prover.SERVER, mirrored, proof, security=client)


def _sha(algorithm: hashes.HashAlgorithm, *parts: bytes) -> bytes:
    digest = hashes.Hash(algorithm)
    digest.update(b"".join(parts))
    return digest.finalize()


def test_what_the_hashes_are_made_of() -> None:
    to_server, to_client = PASSES.client_challenge, PASSES.server_challenge
    made = {
        (mechanism, prover): prove(mechanism, prover, PASSES, secret=SECRET)
        for mechanism in WITH_SECRET
        for prover in Prover
    }
    client, server = Prover.CLIENT, Prover.SERVER
    assert made[Mechanism.HIGH_MD5, client] == _sha(hashes.MD5(), to_client, SECRET)
    assert made[Mechanism.HIGH_MD5, server] == _sha(hashes.MD5(), to_server, SECRET)
    assert made[Mechanism.HIGH_SHA1, client] == _sha(hashes.SHA1(), to_client, SECRET)
    assert made[Mechanism.HIGH_SHA1, server] == _sha(hashes.SHA1(), to_server, SECRET)
    sha256 = hashes.SHA256()
    assert made[Mechanism.HIGH_SHA256, client] == _sha(
        sha256, SECRET, CLIENT, SERVER, to_client, to_server
    )
    assert made[Mechanism.HIGH_SHA256, server] == _sha(
        sha256, SECRET, SERVER, CLIENT, to_server, to_client
    )


class _Settings:
    """What the peer reads of its settings here."""

    def __init__(self, authentication: Authentication) -> None:
        self.authentication = authentication


@cells.cell(
    cells.GURUX, cells.CLIENT, services=("association",), note="proofs of mechanisms 2, 3 and 4"
)
@given(
    st.sampled_from([Mechanism.HIGH, Mechanism.HIGH_MD5, Mechanism.HIGH_SHA1]),
    st.binary(min_size=8, max_size=64),
    st.binary(min_size=1, max_size=16),
)
def test_the_peers_proofs_of_mechanisms_2_3_4(
    mechanism: Mechanism, challenge: bytes, secret: bytes
) -> None:
    theirs = GXSecure.secure(_Settings(Authentication(mechanism)), None, 0, challenge, secret)
    passes = Passes(CLIENT, SERVER, b"", challenge)
    assert prove(mechanism, Prover.CLIENT, passes, secret=secret) == bytes(theirs)


@pytest.mark.parametrize("mechanism", WITH_SECRET)
@pytest.mark.parametrize("prover", Prover)
def test_a_secret_proves_and_another_does_not(mechanism: Mechanism, prover: Prover) -> None:
    proof = prove(mechanism, prover, PASSES, secret=SECRET)
    verify(mechanism, prover, PASSES, proof, secret=SECRET)
    wrong = bytes((proof[0] ^ 1,)) + proof[1:]
    for passes, octets, secret in [
        (PASSES, proof, b"incorrect horse"),
        (PASSES, proof, b""),
        (PASSES, wrong, SECRET),
        (PASSES, proof[:-1], SECRET),
        (PASSES._replace(client_challenge=b"A" * 8, server_challenge=b"B" * 8), proof, SECRET),
    ]:
        with pytest.raises(SecurityError) as caught:
            verify(mechanism, prover, passes, octets, secret=secret)
        assert caught.value.fault is SecurityFault.AUTHENTICATION
        assert SECRET.decode() not in str(caught.value)


@pytest.mark.parametrize("prover", Prover)
def test_signatures_prove(prover: Prover) -> None:
    passes = Passes(CLIENT, SERVER, bytes(range(32)), bytes(range(32, 64)))
    one, other = context(CLIENT, SERVER), context(SERVER, CLIENT)
    if prover is Prover.SERVER:
        one, other = other, one
    proof = prove(Mechanism.HIGH_ECDSA, prover, passes, security=one)
    assert len(proof) == 64
    verify(Mechanism.HIGH_ECDSA, prover, passes, proof, security=other)
    for wrong in (
        passes._replace(client_challenge=bytes(32)),
        passes._replace(server_title=bytes(8)),
    ):
        with pytest.raises(SecurityError):
            verify(Mechanism.HIGH_ECDSA, prover, wrong, proof, security=other)
    with pytest.raises(SecurityError):
        verify(Mechanism.HIGH_ECDSA, prover, passes, proof[:-1], security=other)


@pytest.mark.parametrize("mechanism", sorted(HIGH_MECHANISMS))
def test_SE_10_the_sizes_of_a_challenge(mechanism: Mechanism) -> None:
    least = 32 if mechanism == Mechanism.HIGH_ECDSA else 8
    for size in range(80):
        if least <= size <= 64:
            check_challenge(mechanism, bytes(size))
        else:
            with pytest.raises(SecurityError) as caught:
                check_challenge(mechanism, bytes(size))
            assert caught.value.fault is SecurityFault.AUTHENTICATION
    check_challenge(mechanism, bytes(CHALLENGE_OCTETS))
    assert 16 <= CHALLENGE_OCTETS <= 64


def test_SE_10_a_challenge_that_comes_back_is_refused() -> None:
    check_reflection(Mechanism.HIGH_SHA256, PASSES)
    with pytest.raises(SecurityError) as caught:
        check_reflection(
            Mechanism.HIGH_SHA256, PASSES._replace(server_challenge=PASSES.client_challenge)
        )
    assert caught.value.fault is SecurityFault.AUTHENTICATION


def test_what_a_mechanism_takes() -> None:
    assert frozenset({2, 3, 4}) == OBSOLETE_MECHANISMS
    with pytest.raises(LocalProtocolError):
        prove(Mechanism.HIGH_GMAC, Prover.CLIENT, PASSES)
    with pytest.raises(LocalProtocolError):
        prove(Mechanism.HIGH_SHA256, Prover.CLIENT, PASSES)
    with pytest.raises(LocalProtocolError):
        prove(Mechanism.LOW, Prover.CLIENT, PASSES, secret=SECRET)
