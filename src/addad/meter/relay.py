"""The supply relay: three states, eight control modes, and what may move it.

Disconnect control of the Blue Book (class 70). The letters of the transitions and the modes that
allow them are the house's own copy of the table that two public sources agree on letter by letter;
mode 7 stands in one source only.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from enum import Enum
from typing import Final, NamedTuple

from addad.cosem.classes.control import ControlMode, ControlState

_DISCONNECTED: Final = ControlState.DISCONNECTED
_CONNECTED: Final = ControlState.CONNECTED
_READY: Final = ControlState.READY_FOR_RECONNECTION


class Trigger(Enum):
    """Who asks for what: the utility, a person at the meter, or the meter itself."""

    REMOTE_DISCONNECT = "remote_disconnect"
    REMOTE_RECONNECT = "remote_reconnect"
    MANUAL_DISCONNECT = "manual_disconnect"
    MANUAL_RECONNECT = "manual_reconnect"
    LOCAL_DISCONNECT = "local_disconnect"
    LOCAL_RECONNECT = "local_reconnect"


class Transition(NamedTuple):
    """One lettered arrow of the state diagram, and the event codes that it logs, in order."""

    trigger: Trigger
    source: ControlState
    target: ControlState
    events: tuple[int, ...]


LETTERS: Final[dict[str, Transition]] = {
    "a": Transition(Trigger.REMOTE_RECONNECT, _DISCONNECTED, _CONNECTED, (63,)),
    "b": Transition(Trigger.REMOTE_DISCONNECT, _CONNECTED, _DISCONNECTED, (62,)),
    "c": Transition(Trigger.REMOTE_DISCONNECT, _READY, _DISCONNECTED, (62,)),
    "d": Transition(Trigger.REMOTE_RECONNECT, _DISCONNECTED, _READY, (59,)),
    "e": Transition(Trigger.MANUAL_RECONNECT, _READY, _CONNECTED, (61,)),
    "f": Transition(Trigger.MANUAL_DISCONNECT, _CONNECTED, _READY, (60, 59)),
    "g": Transition(Trigger.LOCAL_DISCONNECT, _CONNECTED, _READY, (64, 59)),
    "h": Transition(Trigger.LOCAL_RECONNECT, _READY, _CONNECTED, (69,)),
    "i": Transition(Trigger.REMOTE_RECONNECT, _READY, _CONNECTED, (63,)),
}

MODES: Final[dict[ControlMode, str]] = {
    ControlMode.MODE_0: "",
    ControlMode.MODE_1: "bcfgde",
    ControlMode.MODE_2: "bcfgae",
    ControlMode.MODE_3: "bcgde",
    ControlMode.MODE_4: "bcgae",
    ControlMode.MODE_5: "bcfgdeh",
    ControlMode.MODE_6: "bcgdeh",
    ControlMode.MODE_7: "bcgaieh",
}

TRANSITIONS: Final[dict[tuple[ControlMode, ControlState, Trigger], str]] = {
    (mode, LETTERS[letter].source, LETTERS[letter].trigger): letter
    for mode, letters in MODES.items()
    for letter in letters
}

_STATE_AFTER: Final = {arrow.events[-1]: arrow.target for arrow in LETTERS.values()}


class Answer(Enum):
    """What became of a request."""

    DONE = "done"
    NOT_ALLOWED = "not allowed in this mode and state"
    TOO_SOON = "the contact needs a pause"


class Outcome(NamedTuple):
    """The answer to a request, the letter that was taken (or empty) and the events to log."""

    answer: Answer
    letter: str = ""
    events: tuple[int, ...] = ()


class RelayLimits(NamedTuple):
    """How often the contact may be closed. Opening is safety: it is never refused."""

    pause_s: float = 10.0
    closings_per_hour: int = 10


class Relay:
    """The relay's logic. `uptime_s` in calls is the meter's monotonic time [s]."""

    def __init__(
        self,
        mode: ControlMode = ControlMode.MODE_6,
        state: ControlState = ControlState.CONNECTED,
        limits: RelayLimits | None = None,
    ) -> None:
        self.state = state
        self._mode = mode
        self.limits = limits or RelayLimits()
        self.last_letter = ""
        self.operations = 0
        self._last_operation_s: float | None = None
        self._closings: deque[float] = deque(maxlen=max(1, self.limits.closings_per_hour))
        if mode is ControlMode.MODE_0:
            self.state = ControlState.CONNECTED

    @property
    def closed(self) -> bool:
        """Where the contact is to stand: driven from the stored state at all times."""
        return self.state is ControlState.CONNECTED

    @property
    def mode(self) -> ControlMode:
        """The control mode; see `MODES`."""
        return self._mode

    def set_mode(self, mode: ControlMode) -> bool:
        """Change the mode; False, and nothing changes, where that alone would restore supply.

        Mode 0 knows only Connected, so it can be entered from Connected only.
        """
        if mode is ControlMode.MODE_0 and self.state is not ControlState.CONNECTED:
            return False
        self._mode = mode
        return True

    def request(self, trigger: Trigger, uptime_s: float) -> Outcome:
        """Take the one arrow that mode and state have for `trigger`, or change nothing."""
        letter = TRANSITIONS.get((self._mode, self.state, trigger))
        if letter is None:
            return Outcome(Answer.NOT_ALLOWED)
        arrow = LETTERS[letter]
        closes = arrow.target is ControlState.CONNECTED
        if closes and self._needs_pause(uptime_s):
            return Outcome(Answer.TOO_SOON)
        if closes or self.state is ControlState.CONNECTED:
            self.operations += 1
            self._last_operation_s = uptime_s
        if closes:
            self._closings.append(uptime_s)
        self.state = arrow.target
        self.last_letter = letter
        return Outcome(Answer.DONE, letter, arrow.events)

    def _needs_pause(self, uptime_s: float) -> bool:
        last = self._last_operation_s
        if last is not None and uptime_s - last < self.limits.pause_s:
            return True
        full = len(self._closings) == self._closings.maxlen
        return full and uptime_s - self._closings[0] < 3600.0

    def recover(self, codes: Iterable[int]) -> None:
        """Stand where the logged event codes, newest first, say: for when only the log survived."""
        if self._mode is not ControlMode.MODE_0:
            known = (_STATE_AFTER[code] for code in codes if code in _STATE_AFTER)
            self.state = next(known, self.state)

    def snapshot(self) -> list[int | str]:
        """What has to survive a power cut: mode, state, last letter, count of operations."""
        return [int(self._mode), int(self.state), self.last_letter, self.operations]

    def restore(self, kept: list[int | str]) -> None:
        """Stand where `snapshot` stood; raises ValueError when it is none."""
        mode, state, letter, operations = kept
        self._mode, self.state = ControlMode(int(mode)), ControlState(int(state))
        self.last_letter, self.operations = str(letter), int(operations)


class ContactWatch:
    """Compares the contact with the command: stuck contact, or load through an open one.

    Either condition must last (`settle_s`, `load_s` [s]) before it counts, and counts once until it
    has ended.
    """

    settle_s: Final = 2.0
    load_s: Final = 10.0

    def __init__(self) -> None:
        self.failed = False
        self._wrong_s = 0.0
        self._load_s = 0.0

    def step(
        self, *, closed: bool, contact_closed: bool | None, load: bool, elapsed_s: float
    ) -> bool:
        """Whether a failure begins now. `contact_closed` None: the contact has no feedback."""
        wrong = contact_closed is not None and contact_closed is not closed
        self._wrong_s = self._wrong_s + elapsed_s if wrong else 0.0
        self._load_s = self._load_s + elapsed_s if load and not closed else 0.0
        failed = self._wrong_s > self.settle_s or self._load_s > self.load_s
        begins = failed and not self.failed
        self.failed = failed
        return begins
