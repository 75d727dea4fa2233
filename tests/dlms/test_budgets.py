"""Any two kibibytes cost little memory, whatever decoder they reach, and end as documented."""

import tracemalloc
from collections.abc import Callable

import pytest

from addad.dlms import apdu
from addad.dlms import data as axdr
from addad.dlms.apdu.general_block import GeneralBlock
from addad.dlms.columns import decode_columns
from addad.dlms.general_blocks import GeneralBlockTransfer
from addad.dlms.octets import Cursor
from addad.dlms.profile_compression import RowFormat, expand
from addad.errors import DecodeError, RemoteProtocolError

OCTETS = 2048
BUDGET_OCTETS = 1 << 20


def _filled(head: str, unit: str, tail: str = "") -> bytes:
    """Two kibibytes: a head, as many units as fit, a tail."""
    start, one, end = bytes.fromhex(head), bytes.fromhex(unit), bytes.fromhex(tail)
    return start + one * ((OCTETS - len(start) - len(end)) // len(one)) + end


# What is densest, deepest or longest in the octets of a value: counts are for two kibibytes.
VALUES = {
    "nulls": _filled("01 8207FB", "00"),
    "don't-cares": _filled("01 8207FB", "FF"),
    "booleans": _filled("01 8203FD", "0301"),
    "empty structures": _filled("01 8203FD", "0200"),
    "empty octet-strings": _filled("01 8203FD", "0900"),
    "empty bit-strings": _filled("01 8203FD", "0400"),
    "empty texts": _filled("01 8203FD", "0C00"),
    "empty compact arrays": _filled("01 8202A9", "130000"),
    "rows of one null": _filled("01 8202A9", "020100"),
    "rows of one octet": _filled("01 8201FE", "02011105"),
    "rows of nulls": _filled("01 1E", "0240" + "00" * 64),
    "rows of empty strings": _filled("01 0F", "0240" + "0900" * 64),
    "rows that differ at the end": _filled("01 8202A8", "020100", "0201FF"),
    "deep rows": _filled("01 82007A", "02010201020102010201020102010201"),
    "a count beyond the octets": bytes.fromhex("01 847FFFFFFF") + b"\x00" * 2000,
    "many counts beyond the octets": _filled("", "01 847FFFFFFF"),
    "a length beyond the octets": bytes.fromhex("09 84FFFFFFFF") + b"\x00" * 2000,
    "nesting without end": _filled("", "0201"),
    "a compact array of nulls": _filled("13 00 8207F8", "00"),
    "a compact array of many nulls": _filled("13 02 02 11 01 FFFF 00 8207F0", "01"),
    "a compact array of arrays of arrays": _filled("13 01 FFFF 01 FFFF 01 FFFF 11 8207E0", "01"),
    "a compact array of octets": _filled("13 11 8207FB", "01"),
    "a compact array of pairs": _filled("13 02 02 11 11 8207F7", "01"),
    "a compact array of deep octets": _filled("13 0201 0201 0201 11 8207F3", "01"),
    "a compact array of empty strings": _filled("13 09 8207FB", "00"),
    "a description that is all": _filled("13 02 8207F0", "11"),
    "deltas": _filled("01 8203FD", "1C01"),
}

_NAME = "0003 0100010800FF 02"
_METHOD = "0046 000060030AFF 01"
APDUS = {
    "a GET of many attributes": _filled("C0 03 C1 81C8", _NAME + "00"),
    "a GET of too many attributes": _filled("C0 03 C1 847FFFFFFF", _NAME + "00"),
    "a GET with nested selections": _filled("C0 01 C1" + _NAME + "01 05", "0201"),
    "a GET with a selection of nulls": _filled("C0 01 C1" + _NAME + "01 05 01 8207EE", "00"),
    "a GET response of many results": _filled("C4 03 C1 820100", "0000"),
    "a GET response of a long list": _filled("C4 03 C1 82FFFF", "0000"),
    "a SET of many values": _filled("C1 04 C1 64" + (_NAME + "00") * 100 + "64", "00"),
    "an ACTION of many methods": _filled("C3 03 C1 64" + _METHOD * 100 + "64", "00"),
    "an ACTION response of many": _filled("C7 03 C1 820100", "0000"),
    "an ACCESS of many items": _filled("D9 40000000 00 81C8", "01" + _NAME),
    "an ACCESS with selections": _filled("D9 40000000 00 81B0", "04" + _NAME + "0500"),
    "an ACCESS response of many": _filled("DA 40000000 00 00 81FF", "00"),
    "an ACCESS response of results": _filled(
        "DA 40000000 00 00 81FF" + "00" * 255 + "81FF", "0100"
    ),
    "a push of nulls": _filled("0F 00000001 00 01 8207F5", "00"),
    "a push of swapped names": _filled("0F 00000001 00 01 81B9", "0202 0609 010001080000 00"),
    "a push of descriptors": _filled("0F 00000001 00 02 02 00 01 8199", "0202" + _NAME + "1101"),
    "an event of nulls": _filled("C2 00" + _NAME + "01 8207F0", "00"),
    "a general block": _filled("E0 83 0001 0000 8207F6", "01"),
    "a general block too short": _filled("E0 83 0001 0000 84FFFFFFFF", "01"),
}


def _peak(read: Callable[[bytes], object], octets: bytes) -> int:
    """The most that was allocated while reading, and kept after it."""
    assert len(octets) <= OCTETS
    tracemalloc.start()
    try:
        try:
            kept = read(octets)
        except RemoteProtocolError as refused:
            kept = refused
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert kept is not tracemalloc
    return peak


def _read_profile(octets: bytes) -> object:
    rows = axdr.decode(octets).value
    if not isinstance(rows, tuple):
        raise DecodeError("no rows")
    cells = [row for row in rows if isinstance(row, axdr.Data)]
    first = cells[0].value if cells else ()
    width = len(first) if isinstance(first, tuple) else 1
    return expand(cells, RowFormat(width), short_rows=True)


READERS: dict[str, Callable[[bytes], object]] = {
    "decode": axdr.decode,
    "read octets": lambda octets: axdr.read_octets(Cursor(octets)),
    "profile": _read_profile,
}


@pytest.mark.parametrize("read", READERS.values(), ids=READERS.keys())
@pytest.mark.parametrize("octets", VALUES.values(), ids=VALUES.keys())
def test_a_value(octets: bytes, read: Callable[[bytes], object]) -> None:
    assert _peak(read, octets) <= BUDGET_OCTETS


@pytest.mark.parametrize("octets", VALUES.values(), ids=VALUES.keys())
def test_columns(octets: bytes) -> None:
    decode_columns(b"\x01\x00")  # numpy is imported once, and not by what a peer sends
    assert _peak(decode_columns, octets) <= BUDGET_OCTETS


@pytest.mark.parametrize("octets", APDUS.values(), ids=APDUS.keys())
def test_an_apdu(octets: bytes) -> None:
    assert _peak(apdu.decode, octets) <= BUDGET_OCTETS


def test_early_blocks_are_kept_only_up_to_the_limit() -> None:
    end = GeneralBlockTransfer(1024, 4096, is_client=False)

    def flood(_: bytes) -> None:
        for number in range(2, 60_000):
            end.receive(GeneralBlock(False, True, 63, number, 0, bytes(1)))

    assert _peak(flood, b"") <= BUDGET_OCTETS
    with pytest.raises(RemoteProtocolError):
        end.receive(GeneralBlock(False, True, 63, 1, 0, bytes(4096)))
