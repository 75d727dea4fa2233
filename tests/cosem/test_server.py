"""The meter's end of a connection, driven by our client's sans-io end, octet by octet."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addad import obis
from addad.cosem.classes import AssociationLN, DisconnectControl, ProfileGeneric, Register
from addad.cosem.cosem_object import CosemObject
from addad.cosem.logical_device import Doorkeeper, LogicalDevice
from addad.cosem.physical_device import PhysicalDevice
from addad.cosem.rights import AssociationSpec, usual_associations
from addad.cosem.server import ServerEndpoint
from addad.dlms import apdu as apdus
from addad.dlms.acse import Aare, Mechanism
from addad.dlms.apdu.descriptors import AttributeDescriptor
from addad.dlms.apdu.exception import ExceptionResponse
from addad.dlms.apdu.get import GetRequest, GetResponse, GetResponseBlock
from addad.dlms.apdu.set import SetRequestBlock, SetRequestFirstBlock, SetResponseLastBlock
from addad.dlms.connection import (
    ActionReply,
    AssociationParameters,
    ClientConnection,
    GetReply,
    Reply,
    ServerParameters,
    SetReply,
)
from addad.dlms.data import decode
from addad.dlms.indications import Incident
from addad.dlms.results import ActionResult, DataAccessResult, UserDiagnostic
from addad.dlms.types import DoubleLongUnsigned, LongUnsigned, OctetString
from addad.dlms.wrapper import WrapperFrame
from addad.errors import AssociationError, DecodeError
from addad.obis import Obis
from cosem.sample_device import (
    IMPORT_WH,
    MANAGEMENT,
    READER,
    SECRET_OF_FAULT,
    SampleMeter,
)

PASSWORDS = {16: None, 2: READER, 1: MANAGEMENT}


class Peer:
    """A client's end on an endpoint, without a transport."""

    def __init__(
        self,
        endpoint: ServerEndpoint,
        client_sap: int,
        password: bytes | None,
        *,
        server_sap: int = 1,
        max_pdu: int = 0xFFFF,
    ) -> None:
        mechanism = Mechanism.NONE if password is None else Mechanism.LOW
        parameters = AssociationParameters(
            client_sap, server_sap, mechanism, password or b"", max_pdu
        )
        self.endpoint = endpoint
        self.parameters = parameters
        self.connection = ClientConnection(parameters)
        self.frames = 0

    def raw(self, apdu: bytes) -> bytes:
        frame = WrapperFrame(self.parameters.client_sap, self.parameters.server_sap, apdu)
        assert self.endpoint.receive(frame.encode()) == 1
        octets = self.endpoint.answer()
        assert octets is not None
        assert self.endpoint.answer() is None
        self.frames += 1
        assert octets[2:6] == frame.encode()[4:6] + frame.encode()[2:4]
        return octets[8:]

    def ask(self, apdus: tuple[bytes, ...]) -> Reply:
        reply = self.connection.receive(self.raw(*apdus))
        while reply is None:
            reply = self.connection.receive(self.raw(*self.connection.outgoing))
        return reply

    def open(self) -> "Peer":
        self.ask(self.connection.associate())
        return self

    def get(self, descriptors: Sequence[AttributeDescriptor]) -> tuple[object, ...]:
        reply = self.ask(self.connection.get(descriptors))
        assert isinstance(reply, GetReply)
        return reply.results


def peer(meter: SampleMeter, client_sap: int, **more: int) -> Peer:
    endpoint = ServerEndpoint(meter.physical_device)
    return Peer(endpoint, client_sap, PASSWORDS[client_sap], **more).open()


@pytest.mark.parametrize("client_sap", [16, 2, 1])
def test_each_usual_client_associates_reads_its_list_and_releases(client_sap: int) -> None:
    meter = SampleMeter()
    one = peer(meter, client_sap)
    (octets,) = one.get([AssociationLN.object_list.of(obis.CURRENT_ASSOCIATION)])
    assert isinstance(octets, bytes)
    listed = AssociationLN.object_list.type.decode(octets)
    assert len(listed) == len(meter.device.view(meter.device.associations[client_sap])) + 1
    assert meter.device.open_count[client_sap] == 1
    one.ask(one.connection.release())
    assert meter.device.open_count[client_sap] == 0
    answer = apdus.decode(one.raw(GetRequest(0xC1, Register.value.of(obis.CLOCK)).encode()))
    assert isinstance(answer, ExceptionResponse)


