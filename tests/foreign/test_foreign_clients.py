"""The clients of gurux-dlms and dlms-cosem read the sample meter over real TCP.

The same questions are put to the real meter elsewhere, through `foreign_clients`.
"""

import pytest

from addad import obis
from addad.dlms.acse import Mechanism
from addad.dlms.connection import ServerParameters
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
from foreign.foreign_clients import CLIENTS, Foreign, connect
from net.served_meter import HOST, served


@pytest.fixture(params=CLIENTS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> type[Foreign]:
    chosen: type[Foreign] = request.param
    return chosen


def test_association_list(kind: type[Foreign]) -> None:
    meter = SampleMeter()
    with served(meter.physical_device) as port:
        with connect(kind, HOST, port, 2, READER) as client:
            listed = client.object_list()
        with connect(kind, HOST, port, 16, None) as client:
            public = client.object_list()
    current = {(15, obis.CURRENT_ASSOCIATION.dotted)}
    assert listed == current | {
        (item.interface_class.class_id, item.logical_name.dotted) for item in meter.device
    }
    assert public == current | {
        (1, obis.LOGICAL_DEVICE_NAME.dotted),
        (8, obis.CLOCK.dotted),
        (17, obis.SAP_ASSIGNMENT.dotted),
    }


@cell(
    (GURUX, COSEM),
    SERVER,
    services=("association", "GET normal"),
    transport="TCP wrapper",
    mechanism=Mechanism.LOW,
)
def test_registers(kind: type[Foreign]) -> None:
    with (
        served(SampleMeter().physical_device) as port,
        connect(kind, HOST, port, 2, READER) as client,
    ):
        energy = client.register(obis.ACTIVE_ENERGY_IMPORT)
        voltage = client.register(obis.VOLTAGE_PHASES[0])
    assert energy == (IMPORT_WH, Unit.WATT_HOUR)
    assert voltage == (pytest.approx(230.4), Unit.VOLT)


@cell(
    (GURUX, COSEM),
    SERVER,
    services=("selective access by range", "GET in blocks"),
    mechanism=Mechanism.LOW,
    transport="TCP wrapper",
)
@pytest.mark.parametrize("max_pdu", [256, 0xFFFF])
def test_a_profile_by_range(kind: type[Foreign], max_pdu: int) -> None:
    first, last = START + 96 * PERIOD, START + 192 * PERIOD
    parameters = ServerParameters(max_pdu=max_pdu)
    with (
        served(SampleMeter().physical_device, parameters) as port,
        connect(kind, HOST, port, 2, READER) as client,
    ):
        rows = client.profile(obis.LOAD_PROFILE, first, last)
    assert len(rows) == 97
    assert rows[0][0] == first
    assert rows[-1][0] == last
    assert [row[2] for row in rows] == [IMPORT_WH + 25 * n for n in range(96, 193)]


@cell(
    (GURUX, COSEM),
    SERVER,
    services=("ACTION normal",),
    mechanism=Mechanism.LOW,
    transport="TCP wrapper",
)
def test_the_relay_opens_and_closes(kind: type[Foreign]) -> None:
    meter = SampleMeter()
    with served(meter.physical_device) as port, connect(kind, HOST, port, 1, MANAGEMENT) as client:
        assert client.relay_state(obis.DISCONNECT_CONTROL) == (True, 1)
        client.switch_relay(obis.DISCONNECT_CONTROL, False)
        assert client.relay_state(obis.DISCONNECT_CONTROL) == (False, 0)
        assert not meter.closed
        client.switch_relay(obis.DISCONNECT_CONTROL, True)
        assert client.relay_state(obis.DISCONNECT_CONTROL) == (True, 1)


def test_the_relay_is_not_for_readers(kind: type[Foreign]) -> None:
    meter = SampleMeter()
    with served(meter.physical_device) as port, connect(kind, HOST, port, 2, READER) as client:
        with pytest.raises(Exception, match=r"(?i)denied|3"):
            client.switch_relay(obis.DISCONNECT_CONTROL, False)
        assert meter.closed


@cell(
    (GURUX, COSEM),
    SERVER,
    services=("association",),
    mechanism=Mechanism.LOW,
    transport="TCP wrapper",
)
def test_a_wrong_password_is_refused(kind: type[Foreign]) -> None:
    with (
        served(SampleMeter().physical_device) as port,
        pytest.raises(Exception, match=r"(?i)authentication"),
        connect(kind, HOST, port, 1, b"guess"),
    ):
        pass
