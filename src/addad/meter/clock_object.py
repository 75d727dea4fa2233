"""The clock as its clients see and set it.

Blue Book, class 8. Daylight saving by two fixed dates is not offered: this meter's changes of the
deviation come from a table (see `Zone`).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from addad import obis
from addad.cosem.classes.control import Clock, ClockBase
from addad.cosem.cosem_object import CosemObject
from addad.dlms.clock_time import DateTime
from addad.dlms.results import DataAccessResult
from addad.errors import AccessError, DecodeError
from addad.meter.device import Meter
from addad.meter.profile import Grid

YEARS: Final = range(2000, 2100)
SHIFT_MAX_S: Final = 900
_QUARTER_S: Final = 900
_MINUTE_S: Final = 60
_NEVER: Final = DateTime(None, None, None)


def clock_object(meter: Meter) -> CosemObject:
    """The clock: read, set and adjusted."""
    clock = meter.clock

    def set_time(to: DateTime) -> None:
        try:
            moment = to.to_datetime(clock.local().tzinfo)
        except DecodeError as problem:
            raise AccessError(DataAccessResult.TYPE_UNMATCHED, str(problem)) from None
        if moment.year not in YEARS:
            raise AccessError(DataAccessResult.OTHER_REASON)
        meter.set_clock(moment)

    def round_to(step_s: int) -> None:
        meter.set_clock(_nearest(clock.time, step_s))

    def shift(seconds: int) -> None:
        if abs(seconds) > SHIFT_MAX_S:
            raise AccessError(DataAccessResult.OTHER_REASON)
        meter.set_clock(clock.time + timedelta(seconds=seconds))

    return CosemObject(
        Clock,
        obis.CLOCK,
        Clock.time.reads(clock.date_time),
        Clock.time.writes(set_time),
        Clock.time_zone.reads(lambda: clock.zone.deviation_min),
        Clock.status.reads(clock.status),
        Clock.daylight_savings_begin.reads(lambda: _NEVER),
        Clock.daylight_savings_end.reads(lambda: _NEVER),
        Clock.daylight_savings_deviation.reads(lambda: 0),
        Clock.daylight_savings_enabled.reads(lambda: False),
        Clock.clock_base.reads(lambda: ClockBase.INTERNAL_CRYSTAL),
        Clock.adjust_to_quarter.does(lambda _: round_to(_QUARTER_S)),
        Clock.adjust_to_measuring_period.does(
            lambda _: meter.set_clock(nearest_boundary(meter.profiles.load.grid, clock.time))
        ),
        Clock.adjust_to_minute.does(lambda _: round_to(_MINUTE_S)),
        Clock.shift_time.does(shift),
    )


def nearest_boundary(grid: Grid, time: datetime) -> datetime:
    """The end of an interval of `grid` that is nearest to an aware time."""
    index = grid.index(time)
    before, after = grid.end(index - 1), grid.end(index)
    return before if time - before < after - time else after


def _nearest(time: datetime, step_s: int) -> datetime:
    """The multiple of `step_s` since 1970 that is nearest to an aware time."""
    steps = round(time.timestamp() / step_s)
    return datetime.fromtimestamp(steps * step_s, UTC)
