"""What people do to the meter and its house: a scenario, and what is typed while it runs."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from addad.world.scenario import Conditions, Scenario


class Deeds:
    """A scenario that grows; its moments count from the first look.

    `scene` (aware) is what the house's clock shows at that look, and a time of day is meant by it;
    without a scene it is meant by the clock of whoever looks.
    """

    def __init__(self, scenario: Scenario | None = None, scene: datetime | None = None) -> None:
        self._scenario = scenario or Scenario()
        self._scene = scene
        self._first: datetime | None = None
        self._last: datetime | None = None

    def conditions(self, now: datetime) -> Conditions:
        """What holds at an aware time, with the buttons pressed since the last look."""
        first = self._first = self._first or now
        since, self._last = self._last, now
        if not self._scenario.steps:
            return Conditions()
        start = first if self._scene is None else self._scene
        start = start.astimezone(timezone(start.utcoffset() or timedelta(0)))
        before = start - timedelta(seconds=1) if since is None else start + (since - first)
        return self._scenario.conditions(start, before, start + (now - first))

    def do(self, text: str, now: datetime) -> None:
        """Do an action at once: `open_cover`, `voltage_dip 0.4 L1`; raises `InputError`."""
        first = self._first = self._first or now
        after_s = max(0.0, (now - first).total_seconds())
        added = Scenario.parse(f"+{after_s:.6f} {text}")
        self._scenario = Scenario((*self._scenario.steps, *added.steps))
