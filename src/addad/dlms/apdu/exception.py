"""Exception-response and confirmedServiceError: a service refused as a whole.

Green Book, IEC 62056-5-3 (ExceptionResponse, ConfirmedServiceError).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from addad.dlms.octets import Cursor
from addad.dlms.results import InitiateError, ServiceError, StateError, code

_INITIATE_SERVICE: Final = 1
_INITIATE_BRANCH: Final = 6


@dataclass(frozen=True, slots=True)
class ExceptionResponse:
    """The service was not performed; an invocation counter error says which counter it expects."""

    TAG: ClassVar[int] = 0xD8

    state: StateError
    service: ServiceError
    invocation_counter: int | None = None

    def encode(self) -> bytes:
        """The octets of the APDU."""
        head = bytes((self.TAG, self.state, self.service))
        if self.service != ServiceError.INVOCATION_COUNTER_ERROR:
            return head
        return head + (self.invocation_counter or 0).to_bytes(4, "big")

    @classmethod
    def read(cls, cursor: Cursor) -> ExceptionResponse:
        """Read what follows the tag; raises `DecodeError`."""
        state = code(StateError, cursor.u8())
        service = code(ServiceError, cursor.u8())
        counted = service == ServiceError.INVOCATION_COUNTER_ERROR
        return cls(state, service, cursor.u32() if counted else None)


@dataclass(frozen=True, slots=True)
class ConfirmedServiceError:
    """The service, the branch of errors and the error, as their octets."""

    TAG: ClassVar[int] = 0x0E

    service: int
    branch: int
    value: int

    @classmethod
    def initiate(cls, reason: InitiateError) -> ConfirmedServiceError:
        """The refusal of an InitiateRequest."""
        return cls(_INITIATE_SERVICE, _INITIATE_BRANCH, reason)

    @property
    def initiate_error(self) -> InitiateError | None:
        """Why an InitiateRequest was refused, when that is what happened."""
        if (self.service, self.branch) != (_INITIATE_SERVICE, _INITIATE_BRANCH):
            return None
        known = self.value in InitiateError.__members__.values()
        return InitiateError(self.value) if known else InitiateError.OTHER

    def encode(self) -> bytes:
        """The octets of the APDU."""
        return bytes((self.TAG, self.service, self.branch, self.value))

    @classmethod
    def read(cls, cursor: Cursor) -> ConfirmedServiceError:
        """Read what follows the tag; raises `DecodeError`."""
        return cls(cursor.u8(), cursor.u8(), cursor.u8())
