"""Quirks: what each changes in the moments that are read and asked for."""

from addad.dlms.clock_time import DateTime
from addad.reader.quirks import MEANING, NO_QUIRKS, Quirk, asked, understood

CET = DateTime(2026, 3, 1, 7, 1, 0, 0, 0, -60, 0)
FLIPPED = DateTime(2026, 3, 1, 7, 1, 0, 0, 0, 60, 0)
LOCAL = DateTime(2026, 3, 1, 7, 1, 0, 0, 0, None, 0)


def test_without_quirks_nothing_changes() -> None:
    assert understood(CET, NO_QUIRKS) == asked(CET, NO_QUIRKS) == CET


def test_the_other_sign_both_ways() -> None:
    quirks = (Quirk.DEVIATION_SIGN,)
    assert understood(FLIPPED, quirks) == CET
    assert asked(CET, quirks) == FLIPPED
    assert understood(LOCAL, quirks) == LOCAL


def test_a_range_without_deviation() -> None:
    assert asked(CET, (Quirk.NO_DEVIATION, Quirk.DEVIATION_SIGN)) == LOCAL


def test_each_has_its_meaning() -> None:
    assert set(MEANING) == set(Quirk)
