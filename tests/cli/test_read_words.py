"""Argument types of `addad read`: what they take; what they refuse, the options' tests show."""

from argparse import ArgumentTypeError
from datetime import UTC, datetime, timedelta

import pytest

from addad.cli.read_words import listed, moment, sap, saps, whole_number


def test_saps() -> None:
    assert (sap("0"), sap("65535")) == (0, 65535)
    assert saps("16,1-3, 2") == (16, 1, 2, 3)
    assert listed((16, 1)) == "16, 1"
    for wrong in ("65536", "-1", "\u0661", "", "1-", "3-1"):
        with pytest.raises(ArgumentTypeError):
            saps(wrong)


def test_numbers() -> None:
    assert whole_number("0") == 0
    with pytest.raises(ArgumentTypeError):
        whole_number("4294967296")


def test_moments() -> None:
    assert moment("2026-03-01T00:00+01:00") == datetime(2026, 2, 28, 23, tzinfo=UTC)
    assert isinstance(moment("2026-03-01").utcoffset(), timedelta)
