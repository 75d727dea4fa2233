"""Guessing is slow: after some failures an address waits, each time twice as long.

One address's lock never locks another one out.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

FREE_FAILURES = 5
FIRST_LOCK_S = 60.0
LONGEST_LOCK_S = 3600.0
MAX_ADDRESSES = 10_000


class _Record(NamedTuple):
    failures: int
    locked_until_s: float


class LoginThrottle:
    """Counts failures by address; `now_s` is a monotonic time [s]."""

    def __init__(self) -> None:
        self._records: OrderedDict[str, _Record] = OrderedDict()

    def retry_after_s(self, address: str, now_s: float) -> float:
        """How long the address has to wait still; 0 when it may try."""
        record = self._records.get(address)
        return max(0.0, record.locked_until_s - now_s) if record else 0.0

    def failed(self, address: str, now_s: float) -> None:
        """Count a wrong password."""
        record = self._records.pop(address, _Record(0, 0.0))
        failures = record.failures + 1
        beyond = failures - FREE_FAILURES
        lock = min(FIRST_LOCK_S * 2.0**beyond, LONGEST_LOCK_S) if beyond >= 0 else 0.0
        self._records[address] = _Record(min(failures, FREE_FAILURES + 10), now_s + lock)
        while len(self._records) > MAX_ADDRESSES:
            self._records.popitem(last=False)

    def succeeded(self, address: str) -> None:
        """Forget the address's failures."""
        self._records.pop(address, None)
