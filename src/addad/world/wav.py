"""WAV recordings of mains: PCM of 8, 16, 24 or 32 bits, or floats, in any number of channels.

Written from public descriptions of the RIFF format; its samples are fractions of full scale.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from addad.errors import InputError
from addad.world.recording import Blocks, Reading, RecordedChannel, Recording
from addad.world.waveform import ChannelKind, Phase

MAX_CHUNKS = 1000
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_UNSTATED = (0, 0xFFFFFFFF)

_LAYOUTS: dict[int, str] = {
    1: "U1",
    2: "U1 I1",
    3: "U1 U2 U3",
    4: "U1 U2 U3 U4",
    6: "U1 U2 U3 I1 I2 I3",
    7: "U1 U2 U3 I1 I2 I3 I4",
    8: "U1 U2 U3 U4 I1 I2 I3 I4",
}


@dataclass(frozen=True, slots=True)
class _Format:
    code: int
    channels: int
    rate: int
    bits: int
    frame: int


def open_wav(file: BinaryIO, name: str, reading: Reading) -> Recording:
    """The recording in an open WAV file; InputError for what is none, or is cut off."""
    size = file.seek(0, io.SEEK_END)
    shape, offset, stated = _chunks(file, size, name)
    held = max(0, size - offset)
    notes = []
    if stated in _UNSTATED:
        notes.append("the file does not state its length: read to its end")
        stated = held
    if stated > held:
        found = f"states {stated // shape.frame} samples and holds {held // shape.frame}"
        if not reading.allow_wrong_count:
            raise InputError(
                f"{name}: {found}; it is truncated: copy it again, "
                "or measure what is there with --allow-wrong-count"
            )
        notes.append(f"the file {found}: those are read")
    samples = min(stated, held) // shape.frame

    def blocks(columns: tuple[int, ...], block_samples: int) -> Blocks:
        file.seek(offset)
        position = 0
        while position < samples:
            count = min(block_samples, samples - position)
            octets = file.read(count * shape.frame)
            if len(octets) < count * shape.frame:
                raise InputError(f"{name}: the file became shorter while being read")
            yield _values(octets, shape)[:, list(columns)][np.newaxis]
            position += count

    kind = "float" if shape.code == _FLOAT else "PCM"
    return Recording(
        format=f"WAV {shape.bits}-bit {kind}",
        sample_rate=reading.rate or float(shape.rate),
        samples=samples,
        channels=_channels(
            shape.channels, 0.0 if shape.code == _FLOAT else 2.0 ** (1 - shape.bits)
        ),
        reader=blocks,
        calibrated=False,
        notes=tuple(notes),
    )


def _chunks(file: BinaryIO, size: int, name: str) -> tuple[_Format, int, int]:
    """The format, the offset of the data and the octets of data that the file states."""
    file.seek(0)
    magic = file.read(12)
    if len(magic) < 12 or magic[:4] != b"RIFF" or magic[8:] != b"WAVE":
        raise InputError(f"{name}: no plain WAV file (RIFF, WAVE); convert it to one")
    shape = None
    for _ in range(MAX_CHUNKS):
        header = file.read(8)
        if len(header) < 8:
            break
        label, length = struct.unpack("<4sI", header)
        here = file.tell()
        if label == b"fmt ":
            shape = _format(file.read(min(length, 64)), name)
        elif label == b"data":
            if shape is None:
                raise InputError(f"{name}: its data come before their format; it is damaged")
            return shape, here, length
        if here + length > size:
            break
        file.seek(here + length + length % 2)
    raise InputError(f"{name}: a WAV file without samples; it is truncated: copy it again")


def _format(octets: bytes, name: str) -> _Format:
    if len(octets) < 16:
        raise InputError(f"{name}: its format chunk is cut off; copy it again")
    code, channels, rate, _, frame, bits = struct.unpack_from("<HHIIHH", octets)
    if code == _EXTENSIBLE and len(octets) >= 26:
        (code,) = struct.unpack_from("<H", octets, 24)
    if (code, bits) not in {(_PCM, 8), (_PCM, 16), (_PCM, 24), (_PCM, 32)} | {
        (_FLOAT, 32),
        (_FLOAT, 64),
    }:
        raise InputError(
            f"{name}: WAV format {code} with {bits} bits; PCM of 8 to 32 bits and floats are read: "
            "convert it to 16-bit PCM"
        )
    if not 0 < channels <= 256 or rate == 0 or frame != channels * bits // 8:
        raise InputError(f"{name}: {channels} channels at {rate} S/s; its format is damaged")
    return _Format(code, channels, rate, bits, frame)


def _values(octets: bytes, shape: _Format) -> NDArray[np.float64]:
    """Fractions of full scale, (n, channels)."""
    if shape.code == _FLOAT:
        values = np.frombuffer(octets, dtype=f"<f{shape.bits // 8}").astype(np.float64)
        values[np.isinf(values)] = np.nan
    elif shape.bits == 8:
        values = (np.frombuffer(octets, dtype=np.uint8).astype(np.float64) - 128.0) / 128.0
    elif shape.bits == 24:
        wide = np.zeros((len(octets) // 3, 4), dtype=np.uint8)
        wide[:, 1:] = np.frombuffer(octets, dtype=np.uint8).reshape(-1, 3)
        values = wide.view("<i4")[:, 0].astype(np.float64) / 2.0**31
    else:
        raw = np.frombuffer(octets, dtype=f"<i{shape.bits // 8}")
        values = raw.astype(np.float64) / 2.0 ** (shape.bits - 1)
    return values.reshape(-1, shape.channels)


def _channels(count: int, step: float) -> tuple[RecordedChannel, ...]:
    """Names for channels that have none: by the habit of mains recordings of that many."""
    names = _LAYOUTS.get(count, " ".join(f"ch{k + 1}" for k in range(count))).split()
    phases: dict[str, Phase] = {"1": "L1", "2": "L2", "3": "L3", "4": "N"}
    kinds: dict[str, ChannelKind] = {"U": "voltage", "I": "current"}
    return tuple(
        RecordedChannel(
            name,
            kinds.get(name[0], "other"),
            phases.get(name[1:], "") if name[0] in kinds else "",
            "full scale",
            step=step,
        )
        for name in names
    )
