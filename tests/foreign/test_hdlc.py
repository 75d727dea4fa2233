"""The clients of gurux-dlms and dlms-cosem read the sample meter over HDLC on TCP."""

import asyncio
import time

import pytest

from addad import obis
from addad.cosem.hdlc_server import HdlcEndpoint
from addad.dlms.acse import Mechanism
from addad.net.serial import serve_serial
from addad.units import Unit
from cosem.sample_device import (
    IMPORT_WH,
    MANAGEMENT,
    PERIOD,
    READER,
    START,
    SampleMeter,
)
from foreign.cells import COSEM, GURUX, SERVER, cell
from foreign.hdlc_clients import (
    HDLC_CLIENTS,
    DlmsCosemHdlcClient,
    ForeignHdlc,
    GuruxHdlcClient,
    connect_hdlc,
)
from net.paced_line import paced_line
from net.served_hdlc import HOST, served_hdlc

Kind = type[ForeignHdlc]


@pytest.fixture(params=HDLC_CLIENTS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Kind:
    chosen: Kind = request.param
    return chosen


@cell(
    (GURUX, COSEM),
    SERVER,
    services=("association", "GET normal", "release"),
    note="server addresses of 1, 2 and 4 octets",
    transport="HDLC over TCP",
    mechanism=Mechanism.LOW,
)
@pytest.mark.parametrize("octets", [1, 2, 4])
def test_registers_by_each_size_of_address(kind: Kind, octets: int) -> None:
    meter = SampleMeter()
    with served_hdlc(meter.physical_device) as port:
        with connect_hdlc(kind, HOST, port, 2, READER, octets=octets) as client:
            assert client.register(obis.ACTIVE_ENERGY_IMPORT) == (IMPORT_WH, Unit.WATT_HOUR)
            voltage = client.register(obis.VOLTAGE_PHASES[0])
            assert voltage == (pytest.approx(230.4), Unit.VOLT)
        assert meter.device.open_count[2] == 0


@cell(
    (GURUX, COSEM),
    SERVER,
    services=("association", "object list"),
    transport="HDLC over TCP",
    mechanism=Mechanism.NONE,
)
def test_without_a_password_the_public_list(kind: Kind) -> None:
    with (
        served_hdlc(SampleMeter().physical_device) as port,
        connect_hdlc(kind, HOST, port, 16, None) as client,
    ):
        assert client.object_list() == {
            (15, obis.CURRENT_ASSOCIATION.dotted),
            (1, obis.LOGICAL_DEVICE_NAME.dotted),
            (8, obis.CLOCK.dotted),
            (17, obis.SAP_ASSIGNMENT.dotted),
        }


@cell(
    (GURUX, COSEM),
    SERVER,
    services=("selective access by range",),
    note="segments",
    transport="HDLC over TCP",
    mechanism=Mechanism.LOW,
)
def test_a_profile_in_segments_of_the_default_size(kind: Kind) -> None:
    first, last = START + 96 * PERIOD, START + 192 * PERIOD
    with (
        served_hdlc(SampleMeter().physical_device) as port,
        connect_hdlc(kind, HOST, port, 2, READER) as client,
    ):
        rows = client.profile(obis.LOAD_PROFILE, first, last)
    assert [row[2] for row in rows] == [IMPORT_WH + 25 * n for n in range(96, 193)]


@cell(
    GURUX,
    SERVER,
    services=("selective access by range",),
    note="windows that it sends: 1, 3, 7; frames of up to 2030 octets",
    transport="HDLC over TCP",
    mechanism=Mechanism.LOW,
)
@pytest.mark.parametrize("window", [1, 3, 7])
@pytest.mark.parametrize("size", [64, 250, 2030])
def test_windows_and_long_frames_of_gurux(window: int, size: int) -> None:
    first, last = START, START + 300 * PERIOD
    with (
        served_hdlc(SampleMeter().physical_device) as port,
        connect_hdlc(GuruxHdlcClient, HOST, port, 2, READER, window=window, size=size) as client,
    ):
        rows = client.profile(obis.LOAD_PROFILE, first, last)
    assert [row[2] for row in rows] == [IMPORT_WH + 25 * n for n in range(301)]


@cell(
    COSEM,
    SERVER,
    services=("selective access by range",),
    note="windows that it receives: 2, 7; the test asks for them in its place",
    transport="HDLC over TCP",
    mechanism=Mechanism.LOW,
)
@pytest.mark.parametrize("window", [2, 7])
def test_windows_that_dlms_cosem_receives(window: int) -> None:
    with (
        served_hdlc(SampleMeter().physical_device) as port,
        connect_hdlc(DlmsCosemHdlcClient, HOST, port, 2, READER, window=window) as client,
    ):
        rows = client.profile(obis.LOAD_PROFILE, START, START + 300 * PERIOD)
        assert client.register(obis.ACTIVE_ENERGY_IMPORT)[0] == IMPORT_WH
    assert [row[2] for row in rows] == [IMPORT_WH + 25 * n for n in range(301)]


@cell(
    COSEM,
    SERVER,
    services=("association", "GET normal"),
    transport="HDLC over a serial line",
    mechanism=Mechanism.LOW,
)
def test_a_serial_line_at_9600_baud() -> None:
    def read(port: str) -> object:
        with connect_hdlc(DlmsCosemHdlcClient, port, 9600, 2, READER) as client:
            return client.register(obis.ACTIVE_ENERGY_IMPORT)

    async def main() -> None:
        endpoint = HdlcEndpoint(SampleMeter().physical_device, time.monotonic)
        async with paced_line() as line, await serve_serial(line.far, endpoint):
            assert await asyncio.to_thread(read, line.near) == (IMPORT_WH, Unit.WATT_HOUR)

    asyncio.run(main())


@cell(
    (GURUX, COSEM),
    SERVER,
    services=("ACTION normal",),
    transport="HDLC over TCP",
    mechanism=Mechanism.LOW,
)
def test_the_relay_opens_and_closes(kind: Kind) -> None:
    meter = SampleMeter()
    with (
        served_hdlc(meter.physical_device) as port,
        connect_hdlc(kind, HOST, port, 1, MANAGEMENT) as client,
    ):
        client.switch_relay(obis.DISCONNECT_CONTROL, False)
        assert client.relay_state(obis.DISCONNECT_CONTROL) == (False, 0)
        assert not meter.closed
        client.switch_relay(obis.DISCONNECT_CONTROL, True)
        assert meter.closed


def test_a_wrong_password_is_refused(kind: Kind) -> None:
    with (
        served_hdlc(SampleMeter().physical_device) as port,
        pytest.raises(Exception, match=r"(?i)authentication"),
        connect_hdlc(kind, HOST, port, 1, b"guess"),
    ):
        pass


def test_one_after_the_other_on_a_meter_that_the_first_left_open(kind: Kind) -> None:
    meter = SampleMeter()
    with served_hdlc(meter.physical_device) as port:
        first = kind(HOST, port, 2, READER)
        first.open()
        for _ in range(3):
            with connect_hdlc(kind, HOST, port, 2, READER) as client:
                assert client.register(obis.ACTIVE_ENERGY_IMPORT)[0] == IMPORT_WH
        first.close()
