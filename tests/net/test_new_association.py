"""Each association has a challenge, a dedicated key and a context that no other has."""

import pytest

from addad.dlms.acse import Mechanism
from addad.dlms.parameters import AssociationParameters
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.counters import VolatileCounters
from addad.dlms.security.keys import SymmetricKeys
from addad.dlms.security.parties import NO_PARTY_KEYS
from addad.dlms.security.suite import SecuritySuite
from addad.errors import LocalProtocolError
from addad.net.new_association import new_association, with_ephemeral_keys

SUITE = SecuritySuite.SUITE_2
SECURITY = SecurityContext(
    SUITE, b"ADD00001", b"MTR00001", SymmetricKeys(bytes(32), bytes(32)), VolatileCounters()
)


def test_what_chance_gives_is_never_the_same() -> None:
    pattern = AssociationParameters(1, 1, Mechanism.HIGH_GMAC, security=SECURITY)
    made = [new_association(pattern, True) for _ in range(20)]
    assert len({one.challenge for one in made}) == 20
    assert len({one.dedicated_key for one in made}) == 20
    assert all(32 <= len(one.challenge) <= 64 for one in made)
    assert {len(one.dedicated_key or b"") for one in made} == {32}
    assert len({id(one.security) for one in made}) == 20
    assert {id(one.security.counters) for one in made if one.security} == {id(SECURITY.counters)}
    assert new_association(pattern, False).dedicated_key is None


def test_what_is_told_stands() -> None:
    told = AssociationParameters(
        1, 1, Mechanism.HIGH_ECDSA, security=SECURITY, challenge=bytes(40), dedicated_key=bytes(32)
    )
    made = new_association(told, True)
    assert made.challenge == bytes(40)
    assert made.dedicated_key == bytes(32)


def test_without_security_there_is_nothing_to_make() -> None:
    plain = AssociationParameters(2, 1, Mechanism.LOW, b"password")
    assert new_association(plain, False) is plain
    hashed = AssociationParameters(2, 1, Mechanism.HIGH_MD5, b"password", allow_weak=True)
    assert len(new_association(hashed, False).challenge) >= 16
    with pytest.raises(LocalProtocolError, match="needs a ciphered association"):
        new_association(plain, True)


def test_a_party_that_agrees_on_keys_makes_new_ones() -> None:
    parties = with_ephemeral_keys(NO_PARTY_KEYS, SUITE)
    keys = [parties.ephemeral() for _ in range(3)]
    assert {key.curve.name for key in keys} == {SUITE.curve.name}
    assert len({key.private_numbers().private_value for key in keys}) == 3
    assert len({parties.session_key() for _ in range(3)}) == 3
    assert len(parties.session_key()) == 32
