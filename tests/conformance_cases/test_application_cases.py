"""The conformance cases of the application layer (DLMS UA 1001-6), by raw frames over the wrapper.

The names of the cases are the association's own; what each of them checks is how its users describe
it, for the document itself is for members only. Those of HDLC stand in
`tests/cosem/test_hdlc_server.py`.
"""

import pytest

from addad import obis
from addad.cosem.classes import AssociationLN, Data
from addad.cosem.server import ServerEndpoint
from addad.dlms import apdu as apdus
from addad.dlms.acse import Aare, Mechanism
from addad.dlms.apdu.action import ActionResponse
from addad.dlms.apdu.get import GetRequest
from addad.dlms.results import (
    ActionResult,
    AssociationResult,
    ProviderDiagnostic,
    UserDiagnostic,
)
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION
from addad.dlms.wrapper import WrapperDecoder, WrapperFrame
from meter.secured_desk import HERE, Client, SecuredDesk

PUBLIC, READER, MANAGEMENT, GMAC = 16, 2, 1, 3
CONTEXT = "A109060760857405080101"
INITIATE = "BE10040E01000000065F1F0400007E1F04B0"
GET, ACTION = 0x000010, 0x000001
GET_NAME = "C001C1 0001 00002A0000FF 02 00"
NOT_POSSIBLE = "D80101"
LOW = "8A0207808B0760857405080201"


class Line:
    """A connection to a meter: octets of the wrapper in, octets of the wrapper out."""

    def __init__(self, desk: SecuredDesk, peer: str = HERE) -> None:
        self.peer = peer
        self._endpoint = ServerEndpoint(desk.device)
        self._endpoint.connected(peer)

    def answer(self, client_sap: int, server_sap: int, apdu: bytes) -> tuple[bytes, ...]:
        """The APDUs that answer one, each out of its frame."""
        assert self._endpoint.receive(WrapperFrame(client_sap, server_sap, apdu).encode()) == 1
        frames = WrapperDecoder().feed(self._endpoint.answer() or b"")
        assert all((frame.source, frame.destination) == (1, client_sap) for frame in frames)
        return tuple(frame.apdu for frame in frames)

    def ask(self, octets: str, client_sap: int = PUBLIC) -> str:
        """The answer to one APDU, both in hexadecimal; empty when there is none."""
        answers = self.answer(client_sap, 1, bytes.fromhex(octets))
        return b"".join(answers).hex().upper()

    def open(self, fields: str, client_sap: int = PUBLIC) -> Aare:
        """The AARE that answers an AARQ with these fields."""
        body = bytes.fromhex(fields)
        assert len(body) < 0x80
        (answer,) = self.answer(client_sap, 1, b"\x60" + bytes((len(body),)) + body)
        aare = apdus.decode(answer)
        assert isinstance(aare, Aare)
        return aare

    @property
    def is_open(self) -> bool:
        """Whether the public client is let read the name of the meter."""
        return self.ask(GET_NAME).startswith("C401C100")


@pytest.fixture
def desk() -> SecuredDesk:
    return SecuredDesk()


@pytest.fixture
def line(desk: SecuredDesk) -> Line:
    return Line(desk)


def initiate_error(aare: Aare) -> str:
    """What stands behind `confirmedServiceError initiate` in a refusal."""
    assert (aare.result, aare.diagnostic) == (
        AssociationResult.REJECTED_PERMANENT,
        UserDiagnostic.NO_REASON_GIVEN,
    )
    information = (aare.user_information or b"").hex().upper()
    assert information.startswith("0E0106")
    return information[6:]


def accepted(aare: Aare) -> bool:
    return aare.result == AssociationResult.ACCEPTED


def test_T_APPL_IDLE_N1_nothing_is_read_without_an_association(line: Line) -> None:
    for request in (
        GET_NAME,
        "C101C1 0001 00002A0000FF 02 00 00",
        "C301C1 0046 0000600310FF 01 00",
    ):
        assert line.ask(request) == NOT_POSSIBLE
    assert accepted(line.open(CONTEXT + INITIATE))


def test_T_APPL_OPEN_1_an_association_without_authentication(line: Line) -> None:
    aare = line.open(CONTEXT + INITIATE)
    assert (aare.result, aare.diagnostic) == (AssociationResult.ACCEPTED, UserDiagnostic.NULL)
    information = (aare.user_information or b"").hex().upper()
    assert information.startswith("0800065F1F0400")
    assert information.endswith("0007")
    assert line.is_open


