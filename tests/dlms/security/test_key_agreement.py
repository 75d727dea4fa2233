"""Key agreement: the published exchange of each scheme, with both prefixes of AlgorithmID."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from addad.dlms.security.key_agreement import (
    ALGORITHM_PREFIX,
    ALGORITHM_PREFIX_EDITION_8,
    AgreedUse,
    agree_ephemeral,
    derive_key,
    read_ephemeral,
    shared_secret,
    sign_ephemeral,
    static_party_u,
)
from addad.dlms.security.keys import KeyId
from addad.dlms.security.signatures import (
    encode_public_key,
    read_private_key,
    read_public_key,
)
from addad.dlms.security.suite import SecuritySuite
from addad.errors import DecodeError, SecurityError, SecurityFault
from dlms.security import published
from dlms.security.published import CLIENT, SERVER
from foreign import cells

SUITE = SecuritySuite.SUITE_1
BOTH = {"05": ALGORITHM_PREFIX, "06": ALGORITHM_PREFIX_EDITION_8}
GUEK = KeyId.GLOBAL_UNICAST_ENCRYPTION


def _one_pass_secret(
    signer: ec.EllipticCurvePublicKey, signed: bytes, receiver: ec.EllipticCurvePrivateKey
) -> bytes:
    """What the receiver of a signed ephemeral key shares with its sender."""
    return shared_secret(receiver, read_ephemeral(SUITE, signer, signed, None))


@cells.cell(
    cells.VECTOR,
    cells.BOTH,
    services=("key agreement",),
    suite=1,
    note="Green Book, keys of the ephemeral unified model",
)
@pytest.mark.parametrize(
    ("prefix", "expected"),
    [("05", "C5F4512846EDE51CFB8CCF59F08A694E"), ("06", "E025CA6F9EE8D2B40F993739D44CFBC0")],
)
def test_the_ephemeral_unified_model(prefix: str, expected: str) -> None:
    client = read_ephemeral(
        SUITE,
        published.CLIENT_SIGNATURE_PUBLIC,
        published.EPHEMERAL_CLIENT + published.EPHEMERAL_CLIENT_SIGNATURE,
        GUEK,
    )
    secret = shared_secret(published.EPHEMERAL_SERVER_PRIVATE, client)
    assert secret.hex().upper() == (
        "C1CF8FE7891AEF3617D7190795E61FE6C24EFC3CCA2E08469BAD1A225CE6EA08"
    )
    key = agree_ephemeral(
        SUITE, GUEK, published.EPHEMERAL_SERVER_PRIVATE, client, CLIENT, SERVER, BOTH[prefix]
    )
    assert key.hex().upper() == expected


@cells.cell(
    cells.VECTOR,
    cells.BOTH,
    suite=1,
    protections=("general-ciphering, one-pass agreement",),
    note="Green Book, keys and signature from client to server",
)
@pytest.mark.parametrize(
    ("prefix", "expected"),
    [("05", "59A71FD81C929A86A99438DA17A66C05"), ("06", "8CD08FF02EAC71712DE8449DC8331833")],
)
def test_one_pass_from_client_to_server(prefix: str, expected: str) -> None:
    signed = published.ONE_PASS_CLIENT + published.ONE_PASS_CLIENT_SIGNATURE
    secret = _one_pass_secret(published.CLIENT_SIGNATURE_PUBLIC, signed, published.SERVER_AGREEMENT)
    assert secret.hex().upper() == (
        "0D4385BA0DD756CBCAB9887EB538396EE8F090A14C1079B4359F115B977F4615"
    )
    own = shared_secret(published.ONE_PASS_CLIENT_PRIVATE, published.SERVER_AGREEMENT_PUBLIC)
    assert own == secret
    key = derive_key(SUITE, secret, AgreedUse.AES_GCM_128, CLIENT, SERVER, BOTH[prefix])
    assert key.hex().upper() == expected


@cells.cell(
    cells.VECTOR,
    cells.BOTH,
    suite=1,
    protections=("general-ciphering, one-pass agreement",),
    note="Green Book, keys and signature from server to client",
)
@pytest.mark.parametrize(
    ("prefix", "expected"),
    [("05", "F0184BDA9466BFA4601A64A7EF46504A"), ("06", "E357F06755CBF5C2C31457FE3CD1D5B8")],
)
def test_one_pass_from_server_to_client(prefix: str, expected: str) -> None:
    signed = published.ONE_PASS_SERVER + published.ONE_PASS_SERVER_SIGNATURE
    secret = _one_pass_secret(published.SERVER_SIGNATURE_PUBLIC, signed, published.CLIENT_AGREEMENT)
    assert secret.hex().upper() == (
        "2B4302DC49790E2E78D990CFB52ED6E2F273DECE441A2D95E4301B93812A9FAC"
    )
    key = derive_key(SUITE, secret, AgreedUse.AES_GCM_128, SERVER, CLIENT, BOTH[prefix])
    assert key.hex().upper() == expected


@cells.cell(
    cells.VECTOR,
    cells.BOTH,
    suite=1,
    protections=("general-ciphering, static agreement",),
    note="Green Book, the key of the static unified model",
)
def test_the_static_unified_model() -> None:
    secret = shared_secret(published.CLIENT_AGREEMENT, published.SERVER_AGREEMENT_PUBLIC)
    other = shared_secret(published.SERVER_AGREEMENT, published.CLIENT_AGREEMENT_PUBLIC)
    assert other == secret
    party_u = static_party_u(CLIENT, bytes.fromhex("0102030405060708"))
    key = derive_key(SUITE, secret, AgreedUse.AES_GCM_128, party_u, SERVER)
    assert key.hex().upper() == "56C46B57DF675515C31025455822514A"


def test_the_keys_published_as_pairs_are_pairs() -> None:
    pairs = [
        (published.CLIENT_AGREEMENT, encode_public_key(published.CLIENT_AGREEMENT_PUBLIC)),
        (published.SERVER_AGREEMENT, encode_public_key(published.SERVER_AGREEMENT_PUBLIC)),
        (published.SERVER_SIGNATURE, encode_public_key(published.SERVER_SIGNATURE_PUBLIC)),
        (published.EPHEMERAL_SERVER_PRIVATE, published.EPHEMERAL_SERVER),
        (published.ONE_PASS_CLIENT_PRIVATE, published.ONE_PASS_CLIENT),
    ]
    for private, public in pairs:
        assert encode_public_key(private.public_key()) == public


@pytest.mark.parametrize("number", [1, 2])
def test_both_parties_agree_on_a_key_for_each_use(number: int) -> None:
    suite = SecuritySuite(number)
    size = suite.coordinate_octets
    one = read_private_key(suite, bytes(range(1, 1 + size)))
    two = read_private_key(suite, bytes(range(2, 2 + size)))
    keys = set()
    for key_id in KeyId:
        first = agree_ephemeral(suite, key_id, one, two.public_key(), CLIENT, SERVER)
        assert first == agree_ephemeral(suite, key_id, two, one.public_key(), CLIENT, SERVER)
        assert len(first) == suite.key_octets
        keys.add(first)
    assert len(keys) == 2, "a master key differs from keys for AES-GCM"


@pytest.mark.parametrize(
    ("suite", "key", "use"),
    [
        (1, KeyId.GLOBAL_UNICAST_ENCRYPTION, 0),
        (2, KeyId.GLOBAL_AUTHENTICATION, 1),
        (1, KeyId.MASTER, 2),
        (2, KeyId.MASTER, 3),
    ],
)
def test_the_use_of_each_key(suite: int, key: KeyId, use: int) -> None:
    assert AgreedUse.of(SecuritySuite(suite), key) == use


def test_an_ephemeral_key_of_somebody_else_is_refused() -> None:
    signed = sign_ephemeral(
        published.SERVER_SIGNATURE, published.ONE_PASS_CLIENT_PRIVATE.public_key(), None
    )
    with pytest.raises(SecurityError) as caught:
        read_ephemeral(SUITE, published.CLIENT_SIGNATURE_PUBLIC, signed, None)
    assert caught.value.fault is SecurityFault.SIGNATURE


def test_an_ephemeral_key_for_another_key_is_refused() -> None:
    signed = sign_ephemeral(
        published.CLIENT_SIGNATURE, published.ONE_PASS_CLIENT_PRIVATE.public_key(), GUEK
    )
    read_ephemeral(SUITE, published.CLIENT_SIGNATURE_PUBLIC, signed, GUEK)
    for other in (None, KeyId.MASTER):
        with pytest.raises(SecurityError):
            read_ephemeral(SUITE, published.CLIENT_SIGNATURE_PUBLIC, signed, other)


@pytest.mark.parametrize("size", [0, 64, 127, 129, 192])
def test_an_ephemeral_key_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(DecodeError):
        read_ephemeral(SUITE, published.CLIENT_SIGNATURE_PUBLIC, bytes(size), None)


def test_two_curves_agree_on_nothing() -> None:
    other = read_private_key(SecuritySuite.SUITE_2, bytes(range(1, 49)))
    with pytest.raises(SecurityError) as caught:
        shared_secret(published.CLIENT_AGREEMENT, other.public_key())
    assert caught.value.fault is SecurityFault.KEY
    assert read_public_key(SecuritySuite.SUITE_2, encode_public_key(other.public_key()))
