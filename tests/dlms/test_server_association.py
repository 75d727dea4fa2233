"""The server: who opens an association, what is done in it, and what is refused and told."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addad.dlms import apdu
from addad.dlms.access_exchanges import AccessReply
from addad.dlms.acse import Aare, Aarq, Mechanism, Rlre, Rlrq, mechanism_name
from addad.dlms.apdu.access import AccessAction, AccessGet
from addad.dlms.apdu.action import ActionRequest
from addad.dlms.apdu.exception import ExceptionResponse
from addad.dlms.apdu.get import GetRequest, GetRequestNext
from addad.dlms.apdu.initiate import Conformance, InitiateRequest
from addad.dlms.apdu.set import SetRequest, SetRequestFirstBlock
from addad.dlms.association import State
from addad.dlms.authentication import REPLY_TO_HLS
from addad.dlms.client_connection import ClientConnection
from addad.dlms.client_exchanges import GetReply
from addad.dlms.connection import (
    ActionIndication,
    AssociationParameters,
    GetIndication,
    IncidentKind,
    ReleaseIndication,
    ServerConnection,
    ServerParameters,
    SetIndication,
)
from addad.dlms.parameters import SERVICES
from addad.dlms.results import AssociationResult, ServiceError, StateError, UserDiagnostic
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.counters import VolatileCounters
from addad.dlms.security.framing import CipheringForm
from addad.dlms.security.keys import KeyId
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, Protection, SecuritySuite
from addad.dlms.server_association import INCIDENTS_MAX
from addad.errors import AssociationError, LocalProtocolError, SecurityError, SecurityFault
from dlms.secured import (
    ATTRIBUTE,
    CLIENT,
    METHOD,
    NUMBER,
    SECRET,
    SERVER,
    STOC,
    UNICAST,
    Pair,
    answer,
    asked,
    context,
    keys,
    matching,
    offered,
)

GMAC = Mechanism.HIGH_GMAC
HIGH = (GMAC, Mechanism.HIGH_SHA256, Mechanism.HIGH_ECDSA)
WEAK = (Mechanism.HIGH, Mechanism.HIGH_MD5, Mechanism.HIGH_SHA1)
GET = GetRequest(0xC1, ATTRIBUTE).encode()
SET = SetRequest(0xC1, ATTRIBUTE, NUMBER).encode()
ACTION = ActionRequest(0xC1, METHOD, None).encode()
GLOBAL = CipheringForm.GLOBAL
NOT_POSSIBLE = ExceptionResponse(
    StateError.SERVICE_NOT_ALLOWED, ServiceError.OPERATION_NOT_POSSIBLE
)
DECIPHERING = ExceptionResponse(StateError.SERVICE_NOT_ALLOWED, ServiceError.DECIPHERING_ERROR)


class Recorded(VolatileCounters):
    """Counters that remember in which order they were asked."""

    __slots__ = ("events", "given")

    def __init__(self) -> None:
        super().__init__()
        self.events: list[str] = []
        self.given: list[int] = []

    def next(self, key: KeyId) -> int:
        counter = super().next(key)
        self.given.append(counter)
        return counter

    def accept(self, key: KeyId, title: bytes, counter: int) -> bool:
        self.events.append("accept")
        return super().accept(key, title, counter)

    def settle(self) -> None:
        self.events.append("settle")


def said(server: ServerConnection, octets: bytes) -> apdu.Apdu:
    """What the server answers by itself."""
    assert server.receive(octets) is None
    return apdu.decode(*server.outgoing)


def protect(pair: Pair, octets: bytes, *arguments: Any, **more: Any) -> bytes:
    """A client's APDU in an envelope."""
    assert pair.client.security is not None
    wanted = arguments or (AUTHENTICATED_ENCRYPTION, GLOBAL)
    return pair.client.security.protect(octets, *wanted, **more)


# COSEM-OPEN


def _opening() -> list[tuple[Mechanism, SecuritySuite, Protection, CipheringForm, bool]]:
    protections = (
        Protection.NONE,
        Protection.AUTHENTICATION,
        Protection.ENCRYPTION,
        AUTHENTICATED_ENCRYPTION,
    )
    return [
        (mechanism, suite, protection, form, dedicated)
        for mechanism in (Mechanism.NONE, Mechanism.LOW, *HIGH)
        for suite in SecuritySuite
        for protection in protections
        for form in (GLOBAL, CipheringForm.GENERAL_GLOBAL)
        for dedicated in (False, True)
        if not (dedicated and protection == Protection.NONE)
        if not (mechanism == Mechanism.HIGH_ECDSA and suite == SecuritySuite.SUITE_0)
    ]