def test_T_APPL_OPEN_2_low_level_security_with_the_password_and_no_other(desk: SecuredDesk) -> None:
    right, wrong = "AC08800672656164 6572".replace(" ", ""), "AC088006777269746572"
    assert accepted(Line(desk).open(CONTEXT + LOW + right + INITIATE, READER))
    for fields in (LOW + wrong, "8A0207808B0760857405080201AC028000"):
        aare = Line(desk).open(CONTEXT + fields + INITIATE, READER)
        assert aare.diagnostic == UserDiagnostic.AUTHENTICATION_FAILURE
    unnamed = Line(desk).open(CONTEXT + INITIATE, READER)
    assert unnamed.diagnostic == UserDiagnostic.AUTHENTICATION_REQUIRED
    named = Line(desk).open(CONTEXT + LOW + right + INITIATE, PUBLIC)
    assert named.diagnostic == UserDiagnostic.AUTHENTICATION_MECHANISM_NAME_NOT_RECOGNISED


def hls(desk: SecuredDesk, client_sap: int) -> Client:
    """A client with keys, on a line of its own."""
    client = desk.client(client_sap)
    client.sessions = Line(desk)  # type: ignore[assignment]
    return client


@pytest.mark.parametrize("client_sap", [3, 5, 6, 7])
def test_T_APPL_OPEN_3_the_four_passes_of_high_level_security(
    desk: SecuredDesk, client_sap: int
) -> None:
    client = hls(desk, client_sap)
    (pass_2,) = client.raw(*client.connection.associate())
    aare = apdus.decode(pass_2)
    assert isinstance(aare, Aare)
    assert aare.diagnostic == UserDiagnostic.AUTHENTICATION_REQUIRED
    assert len(aare.authentication_value or b"") >= 16
    assert client.connection.receive(pass_2) is None
    assert desk.logical_open(client_sap) == 0
    (pass_4,) = client.raw(*client.connection.outgoing)
    assert client.connection.receive(pass_4) is not None
    assert desk.logical_open(client_sap) == 1
    assert isinstance(client.get(obis.LOGICAL_DEVICE_NAME, Data.value), tuple)


def test_T_APPL_OPEN_3_what_comes_in_place_of_pass_3_ends_the_association(
    desk: SecuredDesk,
) -> None:
    for number, spoiled in enumerate((b"wrong", b"")):
        client = hls(desk, GMAC)
        client.sessions.peer = f"192.0.2.{number}:1"
        (pass_2,) = client.raw(*client.connection.associate())
        client.connection.receive(pass_2)
        security = client.connection.security
        assert security is not None
        if spoiled:
            reply = AssociationLN.reply_to_hls_authentication
            proof = apdus.action.ActionRequest(
                0xC1,
                reply.of(obis.CURRENT_ASSOCIATION),
                reply.parameter.encode(spoiled),
            ).encode()
        else:
            proof = GetRequest(0xC1, Data.value.of(obis.LOGICAL_DEVICE_NAME)).encode()
        octets = security.protect(proof, AUTHENTICATED_ENCRYPTION, client.parameters.form)
        (refusal,) = client.raw(octets)
        if spoiled:
            told = apdus.decode(security.unprotect(refusal).apdu)
            assert isinstance(told, ActionResponse)
            assert told.outcome.result == ActionResult.READ_WRITE_DENIED
        else:
            assert refusal.hex().upper() == NOT_POSSIBLE
        assert desk.logical_open(GMAC) == 0
        read = security.protect(
            GetRequest(0xC1, Data.value.of(obis.LOGICAL_DEVICE_NAME)).encode(),
            AUTHENTICATED_ENCRYPTION,
            client.parameters.form,
        )
        assert client.raw(read)[0].hex().upper() == NOT_POSSIBLE


@pytest.mark.parametrize("version", ["80020780", "80020284"])
def test_T_APPL_OPEN_4_protocol_version_1_among_others(line: Line, version: str) -> None:
    assert accepted(line.open(version + CONTEXT + INITIATE))


def test_T_APPL_OPEN_4_no_common_protocol_version(line: Line) -> None:
    aare = line.open("80020244" + CONTEXT + INITIATE)
    assert aare.diagnostic == ProviderDiagnostic.NO_COMMON_ACSE_VERSION
    assert not line.is_open


