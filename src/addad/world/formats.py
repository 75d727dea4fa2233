"""Which format a recording has, told by the file's beginning first and by its suffix second.

Nothing here opens a file: it reads from the open binary files that it is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import BinaryIO

from addad.errors import InputError
from addad.world import comtrade, csv_text, hdf5, matlab, npz, wav
from addad.world.comtrade_cff import looks_combined
from addad.world.comtrade_configuration import looks_like_configuration
from addad.world.recording import ChoiceError, Reading, Recording, printable

_SINGLE = ("COMTRADE", "WAV", "CSV")


def open_recording(
    files: Mapping[str, BinaryIO], name: str, reading: Reading | None = None
) -> Recording:
    """The recording in the open file `files[name]`; `files` holds its companions by name too.

    The format is told by the file's beginning first and by its suffix second. InputError for
    anything that is no recording, with what to do.
    """
    options = reading or Reading()
    file, suffix = files[name], PurePath(name).suffix.lower()
    head = _head(file)
    if not head:
        raise InputError(f"{name}: the file is empty")
    try:
        recording = _opened(files, name, options, head, suffix)
    except InputError as fault:
        raise type(fault)(printable(str(fault))) from None
    except MemoryError:
        raise InputError(f"{name}: holds more than the memory of this computer") from None
    if options.item is not None and recording.format.startswith(_SINGLE):
        raise ChoiceError(f"{name}: holds one record, which needs no --item")
    if options.section is not None and not recording.format.startswith("COMTRADE"):
        raise ChoiceError(f"{name}: has one sampling rate, which needs no --section")
    return recording


def _opened(
    files: Mapping[str, BinaryIO], name: str, options: Reading, head: bytes, suffix: str
) -> Recording:
    file = files[name]
    if suffix == ".pq":
        raise InputError(
            f"{name}: holds what was measured, not samples: addad quality makes its report"
        )
    if head[:4] in (b"RIFF", b"RF64", b"RIFX"):
        return wav.open_wav(file, name, options)
    if head[:4] == b"PK\x03\x04" or head[:6] == b"\x93NUMPY":
        return npz.open_npz(file, name, options)
    if matlab.is_hdf5(head):
        return hdf5.open_hdf5(file, name, options)
    if suffix == ".mat" or matlab.looks_like_matlab(head):
        return matlab.open_matlab(file, name, options)
    if suffix == ".cff" or looks_combined(head):
        return comtrade.open_combined(file, name, options)
    if suffix in (".cfg", ".dat") or looks_like_configuration(head):
        configuration, data = _pair(files, name)
        return comtrade.open_comtrade(files[configuration], files[data], configuration, options)
    if suffix in (".wav", ".npz", ".npy", ".h5", ".hdf5"):
        raise InputError(f"{name}: its content is no {suffix[1:].upper()} file")
    if b"\x00" in head:
        raise InputError(
            f"{name}: not a recording; COMTRADE (.cfg and .dat, or .cff), WAV, CSV, NPZ, MATLAB "
            "and HDF5 are read"
        )
    return csv_text.open_csv(file, name, options)


def companion_suffix(name: str) -> str | None:
    """The suffix, in lower case, of the file that must stand beside `name`; None without one."""
    return {".cfg": ".dat", ".dat": ".cfg"}.get(PurePath(name).suffix.lower())


def _pair(files: Mapping[str, BinaryIO], name: str) -> tuple[str, str]:
    """The names of the configuration and of the data file."""
    found = {PurePath(each).suffix.lower(): each for each in files}
    found[PurePath(name).suffix.lower()] = name
    for suffix in (".cfg", ".dat"):
        if suffix not in found:
            missing = PurePath(name).with_suffix(suffix).name
            raise InputError(
                f"{name}: a COMTRADE recording is two files, and {missing} is not beside it; "
                "copy it into the same folder"
            )
    return found[".cfg"], found[".dat"]


def _head(file: BinaryIO) -> bytes:
    file.seek(0)
    head = file.read(4096)
    file.seek(0)
    return head
