"""The short way into and out of the usual envelope gives what the long way gives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addad.dlms.security.cipher import GcmCipher
from addad.dlms.security.counters import COUNTER_END, VolatileCounters
from addad.dlms.security.framing import CipheringForm, encode_ciphered, read_ciphered
from addad.dlms.security.keys import KeyId
from addad.dlms.security.opening import open_ciphered
from addad.dlms.security.sealing import seal, unseal
from dlms.security.published import AUTHENTICATION, CLIENT, ENCRYPTION, GET, GLO_GET

CIPHER = GcmCipher(ENCRYPTION, AUTHENTICATION)
UNICAST = KeyId.GLOBAL_UNICAST_ENCRYPTION
BOTH = b"\x30"


def opened(octets: bytes, counters: VolatileCounters) -> tuple[bytes, int] | None:
    return unseal(CIPHER, counters, CLIENT, BOTH, 0xC0, octets)


def test_the_published_request() -> None:
    assert seal(CIPHER, VolatileCounters(0x01234567), CLIENT, BOTH, 0xC8, GET) == GLO_GET
    counters = VolatileCounters()
    assert opened(GLO_GET, counters) == (GET, 0x01234567)
    assert counters.last(UNICAST, CLIENT) == 0x01234567
    assert opened(GLO_GET, counters) is None


@given(st.binary(max_size=300), st.integers(0, COUNTER_END - 1))
def test_both_ways_give_the_same(tail: bytes, first: int) -> None:
    apdu = b"\xc0" + tail
    octets = seal(CIPHER, VolatileCounters(first), CLIENT, BOTH, 0xC8, apdu)
    counter = first.to_bytes(4, "big")
    body = CIPHER.seal(CLIENT + counter, BOTH, apdu)
    contents = BOTH + counter + body
    assert octets == encode_ciphered(CipheringForm.GLOBAL, 0xC0, CLIENT, contents)
    assert open_ciphered(CIPHER, read_ciphered(octets), CLIENT).text == apdu
    short = len(octets) <= 0x81
    assert opened(octets, VolatileCounters()) == ((apdu, first) if short else None)


@pytest.mark.parametrize("place", range(1, len(GLO_GET)))
def test_whatever_is_altered_is_left_to_the_long_way_with_all_as_it_was(place: int) -> None:
    counters = VolatileCounters()
    altered = bytearray(GLO_GET)
    altered[place] ^= 1
    assert opened(bytes(altered), counters) is None
    assert opened(GLO_GET[:place], counters) is None
    assert counters.last(UNICAST, CLIENT) == -1


def test_so_is_another_service_the_last_counter_and_a_missing_key() -> None:
    counters = VolatileCounters()
    assert unseal(CIPHER, counters, CLIENT, BOTH, 0xC1, GLO_GET) is None
    body = CIPHER.seal(CLIENT + b"\xff" * 4, BOTH, GET)
    last = bytes((0xC8, len(body) + 5)) + BOTH + b"\xff" * 4 + body
    assert opened(last, counters) is None
    half = GcmCipher(ENCRYPTION, None)
    assert unseal(half, counters, CLIENT, BOTH, 0xC0, GLO_GET) is None
    assert counters.last(UNICAST, CLIENT) == -1
