"""COMTRADE recordings: what a configuration and its data make together, in two files or in one.

Written from real files and public descriptions of IEEE C37.111 (1991, 1999, 2013); no clause is
cited because none has been read here. The configuration is read by `comtrade_configuration`, the
data's four encodings by `comtrade_data`, the combined file's sections by `comtrade_cff`.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from typing import BinaryIO

from addad.errors import InputError
from addad.world.channel_names import meanings
from addad.world.comtrade_cff import parts_of
from addad.world.comtrade_configuration import Configuration, Section, parse_configuration
from addad.world.comtrade_data import MISSING_ASCII, DataFile, Layout, encoding_of
from addad.world.recording import (
    Blocks,
    ChoiceError,
    Reading,
    RecordedChannel,
    Recording,
    States,
)
from addad.world.skew import MAX_SKEW_SAMPLES, aligned
from addad.world.text import decode_text

MAX_CONFIGURATION_OCTETS = 4 << 20
_WHOLE_NUMBERS = ("BINARY", "BINARY32")


def open_comtrade(
    configuration_file: BinaryIO, data_file: BinaryIO, name: str, reading: Reading
) -> Recording:
    """The recording of a .cfg and its .dat, both open; InputError where they do not agree."""
    octets = configuration_file.read(MAX_CONFIGURATION_OCTETS + 1)
    if len(octets) > MAX_CONFIGURATION_OCTETS:
        raise InputError(f"{name}: larger than any COMTRADE configuration; is it the data file?")
    return _recording(octets, data_file, name, reading, "")


def open_combined(file: BinaryIO, name: str, reading: Reading) -> Recording:
    """The recording of an open .cff; InputError where its parts are cut off or do not agree."""
    parts = parts_of(file, name)
    if parts.octets is not None and parts.held < parts.octets and not reading.allow_wrong_count:
        raise InputError(
            f"{name}: its data section states {parts.octets} octets and holds {parts.held}; it is "
            "truncated: copy the file again, or measure what is there with --allow-wrong-count"
        )
    return _recording(parts.configuration, parts.data, name, reading, parts.encoding)


def _recording(
    octets: bytes, data_file: BinaryIO, name: str, reading: Reading, heading: str
) -> Recording:
    """The recording; `heading` is the encoding by the section of a combined file, if any."""
    text, page = decode_text(octets, reading.encoding)
    configuration = parse_configuration(text, name)
    encoding = configuration.encoding or heading or encoding_of(data_file)
    channels, gains = _channels(configuration, encoding)
    # the marker of a missing value is none where a channel reaches as far
    markers = tuple(
        math.nan if abs(analog.highest) > MISSING_ASCII else MISSING_ASCII
        for analog in configuration.analogs
    )
    layout = Layout(encoding, gains, len(configuration.statuses), markers)
    data = DataFile(data_file, layout, name)
    notes = [f"text read as {page}"] if not text.isascii() else []
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
    stamps = data.time_stamps(section.first, section.last, configuration.time_unit_s)
    if stamps.jumps and reading.rate is None and not section.rate > 0.0:
        rate = stamps.rate
    stated = "it states" if reading.rate is None else "--rate states"
    rate_notes += stamps.notes("the time of its stamps", rate, stated)

    skews, skew_notes = _skews(channels, rate)

    def blocks(columns: tuple[int, ...], block_samples: int) -> Blocks:
        raw = data.blocks(columns, section.first, section.last, block_samples)
        return aligned(raw, [skews[column] for column in columns])

    def states(block_samples: int) -> States:
        return data.states(section.first, section.last, block_samples)

    begun = configuration.start
    before = [s for s in sections if s.last <= section.first]
    if begun is not None and all(s.rate > 0.0 for s in before):
        begun += timedelta(seconds=sum((s.last - s.first) / s.rate for s in before))
    title = f"{configuration.station} {configuration.recorder}".strip()
    return Recording(
        format=f"COMTRADE {configuration.revision} {encoding}" + (f", {title}" if title else ""),
        sample_rate=rate,
        samples=section.last - section.first,
        channels=channels,
        reader=blocks,
        start=begun,
        nominal_frequency=configuration.line_frequency or None,
        notes=(
            *notes, *count_notes, *section_notes, *rate_notes, *skew_notes,
            *configuration.clock.notes(),
        ),
        statuses=configuration.statuses,
        state_reader=states if configuration.statuses else None,
        jumps=tuple(sample for sample, _ in stamps.jumps),
        rate_off=stamps.is_off(rate),
    )  # fmt: skip


def _channels(
    configuration: Configuration, encoding: str
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
                step=abs(analog.gain * meaning.factor) if encoding in _WHOLE_NUMBERS else 0.0,
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


def _counted(
    configuration: Configuration, data: DataFile, reading: Reading, name: str
) -> tuple[tuple[Section, ...], list[str]]:
    """The sections that the data file really holds; InputError where it holds another count."""
    stated = configuration.samples
    held = data.samples(stated)
    if stated is None:
        return (Section(0.0, 0, held),), []
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
