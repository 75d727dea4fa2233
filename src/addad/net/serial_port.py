"""A serial port as an asyncio transport, over pyserial: any protocol can be put upon it.

IEC 62056-21 and IEC 62056-46 set a line anew while it is in use: its rate, its bits, its parity.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import os
import termios
from typing import Final, Protocol, cast

from addad.dlms.mode_e import LineSettings
from addad.errors import InputError, LinkError

READ_OCTETS: Final = 4096

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
