"""The three profiles together."""

from datetime import UTC, datetime, timedelta

from addad.dlms.data import decode
from addad.meter.clock import MeterClock, Zone, ZoneChange
from addad.meter.profile import ProfileStatus
from addad.meter.profiles import Profiles
from addad.meter.registers import Quantity, Registers
from addad.meter.settings import ProfileSettings

SUMMER = ZoneChange(datetime(2026, 3, 29, 1, tzinfo=UTC), -120, daylight=True)
ZONE = Zone(-60, (SUMMER,))
NONE = ProfileStatus(0)


def started(at: datetime) -> tuple[Profiles, MeterClock, Registers]:
    clock, registers = MeterClock(ZONE), Registers()
    profiles = Profiles(ProfileSettings(), ZONE, clock, registers)
    clock.advance(at, 0.0)
    assert not profiles.step(NONE)
    return profiles, clock, registers


def test_at_the_end_of_a_month_all_three_capture_the_same_registers() -> None:
    end = datetime(2026, 1, 31, 23, 0, tzinfo=UTC)
    profiles, clock, registers = started(end - timedelta(seconds=10))
    registers.add([7_000_000] * 32)
    clock.advance(end, 10.0)
    assert profiles.step(NONE)
    for profile in profiles:
        assert len(profile.table) == 1
        row = decode(profile.table.row(0)).value
        names = [one.capture.logical_name.dotted for one in profile.layout.columns]
        assert row[names.index("1.0.1.8.0.255")].value == 7
        assert row[names.index("1.0.3.8.0.255")].value == 14
        assert list(profile.table.stamps_s()) == [end.timestamp()]


def test_the_daylight_bit_is_that_of_the_end_of_the_interval() -> None:
    profiles, clock, _ = started(SUMMER.at - timedelta(minutes=16))
    for minutes in (-15, 0, 15):
        clock.advance(SUMMER.at + timedelta(minutes=minutes), 0.0)
        profiles.step(NONE)
    rows = [decode(profiles.load.table.row(i)).value for i in range(3)]
    assert [row[1].value for row in rows] == [0, ProfileStatus.DST, ProfileStatus.DST]
    assert profiles.load.last_status == ProfileStatus.DST


def test_registers_are_lifted_to_the_newest_row_when_only_that_is_left() -> None:
    profiles, clock, registers = started(datetime(2026, 1, 10, 12, 1, tzinfo=UTC))
    registers.add([n * 1_000_000 for n in range(32)])
    clock.advance(datetime(2026, 1, 10, 12, 15, tzinfo=UTC), 840.0)
    profiles.step(NONE)
    empty = Registers()
    recovered = Profiles(ProfileSettings(), ZONE, clock, empty)
    recovered.load.table.load(profiles.load.table.image(), None)
    recovered.recover_registers()
    assert empty.whole(Quantity.ACTIVE_IMPORT) == registers.whole(Quantity.ACTIVE_IMPORT) == 24
    assert empty.whole(Quantity.REACTIVE_Q1, Quantity.REACTIVE_Q2) == 26 + 27
    assert empty.whole(Quantity.APPARENT_IMPORT) == 30
    recovered.load.table.clear()
    recovered.recover_registers()
