"""Who may associate: every pair of what is required and what is offered."""

import pytest

from addad import obis
from addad.dlms import apdu
from addad.dlms.acse import Mechanism, mechanism_name
from addad.dlms.apdu.action import ActionRequest, ActionResponse
from addad.dlms.apdu.descriptors import AttributeDescriptor, MethodDescriptor
from addad.dlms.apdu.get import GetRequest, GetResponse
from addad.dlms.authentication import (
    REPLY_TO_HLS,
    check_offer,
    diagnose,
    read_counter_proof,
    read_mechanism,
    read_proof,
    same_secret,
    write_counter_proof,
    write_proof,
)
from addad.dlms.parameters import AssociationParameters
from addad.dlms.results import ActionOutcome, ActionResult, UserDiagnostic
from addad.errors import (
    AssociationError,
    DecodeError,
    LocalProtocolError,
    RemoteProtocolError,
    SecurityError,
)

SECRET = b"12345678"
LONG = bytes(range(32))
WEAK = (Mechanism.HIGH, Mechanism.HIGH_MD5, Mechanism.HIGH_SHA1)


def test_mechanism_names() -> None:
    assert read_mechanism(None) is Mechanism.NONE
    for mechanism in Mechanism:
        assert read_mechanism(mechanism_name(mechanism)) is mechanism
    assert read_mechanism(bytes.fromhex("60857405080208")) is None
    assert read_mechanism(b"") is None


def test_a_public_client() -> None:
    assert diagnose(Mechanism.NONE, b"", Mechanism.NONE, None) is None


def test_the_right_password() -> None:
    assert diagnose(Mechanism.LOW, SECRET, Mechanism.LOW, SECRET) is None


@pytest.mark.parametrize("value", [None, b"", b"1234567", b"123456789", b"12345679", b"x" * 8])
def test_a_wrong_password(value: bytes | None) -> None:
    failure = UserDiagnostic.AUTHENTICATION_FAILURE
    assert diagnose(Mechanism.LOW, SECRET, Mechanism.LOW, value) is failure


def test_an_association_without_a_password_opens_to_none() -> None:
    failure = UserDiagnostic.AUTHENTICATION_FAILURE
    assert diagnose(Mechanism.LOW, b"", Mechanism.LOW, b"") is failure


def test_a_missing_mechanism() -> None:
    required = UserDiagnostic.AUTHENTICATION_REQUIRED
    named = UserDiagnostic.AUTHENTICATION_MECHANISM_NAME_REQUIRED
    assert diagnose(Mechanism.LOW, SECRET, Mechanism.NONE, None) is required
    assert diagnose(Mechanism.LOW, SECRET, Mechanism.NONE, SECRET) is named


@pytest.mark.parametrize("required", Mechanism)
@pytest.mark.parametrize("offered", [*Mechanism, None])
def test_only_what_is_required_opens(required: Mechanism, offered: Mechanism | None) -> None:
    diagnostic = diagnose(required, SECRET, offered, SECRET)
    opens = required == offered and required not in (Mechanism.HIGH_ECDSA, *WEAK)
    assert (diagnostic is None) is opens


@pytest.mark.parametrize(
    ("mechanism", "octets"),
    [(m, n) for m in (Mechanism.HIGH_GMAC, Mechanism.HIGH_SHA256) for n in (0, 7, 65)]
    + [(Mechanism.HIGH_ECDSA, n) for n in (0, 8, 31, 65)],
)
def test_SE_10_a_challenge_too_short_or_too_long_opens_nothing(
    mechanism: Mechanism, octets: int
) -> None:
    failure = UserDiagnostic.AUTHENTICATION_FAILURE
    assert diagnose(mechanism, SECRET, mechanism, bytes(octets)) is failure
    assert diagnose(mechanism, SECRET, mechanism, bytes(32)) is None
    assert diagnose(mechanism, SECRET, mechanism, None) is failure


