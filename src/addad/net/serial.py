"""A serial line: an asyncio transport over pyserial, and both ends of HDLC on it.

IEC 62056-46 on a line, IEC 62056-21 mode E before it on an optical port: the line begins at 300
baud with seven bits and even parity, and is set anew when both ends have agreed.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
import os
import termios
from collections.abc import Iterable
from dataclasses import replace
from typing import Final, Protocol, cast

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
from addad.errors import AddadError, InputError, LinkError
from addad.net.hdlc import DEFAULT_SETTINGS, HdlcLink, HdlcSettings, OnUnnumbered
from addad.net.hdlc_server import TickingEndpoint

logger = logging.getLogger(__name__)

BAUD: Final = 9600
READ_OCTETS: Final = 4096
HELD_OCTETS_MAX: Final = 65536
"""Octets that nobody has read; a line that brings more loses them."""
SERVER_TICK_S: Final = 0.2
SIGNED_ON_S: Final = 10.0
"""How long a meter stays at the rate of mode E without a link [s]."""
BITS_AN_OCTET: Final = 10

_EVEN: Final = bytes(octet | (octet.bit_count() & 1) << 7 for octet in range(256))
"""Seven bits with their parity, as eight bits."""
_PORT_FAULTS: Final = (OSError, ValueError, termios.error)


class _Port(Protocol):
    """What is used of pyserial's port."""

    baudrate: int
    bytesize: int
    parity: str

    def fileno(self) -> int: ...
    def reset_input_buffer(self) -> None: ...
    def close(self) -> None: ...


class SerialTransport(asyncio.Transport):
    """A serial port as a transport; `protocol` gets its octets."""

    def __init__(self, port: _Port, name: str) -> None:
        super().__init__({"peername": (name, 0)})
        self.settings = LineSettings(port.baudrate)
        self._port = port
        self._descriptor = port.fileno()
        self._loop = asyncio.get_running_loop()
        self._protocol: asyncio.BaseProtocol | None = None
        self._unsent = bytearray()
        self._parity_by_us = False
        self._closing = False
        self._gone = False
        os.set_blocking(self._descriptor, False)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Give what comes to this protocol from now on."""
        begun, self._protocol = self._protocol is not None, protocol
        protocol.connection_made(self)
        if not begun and not self._closing:
            self._loop.add_reader(self._descriptor, self._readable)

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Who gets the octets."""
        assert self._protocol is not None
        return self._protocol

    def configure(self, settings: LineSettings) -> None:
        """Set the line; what came at another rate is forgotten. Raises `LinkError`."""
        if self._closing:
            raise LinkError("the serial line is closed")
        other_rate = settings.baud != self.settings.baud
        self.settings = settings
        try:
            self._port.baudrate = settings.baud
            self._set_parity(settings)
            if other_rate:
                self._port.reset_input_buffer()
        except _PORT_FAULTS as fault:
            raise LinkError(f"the port cannot be set to {settings.baud} baud: {fault}") from None

    def _set_parity(self, settings: LineSettings) -> None:
        """Seven bits and parity; a port that knows neither is given eight bits that look so."""
        self._parity_by_us = False
        try:
            self._port.bytesize = settings.data_bits
            self._port.parity = "E" if settings.even_parity else "N"
        except _PORT_FAULTS:
            if not settings.even_parity:
                raise
            with contextlib.suppress(*_PORT_FAULTS):
                self._port.parity = "N"
            self._port.bytesize = 8
            self._port.parity = "N"
            self._parity_by_us = True

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send octets, as fast as the port takes them."""
        if self._closing:
            return
        begun = bool(self._unsent)
        self._unsent += bytes(data).translate(_EVEN) if self._parity_by_us else data
        if not begun:
            self._writable()

    def _writable(self) -> None:
        try:
            while self._unsent:
                count = os.write(self._descriptor, bytes(self._unsent[:READ_OCTETS]))
                del self._unsent[:count]
        except BlockingIOError:
            self._loop.add_writer(self._descriptor, self._writable)
            return
        except OSError as fault:
            self._end(fault)
            return
        self._loop.remove_writer(self._descriptor)
        if self._closing:
            self._end(None)

    def _readable(self) -> None:
        try:
            data = os.read(self._descriptor, READ_OCTETS)
        except BlockingIOError:
            return
        except OSError as fault:
            self._end(fault)
            return
        if not data:
            self._end(None)
        else:
            cast("asyncio.Protocol", self.get_protocol()).data_received(data)

    def get_write_buffer_size(self) -> int:
        """How many octets wait to be sent."""
        return len(self._unsent)

    def is_closing(self) -> bool:
        """Whether the port is closed, or about to be."""
        return self._closing

    def close(self) -> None:
        """Close the port when all is sent."""
        self._closing = True
        if not self._unsent:
            self._end(None)

    def abort(self) -> None:
        """Close the port now."""
        self._unsent.clear()
        self._end(None)

    def _end(self, fault: Exception | None) -> None:
        self._closing = True
        if self._gone:
            return
        self._gone = True
        self._unsent.clear()
        self._loop.remove_reader(self._descriptor)
        self._loop.remove_writer(self._descriptor)
        with contextlib.suppress(OSError):
            self._port.close()
        if self._protocol is not None:
            self._loop.call_soon(self._protocol.connection_lost, fault)


def open_port(name: str, settings: LineSettings) -> SerialTransport:
    """Open a serial port, for nobody else meanwhile; call it in a running loop.

    Raises `LinkError` for a port that cannot be had, `InputError` without pyserial.
    """
    try:
        pyserial = importlib.import_module("serial")
    except ImportError:
        raise InputError(
            "a serial line needs pyserial; install it with: pip install 'addad[serial]'"
        ) from None
    try:
        port = pyserial.Serial(name, baudrate=settings.baud, timeout=0, exclusive=True)
    except _PORT_FAULTS as fault:
        known = (
            getattr(fault, "errno", None),
            *fault.args,
            *getattr(fault.__context__, "args", ()),
        )
        number = next((one for one in known if isinstance(one, int)), None)
        reason = fault if number is None else os.strerror(number)
        raise LinkError(f"cannot open the serial port {name}: {reason}") from None
    transport = SerialTransport(port, name)
    try:
        transport.configure(settings)
    except LinkError:
        transport.abort()
        raise
    return transport


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