@pytest.mark.parametrize(
    ("client_sap", "password", "diagnostic"),
    [
        (2, b"wrong", UserDiagnostic.AUTHENTICATION_FAILURE),
        (2, b"", UserDiagnostic.AUTHENTICATION_FAILURE),
        (2, None, UserDiagnostic.AUTHENTICATION_REQUIRED),
        (1, READER, UserDiagnostic.AUTHENTICATION_FAILURE),
        (99, MANAGEMENT, UserDiagnostic.NO_REASON_GIVEN),
    ],
)
def test_a_client_that_cannot_prove_itself_is_refused(
    client_sap: int, password: bytes | None, diagnostic: UserDiagnostic
) -> None:
    attempts: list[tuple[int, object]] = []

    class Porter(Doorkeeper):
        def came(self, spec: AssociationSpec, peer: str, user_id: int | None) -> None:
            attempts.append((spec.client_sap, None))

        def failed(self, spec: AssociationSpec, peer: str, incident: Incident) -> None:
            attempts.append((spec.client_sap, incident.diagnostic))

    device = LogicalDevice(
        b"X",
        [],
        usual_associations(reader_password=READER, management_password=MANAGEMENT),
        doorkeeper=Porter(),
    )
    one = Peer(ServerEndpoint(PhysicalDevice([device])), client_sap, password)
    with pytest.raises(AssociationError) as failure:
        one.open()
    assert failure.value.diagnostic == diagnostic
    assert attempts == ([] if client_sap == 99 else [(client_sap, diagnostic)])
    again = apdus.decode(one.raw(GetRequest(0xC1, Register.value.of(obis.CLOCK)).encode()))
    assert isinstance(again, ExceptionResponse)
    Peer(ServerEndpoint(PhysicalDevice([device])), 2, READER).open()
    assert attempts[-1] == (2, None)


def test_an_address_without_a_device_answers_an_exception() -> None:
    endpoint = ServerEndpoint(SampleMeter().physical_device)
    one = Peer(endpoint, 16, None, server_sap=77)
    assert isinstance(apdus.decode(one.raw(*one.connection.associate())), ExceptionResponse)


def test_only_an_open_association_with_a_password_proves_who_a_client_is() -> None:
    endpoint = ServerEndpoint(SampleMeter().physical_device)
    assert not endpoint.proven
    Peer(endpoint, 16, None).open()
    with pytest.raises(AssociationError):
        Peer(endpoint, 1, b"guess").open()
    assert not endpoint.proven
    one = Peer(endpoint, 2, READER).open()
    assert endpoint.proven
    one.connection.receive(one.raw(*one.connection.release()))
    assert not endpoint.proven


def test_strangers_leave_nothing_behind() -> None:
    endpoint = ServerEndpoint(SampleMeter().physical_device)
    for client_sap in range(100, 200):
        stranger = Peer(endpoint, client_sap, None)
        assert isinstance(apdus.decode(stranger.raw(*stranger.connection.associate())), Aare)
    assert not endpoint._sessions._sessions


def test_clients_on_one_connection_have_their_own_associations() -> None:
    endpoint = ServerEndpoint(SampleMeter().physical_device)
    public = Peer(endpoint, 16, None).open()
    reader = Peer(endpoint, 2, READER).open()
    energy = Register.value.of(obis.ACTIVE_ENERGY_IMPORT)
    assert public.get([energy]) == (DataAccessResult.OBJECT_UNDEFINED,)
    assert reader.get([energy]) == (DoubleLongUnsigned.encode(IMPORT_WH),)
    public.ask(public.connection.release())
    assert reader.get([energy]) == (DoubleLongUnsigned.encode(IMPORT_WH),)


def test_a_new_request_to_associate_ends_the_association_before_it() -> None:
    meter = SampleMeter()
    reader = peer(meter, 2)
    bad = Peer(reader.endpoint, 2, b"wrong")
    with pytest.raises(AssociationError):
        bad.open()
    assert meter.device.open_count[2] == 0
    energy = GetRequest(0xC1, Register.value.of(obis.ACTIVE_ENERGY_IMPORT)).encode()
    assert isinstance(apdus.decode(reader.raw(energy)), ExceptionResponse)


def test_a_lost_connection_ends_its_associations() -> None:
    meter = SampleMeter()
    one = peer(meter, 1)
    assert meter.device.open_count[1] == 1
    one.endpoint.close()
    assert meter.device.open_count[1] == 0


def test_with_list_each_item_has_its_own_result() -> None:
    results = peer(SampleMeter(), 2).get(
        [
            Register.value.of(obis.ACTIVE_ENERGY_IMPORT),
            Register.value.of(obis.FREQUENCY),
            Register.scaler_unit.of(obis.ACTIVE_ENERGY_IMPORT),
        ]
    )
    assert results == (
        DoubleLongUnsigned.encode(IMPORT_WH),
        DataAccessResult.OBJECT_UNDEFINED,
        bytes.fromhex("02020f00161e"),
    )


def test_a_long_profile_leaves_in_blocks_that_are_made_as_they_leave() -> None:
    meter = SampleMeter(rows=2000)
    one = peer(meter, 2, max_pdu=512)
    descriptor = ProfileGeneric.buffer.of(obis.LOAD_PROFILE)
    first = apdus.decode(one.raw(GetRequest(0xC1, descriptor).encode()))
    assert isinstance(first, GetResponseBlock)
    assert meter.profile.encoded < 30
    (octets,) = one.get([descriptor])
    assert isinstance(octets, bytes)
    rows = decode(octets).value
    assert isinstance(rows, tuple)
    assert len(rows) == 2000
    assert one.frames > 100


