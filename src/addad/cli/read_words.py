"""Argument types of `addad read`; each refuses with the form that it wants."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from addad.reader.survey import PAIRS_MAX

SAP_MAX: Final = 0xFFFF
NUMBER_MAX: Final = 0xFFFF_FFFF


def listed(saps: Sequence[int]) -> str:
    """SAPs in a sentence."""
    return ", ".join(map(str, saps))


def sap(text: str) -> int:
    """A client or server SAP."""
    if not text.isascii() or not text.isdecimal() or not 0 <= int(text) <= SAP_MAX:
        raise argparse.ArgumentTypeError(f"{text!r} is no SAP; it is between 0 and {SAP_MAX}")
    return int(text)


def saps(text: str) -> tuple[int, ...]:
    """SAPs and ranges of them, as `1-20,32`."""
    found: list[int] = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        begin, end = sap(first), sap(last if dash else first)
        found += range(begin, min(end, begin + PAIRS_MAX) + 1)
        if end < begin or len(found) > PAIRS_MAX:
            raise argparse.ArgumentTypeError(
                f"{part!r}: at most {PAIRS_MAX} clients, the first before the last"
            )
    return tuple(dict.fromkeys(found))


def whole_number(text: str) -> int:
    """A number of 0 or more."""
    if not text.isascii() or not text.isdecimal() or int(text) > NUMBER_MAX:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of 0 or more")
    return int(text)


def positive_integer(text: str) -> int:
    """A number of 1 or more."""
    number = whole_number(text)
    if not number:
        raise argparse.ArgumentTypeError("0 is too little")
    return number


def moment(text: str) -> datetime:
    """ISO 8601; without zone it is this computer's time."""
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no time; write it like 2026-03-01T00:00"
        ) from None
