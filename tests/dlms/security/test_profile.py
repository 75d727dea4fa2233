"""Where stacks disagree: what this end does unless told otherwise."""

from __future__ import annotations

from addad.dlms.security.general_ciphering import KeyInfoKind
from addad.dlms.security.key_agreement import ALGORITHM_PREFIX, ALGORITHM_PREFIX_EDITION_8
from addad.dlms.security.profile import STANDARD_PROFILE, SecurityProfile


def test_the_later_editions_are_the_rule() -> None:
    assert ALGORITHM_PREFIX.hex() == "608574050803"
    assert ALGORITHM_PREFIX_EDITION_8.hex() == "608574060803"
    assert SecurityProfile() == STANDARD_PROFILE
    assert STANDARD_PROFILE == (ALGORITHM_PREFIX, True, KeyInfoKind.IDENTIFIED)
