"""Values and their uncertainties as text: the uncertainty to two digits, the value to its place.

By the custom of JCGM 100: digits that the uncertainty makes meaningless are not shown.
"""

from __future__ import annotations

import math

MOST_PLACES = 9
_DIGITS = 2


def places(uncertainty: float) -> int | None:
    """Decimal places at which two significant digits of an uncertainty end; None without one.

    Negative for tens and more; at most MOST_PLACES.
    """
    if not 0.0 < uncertainty < math.inf:
        return None
    exponent = int(f"{uncertainty:.{_DIGITS - 1}e}".partition("e")[2])
    return min(_DIGITS - 1 - exponent, MOST_PLACES)


def rounded(value: float, place: int) -> str:
    """A value to a decimal place; zero has no sign."""
    if not math.isfinite(value):
        return "—"
    text = f"{round(value, place):.{max(0, place)}f}"
    return text.removeprefix("-") if float(text) == 0.0 else text


def pair(value: float, uncertainty: float, most: int = MOST_PLACES) -> tuple[str, str] | None:
    """Both as text; None where one is not known, or the uncertainty is zero.

    Where there is no room for more than `most` places, a smaller uncertainty is told as one there.
    """
    place = places(uncertainty)
    if place is None or not math.isfinite(value):
        return None
    place = min(place, most)
    return rounded(value, place), rounded(max(uncertainty, 10.0**-place), place)


def with_uncertainty(
    value: float, uncertainty: float, factor: float = 1.0, most: int = MOST_PLACES
) -> str | None:
    """`230.12 ± 0.05`, both divided by `factor`; None as of `pair`."""
    found = pair(value / factor, uncertainty / factor, most)
    return f"{found[0]} ± {found[1]}" if found else None
