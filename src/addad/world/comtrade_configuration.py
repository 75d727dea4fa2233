"""The configuration of a COMTRADE recording: the lines of a .cfg, of 1991 to 2013.

Written from real files and public descriptions of IEEE C37.111; no clause is cited because none has
been read here. What a line lacks is told with its number and what was expected in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

from addad.errors import InputError
from addad.world.comtrade_time import Clock, clock, moment
from addad.world.recording import MAX_CHANNELS, MAX_STATUSES, Side, StatusChannel
from addad.world.text import text_lines

MAX_SECTIONS = 1000

_SIDES: dict[str, Side] = {"P": "primary", "S": "secondary"}
_COUNTS = re.compile(r"\s*(\d{1,6})\s*,\s*(\d{1,6})\s*[Aa]\s*(?:,\s*(\d{1,6})\s*[Dd]\s*)?,?\s*")
_ANALOG = "number, name, phase, circuit, unit, multiplier, offset, skew, least, largest"
_FIRST_YEAR = "1991"


@dataclass(frozen=True, slots=True)
class Analog:
    """One analog line: value = gain × raw + offset, in the line's own unit; `highest` raw."""

    name: str
    phase: str
    circuit: str
    unit: str
    gain: float
    offset: float
    skew_s: float
    primary: float
    secondary: float
    side: Side
    highest: float = 0.0


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of one sampling rate [Hz]: samples `first` to `last`, counted from 0, last out."""

    rate: float
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a .cfg says; a section has 0 Hz where the time stamps tell the rate.

    `sections` are empty where it does not even count the samples, `encoding` where it does not say
    how they are written, as in 1991.
    """

    station: str
    recorder: str
    revision: str
    analogs: tuple[Analog, ...]
    statuses: tuple[StatusChannel, ...]
    line_frequency: float
    sections: tuple[Section, ...]
    start: datetime | None
    encoding: str
    time_unit_s: float
    clock: Clock = field(default_factory=Clock)

    @property
    def samples(self) -> int | None:
        """How many samples the data file must hold; None where that is not stated."""
        return self.sections[-1].last if self.sections else None


def looks_like_configuration(head: bytes) -> bool:
    """Whether the second line counts channels as only a .cfg does: `8,8A,0D`."""
    lines = head.splitlines()
    return len(lines) > 1 and _COUNTS.fullmatch(lines[1].decode("latin-1")) is not None


def parse_configuration(text: str, name: str) -> Configuration:
    """The fields of a .cfg; InputError with the line at fault and what it should hold."""
    lines = text_lines(text.rstrip("\x1a\r\n \x00"))
    counts = _COUNTS.fullmatch(lines[1]) if len(lines) > 1 else None
    if counts is None:
        raise InputError(
            f"{name}: no COMTRADE configuration; its second line should count the channels, "
            "such as 8,8A,0D"
        )
    analogs, digitals = int(counts[2]), int(counts[3] or 0)
    if not 0 < analogs <= MAX_CHANNELS:
        raise InputError(f"{name}: {analogs} analog channels; 1 to {MAX_CHANNELS} can be read")
    if digitals > MAX_STATUSES:
        raise InputError(f"{name}: {digitals} digital channels; up to {MAX_STATUSES} can be read")
    tail = 2 + analogs + digitals
    if len(lines) < tail + 2:
        expected = (
            f"{analogs} analog and {digitals} digital channels are stated"
            if len(lines) < tail
            else "the line frequency and the sampling rates are missing"
        )
        raise InputError(f"{name}: breaks off at line {len(lines)}: {expected}; copy it again")
    first = [part.strip() for part in lines[0].split(",")]
    revision = first[2] if len(first) > 2 and first[2] else _FIRST_YEAR
    sections, after = _sections(lines, tail, name)
    stated = clock(_field(lines, after + 4), _field(lines, after + 5))
    start, unit_s = moment(_field(lines, after), revision == _FIRST_YEAR, stated.zone)
    multiplier = _number(_field(lines, after + 3) or "1", after + 3, name, "time multiplier")
    return Configuration(
        station=first[0],
        recorder=first[1] if len(first) > 1 and first[1] != first[0] else "",
        revision=revision,
        analogs=tuple(_analog(lines[2 + k], 2 + k, name) for k in range(analogs)),
        statuses=tuple(_status(lines[2 + analogs + k]) for k in range(digitals)),
        line_frequency=_line_frequency(lines[tail]),
        sections=sections,
        start=start,
        encoding=_field(lines, after + 2).upper().replace(" ", ""),
        time_unit_s=unit_s * (multiplier if multiplier > 0.0 else 1.0),
        clock=stated,
    )


