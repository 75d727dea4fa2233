"""Local ports: codes of speeds, and limits that a SET must keep."""

import pytest

from addad.cosem.classes.ports import (
    BaudRate,
    IECHDLCSetup,
    IECHDLCSetupV0,
    IECLocalPortSetup,
    LocalPortMode,
)
from addad.cosem.interface_class import Attribute
from addad.dlms.data import decode
from addad.dlms.results import DataAccessResult
from addad.errors import AccessError, DecodeError


@pytest.mark.parametrize(
    ("attribute", "allowed", "refused"),
    [
        (IECHDLCSetup.window_size_transmit, ("1101", "1107"), ("1100", "1108")),
        (IECHDLCSetup.window_size_receive, ("1101", "1107"), ("1100", "1108", "120001")),
        (IECHDLCSetup.max_info_field_length_transmit, ("120020", "1207ee"), ("12001f", "1207ef")),
        (IECHDLCSetup.max_info_field_length_receive, ("120020", "1207ee"), ("12001f", "1180")),
        (IECHDLCSetupV0.max_info_field_length_receive, ("1120", "1180"), ("111f", "120080")),
        (IECHDLCSetup.inter_octet_time_out, ("120014", "121770"), ("120013", "121771")),
        (IECHDLCSetup.inactivity_time_out, ("120000", "12ffff"), ("1178",)),
    ],
)
def test_limits(
    attribute: Attribute[int], allowed: tuple[str, ...], refused: tuple[str, ...]
) -> None:
    taken: list[int] = []
    accept = attribute.writes(taken.append).accept
    for octets in allowed:
        accept(decode(bytes.fromhex(octets)))
    assert len(taken) == len(allowed)
    for octets in refused:
        with pytest.raises(AccessError) as error:
            accept(decode(bytes.fromhex(octets)))
        assert error.value.result == DataAccessResult.TYPE_UNMATCHED
    assert len(taken) == len(allowed)


def test_speeds_and_modes() -> None:
    assert IECHDLCSetup.comm_speed.type.decode(b"\x16\x05") is BaudRate.BAUD_9600
    assert IECLocalPortSetup.default_mode.type.decode(b"\x16\x01") is LocalPortMode.HDLC
    for octets in (b"\x16\x0a", b"\x11\x05"):
        with pytest.raises(DecodeError):
            IECLocalPortSetup.default_baud.type.decode(octets)
