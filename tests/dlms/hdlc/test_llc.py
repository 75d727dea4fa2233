"""The LLC header before an APDU."""

import pytest

from addad.dlms.hdlc.llc import COMMAND, RESPONSE, read_llc
from addad.errors import DecodeError


def test_the_header_is_taken_off() -> None:
    assert read_llc(bytes.fromhex("E6E600C001"), (COMMAND,)) == b"\xc0\x01"
    assert read_llc(bytes.fromhex("E6E7000F"), (RESPONSE, COMMAND)) == b"\x0f"
    assert read_llc(COMMAND, (COMMAND,)) == b""


@pytest.mark.parametrize("octets", ["", "E6", "E6E6", "E6E700C4", "C001C1"])
def test_another_header_is_refused(octets: str) -> None:
    with pytest.raises(DecodeError):
        read_llc(bytes.fromhex(octets), (COMMAND,))
