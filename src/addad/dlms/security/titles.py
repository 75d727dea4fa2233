"""The system titles that one end of an association goes by: its own, and whom it believes.

Green Book, IEC 62056-5-3 (system title, and how the ends come to know each other's).
"""

from __future__ import annotations

from typing import Final

from addad.dlms.security.suite import TITLE_OCTETS
from addad.errors import DecodeError, LocalProtocolError, SecurityError, SecurityFault

_UNKNOWN: Final = SecurityFault.UNKNOWN_TITLE


class SystemTitles:
    """`provisioned` is the only peer title that is believed; without one, the first is learned."""

    __slots__ = ("own", "peer", "provisioned")

    def __init__(self, own: bytes, provisioned: bytes | None) -> None:
        if len(own) != TITLE_OCTETS:
            raise LocalProtocolError(f"a system title has {TITLE_OCTETS} octets")
        if provisioned is not None and (len(provisioned) != TITLE_OCTETS or provisioned == own):
            raise LocalProtocolError("the peer's system title has 8 octets and is not our own")
        self.own = own
        self.provisioned = provisioned
        self.peer = provisioned

    def learn(self, title: bytes) -> None:
        """Take the peer's title; raises `SecurityError` for our own, and for another one."""
        if len(title) != TITLE_OCTETS:
            raise DecodeError(f"a system title of {len(title)} octets")
        self._check(title)
        self.peer = title

    def sender(self, carried: bytes | None) -> bytes:
        """Who sent an envelope that carries a title, or none; raises `SecurityError`."""
        if carried is None:
            return self.known_peer()
        if carried != self.peer:
            self._check(carried)
            if self.peer is not None:
                raise SecurityError("the system title changed", _UNKNOWN)
        return carried

    def known_peer(self) -> bytes:
        """The peer's title; raises `SecurityError` without one."""
        if self.peer is None:
            raise SecurityError("no system title is known", _UNKNOWN)
        return self.peer

    def _check(self, title: bytes) -> None:
        if title == self.own:
            raise SecurityError("our own system title came back", _UNKNOWN)
        if self.provisioned is not None and title != self.provisioned:
            raise SecurityError(
                f"system title {title.hex()} where {self.provisioned.hex()} is provisioned",
                _UNKNOWN,
            )
