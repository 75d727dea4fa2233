"""What is shown of a service point: days in its own zone, stitched, with what is missing named."""

import asyncio
import itertools
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import numpy as np
import pytest
from headend_bench import NOON, Bench, registration

from addad.errors import InputError
from addad.headend import views
from addad.headend.head_end import HeadEnd
from addad.headend.store import places, readings
from addad.headend.store.readings import ProfileColumn, ProfileLayout, ProfileRows

LAYOUT = ProfileLayout(
    "1-0:99.1.0",
    900,
    (ProfileColumn(3, "1-0:1.8.0", 2, 0, 30), ProfileColumn(3, "1-0:2.8.0", 2, 0, 30)),
)
QUARTER = timedelta(minutes=15)
PLACE = "FEZ-0001"


def _save(head: HeadEnd, meter_id: int, first: datetime, count: int, start_wh: int = 0) -> None:
    at_s = np.array([int((first + n * QUARTER).timestamp()) for n in range(count)], np.int64)
    values = np.column_stack([start_wh + 100 * np.arange(count), np.zeros(count)])
    rows = ProfileRows(LAYOUT, at_s, np.zeros(count, np.int64), values.astype(np.int64))
    readings.save_rows(head.office.store, meter_id, rows)


@pytest.fixture
def head(bench: Bench):  # type: ignore[no-untyped-def]
    made = bench.open()
    early = NOON - timedelta(days=500)
    asyncio.run(made.register_meter(registration(installed_from=early), "test"))
    yield made
    made.close()


def test_a_day_is_the_local_one_and_its_energy_that_of_its_intervals(head: HeadEnd) -> None:
    begin = datetime(2026, 11, 20, 23, tzinfo=UTC)
    _save(head, 1, begin, 97, 50_000)
    day = views.profile_day(head.office, PLACE, date(2026, 11, 21))
    assert (day["starts_at"], day["ends_at"]) == ("2026-11-20T23:00:00Z", "2026-11-21T23:00:00Z")
    assert len(day["rows"]) == 96
    assert day["rows"][0]["local"] == "00:15"
    assert day["rows"][-1]["local"] == "00:00"
    assert day["rows"][0]["import_wh"] == 100
    assert day["import_wh"] == 9600
    assert day["missing"] == []


