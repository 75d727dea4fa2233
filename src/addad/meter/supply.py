"""The customer's supply: the relay with everything that moves it and watches over it.

Remote commands, the button, the limiter and its reclosing all end here, one after the other, so
that the order in the log is the order in which they were applied.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from addad.meter import event_codes as codes
from addad.meter.clock import Zone
from addad.meter.limiter import Limiter, LimiterAction
from addad.meter.relay import Answer, ContactWatch, Outcome, Relay, Trigger
from addad.meter.settings import SupplySettings


class Buttons(NamedTuple):
    """What a person at the meter holds down."""

    reconnect: bool = False
    disconnect: bool = False


class Supply:
    """Relay, limiter and contact watch, stepped together. Gives event codes, in order."""

    def __init__(self, settings: SupplySettings) -> None:
        self.relay = Relay(settings.mode, limits=settings.limits)
        self.limiter = Limiter(
            settings.contracted_power_w, settings.over_s, settings.under_s, settings.reclosing
        )
        self.watch = ContactWatch()
        self._sensed: bool | None = None
        self._held = Buttons()
        self._uptime_s = 0.0

    @property
    def contact_closed(self) -> bool:
        """Where the contact stands; without a sensor, where it is driven to."""
        return self.relay.closed if self._sensed is None else self._sensed

    def request(self, trigger: Trigger) -> Outcome:
        """Somebody other than the limiter asks; see `Relay.request`."""
        outcome = self.relay.request(trigger, self._uptime_s)
        if outcome.answer is Answer.DONE:
            self.limiter.released()
        return outcome

    def press(self, buttons: Buttons) -> tuple[int, ...]:
        """The buttons as they are now; a press counts once."""
        before, self._held = self._held, buttons
        events: tuple[int, ...] = ()
        if buttons.disconnect and not before.disconnect:
            events += self.request(Trigger.MANUAL_DISCONNECT).events
        if buttons.reconnect and not before.reconnect:
            events += self.request(Trigger.MANUAL_RECONNECT).events
        return events

    def look(self, now: datetime, zone: Zone) -> Iterator[int]:
        """An emergency of the limiter begins or ends at this aware time."""
        if self.limiter.look(now, zone):
            yield codes.LIMITER_CHANGED

    def limit(self, power_w: float, duration_s: float) -> Iterator[int]:
        """One window's power [W] for the limiter."""
        for action in self.limiter.step(power_w, duration_s):
            if action is LimiterAction.OVER:
                yield codes.LIMITER_EXCEEDED
                if not self.limiter.rules.cuts_off:
                    continue
                outcome = self.relay.request(Trigger.LOCAL_DISCONNECT, self._uptime_s)
                if outcome.answer is Answer.DONE:
                    self.limiter.tripped()
                yield from outcome.events
            elif action is LimiterAction.UNDER:
                yield codes.LIMITER_OK
            else:
                outcome = self.relay.request(Trigger.LOCAL_RECONNECT, self._uptime_s)
                if outcome.answer is Answer.DONE:
                    self.limiter.reclosed()
                elif outcome.answer is Answer.NOT_ALLOWED:
                    self.limiter.released()
                yield from outcome.events

    def step(self, *, contact_closed: bool | None, load: bool, elapsed_s: float) -> tuple[int, ...]:
        """Time passes; whether the contact obeys."""
        self._uptime_s += elapsed_s
        self._sensed = contact_closed
        begins = self.watch.step(
            closed=self.relay.closed, contact_closed=contact_closed, load=load, elapsed_s=elapsed_s
        )
        return (codes.RELAY_FAILURE,) if begins else ()
