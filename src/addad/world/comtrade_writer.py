"""Writes samples as a COMTRADE recording of 1999 or 2013, in two files or in one.

Written from public descriptions of IEEE C37.111. 1999 is BINARY of 16 bits, which every reader
has; 2013 is BINARY32, fine enough that no value is worse for having been written. Each channel is
scaled by its own peak:

    a = max|x| / full,   raw = round(x / a),   full = 2^15 - 1 or 2^31 - 1
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from addad.errors import InputError
from addad.world.comtrade_data import Layout
from addad.world.comtrade_time import written, written_zone
from addad.world.recording import RecordedChannel, StatusChannel
from addad.world.waveform import Phase

Revision = Literal["1999", "2013"]
Floats = NDArray[np.float64]

MAX_OCTETS = 1 << 30

_ENCODINGS = {"1999": "BINARY", "2013": "BINARY32"}
_FULL = {"1999": 2.0**15 - 1.0, "2013": 2.0**31 - 1.0}
_NAME_LONGEST = {"1999": 64, "2013": 128}
_LETTERS: dict[Phase, str] = {
    **{"L1": "A", "L2": "B", "L3": "C", "N": "N", "": ""},
    **{"L12": "AB", "L23": "BC", "L31": "CA"},
}
_LAST_STAMP = 0xFFFFFFFE


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What is to be written: samples (n, channels), NaN where one is missing.

    `start` is that of the first sample; `trigger_s` [s] is when, after it, what the recording is
    about began. `nominal_frequency` [Hz] is the mains'. `states` (n, statuses) are those of the
    digital channels: 1, or 0 for anything else.
    """

    channels: tuple[RecordedChannel, ...]
    samples: Floats
    sample_rate: float
    nominal_frequency: float
    start: datetime | None = None
    trigger_s: float = 0.0
    station: str = ""
    recorder: str = ""
    statuses: tuple[StatusChannel, ...] = ()
    states: NDArray[np.uint8] | None = None


@dataclass(frozen=True, slots=True)
class ComtradeFiles:
    """The octets of a .cfg and of its .dat."""

    configuration: bytes
    data: bytes
    encoding: str

    def combined(self, header: str = "") -> bytes:
        """The same in one file, a .cff, with some words on it."""
        told = header.replace("\r", "").replace("\n", "\r\n").encode()
        return b"".join(
            (
                b"--- file type: CFG ---\r\n", self.configuration,
                b"--- file type: INF ---\r\n",
                b"--- file type: HDR ---\r\n", told + b"\r\n" if told else b"",
                f"--- file type: DAT {self.encoding}: {len(self.data)} ---\r\n".encode(),
                self.data,
            )
        )  # fmt: skip


def written_comtrade(excerpt: Excerpt, revision: Revision = "2013") -> ComtradeFiles:
    """The files of an excerpt; InputError for one without samples, or too large to hold."""
    count, channels = excerpt.samples.shape
    if count == 0 or channels != len(excerpt.channels) or channels == 0:
        raise InputError(f"nothing to write: {count} samples of {channels} channels")
    digitals = len(excerpt.statuses)
    if digitals and (excerpt.states is None or excerpt.states.shape != (count, digitals)):
        raise InputError(f"nothing to write: no {count} states of {digitals} digital channels")
    layout = Layout(_ENCODINGS[revision], ((1.0, 0.0),) * channels, digitals)
    if count * layout.row().itemsize > MAX_OCTETS:
        raise InputError(
            f"{count} samples of {channels} channels make more than {MAX_OCTETS >> 30} GiB of "
            "COMTRADE; choose a shorter excerpt"
        )
    full = _FULL[revision]
    peaks = np.max(np.abs(excerpt.samples), axis=0, initial=0.0, where=_finite(excerpt.samples))
    gains = np.where(peaks > 0.0, peaks / full, 1.0)
    multiplier = 1
    while (count - 1) / excerpt.sample_rate * 1e6 / multiplier > _LAST_STAMP:
        multiplier *= 10
    rows = np.zeros(count, dtype=layout.row())
    rows["number"] = np.arange(1, count + 1)
    rows["time"] = np.rint(np.arange(count) / excerpt.sample_rate * 1e6 / multiplier)
    raw = np.rint(excerpt.samples / gains)
    rows["analog"] = np.where(_finite(raw), raw, -full - 1.0)
    if excerpt.states is not None and digitals:
        rows["digital"] = _words(excerpt.states)
    lines = _lines(excerpt, revision, gains, multiplier)
    text = "".join(f"{line}\r\n" for line in lines)
    return ComtradeFiles(text.encode(), rows.tobytes(), layout.encoding)


def _words(states: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """States (n, k) as words of sixteen, the first in the lowest bit."""
    count, digitals = states.shape
    wide = np.zeros((count, (digitals + 15) // 16 * 16), dtype=np.uint8)
    wide[:, :digitals] = states == 1
    return np.packbits(wide, axis=1, bitorder="little").view("<u2")


def _lines(excerpt: Excerpt, revision: Revision, gains: Floats, multiplier: int) -> list[str]:
    count, digitals = len(excerpt.channels), len(excerpt.statuses)
    start = excerpt.start or datetime(1970, 1, 1, tzinfo=UTC)
    trigger = start + timedelta(seconds=excerpt.trigger_s)
    station = _plain(excerpt.station or "addad", 64)
    lines = [
        f"{station},{_plain(excerpt.recorder or 'excerpt', 64)},{revision}",
        f"{count + digitals},{count}A,{digitals}D",
    ]
    lines += [
        _analog(k + 1, channel, float(gain), revision)
        for k, (channel, gain) in enumerate(zip(excerpt.channels, gains, strict=True))
    ]
    longest = _NAME_LONGEST[revision]
    lines += [
        f"{k},{_plain(status.name, longest)},{_plain(status.phase, 2)},"
        f"{_plain(status.circuit, longest)},{status.normal or 0}"
        for k, status in enumerate(excerpt.statuses, 1)
    ]
    lines += [
        f"{excerpt.nominal_frequency:g}",
        "1",
        f"{excerpt.sample_rate:.15g},{len(excerpt.samples)}",
        written(start),
        written(trigger),
        _ENCODINGS[revision],
        str(multiplier),
    ]
    if revision == "2013":
        # an unknown clock is not reliable; a known one is trusted to the ten seconds of a wall's
        zone = written_zone(start)
        lines += [f"{zone},{zone}", "B,3" if excerpt.start else "F,3"]
    return lines


def _analog(number: int, channel: RecordedChannel, gain: float, revision: Revision) -> str:
    full = _FULL[revision]
    longest = _NAME_LONGEST[revision]
    ratio = channel.ratio if channel.side else 1.0
    fields = (
        str(number),
        _plain(channel.name, longest),
        _LETTERS[channel.phase],
        _plain(channel.circuit, longest),
        _plain(channel.unit.replace("full scale", "FS") or _unit(channel), 32),
        f"{gain:.17g}",
        "0",
        "0",
        f"{-full:.0f}",
        f"{full:.0f}",
        f"{ratio:.15g}",
        "1",
        "S" if channel.side == "secondary" else "P",
    )
    return ",".join(fields)


def _unit(channel: RecordedChannel) -> str:
    return {"voltage": "V", "current": "A"}.get(channel.kind, "")


def _plain(text: str, longest: int) -> str:
    """A field without what would end it or its line."""
    return "".join(" " if c in ",\r\n\x1a" else c for c in text).strip()[:longest]


def _finite(values: Floats) -> NDArray[np.bool_]:
    return np.isfinite(values)
