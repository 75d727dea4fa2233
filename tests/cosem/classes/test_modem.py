"""Modems: windows, callers, services and cells."""

import pytest

from addad.cosem.classes import modem as m
from addad.dlms.clock_time import DateTime
from addad.errors import DecodeError


def octets(text: str) -> bytes:
    return bytes.fromhex(text.replace(" ", ""))


def test_rings_and_callers() -> None:
    rings = m.AutoAnswer.number_of_rings.type
    assert rings.decode(octets("0202 1102 1105")) == m.NumberOfRings(2, 5)
    with pytest.raises(DecodeError):
        rings.decode(octets("0102 1102 1105"))
    callers = m.AutoAnswerV2.list_of_allowed_callers.type
    assert callers.decode(octets("0101 0202 09022b31 1601")) == (m.AllowedCaller(b"+1", 1),)


def test_only_version_1_and_later_connect_when_told() -> None:
    assert 1 not in m.AutoConnect.methods
    assert m.AutoConnectV1.methods[1].name == m.AutoConnectV2.methods[1].name == "connect"
    assert m.AutoConnect.mode.type.decode(b"\x16\x68") is m.AutoConnectMode.ON_INVOCATION
    destinations = m.AutoConnectV2.destination_list.type
    wire = b"\x01\x01\x09\x06h:4059"
    assert destinations.decode(wire) == (b"h:4059",)


def test_the_quality_of_a_packet_service() -> None:
    quality = m.QualityOfService(1, 2, 3, 4, 5)
    five = "0205 1101 1102 1103 1104 1105"
    kind = m.GPRSModemSetup.quality_of_service.type
    assert kind.encode(m.QualityOfServices(quality, quality)) == octets("0202" + five + five)


def test_cells_are_wider_from_version_1_on() -> None:
    old = octets("0204 120102 120304 1114 1100")
    new = octets("0207 0600010002 120304 1114 1100 12025c 120001 0600000bb8")
    assert m.GSMDiagnostic.cell_info.type.decode(old) == m.CellInfoV0(0x102, 0x304, 20, 0)
    assert m.GSMDiagnosticV2.cell_info.type.decode(new) == m.CellInfo(
        0x10002, 0x304, 20, 0, 604, 1, 3000
    )
    with pytest.raises(DecodeError):
        m.GSMDiagnosticV1.cell_info.type.decode(old)
    cells = octets("0101 0202 120102 1114")
    assert m.GSMDiagnostic.adjacent_cells.type.decode(cells) == (m.AdjacentCell(0x102, 20),)
    with pytest.raises(DecodeError):
        m.GSMDiagnosticV1.adjacent_cells.type.decode(cells)


def test_an_operator_and_a_time_in_both_forms() -> None:
    operator = m.GSMDiagnosticV1.operator.type
    assert operator.decode(b"\x0a\x03IAM") == operator.decode(b"\x09\x03IAM") == "IAM"
    moment = DateTime(2026, 1, 1, 4, 12, 0, 0, 0, -60, 0)
    captured = m.GSMDiagnostic.capture_time.type
    assert captured.encode(moment) == b"\x19" + moment.encode()
    assert captured.decode(b"\x09\x0c" + moment.encode()) == moment
