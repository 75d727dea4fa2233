"""Stretches of a record cut out, to be written as COMTRADE: by times, or around an event.

All channels of the file go with it, scaled as they were measured, the digital ones too.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from addad.lab.measure_plan import Plan
from addad.lab.report import RecordEvent, Report
from addad.lab.states import filled
from addad.world.comtrade_writer import Excerpt
from addad.world.recording import MAX_WAVEFORM_VALUES, ChoiceError, Recording

LEAD_S = 0.1
"""What is kept before an event begins, and behind its end [s]."""

_TIME = r"(\d+(?:\.\d+)?)\s*(us|µs|ms|s|min|h)?"
_UNITS = {"us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0}
_EVENT = re.compile(r"\s*event\s*:\s*(\d{1,6})\s*")
_STRETCH = re.compile(rf"\s*(?:{_TIME})?\s*\.\.\s*(?:{_TIME})?\s*")


def check_span(text: str) -> None:
    """ChoiceError for what is no span in any record."""
    if not (_EVENT.fullmatch(text) or _STRETCH.fullmatch(text)):
        form = "write it like 0.3s..0.9s, 2min.., ..500ms or event:1"
        raise ChoiceError(f"--excerpt {text!r}: {form}")


def span(text: str, report: Report) -> tuple[float, float, float]:
    """Begin, end and trigger [s from the record's begin] of what `text` asks for.

    `0.3s..0.9s` is between two times, either of which may be left out; `event:2` is the second
    event with a tenth of a second around it. ChoiceError for what the record does not hold.
    """
    length = report.recording.duration_s
    number = _EVENT.fullmatch(text)
    if number is not None:
        event = _event(report, int(number[1]))
        end = event.start_s + event.duration_s + LEAD_S
        return max(0.0, event.start_s - LEAD_S), min(length, end), event.start_s
    check_span(text)
    found = _STRETCH.fullmatch(text)
    assert found is not None
    begin = float(found[1]) * _UNITS[found[2] or found[4] or "s"] if found[1] else 0.0
    end = float(found[3]) * _UNITS[found[4] or "s"] if found[3] else length
    if end <= begin < length:
        raise ChoiceError(f"--excerpt {text!r}: ends before it begins")
    if not begin < length:
        raise ChoiceError(f"--excerpt {text!r}: the record goes from 0 s to {length:.6g} s")
    return begin, min(end, length), begin


def excerpt(wanted: Plan, report: Report, text: str) -> Excerpt:
    """What `text` asks for, read again from the open record; ChoiceError as of `span`."""
    recording = wanted.recording
    if len(recording.items) > 1:
        raise ChoiceError(f"--excerpt: {len(recording.items)} records; choose one with --item")
    begin, end, trigger = span(text, report)
    rate = recording.sample_rate
    first = math.floor(begin * rate + 1e-6)
    last = min(recording.samples, max(first + 1, math.ceil(end * rate - 1e-6)))
    columns = tuple(range(len(recording.channels)))
    if (last - first) * (len(columns) + len(recording.statuses) / 8.0) > MAX_WAVEFORM_VALUES:
        raise ChoiceError(
            f"--excerpt {text!r}: {last - first} samples of {len(columns)} channels are too many "
            "to hold at once; choose a shorter stretch"
        )
    pieces, position = [], 0
    for block in recording.blocks(columns):
        pieces.append(block[0][max(0, first - position) : max(0, last - position)])
        position += block.shape[1]
        if position >= last:
            break
    samples = np.concatenate(pieces) * np.array(wanted.gains)
    states = _states(recording, first, last)
    start = recording.start + timedelta(seconds=first / rate) if recording.start else None
    return Excerpt(
        channels=tuple(replace(channel, skew_s=0.0) for channel in recording.channels),
        samples=samples,
        sample_rate=rate,
        nominal_frequency=wanted.nominal[1],
        start=start,
        trigger_s=max(0.0, trigger - first / rate),
        station=recording.format.partition(", ")[2] or wanted.file,
        recorder=f"excerpt of {wanted.file}",
        statuses=recording.statuses,
        states=states,
    )


def _states(recording: Recording, first: int, last: int) -> NDArray[np.uint8] | None:
    """The states of the digital channels from sample `first` to `last` (out); None without any.

    One that is unknown is as it was before.
    """
    if not recording.statuses:
        return None
    pieces: list[NDArray[np.uint8]] = []
    position = 0
    before = np.zeros(len(recording.statuses), np.uint8)
    for block in recording.states():
        known = filled(block, before)
        before = known[-1]
        pieces.append(known[max(0, first - position) : max(0, last - position)])
        position += len(block)
        if position >= last:
            break
    return np.concatenate(pieces)


def _event(report: Report, number: int) -> RecordEvent:
    events = report.quality.events if report.quality else ()
    for event in events:
        if event.number == number:
            return event
    held = f"its events are 1 to {len(events)}" if events else "the record has no event"
    raise ChoiceError(f"--excerpt event:{number}: {held}")
