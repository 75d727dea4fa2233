"""The meter's three profiles, captured together: load, daily and billing.

One place for what an outage, a clock change or an error means to all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from addad.meter.clock import MeterClock, Zone
from addad.meter.demand import Demands
from addad.meter.profile import (
    BILLING_LAYOUT,
    DAILY_LAYOUT,
    LOAD_LAYOUT,
    Boundary,
    Capture,
    DayGrid,
    MonthGrid,
    PeriodGrid,
    Profile,
    ProfileStatus,
)
from addad.meter.registers import REACTIVE_EXPORT, REACTIVE_IMPORT, Quantity, Registers
from addad.meter.settings import ProfileSettings

_LOAD_ENERGY = 2
_RECOVERED = (
    (_LOAD_ENERGY, Quantity.ACTIVE_IMPORT),
    (_LOAD_ENERGY + 1, Quantity.ACTIVE_EXPORT),
    (_LOAD_ENERGY + 2, REACTIVE_IMPORT[0]),
    (_LOAD_ENERGY + 3, REACTIVE_EXPORT[0]),
    (_LOAD_ENERGY + 4, Quantity.APPARENT_IMPORT),
)


class Profiles:
    """Load, daily and billing profile, and demand, over the same registers and clock."""

    def __init__(
        self, settings: ProfileSettings, zone: Zone, clock: MeterClock, registers: Registers
    ) -> None:
        self.load = Profile(
            "load", LOAD_LAYOUT, PeriodGrid(settings.period_s, zone), settings.load_rows
        )
        self.daily = Profile("daily", DAILY_LAYOUT, DayGrid(zone), settings.daily_rows)
        self.billing = Profile("billing", BILLING_LAYOUT, MonthGrid(zone), settings.billing_rows)
        self.period_s = settings.period_s
        self.demands = Demands(PeriodGrid(settings.period_s, zone))
        self._clock = clock
        self._registers = registers

    def __iter__(self) -> Iterator[Profile]:
        return iter((self.load, self.daily, self.billing))

    def step(self, marks: ProfileStatus) -> bool:
        """Capture what has ended by now; `marks` are in force. Whether a row was captured."""
        now = self._clock.time
        self.demands.step(now, marks)
        captured = False
        for profile in self:
            captured |= self._keep(profile, profile.step(now, marks))
        return captured

    def power_up(self) -> None:
        """The power came back now."""
        self.demands.mark(ProfileStatus.PDN)
        for profile in self:
            self._keep(profile, profile.power_up(self._clock.time))

    def adjusted(self, to: datetime) -> None:
        """The clock was set, beyond the limit."""
        self.demands.mark(ProfileStatus.CAD)
        for profile in self:
            self._keep(profile, profile.adjusted(to))

    def recover_registers(self) -> None:
        """Lift the registers to the newest row of the load profile: the rest is lost.

        Only sums of quadrants are in a row; each is given to its first quadrant.
        """
        table, layout = self.load.table, self.load.layout
        if not len(table):
            return
        row = table.row(-1)
        for index, quantity in _RECOVERED:
            octets = layout.field(row, index)
            self._registers.raise_to(int.from_bytes(octets[1:], "big"), quantity)

    def _keep(self, profile: Profile, boundary: Boundary | None) -> bool:
        if boundary is None:
            return False
        status = boundary.status
        if self._clock.zone.at(boundary.at).daylight:
            status |= ProfileStatus.DST
        shown = self._clock.date_time(boundary.at)
        profile.keep(boundary, Capture(shown, int(status), self._registers))
        return True
