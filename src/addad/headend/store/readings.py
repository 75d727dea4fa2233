"""Rows of profiles in day blocks with their rollup, and register readings; by meter time, once.

A row's time stamp ends its interval, so the row of midnight belongs to the day that it ends.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, delete, func, insert, select
from sqlalchemy.dialects.sqlite import insert as insert_unless_there

from addad.headend.store.blocks import CODEC_DELTA_SHUFFLE_ZLIB, NOTHING, Columns, merge
from addad.headend.store.blocks import pack as pack_block
from addad.headend.store.blocks import unpack as unpack_block
from addad.headend.store.database import Store
from addad.headend.store.places import from_us, to_us
from addad.headend.store.schema import profile, reading_block, register_reading, rollup_day

DAY_S = 86_400
IMPORT, EXPORT = "1-0:1.8.0", "1-0:2.8.0"
DATA_NOT_VALID = 0x04 | 0x02 | 0x01
REV_COLLECTED = 0
MAX_SCALER = 18
MAX_WH = 10**18
"""No counter shows more, so what is above it is no energy."""


class ProfileColumn(NamedTuple):
    """A captured value: which attribute of which object, and its power of ten and unit."""

    class_id: int
    logical_name: str
    attribute_index: int
    scaler: int = 0
    unit: int = 255


@dataclass(frozen=True)
class ProfileLayout:
    """What a profile's rows hold beside time stamp and status; shared by meters of one kind."""

    logical_name: str
    period_s: int
    columns: tuple[ProfileColumn, ...]

    def position(self, logical_name: str) -> int | None:
        """Which column is attribute 2 of that object."""
        for at, column in enumerate(self.columns):
            if column.logical_name == logical_name and column.attribute_index == 2:
                return at
        return None


