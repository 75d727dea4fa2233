"""The clients of gurux-dlms and dlms-cosem read the real meter, and switch its relay."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from addad import obis
from addad.cosem.classes import DisconnectControl
from addad.cosem.classes.control import ControlMode
from addad.cosem.logical_device import LogicalDevice
from addad.host.commission import Order, commission
from addad.host.credentials import load_or_make
from addad.meter.device import Meter
from addad.meter.objects import build_device
from addad.net.client import Client
from addad.units import Unit
from foreign.foreign_clients import CLIENTS, DlmsCosemClient, Foreign, GuruxClient, connect
from host.test_process import meter_process
from net.real_meter import (
    MANAGEMENT,
    PERIOD,
    READER,
    START,
    WH_A_PERIOD,
    live,
    lived_meter,
)
from net.served_meter import HOST, served

ROWS = 300
RECLOSING_S = 60.0


@pytest.fixture(params=CLIENTS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> type[Foreign]:
    chosen: type[Foreign] = request.param
    return chosen


@contextmanager
def real_meter() -> Iterator[tuple[Meter, LogicalDevice, int]]:
    meter = lived_meter(ROWS)
    physical = build_device(meter)
    device = physical.at(1)
    assert device is not None
    with served(physical) as port:
        yield meter, device, port


def test_association_list(kind: type[Foreign]) -> None:
    with real_meter() as (_, device, port):
        with connect(kind, HOST, port, 2, READER) as client:
            listed = client.object_list()
        with connect(kind, HOST, port, 16, None) as client:
            public = client.object_list()
    everything = {(item.interface_class.class_id, item.logical_name.dotted) for item in device}
    current = {(15, obis.CURRENT_ASSOCIATION.dotted)}
    assert listed == current | everything
    assert public == current | {
        (1, obis.LOGICAL_DEVICE_NAME.dotted),
        (8, obis.CLOCK.dotted),
        (17, obis.SAP_ASSIGNMENT.dotted),
        (1, obis.FIRMWARE_ID.dotted),
    }


def test_registers_and_clock(kind: type[Foreign]) -> None:
    with real_meter() as (meter, _, port), connect(kind, HOST, port, 2, READER) as client:
        energy = client.register(obis.ACTIVE_ENERGY_IMPORT)
        voltages = [client.register(name) for name in obis.VOLTAGE_PHASES]
        clock = client.clock(obis.CLOCK)
    assert energy == (ROWS * WH_A_PERIOD, Unit.WATT_HOUR)
    assert voltages == [(pytest.approx(u, abs=0.01), Unit.VOLT) for u in (230.1, 231.2, 229.3)]
    assert clock == meter.clock.time


def test_a_load_profile_by_range(kind: type[Foreign]) -> None:
    first, last = START + 100 * PERIOD, START + 200 * PERIOD
    with real_meter() as (_, _, port), connect(kind, HOST, port, 2, READER) as client:
        rows = client.profile(obis.LOAD_PROFILE, first, last)
        nothing = client.profile(obis.LOAD_PROFILE, first - timedelta(days=9), first - 101 * PERIOD)
    assert [row[0] for row in rows] == [START + n * PERIOD for n in range(100, 201)]
    assert [row[2] for row in rows] == [WH_A_PERIOD * n for n in range(100, 201)]
    assert nothing == []


@pytest.mark.parametrize(("client_sap", "password"), [(2, READER), (16, None)])
def test_the_relay_is_managements(
    kind: type[Foreign], client_sap: int, password: bytes | None
) -> None:
    with (
        real_meter() as (meter, _, port),
        connect(kind, HOST, port, client_sap, password) as client,
    ):
        with pytest.raises(Exception, match=r"(?i)denied|undefined|unavailable|3|4"):
            client.switch_relay(obis.DISCONNECT_CONTROL, False)
        assert meter.supply.relay.closed


def test_in_mode_6_a_client_makes_ready_and_a_person_closes(kind: type[Foreign]) -> None:
    from addad.meter.relay import Trigger

    with real_meter() as (meter, _, port), connect(kind, HOST, port, 1, MANAGEMENT) as client:
        client.switch_relay(obis.DISCONNECT_CONTROL, False)
        assert client.relay_state(obis.DISCONNECT_CONTROL) == (False, 0)
        client.switch_relay(obis.DISCONNECT_CONTROL, True)
        assert client.relay_state(obis.DISCONNECT_CONTROL) == (False, 2)
        meter.request(Trigger.MANUAL_RECONNECT)
        assert client.relay_state(obis.DISCONNECT_CONTROL) == (True, 1)


def test_one_client_opens_the_relay_of_a_running_meter_and_the_other_closes_it(
    tmp_path: Path,
) -> None:
    begin = _lived_folder(tmp_path, 96)
    password = load_or_make(tmp_path).management
    relay = obis.DISCONNECT_CONTROL
    with meter_process(tmp_path) as (process, port):
        asyncio.run(_set_mode_4(port, password))
        with connect(GuruxClient, HOST, port, 1, password) as gurux:
            rows = gurux.profile(obis.LOAD_PROFILE, begin + PERIOD, begin + 96 * PERIOD)
            assert [row[0] for row in rows] == [begin + n * PERIOD for n in range(1, 97)]
            assert gurux.relay_state(relay) == (True, 1)
            gurux.switch_relay(relay, False)
            _stands(gurux, False, 0)
        with connect(DlmsCosemClient, HOST, port, 1, password) as other:
            assert other.relay_state(relay) == (False, 0)
            with pytest.raises(Exception, match=r"(?i)temporary"):  # the contact needs its pause
                other.switch_relay(relay, True)
            _close(other, time.monotonic() + RECLOSING_S)
            _stands(other, True, 1)
            voltage, unit = other.register(obis.VOLTAGE_PHASES[0])
            assert (200 < voltage < 260, unit) == (True, Unit.VOLT)
        assert process.poll() is None


def _lived_folder(folder: Path, rows: int) -> datetime:
    """A data folder with so many rows up to now; gives when they begin."""
    running = commission(Order(data=folder, scene="2026-06-21T12:00"))
    now_s = int(datetime.now(UTC).timestamp())
    begin = datetime.fromtimestamp(now_s - now_s % 900, UTC) - rows * PERIOD
    live(running.meter, rows, begin)
    running.close()
    return begin


async def _set_mode_4(port: int, password: bytes) -> None:
    async with Client.connect(HOST, port, client_sap=1, password=password) as client:
        mode = DisconnectControl.control_mode
        await client.set(obis.DISCONNECT_CONTROL, mode, ControlMode.MODE_4)


def _close(client: Foreign, until_s: float) -> None:
    while True:
        try:
            return client.switch_relay(obis.DISCONNECT_CONTROL, True)
        except Exception:
            if time.monotonic() > until_s:
                raise
            time.sleep(0.5)


def _stands(client: Foreign, closed: bool, state: int) -> None:
    """The relay stands so, as soon as the meter has sensed its contact again."""
    until_s = time.monotonic() + RECLOSING_S
    while client.relay_state(obis.DISCONNECT_CONTROL) != (closed, state):
        assert time.monotonic() < until_s
        time.sleep(0.05)