def test_where_nothing_is_required_nobody_comes_in() -> None:
    for offered in (*Mechanism, None):
        assert diagnose(None, b"", offered, SECRET) is UserDiagnostic.NO_REASON_GIVEN


@pytest.mark.parametrize(
    "asked",
    [
        AssociationParameters(1, mechanism=Mechanism.HIGH, password=SECRET, challenge=bytes(16)),
        AssociationParameters(1, mechanism=Mechanism.HIGH_MD5, password=SECRET, challenge=LONG),
        AssociationParameters(1, mechanism=Mechanism.HIGH_SHA1, password=SECRET, challenge=LONG),
        AssociationParameters(1, mechanism=Mechanism.HIGH_MD5, challenge=LONG, allow_weak=True),
        AssociationParameters(1, mechanism=Mechanism.HIGH_GMAC, challenge=LONG),
        AssociationParameters(1, mechanism=Mechanism.HIGH_ECDSA, challenge=LONG),
        AssociationParameters(
            1, mechanism=Mechanism.HIGH_SHA256, password=SECRET, challenge=bytes(15), title=SECRET
        ),
        AssociationParameters(1, mechanism=Mechanism.HIGH_SHA256, password=SECRET, challenge=LONG),
        AssociationParameters(1, mechanism=Mechanism.HIGH_SHA256, challenge=LONG, title=SECRET),
    ],
)
def test_what_a_client_does_not_offer(asked: AssociationParameters) -> None:
    with pytest.raises(LocalProtocolError):
        check_offer(asked)


def test_weak_mechanisms_are_offered_when_allowed() -> None:
    for mechanism in WEAK:
        check_offer(
            AssociationParameters(
                1, mechanism=mechanism, password=SECRET, challenge=LONG, allow_weak=True
            )
        )


def test_passes_3_and_4() -> None:
    request = apdu.decode(write_proof(0xC1, b"proof"))
    assert read_proof(request) == b"proof"
    assert read_counter_proof(0xC1, apdu.decode(write_counter_proof(0xC1, b"ours"))) == b"ours"


@pytest.mark.parametrize(
    "request_",
    [
        GetRequest(0xC1, AttributeDescriptor(15, obis.CURRENT_ASSOCIATION, 1)),
        ActionRequest(0xC1, REPLY_TO_HLS, None),
        ActionRequest(0xC1, REPLY_TO_HLS, b"\x12\x00\x01"),
        ActionRequest(0xC1, REPLY_TO_HLS, b"\x09\x05\x01"),
        ActionRequest(0xC1, MethodDescriptor(15, obis.CURRENT_ASSOCIATION, 2), b"\x09\x01\x01"),
        ActionRequest(0xC1, MethodDescriptor(64, obis.CURRENT_ASSOCIATION, 1), b"\x09\x01\x01"),
        ActionRequest(0xC1, MethodDescriptor(15, obis.CLOCK, 1), b"\x09\x01\x01"),
    ],
)
def test_what_is_no_proof(request_: apdu.Apdu) -> None:
    assert read_proof(request_) is None


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (ActionResponse(0xC1, ActionOutcome(ActionResult.READ_WRITE_DENIED)), AssociationError),
        (ActionResponse(0xC2, ActionOutcome(ActionResult.SUCCESS, b"\x09\x00")), AssociationError),
        (GetResponse(0xC1, b"\x09\x00"), AssociationError),
        (ActionResponse(0xC1, ActionOutcome(ActionResult.SUCCESS)), SecurityError),
        (ActionResponse(0xC1, ActionOutcome(ActionResult.SUCCESS, b"\x12\x00\x00")), DecodeError),
    ],
)
def test_what_is_no_proof_of_the_server(
    response: apdu.Apdu, error: type[RemoteProtocolError]
) -> None:
    with pytest.raises(error):
        read_counter_proof(0xC1, response)


def test_secrets_are_compared() -> None:
    assert same_secret(b"a", b"a")
    assert not same_secret(b"a", b"b")
    assert not same_secret(b"a", b"ab")
