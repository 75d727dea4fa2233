"""One meter, kept in contact: live values, registers, profiles, event logs, each in its time.

One association stays open. What is missing is read oldest first in pieces of a day, each stored as
it comes, so that after an outage of either side the gap closes and nothing is doubled. A meter that
is silent or talks garbage is left alone for a while that doubles; it holds up no other.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta, tzinfo
from typing import Final

from addad import obis
from addad.errors import AccessError, InputError, StorageError
from addad.headend import event_words
from addad.headend.inventory import Installation, ServicePoint, stitched, zone
from addad.headend.link import LINK_FAILURES, MeterClient, Target, check_identity
from addad.headend.live import PlaceState
from addad.headend.office import Office
from addad.headend.payloads import Contact, EventRow, iso
from addad.headend.profile_buffer import (
    EVENT_MARGIN,
    Capture,
    Unreadable,
    capture_of,
    read_events,
    read_rows,
)
from addad.headend.readout import Readout, prepare
from addad.headend.store import events, places, readings
from addad.headend.store.events import StoredEvent
from addad.headend.store.places import Placement
from addad.obis import Obis

logger = logging.getLogger(__name__)

FIRST_BACKOFF_S: Final = 1.0
LONGEST_BACKOFF_S: Final = 60.0
PROFILES: Final = (obis.LOAD_PROFILE, obis.DAILY_PROFILE)
PIECE: Final = timedelta(days=1)
LONGEST_GAP: Final = timedelta(days=400)
REREAD_PERIOD_S: Final = 3600
REREAD_SPAN: Final = timedelta(hours=24)
SETTLE_S: Final = 5
SOON_S: Final = 0.001
STALE_PERIODS: Final = 3
PIECE_TIMEOUT_FACTOR: Final = 6

Job = Callable[[MeterClient], Awaitable[float]]


class Collector:
    """Keeps one meter in contact until cancelled; `run()` is its task."""

    def __init__(self, office: Office, place: ServicePoint, placement: Placement) -> None:
        self.office = office
        self.place = place
        self.placement = placement
        self._wake = asyncio.Event()
        self._due: dict[str, float] = {}
        self._readout = Readout((), (), {})
        self._captures: dict[Obis, Capture] = {}
        self._past: list[Installation] = []
        self._progress: dict[Obis, datetime] = {}
        self._trouble: dict[str, str] = {}

    @property
    def state(self) -> PlaceState:
        """What is known now of the service point."""
        return self.office.board.state(self.place.id, self.office.now())

    def attend(self) -> None:
        """Somebody begins to watch: read at once, also when the meter was left alone."""
        self._hurry("live")

    def notice(self) -> None:
        """The meter has pushed: read its event logs at once."""
        self._hurry("events")

    def _hurry(self, name: str) -> None:
        """Let a job be the next, but before none that is due already: haste starves no other."""
        now_s = asyncio.get_running_loop().time()
        self._due[name] = min(self._due.get(name, now_s), now_s)
        self._wake.set()

    async def run(self) -> None:
        """Connect, collect, and begin again after a failure; ends only by cancellation."""
        backoff_s = FIRST_BACKOFF_S
        loop = asyncio.get_running_loop()
        while True:
            began_s = loop.time()
            try:
                await self._visit()
            except LINK_FAILURES as error:
                self._lost(_reason(error))
            except StorageError as error:
                logger.error("meter %s: %s", self.placement.meter.serial, error)
                self._lost(str(error))
            except Exception:
                logger.exception("meter %s: collecting failed", self.placement.meter.serial)
                self._lost("Something failed here; it is in the head end's log")
            if loop.time() - began_s > LONGEST_BACKOFF_S:
                backoff_s = FIRST_BACKOFF_S
            await self._pause(backoff_s)
            backoff_s = min(backoff_s * 2, LONGEST_BACKOFF_S)

    async def _visit(self) -> None:
        office, meter = self.office, self.placement.meter
        sealed = await office.stored(places.get_passwords, office.store, meter.id)
        password = office.vault.open(sealed.reader, meter.serial)
        timeout_s = office.settings.answer_timeout_s
        target = Target(meter.host, meter.port, meter.reader_sap, password, timeout_s)
        async with office.connect(target) as client:
            async with asyncio.timeout(timeout_s * PIECE_TIMEOUT_FACTOR):
                await check_identity(client, meter)
                self._readout = await prepare(client)
                await self._learn_profiles(client)
            self._past = await office.stored(places.installations_at, office.store, self.place.id)
            await self._work(client)

    async def _learn_profiles(self, client: MeterClient) -> None:
        self._captures = {}
        for name in PROFILES:
            try:
                self._captures[name] = await capture_of(client, name)
            except AccessError:
                logger.info("meter %s shows no profile %s", self.placement.meter.serial, name)

    async def _work(self, client: MeterClient) -> None:
        jobs: dict[str, Job] = {
            "live": self._read_live,
            "events": self._read_events,
            "registers": self._read_registers,
            **{str(name): self._profile_job(name) for name in self._captures},
            "reread": self._reread,
        }
        loop = asyncio.get_running_loop()
        self._due = {name: loop.time() for name in jobs}
        self._due["reread"] += REREAD_PERIOD_S
        watch = loop.call_later(self._late_after_s(), self._late)
        try:
            while True:
                name = min(jobs, key=lambda job: self._due[job])
                await self._sleep_until(name)
                name = min(jobs, key=lambda job: self._due[job])
                if self._due[name] > loop.time() + SOON_S:
                    continue
                self._due[name] = retry = loop.time() + LONGEST_BACKOFF_S
                due = await self._do(name, jobs[name], client)
                if self._due[name] == retry:
                    self._due[name] = due or retry
                self._answered()
                watch.cancel()
                watch = loop.call_later(self._late_after_s(), self._late)
        finally:
            watch.cancel()

    async def _do(self, name: str, job: Job, client: MeterClient) -> float | None:
        """Do one job; a store or a buffer that fails is told, and stops no other job."""
        try:
            due = await job(client)
        except (StorageError, InputError, Unreadable) as error:
            logger.error("meter %s: %s", self.placement.meter.serial, error)
            self._trouble[name] = str(error)
            return None
        self._trouble.pop(name, None)
        return due

    async def _sleep_until(self, name: str) -> None:
        self._wake.clear()
        delay = self._due[name] - asyncio.get_running_loop().time()
        if delay > SOON_S:
            await self._pause(delay)

    async def _pause(self, delay_s: float) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), delay_s)
        except TimeoutError:
            return
        self._wake.clear()

    async def _read_live(self, client: MeterClient) -> float:
        due = asyncio.get_running_loop().time() + self._live_period_s()
        now = self.office.now
        installation = self.placement.installation
        async with asyncio.timeout(self.office.settings.answer_timeout_s):
            answers = await self._readout.live(client, float(installation.multiplier))
        received = now()
        live = answers.as_live(received, self._energy(answers.value))
        live["stages_ms"]["head_end"] = (now() - received) / timedelta(milliseconds=1)
        if live["relay"] != self.state.relay:
            self._hurry("events")
        self.state.take(live, int(received.timestamp()))
        self.office.hub.publish(self.place.id, "live", live)
        return due

    async def _read_registers(self, client: MeterClient) -> float:
        office = self.office
        async with asyncio.timeout(office.settings.answer_timeout_s):
            at, found = await self._readout.stored_registers(client, office.now())
        await office.stored(
            readings.save_registers, office.store, self.placement.meter.id, at, found
        )
        return self._next_period(office.settings.register_period_s)

    def _profile_job(self, name: Obis) -> Job:
        async def read(client: MeterClient) -> float:
            office, capture = self.office, self._captures[name]
            now = office.now()
            newest = await office.stored(
                readings.last_row_at_s, office.store, self.placement.meter.id, str(name)
            )
            begin = self.placement.installation.from_
            first = self._resume(name, begin, newest, now)
            last = min(first + PIECE, now + EVENT_MARGIN)
            try:
                await self._store_rows(client, capture, first, last)
            except (Unreadable, InputError):
                self._progress[name] = last
                raise
            if last < now:
                self._progress[name] = last
                return asyncio.get_running_loop().time()
            self._progress.pop(name, None)
            period_s = min(capture.layout.period_s or 900, office.settings.profile_period_s)
            return self._next_period(period_s)

        return read

    def _resume(self, name: Obis, begin: datetime, newest: int | None, now: datetime) -> datetime:
        """Where to go on: after the newest row, or after an empty piece of the same round."""
        first = max(begin, now - LONGEST_GAP)
        if newest is not None:
            first = max(first, places.EPOCH + timedelta(seconds=newest + 1))
        return min(max(first, self._progress.get(name, first)), now)

    async def _reread(self, client: MeterClient) -> float:
        """Read the last day again: rows that came late, or stand behind a clock set back."""
        now = self.office.now()
        begin = max(self.placement.installation.from_, now - REREAD_SPAN)
        for capture in self._captures.values():
            await self._store_rows(client, capture, begin, now + EVENT_MARGIN)
        return asyncio.get_running_loop().time() + REREAD_PERIOD_S

    async def _store_rows(
        self, client: MeterClient, capture: Capture, first: datetime, last: datetime
    ) -> None:
        office = self.office
        async with asyncio.timeout(office.settings.answer_timeout_s * PIECE_TIMEOUT_FACTOR):
            rows = await read_rows(client, capture, first, last, self._zone())
        if rows.at_s.size:
            await office.stored(readings.save_rows, office.store, self.placement.meter.id, rows)

    async def _read_events(self, client: MeterClient) -> float:
        office, meter_id = self.office, self.placement.meter.id
        for name, log in event_words.LOGS.items():
            newest = await office.stored(events.last_event_at, office.store, meter_id, log)
            begin = self.placement.installation.from_
            if newest is not None:
                begin = max(begin, min(newest, office.now() - EVENT_MARGIN))
            try:
                async with asyncio.timeout(office.settings.answer_timeout_s):
                    found = await read_events(
                        client, Obis.parse(name), begin, office.now() + EVENT_MARGIN, self._zone()
                    )
            except AccessError:
                continue
            fresh = await office.stored(
                events.save_events, office.store, meter_id, self.place.id, found, office.now()
            )
            for event in fresh:
                office.hub.publish(self.place.id, "event", event_payload(event))
        return asyncio.get_running_loop().time() + office.settings.event_period_s

    def _energy(self, value: Callable[[Obis], float | None]) -> tuple[int | None, int | None]:
        """The service point's index now, stitched over its installations [Wh]."""
        imported = value(obis.ACTIVE_ENERGY_IMPORT)
        exported = value(obis.ACTIVE_ENERGY_EXPORT)
        if imported is None and exported is None:
            return None, None
        here = self.placement.installation
        index = stitched(self._past, here, int(imported or 0), int(exported or 0))
        return (
            None if imported is None else index.import_wh,
            None if exported is None else index.export_wh,
        )

    def _zone(self) -> tzinfo:
        return zone(self.place.time_zone)

    def _live_period_s(self) -> float:
        settings = self.office.settings
        if self.office.hub.watched(self.place.id):
            return settings.live_period_ms / 1000
        return float(settings.idle_period_s)

    def _late_after_s(self) -> float:
        return max(STALE_PERIODS * self._live_period_s(), 2.0)

    def _next_period(self, period_s: int) -> float:
        """Loop time a little after the next full period of the day, spread over the meters."""
        spread_s = SETTLE_S + self.placement.meter.id % max(1, min(60, period_s // 4))
        left_s = period_s - self.office.now().timestamp() % period_s
        return asyncio.get_running_loop().time() + left_s + spread_s

    def _answered(self) -> None:
        trouble = "; ".join(dict.fromkeys(self._trouble.values()))
        self._tell(self.state.contact_after("answered", self.office.now(), trouble))

    def _late(self) -> None:
        self._tell(self.state.contact_after("late", self.office.now(), "the meter is late"))

    def _lost(self, reason: str) -> None:
        state = self.state
        state.forget_live()
        self._tell(state.contact_after("lost", self.office.now(), reason))

    def _tell(self, contact: Contact | None) -> None:
        if contact is not None:
            logger.info("meter %s: %s %s", self.placement.meter.serial, *contact.values())
            self.office.hub.publish(self.place.id, "contact", contact)


def event_payload(stored: StoredEvent) -> EventRow:
    """An event as it is told to pages and programs."""
    event = stored.event
    return EventRow(
        id=stored.id,
        at=iso(event.at),
        severity=event.severity,
        code=event.code,
        log=event.log,
        text=event.text,
        detail=event.detail,
        received_at=iso(stored.received_at),
    )


def _reason(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "the meter does not answer"
    return str(error) or type(error).__name__
