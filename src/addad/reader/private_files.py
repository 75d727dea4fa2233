"""Files that hold secrets: read only when nobody but their owner can.

On systems without modes of files (Windows) the mode is not looked at.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from addad.errors import InputError

OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def read_private(path: Path, octets_max: int) -> bytes:
    """The octets of a file of mode 0600 or less.

    Raises `InputError` for one that others can read or write, that cannot be read, or that is
    larger than `octets_max`.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if not stat.S_ISREG(mode):
                raise InputError(f"{path} is no file")
            if os.name == "posix" and mode & OTHERS:
                raise InputError(
                    f"{path} holds secrets, but others than its owner have access to it; "
                    f"run: chmod 600 {path}"
                )
            octets = file.read(octets_max + 1)
    except (OSError, ValueError) as fault:
        reason = getattr(fault, "strerror", None) or str(fault)
        raise InputError(f"{path} cannot be read: {reason}") from None
    if len(octets) > octets_max:
        raise InputError(f"{path} is larger than {octets_max} octets: no such file of secrets")
    return octets
