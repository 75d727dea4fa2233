"""The sections of a combined COMTRADE file."""

import io

import pytest

from addad.errors import InputError
from addad.world.comtrade_cff import looks_combined, parts_of

TEXT = (
    b"--- file type: CFG ---\r\na,b,2013\r\n1,1A,0D\r\n--- file type: INF ---\r\n"
    b"--- file type: HDR ---\r\nsome words\r\n"
)


@pytest.mark.parametrize(
    ("heading", "encoding", "octets", "held"),
    [
        (b"--- file type: DAT ASCII ---", "ASCII", None, 9),
        (b"--- file type: DAT BINARY: 7 ---", "BINARY", 7, 9),
        (b"---File Type:DAT binary32 : 20---", "BINARY32", 20, 9),
        (b"--- FILE TYPE: DAT FLOAT32 ---", "FLOAT32", None, 9),
        (b"--- file type: DAT ---", "", None, 9),
    ],
)
def test_the_sections_are_found(
    heading: bytes, encoding: str, octets: int | None, held: int
) -> None:
    for mark in (b"", b"\xef\xbb\xbf"):
        parts = parts_of(io.BytesIO(mark + TEXT + heading + b"\r\n123\n56789"), "a.cff")
        assert parts.configuration == b"a,b,2013\r\n1,1A,0D\r\n"
        assert (parts.encoding, parts.octets, parts.held) == (encoding, octets, held)
        assert parts.data.read() == b"123\n56789"[: octets or 9]
        parts.data.seek(4)
        assert parts.data.readline() == b"56789"[: (octets or 9) - 4]
        assert parts.data.seek(0, io.SEEK_END) == min(octets or 9, 9)


@pytest.mark.parametrize(
    ("octets", "message"),
    [
        (TEXT, r"breaks off at line 6: no section '--- file type: DAT ---'"),
        (
            b"--- file type: HDR ---\nx\n--- file type: DAT ASCII ---\n",
            "no section '--- file ty.*CFG",
        ),
        (b"", "breaks off at line 0"),
    ],
)
def test_a_section_that_is_missing_is_named(octets: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parts_of(io.BytesIO(octets), "a.cff")


def test_text_without_end_is_refused() -> None:
    endless = io.BytesIO(b"--- file type: CFG ---\n" + b"x\n" * (9 << 20))
    with pytest.raises(InputError, match="no data section in its first 16 MiB"):
        parts_of(endless, "a.cff")


def test_it_is_known_by_its_first_line() -> None:
    assert looks_combined(TEXT)
    assert looks_combined(b"\xef\xbb\xbf" + TEXT)
    assert not looks_combined(b"a,b,2013\r\n1,1A,0D\r\n")
