"""Turns: many connections share one event loop with whatever else must not wait, such as a meter.

A turn is short, and so is a round of turns; between two rounds the loop looks after its timers.
One request is never cut short: what a single one may cost is bounded by the protocol's limits.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final, TypeAlias

TURN_S: Final = 0.01
"""How long one connection works before the others have their turn."""
ROUND_S: Final = 0.05
"""How long connections work before the event loop does all else that is due.

In that time each of a thousand clients that ask at once gets its answer as its request is read.
"""

Work: TypeAlias = Callable[[float], bool]
"""Works until a moment of the loop's time; gives whether there is more to do."""


class Turns:
    """First come, first served; who is not done goes to the end of the queue."""

    def __init__(self) -> None:
        self._queue: deque[Work] = deque()
        self._spent_s = 0.0
        self._counting = False

    def ask(self, work: Work) -> None:
        """Let `work` be called at once if nobody waits and the round has time left, else later.

        It is called again until it says that there is no more to do: ask once until then.
        """
        if self._queue or self._spent_s >= ROUND_S:
            self._queue.append(work)
        else:
            self._give(work)

    def _give(self, work: Work) -> None:
        loop = asyncio.get_running_loop()
        if not self._counting:
            self._counting = True
            loop.call_soon(self._next_round)
        begun_s = loop.time()
        try:
            more = work(begun_s + TURN_S)
        finally:
            self._spent_s += loop.time() - begun_s
        if more:
            self._queue.append(work)

    def _next_round(self) -> None:
        self._counting = False
        self._spent_s = 0.0
        for _ in range(len(self._queue)):
            if self._spent_s >= ROUND_S:
                break
            self._give(self._queue.popleft())
        if self._queue and not self._counting:
            self._counting = True
            asyncio.get_running_loop().call_soon(self._next_round)