def test_a_long_set_takes_effect_only_when_it_is_whole_and_of_the_type() -> None:
    taken: list[bytes] = []
    text = Register.value.typed(OctetString())
    name = Obis.parse("0-0:96.13.0")
    device = LogicalDevice(
        b"X",
        [CosemObject(Register, name, text.writes(taken.append))],
        usual_associations(reader_password=READER, management_password=MANAGEMENT),
    )
    endpoint = ServerEndpoint(PhysicalDevice([device]), ServerParameters(max_pdu=64))
    one = Peer(endpoint, 1, MANAGEMENT).open()
    message = bytes(range(200))
    descriptor = Register.value.of(name)
    begin = one.connection.set([(descriptor, OctetString().encode(message))])
    reply = one.connection.receive(one.raw(*begin))
    while reply is None:
        assert taken == []
        reply = one.connection.receive(one.raw(*one.connection.outgoing))
    assert reply == SetReply((DataAccessResult.SUCCESS,))
    assert taken == [message]

    for wrong in (LongUnsigned.encode(5) + b"\x00", b"\x09\x05abc", b"\xee"):
        first = SetRequestFirstBlock(0xC2, descriptor, False, 1, wrong[:1])
        one.raw(first.encode())
        last = apdus.decode(one.raw(SetRequestBlock(0xC2, True, 2, wrong[1:] or b"\x00").encode()))
        assert isinstance(last, SetResponseLastBlock)
        assert last.result == DataAccessResult.TYPE_UNMATCHED
    assert taken == [message]


def test_actions_run_for_management_only() -> None:
    meter = SampleMeter()
    descriptor = DisconnectControl.remote_disconnect.of(obis.DISCONNECT_CONTROL)
    for client_sap, result in ((2, ActionResult.READ_WRITE_DENIED), (1, ActionResult.SUCCESS)):
        one = peer(meter, client_sap)
        assert meter.closed
        reply = one.ask(one.connection.action([(descriptor, b"\x0f\x00")]))
        assert isinstance(reply, ActionReply)
        assert reply.outcomes[0].result == result
    assert not meter.closed


def test_nothing_of_a_fault_goes_over_the_wire() -> None:
    meter = SampleMeter()
    one = peer(meter, 2)
    apdu = one.raw(GetRequest(0xC1, AttributeDescriptor(1, Obis.parse("0-0:96.1.9"), 2)).encode())
    assert apdus.decode(apdu) == GetResponse(0xC1, DataAccessResult.OTHER_REASON)
    assert SECRET_OF_FAULT.encode()[:5] not in apdu
    assert len(meter.faults) == 1


@pytest.mark.parametrize(
    "apdu",
    [b"\x00", b"\xff\xff", b"\x60", b"\x60\x84\xff\xff\xff\xff", b"\xc0\x01\xc1", bytes(300)],
)
def test_broken_apdus_are_answered_and_the_association_goes_on(apdu: bytes) -> None:
    endpoint = ServerEndpoint(SampleMeter().physical_device)
    one = Peer(endpoint, 2, READER)
    assert one.raw(apdu)
    one.open()
    if apdu[:1] != b"\x60":
        one.raw(apdu)
        energy = Register.value.of(obis.ACTIVE_ENERGY_IMPORT)
        assert one.get([energy]) == (DoubleLongUnsigned.encode(IMPORT_WH),)


@given(st.lists(st.binary(min_size=1, max_size=60), max_size=8), st.sampled_from((16, 2, 1)))
@settings(max_examples=300)
def test_whatever_a_client_sends_is_answered_and_changes_nothing(
    apdus_sent: list[bytes], client_sap: int
) -> None:
    meter = SampleMeter()
    one = peer(meter, client_sap)
    for apdu in apdus_sent:
        one.raw(apdu[:1] + apdu)
        head = 0xC0 + apdu[0] % 4, 1 + apdu[-1] % 6, 0x40 | apdu[0]  # one that wants an answer
        one.raw(bytes(head) + apdu[1:])
    assert meter.closed
    assert meter.threshold_w == 6000
    one.endpoint.close()
    assert meter.device.open_count[client_sap] == 0


def test_octets_that_are_no_frame_are_an_error_for_the_link() -> None:
    endpoint = ServerEndpoint(SampleMeter().physical_device)
    with pytest.raises(DecodeError):
        endpoint.receive(b"GET / HTTP/1.1\r\n")


def test_frames_may_come_octet_by_octet_or_many_at_once() -> None:
    meter = SampleMeter()
    one = peer(meter, 2)
    request = GetRequest(0xC1, Register.value.of(obis.ACTIVE_ENERGY_IMPORT)).encode()
    octets = WrapperFrame(2, 1, request).encode()
    counts = [one.endpoint.receive(octets[i : i + 1]) for i in range(len(octets))]
    assert counts[-2:] == [0, 1]
    assert one.endpoint.answer()
    assert one.endpoint.receive(octets * 3 + octets[:5]) == 3
    assert [bool(one.endpoint.answer()) for _ in range(4)] == [True, True, True, False]
