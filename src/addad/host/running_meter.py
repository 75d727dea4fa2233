"""A meter that lives in real time: samples as time goes on, commits beside it, pushes when due.

The meter's thread is the event loop's. One other thread writes commits, so that a slow or full
disk never stops measuring or the protocol.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Final

from addad.cosem.classes.internet import TCPUDPSetup
from addad.cosem.gateway import GatewaySessions
from addad.cosem.hdlc_server import HdlcEndpoint
from addad.cosem.physical_device import PhysicalDevice
from addad.cosem.server import ServerEndpoint
from addad.cosem.sessions import Sessions
from addad.dlms.gateway import GatewayAddress
from addad.errors import LinkError, SecurityError, StorageError
from addad.host.deeds import Deeds
from addad.host.sources import Source
from addad.meter.device import Block, Inputs, Meter, StepResult
from addad.meter.objects import build_device
from addad.meter.push import PushAttempt
from addad.meter.push_object import notification
from addad.meter.storage import Commit

logger = logging.getLogger(__name__)

STEP_S: Final = 0.05
BEHIND_MAX_S: Final = 5.0
"""A meter that was stopped for longer has missed the samples, as in a power cut."""
DURABLE_WAIT_S: Final = 2.0
"""How long an answer waits for the disk; then it goes out all the same."""

Send = Callable[[str, bytes], Awaitable[None]]


def utc_now() -> datetime:
    """The time of day of this computer."""
    return datetime.now(UTC)


class RunningMeter:
    """Steps a meter along a source. `send(destination, octets)` carries a push, or `LinkError`.

    `behind` are the meters that clients reach through this one, as through a gateway.
    """

    def __init__(
        self,
        meter: Meter,
        source: Source,
        *,
        send: Send,
        deeds: Deeds | None = None,
        now: Callable[[], datetime] = utc_now,
        executor: Executor | None = None,
        release: Callable[[], None] = lambda: None,
    ) -> None:
        self.meter = meter
        self.device: PhysicalDevice = build_device(meter, _report)
        self.deeds = deeds or Deeds()
        self._source = source
        self._send = send
        self._now = now
        self._executor = executor or ThreadPoolExecutor(1, thread_name_prefix="commit")
        self._release = release
        self.behind: dict[GatewayAddress, RunningMeter] = {}
        self._writing: Future[StorageError | None] | None = None
        self._commit: Commit | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def endpoint(self) -> ServerEndpoint:
        """The end of a new connection: it never says *done* before that is durable.

        A disk that is too slow delays the answer by `DURABLE_WAIT_S`, and no longer.
        """
        if not self.behind:
            return self.own_endpoint()
        meters = {address: meter.sessions for address, meter in self.behind.items()}
        return ServerEndpoint(GatewaySessions(meters, self.sessions()))

    def own_endpoint(self) -> ServerEndpoint:
        """The same where only this meter is meant, and none behind it."""
        return ServerEndpoint(self.device, on_effect=self.settle)

    def sessions(self) -> Sessions:
        """What answers the APDUs of a new connection, whoever carries them."""
        return Sessions(self.device, on_effect=self.settle)

    def hdlc_endpoint(self) -> HdlcEndpoint:
        """The same for a connection, or a serial line, that speaks HDLC."""
        clock = asyncio.get_running_loop().time
        return HdlcEndpoint(self.device, clock, on_effect=self.settle)

    def listens(self, port: int) -> None:
        """Clients reach the meter at this port: so its table of objects says, where it has one."""
        shown = TCPUDPSetup.tcp_udp_port
        for row in self.meter.settings.model.rows:
            if row.interface_class is TCPUDPSetup:
                octets = shown.type.encode(port)
                self.meter.table.attributes.declare(row.logical_name, shown.index, octets)

    def begin(self) -> None:
        """Power up: from here on the meter has its time, and can answer."""
        self._do(self.meter.step(Block(self._now(), 0.0)))

    async def run(self, stopping: asyncio.Event) -> None:
        """Measure from `begin` on until `stopping` is set, then make everything durable."""
        loop = asyncio.get_running_loop()
        rate = self._source.instrument.sample_rate
        last_s, owed = loop.time(), 0.0
        try:
            while not stopping.is_set():
                await asyncio.sleep(STEP_S)
                now_s, now = loop.time(), self._now()
                elapsed_s, last_s = now_s - last_s, now_s
                missed_s = max(elapsed_s - BEHIND_MAX_S, 0.0)
                if missed_s:
                    logger.warning("stood still for %.0f s: not measured", missed_s)
                owed += (elapsed_s - missed_s) * rate
                samples = math.floor(owed)
                owed -= samples
                if samples:
                    self.step(samples, elapsed_s, now=now, missed=round(missed_s * rate))
        finally:
            for task in self._tasks:
                task.cancel()
            self.settle()
            self.close()

    def close(self) -> None:
        """Let go of the memory; what was not settled is lost."""
        self._executor.shutdown()
        self._release()

    def step(
        self, samples: int, elapsed_s: float, *, now: datetime | None = None, missed: int = 0
    ) -> None:
        """Take that many samples, which cover the last `elapsed_s` to `now`, and do what is due.

        Before them `missed` ones were lost.
        """
        now = now or self._now()
        conditions = self.deeds.conditions(now)
        relay = self.meter.supply.relay
        taken = self._source.block(samples, connected=relay.closed, conditions=conditions)
        inputs = Inputs(
            cover_open=conditions.cover_open,
            terminal_cover_open=conditions.terminal_cover_open,
            magnet=conditions.magnet,
            manual_reconnect=conditions.manual_reconnect,
            manual_disconnect=conditions.manual_disconnect,
            contact_closed=relay.closed,
            pv_power_w=taken.pv_power_w,
        )
        before = self.meter.measured.reading
        block = Block(now, elapsed_s, taken.samples, inputs=inputs, missed=missed)
        result = self.meter.step(block)
        if self.meter.measured.reading is not before:
            self.meter.measured.stamp_processed(self._now())
        self._do(result)

    def _do(self, result: StepResult) -> None:
        for push in result.pushes:
            self._begin_push(push)
        self._collect()
        if result.save_due:
            self._begin_save()

    # --- what must survive

    def settle(self) -> bool:
        """Make all that stands now durable, and wait for it; False when it is not certain."""
        for _ in range(2):
            self._wait(DURABLE_WAIT_S)
            if self._writing is not None:
                return False
            self._begin_save()
        self._wait(DURABLE_WAIT_S)
        return self._writing is None

    def _begin_save(self) -> None:
        if self._writing is not None:
            return
        self._commit = self.meter.checkpoint()
        self._writing = self._executor.submit(self.meter.store.write, self._commit)

    def _wait(self, seconds: float) -> None:
        if self._writing is not None:
            try:
                self._writing.exception(timeout=seconds)
            except TimeoutError:
                return
        self._collect()

    def _collect(self) -> None:
        if self._writing is None or not self._writing.done() or self._commit is None:
            return
        error = self._writing.result()
        first = error is not None and not self.meter.errors & self.meter.errors.NOT_DURABLE
        self.meter.stored(self._commit, error)
        if first:
            logger.error("%s", error)
        self._writing = self._commit = None

    # --- what is told

    def _begin_push(self, push: PushAttempt) -> None:
        destination = self.meter.notices.destination
        try:
            octets = notification(self.device, self.meter, push)
        except SecurityError as refused:
            logger.warning("push to %s: %s", destination, refused)
            self.meter.notices.queue.done(False, self._now())
            return
        task = asyncio.create_task(self._push(destination, octets))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _push(self, destination: str, octets: bytes) -> None:
        delivered = False
        try:
            await self._send(destination, octets)
            delivered = True
        except LinkError as fault:
            logger.warning("push to %s: %s", destination, fault)
        finally:  # whatever happened: an attempt without an end would be the last one
            self.meter.notices.queue.done(delivered, self._now())


def _report(text: str, fault: Exception) -> None:
    logger.error("%s", text, exc_info=fault)
