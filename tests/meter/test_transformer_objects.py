"""A meter behind transformers, as its clients see it."""

import asyncio
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from addad import obis
from addad.cosem.classes.measurement import Data, Register
from addad.cosem.server import ServerEndpoint
from addad.dlms.data import Data as Value
from addad.dlms.data import Tag
from addad.dlms.results import DataAccessResult
from addad.errors import AccessError
from addad.meter.device import Block, Meter
from addad.meter.event_codes import PARAMETERS_CHANGED
from addad.meter.objects import build_device
from addad.meter.settings import MeterSettings, Passwords
from addad.meter.storage import VolatileMemory
from addad.meter.transformers import Ratio, TransformerRatios
from addad.metrology import Instrument, InstrumentSettings
from addad.net.client import Client
from addad.net.server import serve

RATE = 2000.0
SECONDS = 10
START = datetime(2026, 3, 1, 9, tzinfo=UTC)
"""10 A and 57.7 V at the terminals, in phase."""


def metering(ratios: TransformerRatios | None, memory: VolatileMemory | None = None) -> Meter:
    settings = MeterSettings(Passwords(b"reader", b"management"), transformers=ratios)
    instrument = Instrument(InstrumentSettings(sample_rate=RATE))
    meter = Meter(settings, memory or VolatileMemory(), instrument, RATE)
    meter.step(Block(START, 0.0))
    return meter


def live(meter: Meter, begin: datetime = START) -> None:
    """Ten seconds, second by second."""
    angle = 2.0 * np.pi * 50.0 * np.arange(int(RATE)) / RATE
    waves = [np.sqrt(2.0) * np.sin(angle - 2.0 * np.pi * k / 3.0) for k in range(3)]
    samples = np.stack([*(57.7 * w for w in waves), *(10.0 * w for w in waves), 0 * angle], axis=-1)
    for second in range(SECONDS):
        meter.step(Block(begin + timedelta(seconds=second + 1), 1.0, samples))
    assert meter.save() is None


async def read(meter: Meter, names: dict[str, obis.Obis], password: bytes) -> dict[str, float]:
    """What a client reads over TCP, with scaler."""
    device = build_device(meter)
    server = await serve(lambda: ServerEndpoint(device), "127.0.0.1", 0)
    sap = 2 if password == b"reader" else 1
    try:
        async with Client.connect(
            "127.0.0.1", server.port, client_sap=sap, password=password
        ) as client:
            found = {}
            for key, name in names.items():
                number = await client.get(name, Register.value)
                scale = await client.get(name, Register.scaler_unit)
                found[key] = float(number.value) * 10.0**scale.scaler
            return found
    finally:
        await server.close()


NAMES = {
    "i": obis.CURRENT_PHASES[0],
    "u": obis.VOLTAGE_PHASES[1],
    "p": obis.ACTIVE_POWER_IMPORT,
    "e": obis.ACTIVE_ENERGY_IMPORT,
}


@pytest.mark.parametrize(
    ("ratios", "current", "voltage"),
    [
        (None, 10.0, 57.7),
        (TransformerRatios(Ratio(200, 5)), 400.0, 57.7),
        (TransformerRatios(Ratio(200, 5), Ratio(20_000, 100)), 400.0, 11_540.0),
        (TransformerRatios(Ratio(1000, 5), Ratio(110_000, 100)), 2000.0, 63_470.0),
        (TransformerRatios(Ratio(200, 5), primary=False), 10.0, 57.7),
    ],
)
def test_a_reader_reads_the_values_of_the_declared_side(ratios, current, voltage) -> None:
    meter = metering(ratios)
    live(meter)
    found = asyncio.run(read(meter, NAMES, b"reader"))
    power = 3.0 * current * voltage
    assert found["i"] == pytest.approx(current, rel=1e-4)
    assert found["u"] == pytest.approx(voltage, rel=1e-4)
    assert found["p"] == pytest.approx(power, rel=1e-4)
    assert found["e"] == pytest.approx(power * SECONDS / 3600.0, rel=0.05, abs=1.0)


def test_a_management_client_changes_a_ratio_which_is_logged_and_kept() -> None:
    async def walk(meter: Meter) -> None:
        device = build_device(meter)
        server = await serve(lambda: ServerEndpoint(device), "127.0.0.1", 0)
        value = Data.value
        try:
            where = ("127.0.0.1", server.port)
            async with Client.connect(*where, client_sap=2, password=b"reader") as client:
                assert (await client.get(obis.CURRENT_RATIO_NUMERATOR, value)).value == 200
                assert (await client.get(obis.CURRENT_RATIO_DENOMINATOR, value)).value == 5
                with pytest.raises(AccessError) as refused:
                    await client.set(obis.CURRENT_RATIO_NUMERATOR, value, number(300))
                assert refused.value.result is DataAccessResult.READ_WRITE_DENIED
            async with Client.connect(*where, client_sap=1, password=b"management") as client:
                await client.set(obis.CURRENT_RATIO_NUMERATOR, value, number(300))
                for wrong in (0, 2):
                    with pytest.raises(AccessError):
                        await client.set(obis.CURRENT_RATIO_NUMERATOR, value, number(wrong))
        finally:
            await server.close()

    def number(of: int) -> Value:
        return Value(Tag.DOUBLE_LONG_UNSIGNED, of)

    memory = VolatileMemory()
    meter = metering(TransformerRatios(Ratio(200, 5)), memory)
    live(meter)
    counted = meter.registers.whole(0)
    asyncio.run(walk(meter))
    events = meter.step(Block(START + timedelta(seconds=SECONDS + 1), 1.0)).events
    assert [event.code for event in events] == [PARAMETERS_CHANGED]
    assert meter.registers.whole(0) == counted
    assert meter.save() is None
    again = metering(TransformerRatios(Ratio(200, 5)), memory)
    assert again.measured.transformers.ratios == TransformerRatios(Ratio(300, 5))


def test_a_meter_that_is_connected_directly_has_no_ratios_to_change() -> None:
    logical = build_device(metering(None)).at(1)
    assert obis.CURRENT_RATIO_NUMERATOR not in logical
    assert obis.CURRENT_RATIO_NUMERATOR in build_device(metering(TransformerRatios())).at(1)
