"""Readers of recordings as targets: a file that anybody may send, and every sample in it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import BinaryIO, Final

from targets import target

from addad.errors import InputError
from addad.world import comtrade, csv_text, hdf5, matlab, npz, wav
from addad.world.channel_map import guess
from addad.world.formats import open_recording
from addad.world.recording import Reading, Recording

SEPARATOR: Final = b"\x1c\x1c"
"""Between the files of a recording that is two."""
READINGS: Final = (Reading(), Reading(rate=1000.0, allow_wrong_count=True))
VALUES_MAX: Final = 1 << 16

hdf5._SMALL = 1 << 14  # a megabyte of what a file does not hold is allowed, and takes its time

Open = Callable[[Reading], Recording]


def _read(opened: Open) -> None:
    """Open it, as it says and as the user says, tell its channels, and read it to its end."""
    for reading in READINGS:
        try:
            recording = opened(reading)
            guess(recording.channels)
            read = 0
            for block in recording.blocks(range(len(recording.channels)), 256):
                if block.ndim != 3 or block.shape[2] != len(recording.channels):
                    raise AssertionError(f"a block of shape {block.shape}")
                read += block.shape[1]
                if block.size * (recording.samples // max(read, 1)) > VALUES_MAX:
                    break
            else:
                if read != recording.samples:
                    raise AssertionError(f"{read} samples where {recording.samples} are told")
        except InputError as refused:
            if not str(refused).strip():
                raise AssertionError("refused without a word") from refused


@target
def recording(octets: bytes) -> None:
    """A file of which only the suffix is known: the first octet says which."""
    suffixes = ("csv", "npz", "npy", "wav", "mat", "h5", "cff", "txt", "")
    which, rest = (octets[0], octets[1:]) if octets else (0, b"")
    name = f"record.{suffixes[which % len(suffixes)]}"
    files: Mapping[str, BinaryIO] = {name: io.BytesIO(rest)}
    _read(lambda reading: open_recording(files, name, reading))


@target
def recording_comtrade(octets: bytes) -> None:
    """A configuration and its data."""
    configuration, _, data = octets.partition(SEPARATOR)
    _read(
        lambda reading: comtrade.open_comtrade(
            io.BytesIO(configuration), io.BytesIO(data), "record.cfg", reading
        )
    )


@target
def recording_combined(octets: bytes) -> None:
    """The same in one file."""
    _read(lambda reading: comtrade.open_combined(io.BytesIO(octets), "record.cff", reading))


@target
def recording_csv(octets: bytes) -> None:
    """Rows of text."""
    _read(lambda reading: csv_text.open_csv(io.BytesIO(octets), "record.csv", reading))


@target
def recording_wav(octets: bytes) -> None:
    """Chunks of RIFF."""
    _read(lambda reading: wav.open_wav(io.BytesIO(octets), "record.wav", reading))


@target
def recording_npz(octets: bytes) -> None:
    """An array, or a ZIP file of arrays."""
    _read(lambda reading: npz.open_npz(io.BytesIO(octets), "record.npz", reading))


@target
def recording_matlab(octets: bytes) -> None:
    """MATLAB 5 to 7."""
    _read(lambda reading: matlab.open_matlab(io.BytesIO(octets), "record.mat", reading))


def _hdf5_files() -> Iterator[bytes]:
    """Files of little content; those of the earliest layout have no checksums to break.

    Their texts have fixed lengths: of others the library takes the memory that their lengths state,
    up to 4 GiB, before it looks for them.
    """
    import h5py
    import numpy as np

    wave = np.arange(24, dtype=np.int16)
    for layout in ("earliest", "latest"):
        for packed in (False, True):
            memory = io.BytesIO()
            with h5py.File(memory, "w", libver=layout) as file:
                file.attrs["fs"] = 1200.0
                file["names"] = np.array([b"U1", b"I1"])
                group = file.create_group("run")
                group["again"] = h5py.SoftLink("/run")
                pair = {"chunks": (24,), "compression": "gzip"} if packed else {}
                group.create_dataset("u1", data=wave, **pair).attrs["units"] = np.bytes_(b"V")
                group.create_dataset("i1", data=wave / 3.0, **pair)
            yield memory.getvalue()


@cache
def _hdf5_templates() -> tuple[bytes, ...]:
    return tuple(_hdf5_files())


@target
def recording_hdf5(octets: bytes) -> None:
    """HDF5, and MATLAB 7.3: a whole file in which octets are changed.

    The first octet says which file; then come three for each change, its place and what is there.
    """
    templates = _hdf5_templates()
    which, rest = (octets[0], octets[1:]) if octets else (0, b"")
    changed = bytearray(templates[which % len(templates)])
    for k in range(0, len(rest) - 2, 3):
        changed[int.from_bytes(rest[k : k + 2], "big") % len(changed)] = rest[k + 2]
    _read(lambda reading: hdf5.open_hdf5(io.BytesIO(bytes(changed)), "record.h5", reading))
