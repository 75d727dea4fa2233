"""What is known now of each service point: contact, newest values, the last ten minutes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import datetime
from statistics import median
from typing import Final

from addad.headend.payloads import Contact, History, Live, LiveState, Relay, Value, iso

HISTORY_S: Final = 600
MAX_STAGES: Final = 400
OK, STALE, NONE = "ok", "stale", "none"

_NEXT: Final[dict[tuple[str, str], str]] = {
    (OK, "answered"): OK,
    (OK, "late"): STALE,
    (OK, "lost"): NONE,
    (STALE, "answered"): OK,
    (STALE, "late"): STALE,
    (STALE, "lost"): NONE,
    (NONE, "answered"): OK,
    (NONE, "late"): NONE,
    (NONE, "lost"): NONE,
}
"""{(contact, event): contact}: a meter that is lost does not become merely late."""

_COLUMNS: Final = 9
_Point = tuple[int, tuple[Value, ...]]


class PlaceState:
    """One service point as it stands now."""

    def __init__(self, since: datetime) -> None:
        self.contact = Contact(state=NONE, since=iso(since), reason="not asked yet")
        self.latest: Live | None = None
        self.relay: Relay | None = None
        self._history: deque[_Point] = deque(maxlen=HISTORY_S)
        self._stages: deque[dict[str, float]] = deque(maxlen=MAX_STAGES)

    def contact_after(self, happening: str, now: datetime, reason: str = "") -> Contact | None:
        """Take in that the meter `answered`, is `late` or `lost`; the contact if it has changed."""
        state = _NEXT[self.contact["state"], happening]
        same = state == self.contact["state"]
        if same and reason == self.contact["reason"]:
            return None
        since = self.contact["since"] if same else iso(now)
        self.contact = Contact(state=state, since=since, reason=reason)
        return self.contact

    def take(self, live: Live, at_s: int) -> None:
        """Keep the newest values, and one of each second for the chart."""
        self.latest = live
        if live["relay"] is not None:
            self.relay = live["relay"]
        self._stages.append(live["stages_ms"])
        if self._history and self._history[-1][0] >= at_s:
            return
        pv_w = live["site"]["pv_w"] if live["site"] else None
        totals = (live["p_total"], live["q_total"])
        self._history.append((at_s, (*totals, *live["u"][:3], *live["i"][:3], pv_w)))

    def forget_live(self) -> None:
        """Nothing is known of now: old values must not look new."""
        self.latest = None

    def show(self, now_s: int) -> LiveState:
        """The newest values and the columns of the last ten minutes, gaps as empty points."""
        points = _gapped([point for point in self._history if point[0] > now_s - HISTORY_S])
        p_total, q_total, u1, u2, u3, i1, i2, i3, pv_w = (
            [values[column] for _, values in points] for column in range(_COLUMNS)
        )
        history = History(
            at=[at_s for at_s, _ in points],
            p_total=p_total,
            q_total=q_total,
            u1=u1,
            u2=u2,
            u3=u3,
            i1=i1,
            i2=i2,
            i3=i3,
            pv_w=pv_w,
        )
        return LiveState(latest=self.latest, contact=self.contact, history=history)

    def stage_medians_ms(self) -> dict[str, float]:
        """How long a value takes from stage to stage, median of the last ones [ms]."""
        stages = [one for one in self._stages if one]
        names = list(dict.fromkeys(name for one in stages for name in one))
        return {name: median(one[name] for one in stages if name in one) for name in names}


class LiveBoard:
    """The states of all service points, by id."""

    def __init__(self) -> None:
        self._states: dict[str, PlaceState] = {}

    def state(self, place: str, now: datetime) -> PlaceState:
        """The state of a service point, begun when it is first asked for."""
        return self._states.setdefault(place, PlaceState(now))


def _gapped(points: Iterable[_Point]) -> list[_Point]:
    """An empty point in each pause of contact, so that no line bridges it."""
    found: list[_Point] = []
    for point in points:
        if found and point[0] - found[-1][0] > 30:
            found.append((found[-1][0] + 1, (None,) * _COLUMNS))
        found.append(point)
    return found
