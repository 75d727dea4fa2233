"""Telling without being asked: one message that is due, and its attempts until it is delivered.

Push setup of the Blue Book (class 40): retries and their delay are its attributes. A round of
attempts that fails is followed by another after a longer pause, so that no alarm is lost with a
network; a new alarm during a pause starts a new round at once.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final, NamedTuple

ROUND_PAUSE_S: Final = 300.0
PORT_MAX: Final = 0xFFFF
_INVOKE_ID_MASK: Final = 0xFF_FFFF
_LABEL: Final = r"[0-9A-Za-z_-]{1,63}"
_HOST_PORT: Final = re.compile(
    rf"(?=.{{1,240}}$)(?:\[[0-9A-Fa-f:.]+\]|{_LABEL}(?:\.{_LABEL})*\.?):([0-9]{{1,5}})"
)


def is_destination(text: str) -> bool:
    """Whether a text is `host:port` or `[IPv6]:port`, as a network can resolve it."""
    match = _HOST_PORT.fullmatch(text)
    return match is not None and 0 < int(match[1]) <= PORT_MAX


class PushAttempt(NamedTuple):
    """An attempt that is to be made now: what number the message has, when it was first due."""

    invoke_id: int
    due: datetime
    attempt: int


class PushQueue:
    """At most one message is under way; its content is read when it is sent.

    `retries` and `delay_s` are the attributes of the push setup, in force at once.
    """

    def __init__(self, retries: int = 3, delay_s: int = 5) -> None:
        self.retries = retries
        self.delay_s = delay_s
        self._due: datetime | None = None
        self._invoke_id = 0
        self._attempts = 0
        self._wait_s = 0.0
        self._in_flight = False
        self._again = False

    @property
    def pending(self) -> bool:
        """Whether something has still to be told."""
        return self._due is not None

    def request(self, at: datetime) -> None:
        """Something new is to be told. What is under way now may not hold it: one more follows."""
        if self._in_flight:
            self._again = True
            return
        self._begin(at)

    def forget(self) -> None:
        """Nothing has to be told any more; what is under way is not repeated."""
        self._due = None
        self._again = False
        self._attempts = 0

    def step(self, elapsed_s: float) -> PushAttempt | None:
        """Time passes; the attempt that is to be made now. Answer it by `done`."""
        if self._due is None or self._in_flight:
            return None
        self._wait_s -= elapsed_s
        if self._wait_s > 0:
            return None
        self._in_flight = True
        self._attempts += 1
        return PushAttempt(self._invoke_id, self._due, self._attempts)

    def done(self, delivered: bool, at: datetime) -> None:
        """How the attempt ended."""
        if not self._in_flight:
            return
        self._in_flight = False
        if delivered:
            self._due = None
        elif self._attempts > self.retries:
            self._attempts = 0
            self._wait_s = ROUND_PAUSE_S
        else:
            self._wait_s = float(self.delay_s)
        if self._again:
            self._again = False
            self._begin(at)

    def _begin(self, at: datetime) -> None:
        if self._due is None:
            self._invoke_id = (self._invoke_id + 1) & _INVOKE_ID_MASK
            self._due = at
        self._attempts = 0
        self._wait_s = 0.0

    def snapshot(self) -> list[int | str]:
        """What has to survive a power cut: that something is due, and the numbering."""
        due = "" if self._due is None else self._due.isoformat()
        return [due, self._invoke_id, self.retries, self.delay_s]

    def restore(self, kept: list[int | str]) -> None:
        """Stand where `snapshot` stood; what was under way is due again."""
        due, invoke_id, retries, delay_s = kept
        self._due = datetime.fromisoformat(str(due)) if due else None
        self._invoke_id, self.retries, self.delay_s = int(invoke_id), int(retries), int(delay_s)
