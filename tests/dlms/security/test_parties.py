"""The keys of a party: each is there or says that it is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from addad.dlms.security.parties import NO_PARTY_KEYS, PartyKeys, PublicKeys
from addad.errors import SecurityError, SecurityFault
from dlms.security import published
from dlms.security.published import CLIENT, SERVER

FULL = PartyKeys(
    published.CLIENT_SIGNATURE,
    published.CLIENT_AGREEMENT,
    {SERVER: PublicKeys(published.SERVER_SIGNATURE_PUBLIC, published.SERVER_AGREEMENT_PUBLIC)},
    lambda: published.ONE_PASS_CLIENT_PRIVATE,
    lambda: bytes(16),
)


def test_what_is_there_is_given() -> None:
    assert FULL.own_signature() is published.CLIENT_SIGNATURE
    assert FULL.own_agreement() is published.CLIENT_AGREEMENT
    assert FULL.signature_of(SERVER) is published.SERVER_SIGNATURE_PUBLIC
    assert FULL.agreement_of(SERVER) is published.SERVER_AGREEMENT_PUBLIC
    assert FULL.ephemeral() is published.ONE_PASS_CLIENT_PRIVATE
    assert FULL.session_key() == bytes(16)


@pytest.mark.parametrize(
    ("asked", "fault"),
    [
        (NO_PARTY_KEYS.own_signature, SecurityFault.KEY),
        (NO_PARTY_KEYS.own_agreement, SecurityFault.KEY),
        (NO_PARTY_KEYS.ephemeral, SecurityFault.KEY),
        (NO_PARTY_KEYS.session_key, SecurityFault.KEY),
        (lambda: FULL.signature_of(CLIENT), SecurityFault.SIGNATURE),
        (lambda: FULL.agreement_of(CLIENT), SecurityFault.KEY),
        (lambda: PartyKeys(others={CLIENT: PublicKeys()}).agreement_of(CLIENT), SecurityFault.KEY),
    ],
)
def test_what_is_missing_says_so(asked: Callable[[], object], fault: SecurityFault) -> None:
    with pytest.raises(SecurityError) as caught:
        asked()
    assert caught.value.fault is fault


def test_no_repr_shows_a_key() -> None:
    for key in (published.CLIENT_SIGNATURE, published.CLIENT_AGREEMENT):
        number = key.private_numbers().private_value
        assert str(number) not in repr(FULL)
    assert bytes(16).hex() not in repr(FULL)
