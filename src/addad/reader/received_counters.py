"""Invocation counters that were accepted and outlive a run: nothing recorded is taken again.

Green Book, IEC 62056-5-3 (invocation counter). A counter belongs to a sender's title and a key, and
is kept by a digest of both, as the first number that may still come: the keeper never sees a key.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Final, NamedTuple, Protocol

from addad.dlms.security.counters import VolatileCounters
from addad.dlms.security.keys import KeyId, SymmetricKeys
from addad.errors import SecurityError, SecurityFault

NAME_DIGITS: Final = 32
MARK_MAX: Final = 1 << 64
"""Above the highest transaction-id, which is kept as a counter is."""


class Taken(NamedTuple):
    """The lowest and the highest counter accepted of one sender since the last `settle`."""

    first: int
    last: int


class Keeper(Protocol):
    """Where marks are kept: a file, a store."""

    def mark(self, name: str) -> int:
        """The first counter that may still be accepted under a name; 0 before the first."""
        ...

    def take(self, taken: Mapping[str, Taken]) -> None:
        """Keep, durably and all at once, that counters were accepted.

        Raises `SecurityError` (a replay) when somebody else has accepted one of them since.
        """
        ...


class ReceivedCounters(VolatileCounters):
    """The counters of one set of keys; what was accepted is kept at `settle`.

    With `at_once` it is kept as it is accepted, before anything is done with what came. Raises what
    its keeper raises when that cannot read or write.
    """

    __slots__ = ("_at_once", "_keeper", "_keys", "_names", "_taken")

    def __init__(self, keys: SymmetricKeys, keeper: Keeper, *, at_once: bool = False) -> None:
        super().__init__()
        self._at_once = at_once
        self._keys = keys
        self._keeper = keeper
        self._names: dict[tuple[KeyId, bytes], str] = {}
        self._taken: dict[str, Taken] = {}

    def last(self, key: KeyId, title: bytes) -> int:
        """The last counter accepted from a sender under a key, -1 before the first."""
        if (key, title) not in self._names:
            self._load(key, title)
        return super().last(key, title)

    def accept(self, key: KeyId, title: bytes, counter: int) -> bool:
        """Take a counter as used; False, and nothing is changed, for one that is not greater."""
        if counter <= self.last(key, title):
            return False
        super().accept(key, title, counter)
        name = self._names[key, title]
        self._taken[name] = Taken(self._taken.get(name, Taken(counter, counter)).first, counter)
        if self._at_once:
            self.settle()
        return True

    def settle(self) -> None:
        """Keep what was accepted; raises `SecurityError` when somebody else accepted it before."""
        taken = self.drain()
        if taken:
            self._keeper.take(taken)

    def drain(self) -> dict[str, Taken]:
        """What was accepted since the last `settle`, for who keeps it otherwise."""
        taken, self._taken = self._taken, {}
        return taken

    def _load(self, key: KeyId, title: bytes) -> None:
        name = self._names[key, title] = name_of(self._keys, key, title)
        mark = self._keeper.mark(name)
        if mark:
            super().accept(key, title, mark - 1)


def name_of(keys: SymmetricKeys, key: KeyId, title: bytes) -> str:
    """The name under which a sender's counter of a key is kept."""
    octets = keys.encryption
    if key is KeyId.GLOBAL_BROADCAST_ENCRYPTION and keys.broadcast is not None:
        octets = keys.broadcast
    return sha256(b"addad accepted" + bytes((key,)) + title + octets).hexdigest()[:NAME_DIGITS]


def check_taken(taken: Mapping[str, Taken], marks: Mapping[str, int]) -> None:
    """Raise `SecurityError` when a counter is below its mark: somebody else accepted it before."""
    for name, (first, _) in taken.items():
        if first < marks.get(name, 0):
            raise SecurityError(
                f"invocation counter {first} is not greater than {marks[name] - 1}, which another "
                "program accepted",
                SecurityFault.REPLAY,
            )
