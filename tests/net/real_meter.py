"""The real meter with its own object list, lived through many quarters of an hour, for the cable.

`lived_meter(rows)` gives one in memory; `serve_meter` is for `net.served_meter.served`.
"""

from datetime import UTC, datetime, timedelta

from addad.meter.device import Block, Meter
from addad.meter.measured import Reading
from addad.meter.relay import RelayLimits
from addad.meter.settings import MeterSettings, Passwords, SupplySettings
from addad.meter.storage import VolatileMemory

READER = b"the reader's password"
MANAGEMENT = b"the management's password"
PERIOD = timedelta(seconds=900)
POWER_W = 3600.0
WH_A_PERIOD = 900
START = datetime(2026, 3, 1, tzinfo=UTC)


def reading(seconds: float) -> Reading:
    """A window of `POWER_W`, all of it imported."""
    energy = [0] * 32
    energy[24] = round(POWER_W * seconds / 3600 * 1_000_000)
    return Reading(
        start_s=0.0,
        duration_s=seconds,
        frequency=50.0,
        u_rms=[230.1, 231.2, 229.3],
        i_rms=[5.2, 5.2, 5.2, 0.1],
        p=[POWER_W / 3] * 3,
        q=[0.0] * 3,
        pf=[1.0] * 3,
        p_total=POWER_W,
        q_total=0.0,
        s_total=POWER_W,
        pf_total=1.0,
        thd_u=[0.01] * 3,
        thd_i=[0.2] * 3,
        u_angle=[0.0, -2.0944, 2.0944],
        i_angle=[0.1, -2.0, 2.2],
        energy=energy,
        flags=0,
    )


def settings(pause_s: float = 0.0) -> MeterSettings:
    """Its settings; `pause_s` is the relay's between two operations."""
    return MeterSettings(
        passwords=Passwords(READER, MANAGEMENT),
        supply=SupplySettings(limits=RelayLimits(pause_s=pause_s)),
    )


def live(meter: Meter, rows: int, begin: datetime = START) -> datetime:
    """So many rows of the load profile, from `begin` on; gives the time when they end."""
    now = begin
    meter.step(Block(now, 0.0))
    for _ in range(rows):
        now += PERIOD
        seconds = PERIOD.total_seconds()
        meter.step(Block(now, seconds, readings=(reading(seconds),)))
    assert meter.save() is None
    return now


def lived_meter(rows: int) -> Meter:
    """A meter in memory with so many rows in its load profile."""
    meter = Meter(settings(), VolatileMemory())
    live(meter, rows)
    return meter
