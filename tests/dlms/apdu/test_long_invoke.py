"""The long invoke-id and the moment that ACCESS and DataNotification begin with."""

import pytest

from addad.dlms.apdu.long_invoke import (
    LongInvokeFlag,
    read_moment,
    write_long_invoke_id,
    write_moment,
)
from addad.dlms.clock_time import DateTime
from addad.dlms.octets import Cursor
from addad.errors import DecodeError, LocalProtocolError

MOMENT = DateTime(2026, 1, 1, 4, 0, 0, 0, 0, -60, 0)


def test_a_moment_has_no_tag() -> None:
    assert write_moment(None) == b"\x00"
    assert write_moment(MOMENT) == bytes.fromhex("0C 07EA01010400000000FFC400")
    assert read_moment(Cursor(write_moment(MOMENT))) == MOMENT
    assert read_moment(Cursor(b"\x00")) is None


@pytest.mark.parametrize("octets", ["05 07EA010104", "0C 07EA0D010400000000FFC400", "0C 07EA", ""])
def test_another_size_or_an_impossible_month_is_refused(octets: str) -> None:
    with pytest.raises(DecodeError):
        read_moment(Cursor(bytes.fromhex(octets)))


def test_flags_stand_above_the_number() -> None:
    flags = LongInvokeFlag.CONFIRMED | LongInvokeFlag.HIGH_PRIORITY
    assert write_long_invoke_id(flags | 5) == bytes.fromhex("C0000005")
    assert LongInvokeFlag.SELF_DESCRIPTIVE | LongInvokeFlag.BREAK_ON_ERROR == 0x30000000
    with pytest.raises(LocalProtocolError):
        write_long_invoke_id(1 << 32)
