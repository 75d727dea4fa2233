"""What is kept: rows once, series over a meter exchange, an audit that shows a break."""

import sqlite3
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from addad.errors import InputError, StorageError
from addad.headend.inventory import Installation, Meter, ServicePoint
from addad.headend.store import Store, audit, doors, events, orders, places, readings
from addad.headend.store.audit import AuditEntry
from addad.headend.store.blocks import MAX_ROWS, NOTHING, merge, pack, unpack
from addad.headend.store.events import MeterEvent
from addad.headend.store.places import SealedPasswords, Secrets, from_us, to_us
from addad.headend.store.readings import ProfileColumn, ProfileLayout, ProfileRows

DAY = datetime(2026, 11, 22, tzinfo=UTC)
LAYOUT = ProfileLayout(
    "1-0:99.1.0",
    900,
    (ProfileColumn(3, "1-0:1.8.0", 2, 0, 30), ProfileColumn(3, "1-0:2.8.0", 2, 0, 30)),
)
ENTRY = AuditEntry(1, "test", "meter.register")


@pytest.fixture
def store(tmp_path: Path):  # type: ignore[no-untyped-def]
    made = Store(tmp_path / "headend.db")
    yield made
    made.close()


def _install(
    store: Store, serial: str = "1", place: str = "A", at: datetime = DAY, **more: object
) -> places.Placement:
    device = Meter(0, serial, f"ADD{serial}", "127.0.0.1", 4059)
    new = Installation(place, 0, at, **more)  # type: ignore[arg-type]
    sealed = Secrets(SealedPasswords(b"r", b"m"))
    return places.install(store, ServicePoint(place, place), device, sealed, new, ENTRY)


def _rows(first: datetime, count: int, start_wh: int = 0, step_wh: int = 100) -> ProfileRows:
    at_s = np.array([int(first.timestamp()) + 900 * n for n in range(count)], np.int64)
    values = np.column_stack([start_wh + step_wh * np.arange(count), 5 * np.arange(count)])
    return ProfileRows(LAYOUT, at_s, np.zeros(count, np.int64), values.astype(np.int64))


@given(
    arrays.arrays(
        np.int64,
        st.tuples(st.integers(0, 40), st.integers(1, 8)),
        elements=st.integers(-(2**63), 2**63 - 1),
    )
)
def test_a_block_is_read_as_it_was_written(table: np.ndarray) -> None:
    n, width = table.shape
    assert np.array_equal(unpack(pack(table), n, width), table)


def test_a_day_of_a_meter_takes_about_a_byte_a_value() -> None:
    chance = np.random.default_rng(1)
    energy = np.cumsum(chance.integers(80, 160, (96, 8)), axis=0)
    table = np.column_stack([900 * np.arange(96), np.zeros(96), energy]).astype(np.int64)
    assert len(pack(table)) < 1.3 * energy.size