@pytest.mark.parametrize(("mechanism", "suite", "protection", "form", "dedicated"), _opening())
def test_every_way_to_open_use_and_end_an_association(
    mechanism: Mechanism,
    suite: SecuritySuite,
    protection: Protection,
    form: CipheringForm,
    dedicated: bool,
) -> None:
    pair = Pair(*matching(mechanism, suite, protection, form, dedicated=dedicated)).associate()
    assert pair.get() == GetReply((NUMBER,))
    got = pair.indications[-1]
    assert isinstance(got, GetIndication)
    assert got.protection == protection
    request, response = pair.to_server[-1], pair.to_client[-1]
    assert (NUMBER in response) is not bool(protection & Protection.ENCRYPTION)
    tags = {
        (GLOBAL, False): (0xC8, 0xCC),
        (GLOBAL, True): (0xD0, 0xD4),
        (CipheringForm.GENERAL_GLOBAL, False): (0xDB, 0xDB),
        (CipheringForm.GENERAL_GLOBAL, True): (0xDC, 0xDC),
    }
    plain = (0xC0, 0xC4)
    assert (request[0], response[0]) == (tags[form, dedicated] if protection else plain)
    long = b"\x09\x82\x04\x00" + bytes(1024)
    if protection != Protection.ENCRYPTION:
        pair.exchange(pair.client.set([(ATTRIBUTE, long)]))
        assert isinstance(pair.indications[-1], SetIndication)
    pair.exchange(pair.client.release())
    assert pair.client.state is pair.server.state is State.IDLE
    assert pair.server.incidents == []


@pytest.mark.parametrize(
    ("mechanism", "suite", "octets"),
    [
        (Mechanism.HIGH_SHA256, SecuritySuite.SUITE_0, 64),
        (Mechanism.HIGH_ECDSA, SecuritySuite.SUITE_2, 128),
    ],
)
@pytest.mark.parametrize("form", [GLOBAL, CipheringForm.GENERAL_CIPHERING])
def test_a_proof_that_one_small_apdu_does_not_hold_goes_in_general_blocks(
    mechanism: Mechanism, suite: SecuritySuite, octets: int, form: CipheringForm
) -> None:
    client, server = matching(mechanism, suite, form=form)
    pair = Pair(replace(client, max_pdu=octets), replace(server, max_pdu=octets)).associate()
    assert pair.get() == GetReply((NUMBER,))
    long = b"\x09\x82\x04\x00" + bytes(1024)
    pair.exchange(pair.client.set([(ATTRIBUTE, long)]))
    assert isinstance(pair.indications[-1], SetIndication)
    opening = (0x60, 0x61)  # the AARQ and AARE are what the sizes are agreed by
    sent = [one for one in pair.to_server + pair.to_client if one[0] not in opening]
    assert max(map(len, sent)) <= octets
    assert pair.server.incidents == []


def test_a_proof_in_general_blocks_proves_nothing_before_the_last() -> None:
    client, server = matching(Mechanism.HIGH_ECDSA, SecuritySuite.SUITE_2)
    pair = Pair(replace(client, max_pdu=128), replace(server, max_pdu=128))
    pair.server.receive(*pair.client.associate())
    pair.client.receive(*pair.server.respond_associate())
    first = pair.client.outgoing[0]
    assert pair.server.receive(first) is None
    assert pair.server.state is State.PENDING
    assert not pair.server.associated
    pair.server.receive(bytes.fromhex("C001C10003010001080000FF0200"))
    assert pair.server.state is State.IDLE


@pytest.mark.parametrize("mechanism", WEAK)
def test_mechanisms_2_3_and_4_are_refused(mechanism: Mechanism) -> None:
    pair = Pair(*matching(mechanism))
    with pytest.raises(AssociationError) as caught:
        pair.exchange(pair.client.associate())
    not_recognised = UserDiagnostic.AUTHENTICATION_MECHANISM_NAME_NOT_RECOGNISED
    assert caught.value.diagnostic == not_recognised
    assert pair.server.state is State.IDLE


def aarq_of(parameters: AssociationParameters) -> Aarq:
    aarq = apdu.decode(*ClientConnection(parameters).associate())
    assert isinstance(aarq, Aarq)
    return aarq


def _information(protection: Protection | None, initiate: InitiateRequest, **more: Any) -> bytes:
    octets = initiate.encode()
    if protection is None:
        return octets
    return context(True, **more).protect(octets, protection, GLOBAL)


