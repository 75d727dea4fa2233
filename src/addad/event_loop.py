"""An event loop that an interruption ends without a traceback. No standard governs it.

`asyncio.run` hears Ctrl-C well once its loop runs; one that comes while the loop is made breaks
into its parts, and Python tells of them on the terminal.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import TypeVar

T = TypeVar("T")


def run(main: Callable[[], Coroutine[object, object, T]]) -> T:
    """What `main()` gives, run in a loop of its own; KeyboardInterrupt where one stopped it.

    An interruption that comes before `main` has begun is heard when it begins.
    """
    _hold(True)
    try:
        with asyncio.Runner() as runner:
            return runner.run(_heard(main))
    finally:
        _hold(False)


async def _heard(main: Callable[[], Coroutine[object, object, T]]) -> T:
    _hold(False)
    return await main()


def _hold(held: bool) -> None:
    """Let interruptions of this thread wait, where the system can."""
    if sys.platform != "win32":
        how = signal.SIG_BLOCK if held else signal.SIG_UNBLOCK
        signal.pthread_sigmask(how, {signal.SIGINT})
