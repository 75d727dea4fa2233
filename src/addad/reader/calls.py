"""A meter that calls in: wait for one that proves itself, and have its client.

Green Book, Blue Book (Auto connect): behind a NAT the meter opens the connection. Whoever calls and
proves nothing is passed over; the first meter that knows the key is the one.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeAlias

from addad.errors import InputError
from addad.net.call_in import CallInListener, claimed_name, proves
from addad.net.client import Client, ClientOptions
from addad.net.link import Link
from addad.net.tcp import FrameLink

Prepare: TypeAlias = Callable[[Link], Awaitable[ClientOptions]]
"""Makes the options of the client for a caller, after asking it for its counters."""


def check_proof(options: ClientOptions, closed_network: bool) -> None:
    """Raise `InputError` for an association that proves nothing of who called."""
    if not closed_network and not proves(options):
        raise InputError(
            "whoever calls could say that it is the meter, and would be given the password: use "
            "keys (gmac, sha256, ecdsa, or a dedicated key); in a network that lets nobody else "
            "in, say --closed-network"
        )


@contextlib.asynccontextmanager
async def called(
    host: str, port: int, prepare: Prepare, *, closed_network: bool = False
) -> AsyncIterator[Client]:
    """The client of the first meter that calls and proves itself, until the end of the block.

    Waits as long as it takes. Raises `LinkError` when the port cannot be had.
    """
    prepared: dict[bytes, ClientOptions] = {}
    arrived: asyncio.Future[Client] = asyncio.get_running_loop().create_future()
    done = asyncio.Event()

    async def claim(link: FrameLink) -> bytes:
        name = await claimed_name(link)
        prepared[name] = await prepare(link)
        return name

    async def on_meter(_: bytes, client: Client) -> None:
        if not arrived.done():
            arrived.set_result(client)
            await done.wait()

    async with CallInListener(
        prepared.get, on_meter, claim=claim, closed_network=closed_network
    ) as listener:
        await listener.listen(host, port)
        client = await arrived
        try:
            yield client
        finally:
            await client.close()
            done.set()