INITIATE = InitiateRequest(SERVICES, 0)
REASONLESS = UserDiagnostic.NO_REASON_GIVEN
UNSUPPORTED = UserDiagnostic.APPLICATION_CONTEXT_NAME_NOT_SUPPORTED
TITLE = UserDiagnostic.CALLING_AP_TITLE_NOT_RECOGNIZED
FAILED, VIOLATED = IncidentKind.AUTHENTICATION_FAILED, IncidentKind.POLICY_VIOLATED
UNDECIPHERED = IncidentKind.DECIPHERING_FAILED
NAME = "60857405080"
REFUSED: dict[str, tuple[dict[str, Any], UserDiagnostic, IncidentKind | None]] = {
    "SE-12 a plain context": (
        {"application_context_name": bytes.fromhex(NAME + "101")},
        UNSUPPORTED,
        VIOLATED,
    ),
    "short names": (
        {"application_context_name": bytes.fromhex(NAME + "102")},
        UNSUPPORTED,
        VIOLATED,
    ),
    "short names, ciphered": (
        {"application_context_name": bytes.fromhex(NAME + "104")},
        UNSUPPORTED,
        VIOLATED,
    ),
    "no title": ({"calling_ap_title": None}, TITLE, FAILED),
    "a short title": ({"calling_ap_title": b"1234567"}, TITLE, FAILED),
    "our own title": ({"calling_ap_title": SERVER}, TITLE, FAILED),
    "another's title": ({"calling_ap_title": b"12345678"}, REASONLESS, UNDECIPHERED),
    "SE-12 no mechanism": (
        {"mechanism_name": None, "authentication_value": None},
        UserDiagnostic.AUTHENTICATION_REQUIRED,
        FAILED,
    ),
    "SE-12 a weaker mechanism": (
        {"mechanism_name": mechanism_name(Mechanism.LOW)},
        UserDiagnostic.AUTHENTICATION_MECHANISM_NAME_NOT_RECOGNISED,
        FAILED,
    ),
    "a challenge too short": (
        {"authentication_value": b"1234567"},
        UserDiagnostic.AUTHENTICATION_FAILURE,
        FAILED,
    ),
    "SE-13 a plain initiate request": (
        {"user_information": _information(None, INITIATE)},
        REASONLESS,
        VIOLATED,
    ),
    "SE-12 less protection": (
        {"user_information": _information(Protection.AUTHENTICATION, INITIATE)},
        REASONLESS,
        VIOLATED,
    ),
    "another suite": (
        {
            "user_information": _information(
                AUTHENTICATED_ENCRYPTION, INITIATE, suite=SecuritySuite.SUITE_1
            )
        },
        REASONLESS,
        VIOLATED,
    ),
    "other keys": (
        {"user_information": _information(AUTHENTICATED_ENCRYPTION, INITIATE, keys=keys(first=1))},
        REASONLESS,
        UNDECIPHERED,
    ),
    "a dedicated key of a wrong size": (
        {
            "user_information": _information(
                AUTHENTICATED_ENCRYPTION, replace(INITIATE, dedicated_key=b"short")
            )
        },
        REASONLESS,
        None,
    ),
    "an APDU too small for an envelope": (
        {"user_information": _information(AUTHENTICATED_ENCRYPTION, replace(INITIATE, max_pdu=30))},
        REASONLESS,
        None,
    ),
    "nothing inside": ({"user_information": None}, REASONLESS, VIOLATED),
    "a ciphered GET inside": (
        {"user_information": context(True).protect(GET, AUTHENTICATED_ENCRYPTION, GLOBAL)},
        REASONLESS,
        None,
    ),
}


@pytest.mark.parametrize(("change", "diagnostic", "kind"), REFUSED.values(), ids=REFUSED.keys())
def test_who_is_not_let_in(
    change: dict[str, Any], diagnostic: UserDiagnostic, kind: IncidentKind | None
) -> None:
    client, server = matching(GMAC)
    connection = ServerConnection(server)
    aare = said(connection, replace(aarq_of(client), **change).encode())
    assert isinstance(aare, Aare)
    assert aare.result is AssociationResult.REJECTED_PERMANENT
    assert aare.diagnostic is diagnostic
    assert [incident.kind for incident in connection.incidents] == ([kind] if kind else [])
    assert connection.state is State.IDLE
    assert said(connection, GET) == NOT_POSSIBLE


def test_SE_12_a_ciphered_AARQ_to_a_plain_association_is_refused_too() -> None:
    server = ServerConnection(offered(ciphered=False, required=Protection.NONE))
    aare = said(server, aarq_of(asked()).encode())
    assert isinstance(aare, Aare)
    assert aare.diagnostic is UNSUPPORTED
    assert server.incidents == []


def test_SE_09_a_provisioned_title_is_not_learned_from_the_AARQ() -> None:
    server = ServerConnection(offered(security=context(False, peer_title=b"OTHER123")))
    aare = said(server, aarq_of(asked()).encode())
    assert isinstance(aare, Aare)
    assert aare.diagnostic is TITLE


def test_SE_04_a_replayed_AARQ_is_refused_and_its_sender_told_the_counter() -> None:
    client, server = matching()
    pair = Pair(client, server).associate()
    recorded = pair.to_server[0]
    pair.exchange(pair.client.release())
    replay = said(pair.server, recorded)
    assert isinstance(replay, ExceptionResponse)
    assert replay.service is ServiceError.INVOCATION_COUNTER_ERROR
    assert replay.invocation_counter == 2
    assert [one.kind for one in pair.server.incidents] == [IncidentKind.REPLAYED]
    assert said(ServerConnection(server), recorded) == replay
    assert not pair.server.associated


def test_an_AARQ_that_anybody_can_forge_does_not_end_a_ciphered_association() -> None:
    pair = Pair().associate()
    for forged in (
        aarq_of(asked(security=context(True, keys=keys(first=1)))).encode(),
        aarq_of(asked(security=None)).encode(),
        b"\x60\x00",
        b"\x60",
    ):
        assert isinstance(said(pair.server, forged), Aare)
        assert pair.server.associated
    assert pair.get() == GetReply((NUMBER,))
    mistaken = ClientConnection(replace(pair.asked, password=b"wrong"))
    assert isinstance(said(pair.server, *mistaken.associate()), Aare)
    assert pair.server.associated


def test_a_client_that_begins_anew_replaces_its_association() -> None:
    pair = Pair().associate()
    pair.client.abort()
    pair.associate()
    assert pair.get() == GetReply((NUMBER,))


