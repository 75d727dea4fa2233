"""How the head end reaches a meter: the part of a client that it uses, what counts as failure."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol, TypeAlias, TypeVar

from addad import obis
from addad.cosem.classes.measurement import Data as DataObject
from addad.cosem.interface_class import Attribute, Method
from addad.dlms.apdu.descriptors import AttributeDescriptor
from addad.dlms.data import Data, Tag
from addad.errors import AccessError, LinkError, LocalProtocolError, RemoteProtocolError
from addad.headend.inventory import MAX_TEXT, Meter
from addad.net.client import Client
from addad.obis import Obis

T = TypeVar("T")
P = TypeVar("P")
R = TypeVar("R")

LINK_FAILURES = (
    LinkError,
    RemoteProtocolError,
    LocalProtocolError,
    AccessError,
    OSError,
    TimeoutError,
)
"""What a meter, or the way to it, can do to us: told on the page, tried again, never fatal."""


@dataclass(frozen=True)
class Target:
    """Where a meter answers, and as whom it is asked."""

    host: str
    port: int
    client_sap: int
    password: str
    timeout_s: float = 5.0


class MeterClient(Protocol):
    """An open association with a meter."""

    async def get(self, logical_name: Obis, attribute: Attribute[T]) -> T: ...

    async def get_many(
        self, items: Sequence[tuple[Obis, Attribute[T]]]
    ) -> Sequence[T | AccessError]: ...

    async def get_octets(self, descriptor: AttributeDescriptor) -> bytes: ...

    async def action(self, logical_name: Obis, method: Method[P, R], parameter: P) -> R: ...


Connect: TypeAlias = Callable[[Target], AbstractAsyncContextManager[MeterClient]]


def number(data: object) -> int | None:
    """The integer in a general value, None when it holds something else."""
    value = data.value if isinstance(data, Data) else data
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return int(value)


def text(data: object) -> str:
    """The readable text in a string of octets (else hexadecimal) or letters (odd ones escaped)."""
    value = data.value if isinstance(data, Data) else data
    if isinstance(value, bytes):
        if value.isascii() and value.decode("ascii").isprintable():
            return value.decode("ascii")
        return value.hex()
    if isinstance(value, str):
        return value if value.isprintable() else value.encode("unicode_escape").decode("ascii")
    return ""


def elements(data: object) -> tuple[Data, ...]:
    """The parts of an array or structure; none for anything else."""
    if isinstance(data, Data) and data.tag in (Tag.ARRAY, Tag.STRUCTURE):
        parts = data.value
        if isinstance(parts, tuple):
            return tuple(part for part in parts if isinstance(part, Data))
    return ()


async def check_identity(client: MeterClient, meter: Meter) -> None:
    """Raise `LinkError` when it is another meter that answers; nothing of it is to be believed."""
    device_name = await client.get(obis.LOGICAL_DEVICE_NAME, DataObject.value)
    found, expected = text(device_name)[:MAX_TEXT], meter.logical_device_name
    if not expected:
        serial = await client.get(obis.DEVICE_ID_1, DataObject.value)
        found, expected = text(serial), meter.serial
    if found != expected:
        raise LinkError(f"another meter answers there: {found[:40]} instead of {expected}")


@asynccontextmanager
async def connect_over_tcp(target: Target) -> AsyncIterator[MeterClient]:
    """Associate with a meter over TCP; raises one of `LINK_FAILURES`."""
    async with Client.connect(
        target.host,
        target.port,
        client_sap=target.client_sap,
        password=target.password.encode() or None,
        timeout_s=target.timeout_s,
    ) as client:
        yield client
