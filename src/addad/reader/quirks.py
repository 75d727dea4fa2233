"""What is declared of a meter that does something otherwise than the standard has it.

Nothing of this is guessed: a quirk is named by whoever knows the meter. Blue Book (profile generic,
date-time), Green Book, IEC 62056-5-3 (services).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from enum import Enum
from typing import Final

from addad.dlms.clock_time import DateTime


class Quirk(Enum):
    """A quirk by the name that a person writes."""

    DEVIATION_SIGN = "deviation-sign"
    NO_DEVIATION = "no-deviation"
    TAGGED_DATE = "tagged-date"
    SHORT_ROWS = "short-rows"
    WHOLE_BUFFER = "whole-buffer"
    NO_LISTS = "no-lists"


MEANING: Final = {
    Quirk.DEVIATION_SIGN: "times mean UTC = local time - deviation (India, Italy, Saudi Arabia)",
    Quirk.NO_DEVIATION: "a range is asked for in local time without deviation",
    Quirk.TAGGED_DATE: "a range is asked for with date-times, not with octet-strings",
    Quirk.SHORT_ROWS: "a row that ends early repeats the rest of the row above",
    Quirk.WHOLE_BUFFER: "the meter knows no ranges and entries: all rows are read, and chosen here",
    Quirk.NO_LISTS: "attributes are asked for one by one",
}
"""What each says, for the help."""

Quirks = Collection[Quirk]
NO_QUIRKS: Final[Quirks] = frozenset()


def understood(moment: DateTime, quirks: Quirks) -> DateTime:
    """A moment that the meter tells, in the standard's sign."""
    if Quirk.DEVIATION_SIGN not in quirks or moment.deviation is None:
        return moment
    return replace(moment, deviation=-moment.deviation)


def asked(moment: DateTime, quirks: Quirks) -> DateTime:
    """A moment as the meter understands it."""
    if Quirk.NO_DEVIATION in quirks:
        return replace(moment, deviation=None)
    return understood(moment, quirks)
