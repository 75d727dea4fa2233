"""When the meter calls its head end by itself, and whom: what the table's Auto connect says.

Blue Book: class 29. Over TCP there are the modes 0 and 101 to 104; a window whose ends leave year,
month, day or hour open recurs. The calls themselves are made outside the meter.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from addad.cosem.classes.definitions import CommunicationWindow
from addad.cosem.classes.modem import AutoConnect, AutoConnectMode
from addad.dlms.clock_time import DateTime
from addad.meter.attribute_store import AttributeStore
from addad.meter.clock import MeterClock
from addad.meter.object_model import ObjectModel
from addad.meter.push import is_destination
from addad.obis import Obis

TCP_MODES: Final = frozenset(
    (
        AutoConnectMode.NO_AUTO_CONNECT,
        AutoConnectMode.PERMANENT,
        AutoConnectMode.PERMANENT_IN_WINDOW,
        AutoConnectMode.ON_INVOCATION_IN_WINDOW,
        AutoConnectMode.ON_INVOCATION,
    )
)
DESTINATIONS_MAX: Final = 16
WINDOWS_MAX: Final = 16


class CallSettings(NamedTuple):
    """What a client has set: destinations are `host:port`, tried in order."""

    mode: AutoConnectMode = AutoConnectMode.NO_AUTO_CONNECT
    repetitions: int = 0
    repetition_delay_s: int = 0
    windows: tuple[CommunicationWindow, ...] = ()
    destinations: tuple[str, ...] = ()

    @property
    def ever(self) -> bool:
        """Whether there is anybody to call."""
        return self.mode is not AutoConnectMode.NO_AUTO_CONNECT and bool(self.destinations)


def are_destinations(written: Sequence[bytes]) -> bool:
    """Whether each is `host:port`, and they are not too many."""
    texts = [one.decode("ascii", "replace") for one in written]
    return len(texts) <= DESTINATIONS_MAX and all(is_destination(text) for text in texts)


def in_window(window: CommunicationWindow, now: datetime) -> bool:
    """Whether local time `now` lies in a window; what either end leaves open does not count."""
    start, end = window
    if start.weekday is not None and start.weekday != now.isoweekday():
        return False
    moment = DateTime.from_datetime(now)
    fields = [
        triple
        for triple in zip(_fields(start), _fields(moment), _fields(end), strict=True)
        if None not in triple
    ]
    if not fields:
        return True
    first, at, last = ([triple[place] or 0 for triple in fields] for place in range(3))
    return first <= at < last if first <= last else at >= first or at < last


def _fields(time: DateTime) -> tuple[int | None, ...]:
    return (time.year, time.month, time.day, time.hour, time.minute, time.second)


class Calling:
    """The table's Auto connect, if it has one; without it the meter calls nobody."""

    def __init__(self, model: ObjectModel, store: AttributeStore, clock: MeterClock) -> None:
        rows = [row for row in model.rows if row.interface_class.class_id == AutoConnect.class_id]
        self._name: Obis | None = rows[0].logical_name if rows else None
        self._store = store
        self._clock = clock
        self._invoked = False

    @property
    def settings(self) -> CallSettings:
        """What holds now."""
        name = self._name
        if name is None:
            return CallSettings()
        mode, repetitions, delay, windows, destinations = (
            self._store.read(name, attribute.index)
            for attribute in (
                AutoConnect.mode,
                AutoConnect.repetitions,
                AutoConnect.repetition_delay,
                AutoConnect.calling_window,
                AutoConnect.destination_list,
            )
        )
        texts = AutoConnect.destination_list.type.decode(destinations)
        return CallSettings(
            AutoConnect.mode.type.decode(mode),
            AutoConnect.repetitions.type.decode(repetitions),
            AutoConnect.repetition_delay.type.decode(delay),
            AutoConnect.calling_window.type.decode(windows),
            tuple(text.decode("ascii", "replace") for text in texts),
        )

    def connect(self) -> None:
        """Somebody asks the meter to call now."""
        self._invoked = True

    def take_invocation(self) -> bool:
        """Whether somebody has asked since the last look."""
        invoked, self._invoked = self._invoked, False
        return invoked

    def in_window(self) -> bool:
        """Whether this moment lies in a calling window; without windows every moment does."""
        windows = self.settings.windows
        now = self._clock.local()
        return not windows or any(in_window(window, now) for window in windows)