@pytest.mark.parametrize("damage", ["cut", "flip", "longer", "other size", "codec"])
def test_a_damaged_block_is_said_to_be_so(damage: str) -> None:
    octets = pack(np.arange(960, dtype=np.int64).reshape(96, 10))
    n, codec = 96, 1
    if damage == "cut":
        octets = octets[: len(octets) // 2]
    elif damage == "flip":
        octets = octets[:20] + bytes([octets[20] ^ 0xFF]) + octets[21:]
    elif damage == "longer":
        octets = pack(np.arange(970, dtype=np.int64).reshape(97, 10))
    elif damage == "other size":
        n = 95
    else:
        codec = 9
    with pytest.raises(StorageError):
        unpack(octets, n, 10, codec)


def test_a_block_has_a_limit() -> None:
    with pytest.raises(InputError):
        pack(np.zeros((MAX_ROWS + 1, 1), np.int64))


def test_merging_keeps_different_rows_of_one_moment_and_no_row_twice() -> None:
    old = np.array([[10, 1], [20, 2], [30, 3]], np.int64)
    new = np.array([[20, 2], [20, 9], [5, 0]], np.int64)
    assert merge(old, new).tolist() == [[5, 0], [10, 1], [20, 2], [20, 9], [30, 3]]


def test_rows_are_stored_once_and_read_in_order(store: Store) -> None:
    meter_id = _install(store).meter.id
    rows = _rows(DAY + timedelta(minutes=15), 200)
    assert readings.save_rows(store, meter_id, rows) == 200
    assert readings.save_rows(store, meter_id, rows) == 0
    later = _rows(DAY + timedelta(minutes=15), 210)
    assert readings.save_rows(store, meter_id, later) == 10
    (found,) = readings.rows_between(store, meter_id, "1-0:99.1.0", 0, 2**40)
    assert found.at_s.tolist() == later.at_s.tolist()
    assert found.values.tolist() == later.values.tolist()
    assert readings.last_row_at_s(store, meter_id, "1-0:99.1.0") == later.at_s[-1]
    assert readings.count_rows(store) == 210


def test_a_range_takes_its_end_and_not_its_begin(store: Store) -> None:
    meter_id = _install(store).meter.id
    readings.save_rows(store, meter_id, _rows(DAY, 200))
    begin, end = int(DAY.timestamp()), int((DAY + timedelta(days=1)).timestamp())
    (found,) = readings.rows_between(store, meter_id, "1-0:99.1.0", begin, end)
    assert found.at_s[0] == begin + 900
    assert found.at_s[-1] == end
    assert found.at_s.size == 96


def test_the_row_of_midnight_belongs_to_the_day_it_ends(store: Store) -> None:
    meter_id = _install(store).meter.id
    readings.save_rows(store, meter_id, _rows(DAY + timedelta(minutes=15), 97))
    with sqlite3.connect(store.path) as plain:
        days = plain.execute(
            "SELECT utc_day, n, last_import_wh, max_import_w FROM rollup_day "
            "JOIN reading_block USING (meter_id, profile_id, utc_day) ORDER BY utc_day"
        ).fetchall()
    first = int(DAY.timestamp()) // 86_400
    assert days == [(first, 96, 9500, 400), (first + 1, 1, 9600, 400)]


def test_a_rollup_is_right_when_the_day_before_comes_later(store: Store) -> None:
    meter_id = _install(store).meter.id
    all_rows = _rows(DAY + timedelta(minutes=15), 97, step_wh=100)
    last = ProfileRows(LAYOUT, all_rows.at_s[96:], all_rows.status[96:], all_rows.values[96:])
    readings.save_rows(store, meter_id, last)
    readings.save_rows(store, meter_id, all_rows)
    with sqlite3.connect(store.path) as plain:
        peaks = plain.execute("SELECT max_import_w FROM rollup_day ORDER BY utc_day").fetchall()
    assert peaks == [(400,), (400,)]


def test_status_and_absent_values_survive_and_are_counted(store: Store) -> None:
    meter_id = _install(store).meter.id
    rows = _rows(DAY + timedelta(minutes=15), 4)
    rows.status[:] = [0, 0x80, 0x04, NOTHING]
    rows.values[1, 0] = NOTHING
    readings.save_rows(store, meter_id, rows)
    (found,) = readings.rows_between(store, meter_id, "1-0:99.1.0", 0, 2**40)
    assert found.status.tolist() == rows.status.tolist()
    assert found.values.tolist() == rows.values.tolist()
    with sqlite3.connect(store.path) as plain:
        row = plain.execute(
            "SELECT quality_summary, n_valid FROM reading_block JOIN rollup_day USING (utc_day)"
        ).fetchone()
    assert row == (0x84, 3)


def test_registers_are_stored_once_a_moment(store: Store) -> None:
    meter_id = _install(store).meter.id
    one = readings.RegisterReading("1-0:1.8.0", 12345, 0, 30)
    two = readings.RegisterReading("1-0:2.8.0", 678, 0, 30)
    assert readings.save_registers(store, meter_id, DAY, [one, two]) == 2
    assert readings.save_registers(store, meter_id, DAY, [one, two]) == 0
    assert readings.save_registers(store, meter_id, DAY - timedelta(hours=1), [one]) == 1
    assert readings.latest_registers(store, meter_id) == (DAY, [one, two])


def test_an_exchange_ends_the_old_installation_with_its_last_index(store: Store) -> None:
    first = _install(store, "1", start_import_wh=1000)
    readings.save_rows(store, first.meter.id, _rows(DAY + timedelta(minutes=15), 40, 1000))
    at = DAY + timedelta(hours=10)
    second = _install(store, "2", at=at, multiplier=Fraction(40), start_import_wh=7)
    old, new = places.installations_at(store, "A")
    assert (old.till, old.end_import_wh, old.end_export_wh) == (at, 4900, 195)
    assert (new.meter_id, new.multiplier, new.till) == (second.meter.id, Fraction(40), None)
    assert [one.meter.serial for one in places.meters_in_service(store)] == ["2"]


def test_a_meter_cannot_be_in_two_places(store: Store) -> None:
    _install(store, "1", "A")
    with pytest.raises(InputError, match="meter is in service at"):
        _install(store, "1", "B")
    assert places.get_service_point(store, "B") is None, "nothing is half stored"


def test_registering_again_moves_the_address_and_nothing_else(store: Store) -> None:
    before = _install(store)
    device = Meter(0, "1", "ADD1", "10.0.0.9", 4060)
    new = Installation("A", 0, DAY + timedelta(days=3))
    place = ServicePoint("A", "renamed")
    again = places.install(store, place, device, Secrets(SealedPasswords(b"x", b"y")), new, ENTRY)
    assert again.installation == before.installation
    assert (again.meter.host, again.meter.port) == ("10.0.0.9", 4060)
    assert places.get_passwords(store, again.meter.id) == SealedPasswords(b"x", b"y")


def test_an_exchange_cannot_lie_before_the_meter_that_is_there(store: Store) -> None:
    _install(store, "1")
    with pytest.raises(InputError, match="must be later"):
        _install(store, "2", at=DAY - timedelta(days=1))


def test_service_points_are_found_by_name_address_and_serial(store: Store) -> None:
    _install(store, "4711", "A")
    _install(store, "4712", "B_1")
    assert [one.id for one in places.find_service_points(store, "4712")[0]] == ["B_1"]
    assert places.find_service_points(store, "_")[1] == 1, "wildcards are letters"
    assert places.find_service_points(store, "", offset=1, limit=1)[0][0].id == "B_1"


def test_events_are_stored_once_and_paged(store: Store) -> None:
    meter_id = _install(store).meter.id
    told = [MeterEvent(DAY, "fraud", code, "alarm", "x") for code in (40, 44, 45)]
    assert len(events.save_events(store, meter_id, "A", told, DAY)) == 3
    assert events.save_events(store, meter_id, "A", told, DAY + timedelta(hours=1)) == []
    newest = events.events_at(store, "A", limit=2)
    assert [one.event.code for one in newest] == [45, 44]
    older = events.events_at(store, "A", before=newest[-1].id)
    assert [one.event.code for one in older] == [40]
    assert events.last_event_at(store, meter_id, "fraud") == DAY
    assert events.last_event_at(store, meter_id, "standard") is None


def test_a_command_goes_from_requested_to_its_outcome(store: Store) -> None:
    meter_id = _install(store).meter.id
    order = orders.begin(store, "A", meter_id, "disconnect", "why", "amina", DAY)
    assert orders.unfinished(store) == [order]
    with pytest.raises(orders.CommandPending):
        orders.begin(store, "A", meter_id, "reconnect", "why", "omar", DAY)
    orders.advance(store, order, "accepted", "", DAY)
    orders.advance(store, order, "confirmed", "Disconnected", DAY + timedelta(seconds=2))
    assert orders.unfinished(store) == []
    (done,) = orders.commands_at(store, "A")
    assert (done.step, done.finished_at) == ("confirmed", DAY + timedelta(seconds=2))


def _audited(store: Store) -> Path:
    for number in range(5):
        audit.record(store, AuditEntry(number, "amina", f"act{number}", reason="r", detail="d"))
    return store.path


def test_the_audit_refuses_change_and_removal(store: Store) -> None:
    plain = sqlite3.connect(_audited(store))
    row = "VALUES ({}, 1, 'eve', 'a', '', '', '', '', '', '')"
    statements = [f"INSERT OR REPLACE INTO audit {row.format(number)}" for number in (3, 5, 9)]
    statements += [f"REPLACE INTO audit {row.format(3)}", f"INSERT INTO audit {row.format('NULL')}"]
    for statement in ("UPDATE audit SET who='eve'", "DELETE FROM audit WHERE id=3", *statements):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            plain.execute(statement)
    plain.close()
    assert audit.verify(store).intact


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ("UPDATE audit SET reason='other' WHERE id=3", 3),
        ("DELETE FROM audit WHERE id=3", 4),
        ("DELETE FROM audit WHERE id=1", 2),
        ("UPDATE audit SET id=99 WHERE id=2", 3),
    ],
)
def test_the_chain_shows_where_somebody_went_around_the_triggers(
    store: Store, statement: str, broken_at: int
) -> None:
    plain = sqlite3.connect(_audited(store))
    plain.executescript("DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete;")
    plain.execute(statement)
    plain.commit()
    plain.close()
    assert audit.verify(store).broken_at == broken_at


