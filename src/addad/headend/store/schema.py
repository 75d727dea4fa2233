"""The tables of the head end, the triggers that keep the audit append-only, the schema's version.

The same on SQLite and PostgreSQL. Days are UTC days, counted from 1970-01-01; times are
microseconds since then.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

SCHEMA_VERSION = 2
APPLICATION_ID = 0x41444144

metadata = MetaData()


NUMBER = BigInteger().with_variant(Integer, "sqlite")


def _integer(name: str, *, primary_key: bool = False, nullable: bool = False) -> Column[int]:
    return Column(name, NUMBER, primary_key=primary_key, nullable=nullable)


def _text(
    name: str, *, primary_key: bool = False, nullable: bool = False, unique: bool = False
) -> Column[str]:
    return Column(name, Text, primary_key=primary_key, nullable=nullable, unique=unique or None)


schema_version = Table("schema_version", metadata, _integer("version"), _integer("made_at_us"))

service_point = Table(
    "service_point",
    metadata,
    _text("id", primary_key=True),
    _text("name"),
    _text("address"),
    _text("time_zone"),
    _integer("contracted_power_w", nullable=True),
)

meter = Table(
    "meter",
    metadata,
    _integer("id", primary_key=True),
    _text("serial", unique=True),
    _text("logical_device_name"),
    _text("host"),
    _integer("port"),
    _integer("reader_sap"),
    _integer("management_sap"),
    Column("reader_secret", LargeBinary, nullable=False),
    Column("management_secret", LargeBinary, nullable=False),
)

installation = Table(
    "installation",
    metadata,
    _integer("id", primary_key=True),
    Column("service_point_id", Text, ForeignKey("service_point.id"), nullable=False),
    Column("meter_id", NUMBER, ForeignKey("meter.id"), nullable=False),
    _integer("from_us"),
    _integer("till_us", nullable=True),
    _text("multiplier"),
    _integer("start_import_wh"),
    _integer("start_export_wh"),
    _integer("end_import_wh", nullable=True),
    _integer("end_export_wh", nullable=True),
    CheckConstraint("till_us IS NULL OR till_us >= from_us"),
    Index("one_meter_now", "service_point_id", unique=True, sqlite_where=text("till_us IS NULL")),
    Index("one_place_now", "meter_id", unique=True, sqlite_where=text("till_us IS NULL")),
)

profile = Table(
    "profile",
    metadata,
    _integer("id", primary_key=True),
    _text("logical_name"),
    _integer("period_s"),
    _text("columns"),
    UniqueConstraint("logical_name", "period_s", "columns"),
)

reading_block = Table(
    "reading_block",
    metadata,
    Column("meter_id", NUMBER, ForeignKey("meter.id"), primary_key=True),
    Column("profile_id", NUMBER, ForeignKey("profile.id"), primary_key=True),
    _integer("utc_day", primary_key=True),
    _integer("rev", primary_key=True),
    _integer("n"),
    _integer("quality_summary"),
    _integer("codec"),
    Column("data", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

rollup_day = Table(
    "rollup_day",
    metadata,
    Column("meter_id", NUMBER, ForeignKey("meter.id"), primary_key=True),
    Column("profile_id", NUMBER, ForeignKey("profile.id"), primary_key=True),
    _integer("utc_day", primary_key=True),
    _integer("rev"),
    _integer("first_at_s"),
    _integer("last_at_s"),
    _integer("first_import_wh", nullable=True),
    _integer("last_import_wh", nullable=True),
    _integer("first_export_wh", nullable=True),
    _integer("last_export_wh", nullable=True),
    _integer("max_import_w", nullable=True),
    _integer("max_export_w", nullable=True),
    _integer("n_valid"),
    _integer("n_estimated"),
    sqlite_with_rowid=False,
)

register_reading = Table(
    "register_reading",
    metadata,
    Column("meter_id", NUMBER, ForeignKey("meter.id"), primary_key=True),
    _integer("at_us", primary_key=True),
    _text("logical_name", primary_key=True),
    _integer("value"),
    _integer("scaler"),
    _integer("unit"),
    sqlite_with_rowid=False,
)

meter_event = Table(
    "event",
    metadata,
    _integer("id", primary_key=True),
    Column("meter_id", NUMBER, ForeignKey("meter.id"), nullable=False),
    Column("service_point_id", Text, ForeignKey("service_point.id"), nullable=True),
    _integer("at_us"),
    _text("log"),
    _integer("code"),
    _text("severity"),
    _text("text"),
    _text("detail"),
    _integer("received_at_us"),
    UniqueConstraint("meter_id", "log", "at_us", "code", "detail"),
    Index("event_by_place", "service_point_id", "id"),
)

command = Table(
    "command",
    metadata,
    _integer("id", primary_key=True),
    Column("service_point_id", Text, ForeignKey("service_point.id"), nullable=False),
    Column("meter_id", NUMBER, ForeignKey("meter.id"), nullable=False),
    _text("action"),
    _text("reason"),
    _text("who"),
    _text("step"),
    _text("message"),
    _integer("requested_at_us"),
    _integer("finished_at_us", nullable=True),
    Index(
        "one_command_at_a_time",
        "meter_id",
        unique=True,
        sqlite_where=text("finished_at_us IS NULL"),
    ),
    Index("command_by_place", "service_point_id", "id"),
)

audit = Table(
    "audit",
    metadata,
    _integer("id", primary_key=True),
    _integer("at_us"),
    _text("who"),
    _text("action"),
    _text("subject"),
    _text("reason"),
    _text("outcome"),
    _text("detail"),
    _text("previous_hash"),
    _text("hash"),
)

account = Table(
    "user",
    metadata,
    _integer("id", primary_key=True),
    _text("name", unique=True),
    _text("password_hash"),
    _text("scopes"),
    _integer("made_at_us"),
)

session = Table(
    "session",
    metadata,
    Column("id_hash", LargeBinary, primary_key=True),
    Column("user_id", NUMBER, ForeignKey("user.id"), nullable=False),
    _integer("began_at_us"),
    _integer("seen_at_us"),
)

api_key = Table(
    "api_key",
    metadata,
    _integer("id", primary_key=True),
    _text("name"),
    Column("key_hash", LargeBinary, nullable=False, unique=True),
    _text("scopes"),
    _text("made_by"),
    _integer("made_at_us"),
    _integer("revoked_at_us", nullable=True),
    Index("one_valid_key", "name", unique=True, sqlite_where=text("revoked_at_us IS NULL")),
)

setup_link = Table(
    "setup_link",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    _integer("made_at_us"),
)

push_key = Table(
    "push_key",
    metadata,
    Column("meter_id", NUMBER, ForeignKey("meter.id"), primary_key=True),
    Column("title", LargeBinary, nullable=False, unique=True),
    Column("secret", LargeBinary, nullable=False),
)

counter_mark = Table("counter_mark", metadata, _text("name", primary_key=True), _text("mark"))

SINCE_VERSION_2 = (push_key, counter_mark)

AUDIT_TRIGGERS = (
    *(
        f"CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON audit "
        "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ),
    "CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit "
    "WHEN NEW.id IS NOT 1 + (SELECT coalesce(max(id), 0) FROM audit) "
    "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END",
)
"""The third is for INSERT OR REPLACE, which takes a row away without the trigger of DELETE."""
