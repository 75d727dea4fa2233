"""DataNotification: a value that a meter sends unasked.

Green Book, IEC 62056-5-3 (DataNotification).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from addad.dlms import data as axdr
from addad.dlms.apdu.long_invoke import (
    LONG_INVOKE_ID_MAX,
    read_moment,
    write_long_invoke_id,
    write_moment,
)
from addad.dlms.clock_time import DateTime
from addad.dlms.data import Data, Tag
from addad.dlms.octets import Cursor
from addad.dlms.push_quirks import PushQuirk, read_quirky_body
from addad.errors import DecodeError


@dataclass(frozen=True, slots=True)
class DataNotification:
    """A pushed value; `long_invoke_id` has the number in its low 24 bits, flags above them."""

    TAG: ClassVar[int] = 0x0F

    long_invoke_id: int
    moment: DateTime | None
    body: Data
    quirk: PushQuirk | None = field(default=None, compare=False)

    @property
    def invoke_id(self) -> int:
        """The number of the notification, which a repetition keeps."""
        return self.long_invoke_id & LONG_INVOKE_ID_MAX

    def encode(self) -> bytes:
        """The octets of the APDU."""
        return (
            bytes((self.TAG,))
            + write_long_invoke_id(self.long_invoke_id)
            + write_moment(self.moment)
            + axdr.encode(self.body)
        )

    @classmethod
    def read(cls, cursor: Cursor) -> DataNotification:
        """Read what follows the tag, to the end; raises `DecodeError`.

        What real meters are known to write otherwise is accepted, and named in `quirk`.
        """
        long_invoke_id = cursor.u32()
        quirk = None
        size = cursor.length()
        if size == Tag.OCTET_STRING:
            quirk = PushQuirk.TAGGED_DATE_TIME
            size = cursor.length()
        moment = read_moment(cursor, size)
        start = cursor.position
        try:
            body = axdr.read(cursor)
            cursor.expect_end()
        except DecodeError as problem:
            cursor.position = start
            try:
                body, quirk = read_quirky_body(cursor)
            except DecodeError:
                raise problem from None
        return cls(long_invoke_id, moment, body, quirk)