def test_long_texts_in_the_audit_are_cut_and_still_fit_the_chain(store: Store) -> None:
    audit.record(
        store,
        AuditEntry(1, "x" * 5000, "act", reason="\ud800".encode("utf-16", "surrogatepass").hex()),
    )
    assert len(audit.page(store)[0].entry.who) == 500
    assert audit.verify(store).intact


def test_a_session_is_found_by_its_secret_only(store: Store) -> None:
    doors.put_setup_link(store, "token", 0)
    holder = doors.use_setup_link(store, "token", "amina", "hash", ["read"], 0)
    assert holder is not None
    assert doors.use_setup_link(store, "token", "eve", "hash", ["read"], 0) is None
    doors.begin_session(store, "secret", holder, 1)
    found = doors.find_session(store, "secret")
    assert found is not None
    assert found.account == holder
    assert doors.find_session(store, "other") is None
    doors.end_session(store, "secret", "amina", 2, "signed out")
    assert doors.find_session(store, "secret") is None


def test_sessions_of_one_account_are_bounded(store: Store) -> None:
    doors.put_setup_link(store, "token", 0)
    holder = doors.use_setup_link(store, "token", "amina", "hash", ["read"], 0)
    assert holder is not None
    for number in range(doors.MAX_SESSIONS_PER_USER + 5):
        doors.begin_session(store, f"secret{number}", holder, number)
    assert doors.find_session(store, "secret0") is None
    assert doors.find_session(store, "secret24") is not None
    with sqlite3.connect(store.path) as plain:
        (count,) = plain.execute("SELECT count(*) FROM session").fetchone()
    assert count == doors.MAX_SESSIONS_PER_USER


