"""One answer of a meter becomes one set of signed values; what it lacks is null, not zero."""

import asyncio
from datetime import timedelta

import pytest
from headend_bench import NOON, Bench, FakeClient

from addad import obis
from addad.dlms.data import Data, Tag
from addad.headend.link import Target
from addad.headend.readout import Answers, prepare
from addad.headend.store.places import to_us
from addad.units import ScalerUnit


@pytest.fixture
def client(bench: Bench) -> FakeClient:
    return FakeClient(bench.meters[4059], Target("h", 4059, 2, "reads"), lambda: NOON)


def _read(client: FakeClient, multiplier: float = 1.0) -> Answers:
    async def main() -> Answers:
        readout = await prepare(client)
        return await readout.live(client, multiplier)

    return asyncio.run(main())


def test_import_counts_plus_and_export_minus(client: FakeClient) -> None:
    live = _read(client).as_live(NOON, (5000, 700))
    assert live["p_total"] == -1500.0
    assert live["u"] == [230.1, 230.1, 230.1]
    assert live["at"] == "2026-11-22T12:00:30Z"
    assert live["relay"] == {"state": 1, "output": True, "mode": 4}
    assert (live["import_wh"], live["export_wh"]) == (5000, 700)


def test_powers_are_multiplied_and_voltages_are_not(client: FakeClient) -> None:
    live = _read(client, 40.0).as_live(NOON, (None, None))
    assert live["p_total"] == -60_000.0
    assert live["u"][0] == 230.1


def test_what_a_meter_does_not_have_is_null_and_not_asked_again(client: FakeClient) -> None:
    missing = {*obis.VOLTAGE_THD_PHASES, obis.DISCONNECT_CONTROL, obis.PV_POWER}
    client.meter.refused = missing

    async def main() -> None:
        readout = await prepare(client)
        asked = {name for name, _ in readout.items}
        assert not asked & missing
        live = (await readout.live(client, 1.0)).as_live(NOON, (None, None))
        assert live["thd_u"] == [None] * 3
        assert live["relay"] is None
        assert live["site"] is None

    asyncio.run(main())


def test_the_stages_are_told_from_the_meters_own_times() -> None:
    received = NOON
    end = to_us(NOON) - 150_000
    times = [Data(Tag.LONG64_UNSIGNED, at) for at in (end - 200_000, end, end + 5_000)]
    found = {
        (obis.MEASUREMENT_TIME, 2): Data(Tag.STRUCTURE, tuple(times)),
        (obis.PV_POWER, 2): Data(Tag.DOUBLE_LONG, 2000),
        (obis.ACTIVE_POWER_EXPORT, 2): Data(Tag.DOUBLE_LONG, 1500),
    }
    scalers = dict.fromkeys((obis.PV_POWER, obis.ACTIVE_POWER_EXPORT), ScalerUnit(0, 27))
    live = Answers(found, scalers, 1.0).as_live(received, (None, None))
    assert live["stages_ms"] == {"acquisition": 200.0, "processing": 5.0, "protocol": 145.0}
    assert live["measured_at"] == "2026-11-22T12:00:29.850000Z"
    assert live["site"] == {"pv_w": 2000.0, "load_w": 500.0}


@pytest.mark.parametrize("times", [(), (1, 2), (0, 1, 2), (1, 2, 2**63), (1, -2, 3)])
def test_times_that_are_none_are_left_out(times: tuple[int, ...]) -> None:
    parts = tuple(Data(Tag.LONG64, at) for at in times)
    answers = Answers({(obis.MEASUREMENT_TIME, 2): Data(Tag.STRUCTURE, parts)}, {}, 1.0)
    assert answers.as_live(NOON, (None, None))["stages_ms"] == {}


def test_stored_registers_carry_the_meters_time(client: FakeClient) -> None:
    client.now = lambda: NOON - timedelta(seconds=7)

    async def main() -> None:
        readout = await prepare(client)
        at, found = await readout.stored_registers(client, NOON)
        assert at == NOON - timedelta(seconds=7)
        assert {one.logical_name for one in found} >= {"1-0:1.8.0", "1-0:2.8.0", "1-0:8.8.0"}
        client.meter.refused = {obis.CLOCK}
        at, _ = await readout.stored_registers(client, NOON)
        assert at == NOON

    asyncio.run(main())