def _analog(line: str, index: int, name: str) -> Analog:
    parts = [part.strip() for part in line.split(",")]
    if len(parts) < 10:
        raise InputError(
            f"{name}: line {index + 1} has {len(parts)} fields; an analog channel has 10 or 13: "
            f"{_ANALOG}"
        )
    gain = _number(parts[5] or "0", index, name, "multiplier")
    offset = _number(parts[6] or "0", index, name, "offset")
    if gain == 0.0:
        raise InputError(f"{name}: line {index + 1}: the multiplier of {parts[1]!r} is zero")
    primary, secondary = 1.0, 1.0
    side: Side = ""
    if len(parts) >= 13:
        primary = _number(parts[10] or "1", index, name, "primary value")
        secondary = _number(parts[11] or "1", index, name, "secondary value")
        side = _SIDES.get(parts[12].upper(), "")
    return Analog(
        name=parts[1],
        phase=parts[2],
        circuit=parts[3],
        unit=parts[4],
        gain=gain,
        offset=offset,
        skew_s=_number(parts[7] or "0", index, name, "skew") * 1e-6,
        primary=primary,
        secondary=secondary,
        side=side,
        highest=_number(parts[9] or "0", index, name, "largest value"),
    )


def _status(line: str) -> StatusChannel:
    """A digital line: number, name, phase, circuit, normal state; of 1991 without the middle two.

    What lacks is empty, as it is in many files: nothing is measured by it.
    """
    parts = [part.strip() for part in line.split(",")]
    parts += [""] * (3 - len(parts))
    phase, circuit, normal = parts[2:5] if len(parts) >= 5 else ("", "", parts[2])
    return StatusChannel(
        name=parts[1] or parts[0],
        phase=phase,
        circuit=circuit,
        normal=int(normal) if normal in ("0", "1") else None,
    )


def _sections(lines: list[str], tail: int, name: str) -> tuple[tuple[Section, ...], int]:
    """The stretches of one sampling rate, and the index of the line after them."""
    what = "number of sampling rates"
    written = _number(lines[tail + 1].split(",")[0] or "0", tail + 1, name, what)
    count = max(1, int(written))
    if not 0 <= written <= MAX_SECTIONS:
        raise InputError(f"{name}: line {tail + 2} counts {written:g} sampling rates")
    if written == 0 and "/" in _field(lines, tail + 2):
        return (), tail + 2
    if len(lines) < tail + 2 + count:
        raise InputError(
            f"{name}: breaks off at line {len(lines)}: {count} sampling rates are stated, each "
            "with its last sample; copy it again"
        )
    sections: list[Section] = []
    first = 0
    for k in range(tail + 2, tail + 2 + count):
        parts = lines[k].split(",")
        if len(parts) < 2:
            raise InputError(f"{name}: line {k + 1} should be a sampling rate and a last sample")
        rate = _number(parts[0] or "0", k, name, "sampling rate")
        last = int(_number(parts[1], k, name, "last sample"))
        if written == 0 and last == 0:
            return (), tail + 2 + count
        if rate < 0.0 or last <= first:
            raise InputError(
                f"{name}: line {k + 1}: {rate:g} S/s up to sample {last} cannot follow "
                f"sample {first}"
            )
        sections.append(Section(0.0 if written == 0 else rate, first, last))
        first = last
    return tuple(sections), tail + 2 + count


def _line_frequency(text: str) -> float:
    try:
        value = float(text.split(",", maxsplit=1)[0])
    except ValueError:
        return 0.0
    return value if 10.0 <= value <= 1000.0 else 0.0


def _field(lines: list[str], index: int) -> str:
    return lines[index].strip("\x1a\x00 \t") if index < len(lines) else ""


def _number(text: str, index: int, name: str, what: str) -> float:
    try:
        value = float(text)
    except ValueError:
        told = f"{text.strip()[:40]!r} is no number"
        raise InputError(f"{name}: line {index + 1}: the {what} {told}") from None
    if not abs(value) < 1e300:
        told = f"{text.strip()[:40]!r} is no finite number"
        raise InputError(f"{name}: line {index + 1}: the {what} {told}")
    return value
