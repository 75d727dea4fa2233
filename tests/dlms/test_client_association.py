"""The client: what it asks for, whom it believes, and what it refuses to be talked down to."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addad.dlms import apdu
from addad.dlms.acse import (
    Aare,
    Aarq,
    ApplicationContext,
    Mechanism,
    Rlre,
    Rlrq,
    context_name,
    mechanism_name,
)
from addad.dlms.apdu.access import AccessGet
from addad.dlms.apdu.action import ActionRequest, ActionResponse
from addad.dlms.apdu.exception import ConfirmedServiceError, ExceptionResponse
from addad.dlms.apdu.get import GetRequest, GetResponse
from addad.dlms.apdu.initiate import InitiateRequest, InitiateResponse
from addad.dlms.apdu.notification import DataNotification
from addad.dlms.apdu.set import SetRequest
from addad.dlms.association import State
from addad.dlms.client_connection import ClientConnection
from addad.dlms.client_exchanges import GetReply
from addad.dlms.connection import Associated, AssociationParameters
from addad.dlms.data import Data, Tag
from addad.dlms.parameters import SERVICES
from addad.dlms.results import (
    ActionOutcome,
    ActionResult,
    AssociationResult,
    ServiceError,
    StateError,
    UserDiagnostic,
)
from addad.dlms.security.framing import CipheringForm
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, Protection, SecuritySuite
from addad.errors import (
    AssociationError,
    LocalProtocolError,
    RemoteProtocolError,
    SecurityError,
    SecurityFault,
)
from dlms.secured import (
    ATTRIBUTE,
    CLIENT,
    CTOS,
    METHOD,
    NUMBER,
    SECRET,
    SERVER,
    UNICAST,
    Pair,
    asked,
    context,
    keys,
    matching,
    offered,
)

GMAC = Mechanism.HIGH_GMAC
NOT_POSSIBLE = ExceptionResponse(
    StateError.SERVICE_NOT_ALLOWED, ServiceError.OPERATION_NOT_POSSIBLE
)


def read_aarq(client: ClientConnection) -> Aarq:
    aarq = apdu.decode(*client.associate())
    assert isinstance(aarq, Aarq)
    return aarq


def answered(pair: Pair, change: Callable[[Aare], Aare] = lambda aare: aare) -> bytes:
    """The AARE that the client gets, after somebody on the way changed it."""
    (octets,) = pair.serve(*pair.client.associate())
    aare = apdu.decode(octets)
    assert isinstance(aare, Aare)
    return change(aare).encode()


# What is asked for


def test_a_ciphered_AARQ_says_who_asks_and_hides_the_rest() -> None:
    aarq = read_aarq(ClientConnection(asked(user_id=7)))
    assert aarq.application_context_name[-1] == ApplicationContext.LOGICAL_NAME_CIPHERED
    assert aarq.calling_ap_title == CLIENT
    assert aarq.user_id == 7
    assert (aarq.user_information or b"")[:3] == b"\x21\x1f\x30"
    opened = context(False, peer_title=CLIENT).unprotect(aarq.user_information or b"")
    assert apdu.decode(opened.apdu) == InitiateRequest(SERVICES, 0xFFFF)


def test_a_dedicated_key_is_authenticated_and_encrypted_whatever_else_is() -> None:
    key = bytes(range(16))
    client = ClientConnection(asked(protection=Protection.AUTHENTICATION, dedicated_key=key))
    information = read_aarq(client).user_information or b""
    assert key not in information
    opened = context(False, peer_title=CLIENT).unprotect(information)
    assert opened.protection == AUTHENTICATED_ENCRYPTION
    initiate = apdu.decode(opened.apdu)
    assert isinstance(initiate, InitiateRequest)
    assert initiate.dedicated_key == key


def test_the_certificate_goes_with_mechanism_7_only() -> None:
    certified = asked(
        mechanism=Mechanism.HIGH_ECDSA,
        security=context(True, SecuritySuite.SUITE_1),
        certificate=b"a certificate",
    )
    assert read_aarq(ClientConnection(certified)).calling_ae_qualifier == b"a certificate"
    other = replace(certified, mechanism=GMAC)
    assert read_aarq(ClientConnection(other)).calling_ae_qualifier is None


@pytest.mark.parametrize(
    "parameters",
    [
        asked(broadcast=True),
        asked(pre_established=True),
        asked(mechanism=Mechanism.HIGH_MD5, allow_weak=False),
        asked(protection=Protection.NONE, dedicated_key=bytes(16)),
    ],
)
def test_what_is_never_asked(parameters: AssociationParameters) -> None:
    client = ClientConnection(parameters)
    before = client.state
    with pytest.raises(LocalProtocolError):
        client.associate()
    assert client.state is before


def test_a_challenge_and_a_dedicated_key_are_used_once() -> None:
    for once in (asked(mechanism=GMAC), asked(dedicated_key=bytes(16))):
        client = ClientConnection(once)
        client.associate()
        client.abort()
        with pytest.raises(LocalProtocolError):
            client.associate()
    again = ClientConnection(asked())
    again.associate()
    again.abort()
    assert again.associate()


def test_the_dedicated_key_ends_with_the_association() -> None:
    pair = Pair(*matching(GMAC, dedicated=True)).associate()
    assert pair.client.security is not None
    assert pair.client.security.dedicated_key
    pair.exchange(pair.client.release())
    assert pair.client.security.dedicated_key is None
    assert pair.server.security is None


# Who is believed


def test_SE_10_our_own_challenge_coming_back_ends_the_association() -> None:
    client, server = matching(GMAC)
    pair = Pair(client, replace(server, challenge=lambda: CTOS))
    with pytest.raises(SecurityError, match="came back") as caught:
        pair.exchange(pair.client.associate())
    assert caught.value.fault is SecurityFault.AUTHENTICATION
    assert pair.client.state is State.IDLE
    assert pair.client.outgoing == ()


@pytest.mark.parametrize(
    ("mechanism", "octets"), [(GMAC, 0), (GMAC, 7), (GMAC, 65), (Mechanism.HIGH_ECDSA, 31)]
)
def test_SE_10_a_challenge_too_short_or_too_long_is_refused(
    mechanism: Mechanism, octets: int
) -> None:
    pair = Pair(*matching(mechanism, SecuritySuite.SUITE_1))
    changed = answered(pair, lambda aare: replace(aare, authentication_value=bytes(octets)))
    with pytest.raises(SecurityError):
        pair.client.receive(changed)
    assert pair.client.state is State.IDLE


def test_SE_10_a_peer_may_challenge_with_8_octets() -> None:
    client, server = matching(GMAC)
    Pair(client, replace(server, challenge=lambda: b"12345678")).associate()


MEDDLED: dict[str, Callable[[Aare], Aare]] = {
    "a plain context": lambda aare: replace(
        aare, application_context_name=context_name(ApplicationContext.LOGICAL_NAME)
    ),
    "no challenge": lambda aare: replace(aare, diagnostic=UserDiagnostic.NULL),
    "another mechanism": lambda aare: replace(aare, mechanism_name=bytes.fromhex("60857405080201")),
    "a plain initiate response": lambda aare: replace(
        aare, user_information=InitiateResponse(SERVICES, 0).encode()
    ),
    "no initiate response": lambda aare: replace(aare, user_information=None),
    "our own title": lambda aare: replace(aare, responding_ap_title=CLIENT),
    "another title": lambda aare: replace(aare, responding_ap_title=b"12345678"),
    "an altered initiate response": lambda aare: replace(
        aare, user_information=(aare.user_information or b"")[:-1] + b"\x00"
    ),
}


@pytest.mark.parametrize("meddle", MEDDLED.values(), ids=MEDDLED.keys())
def test_SE_12_the_client_is_not_talked_down(meddle: Callable[[Aare], Aare]) -> None:
    pair = Pair(*matching(GMAC))
    changed = answered(pair, meddle)
    with pytest.raises(SecurityError):
        pair.client.receive(changed)
    assert pair.client.state is State.IDLE
    assert pair.client.outgoing == ()


def test_SE_12_an_initiate_response_with_less_protection_is_refused() -> None:
    client, server = matching(GMAC)
    pair = Pair(client, server)
    aarq = pair.client.associate()
    pair.serve(*aarq)
    weak = context(False, peer_title=CLIENT).protect(
        InitiateResponse(SERVICES, 0).encode(), Protection.ENCRYPTION, CipheringForm.GLOBAL
    )
    aare = apdu.decode(pair.to_client[0])
    assert isinstance(aare, Aare)
    with pytest.raises(SecurityError) as caught:
        pair.client.receive(replace(aare, user_information=weak).encode())
    assert caught.value.fault is SecurityFault.POLICY


def test_SE_09_a_provisioned_title_is_not_learned_from_the_AARE() -> None:
    client, server = matching(GMAC)
    strict = replace(client, security=context(True, peer_title=b"SRV12345"))
    pair = Pair(strict, server)
    with pytest.raises(SecurityError) as caught:
        pair.exchange(pair.client.associate())
    assert caught.value.fault is SecurityFault.UNKNOWN_TITLE


@pytest.mark.parametrize("wrong", ["encryption", "authentication"])
def test_a_wrong_key_says_so(wrong: str) -> None:
    client, server = matching(GMAC)
    theirs = keys()
    changed = replace(theirs, **{wrong: bytes(reversed(getattr(theirs, wrong)))})
    pair = Pair(replace(client, security=context(True, keys=changed)), server)
    with pytest.raises(AssociationError, match="a key"):
        pair.exchange(pair.client.associate())
    assert pair.client.state is pair.server.state is State.IDLE


@pytest.mark.parametrize("mechanism", [Mechanism.HIGH_SHA256, GMAC])
def test_a_server_that_cannot_prove_itself_is_left(mechanism: Mechanism) -> None:
    client, server = matching(mechanism, protection=Protection.NONE)
    pair = Pair(client, server)
    pair.serve(*pair.client.associate())
    assert pair.client.receive(pair.to_client[-1]) is None
    assert pair.client.state is State.PENDING
    (answer,) = pair.serve(*pair.client.outgoing)
    forged = answer[:-1] + bytes((answer[-1] ^ 1,))
    with pytest.raises(SecurityError) as caught:
        pair.client.receive(forged)
    assert caught.value.fault is SecurityFault.AUTHENTICATION
    assert pair.client.state is State.IDLE


ANSWERS = {
    "refused": ActionResponse(1, ActionOutcome(ActionResult.READ_WRITE_DENIED)).encode(),
    "without a proof": ActionResponse(1, ActionOutcome(ActionResult.SUCCESS)).encode(),
    "an exception": NOT_POSSIBLE.encode(),
    "an error": ConfirmedServiceError(1, 0, 6).encode(),
    "another response": GetResponse(1, NUMBER).encode(),
    "a release": Rlre().encode(),
    "garbage": b"\xc7",
    "nothing": b"",
}


@pytest.mark.parametrize("octets", ANSWERS.values(), ids=ANSWERS.keys())
def test_a_pass_4_that_is_none_ends_the_association(octets: bytes) -> None:
    client, server = matching(GMAC, protection=Protection.NONE)
    pair = Pair(client, server)
    pair.serve(*pair.client.associate())
    pair.client.receive(pair.to_client[-1])
    with pytest.raises(RemoteProtocolError):
        pair.client.receive(octets)
    assert pair.client.state is State.IDLE
    with pytest.raises(LocalProtocolError):
        pair.client.get([ATTRIBUTE])


def test_nothing_is_asked_while_pending() -> None:
    client, server = matching(GMAC)
    pair = Pair(client, server)
    pair.serve(*pair.client.associate())
    pair.client.receive(pair.to_client[-1])
    for ask in (
        lambda: pair.client.get([ATTRIBUTE]),
        lambda: pair.client.set([(ATTRIBUTE, NUMBER)]),
        lambda: pair.client.action([(METHOD, None)]),
        pair.client.associate,
    ):
        with pytest.raises(LocalProtocolError):
            ask()


def test_an_exception_may_tell_the_counter_that_the_peer_expects() -> None:
    client = ClientConnection(asked())
    client.associate()
    told = ExceptionResponse(
        StateError.SERVICE_NOT_ALLOWED, ServiceError.INVOCATION_COUNTER_ERROR, 4711
    )
    with pytest.raises(SecurityError, match="4711") as caught:
        client.receive(told.encode())
    assert caught.value.fault is SecurityFault.REPLAY
    assert caught.value.expected_counter == 4711


# What an open association takes


PLAIN = {
    "an answer": GetResponse(0xC1, NUMBER).encode(),
    "a notification": DataNotification(1, None, Data(Tag.UNSIGNED, 1)).encode(),
    "an initiate response": InitiateResponse(SERVICES, 0).encode(),
    "an ACTION response": ActionResponse(1, ActionOutcome(ActionResult.SUCCESS)).encode(),
}


@pytest.mark.parametrize("octets", PLAIN.values(), ids=PLAIN.keys())
def test_SE_13_nothing_plain_is_taken_in_a_ciphered_association(octets: bytes) -> None:
    pair = Pair().associate()
    pair.client.get([ATTRIBUTE])
    with pytest.raises(SecurityError, match="plain") as caught:
        pair.client.receive(octets)
    assert caught.value.fault is SecurityFault.POLICY
    assert pair.client.state is State.IDLE


@pytest.mark.parametrize("plain", [NOT_POSSIBLE, ConfirmedServiceError(5, 3, 2)])
def test_SE_13_an_exception_in_the_clear_ends_the_request_and_nothing_else(
    plain: ExceptionResponse | ConfirmedServiceError,
) -> None:
    pair = Pair().associate()
    pair.client.get([ATTRIBUTE])
    assert pair.client.receive(plain.encode()) == plain
    assert pair.client.state is State.ASSOCIATED
    assert pair.get() == GetReply((NUMBER,))


@pytest.mark.parametrize("weak", [Protection.AUTHENTICATION, Protection.ENCRYPTION])
def test_SE_13_an_answer_with_less_protection_is_refused(weak: Protection) -> None:
    pair = Pair().associate()
    pair.client.get([ATTRIBUTE])
    assert pair.server.security is not None
    answer = pair.server.security.protect(
        GetResponse(0xC1, NUMBER).encode(), weak, CipheringForm.GLOBAL
    )
    with pytest.raises(SecurityError) as caught:
        pair.client.receive(answer)
    assert caught.value.fault is SecurityFault.POLICY


def test_SE_08_an_answer_under_the_key_of_a_group_proves_no_meter() -> None:
    pair = Pair().associate()
    pair.client.get([ATTRIBUTE])
    assert pair.server.security is not None
    answer = pair.server.security.protect(
        GetResponse(0xC1, NUMBER).encode(),
        AUTHENTICATED_ENCRYPTION,
        CipheringForm.GLOBAL,
        broadcast=True,
    )
    with pytest.raises(SecurityError, match="broadcast") as caught:
        pair.client.receive(answer)
    assert caught.value.fault is SecurityFault.POLICY


def test_SE_04_an_answer_is_taken_once() -> None:
    pair = Pair().associate()
    assert pair.get() == GetReply((NUMBER,))
    pair.client.get([ATTRIBUTE])
    with pytest.raises(SecurityError) as caught:
        pair.client.receive(pair.to_client[-1])
    assert caught.value.fault is SecurityFault.REPLAY


def test_a_ciphered_notification_changes_nothing() -> None:
    pair = Pair().associate()
    pushed = DataNotification(1, None, Data(Tag.UNSIGNED, 1))
    assert pair.server.security is not None
    octets = pair.server.security.protect(
        pushed.encode(), AUTHENTICATED_ENCRYPTION, CipheringForm.GENERAL_GLOBAL
    )
    assert pair.client.receive(octets) == pushed
    assert pair.get() == GetReply((NUMBER,))


def test_without_authentication_key_reading_must_be_asked_for() -> None:
    client, server = matching()
    half = replace(keys(), authentication=None)
    for unverified in (False, True):
        pair = Pair(client, server).associate()
        asking = pair.client.get([ATTRIBUTE])
        (octets,) = pair.serve(*asking)
        reader = context(True, keys=half, peer_title=SERVER, unverified=unverified)
        listening = ClientConnection(
            asked(security=reader, protection=Protection.ENCRYPTION, pre_established=True)
        )
        listening.get([ATTRIBUTE])
        if unverified:
            assert isinstance(listening.receive(octets), GetReply)
        else:
            with pytest.raises(SecurityError, match="authentication key"):
                listening.receive(octets)


def test_a_ciphered_release_proves_who_releases() -> None:
    pair = Pair().associate()
    (octets,) = pair.client.release()
    rlrq = apdu.decode(octets)
    assert isinstance(rlrq, Rlrq)
    assert (rlrq.user_information or b"")[:1] == b"\x21"
    (answer,) = pair.serve(octets)
    rlre = apdu.decode(answer)
    assert isinstance(rlre, Rlre)
    assert (rlre.user_information or b"")[:1] == b"\x28"
    forged = replace(rlre, user_information=(rlre.user_information or b"")[:-1] + b"\x00")
    with pytest.raises(SecurityError):
        pair.client.receive(forged.encode())


def test_a_release_without_proof_is_believed_since_we_wanted_it() -> None:
    pair = Pair().associate()
    pair.client.release()
    assert type(pair.client.receive(Rlre().encode())).__name__ == "Released"


# Without connection


def test_a_pre_established_association_needs_no_AARQ_and_has_no_release() -> None:
    client, server = matching(pre_established=True)
    server = replace(server, security=context(False, peer_title=CLIENT))
    pair = Pair(replace(client, security=context(True, peer_title=SERVER)), server)
    assert pair.client.state is pair.server.state is State.ASSOCIATED
    assert pair.get() == GetReply((NUMBER,))
    with pytest.raises(LocalProtocolError):
        pair.client.release()


def test_what_goes_to_all_is_unconfirmed_and_under_the_broadcast_key() -> None:
    both = replace(asked(), pre_established=True, broadcast=True)
    security = context(True, peer_title=SERVER)
    client = ClientConnection(replace(both, security=security))
    (octets,) = client.set([(ATTRIBUTE, NUMBER)])
    assert client.state is State.ASSOCIATED
    opened = context(False, peer_title=CLIENT).unprotect(octets)
    assert opened.broadcast
    assert not opened.apdu[2] & 0x40
    (another,) = client.action([(METHOD, None)])
    assert another
    assert security.counters.next(UNICAST) == 0
    with pytest.raises(LocalProtocolError):
        client.set([(ATTRIBUTE, b"\x09\x82\xff\xff" + bytes(0xFFFF))])


def test_an_unconfirmed_request_has_no_reply() -> None:
    pair = Pair().associate()
    assert pair.exchange(pair.client.set([(ATTRIBUTE, NUMBER)], confirmed=False)) is None
    assert pair.exchange(pair.client.action([(METHOD, None)], confirmed=False)) is None
    assert len(pair.indications) == 3
    assert pair.to_client[1:] == []
    assert pair.get() == GetReply((NUMBER,))


def test_priority_is_an_argument() -> None:
    client, server = matching(Mechanism.LOW, protection=Protection.NONE)
    pair = Pair(client, server).associate()
    (octets,) = pair.client.get([ATTRIBUTE], high_priority=False)
    assert octets[2] & 0xC0 == 0x40


def test_an_AARE_without_user_information_is_accepted_where_nothing_is_ciphered() -> None:
    client, server = matching(Mechanism.LOW, protection=Protection.NONE)
    pair = Pair(client, server)
    changed = answered(pair, lambda aare: replace(aare, user_information=None))
    assert isinstance(pair.client.receive(changed), Associated)


def test_mechanism_6_takes_titles_without_keys() -> None:
    client = asked(
        mechanism=Mechanism.HIGH_SHA256,
        security=None,
        protection=Protection.NONE,
        title=CLIENT,
    )
    server = offered(
        mechanism=Mechanism.HIGH_SHA256,
        security=None,
        ciphered=False,
        required=Protection.NONE,
        title=SERVER,
    )
    Pair(client, server).associate()
    wrong = Pair(replace(client, password=SECRET[:-1]), server)
    with pytest.raises(AssociationError, match="refuses our proof") as caught:
        wrong.exchange(wrong.client.associate())
    assert caught.value.diagnostic == UserDiagnostic.AUTHENTICATION_FAILURE


def test_SE_10_a_server_with_our_own_title_cannot_use_one_association_for_another() -> None:
    """With equal titles, what one association proves is what the other one awaits."""
    first, second = CTOS, bytes(reversed(CTOS))
    ends = []
    for own, other in ((first, second), (second, first)):
        parameters = asked(
            mechanism=Mechanism.HIGH_SHA256,
            security=None,
            protection=Protection.NONE,
            title=CLIENT,
            challenge=own,
        )
        client = ClientConnection(parameters)
        client.associate()
        ends.append((client, other))
    for client, challenge in ends:
        aare = Aare(
            context_name(ApplicationContext.LOGICAL_NAME),
            AssociationResult.ACCEPTED,
            UserDiagnostic.AUTHENTICATION_REQUIRED,
            None,
            mechanism_name(Mechanism.HIGH_SHA256),
            challenge,
            CLIENT,
        )
        with pytest.raises(SecurityError, match="own system title"):
            client.receive(aare.encode())
        assert client.outgoing == ()


@pytest.mark.parametrize("title", [None, b"", CLIENT + CLIENT, SERVER[:7]])
def test_SE_10_a_clients_proof_is_not_the_servers_whatever_the_lengths_are(
    title: bytes | None,
) -> None:
    """Without a title, and with the client's challenge twice as ours, both proofs are the same."""
    client = ClientConnection(
        asked(
            mechanism=Mechanism.HIGH_SHA256,
            security=None,
            protection=Protection.NONE,
            title=CLIENT,
            challenge=bytes(range(32)),
        )
    )
    client.associate()
    aare = Aare(
        context_name(ApplicationContext.LOGICAL_NAME),
        AssociationResult.ACCEPTED,
        UserDiagnostic.AUTHENTICATION_REQUIRED,
        None,
        mechanism_name(Mechanism.HIGH_SHA256),
        bytes(range(32)) * 2,
        title,
    )
    with pytest.raises(SecurityError, match="title"):
        client.receive(aare.encode())
    assert client.outgoing == ()