@dataclass(frozen=True)
class ProfileRows:
    """Rows of one layout: `at_s` (n,) since 1970 UTC, `status` (n,), `values` (n, columns).

    `NOTHING` stands for a value or a status that the meter did not have.
    """

    layout: ProfileLayout
    at_s: npt.NDArray[np.int64]
    status: npt.NDArray[np.int64]
    values: npt.NDArray[np.int64]

    def index_wh(self, logical_name: str) -> npt.NDArray[np.int64] | None:
        """An energy column in whole Wh (n,), `NOTHING` where absent; None without such a column."""
        at = self.layout.position(logical_name)
        if at is None:
            return None
        raw, scaler = self.values[:, at], self.layout.columns[at].scaler
        if scaler == 0:
            return raw
        if abs(scaler) > MAX_SCALER:
            return np.full(raw.size, NOTHING, np.int64)
        if scaler < 0:
            return np.where(raw == NOTHING, NOTHING, raw // 10**-scaler)
        largest = MAX_WH // 10**scaler
        fits = (raw >= -largest) & (raw <= largest)
        return np.where(fits, raw * 10**scaler, NOTHING)


@dataclass(frozen=True)
class RegisterReading:
    """A register's content as the meter gave it: value × 10^scaler in unit."""

    logical_name: str
    value: int
    scaler: int
    unit: int


def save_rows(store: Store, meter_id: int, rows: ProfileRows) -> int:
    """Add the rows that are not stored yet, with their rollups, in one transaction; how many."""
    table = np.column_stack([rows.at_s, rows.status, rows.values]).astype(np.int64)
    days = (table[:, 0] - 1) // DAY_S
    added = 0
    with store.write() as connection:
        profile_id = _profile_id(connection, rows.layout)
        touched = sorted({int(day) for day in days})
        for day in touched:
            new = table[days == day]
            old = _block(connection, meter_id, profile_id, day, table.shape[1])
            both = merge(old, new)
            if both.shape[0] == old.shape[0]:
                continue
            added += both.shape[0] - old.shape[0]
            _put_block(connection, meter_id, profile_id, day, both)
            for stale in (day, day + 1):
                _roll_up(connection, meter_id, profile_id, stale, rows.layout)
    return added


def rows_between(
    store: Store, meter_id: int, logical_name: str, after_s: int, till_s: int
) -> list[ProfileRows]:
    """Stored rows with after_s < time stamp ≤ till_s, by layout, in order of time."""
    found = []
    with store.read() as connection:
        for layout, profile_id in _layouts(connection, logical_name):
            blocks = connection.execute(
                select(reading_block)
                .where(
                    reading_block.c.meter_id == meter_id,
                    reading_block.c.profile_id == profile_id,
                    reading_block.c.rev == REV_COLLECTED,
                    reading_block.c.utc_day.between(after_s // DAY_S, (till_s - 1) // DAY_S),
                )
                .order_by(reading_block.c.utc_day)
            )
            width = 2 + len(layout.columns)
            parts = [unpack_block(row.data, row.n, width, row.codec) for row in blocks]
            if not parts:
                continue
            table = np.concatenate(parts)
            table = table[(table[:, 0] > after_s) & (table[:, 0] <= till_s)]
            if table.shape[0]:
                found.append(ProfileRows(layout, table[:, 0], table[:, 1], table[:, 2:]))
    return found


def last_row_at_s(store: Store, meter_id: int, logical_name: str) -> int | None:
    """The newest stored time stamp of a meter's profile."""
    with store.read() as connection:
        newest: int | None = connection.execute(
            select(func.max(rollup_day.c.last_at_s))
            .join(profile, profile.c.id == rollup_day.c.profile_id)
            .where(rollup_day.c.meter_id == meter_id, profile.c.logical_name == logical_name)
        ).scalar_one()
    return newest


def count_rows(store: Store) -> int:
    """How many profile rows are stored in all."""
    with store.read() as connection:
        total = connection.execute(select(func.sum(reading_block.c.n))).scalar_one()
    return int(total or 0)


def save_registers(
    store: Store, meter_id: int, at: datetime, readings: Iterable[RegisterReading]
) -> int:
    """Store readings of one moment of the meter's clock, once; how many are new."""
    rows = [{"meter_id": meter_id, "at_us": to_us(at), **reading.__dict__} for reading in readings]
    if not rows:
        return 0
    with store.write() as connection:
        statement = insert_unless_there(register_reading).on_conflict_do_nothing()
        before = _count_at(connection, meter_id, to_us(at))
        connection.execute(statement, rows)
        return _count_at(connection, meter_id, to_us(at)) - before


def latest_registers(store: Store, meter_id: int) -> tuple[datetime | None, list[RegisterReading]]:
    """The newest set of register readings and its moment."""
    where = register_reading.c.meter_id == meter_id
    with store.read() as connection:
        newest = connection.execute(select(func.max(register_reading.c.at_us)).where(where))
        at_us = newest.scalar_one()
        if at_us is None:
            return None, []
        query = select(register_reading).where(where, register_reading.c.at_us == at_us)
        return from_us(at_us), [
            RegisterReading(row.logical_name, row.value, row.scaler, row.unit)
            for row in connection.execute(query)
        ]


def _count_at(connection: Connection, meter_id: int, at_us: int) -> int:
    table = register_reading.c
    return connection.execute(
        select(func.count()).where(table.meter_id == meter_id, table.at_us == at_us)
    ).scalar_one()


def _profile_id(connection: Connection, layout: ProfileLayout) -> int:
    columns = json.dumps(layout.columns)
    row = connection.execute(
        select(profile.c.id).where(
            profile.c.logical_name == layout.logical_name,
            profile.c.period_s == layout.period_s,
            profile.c.columns == columns,
        )
    ).first()
    if row is not None:
        return int(row.id)
    key = connection.execute(
        insert(profile).values(
            logical_name=layout.logical_name, period_s=layout.period_s, columns=columns
        )
    ).inserted_primary_key
    assert key is not None
    return int(key[0])


def _layouts(connection: Connection, logical_name: str) -> Sequence[tuple[ProfileLayout, int]]:
    query = select(profile).where(profile.c.logical_name == logical_name).order_by(profile.c.id)
    return [
        (
            ProfileLayout(
                row.logical_name,
                row.period_s,
                tuple(ProfileColumn(*column) for column in json.loads(row.columns)),
            ),
            row.id,
        )
        for row in connection.execute(query)
    ]


def _block(connection: Connection, meter_id: int, profile_id: int, day: int, width: int) -> Columns:
    row = connection.execute(
        select(reading_block).where(
            reading_block.c.meter_id == meter_id,
            reading_block.c.profile_id == profile_id,
            reading_block.c.utc_day == day,
            reading_block.c.rev == REV_COLLECTED,
        )
    ).first()
    if row is None:
        return np.empty((0, width), np.int64)
    return unpack_block(row.data, row.n, width, row.codec)


def _put_block(
    connection: Connection, meter_id: int, profile_id: int, day: int, table: Columns
) -> None:
    key = {
        "meter_id": meter_id,
        "profile_id": profile_id,
        "utc_day": day,
        "rev": REV_COLLECTED,
    }
    known = table[:, 1][table[:, 1] != NOTHING]
    row = {
        "n": table.shape[0],
        "quality_summary": int(np.bitwise_or.reduce(known)) if known.size else 0,
        "codec": CODEC_DELTA_SHUFFLE_ZLIB,
        "data": pack_block(table),
    }
    statement = insert_unless_there(reading_block).values(**key, **row)
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=row))


