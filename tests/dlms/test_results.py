"""Result codes: the numbers of the standard, and nothing else."""

import pytest

from addad.dlms.results import ActionResult, DataAccessResult, UserDiagnostic, code
from addad.errors import DecodeError


def test_codes_are_those_on_the_wire() -> None:
    assert code(DataAccessResult, 19) is DataAccessResult.DATA_BLOCK_NUMBER_INVALID
    assert code(DataAccessResult, 250) is DataAccessResult.OTHER_REASON
    assert code(UserDiagnostic, 13) is UserDiagnostic.AUTHENTICATION_FAILURE


def test_actions_know_no_results_beyond_16() -> None:
    shared = set(range(5)) | {9, 11, 12, 13, 14, 15, 16, 250}
    assert {int(result) for result in ActionResult} == shared
    assert {int(result) for result in DataAccessResult} == shared | {17, 18, 19}


@pytest.mark.parametrize("value", [5, 10, 20, 255])
def test_an_unknown_code_is_refused(value: int) -> None:
    with pytest.raises(DecodeError):
        code(DataAccessResult, value)