def test_a_refusal_may_come_ciphered() -> None:
    client = ClientConnection(asked())
    client.associate()
    error = context(False, peer_title=CLIENT).protect(
        ConfirmedServiceError(1, 6, 3).encode(), AUTHENTICATED_ENCRYPTION, CipheringForm.GLOBAL
    )
    name = context_name(ApplicationContext.LOGICAL_NAME_CIPHERED)
    aare = Aare(name, AssociationResult.REJECTED_PERMANENT, UserDiagnostic.NO_REASON_GIVEN, error)
    with pytest.raises(AssociationError, match="no reason given"):
        client.receive(aare.encode())


# Whatever comes


def _waiting(state: str) -> ClientConnection:
    """A client that waits for something."""
    protection = Protection.NONE if "plain" in state else AUTHENTICATED_ENCRYPTION
    pair = Pair(*matching(GMAC, protection=protection))
    aarq = pair.client.associate()
    if state.startswith("asking"):
        return pair.client
    pair.serve(*aarq)
    pair.client.receive(pair.to_client[-1])
    if state.startswith("proving"):
        return pair.client
    pair.exchange(pair.client.outgoing)
    if state.startswith("reading"):
        pair.client.get([ATTRIBUTE])
    elif state.startswith("doing"):
        pair.client.access([(AccessGet(ATTRIBUTE), None)])
    elif state.startswith("leaving"):
        pair.client.release()
    return pair.client


