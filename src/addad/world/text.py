"""Text of unknown code page: recorders write UTF-8, or the code page of the desk they stood on.

No standard says which; COMTRADE before 2013 says ASCII, and its files do not keep to it. A page is
guessed by how likely its letters are, and always told, so that it can be corrected.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from addad.world.recording import ChoiceError

_MUCH = 1 << 14
_FREQUENT, _USUAL, _SELDOM = "оеаинтсрвл", "кмдпуяыьгзб", "чйхжшюцщэфёъ"
_CYRILLIC = {
    letter: weight
    for letters, weight in ((_FREQUENT, 1.5), (_USUAL, 1.2), (_SELDOM, 0.4))
    for letter in letters + letters.upper()
}
_ACCENTED = frozenset("àáâãäåæçèéêëìíîïñòóôõöøùúûüýßœÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜŒ")
_SIGNS = frozenset("°µ²³±·×§«»–—№ \xa0")
_OF_THE_TRADE = frozenset(
    "电压流相线路变站母开关断器保护录波装置主高低侧中性零序接地号机组发动备用进出联络分段"
    "一二三四五六七八九十甲乙丙丁东西南北上下左右前后故障启跳闸合位并列解除差距离过欠频率功"
    "有无量测试采样通道模拟数字名称厂区城新老河江山大小"
)


def decode_text(octets: bytes, encoding: str | None = None) -> tuple[str, str]:
    """The text and the code page it was read by: the one given, else a guess.

    UTF-8 when it is valid; else the likeliest of cp1251, cp866, gb18030 and cp1252, which holds
    all of Latin-1. ChoiceError for an encoding that does not fit.
    """
    if encoding is not None:
        try:
            return octets.decode(encoding).removeprefix("\ufeff"), encoding
        except LookupError:
            raise ChoiceError(f"there is no text encoding {encoding!r}") from None
        except UnicodeDecodeError as error:
            raise ChoiceError(f"the text is not {encoding}: {error.reason}") from None
    if octets[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return octets.decode("utf-16", "replace"), "utf-16"
    try:
        return octets.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError as error:
        # a block may end inside a character
        if error.start >= len(octets) - 3 and error.reason == "unexpected end of data":
            return octets[: error.start].decode("utf-8-sig"), "utf-8"
    page = max(_PAGES, key=lambda name: _PAGES[name](octets[:_MUCH].decode(name, "replace"), name))
    return octets.decode(page, "replace"), page


def text_lines(text: str) -> list[str]:
    """The lines of a text, whether they end in CR LF, LF or CR; no other sign ends a line."""
    return re.split(r"\r\n|\n|\r", text)


def _cyrillic(text: str, page: str) -> float:
    """How Russian a text is, by octet: its letters' frequency, and how they stand together."""
    return sum(
        _letter(text[k - 1] if k else " ", text[k], text[k + 1 : k + 2] or " ") for k in _high(text)
    )


def _letter(before: str, letter: str, after: str) -> float:
    if letter in _SIGNS:
        return 0.3
    if letter not in _CYRILLIC:
        return -2.0
    beside_latin = any(each.isascii() and each.isalpha() for each in (before, after))
    into_capitals = before.islower() and letter.isupper()
    return _CYRILLIC[letter] - 2.5 * beside_latin - 2.5 * into_capitals


def _western(text: str, page: str) -> float:
    """How western a text is, by octet: accents stand alone among plain letters."""
    return sum(
        0.3
        if text[k] in _SIGNS
        else (1.3 if text[k] in _ACCENTED else -1.0)
        - 2.0 * (k > 0 and ord(text[k - 1]) >= 0x80 and text[k - 1] not in _SIGNS)
        for k in _high(text)
    )


def _chinese(text: str, page: str) -> float:
    """How Chinese a text is, by octet: characters of daily use, most of all those of the trade."""
    score = 0.0
    for k in _high(text):
        octets = text[k].encode(page)
        plain = len(octets) == 2 and octets[1] >= 0xA1
        if text[k] in _OF_THE_TRADE:
            score += 5.0
        elif plain and 0xB0 <= octets[0] <= 0xD7:
            score += 1.8
        elif plain and 0xA1 <= octets[0] <= 0xA3:
            score += 0.6
        else:
            score -= 1.5 * len(octets)
    return score


_PAGES: dict[str, Callable[[str, str], float]] = {
    "cp1252": _western,
    "cp1251": _cyrillic,
    "cp866": _cyrillic,
    "gb18030": _chinese,
}


def _high(text: str) -> list[int]:
    return [k for k, letter in enumerate(text) if ord(letter) >= 0x80]