def test_the_caller_may_refuse_whom_the_protocol_would_let_in() -> None:
    pair = Pair(*matching(GMAC))
    assert pair.server.receive(*pair.client.associate()) is not None
    wrong = UserDiagnostic.CALLING_AE_QUALIFIER_NOT_RECOGNIZED
    with pytest.raises(AssociationError) as caught:
        pair.client.receive(*pair.server.respond_associate(wrong))
    assert caught.value.diagnostic == wrong
    assert pair.server.state is State.IDLE


@pytest.mark.parametrize(
    "change",
    [
        {"security": None},
        {"mechanism": GMAC, "security": None, "ciphered": False},
        {"mechanism": Mechanism.HIGH_SHA256, "security": None, "ciphered": False},
    ],
)
def test_what_can_work_with_no_client_is_no_offer(change: dict[str, Any]) -> None:
    with pytest.raises(LocalProtocolError):
        offered(**change)


def test_high_security_needs_a_source_of_challenges() -> None:
    with pytest.raises(LocalProtocolError):
        ServerParameters(mechanism=GMAC, security=context(False))


@pytest.mark.parametrize("challenge", [b"", b"1234567", bytes(65)])
def test_without_a_usable_challenge_nobody_comes_in(challenge: bytes) -> None:
    client, server = matching(GMAC)
    pair = Pair(client, replace(server, challenge=lambda: challenge))
    with pytest.raises(AssociationError):
        pair.exchange(pair.client.associate())
    assert pair.server.state is State.IDLE


def test_where_there_is_no_secret_none_is_right() -> None:
    for mechanism in (Mechanism.LOW, Mechanism.HIGH_SHA256):
        client, server = matching(mechanism)
        pair = Pair(client, replace(server, secret=b""))
        with pytest.raises(AssociationError) as caught:
            pair.exchange(pair.client.associate())
        assert caught.value.diagnostic == UserDiagnostic.AUTHENTICATION_FAILURE


def test_SE_08_the_key_of_a_group_opens_proves_and_ends_nothing() -> None:
    client, server = matching()
    initiate = INITIATE.encode()
    shared = context(True, peer_title=SERVER)
    forged = shared.protect(initiate, AUTHENTICATED_ENCRYPTION, GLOBAL, broadcast=True)
    connection = ServerConnection(server)
    aarq = replace(aarq_of(client), user_information=forged)
    assert isinstance(said(connection, aarq.encode()), Aare)
    assert connection.incidents[0].kind is VIOLATED
    pair = Pair(*matching()).associate()
    forged = shared.protect(initiate, AUTHENTICATED_ENCRYPTION, GLOBAL, broadcast=True)
    assert said(pair.server, Rlrq(user_information=forged).encode()) == NOT_POSSIBLE
    assert pair.server.associated
    other = pending()
    (proof,) = other.client.outgoing
    again = context(True, SecuritySuite.SUITE_1, peer_title=SERVER)
    inside = context(False, SecuritySuite.SUITE_1, peer_title=CLIENT).unprotect(proof).apdu
    again.counters.next(KeyId.GLOBAL_BROADCAST_ENCRYPTION)
    forged = again.protect(inside, AUTHENTICATED_ENCRYPTION, GLOBAL, broadcast=True)
    assert said(other.server, forged) == NOT_POSSIBLE
    assert other.server.state is State.IDLE


# Passes 3 and 4


def pending(mechanism: Mechanism = GMAC, protection: Protection = AUTHENTICATED_ENCRYPTION) -> Pair:
    """A pair whose client has not yet proved itself; its pass 3 waits in `client.outgoing`."""
    pair = Pair(*matching(mechanism, SecuritySuite.SUITE_1, protection))
    pair.serve(*pair.client.associate())
    assert pair.client.receive(pair.to_client[-1]) is None
    assert pair.server.state is State.PENDING
    assert not pair.server.associated
    return pair


@pytest.mark.parametrize("request_", [GET, SET, ACTION, b"", b"\xc3\x01", b"\xff" * 9])
@pytest.mark.parametrize("protection", [Protection.NONE, AUTHENTICATED_ENCRYPTION])
def test_AL_03_before_its_proof_a_client_may_do_nothing_else(
    request_: bytes, protection: Protection
) -> None:
    pair = pending(protection=protection)
    known = request_ and request_[0] in (0xC0, 0xC1, 0xC3)
    octets = protect(pair, request_) if protection and known else request_
    assert said(pair.server, octets) == NOT_POSSIBLE
    assert pair.server.state is State.IDLE
    assert [one.kind for one in pair.server.incidents] == [FAILED]
    assert said(pair.server, *pair.client.outgoing) == NOT_POSSIBLE


@pytest.mark.parametrize("mechanism", HIGH)
def test_SE_10_nothing_is_proved_to_a_client_that_did_not(mechanism: Mechanism) -> None:
    pair = pending(mechanism, Protection.NONE)
    (octets,) = pair.client.outgoing
    wrong = octets[:-1] + bytes((octets[-1] ^ 1,))
    counter = pair.server.security.counters if pair.server.security else None
    assert counter is not None
    with pytest.raises(AssociationError, match="refuses our proof"):
        pair.client.receive(*pair.serve(wrong))
    assert counter.next(UNICAST) == 0
    (incident,) = pair.server.incidents
    assert incident.kind is FAILED
    assert incident.diagnostic is UserDiagnostic.AUTHENTICATION_FAILURE
    assert pair.server.state is State.IDLE
    assert said(pair.server, octets) == NOT_POSSIBLE


