"""The gateway header: read as written, refused in every broken form, as a foreign stack has it."""

import pytest
from gurux_dlms import GXByteBuffer, GXDLMSClient, GXDLMSGateway
from gurux_dlms.enums import InterfaceType
from hypothesis import given
from hypothesis import strategies as st

from addad.dlms.gateway import (
    ADDRESS_OCTETS_MAX,
    REQUEST,
    RESPONSE,
    GatewayAddress,
    is_for_gateway,
    read_header,
)
from addad.dlms.wrapper import WrapperDecoder
from addad.errors import DecodeError, LocalProtocolError
from foreign import cells

METER = GatewayAddress(7, b"00012345")
GET = bytes.fromhex("c001c100030100010800ff0200")

addresses = st.builds(
    GatewayAddress, st.integers(0, 255), st.binary(min_size=1, max_size=ADDRESS_OCTETS_MAX)
)


def test_the_layout() -> None:
    assert METER.request(GET) == bytes.fromhex("e60708") + b"00012345" + GET
    assert METER.response(b"\xc4") == bytes.fromhex("e70708") + b"00012345" + b"\xc4"
    assert METER.octets == 11
    assert str(METER) == "3030303132333435 on network 7"


@given(addresses, st.binary(min_size=1).filter(lambda apdu: apdu[0] not in (REQUEST, RESPONSE)))
def test_what_is_written_is_read(meter: GatewayAddress, apdu: bytes) -> None:
    assert read_header(REQUEST, meter.request(apdu)) == (meter, apdu)
    assert read_header(RESPONSE, meter.response(apdu)) == (meter, apdu)


def test_every_cut_off_header_is_refused() -> None:
    whole = METER.request(GET)
    for size in range(METER.octets + 1):
        with pytest.raises(DecodeError):
            read_header(REQUEST, whole[:size])


@pytest.mark.parametrize(
    "octets",
    [
        METER.response(GET),
        b"\xe6\x00\x00" + GET,
        bytes((REQUEST, 0, ADDRESS_OCTETS_MAX + 1)) + bytes(200),
        b"\xe6\x00\x81\x01A" + GET,
        METER.request(METER.request(GET)),
        GET,
        b"",
    ],
)
def test_what_is_no_request_header_is_refused(octets: bytes) -> None:
    with pytest.raises(DecodeError):
        read_header(REQUEST, octets)


@given(st.binary(max_size=100))
def test_any_octets_are_read_or_refused(octets: bytes) -> None:
    try:
        meter, apdu = read_header(REQUEST, octets)
    except DecodeError:
        return
    assert meter.request(apdu) == octets


def test_only_a_header_looks_like_one() -> None:
    assert is_for_gateway(METER.request(GET))
    assert is_for_gateway(METER.response(GET))
    assert not is_for_gateway(GET)
    assert not is_for_gateway(b"")


@pytest.mark.parametrize(
    ("network_id", "address"), [(-1, b"A"), (256, b"A"), (0, b""), (0, bytes(65))]
)
def test_an_address_that_has_no_header_is_our_own_fault(network_id: int, address: bytes) -> None:
    with pytest.raises(LocalProtocolError):
        GatewayAddress(network_id, address)


@cells.cell(cells.GURUX, cells.CLIENT, services=("association",), transport="gateway header")
def test_a_foreign_client_writes_the_same_header() -> None:
    client = GXDLMSClient(True, 16, 1, interfaceType=InterfaceType.WRAPPER)
    gateway = GXDLMSGateway()
    gateway.networkId = METER.network_id
    gateway.physicalDeviceAddress = METER.physical_address
    client.gateway = gateway
    messages = client.aarqRequest()
    octets = messages[0].array() if isinstance(messages[0], GXByteBuffer) else bytes(messages[0])
    (frame,) = WrapperDecoder().feed(bytes(octets))
    meter, apdu = read_header(REQUEST, frame.apdu)
    assert meter == METER
    assert apdu[0] == 0x60
