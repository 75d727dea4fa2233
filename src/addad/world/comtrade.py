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
from addad.world.comtrade_rates import timing
from addad.world.even_rate import evened, evened_states
from addad.world.recording import Blocks, Reading, RecordedChannel, Recording, States
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
    taken = timing(sections, data, reading, configuration.time_unit_s, name)
    skews, skew_notes = _skews(channels, taken.rate)
    course = taken.course

    def blocks(columns: tuple[int, ...], block_samples: int) -> Blocks:
        raw = data.blocks(columns, taken.first, taken.last, block_samples)
        at_once = aligned(raw, [skews[column] for column in columns])
        return at_once if course is None else evened(at_once, course)

    def states(block_samples: int) -> States:
        raw = data.states(taken.first, taken.last, block_samples)
        return raw if course is None else evened_states(raw, course)

    begun = configuration.start
    if begun is not None and taken.before_s is not None:
        begun += timedelta(seconds=taken.before_s)
    title = f"{configuration.station} {configuration.recorder}".strip()
    return Recording(
        format=f"COMTRADE {configuration.revision} {encoding}" + (f", {title}" if title else ""),
        sample_rate=taken.rate,
        samples=taken.samples,
        channels=channels,
        reader=blocks,
        start=begun,
        nominal_frequency=configuration.line_frequency or None,
        notes=(
            *notes, *count_notes, *taken.notes, *skew_notes,
            *configuration.clock.notes(),
        ),
        statuses=configuration.statuses,
        state_reader=states if configuration.statuses else None,
        jumps=taken.jumps,
        rate_off=taken.rate_off,
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