@pytest.mark.parametrize("mechanism", HIGH)
def test_SE_10_a_proof_is_good_for_one_challenge(mechanism: Mechanism) -> None:
    pair = pending(mechanism, Protection.NONE)
    proof = pair.client.outgoing
    pair.exchange(proof)
    assert pair.server.associated
    other = Pair(pair.asked, replace(pair.offered, challenge=lambda: STOC[::-1]))
    other.serve(*other.client.associate())
    other.serve(*proof)
    assert other.server.state is State.IDLE


def test_a_pending_client_may_give_up_and_begin_anew() -> None:
    pair = pending(protection=Protection.NONE)
    assert isinstance(pair.server.receive(Rlrq().encode()), ReleaseIndication)
    assert apdu.decode(*pair.server.respond_release()) == Rlre()
    assert pair.server.state is State.IDLE
    pair = pending(protection=Protection.NONE)
    pair.client = ClientConnection(pair.asked)
    pair.associate()


def test_a_proof_to_another_association_object_is_none() -> None:
    pair = pending(protection=Protection.NONE)
    (octets,) = pair.client.outgoing
    name = bytes(REPLY_TO_HLS.logical_name)
    assert said(pair.server, octets.replace(name, b"\x00\x00\x01\x00\x00\xff")) == NOT_POSSIBLE


# Requests


@pytest.mark.parametrize(
    "octets",
    [
        GET,
        SET,
        ACTION,
        GetRequestNext(0xC1, 1).encode(),
        b"\x01\x00",
        b"\x0f",
        b"\x61\x00",
        b"\x05",
    ],
)
def test_SE_13_nothing_plain_is_done_in_a_ciphered_association(octets: bytes) -> None:
    pair = Pair().associate()
    assert said(pair.server, octets) == NOT_POSSIBLE
    (incident,) = pair.server.incidents
    assert incident.kind is VIOLATED
    assert incident.fault is SecurityFault.POLICY
    assert pair.get() == GetReply((NUMBER,))


@pytest.mark.parametrize("required", [Protection.AUTHENTICATION, AUTHENTICATED_ENCRYPTION])
@pytest.mark.parametrize(
    "applied", [Protection.AUTHENTICATION, Protection.ENCRYPTION, AUTHENTICATED_ENCRYPTION]
)
@pytest.mark.parametrize("form", [GLOBAL, CipheringForm.GENERAL_GLOBAL])
def test_the_policy_is_the_least_that_a_request_has(
    required: Protection, applied: Protection, form: CipheringForm
) -> None:
    pair = Pair().associate()
    pair.server.parameters = replace(pair.offered, required=required)
    indication = pair.server.receive(protect(pair, GET, applied, form))
    if required & ~applied:
        assert indication is None
        assert apdu.decode(*pair.server.outgoing) == NOT_POSSIBLE
        assert pair.server.incidents[0].kind is VIOLATED
    else:
        assert isinstance(indication, GetIndication)
        assert indication.protection == applied


@pytest.mark.parametrize("form", [GLOBAL, CipheringForm.GENERAL_GLOBAL])
@pytest.mark.parametrize(
    "octets", [SET, ACTION, SetRequestFirstBlock(0xC1, ATTRIBUTE, False, 1, NUMBER).encode()]
)
def test_SE_03_what_changes_something_is_not_encrypted_only(
    form: CipheringForm, octets: bytes
) -> None:
    pair = Pair(*matching(protection=Protection.ENCRYPTION)).associate()
    assert said(pair.server, protect(pair, octets, Protection.ENCRYPTION, form)) == NOT_POSSIBLE
    assert pair.server.incidents[0].fault is SecurityFault.POLICY
    assert pair.get() == GetReply((NUMBER,))


def test_SE_03_an_ACCESS_encrypted_only_reads_and_does_nothing_else() -> None:
    pair = Pair(*matching(protection=Protection.ENCRYPTION)).associate()
    reply = pair.exchange(pair.client.access([(AccessGet(ATTRIBUTE), None)]))
    assert isinstance(reply, AccessReply)
    refused = pair.exchange(pair.client.access([(AccessAction(METHOD), None)]))
    assert refused == NOT_POSSIBLE
    assert pair.server.incidents[0].fault is SecurityFault.POLICY


def test_SE_04_ten_thousand_forged_frames_do_not_lock_a_genuine_one_out() -> None:
    pair = Pair().associate()
    genuine = protect(pair, GET)
    for number in range(10_000):
        forged = genuine[:3] + (0xFFFFFFFE - number).to_bytes(4, "big") + genuine[7:]
        assert pair.server.receive(forged) is None
    assert apdu.decode(*pair.server.outgoing) == DECIPHERING
    assert len(pair.server.incidents) == INCIDENTS_MAX
    assert pair.server.incidents[0].kind is UNDECIPHERED
    assert pair.server.receive(genuine) is not None


@pytest.mark.parametrize("place", [2, 3, 6, 7, -13, -12, -1])
def test_an_altered_frame_is_not_deciphered(place: int) -> None:
    pair = Pair().associate()
    octets = bytearray(protect(pair, GET))
    octets[place] ^= 1
    answer_ = said(pair.server, bytes(octets))
    assert answer_ in (DECIPHERING, NOT_POSSIBLE)
    assert len(pair.server.incidents) == 1


