"""A COMTRADE recording in one file (.cff): where its configuration and its data are in it.

Written from public descriptions of IEEE C37.111 (2013): sections of text begin with lines such as
`--- file type: CFG ---`; the last is `--- file type: DAT BINARY: 4096 ---`, with its octets.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import BinaryIO, cast

from addad.errors import InputError

MAX_TEXT_OCTETS = 16 << 20
MAX_LINE_OCTETS = 1 << 16

_MARK = re.compile(
    rb"\s*---\s*file\s+type\s*:\s*(?P<kind>CFG|INF|HDR|DAT)\s*"
    rb"(?P<encoding>ASCII|BINARY\s*32|FLOAT\s*32|BINARY)?\s*(?::\s*(?P<octets>\d{1,15}))?\s*---\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Combined:
    """The parts of a combined file: the configuration's octets, and the data as a file.

    `encoding` and `octets` are what the heading of the data states, if it does; `held` what
    follows it.
    """

    configuration: bytes
    data: BinaryIO
    encoding: str
    octets: int | None
    held: int


class _Part(io.RawIOBase):
    """A stretch of an open file, as a file."""

    def __init__(self, file: BinaryIO, first: int, length: int) -> None:
        self._file, self._first, self._length = file, first, length
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._length}[whence]
        self._place = max(0, start + offset)
        return self._place

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast("bytearray", buffer))
        wanted = max(0, min(len(view), self._length - self._place))
        self._file.seek(self._first + self._place)
        octets = self._file.read(wanted)
        view[: len(octets)] = octets
        self._place += len(octets)
        return len(octets)


def looks_combined(head: bytes) -> bool:
    """Whether a file begins with the heading of a section."""
    first = head.lstrip(b"\xef\xbb\xbf\r\n\t ").split(b"\n", 1)[0]
    return _MARK.fullmatch(first.rstrip(b"\r")) is not None


def parts_of(file: BinaryIO, name: str) -> Combined:
    """The configuration and the data in an open .cff; InputError with what is missing."""
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    texts: dict[str, list[bytes]] = {}
    kind, seen, number = "", 0, 0
    while line := file.readline(MAX_LINE_OCTETS):
        number += 1
        seen += len(line)
        found = _MARK.fullmatch(line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line)
        if found is None:
            if seen > MAX_TEXT_OCTETS:
                raise InputError(f"{name}: no data section in its first {seen >> 20} MiB")
            texts.setdefault(kind, []).append(line)
            continue
        kind = found["kind"].decode().upper()
        texts.setdefault(kind, [])
        if kind == "DAT":
            break
    if kind != "DAT" or "CFG" not in texts:
        missing = "CFG" if "CFG" not in texts else "DAT"
        raise InputError(
            f"{name}: breaks off at line {number}: no section '--- file type: {missing} ---'; "
            "copy the file again"
        )
    assert found is not None
    first = file.tell()
    stated = int(found["octets"]) if found["octets"] else None
    length = size - first if stated is None else min(stated, size - first)
    encoding = (found["encoding"] or b"").decode().upper().replace(" ", "")
    data = io.BufferedReader(_Part(file, first, length))
    return Combined(b"".join(texts["CFG"]), cast("BinaryIO", data), encoding, stated, size - first)
