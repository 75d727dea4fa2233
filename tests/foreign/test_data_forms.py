"""Compact arrays and rows with null-data, as gurux-dlms reads them."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from gurux_dlms import GXByteBuffer
from gurux_dlms.enums import DataType
from gurux_dlms.GXDLMSSettings import GXDLMSSettings
from gurux_dlms.internal._GXCommon import _GXCommon
from gurux_dlms.internal._GXDataInfo import _GXDataInfo
from gurux_dlms.objects import GXDLMSCaptureObject, GXDLMSClock, GXDLMSData, GXDLMSProfileGeneric

from addad.dlms.clock_time import DateTime
from addad.dlms.data import Data, Tag, encode
from addad.dlms.profile_compression import RowFormat, compress
from foreign.cells import GURUX, SERVER, cell

START = datetime(2026, 3, 1, tzinfo=UTC)
PERIOD = timedelta(minutes=15)


def _read(octets: bytes) -> Any:
    return _GXCommon.getData(GXDLMSSettings(False, None), GXByteBuffer(octets), _GXDataInfo())


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return bytes(value) if isinstance(value, bytearray) else value


@cell(GURUX, SERVER, services=("compact array",), note="of numbers, strings and structures")
def test_compact_arrays() -> None:
    numbers = Data(Tag.COMPACT_ARRAY, tuple(Data(Tag.LONG_UNSIGNED, n) for n in (1, 2, 513)))
    assert _plain(_read(encode(numbers))) == [1, 2, 513]
    rows = Data(
        Tag.COMPACT_ARRAY,
        tuple(
            Data(
                Tag.STRUCTURE,
                (
                    Data(Tag.OCTET_STRING, bytes((n, n))),
                    Data(Tag.UNSIGNED, n),
                    Data(Tag.DOUBLE_LONG_UNSIGNED, 100_000 + n),
                ),
            )
            for n in (1, 2, 3)
        ),
    )
    assert _plain(_read(encode(rows))) == [[bytes((n, n)), n, 100_000 + n] for n in (1, 2, 3)]


@cell(
    GURUX,
    SERVER,
    services=("null-data compression",),
    note="it counts on with the clock, and leaves other values that repeat to the user",
)
def test_rows_whose_clock_is_left_out() -> None:
    rows = [
        (
            Data(Tag.OCTET_STRING, DateTime.from_datetime(START + n * PERIOD).encode()),
            Data(Tag.UNSIGNED, 7 + n // 3),
        )
        for n in range(5)
    ]
    form = RowFormat(2, (0,), 900)
    octets = encode(Data(Tag.ARRAY, tuple(compress(rows, form))))
    assert octets.count(b"\x02\x02\x00") == 4
    profile = GXDLMSProfileGeneric("1.0.99.1.0.255")
    profile.capturePeriod = 900
    clock, status = GXDLMSClock("0.0.1.0.0.255"), GXDLMSData("0.0.96.10.1.255")
    clock.setUIDataType(2, DataType.DATETIME)
    profile.captureObjects = [
        (clock, GXDLMSCaptureObject(2, 0)),
        (status, GXDLMSCaptureObject(2, 0)),
    ]
    told = SimpleNamespace(
        index=2, value=_read(octets), parameters=None, settings=SimpleNamespace(isServer=False)
    )
    profile.setValue(GXDLMSSettings(False, None), told)
    times = [row[0].value for row in profile.buffer]
    assert [one.replace(tzinfo=one.tzinfo or UTC) for one in times] == [
        START + n * PERIOD for n in range(5)
    ]
    assert [row[1] for row in profile.buffer] == [7, None, None, 8, None]
