"""A word on standard error for who waits: what takes long is said once it has taken a while.

The instrument's kernels are compiled at the first start after an installation; until then nothing
is measured, and a meter answers nobody.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer

PATIENCE_S = 4.0
"""A start that is not the first one is done by then."""


@contextmanager
def kernels_may_compile(
    command: str, patience_s: float | None = None
) -> Iterator[Callable[[], None]]:
    """Say what is going on if the block, or what it does until it calls what it is given, is slow.

    Slow is longer than `patience_s`, which is `PATIENCE_S` else.
    """
    words = f"addad {command}: still starting; at the first start the instrument is compiled, which"
    timer = Timer(
        PATIENCE_S if patience_s is None else patience_s,
        lambda: print(f"{words} takes a minute or two", file=sys.stderr, flush=True),
    )
    timer.daemon = True
    timer.start()
    try:
        yield timer.cancel
    finally:
        timer.cancel()