def test_SE_11_who_proved_the_key_is_told_the_counter_that_is_expected() -> None:
    pair = Pair().associate()
    octets = protect(pair, GET)
    pair.serve(octets)
    told = said(pair.server, octets)
    assert isinstance(told, ExceptionResponse)
    assert told.service is ServiceError.INVOCATION_COUNTER_ERROR
    assert told.invocation_counter == int.from_bytes(octets[3:7], "big") + 1
    assert pair.server.incidents[0].kind is IncidentKind.REPLAYED


def test_SE_11_who_did_not_prove_the_key_is_not_told_the_counter() -> None:
    pair = Pair(*matching(protection=Protection.ENCRYPTION)).associate()
    pair.server.parameters = replace(pair.offered, required=Protection.NONE)
    old = protect(pair, GET, Protection.ENCRYPTION, GLOBAL)
    pair.serve(protect(pair, GET))
    assert pair.server.receive(old) is None
    assert pair.server.outgoing == ()
    forged = old[:2] + b"\x30" + old[3:] + bytes(12)
    forged = forged[:1] + bytes((len(forged) - 2,)) + forged[2:]
    assert said(pair.server, forged) == DECIPHERING


def test_SE_07_the_dedicated_key_has_counters_of_its_own() -> None:
    counters = Recorded()
    client, server = matching(GMAC, dedicated=True)
    server = replace(server, security=context(False, counters=counters))
    pair = Pair(client, server).associate()
    before, accepted = len(counters.given), counters.last(UNICAST, CLIENT)
    assert pair.get() == GetReply((NUMBER,))
    assert pair.to_server[-1][3:7] == pair.to_client[-1][3:7] == bytes(4)
    assert (len(counters.given), counters.last(UNICAST, CLIENT)) == (before, accepted)
    assert pair.client.security is not None
    far = context(True, peer_title=SERVER)
    far.dedicated_key = client.dedicated_key
    for _ in range(5):
        octets = far.protect(GET, AUTHENTICATED_ENCRYPTION, CipheringForm.DEDICATED)
    assert pair.server.receive(octets) is not None  # any start is taken
    pair.server.respond_get([NUMBER])
    assert pair.server.receive(protect(pair, GET)) is not None  # and so is the global key


def test_SE_07_without_a_dedicated_key_there_is_none() -> None:
    pair = Pair().associate()
    other = context(True, peer_title=SERVER)
    other.dedicated_key = bytes(16)
    octets = other.protect(GET, AUTHENTICATED_ENCRYPTION, CipheringForm.DEDICATED)
    assert said(pair.server, octets) == DECIPHERING


def test_SE_08_an_indication_tells_what_came_under_the_broadcast_key() -> None:
    pair = Pair().associate()
    for octets, kind in ((GET, GetIndication), (SET, SetIndication), (ACTION, ActionIndication)):
        sent = protect(pair, octets, AUTHENTICATED_ENCRYPTION, GLOBAL, broadcast=True)
        indication = pair.server.receive(sent)
        assert isinstance(indication, kind)
        assert indication.broadcast
        (response,) = answer(pair.server, indication)
        assert not response[2] & 0x40  # nothing is answered under the key of the group
    unicast = pair.server.receive(protect(pair, GET))
    assert isinstance(unicast, GetIndication)
    assert not unicast.broadcast


@pytest.mark.parametrize(
    ("octets", "settles"), [(GET, 0), (SET, 1), (ACTION, 1)], ids=["GET", "SET", "ACTION"]
)
def test_SE_05_counters_are_durable_before_anything_is_changed(octets: bytes, settles: int) -> None:
    counters = Recorded()
    client, server = matching()
    server = replace(server, security=context(False, counters=counters))
    pair = Pair(client, server).associate()
    counters.events.clear()
    assert pair.server.receive(protect(pair, octets)) is not None
    assert counters.events == ["accept"] + ["settle"] * settles


@pytest.mark.parametrize("changes", [False, True])
def test_SE_05_an_ACCESS_settles_when_it_changes_something(changes: bool) -> None:
    counters = Recorded()
    client, server = matching()
    pair = Pair(client, replace(server, security=context(False, counters=counters))).associate()
    counters.events.clear()
    item = AccessAction(METHOD) if changes else AccessGet(ATTRIBUTE)
    assert isinstance(pair.exchange(pair.client.access([(item, None)])), AccessReply)
    assert counters.events == ["accept"] + ["settle"] * changes


def test_SE_05_a_long_SET_settles_once_before_it_is_done() -> None:
    counters = Recorded()
    client, server = matching()
    server = replace(server, max_pdu=128, security=context(False, counters=counters))
    pair = Pair(client, server).associate()
    counters.events.clear()
    pair.exchange(pair.client.set([(ATTRIBUTE, b"\x09\x82\x02\x00" + bytes(512))]))
    assert counters.events[-2:] == ["accept", "settle"]
    assert counters.events.count("settle") == 1


