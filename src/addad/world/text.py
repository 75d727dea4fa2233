"""Text of unknown code page: recorders write UTF-8, or the code page of the desk they stood on.

No standard says which; COMTRADE before 2013 says ASCII, and its files do not keep to it.
"""

from __future__ import annotations

from itertools import pairwise

from addad.world.recording import ChoiceError


def decode_text(octets: bytes, encoding: str | None = None) -> tuple[str, str]:
    """The text and the code page it was read by: the one given, else a guess.

    UTF-8 when it is valid; else cp1251 when the high octets stand in runs, as Cyrillic words do;
    else cp1252, where accents stand alone. ChoiceError for an encoding that does not fit.
    """
    if encoding is not None:
        try:
            return octets.decode(encoding), encoding
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
    high = [octet >= 0x80 for octet in octets]
    runs = sum(1 for a, b in pairwise(high) if a and b)
    if runs * 3 >= sum(high):
        return octets.decode("cp1251", "replace"), "cp1251"
    return octets.decode("cp1252", "replace"), "cp1252"
