"""Both ends of HDLC on a serial line, with the sign-on of mode E before it.

IEC 62056-46 on a line, IEC 62056-21 mode E before it on an optical port: the line begins at 300
baud with seven bits and even parity, and is set anew when both ends have agreed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable
from dataclasses import replace
from typing import Final, Protocol

from addad.dlms.callbacks import check_called
from addad.dlms.mode_e import (
    BREAK,
    START,
    ClientSignOn,
    LineSettings,
    MeterSignOn,
    Send,
    SignOnState,
    Step,
)
from addad.errors import AddadError, LinkError
from addad.net.hdlc import DEFAULT_SETTINGS, HdlcLink, HdlcSettings, OnUnnumbered
from addad.net.hdlc_server import TickingEndpoint
from addad.net.serial_port import SerialTransport, open_port

logger = logging.getLogger(__name__)

BAUD: Final = 9600
HELD_OCTETS_MAX: Final = 65536
"""Octets that nobody has read; a line that brings more loses them."""
SERVER_TICK_S: Final = 0.2
SIGNED_ON_S: Final = 10.0
"""How long a meter stays at the rate of mode E without a link [s]."""
BITS_AN_OCTET: Final = 10


class _Held(asyncio.Protocol):
    """Keeps the octets that come until they are read."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._octets = bytearray()
        self._come = asyncio.Event()
        self._lost = False

    def data_received(self, data: bytes) -> None:
        if len(self._octets) < HELD_OCTETS_MAX:
            self._octets += data
        self._come.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost = True
        self._come.set()

    def forget(self) -> None:
        self._octets.clear()

    async def read(self, timeout_s: float) -> bytes:
        """What has come; empty after the time. Raises `LinkError` when the port is gone."""
        if not self._octets and not self._lost:
            self._come.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(timeout_s, 0)):
                    await self._come.wait()
        octets = bytes(self._octets)
        self._octets.clear()
        if self._lost and not octets:
            raise LinkError(f"the serial line {self._name} is gone")
        return octets


async def _perform(steps: Iterable[Step], transport: SerialTransport, held: _Held) -> None:
    """Send and set the line in order; the line is set when all octets are out."""
    sent = 0
    for step in steps:
        if isinstance(step, Send):
            transport.write(step.octets)
            sent += len(step.octets)
            continue
        line_s = sent * BITS_AN_OCTET / transport.settings.baud
        sent = 0
        if line_s or step.pause_s:
            await asyncio.sleep(line_s + step.pause_s)
        if step.settings.baud != transport.settings.baud:
            held.forget()
        transport.configure(step.settings)


async def _sign_on(transport: SerialTransport, held: _Held, sign_on: ClientSignOn) -> None:
    loop = asyncio.get_running_loop()
    steps = sign_on.start(loop.time())
    while True:
        await _perform(steps, transport, held)
        if sign_on.state is SignOnState.OPEN:
            return
        if sign_on.state is SignOnState.FAILED or sign_on.deadline_s is None:
            raise LinkError(f"the meter {sign_on.failure}")
        octets = await held.read(sign_on.deadline_s - loop.time())
        steps = sign_on.receive(octets, loop.time()) if octets else sign_on.tick(loop.time())


async def open_serial_link(
    port: str,
    *,
    baud: int = BAUD,
    mode_e: bool = False,
    device_address: str = "",
    settings: HdlcSettings = DEFAULT_SETTINGS,
    on_unnumbered: OnUnnumbered | None = None,
) -> HdlcLink:
    """A link over a serial port; `mode_e` signs on first, and `baud` is then the most it may be.

    Raises `LinkError` for a port that cannot be had and a meter that does not sign on, `InputError`
    without pyserial and for a device address that is none.
    """
    check_called(on_unnumbered)
    sign_on = ClientSignOn(device_address, baud) if mode_e else None
    transport = open_port(port, START if mode_e else LineSettings(baud))
    if sign_on is not None:
        held = _Held(port)
        transport.set_protocol(held)
        try:
            await _sign_on(transport, held, sign_on)
        except BaseException:
            transport.abort()
            raise
    times = replace(settings.times, octet_s=BITS_AN_OCTET / transport.settings.baud)
    link = HdlcLink(port, replace(settings, times=times), on_unnumbered)
    transport.set_protocol(link)
    return link


class LinkedEndpoint(TickingEndpoint, Protocol):
    """The sans-io end of a serial line, that knows how many links stand."""

    @property
    def links(self) -> int:
        """How many links stand."""
        ...


class SerialServer:
    """A meter on a serial port; `close` gives the port back."""

    def __init__(
        self,
        transport: SerialTransport,
        name: str,
        endpoint: LinkedEndpoint,
        sign_on: MeterSignOn | None,
    ) -> None:
        self._transport = transport
        self._endpoint = endpoint
        self._sign_on = sign_on
        self._name = name
        self._held = _Held(name)
        transport.set_protocol(self._held)
        endpoint.connected(name)
        self._serving = asyncio.create_task(self._serve())

    async def _serve(self) -> None:
        try:
            while True:
                if self._sign_on is not None:
                    await self._wait_for_sign_on(self._sign_on)
                await self._speak()
                if self._sign_on is not None:
                    await _perform(self._sign_on.end(), self._transport, self._held)
        except LinkError as fault:
            logger.warning("%s", fault)
        finally:
            self._endpoint.close()
            self._transport.abort()

    async def _wait_for_sign_on(self, sign_on: MeterSignOn) -> None:
        loop = asyncio.get_running_loop()
        while sign_on.state is not SignOnState.OPEN:
            octets = await self._held.read(SERVER_TICK_S)
            steps = sign_on.receive(octets, loop.time()) if octets else sign_on.tick(loop.time())
            await _perform(steps, self._transport, self._held)

    async def _speak(self) -> None:
        """HDLC, for good, or until the line is given up after a sign-on."""
        loop = asyncio.get_running_loop()
        used_s = loop.time()
        while True:
            octets = await self._held.read(SERVER_TICK_S)
            try:
                self._answer(octets)
            except Exception as fault:  # one client's trouble never ends the meter
                kind = "" if isinstance(fault, AddadError) else f"{type(fault).__name__}: "
                logger.warning("%s: links closed: %s%s", self._name, kind, fault)
                self._endpoint.close()
            if self._sign_on is None or self._endpoint.links:
                used_s = loop.time()
            elif BREAK in octets or loop.time() - used_s > SIGNED_ON_S:
                return

    def _answer(self, octets: bytes) -> None:
        waiting = self._endpoint.receive(octets) if octets else self._endpoint.tick()
        while waiting and (answer := self._endpoint.answer()) is not None:
            self._transport.write(answer)

    def push(self, octets: bytes) -> bool:
        """Send what the endpoint made to be told unasked; False while mode E has the line."""
        free = self._sign_on is None or self._sign_on.state is SignOnState.OPEN
        if free:
            self._transport.write(octets)
        return free

    async def close(self) -> None:
        """Stop, and give the port back."""
        self._serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._serving

    async def __aenter__(self) -> SerialServer:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


async def serve_serial(
    port: str,
    endpoint: LinkedEndpoint,
    *,
    baud: int = BAUD,
    sign_on: MeterSignOn | None = None,
) -> SerialServer:
    """Serve a meter on a serial port; with `sign_on` the line waits in mode E at 300 baud.

    Raises `LinkError` for a port that cannot be had, `InputError` without pyserial.
    """
    transport = open_port(port, LineSettings(baud) if sign_on is None else START)
    return SerialServer(transport, port, endpoint, sign_on)
