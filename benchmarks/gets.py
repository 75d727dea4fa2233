"""Plain GETs a second over loopback, both ends ours, the meter in a process of its own."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import statistics
import sys
import time
from multiprocessing.connection import Connection

from addad import obis
from addad.cosem.classes import Register
from addad.cosem.logical_device import CosemObject, LogicalDevice
from addad.cosem.physical_device import PhysicalDevice
from addad.cosem.rights import usual_associations
from addad.cosem.server import ServerEndpoint
from addad.dlms.types import DoubleLongUnsigned
from addad.net.client import Client
from addad.net.server import serve
from addad.net.tcp import open_link
from addad.units import ScalerUnit, Unit

HOST = "127.0.0.1"
PASSWORD = b"benchmark"
WANTED_PER_S = 5000
ROUNDS = 5
GETS = 4000
CLIENTS = 16


def _device() -> PhysicalDevice:
    energy = CosemObject(
        Register,
        obis.ACTIVE_ENERGY_IMPORT,
        Register.value.typed(DoubleLongUnsigned).reads(lambda: 123_456),
        Register.scaler_unit.reads(lambda: ScalerUnit(0, Unit.WATT_HOUR)),
    )
    associations = usual_associations(reader_password=PASSWORD, management_password=PASSWORD)
    return PhysicalDevice([LogicalDevice(b"ADDBENCH00000001", [energy], associations)])


def _meter(ready: Connection) -> None:
    """Serve until the other process ends this one."""

    async def forever() -> None:
        device = _device()
        server = await serve(lambda: ServerEndpoint(device), HOST, 0)
        ready.send(server.port)
        await asyncio.Event().wait()

    asyncio.run(forever())


async def _gets_per_s(port: int, clients: int) -> float:
    """The median rate of several rounds, all clients together."""
    value = Register.value.typed(DoubleLongUnsigned)

    async def gets(client: Client, count: int) -> None:
        for _ in range(count):
            await client.get(obis.ACTIVE_ENERGY_IMPORT, value)

    async def opened() -> Client:
        client = Client(await open_link(HOST, port, 5.0), client_sap=2, password=PASSWORD)
        await client.associate()
        return client

    open_clients = [await opened() for _ in range(clients)]
    rates = []
    for _ in range(ROUNDS):
        begun_s = time.perf_counter()
        await asyncio.gather(*(gets(client, GETS // clients) for client in open_clients))
        rates.append(GETS // clients * clients / (time.perf_counter() - begun_s))
    for client in open_clients:
        await client.close()
    return statistics.median(rates)


def measure() -> dict[str, float]:
    """GETs a second of one client, and of several on one meter."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=_meter, args=(there,), daemon=True
    )
    process.start()
    try:
        port = here.recv()
        return {
            "one client": asyncio.run(_gets_per_s(port, 1)),
            f"{CLIENTS} clients": asyncio.run(_gets_per_s(port, CLIENTS)),
        }
    finally:
        process.terminate()
        process.join()


def main() -> int:
    """Print the rates; 0 when the best reaches what is wanted. --json is what `run.py` reads."""
    rates = measure()
    if "--json" in sys.argv:
        for name, rate in rates.items():
            work = f"plain GETs over loopback, {name}"
            target = None if name == "one client" else WANTED_PER_S
            line = {"work": work, "ours": rate, "peer": None, "unit": "GET/s", "ratio": None}
            print(json.dumps({**line, "target": target}))
        return 0
    for name, rate in rates.items():
        print(f"plain GETs a second over loopback, {name}: {rate:,.0f} (wanted {WANTED_PER_S:,})")
    return 0 if max(rates.values()) >= WANTED_PER_S else 1


if __name__ == "__main__":
    sys.exit(main())
