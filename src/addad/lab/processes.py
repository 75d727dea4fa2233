"""Fresh processes for what takes minutes, and none that is left behind. No standard governs it."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

from addad.errors import InputError


@contextmanager
def fresh_processes(workers: int) -> Iterator[ProcessPoolExecutor]:
    """So many processes; an interruption or an error ends them at once and without a word."""
    before = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _quiet)
    try:
        _begin(pool, workers)
        yield pool
    except BrokenProcessPool as fault:
        raise InputError(
            "a process was ended from outside, by lack of memory perhaps; --processes 1 takes less"
        ) from fault
    except BaseException:
        for child in set(multiprocessing.active_children()) - before:
            child.terminate()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin(pool: ProcessPoolExecutor, workers: int) -> None:
    """Start them deaf to interruptions, which would break into their imports with a traceback."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        for _ in range(workers):
            pool.submit(_quiet)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _quiet() -> None:
    """An interruption ends a worker as it ends any program: its parent has the say."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
