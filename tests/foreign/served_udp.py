"""A physical device on a real UDP port, in a thread: for clients that block."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from addad.cosem.physical_device import PhysicalDevice
from addad.cosem.server import ServerEndpoint
from addad.net.udp_server import serve_udp

HOST = "127.0.0.1"
WAIT_S = 60


@contextmanager
def served_udp(device: PhysicalDevice) -> Iterator[int]:
    """Serve a device; gives the port."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    listening = serve_udp(lambda: ServerEndpoint(device), HOST, 0)
    server = asyncio.run_coroutine_threadsafe(listening, loop).result(WAIT_S)
    try:
        yield server.port
    finally:
        asyncio.run_coroutine_threadsafe(server.close(), loop).result(WAIT_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(WAIT_S)
        loop.close()
