"""Invocation counters: no number is ever sent twice under a key, and none accepted twice.

Green Book, IEC 62056-5-3 (invocation counter of AES-GCM).
"""

from __future__ import annotations

from typing import Final, Protocol

from addad.dlms.security.keys import KeyId
from addad.errors import LocalProtocolError, SecurityError, SecurityFault

COUNTER_END: Final = 0xFFFFFFFF
"""The counter that is never used: a key that gets there must be changed."""
COUNTER_WARNING: Final = 2_000_000_000
"""From here on a change of the key should be asked for."""


class Counters(Protocol):
    """The invocation counters of one set of keys (of one security setup).

    An implementation that outlives the run keeps both promises across a crash, a power cut and a
    restored file: `next` never gives a number twice, `settle` makes what was accepted durable.
    """

    def next(self, key: KeyId) -> int:
        """The counter to send now; raises `SecurityError` at the end."""
        ...

    def last(self, key: KeyId, title: bytes) -> int:
        """The last counter accepted from a sender under a key, -1 before the first."""
        ...

    def accept(self, key: KeyId, title: bytes, counter: int) -> bool:
        """Take a counter as used, after its tag verified and before anything is executed.

        False, and nothing is changed, for one that is not greater than the last.
        """
        ...

    def settle(self) -> None:
        """Make all accepted counters durable; called before a SET or ACTION is executed."""
        ...


class VolatileCounters:
    """Counters that live as long as their keys do: of a dedicated key, a session, a test."""

    __slots__ = ("_accepted", "_first", "_sent")

    def __init__(self, first: int = 0) -> None:
        """`first` is the first to be sent; raises `LocalProtocolError` for none of four octets."""
        if not 0 <= first <= COUNTER_END:
            raise LocalProtocolError(f"an invocation counter is 0 to {COUNTER_END}, not {first}")
        self._first = first
        self._sent: dict[KeyId, int] = {}
        self._accepted: dict[tuple[KeyId, bytes], int] = {}

    def next(self, key: KeyId) -> int:
        """The counter to send now; raises `SecurityError` at the end."""
        counter = self._sent.get(key, self._first)
        if counter >= COUNTER_END:
            raise exhausted()
        self._sent[key] = counter + 1
        return counter

    def last(self, key: KeyId, title: bytes) -> int:
        """The last counter accepted from a sender under a key, -1 before the first."""
        return self._accepted.get((key, title), -1)

    def accept(self, key: KeyId, title: bytes, counter: int) -> bool:
        """Take a counter as used; False, and nothing is changed, for one that is not greater."""
        sender = key, title
        if counter <= self._accepted.get(sender, -1):
            return False
        self._accepted[sender] = counter
        return True

    def settle(self) -> None:
        """Nothing: these counters end with the run."""


def exhausted() -> SecurityError:
    """The error of a counter that reached its end."""
    return SecurityError(
        "the invocation counter is at its end: change the key", SecurityFault.COUNTER_EXHAUSTED
    )


def take_counter(
    counters: Counters, key: KeyId, title: bytes, counter: int, verified: bool
) -> None:
    """Refuse a counter that was used; take it as used where the tag of its message verified.

    Raises `SecurityError`, which says the expected counter only to who proved the key.
    """
    last = counters.last(key, title)
    if counter <= last:
        raise SecurityError(
            f"invocation counter {counter} is not greater than {last}",
            SecurityFault.REPLAY,
            last + 1 if verified else None,
        )
    if counter >= COUNTER_END:
        raise exhausted()
    if verified:
        counters.accept(key, title, counter)