def test_SE_06_no_counter_is_sent_twice_and_none_beyond_the_end() -> None:
    counters = Recorded()
    client, server = matching(GMAC)
    server = replace(server, security=context(False, counters=counters))
    pair = Pair(client, server)
    for _ in range(3):
        pair.client = ClientConnection(pair.asked)
        pair.associate()
        for _ in range(5):
            pair.get()
    assert len(counters.given) == len(set(counters.given)) == 3 * (1 + 2 + 5)
    spent = replace(server, security=context(False, counters=VolatileCounters(0xFFFFFFFF)))
    tired = ServerConnection(spent)
    assert tired.receive(*ClientConnection(replace(client, security=context(True))).associate())
    aare = apdu.decode(*tired.respond_associate())
    assert isinstance(aare, Aare)
    assert aare.result is AssociationResult.REJECTED_PERMANENT
    assert tired.incidents[0].fault is SecurityFault.COUNTER_EXHAUSTED


def test_a_counter_at_its_end_ends_the_answers_not_the_server() -> None:
    client, server = matching()
    server = replace(server, security=context(False, counters=VolatileCounters(0xFFFFFFFE)))
    pair = Pair(client, server).associate()
    assert pair.get() == NOT_POSSIBLE
    assert pair.server.incidents[0].fault is SecurityFault.COUNTER_EXHAUSTED


def test_SE_13_the_blocks_of_an_answer_are_protected_as_its_request_was() -> None:
    client, server = matching(max_pdu=128)
    pair = Pair(client, replace(server, required=Protection.NONE)).associate()
    assert pair.server.receive(protect(pair, GET)) is not None
    pair.server.respond_get([b"\x09\x82\x02\x00" + bytes(512)])
    more = GetRequestNext(0xC1, 1).encode()
    assert pair.server.receive(protect(pair, more, Protection.AUTHENTICATION, GLOBAL)) is None
    (block,) = pair.server.outgoing
    assert block[0] == 0xCC
    assert Protection(block[2] >> 4 & 3) == AUTHENTICATED_ENCRYPTION


def test_the_policy_for_answers_adds_to_the_requests_own() -> None:
    client, server = matching(protection=Protection.AUTHENTICATION)
    pair = Pair(client, replace(server, required_in_responses=Protection.ENCRYPTION)).associate()
    assert pair.get() == GetReply((NUMBER,))
    assert pair.to_client[-1][:3] == b"\xcc" + pair.to_client[-1][1:2] + b"\x30"


def test_a_signed_request_is_answered_signed() -> None:
    suite = SecuritySuite.SUITE_1
    signed = AUTHENTICATED_ENCRYPTION | Protection.SIGNATURE
    client, server = matching(GMAC, suite, AUTHENTICATED_ENCRYPTION)
    pair = Pair(client, server).associate()
    pair.server.parameters = replace(server, required=signed, required_in_responses=signed)
    octets = protect(pair, GET, signed, CipheringForm.GENERAL_GLOBAL)
    indication = pair.server.receive(octets)
    assert isinstance(indication, GetIndication)
    assert indication.protection == signed
    (response,) = pair.server.respond_get([NUMBER])
    assert pair.client.security is not None
    assert pair.client.security.unprotect(response).protection == signed
    pair.server.parameters = replace(server, required_in_responses=signed)
    assert pair.server.receive(protect(pair, GET)) is not None
    (response,) = pair.server.respond_get([NUMBER])
    assert pair.client.security.unprotect(response).protection == signed


@pytest.mark.parametrize("max_pdu", [64, 127, 128, 200, 256, 300])
@pytest.mark.parametrize("form", [GLOBAL, CipheringForm.GENERAL_GLOBAL])
def test_ciphered_blocks_obey_the_size_as_sent(max_pdu: int, form: CipheringForm) -> None:
    client, server = matching(form=form, max_pdu=max_pdu)
    pair = Pair(client, server).associate()
    long = b"\x09\x82\x04\x00" + bytes(1024)
    reply = pair.exchange(
        pair.client.get([ATTRIBUTE]), lambda server, _: server.respond_get([long])
    )
    assert reply == GetReply((long,))
    assert max(map(len, pair.to_client[1:])) > max_pdu - 16
    pair.exchange(pair.client.set([(ATTRIBUTE, long)]))
    assert isinstance(pair.indications[-1], SetIndication)


# COSEM-RELEASE


def test_SE_13_a_forged_release_is_refused() -> None:
    pair = Pair().associate()
    stale = pair.to_server[0]
    aarq = apdu.decode(stale)
    assert isinstance(aarq, Aarq)
    foreign = context(True, keys=keys(first=1), peer_title=SERVER)
    for information in (
        None,
        INITIATE.encode(),
        b"",
        b"\x21",
        aarq.user_information,
        foreign.protect(INITIATE.encode(), AUTHENTICATED_ENCRYPTION, GLOBAL),
        protect(pair, INITIATE.encode(), Protection.ENCRYPTION, GLOBAL),
    ):
        refusal = said(pair.server, Rlrq(user_information=information).encode())
        assert isinstance(refusal, ExceptionResponse)
        assert pair.server.associated
    assert pair.get() == GetReply((NUMBER,))


# Without connection


def pre_established(**more: Any) -> Pair:
    client, server = matching(pre_established=True, **more)
    client = replace(client, security=context(True, peer_title=SERVER))
    return Pair(client, replace(server, security=context(False, peer_title=CLIENT)))


