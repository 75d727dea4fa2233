"""The state of an association, as a table of what may follow what; the same for both ends.

Green Book, IEC 62056-5-3 (the control function of the application layer).
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

from addad.errors import LocalProtocolError, RemoteProtocolError


class State(Enum):
    """Where an association is."""

    __hash__ = object.__hash__  # each member is one object; the table is asked several times a GET

    IDLE = auto()
    ASSOCIATING = auto()
    PENDING = auto()
    """The client has still to answer the server's challenge, and the server the client's."""
    ASSOCIATED = auto()
    SERVING = auto()
    RELEASING = auto()


class Event(Enum):
    """What happens to an association."""

    __hash__ = object.__hash__

    AARQ = auto()
    ACCEPTED = auto()
    CHALLENGED = auto()
    """The AARE brings a challenge of high-level security."""
    ESTABLISHED = auto()
    """An association stands by agreement, without AARQ."""
    REFUSED = auto()
    REQUEST = auto()
    """A GET, SET, ACTION or ACCESS begins."""
    BLOCK = auto()
    """One of its blocks goes either way."""
    RESPONSE = auto()
    """It ends, also by an exception."""
    RLRQ = auto()
    RLRE = auto()
    ABORT = auto()
    """The link is lost, or the peer begins anew."""


TRANSITIONS: Final = {
    State.IDLE: {
        Event.AARQ: State.ASSOCIATING,
        Event.ESTABLISHED: State.ASSOCIATED,
        Event.ABORT: State.IDLE,
    },
    State.ASSOCIATING: {
        Event.ACCEPTED: State.ASSOCIATED,
        Event.CHALLENGED: State.PENDING,
        Event.REFUSED: State.IDLE,
        Event.ABORT: State.IDLE,
    },
    State.PENDING: {
        Event.ACCEPTED: State.ASSOCIATED,
        Event.REFUSED: State.IDLE,
        Event.RLRQ: State.RELEASING,
        Event.ABORT: State.IDLE,
    },
    State.ASSOCIATED: {
        Event.REQUEST: State.SERVING,
        Event.RLRQ: State.RELEASING,
        Event.ABORT: State.IDLE,
    },
    State.SERVING: {
        Event.BLOCK: State.SERVING,
        Event.RESPONSE: State.ASSOCIATED,
        Event.RLRQ: State.RELEASING,
        Event.ABORT: State.IDLE,
    },
    State.RELEASING: {
        Event.RLRE: State.IDLE,
        Event.ABORT: State.IDLE,
    },
}


class AssociationState:
    """Goes from state to state by the table, or says whose fault it is that it cannot."""

    __slots__ = ("state",)

    def __init__(self) -> None:
        self.state = State.IDLE

    def allows(self, event: Event) -> bool:
        """Whether the event may happen now."""
        return event in TRANSITIONS[self.state]

    def local(self, event: Event) -> None:
        """Our side does this; raises `LocalProtocolError` if it may not."""
        try:
            self.state = TRANSITIONS[self.state][event]
        except KeyError:
            raise LocalProtocolError(f"no {event.name} while {self.state.name}") from None

    def remote(self, event: Event) -> None:
        """The peer did this; raises `RemoteProtocolError` if it may not."""
        try:
            self.state = TRANSITIONS[self.state][event]
        except KeyError:
            raise RemoteProtocolError(f"{event.name} while {self.state.name}") from None
