"""Text of unknown code page."""

import pytest

from addad.errors import InputError
from addad.world.text import decode_text, text_lines


@pytest.mark.parametrize(
    ("written", "encoding", "guessed"),
    [
        ("Ua_1СШ-110_ТН_110кВ", "cp1251", "cp1251"),
        ("Ua_1СШ-110_ТН_110кВ", "cp866", "cp866"),
        ("ПС Северная, регистратор\nнапряжение ф. А", "cp1251", "cp1251"),
        ("ПС Северная, регистратор\nнапряжение ф. А", "cp866", "cp866"),
        ("НАПРЯЖЕНИЕ НА ШИНАХ", "cp1251", "cp1251"),
        ("НАПРЯЖЕНИЕ НА ШИНАХ", "cp866", "cp866"),
        ("Спектральный регистратор", "utf-8", "utf-8"),
        ("220kV母线A相电压,线路保护", "gb18030", "gb18030"),
        ("1号主变高压侧A相电流", "gbk", "gb18030"),
        ("东湖变电站,故障录波器", "gb18030", "gb18030"),
        ("Poste d'Orléans, départ n° 2", "cp1252", "cp1252"),
        ("Umspannwerk Süd, Überstrom", "latin-1", "cp1252"),
        ("Temp. 40 °C", "latin-1", "cp1252"),
        ("Umspannwerk Süd", "utf-8-sig", "utf-8"),
        ("plain ASCII", "ascii", "utf-8"),
        ("wide", "utf-16", "utf-16"),
    ],
)
def test_the_code_page_is_guessed(written: str, encoding: str, guessed: str) -> None:
    text, told = decode_text(written.encode(encoding))
    assert text.lstrip("\ufeff") == written
    assert told == guessed


@pytest.mark.parametrize("encoding", ["cp1251", "cp866", "gb18030", "latin-1", "utf-8", "utf-16"])
def test_the_code_page_given_stands_above_the_guess(encoding: str) -> None:
    written = "x" if encoding == "latin-1" else "110 кВ"
    assert decode_text(written.encode(encoding), encoding) == (written, encoding)


def test_a_mark_of_the_order_of_octets_is_no_text() -> None:
    assert decode_text("\ufeffSüd".encode(), "utf-8") == ("Süd", "utf-8")


def test_a_block_that_ends_inside_a_character_is_still_utf_8() -> None:
    text, told = decode_text("Süd".encode()[:2])
    assert (text, told) == ("S", "utf-8")


def test_any_octets_are_some_text() -> None:
    for first in range(256):
        decode_text(bytes([first, 255 - first, 0x80, first]))


def test_an_encoding_given_wrongly_says_so() -> None:
    with pytest.raises(InputError, match="no text encoding"):
        decode_text(b"x", "klingon")
    with pytest.raises(InputError, match="not ascii"):
        decode_text("é".encode(), "ascii")


def test_lines_end_as_any_desk_writes_them() -> None:
    assert text_lines("a\r\nb\nc\rd\x85e\u2028f") == ["a", "b", "c", "d\x85e\u2028f"]
