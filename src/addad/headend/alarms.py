"""What meters tell unasked: a push becomes event rows, and sends the collector to the event logs.

A plain push proves nothing about who sent it, so it is shown as an alarm and believed only as far
as the meter's own logs, read over its association, bear it out. Of a meter whose push keys are
known a plain one is refused; one under the keys is that meter's, once, and its counter is durable
before anything is done.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Final

from addad.dlms.apdu.notification import DataNotification
from addad.dlms.clock_time import DateTime
from addad.dlms.data import Data, Tag
from addad.dlms.security.context import SecurityContext
from addad.errors import DecodeError, LinkError, SecurityError, SecurityFault, StorageError
from addad.headend import event_words
from addad.headend.collector import Collector, event_payload
from addad.headend.link import elements, number, text
from addad.headend.office import Office
from addad.headend.profile_buffer import EVENT_MARGIN
from addad.headend.push_door import PushDoor
from addad.headend.store import events
from addad.headend.store.events import MeterEvent
from addad.net.push_reader import ReceivedPush
from addad.reader.received_counters import Taken

logger = logging.getLogger(__name__)

MAX_WAITING: Final = 1000
MAX_VALUES: Final = 64
ALARM_LOG: Final = "alarm"
BITS: Final = 32
MAX_ALARMS_PER_HOUR: Final = 120
"""Alarms of one meter that are stored; who floods is still followed up in the meter's own logs."""
HOUR_S: Final = 3600.0

FindCollector = Callable[[Iterable[str]], Collector | None]
CollectorOf = Callable[[int], Collector | None]


@dataclass(frozen=True)
class _Waiting:
    """A push, whose meter may be out of service, and the counters that came with it."""

    collector: Collector | None
    notification: DataNotification
    taken: dict[str, Taken]


@dataclass(frozen=True)
class _Refused:
    """A plain push in the name of a meter whose pushes are protected."""

    collector: Collector
    peer: str


