"""Who may associate: every pair of what is required and what is offered."""

import pytest

from addad.dlms.acse import Mechanism, mechanism_name
from addad.dlms.authentication import diagnose, read_mechanism, same_secret
from addad.dlms.results import UserDiagnostic

SECRET = b"12345678"


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
    opens = required == offered and required in (Mechanism.NONE, Mechanism.LOW)
    assert (diagnostic is None) is opens


def test_secrets_are_compared() -> None:
    assert same_secret(b"a", b"a")
    assert not same_secret(b"a", b"b")
    assert not same_secret(b"a", b"ab")
