"""The error tree: whose fault it is can be caught by branch."""

import pytest

from addad import errors


@pytest.mark.parametrize(
    ("child", "parent"),
    [
        (errors.DecodeError, errors.RemoteProtocolError),
        (errors.SecurityError, errors.RemoteProtocolError),
        (errors.AssociationError, errors.RemoteProtocolError),
        (errors.LinkError, errors.AddadError),
        (errors.InputError, errors.AddadError),
    ],
)
def test_a_branch_says_whose_fault_it_is(child: type[Exception], parent: type[Exception]) -> None:
    assert issubclass(child, parent)
    assert issubclass(child, errors.AddadError)


def test_a_local_fault_is_not_the_peers() -> None:
    assert not issubclass(errors.LocalProtocolError, errors.RemoteProtocolError)


def test_an_access_error_keeps_the_result_and_says_it() -> None:
    error = errors.AccessError(3)
    assert error.result == 3
    assert "3" in str(error)


def test_an_association_error_keeps_the_diagnostic() -> None:
    error = errors.AssociationError("refused", result=1, diagnostic=13)
    assert (error.result, error.diagnostic) == (1, 13)


def test_a_security_error_says_what_is_wrong_and_tells_nothing_unasked() -> None:
    error = errors.SecurityError("altered")
    assert error.fault is errors.SecurityFault.DECIPHERING
    assert error.expected_counter is None
    replay = errors.SecurityError("again", errors.SecurityFault.REPLAY, 8)
    assert (replay.fault, replay.expected_counter) == (errors.SecurityFault.REPLAY, 8)
