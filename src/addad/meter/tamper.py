"""What is done to the case: covers and magnets, with their accounts.

Each subject keeps a count, the time it began last, and durations, as the Blue Book's tamper objects
do; event codes are those of the IDIS numbering.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final, NamedTuple

from addad.meter import event_codes as codes


class Subject(Enum):
    """What can be tampered with; the value is the field of `Inputs` that senses it."""

    COVER = "cover_open"
    TERMINAL_COVER = "terminal_cover_open"
    MAGNET = "magnet"


class _Rule(NamedTuple):
    begins: int
    ends: int
    settle_s: float


RULES: Final = {
    Subject.COVER: _Rule(codes.COVER_REMOVED, codes.COVER_CLOSED, 0.0),
    Subject.TERMINAL_COVER: _Rule(codes.TERMINAL_COVER_REMOVED, codes.TERMINAL_COVER_CLOSED, 0.0),
    Subject.MAGNET: _Rule(codes.DC_FIELD, codes.DC_FIELD_ENDED, 1.0),
}


@dataclass(slots=True)
class Account:
    """The account of one subject: `began` is aware, durations in seconds."""

    active: bool = False
    count: int = 0
    began: datetime | None = None
    duration_s: float = 0.0
    total_s: float = 0.0
    _differs_s: float = 0.0

    def step(self, sensed: bool, settle_s: float, at: datetime, elapsed_s: float) -> bool:
        """Take a reading; whether the subject changes now, after `settle_s` of agreement."""
        if self.active:
            self.duration_s += elapsed_s
            self.total_s += elapsed_s
        if sensed is self.active:
            self._differs_s = 0.0
            return False
        self._differs_s += elapsed_s
        if self._differs_s < settle_s:
            return False
        self._differs_s = 0.0
        self.active = sensed
        if sensed:
            self.count += 1
            self.began = at
            self.duration_s = 0.0
        return True


class Tamper:
    """All subjects; an event is given once when a state begins, and once when it ends."""

    def __init__(self) -> None:
        self.accounts = {subject: Account() for subject in Subject}

    def step(
        self, sensed: Mapping[Subject, bool], at: datetime, elapsed_s: float
    ) -> tuple[int, ...]:
        """The event codes of what began or ended by the aware time `at`."""
        events = []
        for subject, account in self.accounts.items():
            rule = RULES[subject]
            if account.step(sensed[subject], rule.settle_s, at, elapsed_s):
                events.append(rule.begins if account.active else rule.ends)
        return tuple(events)

    def snapshot(self) -> list[int | str]:
        """What has to survive a power cut: five values a subject."""
        kept: list[int | str] = []
        for account in self.accounts.values():
            began = account.began.isoformat() if account.began else ""
            kept += [int(account.active), account.count, began]
            kept += [int(account.duration_s), int(account.total_s)]
        return kept

    def restore(self, kept: list[int | str]) -> None:
        """Stand where `snapshot` stood."""
        for index, account in enumerate(self.accounts.values()):
            active, count, began, duration_s, total_s = kept[5 * index : 5 * index + 5]
            account.active, account.count = bool(active), int(count)
            account.began = datetime.fromisoformat(str(began)) if began else None
            account.duration_s, account.total_s = float(duration_s), float(total_s)
