"""What people do to the meter and its house: a scenario, and what is typed while it runs."""

from __future__ import annotations

from datetime import datetime

from addad.world.scenario import Conditions, Scenario


class Deeds:
    """A scenario that grows; its moments count from the first look."""

    def __init__(self, scenario: Scenario | None = None) -> None:
        self._scenario = scenario or Scenario()
        self._start: datetime | None = None
        self._last: datetime | None = None

    def conditions(self, now: datetime) -> Conditions:
        """What holds at an aware time, with the buttons pressed since the last look."""
        if not self._scenario.steps:
            return Conditions()
        start = self._start = self._start or now
        since = self._last or datetime.min.replace(tzinfo=now.tzinfo)
        self._last = now
        return self._scenario.conditions(start, since, now)

    def do(self, text: str, now: datetime) -> None:
        """Do an action at once: `open_cover`, `voltage_dip 0.4 L1`; raises `InputError`."""
        start = self._start = self._start or now
        after_s = max(0.0, (now - start).total_seconds())
        added = Scenario.parse(f"+{after_s:.6f} {text}")
        self._scenario = Scenario((*self._scenario.steps, *added.steps))
