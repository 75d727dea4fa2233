"""A timeline of what is done to a meter and its house: at 12:00 open the cover.

`Scenario.parse("12:00 open_cover, 12:05 close_cover, +90 voltage_loss L1")`: a moment, an action,
its words. Moments are a time of day in the zone of the start, the first at or after the start, or
`+` seconds (or `+MM:SS`) after it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from addad.errors import InputError

Triple = tuple[float, float, float]

_ALL = ("L1", "L2", "L3")
STEPS_MAX = 10_000
_SEPARATORS = re.compile(r"[,;\n]")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_AFTER = re.compile(r"\+(?:(\d{1,6}):)?(\d{1,9}(?:\.\d{1,6})?)s?")


@dataclass(frozen=True, slots=True)
class Conditions:
    """What is done to meter and house at a moment.

    `voltage` is the share of each phase's voltage that is left, `extra_load_w` a load more in each
    phase [W]. Buttons are true when they were pressed since the last look.
    """

    cover_open: bool = False
    terminal_cover_open: bool = False
    magnet: bool = False
    manual_reconnect: bool = False
    manual_disconnect: bool = False
    voltage: Triple = (1.0, 1.0, 1.0)
    extra_load_w: Triple = (0.0, 0.0, 0.0)


Change = Callable[[Conditions], Conditions]

LEVERS: Mapping[str, Change] = {
    "open_cover": lambda c: replace(c, cover_open=True),
    "close_cover": lambda c: replace(c, cover_open=False),
    "open_terminal_cover": lambda c: replace(c, terminal_cover_open=True),
    "close_terminal_cover": lambda c: replace(c, terminal_cover_open=False),
    "apply_magnet": lambda c: replace(c, magnet=True),
    "remove_magnet": lambda c: replace(c, magnet=False),
}
BUTTONS: Mapping[str, Change] = {
    "manual_reconnect": lambda c: replace(c, manual_reconnect=True),
    "manual_disconnect": lambda c: replace(c, manual_disconnect=True),
}
# action: the field, and its number unless a number is to be said
QUANTITIES: Mapping[str, tuple[str, float | None]] = {
    "voltage_loss": ("voltage", 0.0),
    "voltage_dip": ("voltage", None),
    "voltage_return": ("voltage", 1.0),
    "extra_load": ("extra_load_w", None),
    "remove_load": ("extra_load_w", 0.0),
}
ACTIONS: tuple[str, ...] = (*LEVERS, *BUTTONS, *QUANTITIES)


class Step(NamedTuple):
    """One action: `clock_s` of the day, or `after_s` from the start; number and phases it takes."""

    clock_s: float | None
    after_s: float
    action: str
    number: float
    phases: tuple[str, ...]

    def moment(self, start: datetime) -> datetime:
        """When it happens in a scenario that begins at `start` (aware)."""
        if self.clock_s is None:
            return start + timedelta(seconds=self.after_s)
        midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
        moment = midnight + timedelta(seconds=self.clock_s)
        return moment if moment >= start else moment + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Scenario:
    """Steps in the order they were written; at equal moments the later one counts."""

    steps: tuple[Step, ...] = ()

    def __post_init__(self) -> None:
        if len(self.steps) > STEPS_MAX:
            raise InputError(f"a scenario of {len(self.steps)} steps; {STEPS_MAX} are possible")

    @classmethod
    def parse(cls, text: str) -> Scenario:
        """Read "MOMENT ACTION [NUMBER] [PHASES]" parted by commas or lines; # begins a comment.

        Raises InputError that names the step and says what is possible.
        """
        lines = (line.split("#", 1)[0] for line in text.splitlines())
        entries = [entry.strip() for line in lines for entry in _SEPARATORS.split(line)]
        return cls(tuple(_step(entry) for entry in entries if entry))

    def conditions(self, start: datetime, since: datetime, now: datetime) -> Conditions:
        """What holds at `now`, with the buttons pressed after `since` and up to `now`.

        All are aware; `start` is where the scenario begins, and `since` the last look (a button
        pressed at the very start is seen by a first look with `since` before it).
        """
        found = Conditions()
        timed = sorted(((step.moment(start), n) for n, step in enumerate(self.steps)))
        for moment, index in timed:
            if moment > now:
                break
            found = _applied(found, self.steps[index], pressed=moment > since)
        return found


def _applied(conditions: Conditions, step: Step, *, pressed: bool) -> Conditions:
    if step.action in LEVERS:
        return LEVERS[step.action](conditions)
    if step.action in BUTTONS:
        return BUTTONS[step.action](conditions) if pressed else conditions
    field = QUANTITIES[step.action][0]
    before: Triple = conditions.voltage if field == "voltage" else conditions.extra_load_w
    one, two, three = (
        step.number if phase in step.phases else old
        for phase, old in zip(_ALL, before, strict=True)
    )
    if field == "voltage":
        return replace(conditions, voltage=(one, two, three))
    return replace(conditions, extra_load_w=(one, two, three))


def _step(entry: str) -> Step:
    words = entry.split()
    if len(words) < 2:
        raise InputError(
            f"scenario step '{entry}': write a moment and an action, as 12:00 open_cover"
        )
    clock_s, after_s = _moment(words[0], entry)
    action = words[1]
    if action not in ACTIONS:
        raise InputError(
            f"scenario step '{entry}': no action '{action}'; there are {', '.join(ACTIONS)}"
        )
    number, phases = _words(entry, action, words[2:])
    return Step(clock_s, after_s, action, number, phases)


def _moment(word: str, entry: str) -> tuple[float | None, float]:
    clock = _CLOCK.fullmatch(word)
    if clock:
        hour, minute, second = (int(part or 0) for part in clock.groups())
        if hour < 24 and minute < 60 and second < 60:
            return 3_600.0 * hour + 60.0 * minute + second, 0.0
    after = _AFTER.fullmatch(word)
    if after:
        return None, 60.0 * int(after[1] or 0) + float(after[2])
    raise InputError(
        f"scenario step '{entry}': '{word}' is no moment; write 12:00, 12:00:30 or +90"
    )


def _words(entry: str, action: str, words: list[str]) -> tuple[float, tuple[str, ...]]:
    """The number and the phases that an action takes."""
    if action not in QUANTITIES:
        if words:
            raise InputError(f"scenario step '{entry}': {action} takes no words")
        return 0.0, _ALL
    field, fixed = QUANTITIES[action]
    phases = tuple(word for word in words if word in _ALL) or _ALL
    numbers = [word for word in words if word not in _ALL]
    if fixed is not None and not numbers:
        return fixed, phases
    top = 1.5 if field == "voltage" else 1e6
    if fixed is None and len(numbers) == 1:
        try:
            number = float(numbers[0])
        except ValueError:
            number = -1.0
        if 0.0 <= number <= top:
            return number, phases
    wanted = f"one number from 0 to {top:g}, and " if fixed is None else ""
    raise InputError(
        f"scenario step '{entry}': {action} takes {wanted}some of L1 L2 L3, or none for all"
    )
