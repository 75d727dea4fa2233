"""Text of unknown code page."""

import pytest

from addad.errors import InputError
from addad.world.text import decode_text


@pytest.mark.parametrize(
    ("written", "encoding", "guessed"),
    [
        ("Ua_1СШ-110_ТН_110кВ", "cp1251", "cp1251"),
        ("Спектральный регистратор", "utf-8", "utf-8"),
        ("Poste d'Orléans, départ n° 2", "cp1252", "cp1252"),
        ("Umspannwerk Süd", "utf-8-sig", "utf-8"),
        ("plain ASCII", "ascii", "utf-8"),
        ("wide", "utf-16", "utf-16"),
    ],
)
def test_the_code_page_is_guessed(written: str, encoding: str, guessed: str) -> None:
    text, told = decode_text(written.encode(encoding))
    assert text.lstrip("\ufeff") == written
    assert told == guessed


def test_a_block_that_ends_inside_a_character_is_still_utf_8() -> None:
    text, told = decode_text("Süd".encode()[:2])
    assert (text, told) == ("S", "utf-8")


def test_an_encoding_given_wrongly_says_so() -> None:
    with pytest.raises(InputError, match="no text encoding"):
        decode_text(b"x", "klingon")
    with pytest.raises(InputError, match="not ascii"):
        decode_text("é".encode(), "ascii")
