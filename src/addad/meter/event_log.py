"""The event logs: what happened, when, and a number without gaps.

Profile generic objects of the IDIS numbering; each row has time, event code and the log's own
counter, the disconnector's also the threshold of the limiter.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple

from addad import obis
from addad.cosem.classes.control import Limiter
from addad.dlms.clock_time import DateTime
from addad.dlms.types import DateTimeOctets, DoubleLongUnsigned, Unsigned
from addad.meter.event_codes import LOG_CLEARED, Log
from addad.meter.layout import CLOCK, DATA, LIMITER, Column, Layout, column
from addad.meter.row_table import RowTable
from addad.obis import Obis

LOG_CAPACITY: Final = 1000
_COUNTER_MASK: Final = 0xFFFF_FFFF
_COUNTER_COLUMN: Final = 2


class Event(NamedTuple):
    """One entry: `number` counts the entries of its log since the meter was made."""

    log: Log
    code: int
    at: datetime
    number: int


class Entry(NamedTuple):
    """What a row of a log is made of."""

    time: DateTime
    code: int
    number: int
    threshold_w: int


def _columns(code: Obis, counter: Obis) -> tuple[Column[Entry], ...]:
    time: Column[Entry] = column(CLOCK, obis.CLOCK, DateTimeOctets, 14, lambda e: e.time)
    what: Column[Entry] = column(DATA, code, Unsigned, 2, lambda e: e.code)
    number: Column[Entry] = column(DATA, counter, DoubleLongUnsigned, 5, lambda e: e.number)
    return time, what, number


_THRESHOLD: Final[Column[Entry]] = column(
    LIMITER,
    obis.LIMITER,
    DoubleLongUnsigned,
    5,
    lambda e: e.threshold_w,
    index=Limiter.threshold_active.index,
)

LOG_LAYOUTS: Final[dict[Log, Layout[Entry]]] = {
    Log.STANDARD: Layout(*_columns(obis.EVENT_CODE_STANDARD, obis.EVENT_COUNTER_STANDARD)),
    Log.FRAUD: Layout(*_columns(obis.EVENT_CODE_FRAUD, obis.EVENT_COUNTER_FRAUD)),
    Log.DISCONNECTOR: Layout(
        *_columns(obis.EVENT_CODE_DISCONNECTOR, obis.EVENT_COUNTER_DISCONNECTOR), _THRESHOLD
    ),
}


class EventLog:
    """One log. `count` is the number of its newest entry, `last_code` that entry's event code."""

    def __init__(self, log: Log, capacity: int = LOG_CAPACITY) -> None:
        self.log = log
        self.layout = LOG_LAYOUTS[log]
        self.table = RowTable(f"log-{log.name.lower()}", self.layout.row_octets, capacity)
        self.count = 0
        self.last_code = 0

    def add(self, code: int, at: datetime, time: DateTime, threshold_w: int = 0) -> Event:
        """Append an entry at an aware time `at`, shown to clients as `time`."""
        self.count = (self.count + 1) & _COUNTER_MASK
        self.last_code = code
        row = self.layout.row(Entry(time, code, self.count, threshold_w))
        self.table.append(row, int(at.timestamp()))
        return Event(self.log, code, at, self.count)

    def clear(self, at: datetime, time: DateTime, threshold_w: int = 0) -> Event:
        """Forget all entries but one, which says so; the numbers go on."""
        self.table.clear()
        return self.add(LOG_CLEARED, at, time, threshold_w)

    def recover(self) -> None:
        """Take the count from the newest row, for when only the rows have survived."""
        if len(self.table):
            row = self.table.row(-1)
            self.count = DoubleLongUnsigned.decode(self.layout.field(row, _COUNTER_COLUMN))
            self.last_code = Unsigned.decode(self.layout.field(row, 1))

    def codes(self) -> Iterator[int]:
        """The event codes of the rows, newest first."""
        for index in reversed(range(len(self.table))):
            yield Unsigned.decode(self.layout.field(self.table.row(index), 1))

    def snapshot(self) -> list[int | str]:
        """What has to survive a power cut beside the rows."""
        return [self.count, self.last_code]

    def restore(self, kept: list[int | str]) -> None:
        """Stand where `snapshot` stood."""
        count, last_code = kept
        self.count, self.last_code = int(count), int(last_code)
