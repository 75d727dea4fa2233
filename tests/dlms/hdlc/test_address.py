"""HDLC addresses of clients and servers, in one, two and four octets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addad.dlms.hdlc.address import Address, read_address
from addad.errors import DecodeError, InputError, LocalProtocolError

ADDRESSES = (
    st.builds(Address, st.integers(0, 0x7F))
    | st.builds(Address, st.integers(0, 0x7F), st.integers(0, 0x7F), st.just(2))
    | st.builds(Address, st.integers(0, 0x3FFF), st.integers(0, 0x3FFF), st.just(4))
)


@pytest.mark.parametrize(
    ("octets", "address"),
    [
        ("21", Address(16)),
        ("F1", Address(120)),
        ("03", Address(1)),
        ("0223", Address(1, 17, 2)),
        ("00020023", Address(1, 17, 4)),
        ("CEFF", Address(0x67, 0x7F, 2)),
        ("FF", Address(0x7F)),
        ("FEFEFEFF", Address(0x3FFF, 0x3FFF, 4)),
    ],
)
def test_published_addresses(octets: str, address: Address) -> None:
    assert read_address(bytes.fromhex(octets), 0) == address
    assert address.encode().hex().upper() == octets


@given(ADDRESSES, st.binary(max_size=3), st.binary(max_size=3))
def test_what_is_written_is_read_wherever_it_stands(
    address: Address, before: bytes, after: bytes
) -> None:
    assert read_address(before + address.encode() + after, len(before)) == address


@pytest.mark.parametrize("octets", ["", "00", "0000", "000001", "00000000", "0000000001"])
def test_three_octets_and_none_that_is_the_last_are_refused(octets: str) -> None:
    with pytest.raises(DecodeError):
        read_address(bytes.fromhex(octets), 0)


def test_a_server_takes_the_fewest_octets_that_hold_it() -> None:
    assert Address.server(1).octets == 1
    assert Address.server(1, 17).octets == 2
    assert Address.server(1, 200).octets == 4
    assert Address.server(1000).octets == 4
    assert Address.server(1, 17, 4).encode().hex() == "00020023"


@pytest.mark.parametrize(
    ("upper", "lower", "octets"),
    [(128, None, 1), (1, 17, 1), (1, 128, 2), (0x4000, 1, 4), (-1, 0, None), (1, 17, 3)],
)
def test_what_does_not_fit_is_told_to_the_user(
    upper: int, lower: int | None, octets: int | None
) -> None:
    with pytest.raises(InputError):
        Address.server(upper, lower, octets)


def test_a_client_has_seven_bits() -> None:
    assert Address.client(127) == Address(127)
    with pytest.raises(InputError, match="128"):
        Address.client(128)
    with pytest.raises(LocalProtocolError):
        Address(128).encode()


def test_all_stations() -> None:
    assert Address(0x7F).of_all
    assert Address(1, 0x7F, 2).of_all
    assert Address(1, 0x3FFF, 4).of_all
    assert not any(a.of_all for a in (Address(1), Address(0x7F, 1, 2), Address(1, 0x7F, 4)))
    assert str(Address(1)) == "1"
    assert str(Address(1, 17, 2)) == "1/17"
