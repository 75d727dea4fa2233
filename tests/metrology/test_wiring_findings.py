"""Findings are sentences that a person can act on."""

import pytest

from addad.metrology.wiring_findings import Certainty, WiringFault, finding, listed


def test_phases_are_listed_as_a_person_does():
    assert [listed(("L1", "L2", "L3")[:n]) for n in range(4)] == [
        "", "L1", "L1 and L2", "L1, L2 and L3",
    ]  # fmt: skip


@pytest.mark.parametrize("fault", WiringFault)
def test_every_fault_has_words_and_a_cure(fault):
    said = {"why": "because", "pairs": "U1 meets I2", "missing": 1.2}
    found = finding(fault, ("L1", "L2"), Certainty.LIKELY, {"angle": 1.0}, **said)
    for sentence in (found.words, found.cure):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert "{" not in sentence
    assert str(found) == f"{found.words} {found.cure}"
    assert found.evidence == (("angle", 1.0),)
