"""The way of an APDU: protected first and cut then, gathered first and opened then."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from addad.dlms import apdu
from addad.dlms.access_exchanges import AccessReply
from addad.dlms.apdu.access import AccessAction, AccessGet, AccessSet, AccessSpecification
from addad.dlms.apdu.exception import ExceptionResponse
from addad.dlms.apdu.general_block import GeneralBlock
from addad.dlms.apdu.get import GetRequest
from addad.dlms.apdu.initiate import Conformance
from addad.dlms.apdu_path import ApduPath
from addad.dlms.association import State
from addad.dlms.client_exchanges import ActionReply, GetReply, SetReply
from addad.dlms.connection import (
    AccessIndication,
    GetIndication,
    Indication,
    Reply,
    ServerConnection,
    SetIndication,
)
from addad.dlms.general_blocks import REPETITIONS_MAX
from addad.dlms.parameters import SERVICES, Negotiated
from addad.dlms.results import ActionResult, DataAccessResult, ServiceError
from addad.dlms.security.context import GeneralOptions
from addad.dlms.security.framing import CipheringForm
from addad.dlms.security.general_ciphering import KeyInfoKind, read_general_ciphered
from addad.dlms.security.parties import PartyKeys, PublicKeys
from addad.dlms.security.profile import STANDARD_PROFILE, SecurityProfile
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, Protection, SecuritySuite
from addad.errors import DecodeError, LocalProtocolError, RemoteProtocolError, SecurityError
from dlms.secured import (
    ATTRIBUTE,
    CLIENT,
    METHOD,
    NUMBER,
    SERVER,
    Pair,
    answer,
    context,
    matching,
)

BLOCKS = (
    Conformance.BLOCK_TRANSFER_WITH_GET
    | Conformance.BLOCK_TRANSFER_WITH_SET
    | Conformance.BLOCK_TRANSFER_WITH_ACTION
)
GENERAL_ONLY = SERVICES & ~BLOCKS
BLOCKS_ONLY = SERVICES & ~Conformance.GENERAL_BLOCK_TRANSFER
LONG = b"\x09\x82\x04\x00" + bytes(range(256)) * 4
PROTECTIONS = (Protection.NONE, AUTHENTICATED_ENCRYPTION)
GET = GetRequest(0xC1, ATTRIBUTE).encode()


def pair_with(protection: Protection, max_pdu: int, conformance: Conformance) -> Pair:
    return Pair(
        *matching(protection=protection, max_pdu=max_pdu, conformance=conformance)
    ).associate()


def long_answer(server: ServerConnection, _: Indication) -> tuple[bytes, ...]:
    return server.respond_get([LONG])


# General block transfer


@pytest.mark.parametrize("protection", PROTECTIONS)
@pytest.mark.parametrize("max_pdu", [64, 128, 140, 300])
def test_what_has_no_blocks_of_its_own_goes_in_general_ones(
    protection: Protection, max_pdu: int
) -> None:
    pair = pair_with(protection, max_pdu, GENERAL_ONLY)
    got = pair.exchange(pair.client.get([ATTRIBUTE]), long_answer)
    assert got == GetReply((LONG,))
    assert pair.to_client[-1][0] == 0xE0
    set_ = pair.exchange(pair.client.set([(ATTRIBUTE, LONG)]))
    assert set_ == SetReply((DataAccessResult.SUCCESS,))
    assert pair.to_server[-1][0] == 0xE0
    indication = pair.indications[-1]
    assert isinstance(indication, SetIndication)
    assert indication.protection == protection
    done = pair.exchange(pair.client.action([(METHOD, LONG)]))
    assert isinstance(done, ActionReply)
    assert pair.get() == GetReply((NUMBER,))
    assert pair.client.state is pair.server.state is State.ASSOCIATED


@pytest.mark.parametrize("protection", PROTECTIONS)
def test_many_reads_go_in_one_request_that_is_cut(protection: Protection) -> None:
    pair = pair_with(protection, 100, SERVICES)
    many = [ATTRIBUTE] * 40
    assert pair.exchange(pair.client.get(many)) == GetReply((NUMBER,) * 40)


@pytest.mark.parametrize("protection", PROTECTIONS)
@pytest.mark.parametrize("max_pdu", [100, 0])
def test_an_ACCESS_goes_both_ways(protection: Protection, max_pdu: int) -> None:
    items: list[tuple[AccessSpecification, bytes | None]] = [
        (AccessGet(ATTRIBUTE), None),
        (AccessSet(ATTRIBUTE), LONG),
        (AccessAction(METHOD), b"\x0f\x00"),
    ]
    pair = pair_with(protection, max_pdu, SERVICES)
    reply = pair.exchange(pair.client.access(items))
    assert isinstance(reply, AccessReply)
    assert [one.value for one in reply.outcomes] == [NUMBER, NUMBER, None]
    indication = pair.indications[-1]
    assert isinstance(indication, AccessIndication)
    assert indication.protection == protection
    if protection and not max_pdu:
        assert (pair.to_server[-1][0], pair.to_client[-1][0]) == (0xDB, 0xDB)


@pytest.mark.parametrize("protection", PROTECTIONS)
@given(st.data())
@settings(max_examples=40)
def test_lost_blocks_are_asked_for_again(protection: Protection, data: st.DataObject) -> None:
    pair = pair_with(protection, 128, GENERAL_ONLY)
    request = pair.client.get([ATTRIBUTE])
    waiting = [*request]
    reply: Reply | None = None
    losses = 0
    for _ in range(200):
        answers = [one for octets in waiting for one in pair.serve(octets, long_answer)]
        waiting = []
        for one in answers:
            if one[0] == 0xE0 and losses < 4 and data.draw(st.booleans()):
                losses += 1
                continue
            reply = pair.client.receive(one)
            waiting += pair.client.outgoing
            if reply is not None:
                break
        if reply is not None:
            break
        if not waiting:
            waiting = [*pair.client.timeout()] or [*request]
            if waiting == [*request] and protection:
                return  # nothing of the answer came: the caller repeats nothing that is ciphered
    assert reply == GetReply((LONG,))


def test_a_client_that_waits_in_vain_says_so() -> None:
    pair = pair_with(Protection.NONE, 128, GENERAL_ONLY)
    pair.serve(*pair.client.get([ATTRIBUTE]), long_answer)
    assert pair.client.timeout() == ()
    assert pair.client.receive(pair.to_client[-1]) is None
    for _ in range(REPETITIONS_MAX):
        assert pair.client.timeout()
    with pytest.raises(RemoteProtocolError):
        pair.client.timeout()
    assert pair.client.state is State.IDLE


def test_blocks_that_nobody_agreed_to_are_not_gathered() -> None:
    conformance = SERVICES & ~Conformance.GENERAL_BLOCK_TRANSFER
    pair = pair_with(Protection.NONE, 0, conformance)
    block = GeneralBlock(True, False, 1, 1, 0, GET).encode()
    assert pair.server.receive(block) is None
    assert isinstance(apdu.decode(*pair.server.outgoing), ExceptionResponse)
    with pytest.raises(LocalProtocolError):
        pair_with(Protection.NONE, 100, conformance).client.access([(AccessSet(ATTRIBUTE), LONG)])


def test_a_plain_APDU_in_blocks_is_still_plain() -> None:
    pair = pair_with(AUTHENTICATED_ENCRYPTION, 0, SERVICES)
    block = GeneralBlock(True, False, 1, 1, 0, GET).encode()
    assert pair.server.receive(block) is None
    assert len(pair.server.incidents) == 1
    assert pair.get() == GetReply((NUMBER,))


def test_more_than_a_server_takes_is_refused_and_forgotten() -> None:
    client, server = matching(protection=Protection.NONE, conformance=GENERAL_ONLY)
    pair = Pair(client, replace(server, max_request_octets=2000)).associate()
    for number in range(1, 4):
        block = GeneralBlock(False, False, 1, number, 0, bytes(900)).encode()
        assert pair.server.receive(block) is None
    refusal = apdu.decode(*pair.server.outgoing)
    assert isinstance(refusal, ExceptionResponse)
    assert refusal.service is ServiceError.OTHER_REASON
    assert pair.get() == GetReply((NUMBER,))


# Envelopes


def test_an_APDU_without_its_own_tag_takes_a_general_envelope() -> None:
    path = ApduPath(context(True, peer_title=SERVER), is_client=True)
    path.agree(Negotiated(SERVICES, 1000), 1000)
    (octets,) = path.send(b"\xd9\x00", AUTHENTICATED_ENCRYPTION, CipheringForm.GLOBAL)
    assert octets[0] == 0xDB
    assert path.security is not None
    path.security.dedicated_key = bytes(16)
    (octets,) = path.send(b"\xd9\x00", AUTHENTICATED_ENCRYPTION, CipheringForm.GLOBAL)
    assert octets[0] == 0xDC


@pytest.mark.parametrize("octets", [GET, b"\x61", b"\xe0\x00", b"\x05\x01"])
def test_SE_13_what_is_plain_is_told_from_what_is_broken(octets: bytes) -> None:
    path = ApduPath(context(False, peer_title=CLIENT), is_client=False)
    with pytest.raises(SecurityError):
        path.take(octets)
    assert path.envelope is None
    with pytest.raises(DecodeError):
        path.take(b"\xc8\x05\x30")
    assert path.take(b"") == b""


SUITES = (SecuritySuite.SUITE_1, SecuritySuite.SUITE_2)
KINDS = (KeyInfoKind.IDENTIFIED, KeyInfoKind.WRAPPED, KeyInfoKind.ONE_PASS, KeyInfoKind.STATIC)


def _general_pair(
    suite: SecuritySuite, max_pdu: int, conformance: Conformance, **of_client: Any
) -> Pair:
    """Both ends with keys to sign and to agree with."""
    curve = suite.curve
    made = [ec.derive_private_key(number, curve) for number in range(11, 15)]

    def ephemeral() -> Iterator[ec.EllipticCurvePrivateKey]:
        number = 1000
        while True:
            number += 1
            yield ec.derive_private_key(number, curve)

    def party(own: int, other: int, title: bytes) -> PartyKeys:
        fresh = ephemeral()
        public = PublicKeys(made[other].public_key(), made[other + 1].public_key())
        return PartyKeys(
            made[own],
            made[own + 1],
            {title: public},
            lambda: next(fresh),
            lambda: bytes(range(suite.key_octets)),
        )

    client, server = matching(suite=suite, max_pdu=max_pdu, conformance=conformance)
    profile = of_client.pop("profile", STANDARD_PROFILE)
    ours = context(True, suite, parties=party(0, 2, SERVER), profile=profile)
    theirs = context(False, suite, parties=party(2, 0, CLIENT))
    client = replace(client, security=ours, **of_client)
    return Pair(client, replace(server, security=theirs)).associate()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("signed", [Protection.NONE, Protection.SIGNATURE])
@pytest.mark.parametrize("conformance", [SERVICES, BLOCKS_ONLY])
def test_a_client_asks_and_sets_under_each_kind_of_key_within_the_size(
    kind: KeyInfoKind, signed: Protection, conformance: Conformance
) -> None:
    """Every request of the association, and each block of a long one; `Pair` minds the sizes."""
    pair = _general_pair(
        SecuritySuite.SUITE_1,
        700,
        conformance,
        form=CipheringForm.GENERAL_CIPHERING,
        protection=AUTHENTICATED_ENCRYPTION | signed,
        profile=SecurityProfile(key_info=kind),
    )
    for _ in range(2):
        reply = pair.get()
        assert isinstance(reply, GetReply)
        value = b"\x09\x82\x04\x00" + bytes(1024)
        done = pair.exchange(pair.client.set([(ATTRIBUTE, value)]))
        assert isinstance(done, SetReply)
        assert done.results == (DataAccessResult.SUCCESS,)
    requests = [octets for octets in pair.to_server if octets[0] == 0xDD]
    assert {message.key_info.kind for message in map(read_general_ciphered, requests)} == {kind}


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("signed", [Protection.NONE, Protection.SIGNATURE])
@pytest.mark.parametrize("conformance", [SERVICES, GENERAL_ONLY])
def test_a_general_ciphering_request_is_answered_alike_within_the_size(
    suite: SecuritySuite, kind: KeyInfoKind, signed: Protection, conformance: Conformance
) -> None:
    pair = _general_pair(suite, 900, conformance)
    security = pair.client.security
    assert security is not None
    protection = AUTHENTICATED_ENCRYPTION | signed
    octets = security.protect(
        GET, protection, CipheringForm.GENERAL_CIPHERING, general=GeneralOptions(kind)
    )
    indication = pair.server.receive(octets)
    assert isinstance(indication, GetIndication)
    assert indication.protection == protection
    said = pair.server.respond_get([LONG])
    assert said
    assert all(len(one) <= 900 for one in said)
    if conformance == SERVICES:
        opened = security.unprotect(said[0])
        assert opened.protection == protection
        assert opened.form is CipheringForm.GENERAL_CIPHERING
    else:
        assert said[0][0] == 0xE0


def test_an_answer_that_fits_nowhere_is_an_exception() -> None:
    conformance = GENERAL_ONLY & ~Conformance.GENERAL_BLOCK_TRANSFER
    pair = pair_with(AUTHENTICATED_ENCRYPTION, 64, conformance)
    reply = pair.exchange(
        pair.client.action([(METHOD, None)]),
        lambda server, _: server.respond_action([(ActionResult.SUCCESS, LONG)]),
    )
    assert isinstance(reply, ExceptionResponse)
    assert reply.service is ServiceError.PDU_TOO_LONG
    assert pair.server.state is State.ASSOCIATED
    assert pair.exchange(pair.client.get([ATTRIBUTE]), answer) == GetReply((NUMBER,))
