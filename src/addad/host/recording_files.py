"""A recording on a disk: its files are opened together, as a COMTRADE recording is two."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from addad.errors import InputError
from addad.world.formats import companion_suffix, open_recording
from addad.world.recording import Blocks, Reading, Recording


@contextlib.contextmanager
def files_of(path: Path) -> Iterator[dict[str, BinaryIO]]:
    """The open files of a recording by name, companion included; raises `InputError`."""
    with contextlib.ExitStack() as stack:
        files: dict[str, BinaryIO] = {}
        with _read(path):
            files[path.name] = stack.enter_context(_file(path))
            suffix = companion_suffix(path.name)
            if suffix is not None:
                for beside in path.parent.iterdir():
                    if beside.stem == path.stem and beside.suffix.lower() == suffix:
                        files[beside.name] = stack.enter_context(_file(beside))
        yield files


def _file(path: Path) -> BinaryIO:
    """Open it; a pipe would be waited for, and a device has no end."""
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise InputError(f"{path} is a pipe or a device; copy what it gives into a file first")
    return path.open("rb")


@contextlib.contextmanager
def opened(path: Path, reading: Reading | None = None) -> Iterator[Recording]:
    """The recording in a file, with its companion beside it; `InputError` for what is none.

    So is a disk that cannot be read, as its samples are asked for too.
    """
    with files_of(path) as files:
        with _read(path):
            recording = open_recording(files, path.name, reading)

        def blocks(columns: tuple[int, ...], block_samples: int) -> Blocks:
            with _read(path):
                yield from recording.reader(columns, block_samples)

        yield replace(recording, reader=blocks)


@contextlib.contextmanager
def _read(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        which = fault.filename or path
        raise InputError(f"{which} cannot be read: {fault.strerror or fault}") from fault
