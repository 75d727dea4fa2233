"""Where a running meter is reached: TCP, UDP, a group, HDLC over TCP, a serial line; all at once.

IEC 62056-47 (wrapper), IEC 62056-46 (HDLC), IEC 62056-21 (sign-on in mode E).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address
from typing import Final, NamedTuple, Protocol, TypeAlias

from addad.dlms.mode_e import BAUD_CODES, MeterSignOn
from addad.errors import InputError
from addad.host.running_meter import RunningMeter
from addad.net.hdlc_server import serve_hdlc
from addad.net.serial import serve_serial
from addad.net.server import serve
from addad.net.udp_server import listen_to_group, serve_udp

HostPort: TypeAlias = tuple[str, int]

_CODE_OF_BAUD: Final = {baud: code for code, baud in BAUD_CODES.items()}


@dataclass(frozen=True, slots=True)
class Ports:
    """Where to listen; port 0 takes a free one. `line` is a serial device, at `baud`.

    With `mode_e` the line waits at 300 baud until somebody signs on, and offers `baud`. `group` is
    an IPv4 multicast group, joined at `interface`, or a broadcast address: nothing is answered
    there.
    """

    tcp: HostPort
    udp: HostPort | None = None
    hdlc: HostPort | None = None
    line: str = ""
    baud: int = 9600
    mode_e: bool = False
    group: HostPort | None = None
    interface: str = "0.0.0.0"

    def __post_init__(self) -> None:
        """Raises `InputError` for a rate that mode E cannot name, and a group that is none."""
        for address in () if self.group is None else (self.group[0], self.interface):
            try:
                IPv4Address(address)
            except AddressValueError:
                raise InputError(
                    f"{address!r} is no IPv4 address; a group is like 239.1.2.3, and the interface "
                    "that joins it like 192.168.1.10"
                ) from None
        if self.mode_e and self.baud not in _CODE_OF_BAUD:
            known = ", ".join(str(baud) for baud in _CODE_OF_BAUD)
            raise InputError(f"mode E offers {known} baud, not {self.baud}")


class Listening(NamedTuple):
    """The ports that clients reach, where they were asked for."""

    tcp: int
    udp: int | None = None
    hdlc: int | None = None
    group: int | None = None


class _Closing(Protocol):
    async def close(self) -> None: ...


@asynccontextmanager
async def open_ports(meter: RunningMeter, ports: Ports) -> AsyncIterator[Listening]:
    """Listen everywhere, to the end of the block; raises `LinkError` for what cannot be had."""
    async with AsyncExitStack() as opened:

        def close_later(server: _Closing) -> None:
            opened.push_async_callback(server.close)

        server = await serve(meter.endpoint, *ports.tcp)
        close_later(server)
        listening = Listening(server.port)
        if ports.udp is not None:
            datagrams = await serve_udp(meter.endpoint, *ports.udp)
            close_later(datagrams)
            listening = listening._replace(udp=datagrams.port)
        if ports.group is not None:
            heard = await listen_to_group(
                meter.own_endpoint, *ports.group, interface=ports.interface
            )
            close_later(heard)
            listening = listening._replace(group=heard.port)
        if ports.hdlc is not None:
            framed = await serve_hdlc(meter.hdlc_endpoint, *ports.hdlc)
            close_later(framed)
            listening = listening._replace(hdlc=framed.port)
        if ports.line:
            sign_on = _sign_on(meter, ports.baud) if ports.mode_e else None
            endpoint = meter.hdlc_endpoint()
            close_later(await serve_serial(ports.line, endpoint, baud=ports.baud, sign_on=sign_on))
        yield listening


def _sign_on(meter: RunningMeter, baud: int) -> MeterSignOn:
    """How the meter names itself at sign-on: maker, the rate it offers, serial, its address too."""
    identity = meter.meter.settings.identity
    name = f"{identity.maker}{_CODE_OF_BAUD[baud]}\\2{identity.serial}"
    return MeterSignOn(name, identity.serial)
