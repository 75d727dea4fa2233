"""Profiles: registers captured at the end of each interval, day or month, with a status octet.

Status bits and rules for outages and clock changes follow a public IDIS meter manual. Its copy is
ambiguous on one point, decided here: the interval in which the clock is set, and the one it is set
into, carry CAD; after a step back the interval that was running gives no row of its own.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import IntFlag
from typing import Final, NamedTuple, Protocol

from addad import obis
from addad.dlms.clock_time import DateTime
from addad.dlms.types import DateTimeOctets, Long64Unsigned, Unsigned
from addad.errors import InputError
from addad.meter.clock import Zone
from addad.meter.layout import CLOCK, DATA, REGISTER, Column, Layout, column
from addad.meter.registers import REACTIVE_EXPORT, REACTIVE_IMPORT, Quantity, Registers
from addad.meter.row_table import RowTable
from addad.obis import Obis

PERIODS_S: Final = (60, 300, 600, 900, 1800, 3600, 86_400)


class ProfileStatus(IntFlag):
    """What the reader of a row should know about its interval."""

    PDN = 0x80
    """The power was down."""
    CAD = 0x20
    """The clock was adjusted by more than the limit."""
    DST = 0x08
    """Daylight saving time at the end of the interval."""
    DNV = 0x04
    """Not valid for billing without a look."""
    CIV = 0x02
    """The clock is invalid."""
    ERR = 0x01
    """A critical error."""


class Grid(Protocol):
    """How time is cut into intervals."""

    name: str

    def index(self, at: datetime) -> int:
        """The number of the interval that holds `at`."""
        ...

    def end(self, index: int) -> datetime:
        """When that interval ends."""
        ...


class PeriodGrid:
    """Intervals of `period_s` (one of `PERIODS_S`), aligned to the hour or day of standard time."""

    def __init__(self, period_s: int, zone: Zone) -> None:
        if period_s not in PERIODS_S:
            raise InputError(f"a capture period is one of {PERIODS_S} s, not {period_s}")
        self.name = str(period_s)
        self.period_s = period_s
        self._phase_s = -zone.deviation_min * 60 % period_s

    def index(self, at: datetime) -> int:
        """See `Grid`."""
        return int(at.timestamp() + self._phase_s) // self.period_s

    def end(self, index: int) -> datetime:
        """See `Grid`."""
        return _EPOCH + timedelta(seconds=(index + 1) * self.period_s - self._phase_s)


class DayGrid:
    """Local days."""

    name = "day"

    def __init__(self, zone: Zone) -> None:
        self._zone = zone

    def index(self, at: datetime) -> int:
        """See `Grid`."""
        return self._zone.local(at).toordinal()

    def end(self, index: int) -> datetime:
        """See `Grid`."""
        day = date.fromordinal(index + 1)
        return self._zone.utc(day.year, day.month, day.day)


class MonthGrid:
    """Local months: the billing period."""

    name = "month"

    def __init__(self, zone: Zone) -> None:
        self._zone = zone

    def index(self, at: datetime) -> int:
        """See `Grid`."""
        local = self._zone.local(at)
        return local.year * 12 + local.month - 1

    def end(self, index: int) -> datetime:
        """See `Grid`."""
        year, month = divmod(index + 1, 12)
        return self._zone.utc(year, month + 1, 1)


_EPOCH: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


class Boundary(NamedTuple):
    """A row is due: its stamp, and the status of the interval that ends there."""

    at: datetime
    status: ProfileStatus


class Capture(NamedTuple):
    """What a row of a profile is made of."""

    time: DateTime
    status: int
    registers: Registers


def _energy(name: Obis, *quantities: Quantity) -> Column[Capture]:
    return column(REGISTER, name, Long64Unsigned, 9, lambda c: c.registers.whole(*quantities))


_TIME: Final[Column[Capture]] = column(CLOCK, obis.CLOCK, DateTimeOctets, 14, lambda c: c.time)
_FOUR: Final = (
    _energy(obis.ACTIVE_ENERGY_IMPORT, Quantity.ACTIVE_IMPORT),
    _energy(obis.ACTIVE_ENERGY_EXPORT, Quantity.ACTIVE_EXPORT),
    _energy(obis.REACTIVE_ENERGY_IMPORT, *REACTIVE_IMPORT),
    _energy(obis.REACTIVE_ENERGY_EXPORT, *REACTIVE_EXPORT),
)
_APPARENT: Final = (
    _energy(obis.APPARENT_ENERGY_IMPORT, Quantity.APPARENT_IMPORT),
    _energy(obis.APPARENT_ENERGY_EXPORT, Quantity.APPARENT_EXPORT),
)
_QUADRANTS: Final = (
    _energy(obis.REACTIVE_ENERGY_Q1, Quantity.REACTIVE_Q1),
    _energy(obis.REACTIVE_ENERGY_Q2, Quantity.REACTIVE_Q2),
    _energy(obis.REACTIVE_ENERGY_Q3, Quantity.REACTIVE_Q3),
    _energy(obis.REACTIVE_ENERGY_Q4, Quantity.REACTIVE_Q4),
)


def _status(name: Obis) -> Column[Capture]:
    return column(DATA, name, Unsigned, 2, lambda c: c.status)


LOAD_LAYOUT: Final = Layout(_TIME, _status(obis.PROFILE_STATUS_LOAD), *_FOUR, _APPARENT[0])
DAILY_LAYOUT: Final = Layout(_TIME, _status(obis.PROFILE_STATUS_DAILY), *_FOUR, *_APPARENT)
BILLING_LAYOUT: Final = Layout(_TIME, *_FOUR, *_APPARENT, *_QUADRANTS)


class Profile:
    """One profile: which interval is open, what has befallen it, and the rows of those before."""

    def __init__(self, name: str, layout: Layout[Capture], grid: Grid, capacity: int) -> None:
        self.layout = layout
        self.grid = grid
        self.table = RowTable(name, layout.row_octets, capacity)
        self.last_status = ProfileStatus(0)
        self._open: int | None = None
        self._status = ProfileStatus(0)

    def step(self, at: datetime, marks: ProfileStatus) -> Boundary | None:
        """Time has come to `at`, with `marks` in force; a boundary when an interval has ended.

        A small slew back over a boundary does not open the old interval again.
        """
        self._status |= marks
        index = self.grid.index(at)
        if self._open is None:
            self._open = index
        if index <= self._open:
            return None
        return self._close(index - 1, index, ProfileStatus(0))

    def power_up(self, at: datetime) -> Boundary | None:
        """The power came back at `at`: the interval of the failure and this one carry PDN.

        Those wholly inside the outage give no row.
        """
        if self._open is None:
            return None
        return self._jump(at, ProfileStatus.PDN)

    def adjusted(self, to: datetime) -> Boundary | None:
        """The clock was set to `to`, beyond the limit: this interval and that one carry CAD."""
        if self._open is None:
            return None
        return self._jump(to, ProfileStatus.CAD)

    def keep(self, boundary: Boundary, capture: Capture) -> None:
        """Append the row of a boundary."""
        self.table.append(self.layout.row(capture), int(boundary.at.timestamp()))
        self.last_status = ProfileStatus(capture.status)

    def clear(self) -> None:
        """Forget all rows; the open interval goes on with a clean status."""
        self.table.clear()
        self._status = ProfileStatus(0)

    def _jump(self, to: datetime, mark: ProfileStatus) -> Boundary | None:
        assert self._open is not None
        self._status |= mark
        index = self.grid.index(to)
        if index > self._open:
            return self._close(self._open, index, mark)
        if index < self._open:
            self._open = index
            self._status |= ProfileStatus.CAD
        return None

    def _close(self, ended: int, now_open: int, next_status: ProfileStatus) -> Boundary:
        boundary = Boundary(self.grid.end(ended), self._status)
        self._open = now_open
        self._status = next_status
        return boundary

    def snapshot(self) -> list[int | str]:
        """What has to survive a power cut beside the rows."""
        opened = "" if self._open is None else self._open
        return [self.grid.name, opened, int(self._status), int(self.last_status)]

    def restore(self, kept: list[int | str]) -> None:
        """Stand where `snapshot` stood; an interval of another grid is not continued."""
        name, opened, status, last = kept
        if name == self.grid.name and opened != "":
            self._open = int(opened)
            self._status = ProfileStatus(int(status))
        self.last_status = ProfileStatus(int(last))
