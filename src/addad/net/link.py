"""A link: frames of APDUs between a client SAP and a server SAP, whatever carries them.

IEC 62056-47 (TCP, UDP) and IEC 62056-46 (HDLC) give one each; `Client` works on any.
"""

from __future__ import annotations

from typing import Protocol

from addad.errors import LinkError


class Silence(LinkError):
    """Nothing has come in time; the link still stands, and who waited decides what to do."""


def closed_by_peer(peer_name: str, exc: Exception | None) -> LinkError:
    """The error of a link that the other end, or the way there, has ended; without its number."""
    words = f"{peer_name} closed the connection"
    return LinkError(f"{words}: {getattr(exc, 'strerror', None) or exc}" if exc else words)


class Frame(Protocol):
    """One APDU with the two addresses it travels between."""

    @property
    def source(self) -> int:
        """The SAP of who sent it."""
        ...

    @property
    def destination(self) -> int:
        """The SAP of whom it is for."""
        ...

    @property
    def apdu(self) -> bytes:
        """The octets of the APDU."""
        ...


class Link(Protocol):
    """A client's end of the way to a physical device; frames come in the order they were sent.

    Once it has failed or been closed, `check`, `send` and `receive` raise what ended it.
    """

    @property
    def peer_name(self) -> str:
        """Who is at the other end, for messages."""
        ...

    @property
    def received_octets(self) -> int:
        """How many octets have come."""
        ...

    @property
    def closed(self) -> bool:
        """Whether nothing can be sent any more."""
        ...

    def check(self) -> None:
        """Raise what ended the link, if it has ended."""
        ...

    def fail(self, failure: Exception) -> None:
        """End the link at once; who waits, and who asks later, gets this failure."""
        ...

    def send(self, source: int, destination: int, apdu: bytes) -> None:
        """Send one APDU from a client SAP to a server SAP."""
        ...

    async def receive(self, timeout_s: float) -> Frame:
        """The next frame; raises `Silence` after the time, `LinkError` when the link is lost."""
        ...

    def close(self) -> None:
        """End the link in good order."""
        ...

    async def wait_closed(self) -> None:
        """Until all that the link held is let go."""
        ...