@pytest.mark.parametrize("context", ["00", "02", "03", "04", "05", "FF"])
def test_T_APPL_OPEN_5_an_application_context_that_is_not_offered(line: Line, context: str) -> None:
    """Those for short names among them, and the ciphered one where there are no keys."""
    aare = line.open(CONTEXT[:-2] + context + INITIATE)
    assert aare.diagnostic == UserDiagnostic.APPLICATION_CONTEXT_NAME_NOT_SUPPORTED
    assert not line.is_open


@pytest.mark.parametrize("title", ["A609040741424344454647", "A60B0409414243444546474849"])
def test_T_APPL_OPEN_6_a_calling_title_of_a_wrong_length(line: Line, title: str) -> None:
    aare = line.open(CONTEXT + title + INITIATE)
    assert aare.diagnostic == UserDiagnostic.CALLING_AP_TITLE_NOT_RECOGNIZED
    assert not line.is_open


def test_T_APPL_OPEN_6_a_title_that_nothing_is_proved_with_is_borne(line: Line) -> None:
    assert accepted(line.open(CONTEXT + "A60A04084142434445464748" + INITIATE))


def test_T_APPL_OPEN_7_fields_that_nobody_needs_are_borne(line: Line) -> None:
    called = "A209040741424344454647A303040101A403020101A503020102"
    calling = "A803020101A903020101"
    assert accepted(line.open(CONTEXT + called + calling + "BD03040100" + INITIATE))
    assert line.is_open


def test_T_APPL_OPEN_9_a_dedicated_key_in_an_aarq_that_is_not_ciphered(line: Line) -> None:
    key = "000102030405060708090A0B0C0D0E0F"
    aare = line.open(CONTEXT + "BE21041F0101 10".replace(" ", "") + key + INITIATE[12:])
    assert initiate_error(aare) == "04"
    assert not line.is_open


def test_T_APPL_OPEN_11_a_proposed_quality_of_service(line: Line) -> None:
    assert accepted(line.open(CONTEXT + "BE11040F010000017F065F1F0400007E1F04B0"))
    assert line.is_open


def test_T_APPL_OPEN_12_a_dlms_version_too_low_and_a_higher_one(desk: SecuredDesk) -> None:
    for version, error in (("05", "01"), ("00", "01"), ("07", None)):
        aare = Line(desk).open(CONTEXT + INITIATE.replace("065F", version + "5F"))
        assert accepted(aare) if error is None else initiate_error(aare) == error


@pytest.mark.parametrize("proposed", ["000010", "FFFFFF", "00101D", "5E1F00"])
def test_T_APPL_OPEN_13_the_conformance_is_what_both_can(line: Line, proposed: str) -> None:
    aare = line.open(CONTEXT + INITIATE.replace("007E1F", proposed))
    assert accepted(aare)
    told = int.from_bytes((aare.user_information or b"")[7:10], "big")
    assert told
    assert told & ~int(proposed, 16) == 0
    assert line.is_open == bool(told & GET)
    taken = line.ask("C301C1 0046 0000600310FF 01 00") != "D80102"
    assert taken == bool(told & ACTION)


def test_T_APPL_OPEN_13_nothing_in_common(line: Line) -> None:
    assert initiate_error(line.open(CONTEXT + INITIATE.replace("007E1F", "000000"))) == "02"


def test_T_APPL_OPEN_14_the_size_of_apdus_that_a_client_takes(desk: SecuredDesk) -> None:
    assert initiate_error(Line(desk).open(CONTEXT + INITIATE.replace("04B0", "000B"))) == "03"
    for size in ("000C", "FFFF", "0000"):
        assert accepted(Line(desk).open(CONTEXT + INITIATE.replace("04B0", size)))
    line = Line(desk)
    line.open(CONTEXT + INITIATE.replace("04B0", "0020"))
    assert len(line.ask("C001C1 000F 0000280000FF 02 00")) <= 2 * 0x20


@pytest.mark.parametrize(
    "request_octets",
    [
        "C004C1 0001 00002A0000FF 02 00",  # a kind of GET that is none
        "C000C1 0001 00002A0000FF 02 00",
        "C001C1 0000 2800 0100",  # elements are missing
        "C001",
        "C0",
    ],
)
def test_T_APPL_DATA_LN_N1_a_get_that_is_none(line: Line, request_octets: str) -> None:
    line.open(CONTEXT + INITIATE)
    assert line.ask(request_octets) == "D80203"
    assert line.is_open


