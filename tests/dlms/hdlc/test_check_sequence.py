"""The check sequences of HDLC against the published check value and a bit-by-bit calculation."""

from hypothesis import given
from hypothesis import strategies as st

from addad.dlms.hdlc.check_sequence import check_sequence


def bit_by_bit(octets: bytes) -> bytes:
    """The definition: polynomial 8408, one bit after the other."""
    remainder = 0xFFFF
    for octet in octets:
        remainder ^= octet
        for _ in range(8):
            remainder = remainder >> 1 ^ (0x8408 if remainder & 1 else 0)
    return (remainder ^ 0xFFFF).to_bytes(2, "little")


def test_the_published_check_value() -> None:
    assert check_sequence(b"123456789").hex() == "6e90"


@given(st.binary(max_size=200))
def test_it_is_what_the_definition_says(octets: bytes) -> None:
    assert check_sequence(octets) == bit_by_bit(octets)


@given(st.binary(min_size=1, max_size=100), st.data())
def test_one_wrong_bit_is_seen(octets: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(octets) * 8 - 1))
    spoiled = bytearray(octets)
    spoiled[at // 8] ^= 1 << at % 8
    assert check_sequence(bytes(spoiled)) != check_sequence(octets)