def test_the_days_of_a_change_of_offset_have_23_and_25_hours(head: HeadEnd) -> None:
    lengths = set()
    at = date(2026, 1, 1)
    while at < date(2027, 1, 1):
        day = views._bounds(views.find_place(head.office, PLACE), at)
        lengths.add((day[1] - day[0]) // timedelta(hours=1))
        at += timedelta(days=1)
    assert lengths == {23, 24, 25}


def test_missing_intervals_are_named_and_never_made_up(head: HeadEnd) -> None:
    begin = datetime(2026, 11, 20, 23, tzinfo=UTC)
    _save(head, 1, begin, 40)
    _save(head, 1, begin + 44 * QUARTER, 53, 4400)
    day = views.profile_day(head.office, PLACE, date(2026, 11, 21))
    gap = [
        places.EPOCH + timedelta(seconds=int((begin + n * QUARTER).timestamp()))
        for n in range(40, 44)
    ]
    assert day["missing"] == [f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in gap]
    after = next(row for row in day["rows"] if row["import_index_wh"] == 4400)
    assert after["import_wh"] is None
    assert day["import_wh"] == 39 * 100 + 52 * 100


def test_an_index_that_went_back_is_kept_and_no_energy_is_made_of_it(head: HeadEnd) -> None:
    begin = datetime(2026, 11, 20, 23, tzinfo=UTC)
    _save(head, 1, begin, 5, 50_000)
    _save(head, 1, begin + 5 * QUARTER, 5, 100)
    day = views.profile_day(head.office, PLACE, date(2026, 11, 21))
    assert [row["import_wh"] for row in day["rows"]] == [100] * 4 + [None] + [100] * 4
    assert [row["import_index_wh"] for row in day["rows"]][3:6] == [50_400, 100, 200]
    assert day["import_wh"] == 800


def test_the_running_interval_is_not_missing_yet(head: HeadEnd) -> None:
    day = views.profile_day(head.office, PLACE)
    assert day["day"] == "2026-11-22"
    assert day["missing"][-1] == "2026-11-22T11:45:00Z", "12:00:00 ended half a minute ago"


def test_the_day_begins_with_the_indexes_of_its_start(head: HeadEnd) -> None:
    """So that the interval that runs has an energy before the first one is over."""
    begin = datetime(2026, 11, 20, 23, tzinfo=UTC)
    _save(head, 1, begin - 2 * QUARTER, 3, 50_000)
    day = views.profile_day(head.office, PLACE, date(2026, 11, 21))
    assert (day["rows"], day["import_start_wh"], day["export_start_wh"]) == ([], 50_200, 0)
    later = views.profile_day(head.office, PLACE, date(2026, 11, 22))
    assert (later["import_start_wh"], later["export_start_wh"]) == (None, None)


def test_a_day_with_an_exchange_is_one_series(bench: Bench, head: HeadEnd) -> None:
    bench.meters[4059].absent = True
    begin = datetime(2026, 11, 20, 23, tzinfo=UTC)
    _save(head, 1, begin, 49, 1000)
    asyncio.run(
        head.register_meter(
            registration(
                serial="00009999",
                installed_from=begin + 48 * QUARTER,
                multiplier=Fraction(2),
                start_import_wh=70,
            ),
            "test",
        )
    )
    _save(head, 2, begin + 49 * QUARTER, 48, 170)
    day = views.profile_day(head.office, PLACE, date(2026, 11, 21))
    assert len(day["rows"]) == 96
    indexes = [row["import_index_wh"] for row in day["rows"]]
    steps = {b - a for a, b in itertools.pairwise(indexes)}  # type: ignore[operator]
    assert steps == {100, 200}
    assert indexes == sorted(indexes)  # type: ignore[type-var]
    assert day["import_wh"] == 48 * 100 + 48 * 200
    detail = views.detail(head.office, PLACE)
    assert detail["meter"] is not None
    assert (detail["meter"]["serial"], detail["meter"]["multiplier"]) == ("00009999", "2")
    assert [one["meter_serial"] for one in detail["installations"]] == ["00009999", "00001234"]
    assert detail["installations"][1]["end_import_wh"] == 1000 + 48 * 100


def test_an_unknown_place_and_an_impossible_day_are_said_to_be_so(head: HeadEnd) -> None:
    for look in (views.detail, views.live, views.registers, views.event_list, views.profile_day):
        with pytest.raises(views.UnknownPlace):
            look(head.office, "nowhere")  # type: ignore[operator]
    for day in (date(1, 1, 1), date(9999, 12, 31)):
        with pytest.raises(InputError):
            views.profile_day(head.office, PLACE, day)


def test_the_list_shows_what_is_known_and_null_for_what_is_not(head: HeadEnd) -> None:
    (row,) = views.list_places(head.office)["service_points"]
    assert row["meter_serial"] == "00001234"
    assert (row["p_total"], row["import_wh"], row["last_row_at"]) == (None, None, None)
    assert row["contact"]["state"] == "none"
    readings.save_registers(
        head.office.store,
        1,
        NOON,
        [readings.RegisterReading("1-0:1.8.0", 12, 3, 30)],
    )
    _save(head, 1, NOON.replace(minute=0, second=0), 1)
    (row,) = views.list_places(head.office, "fez")["service_points"]
    assert row["import_wh"] == 12_000
    assert row["last_row_at"] == "2026-11-22T12:00:00Z"
    assert views.list_places(head.office, "nothing like it")["total"] == 0


def test_registers_are_told_with_names_and_units(head: HeadEnd) -> None:
    readings.save_registers(
        head.office.store,
        1,
        NOON,
        [
            readings.RegisterReading("1-0:99.8.0", 1, 0, 255),
            readings.RegisterReading("1-0:1.8.0", 12345, -1, 30),
        ],
    )
    told = views.registers(head.office, PLACE)
    assert told["registers"].pop()["name"] == "1-0:99.8.0"
    assert told["at"] == "2026-11-22T12:00:30Z"
    assert told["registers"] == [
        {
            "obis": "1-0:1.8.0",
            "name": "Active energy import",
            "value": 12345,
            "scaler": -1,
            "unit": "Wh",
            "scaled": 1234.5,
        }
    ]
