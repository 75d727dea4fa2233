"""The serial of the meter in a data folder: written at the first start, the same for ever.

Registers belong to a meter; under another serial they would be counted for somebody else.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from addad.errors import InputError

FILE_NAME: Final = "serial"
FIRST_SERIAL: Final = "00000001"


def serial_of(folder: Path, wanted: str) -> str:
    """The serial kept in `folder`, else `wanted`, else the first of all.

    Raises `InputError` when `wanted` is another one than is kept, or the file cannot be read.
    """
    path = folder / FILE_NAME
    try:
        kept = path.read_text("ascii").strip()
    except (FileNotFoundError, NotADirectoryError):
        return wanted or FIRST_SERIAL
    except (OSError, UnicodeDecodeError) as fault:
        raise InputError(f"{path} cannot be read ({fault}); restore it") from fault
    if wanted and wanted != kept:
        raise InputError(
            f"{folder} is the meter {kept}; leave out the serial, or name another data folder"
        )
    return kept


def engrave(folder: Path, serial: str) -> None:
    """Keep `serial` in `folder`, whole or not at all; raises `InputError` when it cannot be."""
    path = folder / FILE_NAME
    if path.exists():
        return
    beside = path.with_suffix(".new")
    try:
        with beside.open("w", encoding="ascii") as file:
            file.write(f"{serial}\n")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as fault:
        raise InputError(f"{path} cannot be written: {fault.strerror or fault}") from fault
