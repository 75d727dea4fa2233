"""The head end as a whole: one store, a collector a meter, the commands, the listener for pushes.

`start()` and `stop()` bracket its life; what the command line and the pages ask of it is here too.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import secrets
from collections.abc import Callable, Coroutine, Iterable
from datetime import datetime
from pathlib import Path
from typing import IO, Final
from urllib.parse import quote

from addad.errors import InputError, StorageError
from addad.headend import registering
from addad.headend.alarms import Alarms
from addad.headend.collector import Collector
from addad.headend.commands import RelayCommands
from addad.headend.inventory import Registration
from addad.headend.link import Connect, connect_over_tcp
from addad.headend.live import LiveBoard
from addad.headend.office import Office, utc_now
from addad.headend.payloads import Registered
from addad.headend.push_door import PushDoor
from addad.headend.settings import HeadEndSettings
from addad.headend.store import Store, doors, events, places, readings
from addad.headend.store.places import to_us
from addad.headend.stream import Hub, Subscription
from addad.headend.vault import Vault
from addad.net.push import PushListener

logger = logging.getLogger(__name__)

INVENTORY_PERIOD_S: Final = 2.0
SCOPES: Final = ("read", "relay", "admin")
TOKEN_OCTETS: Final = 32


class HeadEnd:
    """A head end on one folder. Opening it reads and writes the folder; nothing runs until start.

    Raises `InputError` for a folder that cannot be used or a database that is not ours,
    `StorageError` when it cannot be written.
    """

    def __init__(
        self,
        settings: HeadEndSettings,
        *,
        connect: Connect = connect_over_tcp,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        folder = settings.data
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = error.strerror or error
            raise InputError(f"{folder} cannot be made: {reason}; give another --data") from error
        store = Store(folder / "headend.db")
        vault = Vault(folder / "headend.key")
        self.office = Office(settings, store, vault, Hub(), LiveBoard(), connect, now)
        self.commands = RelayCommands(self.office)
        self._collectors: dict[int, Collector] = {}
        self._door = PushDoor(store, vault)
        self._alarms = Alarms(self.office, self._door, self._find, self._collectors.get)
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._own_tasks: list[asyncio.Task[None]] = []
        self._listener: PushListener | None = None
        self._lock: IO[bytes] | None = None

    @property
    def settings(self) -> HeadEndSettings:
        """What it was told at its start."""
        return self.office.settings

    @property
    def push_port(self) -> int:
        """Where pushes are listened for, also when port 0 was asked for."""
        return self._listener.port if self._listener else self.settings.push_port

    async def start(self) -> None:
        """Settle what was left open, listen for pushes, begin to collect.

        Raises `InputError` when another head end runs on the folder, `LinkError` when the port for
        pushes is taken.
        """
        self._lock = _lock(self.settings.data)
        await self.commands.settle_unfinished()
        await self._take_stock()
        listener = PushListener(
            self.settings.push_host,
            self.settings.push_port,
            on_push=self._alarms.take,
            security_of=self._alarms.security_of,
        )
        await listener.start()
        self._listener = listener
        self._own_tasks = [_task(self._keep_stock()), _task(self._alarms.run())]

    async def stop(self) -> None:
        """End streams, tasks and the listener, and close the store."""
        self.office.hub.close()
        if self._listener is not None:
            await self._listener.close()
        await self.commands.stop()
        tasks = [*self._own_tasks, *self._tasks.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.close()

    def close(self) -> None:
        """Close the store of a head end that was only opened."""
        self.office.store.close()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def setup_path(self) -> str | None:
        """The one-time link of the first start, as a path; None when there is an account.

        Each call makes a new link and voids the one before it.
        """
        if doors.count_accounts(self.office.store):
            return None
        token = secrets.token_urlsafe(TOKEN_OCTETS)
        doors.put_setup_link(self.office.store, token, to_us(self.office.now()))
        return f"/setup?token={quote(token)}"

    def make_api_key(
        self, name: str, scopes: Iterable[str], who: str, *, replace: bool = False
    ) -> str:
        """A new key for programs, to be shown once; raises `InputError`.

        The name must be free; with `replace`, a key of that name is revoked.
        """
        wanted = sorted(set(scopes))
        if not name.strip() or len(name) > 60 or not name.isprintable():
            raise InputError("a key needs a name of at most 60 characters")
        if not wanted or not set(wanted) <= set(SCOPES):
            raise InputError(f"a key's scopes are some of {', '.join(SCOPES)}")
        key = f"addad_{secrets.token_urlsafe(TOKEN_OCTETS)}"
        now_us = to_us(self.office.now())
        doors.put_api_key(self.office.store, name.strip(), key, wanted, who, now_us, replace)
        return key

    async def register_meter(self, registration: Registration, who: str) -> Registered:
        """Put a meter in service; see `registering.register_meter`."""
        registered = await registering.register_meter(self.office, registration, who)
        if self._own_tasks:
            await self._take_stock()
        return registered

    def collector_at(self, place: str) -> Collector | None:
        """The collector of the meter that is at a service point now."""
        for collector in self._collectors.values():
            if collector.place.id == place:
                return collector
        return None

    def watch(self, place: str, last_id: str = "", who: str = "") -> Subscription:
        """Join a service point's feed and have its meter read at once."""
        subscription = self.office.hub.subscribe(place, last_id, who)
        collector = self.collector_at(place)
        if collector is not None:
            collector.attend()
        return subscription

    def summary(self) -> dict[str, int]:
        """What was collected and stored so far: counts."""
        store = self.office.store
        return {
            "meters": len(places.meters_in_service(store)),
            "profile_rows": readings.count_rows(store),
            "events": events.count_events(store),
        }

    def stage_medians_ms(self, place: str) -> dict[str, float]:
        """Median times from sample to head end of a service point's live values, by stage [ms]."""
        return self.office.board.state(place, self.office.now()).stage_medians_ms()

    def _find(self, names: Iterable[str]) -> Collector | None:
        """The collector of the meter that one of these names is, by device name or serial."""
        known = {}
        for collector in self._collectors.values():
            meter = collector.placement.meter
            known[meter.logical_device_name or meter.serial] = collector
            known.setdefault(meter.serial, collector)
        return next((known[name] for name in names if name in known), None)

    async def _keep_stock(self) -> None:
        while True:
            await asyncio.sleep(INVENTORY_PERIOD_S)
            try:
                await self._take_stock()
            except StorageError as error:
                logger.error("the inventory cannot be read: %s", error)

    async def _take_stock(self) -> None:
        """Begin to collect from meters that came, end with those that went or moved."""
        office = self.office
        await office.stored(self._door.refresh)
        in_service = await office.stored(places.meters_in_service, office.store)
        wanted = {placement.meter.id: placement for placement in in_service}
        for meter_id, collector in list(self._collectors.items()):
            if wanted.get(meter_id) != collector.placement:
                self._tasks.pop(meter_id).cancel()
                del self._collectors[meter_id]
        for meter_id, placement in wanted.items():
            if meter_id in self._collectors:
                continue
            name = placement.installation.service_point_id
            place = await office.stored(places.get_service_point, office.store, name)
            if place is not None and meter_id not in self._collectors:
                collector = Collector(office, place, placement)
                self._collectors[meter_id] = collector
                self._tasks[meter_id] = _task(collector.run())


def _task(work: Coroutine[object, object, None]) -> asyncio.Task[None]:
    return asyncio.get_running_loop().create_task(work)


def _lock(folder: Path) -> IO[bytes]:
    lock = (folder / "headend.lock").open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise InputError(
            f"another head end runs on {folder}; end it, or give another --data folder"
        ) from None
    return lock
