"""The past of a new meter: whole rows, honest sums, and a stream that goes on from it."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from addad.host.history import live_through
from addad.meter.device import Block, Meter
from addad.meter.event_codes import POWER_UP
from addad.meter.profile import Profile
from addad.meter.registers import Quantity
from addad.meter.settings import MeterSettings, Passwords, ProfileSettings, SupplySettings
from addad.meter.storage import SLOTS, VolatileMemory
from addad.metrology import Instrument, InstrumentSettings
from addad.world.pv import MINUTES, SolarDay
from addad.world.site import Site

END = datetime(2026, 11, 22, 15, 20, 13, 400_000, tzinfo=UTC)
SCENE = datetime(2026, 6, 21, 10, 40, tzinfo=UTC)
RATE = 3_000.0
LOAD_TIME, LOAD_STATUS, LOAD_IMPORT, LOAD_EXPORT = range(4)


def clear_sky(wanted: SolarDay) -> NDArray[np.float64]:
    """A sun like a half sine from six to six."""
    hours = np.arange(MINUTES + 1) / 60.0
    return np.maximum(np.sin((hours - 6.0) / 12.0 * np.pi), 0.0) * wanted.peak_w * 0.8


def house() -> Site:
    return Site(5, start=SCENE, sample_rate=RATE, compute_sun=clear_sky)


def new_meter(memory: VolatileMemory | None = None, **settings: object) -> Meter:
    supply = settings.get("supply", SupplySettings())
    profiles = settings.get("profiles", ProfileSettings())
    assert isinstance(supply, SupplySettings)
    assert isinstance(profiles, ProfileSettings)
    return Meter(
        MeterSettings(Passwords(b"reader", b"management"), supply=supply, profiles=profiles),
        memory or VolatileMemory(),
        Instrument(InstrumentSettings(sample_rate=RATE)),
        RATE,
    )


def stamps(profile: Profile) -> list[int]:
    return list(profile.table.stamps_s())


def column(profile: Profile, index: int) -> list[int]:
    rows = (profile.table.row(n) for n in range(len(profile.table)))
    return [int.from_bytes(profile.layout.field(row, index)[1:], "big") for row in rows]


def energies(meter: Meter) -> dict[Quantity, int]:
    return {quantity: meter.registers.micro(quantity) for quantity in Quantity}


def test_every_quarter_of_an_hour_has_its_row() -> None:
    meter = new_meter()
    begin = END - timedelta(hours=3)
    live_through(meter, house(), begin, END)
    load = meter.profiles.load
    found = stamps(load)
    first = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
    assert found == [int(first.timestamp()) + 900 * n for n in range(12)]
    assert set(column(load, LOAD_STATUS)) == {0}
    assert meter.clock.time == END


def test_registers_are_the_sum_of_the_rows_and_never_fall() -> None:
    meter = new_meter()
    live_through(meter, house(), END - timedelta(hours=3), END)
    for index, quantity in (
        (LOAD_IMPORT, Quantity.ACTIVE_IMPORT),
        (LOAD_EXPORT, Quantity.ACTIVE_EXPORT),
    ):
        counted = column(meter.profiles.load, index)
        assert all(later >= earlier for earlier, later in pairwise(counted))
        rest = meter.registers.whole(quantity) - counted[-1]
        assert 0 <= rest <= 12_000 * 314 / 3600


def test_a_row_holds_what_was_counted_up_to_its_very_boundary() -> None:
    boundary = datetime(2026, 11, 22, 15, 15, tzinfo=UTC)
    until, beyond = new_meter(), new_meter()
    begin = END - timedelta(minutes=50)
    site = house()
    live_through(beyond, site, begin, END)
    # the same minutes, up to the boundary: its site stands where the other's stood then
    site = Site(5, start=SCENE - (END - boundary), sample_rate=RATE, compute_sun=clear_sky)
    live_through(until, site, begin, boundary)
    row = column(beyond.profiles.load, LOAD_EXPORT)[-1]
    assert row == until.registers.whole(Quantity.ACTIVE_EXPORT)
    assert row > 0


def test_hours_come_out_as_the_site_has_them() -> None:
    meter, site = new_meter(), house()
    live_through(meter, site, END - timedelta(hours=3), END)
    every_s = 12
    power = np.array([site.block(s, 3000).truth.p.sum() for s in range(-3 * 3600, 0, every_s)])
    imported = power.clip(0.0).sum() * every_s / 3600
    exported = -power.clip(None, 0.0).sum() * every_s / 3600
    assert meter.registers.whole(Quantity.ACTIVE_EXPORT) == pytest.approx(exported, rel=0.05)
    assert meter.registers.whole(Quantity.ACTIVE_IMPORT) == pytest.approx(
        imported, rel=0.1, abs=30.0
    )
    total = meter.registers.whole(Quantity.ACTIVE_IMPORT, channel=0)
    assert total <= imported + 30.0 + exported


def test_a_day_that_ended_on_the_way_has_its_daily_row() -> None:
    meter = new_meter()
    end = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    live_through(meter, house(), end - timedelta(hours=1), end)
    midnight = int(datetime(2026, 11, 30, 23, 0, tzinfo=UTC).timestamp())
    assert stamps(meter.profiles.daily) == [midnight]
    assert stamps(meter.profiles.billing) == [midnight]
    at = stamps(meter.profiles.load).index(midnight)
    assert column(meter.profiles.daily, LOAD_EXPORT) == [
        column(meter.profiles.load, LOAD_EXPORT)[at]
    ]


def test_nothing_has_happened_but_the_first_power_up() -> None:
    meter = new_meter(supply=SupplySettings(contracted_power_w=100, over_s=1))
    live_through(meter, house(), END - timedelta(hours=2), END)
    codes = [code for log in meter.notices.logs.values() for code in log.codes()]
    assert codes == [POWER_UP]
    assert meter.supply.relay.closed
    assert meter.supply.limiter.threshold_w == 100
    assert not meter.supply.limiter.exceeded


def test_the_stream_goes_on_from_there() -> None:
    meter, site = new_meter(), house()
    live_through(meter, site, END - timedelta(hours=1), END)
    before, events = energies(meter), []
    rows = len(meter.profiles.load.table)
    count = round(RATE / 20)
    for n in range(100):
        samples = site.block(n / 20, count, connected=meter.supply.relay.closed).samples
        now = END + timedelta(seconds=1.5 + (n + 1) / 20)
        events += meter.step(Block(now, 0.05, samples)).events
    assert not [event for event in events if event.code != POWER_UP]
    after = energies(meter)
    grown_wh = sum(after.values()) - sum(before.values())
    assert grown_wh > 0
    assert all(after[quantity] >= before[quantity] for quantity in Quantity)
    reading = meter.measured.reading
    assert reading is not None
    assert reading.start_s == pytest.approx(4.6, abs=0.25)
    ended = datetime.fromtimestamp(meter.measured.time.window_end_us / 1e6, UTC)
    assert END + timedelta(seconds=6.0) < ended <= END + timedelta(seconds=6.5)
    assert len(meter.profiles.load.table) == rows
    # the next quarter closes in its turn, and carries no mark
    meter.step(Block(datetime(2026, 11, 22, 15, 30, 0, 20_000, tzinfo=UTC), 580.12))
    assert len(meter.profiles.load.table) == rows + 1
    assert column(meter.profiles.load, LOAD_STATUS)[-1] == 0


def test_a_second_call_makes_up_for_the_time_of_the_first() -> None:
    meter = new_meter()
    live_through(meter, house(), END - timedelta(hours=1), END)
    before = energies(meter)
    later = END + timedelta(seconds=4.2)
    live_through(meter, house(), END, later)
    assert meter.clock.time == later
    codes = [code for log in meter.notices.logs.values() for code in log.codes()]
    assert codes == [POWER_UP]
    assert sum(energies(meter).values()) > sum(before.values())


def test_the_past_survives_like_any_other() -> None:
    memory = VolatileMemory()
    meter = new_meter(memory)
    live_through(meter, house(), END - timedelta(hours=2), END)
    assert meter.save() is None
    again = new_meter(memory)
    assert energies(again) == energies(meter)
    assert stamps(again.profiles.load) == stamps(meter.profiles.load)


def test_a_meter_with_a_past_is_given_no_other() -> None:
    memory = VolatileMemory()
    meter = new_meter(memory)
    meter.step(Block(END, 0.0))
    with pytest.raises(ValueError, match="stands at"):
        live_through(meter, house(), END - timedelta(hours=2), END)
    assert meter.save() is None
    with pytest.raises(ValueError, match="past of its own"):
        live_through(new_meter(memory), house(), END, END + timedelta(hours=1))
    with pytest.raises(ValueError, match="backwards"):
        live_through(new_meter(), house(), END, END - timedelta(hours=1))


def test_rows_that_outlived_a_damaged_state_are_a_past() -> None:
    memory = VolatileMemory()
    meter = new_meter(memory)
    live_through(meter, house(), END - timedelta(hours=1), END)
    assert meter.save() is None
    for slot in SLOTS:
        memory.areas[slot] = bytearray(b"damaged")
    with pytest.raises(ValueError, match="past of its own"):
        live_through(new_meter(memory), house(), END, END + timedelta(hours=1))


def test_short_capture_periods_are_whole_too() -> None:
    meter = new_meter(profiles=ProfileSettings(period_s=60))
    live_through(meter, house(), END - timedelta(minutes=20), END)
    found = stamps(meter.profiles.load)
    assert len(found) == 20
    assert all(later - earlier == 60 for earlier, later in pairwise(found))
