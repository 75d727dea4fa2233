"""One address, many meters: each APDU reaches the meter whose address stands before it."""

from functools import partial

import pytest
from gurux_dlms import GXByteBuffer, GXDLMSClient, GXDLMSGateway, GXReplyData
from gurux_dlms.enums import Authentication, InterfaceType
from gurux_dlms.objects import GXDLMSData

from addad.cosem.gateway import METERS_A_CONNECTION_MAX, GatewaySessions
from addad.cosem.server import ServerEndpoint
from addad.cosem.sessions import Sessions
from addad.dlms.acse import Mechanism
from addad.dlms.apdu.exception import ExceptionResponse
from addad.dlms.connection import AssociationParameters, ClientConnection
from addad.dlms.gateway import RESPONSE, GatewayAddress, read_header
from addad.errors import DecodeError
from cosem.sample_device import NAME, READER, SampleMeter
from foreign import cells

METERS = {GatewayAddress(1, b"meter%d" % n): SampleMeter() for n in range(3)}
AARQ, PUBLIC = (
    ClientConnection(AssociationParameters(sap, 1, mechanism, password)).associate()[0]
    for sap, mechanism, password in ((2, Mechanism.LOW, READER), (16, Mechanism.NONE, b""))
)


def sessions(own: SampleMeter | None = None) -> GatewaySessions:
    return GatewaySessions(
        {a: partial(Sessions, meter.physical_device) for a, meter in METERS.items()},
        None if own is None else Sessions(own.physical_device),
    )


def test_each_meter_answers_behind_its_address() -> None:
    gateway = sessions()
    for address, meter in METERS.items():
        (answer,) = gateway.answer(2, 1, address.request(AARQ))
        found, apdu = read_header(RESPONSE, answer)
        assert found == address
        assert apdu[0] == 0x61
        assert meter.device.open_count[2] == 1
    assert gateway.proven
    gateway.close()
    assert all(meter.device.open_count[2] == 0 for meter in METERS.values())


def test_a_meter_that_is_not_there_is_an_exception_of_the_gateway() -> None:
    nobody = GatewayAddress(1, b"nobody")
    (answer,) = sessions().answer(2, 1, nobody.request(AARQ))
    address, apdu = read_header(RESPONSE, answer)
    assert address == nobody
    assert apdu[0] == ExceptionResponse.TAG
    (answer,) = sessions().answer(2, 1, AARQ)
    assert answer[0] == ExceptionResponse.TAG


def test_without_a_header_the_gateway_itself_answers() -> None:
    own = SampleMeter()
    gateway = sessions(own)
    (answer,) = gateway.answer(2, 1, AARQ)
    assert answer[0] == 0x61
    assert own.device.open_count[2] == 1
    assert gateway.proven
    gateway.close()
    assert own.device.open_count[2] == 0


@pytest.mark.parametrize("octets", [b"\xe6", b"\xe6\x01\x00\xc0", b"\xe7\x01\x01A\xc4"])
def test_a_broken_header_ends_the_link(octets: bytes) -> None:
    with pytest.raises(DecodeError):
        sessions().answer(2, 1, octets)


def test_who_has_proved_nothing_makes_room_for_other_meters() -> None:
    meter = SampleMeter()
    addresses = [GatewayAddress(2, b"%d" % n) for n in range(METERS_A_CONNECTION_MAX + 5)]
    gateway = GatewaySessions({a: partial(Sessions, meter.physical_device) for a in addresses})
    gateway.answer(2, 1, addresses[0].request(AARQ))
    for address in addresses[1:]:
        (answer,) = gateway.answer(16, 1, address.request(PUBLIC))
        assert read_header(RESPONSE, answer)[1][0] == 0x61
    assert meter.device.open_count[16] == METERS_A_CONNECTION_MAX - 1
    assert meter.device.open_count[2] == 1
    gateway.close()
    assert meter.device.open_count[16] == 0


@cells.cell(
    cells.GURUX,
    cells.SERVER,
    services=("association", "GET normal"),
    transport="gateway header",
    mechanism=Mechanism.LOW,
)
def test_gurux_reads_a_meter_behind_our_gateway() -> None:
    address = GatewayAddress(1, b"meter1")
    endpoint = ServerEndpoint(sessions())
    client = GXDLMSClient(True, 2, 1, Authentication.LOW, READER.decode(), InterfaceType.WRAPPER)
    client.gateway = GXDLMSGateway()
    client.gateway.networkId = address.network_id
    client.gateway.physicalDeviceAddress = address.physical_address

    def ask(messages: list[object]) -> GXReplyData:
        reply = GXReplyData()
        for message in messages:
            assert isinstance(message, bytes | bytearray)
            endpoint.receive(bytes(message))
            client.getData(GXByteBuffer(endpoint.answer()), reply, None)
        return reply

    client.parseAareResponse(ask(client.aarqRequest()).data)
    name = GXDLMSData("0.0.42.0.0.255")
    reply = ask(client.read(name, 2))
    assert bytes(client.updateValue(name, 2, reply.value)) == NAME
    assert METERS[address].device.open_count[2] == 1
    endpoint.close()


def test_each_meter_learns_where_its_clients_are() -> None:
    meter, own = SampleMeter(), SampleMeter()
    seen: list[Sessions] = []

    def make() -> Sessions:
        seen.append(Sessions(meter.physical_device))
        return seen[-1]

    mine = Sessions(own.physical_device)
    first, second = GatewayAddress(1, b"1"), GatewayAddress(1, b"2")
    gateway = GatewaySessions({first: make, second: make}, mine)
    endpoint = ServerEndpoint(gateway)
    gateway.answer(2, 1, first.request(AARQ))
    endpoint.connected("10.0.0.9:4711")
    gateway.answer(2, 1, second.request(AARQ))
    assert [one.peer for one in (*seen, mine)] == ["10.0.0.9:4711"] * 3
    assert gateway.peer == "10.0.0.9:4711"
    endpoint.close()
