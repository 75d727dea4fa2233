"""A meter for the benchmarks of the wire, in a process of its own, and our clients of it.

Clients with a system title of their own share the keys of one security setup; so a thousand of them
need no thousand setups, and each has its own invocation counters.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import multiprocessing
import os
import secrets
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import Final

from columns import profile

from addad import obis
from addad.cosem.classes import ProfileGeneric, Register
from addad.cosem.classes.measurement import Rows
from addad.cosem.cosem_object import CosemObject
from addad.cosem.logical_device import Doorkeeper, LogicalDevice
from addad.cosem.physical_device import PhysicalDevice
from addad.cosem.rights import (
    AssociationSpec,
    SecuredBy,
    management_rights,
    usual_associations,
)
from addad.cosem.server import ServerEndpoint
from addad.dlms.acse import Mechanism
from addad.dlms.parameters import AssociationParameters
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.counters import VolatileCounters
from addad.dlms.security.keys import SymmetricKeys
from addad.dlms.security.suite import SecuritySuite
from addad.dlms.types import DoubleLongUnsigned
from addad.net.client import Client
from addad.net.server import serve
from addad.net.tcp import open_link
from addad.obis import Obis
from addad.units import ScalerUnit, Unit

HOST: Final = "127.0.0.1"
PASSWORD: Final = b"benchmark"
ENCRYPTION: Final = bytes(range(16))
AUTHENTICATION: Final = bytes(range(0xD0, 0xE0))
READER, SECURED = 2, 3
CONNECTIONS_MAX: Final = 2000
VALUE: Final = Register.value.typed(DoubleLongUnsigned)


class _Keeper(Doorkeeper):
    def challenge(self) -> bytes:
        return secrets.token_bytes(16)


@functools.cache
def context(title: bytes, peer: bytes | None = None) -> SecurityContext:
    """One end's security: suite 0 with the keys that both ends have.

    It is made once, so that no counter is sent twice under one title.
    """
    keys = SymmetricKeys(ENCRYPTION, AUTHENTICATION)
    return SecurityContext(SecuritySuite.SUITE_0, title, peer, keys, VolatileCounters())


def device(title: bytes) -> PhysicalDevice:
    """A register and a load profile, to be read with a password or under keys."""
    octets = profile()
    rows = octets[4:]
    energy = CosemObject(
        Register,
        obis.ACTIVE_ENERGY_IMPORT,
        VALUE.reads(lambda: 123_456),
        Register.scaler_unit.reads(lambda: ScalerUnit(0, Unit.WATT_HOUR)),
    )
    size = len(rows) // 2880
    buffer = ProfileGeneric.buffer.streams(
        lambda _: Rows(2880, (rows[at : at + 16 * size] for at in range(0, len(rows), 16 * size)))
    )
    load = CosemObject(ProfileGeneric, obis.LOAD_PROFILE, buffer)
    secured = SecuredBy(Obis.parse("0-0:43.0.0"), context(title))
    associations = (
        *usual_associations(reader_password=PASSWORD, management_password=PASSWORD),
        AssociationSpec(
            SECURED,
            Obis.parse("0-0:40.0.4"),
            management_rights,
            Mechanism.HIGH_GMAC,
            secured=secured,
            ciphered=True,
        ),
    )
    logical = LogicalDevice(b"ADDBENCH00000001", [energy, load], associations, doorkeeper=_Keeper())
    return PhysicalDevice([logical])


def _resident_octets() -> int:
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _meter(pipe: Connection, title: bytes) -> None:
    """Serve until the other process ends this one; tell processor time and size when asked."""

    async def forever() -> None:
        meter = device(title)
        server = await serve(
            lambda: ServerEndpoint(meter), HOST, 0, connections_max=CONNECTIONS_MAX
        )
        pipe.send(server.port)
        loop = asyncio.get_running_loop()

        def asked() -> None:
            pipe.recv()
            pipe.send((time.process_time(), _resident_octets()))

        loop.add_reader(pipe.fileno(), asked)
        await asyncio.Event().wait()

    asyncio.run(forever())


class Meter:
    """The running meter: its port, and what it has cost so far."""

    def __init__(self, pipe: Connection, title: bytes) -> None:
        self._pipe = pipe
        self.title = title
        self.port: int = pipe.recv()

    def cost(self) -> tuple[float, int]:
        """Processor time [s] and resident size [octets] of the meter's process."""
        self._pipe.send(None)
        cpu_s, octets = self._pipe.recv()
        return cpu_s, octets


@contextlib.contextmanager
def running_meter(title: bytes) -> Iterator[Meter]:
    """A meter of that system title in its own process, to the end of the block."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=_meter, args=(there, title), daemon=True
    )
    process.start()
    try:
        yield Meter(here, title)
    finally:
        process.terminate()
        process.join()


async def open_client(
    meter: Meter, *, ciphered: bool, number: int = 0, max_pdu: int = 0xFFFF
) -> Client:
    """An associated client: with a password, or by GMAC under keys with a title of its own."""
    title = b"CLI" + number.to_bytes(5, "big")
    parameters = AssociationParameters(READER, 1, Mechanism.LOW, PASSWORD, max_pdu)
    if ciphered:
        parameters = AssociationParameters(
            SECURED,
            mechanism=Mechanism.HIGH_GMAC,
            max_pdu=max_pdu,
            security=context(title, meter.title).fresh(),
        )
    link = await open_link(HOST, meter.port, 10.0)
    client = Client(link, parameters=parameters)
    await client.associate()
    return client