STATES = ("asking", "proving", "proving, plain", "idle", "idle, plain", "reading", "reading, plain")
FIRST = st.sampled_from(
    [bytes((tag,)) for tag in (0x61, 0x63, 0x0E, 0x0F, 0xC4, 0xC7, 0xCC, 0xCF, 0xD4, 0xD8, 0xDA)]
    + [bytes.fromhex(head) for head in ("DB084D4D4D0000000001", "DC08", "DD", "DF", "E0", "E08101")]
    + [b"", b"\x28", b"\xcc\x12\x30", b"\xcc\x12\x20", b"\xc7\x01\xc1\x00\x01\x00"]
)


@pytest.mark.parametrize("state", [*STATES, "doing", "doing, plain", "leaving", "leaving, plain"])
@given(FIRST, st.binary(max_size=40))
@settings(max_examples=40)
def test_whatever_a_server_sends_is_a_reply_or_a_protocol_error(
    state: str, head: bytes, tail: bytes
) -> None:
    client = _waiting(state)
    try:
        client.receive(head + tail)
    except RemoteProtocolError:
        assert client.state is State.IDLE
    if state.startswith(("asking", "proving")):
        assert client.state is not State.ASSOCIATED


@pytest.mark.parametrize(
    "request_octets",
    [
        SetRequest(0xC1, ATTRIBUTE, NUMBER).encode(),
        ActionRequest(0xC1, METHOD, None).encode(),
        GetRequest(0xC1, ATTRIBUTE).encode(),
    ],
)
@pytest.mark.parametrize("protection", [AUTHENTICATED_ENCRYPTION, Protection.NONE])
def test_SE_10_a_challenge_that_is_a_request_is_not_answered(
    request_octets: bytes, protection: Protection
) -> None:
    """Its GMAC would be the envelope in which a meter that demands no more does what it says."""
    pair = Pair(*matching(GMAC, protection=protection))
    changed = answered(pair, lambda aare: replace(aare, authentication_value=request_octets))
    with pytest.raises(SecurityError, match="a challenge that is a request") as caught:
        pair.client.receive(changed)
    assert caught.value.fault is SecurityFault.AUTHENTICATION
    assert pair.client.outgoing == ()


@given(st.binary(min_size=8, max_size=64))
@settings(max_examples=50)
def test_SE_10_any_other_challenge_is_answered(challenge: bytes) -> None:
    pair = Pair(*matching(GMAC))
    for octets in (challenge, b"\xc1\x01" + challenge[2:]):
        changed = answered(pair, lambda aare, it=octets: replace(aare, authentication_value=it))
        assert pair.client.receive(changed) is None
        assert pair.client.outgoing
        pair = Pair(*matching(GMAC))


@pytest.mark.parametrize("form", [CipheringForm.DEDICATED, CipheringForm.GENERAL_DEDICATED])
def test_a_form_with_a_dedicated_key_wants_one(form: CipheringForm) -> None:
    with pytest.raises(LocalProtocolError, match="wants a dedicated key"):
        ClientConnection(asked(form=form)).associate()
