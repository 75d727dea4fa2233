"""One dataclass for each variant of each service, and the one decoder of all of them.

Green Book, IEC 62056-5-3 (xDLMS APDUs and ACSE APDUs).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from addad.dlms.acse import Aare, Aarq, Rlre, Rlrq
from addad.dlms.apdu.access import AccessRequest, AccessResponse
from addad.dlms.apdu.action import (
    AnyActionRequest,
    AnyActionResponse,
    read_action_request,
    read_action_response,
)
from addad.dlms.apdu.event import EventNotification
from addad.dlms.apdu.exception import ConfirmedServiceError, ExceptionResponse
from addad.dlms.apdu.general_block import GeneralBlock
from addad.dlms.apdu.get import (
    AnyGetRequest,
    AnyGetResponse,
    read_get_request,
    read_get_response,
)
from addad.dlms.apdu.initiate import InitiateRequest, InitiateResponse
from addad.dlms.apdu.notification import DataNotification
from addad.dlms.apdu.set import (
    AnySetRequest,
    AnySetResponse,
    read_set_request,
    read_set_response,
)
from addad.dlms.octets import Cursor
from addad.errors import DecodeError

Apdu = (
    Aarq
    | Aare
    | Rlrq
    | Rlre
    | InitiateRequest
    | InitiateResponse
    | AnyGetRequest
    | AnyGetResponse
    | AnySetRequest
    | AnySetResponse
    | AnyActionRequest
    | AnyActionResponse
    | AccessRequest
    | AccessResponse
    | DataNotification
    | EventNotification
    | ExceptionResponse
    | ConfirmedServiceError
    | GeneralBlock
)

_READERS: Final[dict[int, Callable[[Cursor], Apdu]]] = {
    0x01: InitiateRequest.read,
    0x08: InitiateResponse.read,
    0x0E: ConfirmedServiceError.read,
    0x0F: DataNotification.read,
    0x60: Aarq.read,
    0x61: Aare.read,
    0x62: Rlrq.read,
    0x63: Rlre.read,
    0xC0: read_get_request,
    0xC1: read_set_request,
    0xC2: EventNotification.read,
    0xC3: read_action_request,
    0xC4: read_get_response,
    0xC5: read_set_response,
    0xC7: read_action_response,
    0xD8: ExceptionResponse.read,
    0xD9: AccessRequest.read,
    0xDA: AccessResponse.read,
    0xE0: GeneralBlock.read,
}


def decode(octets: bytes) -> Apdu:
    """The one APDU these octets are; raises `DecodeError` for anything else."""
    cursor = Cursor(octets)
    tag = cursor.u8()
    reader = _READERS.get(tag)
    if reader is None:
        raise DecodeError(f"no APDU known here has tag {tag:02X}")
    apdu = reader(cursor)
    cursor.expect_end()
    return apdu
