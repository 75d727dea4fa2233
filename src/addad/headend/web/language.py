"""Which language a page speaks: gettext catalogues, and a pseudo-locale that shows what is missed.

English is in the templates. `qps-ploc` is English with every letter accented and every text longer,
so that a text outside the catalogue, or a box too narrow, is seen.
"""

from __future__ import annotations

import gettext
import re
from functools import cache
from pathlib import Path
from typing import Final

LOCALE: Final = Path(__file__).with_name("locale")
DOMAIN: Final = "addad"
ENGLISH: Final = "en"
PSEUDO: Final = "qps-ploc"
RIGHT_TO_LEFT: Final = frozenset({"ar", "fa", "he", "ur"})
MAX_ACCEPTED: Final = 20

_PLAIN = "AaBbCcDdEeGgHhIiKkLlNnOoRrSsTtUuWwYyZz"
_ACCENTED = "ÅåßƀÇçÐđÉéĞğĤĥÎîĶķĻļÑñÖöŔŕŠšŢţÛûŴŵÝýŽž"
_ACCENTS = str.maketrans(_PLAIN, _ACCENTED)
_KEPT = re.compile(r"(%\([a-z_0-9]+\)[sd]|%[sd%]|\{[^}]*\}|<[^>]*>|&[a-z]+;)")


class PseudoTranslations(gettext.NullTranslations):
    """English, accented and lengthened; placeholders and markup stay."""

    def gettext(self, message: str) -> str:
        return pseudo(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return pseudo(msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:
        return pseudo(message)


def pseudo(message: str) -> str:
    """`[Ŝŧåŕţ ~~]` for `Start`: a third longer, in brackets."""
    if not message:
        return message
    parts = _KEPT.split(message)
    accented = "".join(
        part if index % 2 else part.translate(_ACCENTS) for index, part in enumerate(parts)
    )
    return f"[{accented} {'~' * (1 + len(message) // 4)}]"


@cache
def languages() -> tuple[str, ...]:
    """The tags there is a catalogue for, English first, the pseudo-locale last."""
    found = sorted(path.parents[1].name for path in LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))
    tags = [name.replace("_", "-") for name in found]
    return (ENGLISH, *(tag for tag in tags if tag not in (ENGLISH, PSEUDO)), PSEUDO)


@cache
def translations(tag: str) -> gettext.NullTranslations:
    """The catalogue of a language of `languages()`."""
    if tag == PSEUDO:
        return PseudoTranslations()
    return gettext.translation(DOMAIN, LOCALE, [tag.replace("-", "_")], fallback=True)


def chosen(wanted: str | None, accepted: str) -> str:
    """The language of `?lang=`, else the best of `Accept-Language`, else English.

    The pseudo-locale is given only when it is asked for by name.
    """
    known = {tag.lower(): tag for tag in languages()}
    if wanted and wanted.lower() in known:
        return known[wanted.lower()]
    ranked = []
    for part in accepted.split(",")[:MAX_ACCEPTED]:
        tag, _, parameters = part.partition(";")
        ranked.append((-_quality(parameters), tag.strip().lower()))
    for _, tag in sorted(ranked, key=lambda pair: pair[0]):
        for candidate in (tag, tag.partition("-")[0]):
            if candidate in known and known[candidate] != PSEUDO:
                return known[candidate]
    return ENGLISH


def direction(tag: str, forced: str | None) -> str:
    """`rtl` or `ltr`: of the language, unless forced by `?dir=`."""
    if forced in ("rtl", "ltr"):
        return forced
    return "rtl" if tag.partition("-")[0] in RIGHT_TO_LEFT else "ltr"


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0
