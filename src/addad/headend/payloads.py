"""The shapes of what the head end tells pages and programs: JSON, field by field.

Times are ISO 8601 in UTC with `Z`. Powers are signed, import positive. None means: not known.
"""

from __future__ import annotations

from datetime import UTC, datetime

from typing_extensions import TypedDict

Value = float | None
Phases = list[Value]


class Relay(TypedDict):
    """The supply relay: control state 0 disconnected, 1 connected, 2 ready for reconnection."""

    state: int
    output: bool
    mode: int | None


class Site(TypedDict):
    """What stands behind the meter, as far as the meter tells [W]."""

    pv_w: float
    load_w: float


class Live(TypedDict):
    """Instantaneous values: u [V], i [A], p [W], q [var], f [Hz], angles [°], thd [%]."""

    at: str
    measured_at: str | None
    u: Phases
    i: Phases
    p: Phases
    q: Phases
    pf: Phases
    f: Value
    p_total: Value
    q_total: Value
    u_angle: Phases
    i_angle: Phases
    thd_u: Phases
    thd_i: Phases
    import_wh: int | None
    export_wh: int | None
    relay: Relay | None
    site: Site | None
    stages_ms: dict[str, float]


class Contact(TypedDict):
    """Whether the meter answers: ok, stale (late), none; since when, and why not."""

    state: str
    since: str
    reason: str


class ServicePointRow(TypedDict):
    """A service point in the list."""

    id: str
    name: str
    address: str
    meter_serial: str | None
    contact: Contact
    p_total: float | None
    import_wh: int | None
    export_wh: int | None
    relay_state: int | None
    last_row_at: str | None


class ServicePointList(TypedDict):
    """A page of the list; `total` service points match."""

    service_points: list[ServicePointRow]
    total: int


class Place(TypedDict):
    """A service point itself."""

    id: str
    name: str
    address: str
    time_zone: str
    contracted_power_w: int | None


class InstalledMeter(TypedDict):
    """The meter that is there now."""

    serial: str
    logical_device_name: str
    host: str
    port: int
    installed_from: str
    multiplier: str


InstallationRow = TypedDict(
    "InstallationRow",
    {
        "meter_serial": str,
        "from": str,
        "till": str | None,
        "multiplier": str,
        "start_import_wh": int,
        "start_export_wh": int,
        "end_import_wh": int | None,
        "end_export_wh": int | None,
    },
)


class ServicePointDetail(TypedDict):
    """Everything about a service point but its readings."""

    service_point: Place
    meter: InstalledMeter | None
    installations: list[InstallationRow]
    contact: Contact
    relay: Relay | None


class RegisterRow(TypedDict):
    """One register as the meter gave it: value × 10^scaler in unit."""

    obis: str
    name: str
    value: int
    scaler: int
    unit: str
    scaled: float


class Registers(TypedDict):
    """The newest reading of the registers."""

    at: str | None
    registers: list[RegisterRow]


class ProfileRow(TypedDict):
    """One interval, by its end. Energies of the interval are null when its start is missing."""

    at: str
    local: str
    status: int
    flags: list[str]
    import_wh: int | None
    export_wh: int | None
    import_index_wh: int | None
    export_index_wh: int | None


class ProfileDay(TypedDict):
    """A local day of a service point in intervals, over all its meters.

    The indexes at its start are null when no row was captured then.
    """

    day: str
    time_zone: str
    period_s: int
    starts_at: str
    ends_at: str
    import_wh: int
    export_wh: int
    import_start_wh: int | None
    export_start_wh: int | None
    rows: list[ProfileRow]
    missing: list[str]


class EventRow(TypedDict):
    """What a meter noticed."""

    id: int
    at: str
    severity: str
    code: int
    log: str
    text: str
    detail: str
    received_at: str


class Events(TypedDict):
    """Events, newest first; `next_before` asks for older ones."""

    events: list[EventRow]
    next_before: int | None


class History(TypedDict):
    """Columns of the last ten minutes; `at` in whole seconds since 1970 UTC."""

    at: list[int]
    p_total: list[Value]
    q_total: list[Value]
    u1: list[Value]
    u2: list[Value]
    u3: list[Value]
    i1: list[Value]
    i2: list[Value]
    i3: list[Value]
    pv_w: list[Value]


class LiveState(TypedDict):
    """The newest live values and the last ten minutes."""

    latest: Live | None
    contact: Contact
    history: History


class RelayStep(TypedDict):
    """How far a relay command has come; `state` is the control state that was read back."""

    command_id: int
    step: str
    state: int | None
    message: str


class CommandRow(TypedDict):
    """A relay command in the list."""

    command_id: int
    action: str
    step: str
    who: str
    reason: str
    message: str
    requested_at: str
    finished_at: str | None


class Commands(TypedDict):
    """Relay commands, newest first."""

    commands: list[CommandRow]


class Registered(TypedDict):
    """A meter that was put in service."""

    service_point: str
    meter_serial: str
    logical_device_name: str
    installed_from: str


class KeyRow(TypedDict):
    """An API key without its secret."""

    id: int
    name: str
    scopes: list[str]
    made_by: str
    made_at: str
    revoked_at: str | None


class Keys(TypedDict):
    """All API keys."""

    keys: list[KeyRow]


class NewKey(TypedDict):
    """A key just made; `key` is shown this once."""

    id: int
    name: str
    scopes: list[str]
    key: str


class AuditLine(TypedDict):
    """A row of the audit."""

    id: int
    at: str
    who: str
    action: str
    subject: str
    reason: str
    outcome: str
    detail: str
    hash: str


class ChainState(TypedDict):
    """The verdict on the audit's chain."""

    intact: bool
    rows: int
    broken_at: int | None
    head: str


class AuditPage(TypedDict):
    """A page of the audit, newest first."""

    rows: list[AuditLine]
    chain: ChainState
    next_before: int | None


class Problem(TypedDict):
    """What went wrong and what to do about it."""

    type: str
    title: str
    status: int
    detail: str
    cure: str


def iso(at: datetime) -> str:
    """A time as it is told: UTC, with `Z`, fractions only where there are some."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
