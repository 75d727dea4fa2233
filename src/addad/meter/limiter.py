"""Cut-off above the contracted power: a threshold, two durations, and a patient reclosing.

Behaves as the Blue Book's limiter (class 71) does between its normal threshold and its actions; the
reclosing follows the parameters that a public meter manual names.
"""

from __future__ import annotations

from enum import Enum
from typing import Final, NamedTuple

from addad.errors import InputError

MAX_THRESHOLD_W: Final = 10_000_000
MAX_DURATION_S: Final = 86_400


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


class Limiter:
    """Watches one power [W] against `threshold_w`; durations in whole seconds.

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
        self.threshold_w = 0
        self.over_s = 0
        self.under_s = under_s
        self.reclosing = reclosing
        self.exceeded = False
        self.attempts = 0
        self._tripped = False
        self._over_for_s = 0.0
        self._under_for_s = 0.0
        self._since_trip_s = 0.0
        self._awake = False
        self.configure(threshold_w, over_s)

    def configure(self, threshold_w: int, over_s: int) -> bool:
        """Set threshold [W] and duration [s]; whether anything changed. The timers start anew.

        Raises `InputError` for a value out of range.
        """
        if not 0 <= threshold_w <= MAX_THRESHOLD_W:
            raise InputError(
                f"a contracted power must be 0..{MAX_THRESHOLD_W} W, not {threshold_w}"
            )
        if not 0 <= over_s <= MAX_DURATION_S:
            raise InputError(f"a duration must be 0..{MAX_DURATION_S} s, not {over_s}")
        changed = (threshold_w, over_s) != (self.threshold_w, self.over_s)
        if changed:
            self.threshold_w, self.over_s = threshold_w, over_s
            self._over_for_s = self._under_for_s = 0.0
        return changed

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
            if not self.exceeded and _reached(self._over_for_s, self.over_s):
                self.exceeded = True
                actions.append(LimiterAction.OVER)
        else:
            self._over_for_s = 0.0
            self._under_for_s += elapsed_s
            if self.exceeded and _reached(self._under_for_s, self.under_s):
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
        return [self.threshold_w, self.over_s, self.attempts, int(self._tripped)]

    def restore(self, kept: list[int | str]) -> None:
        """Stand where `snapshot` stood; all timers start anew."""
        threshold_w, over_s, attempts, tripped = map(int, kept)
        self.configure(threshold_w, over_s)
        self.attempts, self._tripped = attempts, bool(tripped)


def _reached(sum_s: float, limit_s: float) -> bool:
    """Whether a sum of window lengths has come to a limit, but for rounding."""
    return sum_s >= limit_s - 1e-6
