"""What meters tell unasked: a push becomes event rows, and sends the collector to the event logs.

A push proves nothing about who sent it, so it is shown as an alarm and believed only as far as the
meter's own logs, read over its association, bear it out.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Final

from addad.dlms.apdu.notification import DataNotification
from addad.dlms.clock_time import DateTime
from addad.dlms.data import Data, Tag
from addad.errors import DecodeError, LinkError, StorageError
from addad.headend import event_words
from addad.headend.collector import Collector, event_payload
from addad.headend.link import elements, number, text
from addad.headend.office import Office
from addad.headend.profile_buffer import EVENT_MARGIN
from addad.headend.store import events
from addad.headend.store.events import MeterEvent

logger = logging.getLogger(__name__)

MAX_WAITING: Final = 1000
MAX_VALUES: Final = 64
ALARM_LOG: Final = "alarm"
BITS: Final = 32
MAX_ALARMS_PER_HOUR: Final = 120
"""Alarms of one meter that are stored; who floods is still followed up in the meter's own logs."""
HOUR_S: Final = 3600.0

FindCollector = Callable[[Iterable[str]], Collector | None]


class Alarms:
    """Takes notifications in, in the order of their coming; `run()` is its task."""

    def __init__(self, office: Office, find: FindCollector) -> None:
        self._office = office
        self._find = find
        self._waiting: asyncio.Queue[DataNotification] = asyncio.Queue(MAX_WAITING)
        self._told_at_s: dict[int, deque[float]] = {}

    def take(self, peer: object, notification: DataNotification) -> None:
        """Queue what came; above the limit raises `LinkError`, so that the meter repeats it."""
        try:
            self._waiting.put_nowait(notification)
        except asyncio.QueueFull:
            raise LinkError(f"push from {peer} refused: {MAX_WAITING} are waiting") from None

    async def run(self) -> None:
        """Work through what comes until cancelled."""
        while True:
            notification = await self._waiting.get()
            try:
                await self._note(notification)
            except StorageError as error:
                logger.error("push not stored: %s", error)
            except Exception:
                logger.exception("a push could not be worked on")

    async def _note(self, notification: DataNotification) -> None:
        values = list(_flat(notification.body))[:MAX_VALUES]
        collector = self._find(filter(None, map(text, values)))
        if collector is None:
            logger.warning("push of an unknown meter ignored")
            return
        office = self._office
        told = alarms_in(values, _moment(notification, values, office.now()))
        place, meter_id = collector.place.id, collector.placement.meter.id
        collector.notice()
        stored = await office.stored(
            events.save_events,
            office.store,
            meter_id,
            place,
            self._within_limits(meter_id, told),
            office.now(),
        )
        self._told_at_s[meter_id].extend([asyncio.get_running_loop().time()] * len(stored))
        for one in stored:
            office.hub.publish(place, "event", event_payload(one))

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
