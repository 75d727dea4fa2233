"""COMTRADE recordings: the configuration file, and the record that it and its data file make.

Written from real files and public descriptions of IEEE C37.111 (1991, 1999, 2013); no clause is
cited because none has been read here. The data file's four encodings are in `comtrade_data`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import BinaryIO

from addad.errors import InputError
from addad.world.channel_names import meanings
from addad.world.comtrade_data import DataFile, Layout
from addad.world.recording import (
    MAX_CHANNELS,
    Blocks,
    ChoiceError,
    Reading,
    RecordedChannel,
    Recording,
    Side,
)
from addad.world.skew import MAX_SKEW_SAMPLES, aligned
from addad.world.text import decode_text

MAX_CONFIGURATION_OCTETS = 4 << 20
MAX_SECTIONS = 1000

_SIDES: dict[str, Side] = {"P": "primary", "S": "secondary"}
_COUNTS = re.compile(r"\s*(\d{1,6})\s*,\s*(\d{1,6})\s*[Aa]\s*,\s*(\d{1,6})\s*[Dd]\s*")


@dataclass(frozen=True, slots=True)
class Analog:
    """One analog line: value = gain × raw + offset, in the line's own unit."""

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


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of one sampling rate [Hz]: samples `first` to `last`, counted from 0, last out."""

    rate: float
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a .cfg says; `sections` is empty of rates (0 Hz) where the time stamps tell the rate."""

    station: str
    recorder: str
    revision: str
    analogs: tuple[Analog, ...]
    digitals: int
    line_frequency: float
    sections: tuple[Section, ...]
    start: datetime | None
    encoding: str
    time_unit_s: float

    @property
    def samples(self) -> int:
        """How many samples the data file must hold."""
        return self.sections[-1].last


def looks_like_configuration(head: bytes) -> bool:
    """Whether the second line counts channels as only a .cfg does: `8,8A,0D`."""
    lines = head.splitlines()
    return len(lines) > 1 and _COUNTS.fullmatch(lines[1].decode("latin-1")) is not None


def open_comtrade(
    configuration_file: BinaryIO, data_file: BinaryIO, name: str, reading: Reading
) -> Recording:
    """The recording of a .cfg and its .dat, both open; InputError where they do not agree."""
    octets = configuration_file.read(MAX_CONFIGURATION_OCTETS + 1)
    if len(octets) > MAX_CONFIGURATION_OCTETS:
        raise InputError(f"{name}: larger than any COMTRADE configuration; is it the data file?")
    text, encoding = decode_text(octets, reading.encoding)
    configuration = parse_configuration(text, name)
    channels, gains = _channels(configuration)
    layout = Layout(configuration.encoding, gains, configuration.digitals)
    data = DataFile(data_file, layout, name)
    notes = [f"text read as {encoding}"] if not text.isascii() else []
    sections, count_notes = _counted(configuration, data, reading, name)
    section, section_notes = _chosen(sections, reading, name)
    rate = section.rate
    rate_notes: list[str] = []
    if reading.rate is not None:
        rate = reading.rate
    elif not rate > 0.0:
        rate, rate_notes = data.rate_by_time_stamps(
            section.first, section.last, configuration.time_unit_s
        )

    skews, skew_notes = _skews(channels, rate)

    def blocks(columns: tuple[int, ...], block_samples: int) -> Blocks:
        raw = data.blocks(columns, section.first, section.last, block_samples)
        return aligned(raw, [skews[column] for column in columns])

    title = f"{configuration.station} {configuration.recorder}".strip()
    return Recording(
        format=f"COMTRADE {configuration.revision} {configuration.encoding}"
        + (f", {title}" if title else ""),
        sample_rate=rate,
        samples=section.last - section.first,
        channels=channels,
        reader=blocks,
        start=configuration.start,
        nominal_frequency=configuration.line_frequency or None,
        notes=(*notes, *count_notes, *section_notes, *rate_notes, *skew_notes),
    )


