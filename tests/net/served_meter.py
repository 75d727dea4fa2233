"""A physical device on a real TCP port, in a thread: for clients that block.

`with served(device) as port:` serves it at 127.0.0.1 until the end of the block.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from addad.cosem.physical_device import PhysicalDevice
from addad.cosem.server import ServerEndpoint
from addad.dlms.connection import ServerParameters
from addad.net.server import Endpoint, serve

HOST = "127.0.0.1"
WAIT_S = 60


@contextmanager
def served(device: PhysicalDevice, parameters: ServerParameters | None = None) -> Iterator[int]:
    """Serve a device; gives the port."""
    with served_by(lambda: ServerEndpoint(device, parameters)) as port:
        yield port


@contextmanager
def served_by(endpoint: Callable[[], Endpoint]) -> Iterator[int]:
    """Serve endpoints; gives the port."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    listening = serve(endpoint, HOST, 0)
    server = asyncio.run_coroutine_threadsafe(listening, loop).result(WAIT_S)
    try:
        yield server.port
    finally:
        asyncio.run_coroutine_threadsafe(server.close(), loop).result(WAIT_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(WAIT_S)
        loop.close()
