"""Uvicorn around the web application: a port that is ours or a clear word, and a clean end."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import socket
from collections.abc import Iterator
from typing import Final

import uvicorn

from addad.errors import LinkError
from addad.headend.head_end import HeadEnd
from addad.headend.web.app import create_app
from addad.headend.web.doorman import Doorman

logger = logging.getLogger(__name__)

MAX_HEAD_OCTETS: Final = 16 * 1024
GRACE_S: Final = 2
BACKLOG: Final = 128


class _Server(uvicorn.Server):
    """Leaves the signals to whoever runs the event loop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class WebServer:
    """Serves a head end's pages between `start()` and `stop()`."""

    def __init__(self, head_end: HeadEnd) -> None:
        self._head_end = head_end
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None
        self._port = head_end.settings.web_port

    @property
    def url(self) -> str:
        """The address to open in a browser."""
        settings = self._head_end.settings
        host = "localhost" if settings.web_host in ("0.0.0.0", "::") else settings.web_host
        scheme = "https" if settings.https else "http"
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{self._port}"

    async def start(self) -> None:
        """Listen and serve; raises `LinkError` when the port cannot be had."""
        settings = self._head_end.settings
        listening = _listen(settings.web_host, settings.web_port)
        self._port = int(listening.getsockname()[1])
        config = uvicorn.Config(
            create_app(self._head_end),
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=GRACE_S,
            h11_max_incomplete_event_size=MAX_HEAD_OCTETS,
            http=Doorman,
            ws="none",
        )
        self._server = _Server(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[listening]))
        while not self._server.started and not self._task.done():
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """End streams, then the server, within a few seconds."""
        self._head_end.office.hub.close()
        if self._server is not None and self._task is not None:
            self._server.should_exit = True
            await asyncio.gather(self._task, return_exceptions=True)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as fault:
        cures = {
            errno.EADDRINUSE: "it is in use: end the other program or give another port",
            errno.EACCES: "it needs more rights: give a port above 1023",
            errno.EADDRNOTAVAIL: "this computer has no such address",
        }
        cure = cures.get(fault.errno or 0, fault.strerror or str(fault))
        raise LinkError(f"cannot listen on {host}:{port}: {cure}") from None