def parse_configuration(text: str, name: str) -> Configuration:
    """The fields of a .cfg; InputError with the line at fault."""
    lines = text.rstrip("\x1a\r\n \x00").splitlines()
    counts = _COUNTS.fullmatch(lines[1]) if len(lines) > 1 else None
    if counts is None:
        raise InputError(
            f"{name}: no COMTRADE configuration; its second line should count the channels, "
            "such as 8,8A,0D"
        )
    analogs, digitals = int(counts[2]), int(counts[3])
    if not 0 < analogs <= MAX_CHANNELS:
        raise InputError(f"{name}: {analogs} analog channels; 1 to {MAX_CHANNELS} can be read")
    tail = 2 + analogs + digitals
    if len(lines) < tail + 3:
        raise InputError(
            f"{name}: breaks off at line {len(lines)}, with {analogs + digitals} channels stated; "
            "copy the file again"
        )
    first = [part.strip() for part in lines[0].split(",")]
    revision = first[2] if len(first) > 2 and first[2] else "1991"
    rates, after = _sections(lines, tail, name)
    encoding = _field(lines, after + 2).upper().replace(" ", "")
    start, unit_s = _moment(_field(lines, after), american=revision == "1991")
    multiplier = _number(_field(lines, after + 3) or "1", after + 3, name)
    return Configuration(
        station=first[0],
        recorder=first[1] if len(first) > 1 and first[1] != first[0] else "",
        revision=revision,
        analogs=tuple(_analog(lines[2 + k], 2 + k, name) for k in range(analogs)),
        digitals=digitals,
        line_frequency=_line_frequency(lines[tail]),
        sections=rates,
        start=start,
        encoding=encoding or "ASCII",
        time_unit_s=unit_s * (multiplier if multiplier > 0.0 else 1.0),
    )


def _analog(line: str, index: int, name: str) -> Analog:
    parts = [part.strip() for part in line.split(",")]
    if len(parts) < 10:
        raise InputError(
            f"{name}: line {index + 1} has {len(parts)} fields; an analog channel has 10 or 13"
        )
    gain, offset = (_number(parts[k] or "0", index, name) for k in (5, 6))
    if gain == 0.0:
        raise InputError(f"{name}: line {index + 1}: the multiplier of {parts[1]!r} is zero")
    primary, secondary = 1.0, 1.0
    side: Side = ""
    if len(parts) >= 13:
        primary, secondary = (_number(parts[k] or "1", index, name) for k in (10, 11))
        side = _SIDES.get(parts[12].upper(), "")
    return Analog(
        name=parts[1],
        phase=parts[2],
        circuit=parts[3],
        unit=parts[4],
        gain=gain,
        offset=offset,
        skew_s=_number(parts[7] or "0", index, name) * 1e-6,
        primary=primary,
        secondary=secondary,
        side=side,
    )


def _channels(
    configuration: Configuration,
) -> tuple[tuple[RecordedChannel, ...], tuple[tuple[float, float], ...]]:
    """The analog channels, and the gain and offset that make volts and amperes of their values."""
    analogs = configuration.analogs
    told = meanings(
        [a.name for a in analogs], [a.unit for a in analogs], [a.phase for a in analogs]
    )
    channels = []
    for analog, meaning in zip(analogs, told, strict=True):
        known = analog.primary > 0.0 and analog.secondary > 0.0
        channels.append(
            RecordedChannel(
                name=analog.name,
                kind=meaning.kind,
                phase=meaning.phase,
                unit=meaning.unit,
                circuit=analog.circuit,
                ratio=analog.primary / analog.secondary if known else 1.0,
                side=analog.side,
                skew_s=analog.skew_s,
            )
        )
    gains = tuple(
        (analog.gain * meaning.factor, analog.offset * meaning.factor)
        for analog, meaning in zip(analogs, told, strict=True)
    )
    return tuple(channels), gains


def _skews(
    channels: tuple[RecordedChannel, ...], rate: float
) -> tuple[tuple[float, ...], list[str]]:
    """How many samples later each channel was sampled, and what was done about it."""
    skews = [channel.skew_s * rate for channel in channels]
    absurd = [
        c.name for c, skew in zip(channels, skews, strict=True) if abs(skew) > MAX_SKEW_SAMPLES
    ]
    notes = []
    if absurd:
        notes.append(f"a skew of more than {MAX_SKEW_SAMPLES:g} samples is ignored: {absurd[0]}")
    kept = tuple(0.0 if abs(skew) > MAX_SKEW_SAMPLES else skew for skew in skews)
    if any(kept):
        worst = max(abs(skew) for skew in kept) / rate
        notes.append(f"sampling skew of up to {worst * 1e6:.0f} µs between channels is mended")
    return kept, notes


