"""Security rules, held against the whole meter: octets in, octets out, and what it then is."""

import ast
import tracemalloc
from itertools import product
from pathlib import Path

import pytest

import addad.dlms
from addad import obis
from addad.cosem.classes import AssociationLN, Clock, Data, DisconnectControl
from addad.cosem.cosem_object import CosemObject
from addad.cosem.gateway import FORGEABLE
from addad.dlms import apdu as apdus
from addad.dlms.apdu.access import AccessGet, AccessRequest
from addad.dlms.apdu.action import ActionRequest
from addad.dlms.apdu.exception import ExceptionResponse
from addad.dlms.apdu.general_block import GeneralBlock
from addad.dlms.apdu.get import GetRequest, GetRequestWithList
from addad.dlms.security.context import GeneralOptions, SecurityContext
from addad.dlms.security.framing import CipheringForm
from addad.dlms.security.general_ciphering import KeyInfoKind
from addad.dlms.security.parties import PartyKeys
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, Protection
from addad.dlms.types import OctetString
from addad.obis import Obis
from meter.secured_desk import Client, SecuredDesk

BOTH = AUTHENTICATED_ENCRYPTION
NAME = Data.value.of(obis.LOGICAL_DEVICE_NAME)
READ = GetRequest(0xC1, NAME).encode()
CUT_OFF = ActionRequest(
    0xC1,
    DisconnectControl.remote_disconnect.of(obis.DISCONNECT_CONTROL),
    DisconnectControl.remote_disconnect.parameter.encode(0),
).encode()


@pytest.fixture(scope="module")
def shared() -> SecuredDesk:
    return SecuredDesk()


def sealed(client: Client, plain: bytes, **more: object) -> bytes:
    security = client.connection.security
    assert security is not None
    return security.protect(plain, BOTH, client.parameters.form, **more)  # type: ignore[arg-type]


def is_read(client: Client, octets: bytes) -> bool:
    """Whether a request is answered by a value."""
    answers = client.raw(octets)
    security = client.connection.security
    assert security is not None
    return bool(answers) and answers[0][0] == 0xCC and security.unprotect(answers[0]).apdu[3] == 0


# --- envelopes


def test_se_01_of_all_security_control_octets_the_meter_takes_the_right_one(
    shared: SecuredDesk,
) -> None:
    """Each octet around a text and a tag that are right for the octet 30."""
    client = shared.client(4).open()
    taken = []
    for octet in range(256):
        good = sealed(client, READ)
        if is_read(client, good[:2] + bytes((octet,)) + good[3:]):
            taken.append(octet)
    assert taken == [0x30]


def test_se_01_and_02_an_envelope_under_each_octet_is_judged_by_what_it_protects() -> None:
    """Under its own octet a message is genuine, and still refused unless it obeys the policy."""
    desk = SecuredDesk()
    client = desk.client(4).open()
    forms = product((Protection.AUTHENTICATION, Protection.ENCRYPTION, BOTH), (False, True))
    taken = []
    for protection, broadcast in forms:
        reply = client.ask(READ, protection, broadcast=broadcast)
        if not isinstance(reply, ExceptionResponse | None):
            taken.append((protection, broadcast))
    assert taken == [(BOTH, False), (BOTH, True)]


@pytest.mark.parametrize("octets", [*range(12), 13, 16])
def test_se_02_a_tag_has_twelve_octets(shared: SecuredDesk, octets: int) -> None:
    client = shared.client(4, peer=f"198.51.100.{octets}:50000").open()
    good = sealed(client, READ)
    body = (good[2:-12] + good[-12:] + bytes(4))[: len(good) - 2 - 12 + octets]
    assert not is_read(client, good[:1] + bytes((len(body),)) + body)
    assert is_read(client, sealed(client, READ))


def test_se_02_nothing_secret_is_compared_in_a_time_that_tells_of_it() -> None:
    """No tag, proof, secret, password or challenge stands beside == or != in the protocol."""
    secret = ("proof", "secret", "password", "digest", "challenge")
    found = []
    for path in Path(addad.dlms.__path__[0]).rglob("*.py"):
        words = (*secret, "tag") if path.name in ("cipher.py", "opening.py", "hls.py") else secret
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Compare):
                continue
            if not any(isinstance(operator, ast.Eq | ast.NotEq) for operator in node.ops):
                continue
            for side in (node.left, *node.comparators):
                name = ast.unparse(side).rsplit(".")[-1]
                if name.lower().endswith(words) and not name.isupper():
                    found.append(f"{path.name}: {ast.unparse(node)}")
    assert found == []


# --- what was recorded


def with_session_keys(desk: SecuredDesk, client_sap: int = 4) -> SecurityContext:
    """A client's context that can make a key of its own and wrap it."""
    context = desk.context(client_sap)
    number = iter(range(1, 1000))
    context.parties = PartyKeys(new_session_key=lambda: next(number).to_bytes(16, "big"))
    return context


WRAPPED = GeneralOptions(KeyInfoKind.WRAPPED)