def test_a_pre_established_association_is_neither_opened_nor_ended() -> None:
    pair = pre_established()
    for octets in (aarq_of(asked()).encode(), Rlrq().encode(), GET, b"\x60\x00", b"\xff"):
        assert pair.server.receive(octets) is None
        assert pair.server.outgoing
    assert pair.get() == GetReply((NUMBER,))
    pair.server.abort()
    assert pair.server.associated
    assert pair.get() == GetReply((NUMBER,))


def test_a_broadcast_to_a_pre_established_association_is_done_and_not_answered() -> None:
    pair = pre_established()
    everyone = ClientConnection(replace(pair.asked, broadcast=True))
    (octets,) = everyone.set([(ATTRIBUTE, NUMBER)])
    assert pair.serve(octets) == ()
    indication = pair.indications[-1]
    assert isinstance(indication, SetIndication)
    assert indication.broadcast


# Whatever comes


def _states() -> dict[str, Callable[[], ServerConnection]]:
    plain = matching(GMAC, protection=Protection.NONE)

    def serving(pair: Pair) -> ServerConnection:
        pair.server.receive(protect(pair, GET) if pair.asked.ciphered else GET)
        pair.server.respond_get([b"\x09\x82\x04\x00" + bytes(1024)])
        assert pair.server.state is State.SERVING
        return pair.server

    def receiving(pair: Pair) -> ServerConnection:
        first = SetRequestFirstBlock(0xC1, ATTRIBUTE, False, 1, NUMBER).encode()
        pair.server.receive(protect(pair, first))
        assert pair.server.state is State.SERVING
        return pair.server

    return {
        "idle": lambda: ServerConnection(matching(GMAC)[1]),
        "pending": lambda: pending().server,
        "pending, plain": lambda: pending(protection=Protection.NONE).server,
        "associated": lambda: Pair().associate().server,
        "associated, plain": lambda: Pair(*plain).associate().server,
        "serving": lambda: serving(Pair(*matching(max_pdu=128)).associate()),
        "serving, plain": lambda: serving(
            Pair(replace(plain[0], max_pdu=128), plain[1]).associate()
        ),
        "receiving": lambda: receiving(Pair().associate()),
        "pre-established": lambda: pre_established().server,
    }


STATES = _states()
FIRST = st.sampled_from(
    [bytes((tag,)) for tag in (0x60, 0x62, 0xC0, 0xC1, 0xC3, 0xC8, 0xC9, 0xCB, 0xD0, 0xD8, 0xD9)]
    + [bytes.fromhex(head) for head in ("DB084D4D4D0000BC614E", "DC08", "DD", "DF", "E0", "E08001")]
    + [b"", b"\x21", b"\xc8\x12\x30", b"\xc8\x12\x20"]
)


@pytest.mark.parametrize("state", STATES)
@given(st.lists(st.tuples(FIRST, st.binary(max_size=40)), min_size=1, max_size=4))
@settings(max_examples=40)
def test_whatever_a_client_sends_nothing_raises(
    state: str, frames: list[tuple[bytes, bytes]]
) -> None:
    server = STATES[state]()
    for head, tail in frames:
        indication = server.receive(head + tail)
        if indication is None:
            for one in server.outgoing:
                apdu.decode(one) if one[:1] < b"\xc8" or one[:1] == b"\xd8" else None
        else:
            answer(server, indication)
    assert len(server.incidents) <= INCIDENTS_MAX


@pytest.mark.parametrize("protection", [Protection.AUTHENTICATION, AUTHENTICATED_ENCRYPTION])
@given(st.binary(max_size=60), FIRST)
@settings(max_examples=60)
def test_whatever_is_in_a_genuine_envelope_nothing_raises(
    protection: Protection, tail: bytes, head: bytes
) -> None:
    pair = Pair(*matching(protection=protection)).associate()
    inside = head + tail or b"\x00"
    octets = protect(pair, inside, protection, CipheringForm.GENERAL_GLOBAL)
    indication = pair.server.receive(octets)
    if indication is not None:
        answer(pair.server, indication)
    assert pair.get() == GetReply((NUMBER,)) or not pair.server.associated


def test_a_failing_disk_is_not_hidden() -> None:
    class Failing(VolatileCounters):
        __slots__ = ()

        def settle(self) -> None:
            raise OSError("no space")

    client, server = matching()
    pair = Pair(client, replace(server, security=context(False, counters=Failing()))).associate()
    with pytest.raises(OSError, match="no space"):
        pair.server.receive(protect(pair, SET))


def test_a_proof_comes_whole() -> None:
    conformance = SERVICES & ~Conformance.GENERAL_BLOCK_TRANSFER
    pair = Pair(*matching(GMAC, conformance=conformance)).associate()
    assert pair.server.associated


def test_secrets_are_in_no_words() -> None:
    pair = Pair(*matching(GMAC, dedicated=True)).associate()
    shown = repr((pair.asked, pair.offered, pair.client, pair.server, pair.indications))
    assert SECRET.decode() not in shown
    assert keys().encryption.hex() not in shown
    security = pair.server.security
    assert isinstance(security, SecurityContext)
    with pytest.raises(SecurityError) as caught:
        security.unprotect(protect(pair, GET)[:-1] + b"\x00")
    assert keys().encryption.hex() not in str(caught.value)
