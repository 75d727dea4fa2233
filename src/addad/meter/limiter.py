"""Cut-off above the contracted power: two thresholds, two durations, and a patient reclosing.

Behaves as the Blue Book's limiter (class 71) does between its thresholds and its actions; the
reclosing follows the parameters that a public meter manual names.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum
from typing import Final, NamedTuple

from addad.cosem.classes.control import EmergencyProfile
from addad.dlms.clock_time import DateTime
from addad.errors import DecodeError, InputError
from addad.meter.clock import Zone

MAX_THRESHOLD_W: Final = 10_000_000
MAX_DURATION_S: Final = 86_400
MAX_GROUPS: Final = 16
NO_EMERGENCY: Final = EmergencyProfile(0, DateTime(None, None, None), 0)


class LimiterAction(Enum):
    """What the limiter asks for; each once."""

    OVER = "over"
    UNDER = "under"
    RECLOSE = "reclose"


class Reclosing(NamedTuple):
    """After a cut-off: wait, close again, and give up after some attempts.

    `wait_s` is the time in Ready before closing; `calm_s` the time without a new cut-off after
    which the count of attempts starts anew. After `attempts` only a person or the utility closes.
    """

    wait_s: float = 300.0
    attempts: int = 3
    calm_s: float = 1800.0


class LimiterRules(NamedTuple):
    """What a client may set: thresholds [W], durations [s], and when the emergency one holds.

    A threshold of 0 is no limit. `cuts_off`: over the threshold the supply is cut, not only told.
    """

    normal_w: int = 0
    emergency_w: int = 0
    over_s: int = 30
    under_s: int = 10
    emergency: EmergencyProfile = NO_EMERGENCY
    groups: tuple[int, ...] = ()
    cuts_off: bool = True

    def check(self) -> None:
        """Raises `InputError` for a value out of range."""
        for power_w in (self.normal_w, self.emergency_w):
            if not 0 <= power_w <= MAX_THRESHOLD_W:
                raise InputError(
                    f"a contracted power must be 0..{MAX_THRESHOLD_W} W, not {power_w}"
                )
        for duration_s in (self.over_s, self.under_s):
            if not 0 <= duration_s <= MAX_DURATION_S:
                raise InputError(f"a duration must be 0..{MAX_DURATION_S} s, not {duration_s}")
        if len(self.groups) > MAX_GROUPS:
            raise InputError(f"at most {MAX_GROUPS} groups, not {len(self.groups)}")

    def emergency_at(self, now: datetime, zone: Zone) -> bool:
        """Whether the emergency profile holds at an aware time; one with wildcards never does."""
        profile = self.emergency
        if profile.emergency_profile_id not in self.groups:
            return False
        try:
            begin = profile.emergency_activation_time.to_datetime(zone.local(now).tzinfo)
        except DecodeError:
            return False
        return begin <= now < begin + timedelta(seconds=profile.emergency_duration)


class Limiter:
    """Watches one power [W] against the threshold that holds, `threshold_w`.

    Over means above the threshold without interruption for `over_s`; equality is not over. A
    threshold of 0 switches the limiter off. The first value after a start never acts.
    """

    def __init__(
        self,
        threshold_w: int,
        over_s: int = 30,
        under_s: int = 10,
        reclosing: Reclosing | None = None,
    ) -> None:
        self.rules = LimiterRules(threshold_w, threshold_w, over_s, under_s)
        self.rules.check()
        self.emergency_active = False
        self.reclosing = reclosing
        self.exceeded = False
        self.attempts = 0
        self._tripped = False
        self._over_for_s = 0.0
        self._under_for_s = 0.0
        self._since_trip_s = 0.0
        self._awake = False

    @property
    def threshold_w(self) -> int:
        """The threshold that holds now."""
        return self.rules.emergency_w if self.emergency_active else self.rules.normal_w

    def configure(self, rules: LimiterRules) -> bool:
        """Follow other rules; whether anything changed. Then the timers start anew.

        Raises `InputError` for a value out of range.
        """
        rules.check()
        if rules == self.rules:
            return False
        self.rules = rules
        self._over_for_s = self._under_for_s = 0.0
        return True

    def look(self, now: datetime, zone: Zone) -> bool:
        """Whether an emergency begins or ends at this aware time: then another threshold holds."""
        active = self.rules.emergency_at(now, zone)
        if active == self.emergency_active:
            return False
        self.emergency_active = active
        self._over_for_s = self._under_for_s = 0.0
        return True

    def step(self, power_w: float, elapsed_s: float) -> tuple[LimiterAction, ...]:
        """Take the power of the last `elapsed_s` seconds; what is to be done now."""
        if not self._awake:
            self._awake = True
            return ()
        over = self.threshold_w > 0 and power_w > self.threshold_w
        actions: list[LimiterAction] = []
        if over:
            self._under_for_s = 0.0
            self._over_for_s += elapsed_s
            if not self.exceeded and _reached(self._over_for_s, self.rules.over_s):
                self.exceeded = True
                actions.append(LimiterAction.OVER)
        else:
            self._over_for_s = 0.0
            self._under_for_s += elapsed_s
            if self.exceeded and _reached(self._under_for_s, self.rules.under_s):
                self.exceeded = False
                actions.append(LimiterAction.UNDER)
        self._since_trip_s += elapsed_s
        if self._reclose_due():
            actions.append(LimiterAction.RECLOSE)
        return tuple(actions)

    def tripped(self) -> None:
        """The relay has opened on the limiter's word: the wait before reclosing begins."""
        self._tripped = True
        self._since_trip_s = 0.0

    def released(self) -> None:
        """The relay has been moved by somebody else: the limiter no longer closes it."""
        self._tripped = False
        self.attempts = 0

    def reclosed(self) -> None:
        """The relay has closed on the limiter's word."""
        self._tripped = False
        self.attempts += 1
        self._since_trip_s = 0.0
        self.exceeded = False
        self._over_for_s = 0.0

    def _reclose_due(self) -> bool:
        policy = self.reclosing
        if policy is None:
            return False
        if not self._tripped:
            if self.attempts and self._since_trip_s >= policy.calm_s:
                self.attempts = 0
            return False
        return self.attempts < policy.attempts and _reached(self._since_trip_s, policy.wait_s)

    def snapshot(self) -> list[int | str]:
        """What has to survive a power cut."""
        rules, profile = self.rules, self.rules.emergency
        return [
            rules.normal_w,
            rules.over_s,
            self.attempts,
            int(self._tripped),
            rules.emergency_w,
            rules.under_s,
            int(self.emergency_active),
            int(rules.cuts_off),
            profile.emergency_profile_id,
            profile.emergency_activation_time.encode().hex(),
            profile.emergency_duration,
            *rules.groups,
        ]

    def restore(self, kept: list[int | str]) -> None:
        """Stand where `snapshot` stood; all timers start anew.

        The first four numbers alone are those of a meter that had no emergency threshold yet.
        """
        normal_w, over_s, attempts, tripped = map(int, kept[:4])
        rules = self.rules._replace(normal_w=normal_w, emergency_w=normal_w, over_s=over_s)
        if len(kept) > 4:
            emergency_w, under_s, active, cuts_off, number = map(int, kept[4:9])
            begin = DateTime.decode(bytes.fromhex(str(kept[9])))
            rules = LimiterRules(
                normal_w,
                emergency_w,
                over_s,
                under_s,
                EmergencyProfile(number, begin, int(kept[10])),
                tuple(map(int, kept[11:])),
                bool(cuts_off),
            )
            self.emergency_active = bool(active)
        self.configure(rules)
        self.attempts, self._tripped = attempts, bool(tripped)


def _reached(sum_s: float, limit_s: float) -> bool:
    """Whether a sum of window lengths has come to a limit, but for rounding."""
    return sum_s >= limit_s - 1e-6
