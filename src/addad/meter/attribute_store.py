"""What clients have written to attributes that nothing else in the meter keeps.

Each value is the octets of its COSEM type. They lie in an area of their own that is replaced as a
whole, so that after a power cut either all values of a commit stand there or all of the one before.
"""

from __future__ import annotations

from struct import Struct
from typing import Final
from zlib import crc32

from addad.dlms.results import DataAccessResult
from addad.errors import AccessError
from addad.obis import Obis

AREA: Final = "attributes"
MAX_VALUE_OCTETS: Final = 8_192
MAX_OCTETS: Final = 131_072
"""One value, and all of them together."""

_MAGIC: Final = b"addadat1"
_CRC: Final = Struct(">I")
_ENTRY: Final = Struct(">6sBI")

Key = tuple[Obis, int]


class AttributeStore:
    """The written values by object and attribute index; the first ones are the table's."""

    def __init__(self) -> None:
        self._first: dict[Key, bytes] = {}
        self._written: dict[Key, bytes] = {}
        self._octets = 0
        self.changed = False
        """Whether something was written since `image` was taken."""

    def declare(self, logical_name: Obis, index: int, octets: bytes) -> None:
        """An attribute and the value that it has until somebody writes another."""
        self._first[logical_name, index] = octets

    def read(self, logical_name: Obis, index: int) -> bytes:
        """The octets of an attribute's value."""
        key = (logical_name, index)
        return self._written.get(key) or self._first[key]

    def write(self, logical_name: Obis, index: int, octets: bytes) -> bool:
        """Keep a value; whether it is another one.

        Raises `AccessError` for more than there is room for.
        """
        key = (logical_name, index)
        known = len(self._written.get(key, b""))
        grown = self._octets - known + len(octets)
        if len(octets) > MAX_VALUE_OCTETS or grown > MAX_OCTETS:
            raise AccessError(DataAccessResult.OTHER_REASON, "there is no room for such a value")
        if octets == self.read(logical_name, index):
            return False
        self._octets = grown
        self._written[key] = octets
        self.changed = True
        return True

    def image(self) -> bytes:
        """The content of the area; what is written later is changed again."""
        self.changed = False
        entries = b"".join(
            _ENTRY.pack(bytes(name), index, len(octets)) + octets
            for (name, index), octets in self._written.items()
        )
        body = _MAGIC + entries
        return body + _CRC.pack(crc32(body))

    def load(self, area: bytes) -> bool:
        """Take what an area holds; False, and nothing is taken, when it is damaged.

        Values of attributes that are not declared, of an older table, are left out.
        """
        if not area:
            return True
        body, check = area[: -_CRC.size], area[-_CRC.size :]
        if not body.startswith(_MAGIC) or _CRC.pack(crc32(body)) != check:
            return False
        place = len(_MAGIC)
        while place < len(body):
            name, index, size = _ENTRY.unpack_from(body, place)
            place += _ENTRY.size
            key = (Obis(name), index)
            if key in self._first:
                self._written[key] = body[place : place + size]
                self._octets += size
            place += size
        return True
