"""A meter on an HDLC line, by raw frames: the conformance cases of DLMS UA 1001-3, and more."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addad import obis
from addad.cosem.classes import DisconnectControl, Register
from addad.cosem.hdlc_server import INTER_OCTET_S, LINKS_MAX, LOWER, HdlcEndpoint
from addad.cosem.logical_device import LogicalDevice
from addad.cosem.physical_device import PhysicalDevice
from addad.cosem.rights import usual_associations
from addad.dlms.apdu.action import ActionRequest
from addad.dlms.apdu.get import GetRequest
from addad.dlms.hdlc.address import Address
from addad.dlms.hdlc.decoder import FrameDecoder
from addad.dlms.hdlc.frame import Control, Frame, FrameKind
from addad.dlms.hdlc.parameters import DEFAULT_PARAMETERS, LinkParameters, read_parameters
from addad.dlms.hdlc.reject import Reject, RejectReason
from addad.dlms.hdlc.terms import LinkTimes
from addad.dlms.types import DoubleLongUnsigned
from cosem.sample_device import IMPORT_WH, MANAGEMENT, READER, SampleMeter

SERVER, CLIENT = Address(1, LOWER, 2), Address(16)
COMMAND, RESPONSE = b"\xe6\xe6\x00", b"\xe6\xe7\x00"
AARQ = bytes.fromhex("601DA109060760857405080101BE10040E01000000065F1F0400007E1FFFFF")
INACTIVITY_S = 120.0
SNRM, DISC = 0x93, 0x53
RR = 0x11


def low(password: bytes) -> bytes:
    """An AARQ with low level security."""
    name = bytes.fromhex("8A0207808B0760857405080201")
    value = bytes((0xAC, len(password) + 2, 0x80, len(password))) + password
    body = AARQ[2:13] + name + value + AARQ[13:]
    return bytes((0x60, len(body))) + body


class Bench:
    """A meter, its line and a clock; what is sent is answered at once."""

    def __init__(self, device: PhysicalDevice | None = None, **more: object) -> None:
        self.meter = SampleMeter()
        self.now_s = 0.0
        physical = device or self.meter.physical_device
        self.endpoint = HdlcEndpoint(physical, lambda: self.now_s, **more)  # type: ignore[arg-type]

    def raw(self, octets: bytes) -> list[Frame]:
        self.endpoint.receive(octets)
        sent = b""
        while (octets_out := self.endpoint.answer()) is not None:
            sent += octets_out
        decoder = FrameDecoder()
        frames = decoder.feed(sent)
        assert decoder.broken == 0
        return frames

    def send(
        self,
        control: int,
        information: bytes = b"",
        *,
        to: Address = SERVER,
        of: Address = CLIENT,
        segmented: bool = False,
    ) -> list[Frame]:
        answers = self.raw(Frame(to, of, control, information, segmented).encode())
        assert all((a.destination, a.source) == (of, to) for a in answers)
        return answers

    def kinds(self, control: int, information: bytes = b"", **more: Address) -> list[FrameKind]:
        answers = self.send(control, information, **more)  # type: ignore[arg-type]
        meanings = [answer.meaning for answer in answers]
        return [meaning.kind for meaning in meanings if meaning is not None]

    def wait(self, seconds: float) -> None:
        self.now_s += seconds
        self.endpoint.tick()


def kind(frame: Frame) -> FrameKind:
    assert frame.meaning is not None
    return frame.meaning.kind


UA, DM, FRMR = [FrameKind.UA], [FrameKind.DM], [FrameKind.FRMR]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def in_nrm(bench: Bench) -> bool:
    return bench.kinds(RR) == [FrameKind.RR]


# DLMS UA 1001-3


def test_T_HDLC_FRAME_P1_a_link_is_opened_kept_and_ended(bench: Bench) -> None:
    assert bench.kinds(SNRM) == UA
    (ready,) = bench.send(RR)
    assert ready.control == 0x11
    assert bench.kinds(DISC) == UA
    assert bench.kinds(DISC) == DM


def test_T_HDLC_FRAME_P2_a_cut_frame_is_lost_after_a_silence(bench: Bench) -> None:
    bench.send(SNRM)
    disc = Frame(SERVER, CLIENT, DISC).encode()
    for cut in (disc[:-1], disc[:-2]):
        assert bench.raw(cut) == []
        bench.wait(INTER_OCTET_S * 2)
        assert in_nrm(bench)


def test_T_HDLC_FRAME_P3_a_silent_client_loses_its_link(bench: Bench) -> None:
    bench.send(SNRM)
    bench.wait(INACTIVITY_S * 1.1)
    assert bench.kinds(DISC) == DM


def test_T_HDLC_FRAME_N1_without_flags_there_is_no_frame(bench: Bench) -> None:
    snrm = Frame(SERVER, CLIENT, SNRM).encode()
    for broken in (snrm[1:], snrm[:-1], snrm[1:-1]):
        assert bench.raw(broken) == []
        bench.wait(INTER_OCTET_S * 2)
        assert bench.kinds(DISC) == DM


def test_T_HDLC_FRAME_N2_a_shortened_snrm_is_ignored(bench: Bench) -> None:
    snrm = Frame(SERVER, CLIENT, SNRM, LinkParameters(2030, 2030, 4, 4).encode()).encode()
    for gone in range(1, len(snrm) - 2):
        assert bench.raw(snrm[: -1 - gone] + b"\x7e") == []
        bench.wait(INTER_OCTET_S * 2)
    assert bench.raw(snrm)[0].control == 0x73


def test_T_HDLC_FRAME_N3_another_format_type_is_ignored(bench: Bench) -> None:
    snrm = Frame(SERVER, CLIENT, SNRM).encode()
    assert bench.raw(snrm[:1] + b"\x00" + snrm[2:]) == []
    assert bench.kinds(DISC) == DM


def test_T_HDLC_FRAME_N4_a_wrong_length_is_ignored(bench: Bench) -> None:
    snrm = bytearray(Frame(SERVER, CLIENT, SNRM).encode())
    snrm[2] += 1
    assert bench.raw(bytes(snrm)) == []
    bench.wait(INTER_OCTET_S * 2)
    assert bench.kinds(DISC) == DM


def test_T_HDLC_FRAME_N5_an_unknown_control_field_is_rejected_until_snrm(bench: Bench) -> None:
    assert bench.send(0xFF) == []
    bench.send(SNRM)
    (reject,) = bench.send(0xFF)
    assert reject.control == 0x97
    assert Reject.read(reject.information) == Reject(0xFF, 0, 0, RejectReason.CONTROL_UNDEFINED)
    assert bench.kinds(RR) == FRMR
    assert bench.kinds(0x10, COMMAND + AARQ) == FRMR
    assert bench.kinds(SNRM) == UA
    assert in_nrm(bench)


def test_T_HDLC_FRAME_N7_a_wrong_hcs_is_ignored(bench: Bench) -> None:
    bench.send(SNRM)
    good = Frame(SERVER, CLIENT, 0x10, COMMAND + AARQ).encode()
    header = len(good) - 1 - 2 - len(COMMAND + AARQ) - 2
    spoiled = bytearray(good)
    spoiled[header] ^= 0xFF
    assert bench.raw(bytes(spoiled)) == []
    assert bench.endpoint.proven is False
    assert bench.kinds(0x94, b"\x00") == FRMR
    assert bench.kinds(SNRM) == UA
    assert kind(bench.raw(good)[0]) is FrameKind.I


def test_T_HDLC_FRAME_N8_a_wrong_fcs_is_ignored(bench: Bench) -> None:
    snrm = bytearray(Frame(SERVER, CLIENT, SNRM).encode())
    snrm[-2] ^= 0x01
    assert bench.raw(bytes(snrm)) == []
    assert bench.kinds(DISC) == DM


@pytest.mark.parametrize("address", [Address(1), SERVER, Address(1, LOWER, 4)], ids=str)
def test_T_HDLC_ADDRESS_P1_one_two_and_four_octets(bench: Bench, address: Address) -> None:
    assert bench.kinds(SNRM, to=address) == UA
    assert bench.kinds(RR, to=address) == [FrameKind.RR]
    assert bench.kinds(DISC, to=address) == UA


def test_T_HDLC_ADDRESS_N1_a_client_has_one_octet(bench: Bench) -> None:
    assert bench.raw(bytes.fromhex("7EA00B0002040100219361807E")) == []
    assert bench.raw(Frame(SERVER, Address(0, 16, 2), SNRM).encode()) == []
    assert bench.kinds(DISC) == DM


def test_T_HDLC_ADDRESS_N4_an_unknown_logical_device_is_silent(bench: Bench) -> None:
    for unknown in (Address(2), Address(16, LOWER, 2), Address(0x102, LOWER, 4), Address(0)):
        assert bench.send(SNRM, to=unknown) == []
    assert bench.kinds(DISC) == DM


def test_T_HDLC_ADDRESS_N6_another_physical_device_is_silent(bench: Bench) -> None:
    for lower in (0, LOWER + 1, 0x7E):
        assert bench.send(SNRM, to=Address(1, lower, 2)) == []
    assert bench.kinds(DISC) == DM


def test_T_HDLC_ADDRESS_N7_three_octets_are_no_address(bench: Bench) -> None:
    assert bench.raw(bytes.fromhex("7EA0090002052193AFD07E")) == []
    assert bench.kinds(DISC) == DM


def test_T_HDLC_NDM2NRM_P1_the_longest_information_field(bench: Bench) -> None:
    wish = LinkParameters(2030, 2030, 1, 1)
    (answer,) = bench.send(SNRM, wish.encode())
    assert read_parameters(answer.information) == wish


def test_T_HDLC_NDM2NRM_P2_a_window_of_four(bench: Bench) -> None:
    wish = LinkParameters(128, 128, 4, 4)
    (answer,) = bench.send(SNRM, wish.encode())
    assert read_parameters(answer.information) == wish


def test_T_HDLC_INFO_P1_an_aarq_whole_and_in_segments(bench: Bench) -> None:
    bench.send(SNRM)
    (whole,) = bench.send(0x10, COMMAND + AARQ)
    assert whole.information[:4] == RESPONSE + b"\x61"
    assert whole.control == 0x30
    assert bench.kinds(SNRM) == UA
    sdu = COMMAND + AARQ
    pieces = [sdu[start : start + 4] for start in range(0, len(sdu), 4)]
    for number, piece in enumerate(pieces[:-1]):
        control = Control(FrameKind.I, True, number % 8, 0).octet
        (ready,) = bench.send(control, piece, segmented=True)
        assert ready.meaning == Control(FrameKind.RR, True, 0, (number + 1) % 8)
    (answer,) = bench.send(Control(FrameKind.I, True, len(pieces) - 1, 0).octet, pieces[-1])
    assert answer.information == whole.information


def test_T_HDLC_INFO_N1_too_long_an_information_field_is_rejected(bench: Bench) -> None:
    bench.send(SNRM)
    (reject,) = bench.send(0x10, COMMAND + bytes(126))
    assert Reject.read(reject.information).reason is RejectReason.INFORMATION_TOO_LONG
    assert bench.kinds(SNRM) == UA
    assert bench.kinds(0x10, COMMAND + bytes(125)) == [FrameKind.I]


def test_T_HDLC_INFO_N2_a_wrong_receive_number_is_rejected(bench: Bench) -> None:
    bench.send(SNRM)
    (reject,) = bench.send(0x31)
    assert reject.control == 0x97
    assert Reject.read(reject.information).reason is RejectReason.RECEIVE_NUMBER_INVALID
    assert bench.kinds(SNRM) == UA
    assert bench.kinds(DISC) == UA


def test_T_HDLC_INFO_N3_a_wrong_send_number_is_not_taken(bench: Bench) -> None:
    bench.send(SNRM)
    (ready,) = bench.send(0x12, COMMAND + AARQ)
    assert (ready.control, ready.information) == (0x11, b"")
    assert bench.meter.device.open_count[16] == 0
    assert bench.kinds(0x10, COMMAND + AARQ) == [FrameKind.I]


def test_T_HDLC_NDMOP_N1_without_a_link_nothing_is_taken(bench: Bench) -> None:
    assert bench.kinds(0x10, COMMAND + AARQ) == DM
    assert bench.kinds(RR) == DM
    assert bench.send(0x00, COMMAND + AARQ) == []
    assert bench.meter.device.open_count[16] == 0


def test_a_repeated_frame_is_answered_again_and_done_once(bench: Bench) -> None:
    bench.send(SNRM, of=Address(1))
    bench.send(0x10, COMMAND + low(MANAGEMENT), of=Address(1))
    opens = DisconnectControl.remote_disconnect.of(obis.DISCONNECT_CONTROL)
    request = COMMAND + ActionRequest(0xC1, opens, b"\x0f\x00").encode()
    (first,) = bench.send(0x32, request, of=Address(1))
    assert not bench.meter.closed
    bench.meter.switch(True)
    assert bench.send(0x32, request, of=Address(1)) == [first]
    assert bench.meter.closed


# beyond the list

ENERGY = GetRequest(0xC1, Register.value.of(obis.ACTIVE_ENERGY_IMPORT)).encode()
VALUE = bytes.fromhex("C401C100") + DoubleLongUnsigned.encode(IMPORT_WH)


READING = Address(2)


def associated(bench: Bench, client: Address = READING, password: bytes = READER) -> None:
    assert bench.kinds(SNRM, of=client) == UA
    (aare,) = bench.send(0x10, COMMAND + low(password), of=client)
    assert aare.information[3] == 0x61


def test_a_reading(bench: Bench) -> None:
    associated(bench)
    assert bench.endpoint.proven
    (answer,) = bench.send(0x32, COMMAND + ENERGY, of=Address(2))
    assert answer.information == RESPONSE + VALUE
    assert answer.control == 0x52


def test_snrm_in_normal_response_mode_ends_the_association_of_that_client_only(
    bench: Bench,
) -> None:
    associated(bench)
    associated(bench, Address(1), MANAGEMENT)
    open_count = bench.meter.device.open_count
    assert (open_count[2], open_count[1]) == (1, 1)
    assert bench.kinds(SNRM, of=Address(2)) == UA
    assert (open_count[2], open_count[1]) == (0, 1)
    (refused,) = bench.send(0x10, COMMAND + ENERGY, of=Address(2))
    assert refused.information[3] == 0xD8


def test_disc_inactivity_and_a_lost_line_end_the_association(bench: Bench) -> None:
    open_count = bench.meter.device.open_count
    associated(bench)
    assert bench.kinds(DISC, of=Address(2)) == UA
    assert open_count[2] == 0
    associated(bench)
    bench.wait(INACTIVITY_S - 1)
    bench.send(0x31, of=Address(2))
    bench.wait(INACTIVITY_S - 1)
    assert open_count[2] == 1
    bench.wait(2)
    assert open_count[2] == 0
    assert bench.endpoint.links == 0
    associated(bench)
    bench.endpoint.close()
    assert open_count[2] == 0


def test_an_inactivity_time_of_zero_never_ends() -> None:
    bench = Bench(times=LinkTimes(inactivity_s=0))
    bench.send(SNRM)
    bench.wait(1e6)
    assert in_nrm(bench)


def test_several_logical_devices_behind_one_address() -> None:
    rights = usual_associations(reader_password=READER, management_password=MANAGEMENT)
    devices = [LogicalDevice(b"A", [], rights), LogicalDevice(b"B", [], rights, sap=0x111)]
    bench = Bench(PhysicalDevice(devices))
    for upper in (1, 0x111):
        address = Address.server(upper, LOWER, 4)
        assert bench.kinds(SNRM, to=address) == UA
        (answer,) = bench.send(0x10, COMMAND + AARQ, to=address)
        assert answer.information[3] == 0x61
    assert [device.open_count[16] for device in devices] == [1, 1]
    assert bench.endpoint.links == 2


def test_a_long_answer_in_windows_of_the_clients_size(bench: Bench) -> None:
    wish = LinkParameters(128, 64, 1, 3)
    bench.send(SNRM, wish.encode(), of=Address(2))
    bench.send(0x10, COMMAND + low(READER), of=Address(2))
    columns = bytes.fromhex("C001C1000701006301 00FF0300".replace(" ", ""))
    burst = bench.send(0x32, COMMAND + columns, of=Address(2))
    assert [bool(f.control & 0x10) for f in burst] == [False] * (len(burst) - 1) + [True]
    assert [f.segmented for f in burst] == [True] * (len(burst) - 1) + [False]
    assert 1 < len(burst) <= 3
    assert all(len(f.information) <= 64 for f in burst)


def test_all_stations_are_answered_by_nobody(bench: Bench) -> None:
    associated(bench)
    for everyone in (Address(0x7F), Address(1, 0x7F, 2), Address(0x3FFF, 0x3FFF, 4)):
        for control in (SNRM, DISC, RR, 0x10, 0x13, 0x03):
            for information in (b"", COMMAND + ENERGY, COMMAND + AARQ):
                assert bench.raw(Frame(everyone, CLIENT, control, information).encode()) == []
    assert bench.meter.device.open_count[2] == 1


def test_a_request_without_a_link_opens_no_association(bench: Bench) -> None:
    assert bench.send(0x13, COMMAND + low(MANAGEMENT), of=Address(1)) == []
    assert bench.meter.device.open_count[1] == 0
    (refused,) = bench.send(0x13, COMMAND + ENERGY, of=Address(1))
    assert refused.control == 0x13
    assert refused.information[:4] == RESPONSE + b"\xd8"
    assert bench.send(0x03, COMMAND + ENERGY) == []
    assert bench.send(0x13, RESPONSE + ENERGY) == []
    assert bench.send(0x13, COMMAND) == []
    bench.endpoint.close()


def test_what_the_meter_tells_unasked(bench: Bench) -> None:
    apdu = bytes.fromhex("0F400000000000")
    (frame,) = FrameDecoder().feed(bench.endpoint.push(apdu, 1))
    assert frame == Frame(Address(1), SERVER, 0x13, RESPONSE + apdu)


def test_clients_that_prove_nothing_make_room_and_the_proven_stay(bench: Bench) -> None:
    associated(bench)
    for sap in range(16, 100):
        bench.now_s += 0.01
        assert bench.kinds(SNRM, of=Address(sap)) == UA
        assert bench.endpoint.links <= LINKS_MAX
    (answer,) = bench.send(0x32, COMMAND + ENERGY, of=Address(2))
    assert answer.information == RESPONSE + VALUE


def test_when_all_places_are_proven_one_more_is_refused() -> None:
    rights = usual_associations(reader_password=READER, management_password=MANAGEMENT)
    devices = [LogicalDevice(b"X", [], rights, sap=sap) for sap in range(1, LINKS_MAX + 2)]
    bench = Bench(PhysicalDevice(devices))
    for sap in range(1, LINKS_MAX + 1):
        assert bench.kinds(SNRM, to=Address(sap), of=Address(2)) == UA
        bench.send(0x10, COMMAND + low(READER), to=Address(sap), of=Address(2))
    assert bench.kinds(SNRM, to=Address(LINKS_MAX + 1), of=Address(2)) == DM
    assert bench.endpoint.links == LINKS_MAX


def test_noise_and_frames_of_others_cost_nothing_and_hide_nothing(bench: Bench) -> None:
    noise = b"\x00\xff~\xa0" + Frame(CLIENT, SERVER, 0x73).encode()
    assert bench.raw(noise) == []
    bench.wait(1)
    snrm = Frame(SERVER, CLIENT, SNRM).encode()
    answers = [bench.raw(snrm[at : at + 1]) for at in range(len(snrm))]
    assert [len(a) for a in answers] == [0] * (len(snrm) - 1) + [1]


def test_parameters_without_sense_open_nothing(bench: Bench) -> None:
    assert bench.send(SNRM, b"\x81\x80\x05nonsense") == []
    assert bench.kinds(DISC) == DM
    (answer,) = bench.send(SNRM)
    assert read_parameters(answer.information) == DEFAULT_PARAMETERS


@given(
    st.lists(
        st.tuples(
            st.sampled_from((SNRM, DISC, RR, 0x10, 0x12, 0x30, 0x32, 0x13, 0xFF))
            | st.integers(0, 255),
            st.binary(max_size=30) | st.just(AARQ) | st.just(low(READER)) | st.just(ENERGY),
            st.sampled_from((1, 2, 16)),
            st.booleans(),
        ),
        max_size=25,
    )
)
@settings(max_examples=150)
def test_whatever_is_sent_is_borne_and_changes_nothing(
    sent: list[tuple[int, bytes, int, bool]],
) -> None:
    bench = Bench()
    for control, apdu, sap, segmented in sent:
        bench.send(control, COMMAND + apdu, of=Address(sap), segmented=segmented)
        bench.raw(apdu)
        bench.wait(INTER_OCTET_S * 2)
    assert bench.meter.closed
    assert bench.meter.threshold_w == 6000
    bench.endpoint.close()
    assert sum(bench.meter.device.open_count.values()) == 0
