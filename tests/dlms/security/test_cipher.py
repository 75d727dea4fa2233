"""SE-02: AES-GCM with a tag of 12 octets, against another way into the same algorithm."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from addad.dlms.security.cipher import GcmCipher
from addad.errors import LocalProtocolError
from dlms.security.published import AUTHENTICATION, CLIENT, ENCRYPTION, GET
from foreign import cells

NONCE = CLIENT + bytes.fromhex("01234567")
CIPHER = GcmCipher(ENCRYPTION, AUTHENTICATION)


def _openssl(key: bytes, covered: bytes, text: bytes) -> bytes:
    encryptor = Cipher(algorithms.AES(key), modes.GCM(NONCE)).encryptor()
    encryptor.authenticate_additional_data(covered)
    return encryptor.update(text) + encryptor.finalize() + encryptor.tag[:12]


@cells.cell(
    cells.VECTOR,
    cells.BOTH,
    suite=0,
    protections=("glo", "authenticated only"),
    note="Green Book, the ciphered GET",
)
def test_the_published_tags() -> None:
    assert CIPHER.tag(NONCE, b"\x10", GET).hex().upper() == "06725D910F9221D263877516"
    assert CIPHER.encipher(NONCE, GET).hex().upper() == "411312FF935A47566827C467BC"
    sealed = CIPHER.seal(NONCE, b"\x30", GET).hex().upper()
    assert sealed == "411312FF935A47566827C467BC7D825C3BE4A77C3FCC056B6B"


@given(st.binary(max_size=300), st.binary(max_size=40), st.sampled_from([16, 32]))
def test_SE_02_SE_03_the_same_as_the_plain_way(text: bytes, header: bytes, size: int) -> None:
    key, authentication = bytes(range(size)), bytes(range(100, 100 + size))
    cipher = GcmCipher(key, authentication)
    covered = b"\x31" + authentication + header
    sealed = cipher.seal(NONCE, b"\x31", text, header)
    assert sealed == _openssl(key, covered, text)
    assert cipher.open(NONCE, b"\x31", sealed, header) == (text, True)
    tag = cipher.tag(NONCE, b"\x31", text, header)
    assert tag == _openssl(key, covered + text, b"")
    assert cipher.verify(NONCE, b"\x31", text, tag, header)
    assert cipher.encipher(NONCE, cipher.encipher(NONCE, text)) == text


@given(st.integers(0, 8 * (len(GET) + 12) - 1))
def test_one_altered_bit_does_not_verify(bit: int) -> None:
    sealed = bytearray(CIPHER.seal(NONCE, b"\x30", GET))
    sealed[bit >> 3] ^= 1 << (bit & 7)
    assert not CIPHER.open(NONCE, b"\x30", bytes(sealed))[1]


def test_without_authentication_key_nothing_is_authenticated() -> None:
    cipher = GcmCipher(ENCRYPTION, None)
    assert not cipher.authenticates
    assert cipher.encipher(NONCE, GET) == CIPHER.encipher(NONCE, GET)
    with pytest.raises(LocalProtocolError):
        cipher.seal(NONCE, b"\x30", GET)
