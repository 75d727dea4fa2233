"""Memories that fail on purpose, and a meter that is ready to be stepped."""

import errno
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import NamedTuple

import pytest

from addad.meter.storage import VolatileMemory

SECTOR = 512
SUBSET_MAX = 6


class Call(NamedTuple):
    """One call of the store to its memory."""

    kind: str
    area: str
    offset: int = 0
    octets: bytes = b""


class TracedMemory(VolatileMemory):
    """Remembers every call, and fails from the call `fails_at` on, for `failures` calls.

    A write that fails leaves half of its octets behind; a sync that fails leaves nothing certain.
    """

    def __init__(self, fails_at: int | None = None, failures: int = 1) -> None:
        super().__init__()
        self.calls: list[Call] = []
        self.failed: list[Call] = []
        self._fails_at = fails_at
        self._failures = failures

    def _call(self, call: Call) -> None:
        number = len(self.calls) + len(self.failed)
        if self._fails_at is not None and 0 <= number - self._fails_at < self._failures:
            self.failed.append(call)
            if call.kind == "write":
                super().write(call.area, call.offset, call.octets[: len(call.octets) // 2])
            raise OSError(errno.ENOSPC, "No space left on device")
        self.calls.append(call)

    def write(self, area: str, offset: int, octets: bytes) -> None:
        self._call(Call("write", area, offset, octets))
        super().write(area, offset, octets)

    def sync(self, area: str) -> None:
        self._call(Call("sync", area))

    def replace(self, area: str, octets: bytes) -> None:
        self._call(Call("replace", area, 0, octets))
        super().replace(area, octets)


def _applied(calls: list[Call]) -> VolatileMemory:
    memory = VolatileMemory()
    for call in calls:
        if call.kind == "write":
            memory.write(call.area, call.offset, call.octets)
        elif call.kind == "replace":
            memory.replace(call.area, call.octets)
    return memory


def memories_after_a_cut(calls: list[Call]) -> Iterator[VolatileMemory]:
    """Every memory that may be found when the power fails after these calls.

    Writes since the last sync of their area may have come through or not, in any combination, and
    the last one in part: up to any sector, or to half of one.
    """
    certain, loose = [], []
    for call in calls:
        if call.kind == "sync":
            certain += [write for write in loose if write.area == call.area]
            loose = [write for write in loose if write.area != call.area]
        elif call.kind == "write":
            loose.append(call)
        else:
            loose = [write for write in loose if write.area != call.area]
            certain.append(call)
    assert len(loose) <= SUBSET_MAX
    for size in range(len(loose) + 1):
        for chosen in combinations(loose, size):
            yield _applied([*certain, *chosen])
    for index, write in enumerate(loose):
        others = loose[:index] + loose[index + 1 :]
        for cut in (*range(SECTOR, len(write.octets), SECTOR), len(write.octets) // 2):
            for kept in (write.octets[:cut], b""):
                part = write._replace(octets=kept)
                yield _applied([*certain, *others, part])
            tail = write._replace(offset=write.offset + cut, octets=write.octets[cut:])
            yield _applied([*certain, tail])


@pytest.fixture
def traced_memory() -> type[TracedMemory]:
    return TracedMemory


@pytest.fixture
def cuts() -> Callable[[list[Call]], Iterator[VolatileMemory]]:
    return memories_after_a_cut
