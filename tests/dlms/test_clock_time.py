"""Clock times: deviations, wildcards, and moments that do not exist."""

import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addad.dlms.clock_time import (
    DST_BEGIN,
    LAST_DAY,
    ClockStatus,
    Date,
    DateTime,
    Time,
)
from addad.errors import DecodeError, LocalProtocolError

UTC = datetime.UTC


def test_the_deviation_is_added_to_reach_utc() -> None:
    # Central European time is FFC4 in dlms-cosem, GXF and Gurux alike.
    clock = DateTime.decode(bytes.fromhex("07EA01010400000000FFC400"))
    assert clock.deviation == -60
    assert clock.to_datetime() == datetime.datetime(2025, 12, 31, 23, tzinfo=UTC)
    casablanca = datetime.timezone(datetime.timedelta(hours=1))
    moment = datetime.datetime(2026, 1, 1, tzinfo=casablanca)
    assert DateTime.from_datetime(moment) == clock


def test_a_real_meters_summer_time() -> None:
    # Iskra, esphome-libs/dlms_parser hdlc_iskra550 (Apache-2.0)
    clock = DateTime.decode(bytes.fromhex("07e704010615202300ff8880"))
    assert clock.status == ClockStatus.DAYLIGHT_SAVING
    assert clock.to_datetime() == datetime.datetime(2023, 4, 1, 19, 32, 35, tzinfo=UTC)


def test_a_clock_without_deviation_needs_a_zone() -> None:
    # Aidon, toreamun/amshan tests/test_aidon.py:se_list (MIT)
    clock = DateTime.decode(bytes.fromhex("07e30c1001073b28ff8000ff"))
    assert (clock.deviation, clock.hundredths, clock.status) == (None, None, 255)
    with pytest.raises(DecodeError):
        clock.to_datetime()
    stockholm = clock.to_datetime(ZoneInfo("Europe/Stockholm"))
    assert stockholm == datetime.datetime(2019, 12, 16, 6, 59, 40, tzinfo=UTC)


def test_a_zone_does_not_overrule_the_deviation() -> None:
    clock = DateTime.decode(bytes.fromhex("07EA01010400000000FFC400"))
    assert clock.to_datetime(ZoneInfo("Asia/Tokyo")) == clock.to_datetime()


def test_wildcards_and_rules() -> None:
    octets = bytes.fromhex("FFFFFEFEFFFFFFFFFF8000FF")
    clock = DateTime.decode(octets)
    assert clock == DateTime(None, DST_BEGIN, LAST_DAY)
    assert clock.encode() == octets
    with pytest.raises(DecodeError):
        clock.to_datetime(UTC)
    assert clock.date == Date(None, DST_BEGIN, LAST_DAY)
    assert clock.time == Time(None, None, None)


BAD = {
    "no month": "07EA00010400000000FFC400",
    "no day": "07EA01000400000000FFC400",
    "weekday 8": "07EA01010800000000FFC400",
    "hour 24": "07EA01010418000000FFC400",
    "minute 60": "07EA010104003C0000FFC400",
    "second 60": "07EA01010400003C00FFC400",
    "hundredths 100": "07EA01010400000064FFC400",
    "deviation of 15 hours": "07EA01010400000000038400",
    "eleven octets": "07EA01010400000000FFC4",
    "thirteen octets": "07EA01010400000000FFC40000",
}


@pytest.mark.parametrize("octets", BAD.values(), ids=BAD.keys())
def test_octets_that_are_no_time(octets: str) -> None:
    with pytest.raises(DecodeError):
        DateTime.decode(bytes.fromhex(octets))


@pytest.mark.parametrize("size", [0, 3, 4, 5, 6])
def test_dates_and_times_of_a_wrong_size(size: int) -> None:
    if size != 5:
        with pytest.raises(DecodeError):
            Date.decode(b"\x01" * size)
    if size != 4:
        with pytest.raises(DecodeError):
            Time.decode(b"\x01" * size)


@pytest.mark.parametrize(
    "octets", ["07EA021E0700000000000000", "0000010107000000000000FF", "27100101FF00000000000000"]
)
def test_days_that_do_not_exist(octets: str) -> None:
    with pytest.raises(DecodeError):
        DateTime.decode(bytes.fromhex(octets)).to_datetime()


def test_what_a_meter_cannot_say_is_refused() -> None:
    naive = datetime.datetime(2026, 1, 1)
    with pytest.raises(LocalProtocolError):
        DateTime.from_datetime(naive)
    paris_1900 = datetime.timezone(datetime.timedelta(minutes=9, seconds=21))
    with pytest.raises(LocalProtocolError):
        DateTime.from_datetime(naive.replace(tzinfo=paris_1900))
    for wrong in (
        DateTime(2026, 13, 1),
        DateTime(70000, 1, 1),
        DateTime(2026, 1, 1, deviation=900),
        DateTime(2026, 1, 1, status=256),
    ):
        with pytest.raises(LocalProtocolError):
            wrong.encode()
    with pytest.raises(LocalProtocolError):
        Time(24, 0, 0).encode()


ZONES = st.integers(-840, 840).map(lambda m: datetime.timezone(datetime.timedelta(minutes=m)))


@given(st.datetimes(timezones=ZONES), st.integers(0, 255))
def test_a_moment_returns_to_the_hundredth(moment: datetime.datetime, status: int) -> None:
    clock = DateTime.from_datetime(moment, status)
    assert DateTime.decode(clock.encode()) == clock
    hundredths = moment.replace(microsecond=moment.microsecond // 10_000 * 10_000)
    assert clock.to_datetime() == hundredths
    assert clock.status == status


@given(st.binary(min_size=12, max_size=12))
def test_any_twelve_octets(octets: bytes) -> None:
    try:
        clock = DateTime.decode(octets)
    except DecodeError:
        return
    assert clock.encode() == octets
    assert clock.date.encode() + clock.time.encode() == octets[:9]
    assert Date.decode(octets[:5]) == clock.date
    assert Time.decode(octets[5:9]) == clock.time
