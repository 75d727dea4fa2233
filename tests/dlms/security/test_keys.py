"""Keys: sizes, wrapping, and that nothing shows them."""

from __future__ import annotations

import pytest

from addad.dlms.security.keys import KeyId, SymmetricKeys, unwrap_key, wrap_key
from addad.errors import DecodeError, LocalProtocolError, SecurityError, SecurityFault
from dlms.security.published import AUTHENTICATION, ENCRYPTION
from foreign import cells

RFC_3394 = [
    (
        "000102030405060708090A0B0C0D0E0F",
        "00112233445566778899AABBCCDDEEFF",
        "1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5",
    ),
    (
        "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F",
        "00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F",
        "28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21",
    ),
]


@cells.cell(
    cells.VECTOR,
    cells.BOTH,
    services=("key transfer",),
    protections=("general-ciphering, wrapped key",),
    note="RFC 3394, the wrapping of each size of key; the envelope around has no vector",
)
@pytest.mark.parametrize(("master", "key", "wrapped"), RFC_3394)
def test_the_vectors_of_RFC_3394(master: str, key: str, wrapped: str) -> None:
    octets = [bytes.fromhex(text) for text in (master, key, wrapped)]
    assert wrap_key(octets[0], octets[1]) == octets[2]
    assert unwrap_key(octets[0], octets[2]) == octets[1]


def test_a_wrong_master_key_says_so() -> None:
    wrapped = wrap_key(bytes(16), ENCRYPTION)
    with pytest.raises(SecurityError, match="the master key is wrong") as caught:
        unwrap_key(bytes(range(16)), wrapped)
    assert caught.value.fault is SecurityFault.KEY


@pytest.mark.parametrize("size", [0, 8, 16, 23, 25, 32, 41, 100])
def test_a_wrapped_key_has_24_or_40_octets(size: int) -> None:
    with pytest.raises(DecodeError):
        unwrap_key(bytes(16), bytes(size))


def test_only_whole_keys_are_wrapped() -> None:
    with pytest.raises(LocalProtocolError):
        wrap_key(bytes(16), bytes(15))
    with pytest.raises(LocalProtocolError):
        wrap_key(bytes(24), bytes(16))


@pytest.mark.parametrize(
    ("encryption", "authentication", "master"),
    [(15, 16, None), (16, 32, None), (32, 16, None), (16, 16, 32), (24, 24, None)],
)
def test_all_keys_of_a_suite_have_one_size(
    encryption: int, authentication: int, master: int | None
) -> None:
    with pytest.raises(LocalProtocolError):
        SymmetricKeys(
            bytes(encryption),
            bytes(authentication),
            master=None if master is None else bytes(master),
        )


def test_no_repr_shows_a_key() -> None:
    keys = SymmetricKeys(ENCRYPTION, AUTHENTICATION, AUTHENTICATION, ENCRYPTION)
    shown = repr(keys) + repr(keys.unicast_cipher) + str(keys)
    for key in (ENCRYPTION, AUTHENTICATION):
        assert key.hex() not in shown
        assert repr(key) not in shown


def test_the_ciphers_are_made_once() -> None:
    keys = SymmetricKeys(ENCRYPTION, AUTHENTICATION, bytes(16))
    unicast = keys.cipher(KeyId.GLOBAL_UNICAST_ENCRYPTION)
    assert keys.cipher(KeyId.GLOBAL_UNICAST_ENCRYPTION) is unicast
    assert keys.cipher(KeyId.GLOBAL_BROADCAST_ENCRYPTION) is not unicast


def test_without_broadcast_key_there_is_no_broadcast_cipher() -> None:
    with pytest.raises(SecurityError) as caught:
        SymmetricKeys(ENCRYPTION, None).cipher(KeyId.GLOBAL_BROADCAST_ENCRYPTION)
    assert caught.value.fault is SecurityFault.KEY
