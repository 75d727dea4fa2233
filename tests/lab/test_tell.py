"""The words of a report."""

from addad.lab.tell import flag_words, words
from addad.metrology import WindowFlag


def test_a_short_record_and_a_short_last_window_are_said() -> None:
    reason = "shorter than a window: the whole record, 4 cycles"
    assert words({reason: 1}, 1) == f"the record is {reason}"
    assert words({"shorter than a window: over 3 cycles": 1}, 9) == (
        "the last of 9 windows is shorter than a window: over 3 cycles"
    )
    assert words({}, 9) == ""


def test_flags_become_words_once() -> None:
    flags = int(WindowFlag.UNSTEADY | WindowFlag.MISSING_L2 | WindowFlag.PARTIAL)
    told = flag_words(flags)
    assert len(told) == 2
    assert any("L2" in text for text in told)
    assert flag_words(0) == []