def _roll_up(
    connection: Connection, meter_id: int, profile_id: int, day: int, layout: ProfileLayout
) -> None:
    table = _block(connection, meter_id, profile_id, day, 2 + len(layout.columns))
    if table.shape[0] == 0:
        return
    before = _block(connection, meter_id, profile_id, day - 1, table.shape[1])[-1:]
    rows = ProfileRows(layout, table[:, 0], table[:, 1], table[:, 2:])
    joined = np.concatenate([before, table])
    run = ProfileRows(layout, joined[:, 0], joined[:, 1], joined[:, 2:])
    invalid = (rows.status != NOTHING) & ((rows.status & DATA_NOT_VALID) != 0)
    where = (
        rollup_day.c.meter_id == meter_id,
        rollup_day.c.profile_id == profile_id,
        rollup_day.c.utc_day == day,
    )
    connection.execute(delete(rollup_day).where(*where))
    first_import, last_import = _ends(rows, IMPORT)
    first_export, last_export = _ends(rows, EXPORT)
    connection.execute(
        insert(rollup_day).values(
            meter_id=meter_id,
            profile_id=profile_id,
            utc_day=day,
            rev=REV_COLLECTED,
            first_at_s=int(rows.at_s[0]),
            last_at_s=int(rows.at_s[-1]),
            first_import_wh=first_import,
            last_import_wh=last_import,
            first_export_wh=first_export,
            last_export_wh=last_export,
            max_import_w=_peak_w(run, IMPORT),
            max_export_w=_peak_w(run, EXPORT),
            n_valid=int(rows.at_s.size - np.count_nonzero(invalid)),
            n_estimated=0,
        )
    )


def _ends(rows: ProfileRows, logical_name: str) -> tuple[int | None, int | None]:
    index = rows.index_wh(logical_name)
    if index is None:
        return None, None
    known = index[index != NOTHING]
    return (int(known[0]), int(known[-1])) if known.size else (None, None)


def _peak_w(rows: ProfileRows, logical_name: str) -> int | None:
    """The highest mean power of an interval whose both ends are there [W]."""
    index = rows.index_wh(logical_name)
    period_s = rows.layout.period_s
    if index is None or period_s <= 0 or index.size < 2:
        return None
    whole = (np.diff(rows.at_s) == period_s) & (index[1:] != NOTHING) & (index[:-1] != NOTHING)
    energy = (index[1:] - index[:-1])[whole]
    if energy.size == 0:
        return None
    peak_w = int(energy.max()) * 3600 // period_s
    return peak_w if abs(peak_w) <= MAX_WH else None