def _sections(lines: list[str], tail: int, name: str) -> tuple[tuple[Section, ...], int]:
    """The stretches of one sampling rate, and the index of the line after them."""
    written = _number(lines[tail + 1].split(",")[0] or "0", tail + 1, name)
    count = max(1, int(written))
    if not 0 <= written <= MAX_SECTIONS or len(lines) < tail + 2 + count:
        raise InputError(f"{name}: line {tail + 2} counts {written:g} sampling rates")
    sections: list[Section] = []
    first = 0
    for k in range(tail + 2, tail + 2 + count):
        parts = lines[k].split(",")
        if len(parts) < 2:
            raise InputError(f"{name}: line {k + 1} should be a sampling rate and a last sample")
        rate, last = _number(parts[0] or "0", k, name), int(_number(parts[1], k, name))
        if rate < 0.0 or last <= first:
            raise InputError(
                f"{name}: line {k + 1}: {rate:g} S/s up to sample {last} cannot follow "
                f"sample {first}"
            )
        sections.append(Section(0.0 if written == 0 else rate, first, last))
        first = last
    return tuple(sections), tail + 2 + count


def _counted(
    configuration: Configuration, data: DataFile, reading: Reading, name: str
) -> tuple[tuple[Section, ...], list[str]]:
    """The sections that the data file really holds; InputError where it holds another count."""
    stated = configuration.samples
    held = data.samples(stated)
    if held == stated:
        return configuration.sections, []
    if held == stated + 1:
        return configuration.sections, [
            f"the data file holds {held} samples, the configuration states {stated}: "
            f"the first {stated} are read"
        ]
    found = f"the configuration states {stated} samples, the data file holds {held}"
    if not reading.allow_wrong_count:
        cause = "it is truncated" if held < stated else "it belongs to another recording"
        raise InputError(
            f"{name}: {found}; {cause}: copy both files again, "
            "or measure what is there with --allow-wrong-count"
        )
    kept = [replace(s, last=min(s.last, held)) for s in configuration.sections if s.first < held]
    if not kept:
        raise InputError(f"{name}: the data file holds no whole sample")
    return tuple(kept), [f"{found}: {kept[-1].last} are read"]


def _chosen(
    sections: tuple[Section, ...], reading: Reading, name: str
) -> tuple[Section, list[str]]:
    """The section asked for, else the longest in time."""
    if reading.section is not None:
        if not 1 <= reading.section <= len(sections):
            raise ChoiceError(f"{name}: has sections 1 to {len(sections)}, not {reading.section}")
        return sections[reading.section - 1], []
    if len(sections) == 1:
        return sections[0], []
    spans = [(s.last - s.first) / s.rate if s.rate > 0.0 else 0.0 for s in sections]
    index = spans.index(max(spans))
    listed = ", ".join(
        f"{k + 1}: {s.rate:g} S/s for {span:.3g} s"
        for k, (s, span) in enumerate(zip(sections, spans, strict=True))
    )
    return sections[index], [
        f"{len(sections)} sampling rates ({listed}); section {index + 1}, the longest, is read; "
        "--section picks another"
    ]


def _moment(text: str, american: bool) -> tuple[datetime | None, float]:
    """The start (its zone is not stated: taken as UTC), and the unit of the time stamps [s]."""
    found = re.fullmatch(
        r"\s*(\d{1,2})/(\d{1,2})/(\d{2,4})\s*,\s*(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,9}))?\s*",
        text,
    )
    if found is None:
        return None, 1e-6
    one, two, year, hour, minute, second = (int(found[k]) for k in range(1, 7))
    fraction = (found[7] or "0").ljust(9, "0")
    day, month = (two, one) if american else (one, two)
    year += (1900 if year >= 70 else 2000) if year < 100 else 0
    unit_s = 1e-9 if found[7] and len(found[7]) > 6 else 1e-6
    try:
        start = datetime(
            year, month, day, hour, minute, min(second, 59), int(fraction[:6]), tzinfo=UTC
        )
    except ValueError:
        return None, unit_s
    return start, unit_s


def _line_frequency(text: str) -> float:
    try:
        value = float(text.split(",", maxsplit=1)[0])
    except ValueError:
        return 0.0
    return value if 10.0 <= value <= 1000.0 else 0.0


def _field(lines: list[str], index: int) -> str:
    return lines[index].strip() if index < len(lines) else ""


def _number(text: str, index: int, name: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise InputError(f"{name}: line {index + 1}: {text.strip()!r} is no number") from None
    if not abs(value) < 1e300:
        raise InputError(f"{name}: line {index + 1}: {text.strip()!r} is no finite number")
    return value
