"""An event loop whose time jumps: hours of protocol in milliseconds, and no flaky sleep.

When nothing is ready, the loop's clock moves to the next timer. Work in threads (a store's commit)
is waited for in real time, since it has no place on the virtual axis.
"""

import asyncio
import contextlib
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar

T = TypeVar("T")
THREAD_WAIT_S = 30.0


class _JumpingSelector(selectors.DefaultSelector):
    """Selects on real file descriptors; an idle wait moves virtual time instead."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0
        self.threads_busy = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout is None or timeout <= 0:
            return ready if ready or timeout is not None else super().select(THREAD_WAIT_S)
        if self.threads_busy:
            return super().select(min(THREAD_WAIT_S, 0.05))
        self.now_s += timeout
        return []


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """A selector loop on virtual time."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now_s

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        self._jumping.threads_busy += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._thread_done)
        return future

    def _thread_done(self, _future: "asyncio.Future[Any]") -> None:
        self._jumping.threads_busy -= 1


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end in virtual time."""
    with contextlib.closing(VirtualTimeLoop()) as loop:
        asyncio.set_event_loop(loop)
        try:
            return loop.run_until_complete(main)
        finally:
            pending = asyncio.all_tasks(loop)
            for task in pending:
                task.cancel()
            loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.run_until_complete(loop.shutdown_default_executor())
            asyncio.set_event_loop(None)
