"""What is noticed: an event goes into its log, may raise an alarm, and an alarm is pushed.

One place, so that no part can log without alarming, or alarm without a trace.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from addad.meter.alarms import Alarms
from addad.meter.clock import MeterClock
from addad.meter.door import Door, Offence
from addad.meter.event_codes import (
    ALARM_REGISTER_CLEARED,
    LOG_OF,
    PARAMETERS_CHANGED,
    Log,
)
from addad.meter.event_log import Event, EventLog
from addad.meter.limiter import Limiter
from addad.meter.push import PushAttempt, PushQueue, is_destination
from addad.meter.settings import PushSettings

HOLD_MAX_S: Final = 2.0


class Notices:
    """Logs, alarms and the push queue. `fresh` collects the events since it was last emptied."""

    def __init__(
        self, clock: MeterClock, limiter: Limiter, push: PushSettings, log_rows: int
    ) -> None:
        self.logs = {log: EventLog(log, log_rows) for log in Log}
        self.alarms = Alarms()
        self.queue = PushQueue(push.retries, push.delay_s)
        self.destination = push.destination
        self.fresh: list[Event] = []
        self.door = Door()
        self._held_s = 0.0
        self._clock = clock
        self._limiter = limiter

    def note(self, *codes: int, at: datetime | None = None) -> None:
        """Log event codes at an aware time, or now, in this order."""
        when = self._clock.time if at is None else at
        for code in codes:
            shown = self._clock.date_time(when)
            log = self.logs[LOG_OF[code]]
            self.fresh.append(log.add(code, when, shown, self._limiter.threshold_w))
            if self.alarms.take(code):
                self.queue.request(when)

    def client_failed(
        self, client_sap: int, peer: str, offence: Offence, *, lockable: bool
    ) -> None:
        """A client was refused; see `Door`."""
        told = self.door.failed(client_sap, peer, offence, lockable=lockable)
        if told and self._clock.started:
            self.note(offence.event)

    def clear_log(self, log: Log) -> None:
        """Empty a log but for the entry that says so."""
        when = self._clock.time
        shown = self._clock.date_time(when)
        self.fresh.append(self.logs[log].clear(when, shown, self._limiter.threshold_w))

    def clear_alarm_register(self, register: int, value: int) -> None:
        """Write an alarm register (0 or 1); see `Alarms.clear_register`."""
        if self.alarms.clear_register(register, value):
            self.note(ALARM_REGISTER_CLEARED)

    def clear_alarm_descriptor(self, register: int, value: int) -> None:
        """Write an alarm descriptor (0 or 1); see `Alarms.clear_descriptor`."""
        if self.alarms.clear_descriptor(register, value):
            self.note(ALARM_REGISTER_CLEARED)

    def set_destination(self, to: bytes) -> bool:
        """Push to `host:port` from now on, or nowhere if empty; False for anything else."""
        text = to.decode("ascii", "replace")
        if text and not is_destination(text):
            return False
        if text != self.destination:
            self.destination = text
            self.note(PARAMETERS_CHANGED)
        return True

    def next_push(self, elapsed_s: float) -> PushAttempt | None:
        """The attempt to push that is due, if there is anywhere to push to.

        What is not yet in a log that clients can read waits for it, but not long: an alarm is
        told even if the memory hangs.
        """
        readable = all(log.table.visible == len(log.table) for log in self.logs.values())
        self._held_s = 0.0 if readable else self._held_s + elapsed_s
        if not self.destination or 0.0 < self._held_s < HOLD_MAX_S:
            return None
        return self.queue.step(elapsed_s)

    def take_fresh(self) -> tuple[Event, ...]:
        """The events since the last call."""
        fresh = tuple(self.fresh)
        self.fresh.clear()
        return fresh
