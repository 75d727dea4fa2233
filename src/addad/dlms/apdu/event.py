"""EventNotification: an attribute that a meter sends unasked.

Green Book, IEC 62056-5-3 (Event-Notification-Request). It has no invoke-id.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Final

from addad.dlms import data as axdr
from addad.dlms.apdu.descriptors import AttributeDescriptor
from addad.dlms.apdu.long_invoke import read_moment
from addad.dlms.clock_time import DateTime
from addad.dlms.data import Data, Tag
from addad.dlms.octets import Cursor, encode_octet_string
from addad.dlms.push_quirks import PushQuirk
from addad.errors import DecodeError

_ABSENT: Final = 0
_PRESENT: Final = 1


@dataclass(frozen=True, slots=True)
class EventNotification:
    """The value of an attribute, and when it was so."""

    TAG: ClassVar[int] = 0xC2

    moment: DateTime | None
    descriptor: AttributeDescriptor
    value: Data
    quirk: PushQuirk | None = field(default=None, compare=False)

    def encode(self) -> bytes:
        """The octets of the APDU."""
        moment = b"\x00"
        if self.moment is not None:
            moment = bytes((_PRESENT,)) + encode_octet_string(self.moment.encode())
        name = self.descriptor.encode_name()
        return bytes((self.TAG,)) + moment + name + axdr.encode(self.value)

    @classmethod
    def read(cls, cursor: Cursor) -> EventNotification:
        """Read what follows the tag; raises `DecodeError`.

        A date-time with its data tag in place of the usage flag is accepted, and named in `quirk`.
        """
        flag = cursor.u8()
        if flag not in (_ABSENT, _PRESENT, Tag.OCTET_STRING):
            raise DecodeError(f"{flag:02X} is no flag of a date-time")
        moment = None if flag == _ABSENT else read_moment(cursor)
        quirk = PushQuirk.TAGGED_DATE_TIME if flag == Tag.OCTET_STRING else None
        descriptor = AttributeDescriptor.read_name(cursor)
        return cls(moment, descriptor, axdr.read(cursor), quirk)
