"""A meter's memory as files of one folder: durable when it says so, whole after a cut.

One process owns the folder at a time. Writes go in place and are durable after `fdatasync`; a fresh
file takes the place of an old one by rename, after its own content is durable.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Final

from addad.errors import StorageError

LOCK: Final = "lock"
SUFFIX: Final = ".bin"
FRESH: Final = ".new"
MACHINE_ID: Final = Path("/etc/machine-id")
_FOLDER_MODE: Final = 0o700
_FILE_MODE: Final = 0o600
_IN_PLACE: Final = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW


def open_fresh(path: Path) -> int:
    """A descriptor of a new file that only its owner can read, in place of whatever stood there.

    A link or an open file that somebody else has left there is neither followed nor used. May raise
    OSError.
    """
    path.unlink(missing_ok=True)
    return os.open(path, _IN_PLACE | os.O_EXCL, _FILE_MODE)


class DataFolder:
    """The `Memory` of one meter, an area a file. Also a context manager that closes it.

    Raises `StorageError` when the folder cannot be made or used, or another process owns it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._open: dict[str, int] = {}
        try:
            path.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
            self._folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as problem:
            raise StorageError(
                f"{path} cannot be used as data folder ({problem.strerror}); name another one"
            ) from problem
        self._lock = -1
        try:
            self._lock = os.open(path / LOCK, _IN_PLACE, _FILE_MODE)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            self.close()
            if problem.errno in (errno.EWOULDBLOCK, errno.EACCES) and self._lock >= 0:
                raise StorageError(
                    f"another meter is running on {path}; stop it, or name another data folder"
                ) from problem
            raise StorageError(
                f"{path} cannot be written ({problem.strerror}); name another data folder"
            ) from problem

    def __enter__(self) -> DataFolder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of all files and of the folder; what was synced is durable."""
        for descriptor in (*self._open.values(), self._folder, self._lock):
            if descriptor >= 0:
                with contextlib.suppress(OSError):
                    os.close(descriptor)
        self._open.clear()
        self._folder = -1

    def read(self, area: str) -> bytes:
        """The whole area; empty if it was never written. May raise OSError."""
        try:
            return self._file(area).read_bytes()
        except FileNotFoundError:
            return b""

    def write(self, area: str, offset: int, octets: bytes) -> None:
        """Write all octets in place, or raise OSError. Durable only after `sync`."""
        _write_all(self._descriptor(area), octets, offset)

    def sync(self, area: str) -> None:
        """Make the writes to an area durable, or raise OSError."""
        os.fdatasync(self._descriptor(area))

    def replace(self, area: str, octets: bytes) -> None:
        """Put a fresh, durable file in place of the area, or raise OSError and leave the old."""
        fresh = self._file(area).with_suffix(FRESH)
        descriptor = open_fresh(fresh)
        try:
            _write_all(descriptor, octets, 0)
            os.fsync(descriptor)
            os.rename(fresh, self._file(area))
            os.fsync(self._folder)
        except OSError:
            os.close(descriptor)
            raise
        old = self._open.pop(area, None)
        if old is not None:
            with contextlib.suppress(OSError):
                os.close(old)
        self._open[area] = descriptor

    def identity(self, area: str) -> bytes:
        """The number of the area's file, and this computer's own; may raise OSError."""
        try:
            machine = MACHINE_ID.read_bytes().strip()
        except OSError:
            machine = b""
        return b"%d %s" % (os.fstat(self._descriptor(area)).st_ino, machine)

    def _file(self, area: str) -> Path:
        return self.path / f"{area}{SUFFIX}"

    def _descriptor(self, area: str) -> int:
        known = self._open.get(area)
        if known is not None:
            return known
        path = self._file(area)
        is_new = not path.exists()
        opened = os.open(path, _IN_PLACE, _FILE_MODE)
        if is_new:
            os.fsync(self._folder)
        self._open[area] = opened
        return opened


def _write_all(descriptor: int, octets: bytes, offset: int) -> None:
    rest = memoryview(octets)
    while rest:
        written = os.pwrite(descriptor, rest, offset)
        if written == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        rest, offset = rest[written:], offset + written
