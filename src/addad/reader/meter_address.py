"""Where a meter is: the transport, the address on it, and the link that is opened to it.

IEC 62056-47 (TCP, UDP), IEC 62056-46 (HDLC over TCP or on a serial line), IEC 62056-21 mode E
before it on an optical port; the Green Book's gateway header before each APDU.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import Enum
from typing import Final

from addad.dlms.gateway import GatewayAddress
from addad.dlms.hdlc.address import Address
from addad.dlms.mode_e import BREAK, LineSettings
from addad.errors import InputError
from addad.net.hdlc import HdlcSettings, open_hdlc_link
from addad.net.link import Link
from addad.net.tcp import open_link
from addad.net.udp import UDP_PDU, UDP_RETRIES, open_udp_link

PORT: Final = 4059
BAUD: Final = 9600
BREAK_S: Final = 0.3
"""How long a meter needs to go back to the rate of a sign-on [s]."""


class Transport(Enum):
    """What carries the APDUs."""

    TCP = "tcp"
    UDP = "udp"
    HDLC = "hdlc"
    SERIAL = "serial"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class MeterAddress:
    """The way to a meter; `tcp`, `udp`, `hdlc`, `serial` and `call` make one.

    `physical` is the lower HDLC address, `address_octets` the size of both (1, 2 or 4; None is the
    fewest). `device_address` is whom mode E calls, on a line with several meters.
    """

    transport: Transport
    host: str = ""
    port: int = PORT
    device: str = ""
    baud: int = BAUD
    mode_e: bool = False
    device_address: str = ""
    physical: int | None = None
    address_octets: int | None = None
    gateway: GatewayAddress | None = None
    closed_network: bool = False

    @classmethod
    def tcp(
        cls, host: str, port: int = PORT, *, gateway: GatewayAddress | None = None
    ) -> MeterAddress:
        """Behind a TCP port that speaks the wrapper."""
        return cls(Transport.TCP, host, port, gateway=gateway)

    @classmethod
    def udp(
        cls, host: str, port: int = PORT, *, gateway: GatewayAddress | None = None
    ) -> MeterAddress:
        """Behind a UDP port."""
        return cls(Transport.UDP, host, port, gateway=gateway)

    @classmethod
    def hdlc(
        cls,
        host: str,
        port: int = PORT,
        *,
        physical: int | None = None,
        address_octets: int | None = None,
        gateway: GatewayAddress | None = None,
    ) -> MeterAddress:
        """On an HDLC line behind a TCP port, such as a modem or a serial server has."""
        return cls(
            Transport.HDLC,
            host,
            port,
            physical=physical,
            address_octets=address_octets,
            gateway=gateway,
        )

    @classmethod
    def serial(
        cls,
        device: str,
        *,
        baud: int = BAUD,
        mode_e: bool = False,
        device_address: str = "",
        physical: int | None = None,
        address_octets: int | None = None,
    ) -> MeterAddress:
        """On a serial port of this computer; with `mode_e`, `baud` is the most it may be."""
        return cls(
            Transport.SERIAL,
            device=device,
            baud=baud,
            mode_e=mode_e,
            device_address=device_address,
            physical=physical,
            address_octets=address_octets,
        )

    @classmethod
    def call(cls, host: str, port: int = PORT, *, closed_network: bool = False) -> MeterAddress:
        """A meter that calls this computer, which listens here.

        A `closed_network` lets nobody else in, so that a caller need not prove that it is the meter
        before it is given a password.
        """
        return cls(Transport.CALL, host, port, closed_network=closed_network)

    def __str__(self) -> str:
        if self.transport is Transport.SERIAL:
            return self.device
        host = f"[{self.host}]" if ":" in self.host else self.host
        behind = "" if self.gateway is None else f", meter {self.gateway}"
        return f"{host}:{self.port}{behind}"

    @property
    def framed_by_hdlc(self) -> bool:
        """Whether client and server have HDLC addresses."""
        return self.transport in (Transport.HDLC, Transport.SERIAL)

    @property
    def max_pdu(self) -> int | None:
        """The largest APDU to ask for, where the transport wants one."""
        return UDP_PDU if self.transport is Transport.UDP else None

    @property
    def retries(self) -> int:
        """How often a lost GET is asked again."""
        return UDP_RETRIES if self.transport is Transport.UDP else 0

    def check(self, client_sap: int, server_sap: int) -> None:
        """Raise `InputError` for SAPs that have no address here."""
        if self.framed_by_hdlc:
            Address.client(client_sap)
            Address.server(server_sap, self.physical, self.address_octets)

    async def open_link(self, timeout_s: float) -> Link:
        """A link to the meter; raises `LinkError` that says what is wrong, `InputError`.

        A meter that calls in has no link until it does: `open_meter` waits for it.
        """
        if self.transport is Transport.CALL:
            raise InputError("a meter that calls in cannot be called")
        if self.transport is Transport.TCP:
            return await open_link(self.host, self.port, timeout_s)
        if self.transport is Transport.UDP:
            return await open_udp_link(self.host, self.port)
        settings = HdlcSettings(lower=self.physical, address_octets=self.address_octets)
        if self.transport is Transport.HDLC:
            return await open_hdlc_link(self.host, self.port, timeout_s, settings)
        return await self._open_serial(settings)

    async def _open_serial(self, settings: HdlcSettings) -> Link:
        try:
            from addad.net.serial import open_serial_link
            from addad.net.serial_port import open_port
        except ImportError:
            raise InputError("a serial line needs a system with termios, such as Linux") from None
        if self.mode_e:
            # a meter that another client, or we, signed on to may still be at the higher rate
            port = open_port(self.device, LineSettings(self.baud))
            port.write(BREAK)
            await asyncio.sleep(BREAK_S)
            port.abort()
        return await open_serial_link(
            self.device,
            baud=self.baud,
            mode_e=self.mode_e,
            device_address=self.device_address,
            settings=settings,
        )