def test_T_APPL_DATA_LN_N1_an_object_that_is_not_there(line: Line) -> None:
    line.open(CONTEXT + INITIATE)
    assert line.ask("C001C1 0001 FFFFFFFFFFFF 02 00") == "C401C10104"
    assert line.ask("C001C1 0003 00002A0000FF 02 00") == "C401C10109", "of another class"
    assert line.ask("C001C1 0001 00002A0000FF 09 00") == "C401C10104"
    assert line.is_open


@pytest.mark.parametrize("request_octets", ["C106C1", "C101C1 000F 00 0028 0000", "C101"])
def test_T_APPL_DATA_LN_N3_a_set_that_is_none(line: Line, request_octets: str) -> None:
    line.open(CONTEXT + INITIATE)
    assert line.ask(request_octets) == "D80203"
    assert line.is_open


def test_T_APPL_DATA_LN_N3_a_set_that_is_not_allowed(line: Line) -> None:
    line.open(CONTEXT + INITIATE)
    assert line.ask("C101C1 0001 00002A0000FF 02 00 09 01 41") == "C501C103"
    assert line.is_open


@pytest.mark.parametrize("request_octets", ["CE00", "2001", "C2 00 0001 00002A0000FF 02 00", "FF"])
def test_T_APPL_DATA_LN_N4_a_service_that_no_server_takes(line: Line, request_octets: str) -> None:
    line.open(CONTEXT + INITIATE)
    assert line.ask(request_octets) in ("D80202", "D80102")
    assert line.is_open


@pytest.mark.parametrize(
    "request_octets",
    [
        pytest.param("0501 02FA00", id="N1-read"),
        pytest.param("0601 02FA00 01 06 00000001", id="N2-write"),
        pytest.param("1601 02FA00 01 06 00000001", id="N3-unconfirmed-write"),
        pytest.param("1803000000", id="N3-information-report"),
    ],
)
def test_T_APPL_DATA_SN_N1_to_N3_there_are_no_short_names(line: Line, request_octets: str) -> None:
    line.open(CONTEXT + INITIATE)
    assert line.ask(request_octets) == "D80202"
    assert line.is_open


@pytest.mark.parametrize("rlrq", ["6203800100", "6200", "6203800101", "620380011E"])
def test_T_APPL_REL_P1_after_a_release_nothing_is_read(line: Line, rlrq: str) -> None:
    line.open(CONTEXT + INITIATE)
    assert line.is_open
    assert line.ask(rlrq) == "6303800100"
    assert line.ask(GET_NAME) == NOT_POSSIBLE
    assert line.ask(rlrq) == NOT_POSSIBLE
    assert accepted(line.open(CONTEXT + INITIATE))


def test_T_APPL_REL_P1_in_a_ciphered_association_only_its_client_releases(
    desk: SecuredDesk,
) -> None:
    """SYMSEC_REL_N1: a release that proves nothing, or less than is demanded."""
    client = hls(desk, GMAC).open()
    for forged in ("6203800100", "6200", "620F800100BE0A040801000000065F1F04"):
        client.raw(bytes.fromhex(forged))
        assert desk.logical_open(GMAC) == 1
    (rlre,) = client.raw(*client.connection.release())
    assert rlre[0] == 0x63
    assert desk.logical_open(GMAC) == 0


def test_the_mechanisms_that_no_server_offers_are_refused(desk: SecuredDesk) -> None:
    """AL-01: mechanisms 2, 3 and 4 at every client, whatever secret comes with them."""
    for client_sap in (PUBLIC, READER, MANAGEMENT):
        for mechanism in (Mechanism.HIGH, Mechanism.HIGH_MD5, Mechanism.HIGH_SHA1):
            fields = (
                f"8A0207808B07608574050802{mechanism:02X}AC12801000112233445566778899AABBCCDDEEFF"
            )
            aare = Line(desk).open(CONTEXT + fields + INITIATE, client_sap)
            assert aare.diagnostic == UserDiagnostic.AUTHENTICATION_MECHANISM_NAME_NOT_RECOGNISED