def test_a_key_holds_until_it_is_revoked(store: Store) -> None:
    made = doors.put_api_key(store, "one", "secret", ["read"], "amina", 1)
    assert doors.find_api_key(store, "secret") == made
    with pytest.raises(InputError, match="another name"):
        doors.put_api_key(store, "one", "other", ["read"], "amina", 1)
    assert doors.revoke_api_key(store, made.id, "amina", 2)
    assert not doors.revoke_api_key(store, made.id, "amina", 3)
    assert doors.find_api_key(store, "secret") is None
    assert [one.revoked_at_us for one in doors.list_api_keys(store)] == [2]


def test_a_key_is_replaced_only_when_that_is_meant(store: Store) -> None:
    doors.put_api_key(store, "one", "old", ["read"], "amina", 1)
    doors.put_api_key(store, "one", "new", ["read"], "amina", 2, replace=True)
    assert doors.find_api_key(store, "old") is None
    assert doors.find_api_key(store, "new") is not None
    actions = [row.entry.action for row in audit.page(store)]
    assert actions == ["key.make", "key.revoke", "key.make"]


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_moments_are_kept_to_the_microsecond(at: datetime) -> None:
    assert from_us(to_us(at)) == at


@pytest.mark.parametrize("scaler", [-128, -19, -3, 0, 3, 18, 19, 127])
def test_a_mad_scaler_or_counter_is_no_energy_and_no_fault(store: Store, scaler: int) -> None:
    placed = _install(store)
    columns = (ProfileColumn(3, "1-0:1.8.0", 2, scaler, 30), LAYOUT.columns[1])
    layout = ProfileLayout("1-0:99.1.0", 1, columns)
    at_s = np.arange(4, dtype=np.int64) + int(DAY.timestamp())
    values = np.array([[0, 0], [2**63 - 1, 5], [-(2**63) + 1, 5], [7, 5]], np.int64)
    rows = ProfileRows(layout, at_s, np.zeros(4, np.int64), values)
    assert readings.save_rows(store, placed.meter.id, rows) == 4
    (found,) = readings.rows_between(store, placed.meter.id, "1-0:99.1.0", 0, 2**40)
    assert found.values.tolist() == values.tolist(), "what came is kept as it came"
    index_wh = found.index_wh("1-0:1.8.0")
    assert index_wh is not None
    if scaler not in (0, -3):
        assert set(index_wh.tolist()) <= {0, 7 * 10**3, 7 * 10**18, NOTHING}
    reading = readings.RegisterReading("1-0:1.8.0", 2**63 - 1, min(max(scaler, -20), 20), 30)
    readings.save_registers(store, placed.meter.id, DAY, [reading])
    _install(store, "2", at=DAY + timedelta(hours=1))
    old = places.installations_at(store, "A")[0]
    assert old.end_import_wh is not None
    assert old.end_import_wh >= old.start_import_wh
