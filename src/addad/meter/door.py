"""Who knocks: what clients fail at is counted, told when it goes on, and ends in a locked door.

The figures are the house's own. A lock is on a client at one address: so a stranger can keep out
nobody but himself and his neighbours. There is none on a client with a password: that travels in
plain, so a lock would not protect it, and anybody beside the real client could close it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from addad.meter import event_codes as codes

FAILURES: Final = 3
"""So many failures in a row are an event, and lock."""
PAUSE_S: Final = 60.0
PAUSE_MAX_S: Final = 3600.0
"""An event of the same client comes after a pause, and each pause is twice the one before, to
this: who guesses fast cannot push the evidence out of the log. Locks last as long."""
MAX_PEERS: Final = 1024
"""How many addresses are remembered; the one that may come back first is forgotten first."""


class Offence(Enum):
    """What a client did; the value is its event, and how often in a row it is one."""

    AUTHENTICATION = (codes.AUTHENTICATION_FAILURE, FAILURES)
    DECIPHERING = (codes.DECIPHERING_FAILURE, FAILURES)
    REPLAY = (codes.REPLAY, 1)

    @property
    def event(self) -> int:
        """The code of the event in the fraud log."""
        return self.value[0]

    @property
    def tolerated(self) -> int:
        """How often in a row it is an event."""
        return self.value[1]


@dataclass(slots=True)
class _Count:
    """Failures in a row, and the pause that follows the next time that they are too many."""

    failures: int = 0
    pause_s: float = 0.0
    until_s: float = 0.0
    seen_s: float = 0.0

    def too_many(self, now_s: float, tolerated: int) -> bool:
        """Count one more; True begins a pause, twice the one before unless it was long ago."""
        self.failures += 1
        self.seen_s = now_s
        if self.failures < tolerated or now_s < self.until_s:
            return False
        quiet = now_s >= self.until_s + self.pause_s
        self.pause_s = PAUSE_S if quiet else min(2 * self.pause_s, PAUSE_MAX_S)
        self.until_s = now_s + self.pause_s
        self.failures = 0
        return True


class Door:
    """The failures of each client, when the last event of it was, and where it is locked."""

    def __init__(self) -> None:
        self._now_s = 0.0
        self._events: dict[tuple[int, Offence], _Count] = {}
        self._locks: dict[tuple[int, str], _Count] = {}

    def failed(self, client_sap: int, peer: str, offence: Offence, *, lockable: bool) -> bool:
        """A client was refused; whether that is to be told as an attempted fraud."""
        if lockable and offence is not Offence.REPLAY:
            lock = self._locks.get((client_sap, peer))
            if lock is None:
                lock = self._locks[client_sap, peer] = self._room()
            lock.too_many(self._now_s, FAILURES)
        count = self._events.setdefault((client_sap, offence), _Count())
        return count.too_many(self._now_s, offence.tolerated)

    def came(self, client_sap: int, peer: str) -> None:
        """A client has been let in: its failures are no more in a row."""
        self._locks.pop((client_sap, peer), None)
        for (sap, _), count in self._events.items():
            if sap == client_sap:
                count.failures = 0

    def admits(self, client_sap: int, peer: str) -> bool:
        """Whether a client may knock from there."""
        lock = self._locks.get((client_sap, peer))
        return lock is None or self._now_s >= lock.until_s

    def step(self, elapsed_s: float) -> None:
        """Time passes."""
        self._now_s += elapsed_s

    def _room(self) -> _Count:
        """A fresh count; who has been quiet longest, or is locked the shortest, makes room."""
        if len(self._locks) >= MAX_PEERS:
            first = min(self._locks, key=lambda name: max(_until_and_seen(self._locks[name])))
            del self._locks[first]
        return _Count()


def _until_and_seen(lock: _Count) -> tuple[float, float]:
    return lock.until_s, lock.seen_s


def host_of(peer: str) -> str:
    """Where a client is, without the port, which is another one each time."""
    host, colon, port = peer.rpartition(":")
    return host if colon and port.isdecimal() else peer
