"""The states of an HDLC link at either end, as one table of states and events.

IEC 62056-46: normal disconnected mode and normal response mode, what leads from one to the other,
and the frame reject condition of the server, which only SNRM or DISC ends.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Final


class LinkState(Enum):
    """Where a link is; `CLEARING` ends what a client before us may have left open."""

    DISCONNECTED = auto()
    CLEARING = auto()
    CONNECTING = auto()
    CONNECTED = auto()
    DISCONNECTING = auto()
    REJECTING = auto()


class LinkEvent(Enum):
    """What happens to a link: by our own side, by a frame of the peer, by time."""

    CLEAR = auto()
    CONNECT = auto()
    DISCONNECT = auto()
    SNRM = auto()
    DISC = auto()
    UA = auto()
    DM = auto()
    FRMR = auto()
    REJECT = auto()
    """The client broke the rules: the server says so with FRMR."""
    VIOLATION = auto()
    """The server broke the rules: the client gives the link up."""
    SILENCE = auto()
    """The server did not answer, however often it was asked."""
    INACTIVITY = auto()
    """The client sent nothing for the inactivity time."""


_S, _E = LinkState, LinkEvent

TRANSITIONS: Final = {
    # the client's end
    (_S.DISCONNECTED, _E.CLEAR): _S.CLEARING,
    (_S.DISCONNECTED, _E.CONNECT): _S.CONNECTING,
    (_S.CLEARING, _E.UA): _S.CONNECTING,
    (_S.CLEARING, _E.DM): _S.CONNECTING,
    (_S.CLEARING, _E.SILENCE): _S.CONNECTING,
    (_S.CLEARING, _E.DISCONNECT): _S.DISCONNECTED,
    (_S.CONNECTING, _E.UA): _S.CONNECTED,
    (_S.CONNECTING, _E.DM): _S.DISCONNECTED,
    (_S.CONNECTING, _E.FRMR): _S.DISCONNECTED,
    (_S.CONNECTING, _E.VIOLATION): _S.DISCONNECTED,
    (_S.CONNECTING, _E.SILENCE): _S.DISCONNECTED,
    (_S.CONNECTING, _E.DISCONNECT): _S.DISCONNECTING,
    (_S.CONNECTED, _E.DISCONNECT): _S.DISCONNECTING,
    (_S.CONNECTED, _E.DM): _S.DISCONNECTED,
    (_S.CONNECTED, _E.FRMR): _S.DISCONNECTED,
    (_S.CONNECTED, _E.VIOLATION): _S.DISCONNECTED,
    (_S.CONNECTED, _E.SILENCE): _S.DISCONNECTED,
    (_S.DISCONNECTING, _E.UA): _S.DISCONNECTED,
    (_S.DISCONNECTING, _E.DM): _S.DISCONNECTED,
    (_S.DISCONNECTING, _E.FRMR): _S.DISCONNECTED,
    (_S.DISCONNECTING, _E.SILENCE): _S.DISCONNECTED,
    # the server's end
    (_S.DISCONNECTED, _E.SNRM): _S.CONNECTED,
    (_S.CONNECTED, _E.SNRM): _S.CONNECTED,
    (_S.REJECTING, _E.SNRM): _S.CONNECTED,
    (_S.CONNECTED, _E.DISC): _S.DISCONNECTED,
    (_S.REJECTING, _E.DISC): _S.DISCONNECTED,
    (_S.CONNECTED, _E.REJECT): _S.REJECTING,
    (_S.CONNECTED, _E.INACTIVITY): _S.DISCONNECTED,
    (_S.REJECTING, _E.INACTIVITY): _S.DISCONNECTED,
}


def next_state(state: LinkState, event: LinkEvent) -> LinkState:
    """The state after an event; a pair that the table lacks changes nothing."""
    return TRANSITIONS.get((state, event), state)