class Alarms:
    """Takes pushes in, in the order of their coming; `run()` is its task.

    `find` gives the collector of the meter that one of some names is, `of_meter` that of a meter.
    """

    def __init__(
        self, office: Office, door: PushDoor, find: FindCollector, of_meter: CollectorOf
    ) -> None:
        self._office = office
        self._door = door
        self._find = find
        self._of_meter = of_meter
        self._waiting: asyncio.Queue[_Waiting | _Refused] = asyncio.Queue(MAX_WAITING)
        self._told_at_s: dict[int, deque[float]] = {}
        self._refused_at_s: dict[int, float] = {}

    def security_of(self, title: bytes | None, peer: str) -> SecurityContext | None:
        """What opens the pushes of a title; `LinkError` before its counter is taken in vain."""
        self._check_room(peer)
        return self._door.security_of(title)

    def take(self, push: ReceivedPush) -> None:
        """Queue what came; above the limit raises `LinkError`, so that the meter repeats it.

        Raises `DecodeError` for what is no data, `SecurityError` for a push that proves less than
        its meter's pushes do.
        """
        notification = push.notification
        if not isinstance(notification, DataNotification):
            raise DecodeError(f"a {type(notification).__name__} where data is pushed")
        if push.title is not None:
            self._take_protected(push.title, push, notification)
            return
        self._check_room(push.peer)
        collector = self._find(filter(None, map(text, _values(notification))))
        if collector is None:
            logger.warning("%s: push of an unknown meter ignored", push.peer)
            return
        meter = collector.placement.meter
        if self._door.protects(meter.id):
            self._note_refused(collector, push.peer)
            raise SecurityError(
                f"a plain push in the name of meter {meter.serial}, whose push keys are known",
                SecurityFault.POLICY,
            )
        self._waiting.put_nowait(_Waiting(collector, notification, {}))

    def _take_protected(
        self, title: bytes, push: ReceivedPush, notification: DataNotification
    ) -> None:
        taken = self._door.drain(title)
        if push.broadcast:
            raise SecurityError("a push under the key of a group", SecurityFault.POLICY)
        meter_id = self._door.meter_of(title)
        collector = None if meter_id is None else self._of_meter(meter_id)
        if collector is None:
            logger.warning("%s: push of a meter out of service ignored", push.peer)
        self._waiting.put_nowait(_Waiting(collector, notification, taken))

    def _check_room(self, peer: str) -> None:
        if self._waiting.full():
            raise LinkError(f"push from {peer} refused: {MAX_WAITING} are waiting")

    def _note_refused(self, collector: Collector, peer: str) -> None:
        """Anybody can send plain pushes, so that only one an hour becomes an event."""
        meter_id = collector.placement.meter.id
        now_s = asyncio.get_running_loop().time()
        if now_s - self._refused_at_s.get(meter_id, -HOUR_S) >= HOUR_S:
            self._refused_at_s[meter_id] = now_s
            self._waiting.put_nowait(_Refused(collector, peer))

    async def run(self) -> None:
        """Work through what comes until cancelled."""
        while True:
            one = await self._waiting.get()
            try:
                if isinstance(one, _Refused):
                    await self._store_refused(one)
                else:
                    await self._note(one)
            except (StorageError, SecurityError) as error:
                logger.error("push not stored: %s", error)
            except Exception:
                logger.exception("a push could not be worked on")

    async def _note(self, one: _Waiting) -> None:
        office = self._office
        if one.taken:
            await office.stored(self._door.keep, one.taken)
        if one.collector is None:
            return
        values = list(_values(one.notification))
        told = alarms_in(values, _moment(one.notification, values, office.now()))
        one.collector.notice()
        meter_id = one.collector.placement.meter.id
        count = await self._store(one.collector, self._within_limits(meter_id, told))
        self._told_at_s[meter_id].extend([asyncio.get_running_loop().time()] * count)

    async def _store_refused(self, one: _Refused) -> None:
        meaning = event_words.HEAD_END_EVENTS[event_words.PLAIN_PUSH]
        event = MeterEvent(
            self._office.now(),
            event_words.HEAD_END_LOG,
            event_words.PLAIN_PUSH,
            meaning.severity,
            meaning.text,
            f"from {one.peer}",
        )
        await self._store(one.collector, [event])

    async def _store(self, collector: Collector, told: list[MeterEvent]) -> int:
        """Store what is new and show it; how many that were."""
        office = self._office
        place, meter_id = collector.place.id, collector.placement.meter.id
        stored = await office.stored(
            events.save_events, office.store, meter_id, place, told, office.now()
        )
        for one in stored:
            office.hub.publish(place, "event", event_payload(one))
        return len(stored)

    def _within_limits(self, meter_id: int, told: list[MeterEvent]) -> list[MeterEvent]:
        """Anybody can push in a meter's name, and must not fill the store with it."""
        now_s = asyncio.get_running_loop().time()
        times = self._told_at_s.setdefault(meter_id, deque())
        while times and times[0] < now_s - HOUR_S:
            times.popleft()
        room = MAX_ALARMS_PER_HOUR - len(times)
        if len(told) > room:
            logger.warning("meter %d: too many alarms pushed; see its own logs", meter_id)
        return told[: max(0, room)]


def alarms_in(values: Iterable[Data], at: datetime) -> list[MeterEvent]:
    """The alarms that a push tells: its first 32-bit value is alarm descriptor 1, its second 2."""
    registers = [
        bits
        for value in values
        if value.tag == Tag.DOUBLE_LONG_UNSIGNED and (bits := number(value)) is not None
    ]
    return [
        MeterEvent(
            at,
            ALARM_LOG,
            (register - 1) * BITS + bit,
            meaning.severity,
            meaning.text,
            f"alarm descriptor {register} = {bits:08X}",
        )
        for register, bits in enumerate(registers[:2], 1)
        for bit, meaning in event_words.raised(register, bits)
    ]


def _values(notification: DataNotification) -> Iterator[Data]:
    return islice(_flat(notification.body), MAX_VALUES)


def _flat(data: Data) -> Iterator[Data]:
    parts = elements(data)
    if not parts:
        yield data
    for part in parts:
        yield from _flat(part)


def _moment(notification: DataNotification, values: Iterable[Data], now: datetime) -> datetime:
    """When the meter says it happened, if that is near; else now."""
    for moment in (notification.moment, *map(_clock, values)):
        try:
            at = None if moment is None else moment.to_datetime(UTC).astimezone(UTC)
        except (DecodeError, OverflowError):
            continue
        if at is not None and abs(at - now) < EVENT_MARGIN:
            return at
    return now


def _clock(value: Data) -> DateTime | None:
    if isinstance(value.value, bytes) and len(value.value) == 12:
        try:
            return DateTime.decode(value.value)
        except DecodeError:
            return None
    return value.value if isinstance(value.value, DateTime) else None
