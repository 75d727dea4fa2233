"""A physical device on HDLC over a real TCP port, in a thread: for clients that block."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from addad.cosem.hdlc_server import HdlcEndpoint
from addad.cosem.physical_device import PhysicalDevice
from addad.net.hdlc_server import serve_hdlc

HOST = "127.0.0.1"
WAIT_S = 60


@contextmanager
def served_hdlc(device: PhysicalDevice, **more: object) -> Iterator[int]:
    """Serve a device; gives the port."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    listening = serve_hdlc(
        lambda: HdlcEndpoint(device, time.monotonic, **more),  # type: ignore[arg-type]
        HOST,
        0,
    )
    server = asyncio.run_coroutine_threadsafe(listening, loop).result(WAIT_S)
    try:
        yield server.port
    finally:
        asyncio.run_coroutine_threadsafe(server.close(), loop).result(WAIT_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(WAIT_S)
        loop.close()
