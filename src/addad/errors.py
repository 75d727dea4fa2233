"""The error tree: a branch says whose fault it is."""


class AddadError(Exception):
    """Root of everything that this package raises on purpose."""


class LocalProtocolError(AddadError):
    """We were asked for something that the protocol does not allow in this state."""


class RemoteProtocolError(AddadError):
    """The peer broke the protocol."""


class DecodeError(RemoteProtocolError):
    """Octets that are no valid encoding, or that exceed a named limit."""


class SecurityError(RemoteProtocolError):
    """A protection that does not verify, or is missing, or is weaker than agreed."""


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
