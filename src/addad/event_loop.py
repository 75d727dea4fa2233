"""An event loop that an interruption ends without a traceback. No standard governs it.

`asyncio.run` hears Ctrl-C well once its loop runs; one that comes while the loop is made breaks
into its parts, and Python tells of them on the terminal. Whichever thread a signal finds, Python
hears it in the first one: so it is its handler that has to wait, and no mask helps.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Coroutine
from typing import TypeVar

T = TypeVar("T")


def run(main: Callable[[], Coroutine[object, object, T]]) -> T:
    """What `main()` gives, run in a loop of its own; KeyboardInterrupt where one stopped it.

    An interruption that comes before `main` has begun is heard when it begins.
    """
    before = signal.getsignal(signal.SIGINT)
    here = threading.current_thread() is threading.main_thread()
    if not here or before is not signal.default_int_handler:
        return asyncio.run(main())
    interruptions = _Interruptions()
    signal.signal(signal.SIGINT, interruptions.hear)
    try:
        with asyncio.Runner() as runner:
            return runner.run(interruptions.during(main))
    except asyncio.CancelledError:
        if not interruptions.count:
            raise
        raise KeyboardInterrupt from None
    finally:
        signal.signal(signal.SIGINT, before)


class _Interruptions:
    """The first cancels the program, as soon as there is one; the second breaks into it."""

    def __init__(self) -> None:
        self.count = 0
        self._task: asyncio.Task[object] | None = None

    def hear(self, _number: int, _frame: object) -> None:
        self.count += 1
        if self._task is None:
            return
        if self.count > 1:
            raise KeyboardInterrupt
        self._cancel(self._task)

    async def during(self, main: Callable[[], Coroutine[object, object, T]]) -> T:
        self._task = task = asyncio.current_task()
        if self.count and task is not None:
            self._cancel(task)
        return await main()

    @staticmethod
    def _cancel(task: asyncio.Task[object]) -> None:
        task.cancel()
        task.get_loop().call_soon_threadsafe(lambda: None)  # it may be asleep
