"""A file that is written whole or not at all: what stood in its place stays until then."""

from __future__ import annotations

import contextlib
import os
import stat
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file beside a place, which takes the place when it was written whole.

    A link stays and its target is replaced. A device or pipe is written as it is, and so is a file
    in a folder where no other may be made. Raises OSError when it cannot be written.
    """
    try:
        with _whole(Path(os.path.realpath(path))) as file:
            yield file
    except OSError as fault:
        raise OSError(fault.errno, fault.strerror or str(fault), str(path)) from fault


@contextlib.contextmanager
def _whole(target: Path) -> Iterator[BinaryIO]:
    mode = target.stat().st_mode if target.exists() else None
    special = mode is not None and not stat.S_ISREG(mode)
    if special or not os.access(target.parent, os.W_OK):
        with target.open("wb") as file:
            yield file
        return
    part = target.with_name(f".addad-{uuid.uuid4().hex}.part")
    try:
        with part.open("xb") as file:
            yield file
        if mode is not None:
            part.chmod(stat.S_IMODE(mode))
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def write_whole(path: Path, content: bytes | str) -> None:
    """Write a file at once; text as UTF-8. Raises OSError when it cannot be written."""
    with whole_file(path) as file:
        file.write(content.encode() if isinstance(content, str) else content)
