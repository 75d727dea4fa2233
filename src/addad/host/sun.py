"""The sun of the site, computed by a process of its own that ends with its answer.

The library behind it is larger than all of a meter, and is needed for half a second a day: so it
is loaded elsewhere. That process holds no pipe of ours open, and gets no Ctrl-C of ours.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from typing import Final

import numpy as np
from numpy.typing import NDArray

from addad.errors import InputError
from addad.world.pv import MINUTES, Roof, SolarDay, solar_day

logger = logging.getLogger(__name__)

Days = NDArray[np.float64]

PROCESS_SECONDS_MAX: Final = 60.0
_DAYS_KEPT: Final = 8


def ask_process(first: SolarDay, count: int) -> Days:
    """The power (count, 1441) of days in a row [W], from a new process.

    Raises InputError, with what to do, when it gives none.
    """
    asked = json.dumps([first.seed, first.peak_w, asdict(first.roof), first.day, count])
    command = [sys.executable, "-P", "-m", __name__, asked]
    try:
        ended = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PROCESS_SECONDS_MAX,
            start_new_session=True,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as fault:
        raise InputError(f"the sun of the site cannot be computed: {fault}; try again") from fault
    if ended.returncode != 0 or len(ended.stdout) != count * (MINUTES + 1) * 8:
        last = ended.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise InputError(f"the sun of the site cannot be computed: {last or ended.returncode}")
    return np.frombuffer(ended.stdout, np.float64).reshape(count, MINUTES + 1)


class Sun:
    """`pv.solar_day` for a site, from another process: it may be given as `compute_sun`.

    Asked for a day, it begins at once with the next one, so that midnight waits for nothing. A day
    that fails later on is like the one before, and the log says so: a meter does not stop for it.
    """

    def __init__(self, ask: Callable[[SolarDay, int], Days] = ask_process) -> None:
        self._ask = ask
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="sun")
        self._days: dict[SolarDay, Days] = {}
        self._coming: tuple[SolarDay, Future[Days]] | None = None

    def __call__(self, wanted: SolarDay) -> Days:
        """The day's power (1441,) [W]. Raises InputError while no day is known at all."""
        self._take_coming(wait_for=wanted)
        if wanted not in self._days:
            self._compute(wanted)
        found = self._days[wanted]
        tomorrow = wanted._replace(day=wanted.day + 1)
        if tomorrow not in self._days and self._coming is None:
            self._coming = (tomorrow, self._executor.submit(self._ask, tomorrow, 1))
        return found

    def _take_coming(self, wait_for: SolarDay) -> None:
        if self._coming is None:
            return
        day, future = self._coming
        if day != wait_for and not future.done():
            return
        self._coming = None
        try:
            self._keep(day, future.result())
        except InputError as fault:
            logger.warning("the sun of a coming day: %s", fault)

    def _compute(self, wanted: SolarDay) -> None:
        """The day and its two neighbours: it is the library's loading that takes time."""
        before = wanted._replace(day=wanted.day - 1)
        try:
            self._keep(before, self._ask(before, 3))
        except InputError as fault:
            like = self._days.get(before)
            if like is None:
                raise
            logger.warning("the sun of today is like yesterday's: %s", fault)
            self._keep(wanted, like[None])

    def _keep(self, first: SolarDay, days: Days) -> None:
        for number, power in enumerate(days):
            self._days[first._replace(day=first.day + number)] = power
        while len(self._days) > _DAYS_KEPT:
            self._days.pop(next(iter(self._days)))


def _answer(asked: str) -> None:
    seed, peak_w, roof, day, count = json.loads(asked)
    first = SolarDay(seed, peak_w, Roof(**roof), day)
    for number in range(count):
        power = solar_day(first._replace(day=day + number))
        sys.stdout.buffer.write(np.ascontiguousarray(power, np.float64).tobytes())


if __name__ == "__main__":
    try:
        _answer(sys.argv[1])
    except InputError as problem:
        sys.exit(str(problem))