@pytest.mark.parametrize("restarted", [False, True])
def test_se_04_a_message_under_a_wrapped_key_works_in_no_other_association(
    restarted: bool,
) -> None:
    """The association is a new one, and its client genuine; somebody else holds the recording."""
    desk = SecuredDesk()
    security = with_session_keys(desk, 3)
    client = desk.client(3, security=security).open()
    live = client.connection.security
    assert live is not None
    form = CipheringForm.GENERAL_CIPHERING
    recorded = live.protect(CUT_OFF, BOTH, form, general=WRAPPED)
    (answer,) = client.raw(recorded)
    assert live.unprotect(answer).apdu[:4] == b"\xc7\x01\xc1\x00"
    assert desk.effects == 1
    if restarted:
        desk.start()
    desk.effects = 0
    other = desk.client(3, security=with_session_keys(desk, 3)).open()
    other.raw(recorded)
    assert desk.effects == 0
    assert 50 in desk.fraud()
    assert is_read(other, sealed(other, READ))


def test_se_04_each_recorded_message_of_each_client_is_worth_nothing_anywhere() -> None:
    desk = SecuredDesk()
    recorded: list[bytes] = []
    for client_sap in (3, 4, 5, 6, 7, 102):
        client = desk.client(client_sap).open()
        client.get(obis.CLOCK, Clock.time)
        client.act(obis.DISCONNECT_CONTROL, DisconnectControl.remote_disconnect, 0)
        if client_sap != 102:
            client.raw(*client.connection.release())
        recorded += client.sent
    desk.effects = 0
    for client_sap in (3, 4, 5, 6, 7, 102):
        stranger = desk.client(client_sap, peer="198.51.100.1:50000")
        victim = desk.client(client_sap, peer=FORGEABLE + "192.0.2.9:50000").open()
        for octets in recorded:
            block = GeneralBlock(True, False, 1, 1, 0, octets).encode()
            for apdu in (octets, block):
                assert all(refused(one) for one in stranger.raw(apdu))
                for server_sap in (1, 0x7F):
                    assert all(refused(one) for one in victim.raw(apdu, server_sap=server_sap))
        assert is_read(victim, sealed(victim, READ))
    assert desk.effects == 0
    assert desk.faults == []


def refused(octets: bytes) -> bool:
    """Whether an answer gives nothing: an exception, a refusing AARE, or asking for a block."""
    if octets[0] == GeneralBlock.TAG:
        return octets[6] == 0 or refused(octets[7:])
    apdu = apdus.decode(octets)
    return isinstance(apdu, ExceptionResponse) or bool(getattr(apdu, "result", 0))


# --- what one request may cost


def test_a_list_of_object_lists_encodes_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the longest thing a stranger may ask for, and he may ask 256 times in one APDU."""
    desk = SecuredDesk()
    asked: list[object] = []
    element = CosemObject.list_element

    def counted(self: CosemObject, *arguments: object) -> object:
        asked.append(self)
        return element(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(CosemObject, "list_element", counted)
    wanted = (AssociationLN.object_list.of(obis.CURRENT_ASSOCIATION),) * 256
    client = desk.client(16).open()
    for _ in range(3):
        assert client.raw(GetRequestWithList(0xC1, wanted).encode())[0][:2] == b"\xc4\x02"
    once = len(asked)
    assert once == len(set(map(id, asked)))


def test_the_object_list_is_new_when_there_is_a_new_object() -> None:
    desk = SecuredDesk()
    client = desk.client(16).open()
    before = client.get(obis.CURRENT_ASSOCIATION, AssociationLN.object_list)
    logical = desk.device.at(1)
    assert logical is not None
    name = Obis.parse("0-0:96.1.9")
    value = Data.value.typed(OctetString())
    logical.add(CosemObject(Data, name, value.reads(lambda: b"new")))
    after = client.get(obis.CURRENT_ASSOCIATION, AssociationLN.object_list)
    assert isinstance(before, tuple)
    assert isinstance(after, tuple)
    seen = name in {element.logical_name for element in after}
    assert len(after) == len(before) + seen


def test_one_access_is_answered_with_no_more_than_its_room() -> None:
    desk = SecuredDesk()
    client = desk.client(1, password=b"management").open()
    item = AccessGet(AssociationLN.object_list.of(obis.CURRENT_ASSOCIATION))
    request = AccessRequest(0x40000001, None, (item,) * 200, (b"\0",) * 200).encode()
    answers = client.raw(GeneralBlock(True, False, 63, 1, 0, request).encode())
    assert sum(map(len, answers)) < 150 * 1024


def test_fz_05_one_access_of_2_kib_costs_no_mib_also_when_it_is_signed() -> None:
    desk = SecuredDesk()
    client = desk.client(6).open()
    item = AccessGet(AssociationLN.object_list.of(obis.CURRENT_ASSOCIATION))
    request = AccessRequest(0x40000001, None, (item,) * 160, (b"\0",) * 160).encode()
    security = client.connection.security
    assert security is not None
    for _ in range(2):  # the first time, what is made once is made
        signed = security.protect(
            request, BOTH | Protection.SIGNATURE, CipheringForm.GENERAL_CIPHERING
        )
        block = GeneralBlock(True, False, 63, 1, 0, signed).encode()
        assert len(block) < 2048
        tracemalloc.start()
        try:
            answers = client.raw(block)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert len(answers) > 1
    assert peak < 1024 * 1024
