"""A meter that calls: what its Auto connect says is done, as long as the process runs.

Blue Book, class 29. When a client has written other settings they hold from the end of the
connection that stands, so that nobody cuts the line on which he writes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from addad.errors import InputError
from addad.meter.calling import Calling, CallSettings
from addad.net.call_out import CallOut, CallState
from addad.net.server import Endpoint

logger = logging.getLogger(__name__)

LOOK_S: Final = 1.0
"""How often the settings are looked at."""


async def keep_calling(calling: Calling, endpoint: Callable[[], Endpoint]) -> None:
    """Call as the settings say, until cancelled."""
    held = CallSettings()
    out: CallOut | None = None
    running: asyncio.Task[None] | None = None
    try:
        while True:
            settings = calling.settings
            if settings != held and (out is None or out.state is not CallState.CONNECTED):
                await _stop(running)
                held = settings
                out = _call_out(settings, endpoint)
                running = None
                if out is not None:
                    running = asyncio.create_task(out.run(settings.mode, calling.in_window))
            if calling.take_invocation() and out is not None:
                out.invoke()
            await asyncio.sleep(LOOK_S)
    finally:
        await _stop(running)


def _call_out(settings: CallSettings, endpoint: Callable[[], Endpoint]) -> CallOut | None:
    if not settings.ever:
        return None
    try:
        return CallOut(
            endpoint,
            settings.destinations,
            repetitions=settings.repetitions,
            repetition_delay_s=settings.repetition_delay_s,
        )
    except InputError as fault:
        logger.warning("the meter calls nobody: %s", fault)
        return None


async def _stop(running: asyncio.Task[None] | None) -> None:
    if running is not None:
        running.cancel()
        await asyncio.wait((running,))
