"""The error tree: a branch says whose fault it is."""

from __future__ import annotations

from enum import Enum


class AddadError(Exception):
    """Root of everything that this package raises on purpose."""


class LocalProtocolError(AddadError):
    """We were asked for something that the protocol does not allow in this state."""


class RemoteProtocolError(AddadError):
    """The peer broke the protocol."""


class DecodeError(RemoteProtocolError):
    """Octets that are no valid encoding, or that exceed a named limit."""


class SecurityFault(Enum):
    """What is wrong with a protection."""

    DECIPHERING = "deciphering"
    """A tag that does not verify: a wrong key, or an altered message."""
    REPLAY = "replay"
    """An invocation counter that is not greater than the last accepted one."""
    POLICY = "policy"
    """A protection that is weaker, or another one, than agreed."""
    UNKNOWN_TITLE = "unknown title"
    """A system title that is not the one of this association, or none at all."""
    COUNTER_EXHAUSTED = "counter exhausted"
    """An invocation counter at its end: the key must be changed."""
    UNSUPPORTED = "unsupported"
    """A protection that exists, but not here: compression, a reserved suite."""
    SIGNATURE = "signature"
    """A signature that does not verify, or whose key is not known."""
    KEY = "key"
    """A key that is missing, or cannot be unwrapped or agreed."""
    COUNTERS = "counters"
    """Invocation counters that cannot be kept: nothing is sent or done under these keys."""
    CERTIFICATE = "certificate"
    """A certificate that may not be used for this."""
    AUTHENTICATION = "authentication"
    """A peer that could not prove who it is."""


class SecurityError(RemoteProtocolError):
    """A protection that does not verify, or is missing, or is weaker than agreed.

    `expected_counter` is the least acceptable invocation counter, only after a replay whose tag
    verified: a peer that proved its key may be told, another one may not.
    """

    def __init__(
        self,
        message: str,
        fault: SecurityFault = SecurityFault.DECIPHERING,
        expected_counter: int | None = None,
    ) -> None:
        super().__init__(message)
        self.fault = fault
        self.expected_counter = expected_counter


class AssociationError(RemoteProtocolError):
    """The peer refused or dropped the association; `diagnostic` is its ACSE diagnostic."""

    def __init__(self, message: str, result: int = 1, diagnostic: int = 1) -> None:
        super().__init__(message)
        self.result = result
        self.diagnostic = diagnostic


class AccessError(AddadError):
    """A data-access-result or action-result other than success.

    The client raises it for a refused item; an object on the server raises it to refuse one.
    """

    def __init__(self, result: int, message: str = "") -> None:
        super().__init__(message or f"access refused with result {int(result)}")
        self.result = result


class LinkError(AddadError):
    """The transport failed: refused, closed, silent. Raised by `addad.net` only."""


class InputError(AddadError):
    """A file, map, setting or argument of the user that cannot be used; says what to do."""


class StorageError(AddadError):
    """Stored state that cannot be read or written; says what is still good."""
