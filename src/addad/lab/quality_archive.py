"""A quality record in one file, so that its report can be made again without measuring again.

The file is a NumPy archive with a text of JSON. One that comes from elsewhere may be damaged or
hostile: its sizes are bounded before it is read, and every shape, number and word is looked at. The
record is that of IEC 61000-4-30 and of EN 50160.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from addad.errors import InputError
from addad.lab.quality_record import (
    CURRENTS,
    ORDERS,
    PHASES,
    QualityRecord,
    Series,
    Supply,
    TenMinutes,
)
from addad.lab.whole_file import whole_file
from addad.metrology.power_quality import EventKind, EventWaveform, VoltageEvent
from addad.metrology.power_quality.en50160 import signalling_limit
from addad.world.npz import read_arrays

Arrays = Mapping[str, NDArray[np.generic]]

OCTETS_MAX = 1 << 28
EVENTS_MAX = GAPS_MAX = 100_000
_FORMAT = 1
_SERIES = {"plt": PHASES, "frequency": 1, "signalling": PHASES}
_EVENT_COLUMNS = 7
_LARGEST = 1e12
_LATEST_S = 1e11
_LONGEST_S = 367 * 86_400.0
_EARLY_S = 3_600.0
_WORDS_MAX, _LETTERS_MAX = 100, 2_000


def save(record: QualityRecord, path: Path) -> None:
    """Write a record; what stood there stays until it is whole. OSError when that cannot be."""
    arrays: dict[str, NDArray[np.generic]] = {}
    for field in fields(TenMinutes):
        arrays[f"ten_{field.name}"] = getattr(record.ten, field.name)
    for name in _SERIES:
        series: Series = getattr(record, name)
        for field in fields(Series):
            arrays[f"{name}_{field.name}"] = getattr(series, field.name)
    waves = record.waveforms
    arrays["gaps"] = record.gaps
    arrays["events"] = _event_rows(record.events)
    arrays["waveform_events"] = _event_rows([wave.event for wave in waves])
    arrays["waveform_starts"] = np.array([wave.start_s for wave in waves], np.float64)
    arrays["waveform_lengths"] = np.array([len(wave.samples) for wave in waves], np.int64)
    arrays["waveform_samples"] = np.concatenate(
        [np.empty((0, _columns(record.supply)), np.float32), *(wave.samples for wave in waves)]
    )
    meta = {
        "format": _FORMAT,
        "supply": asdict(record.supply),
        "span": [record.begin_utc_s, record.end_utc_s],
    }
    arrays["meta"] = np.frombuffer(json.dumps(meta).encode(), np.uint8)
    with whole_file(path) as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]


def load(path: Path) -> QualityRecord:
    """Read what `save` wrote; InputError for what is none."""
    try:
        with path.open("rb") as file:
            arrays = read_arrays(file, path.name, OCTETS_MAX)
    except OSError as fault:
        raise InputError(f"{path} cannot be read: {fault.strerror or fault}") from fault
    try:
        return _record(arrays)
    except (KeyError, ValueError, TypeError, OverflowError, RecursionError) as fault:
        what = f"no array {fault}" if isinstance(fault, KeyError) else str(fault)
        raise InputError(
            f"{path} holds no quality record ({what}); "
            f"`addad quality … --save {path.name}` writes one"
        ) from fault


def _record(arrays: Arrays) -> QualityRecord:
    """The record of arrays that nobody has vouched for; ValueError says what is wrong."""
    meta = json.loads(arrays["meta"].astype(np.uint8, casting="no").tobytes())
    if not isinstance(meta, dict) or meta.get("format") != _FORMAT:
        raise ValueError("written by another version of this program; measure again")
    supply = _supply(meta["supply"])
    begin, end = (float(value) for value in meta["span"])
    if not (0.0 <= begin <= end <= _LATEST_S and end - begin <= _LONGEST_S):
        raise ValueError("it covers no time that can be")
    span = begin - _EARLY_S, end
    gaps = _floats(arrays["gaps"], (len(arrays["gaps"]), 2))
    edges = np.concatenate([[begin], gaps.ravel(), [end]])
    if len(gaps) > GAPS_MAX or not bool((np.diff(edges) >= 0.0).all()):
        raise ValueError("gaps that are none")
    ten = _ten(arrays, span)
    series = {name: _series(arrays, name, width, span) for name, width in _SERIES.items()}
    return QualityRecord(
        supply=supply,
        begin_utc_s=begin,
        end_utc_s=end,
        gaps=gaps,
        ten=ten,
        events=_events(arrays["events"], span),
        waveforms=tuple(_waveforms(arrays, supply, span)),
        **series,
    )


def _supply(told: object) -> Supply:
    """The supply, each of its fields of its type and within bounds."""
    if not isinstance(told, dict) or set(told) != {field.name for field in fields(Supply)}:
        raise ValueError("its supply has other fields")
    supply = Supply(
        name=_text(told["name"]),
        declared=_number(told, "declared", 1.0, 1e6),
        nominal_frequency=_number(told, "nominal_frequency", 40.0, 70.0),
        sample_rate=_number(told, "sample_rate", 100.0, 1e7),
        highest_order=int(_number(told, "highest_order", 1, ORDERS - 1)),
        phases=_places(told["phases"], PHASES),
        currents=_places(told["currents"], CURRENTS),
        signalling_hz=_number(told, "signalling_hz", 0.0, 1e5),
        lamp=int(_number(told, "lamp", 120, 230)),
        island=bool(told["island"]),
        details=tuple((_text(name), _text(value)) for name, value in told["details"][:_WORDS_MAX]),
        remarks=tuple(_text(remark) for remark in told["remarks"][:_WORDS_MAX]),
        notes=tuple(_text(note) for note in told["notes"][:_WORDS_MAX]),
        dated=bool(told["dated"]),
    )
    if not supply.phases:
        raise ValueError("its supply has no phase")
    if supply.signalling_hz and signalling_limit(supply.signalling_hz) is None:
        raise ValueError(f"mains signalling at {supply.signalling_hz} Hz")
    return supply


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > _LETTERS_MAX or not value.isprintable():
        raise ValueError("a text of its supply is none")
    return value


def _number(told: Mapping[str, object], name: str, low: float, high: float) -> float:
    value = told[name]
    if not isinstance(value, int | float) or not low <= value <= high:
        raise ValueError(f"{name} is not from {low:g} to {high:g}")
    return float(value)


def _places(value: object, count: int) -> tuple[int, ...]:
    if not isinstance(value, list) or value != [k for k in range(count) if k in value]:
        raise ValueError("its phases are no phases")
    return tuple(int(k) for k in value)


def _ten(arrays: Arrays, span: tuple[float, float]) -> TenMinutes:
    start = _starts(arrays["ten_start"], span)
    shapes: dict[str, tuple[int, ...]] = {
        "coverage": (), "power": (), "unbalance": (2,), "harmonics": (PHASES, ORDERS),
    }  # fmt: skip
    values = {
        field.name: _floats(
            arrays[f"ten_{field.name}"], (len(start), *shapes.get(field.name, (PHASES,)))
        )
        for field in fields(TenMinutes)
        if field.name not in ("start", "flagged", "harmonics")
    }
    harmonics = _floats(arrays["ten_harmonics"], (len(start), *shapes["harmonics"]))
    return TenMinutes(
        start=start,
        flagged=_flags(arrays["ten_flagged"], len(start)),
        harmonics=harmonics.astype(np.float32),
        **values,
    )


def _series(arrays: Arrays, name: str, width: int, span: tuple[float, float]) -> Series:
    start = _starts(arrays[f"{name}_start"], span)
    return Series(
        start,
        _floats(arrays[f"{name}_values"], (len(start), width)),
        _flags(arrays[f"{name}_flagged"], len(start)),
    )


def _starts(array: NDArray[np.generic], span: tuple[float, float]) -> NDArray[np.float64]:
    """Begins of intervals, one after the other within the record."""
    times = _floats(array, (array.size,))
    if not bool(np.all((times >= span[0]) & (times <= span[1]))) or (np.diff(times) <= 0.0).any():
        raise ValueError("times that are not one after the other")
    return times


def _floats(array: NDArray[np.generic], shape: tuple[int, ...]) -> NDArray[np.float64]:
    if array.shape != shape or array.dtype.kind != "f":
        raise ValueError(f"an array of shape {array.shape} where {shape} is expected")
    values = array.astype(np.float64)
    if bool((np.abs(values) > _LARGEST).any()):
        raise ValueError("a number that no supply has")
    return values


def _flags(array: NDArray[np.generic], count: int) -> NDArray[np.bool_]:
    if array.shape != (count,) or array.dtype != np.bool_:
        raise ValueError("flags that are none")
    return array.astype(np.bool_)


def _waveforms(
    arrays: Arrays, supply: Supply, span: tuple[float, float]
) -> Iterator[EventWaveform]:
    events = _events(arrays["waveform_events"], span)
    starts = _floats(arrays["waveform_starts"], (len(events),))
    lengths = _lengths(arrays["waveform_lengths"], len(events))
    samples = arrays["waveform_samples"]
    if samples.shape != (sum(lengths), _columns(supply)):
        raise ValueError("waveforms of another length")
    if samples.dtype != np.float32 or bool((np.abs(samples) > _LARGEST).any()):
        raise ValueError("samples that are none")
    if bool((np.abs(starts - [event.start_s for event in events]) > _EARLY_S).any()):
        raise ValueError("waveforms of another time than their events")
    for k, (first, last) in enumerate(pairwise(accumulate(lengths, initial=0))):
        part = samples[first:last].astype(np.float32)
        yield EventWaveform(events[k], float(starts[k]), supply.sample_rate, part)


def _lengths(array: NDArray[np.generic], count: int) -> list[int]:
    if array.shape != (count,) or array.dtype != np.int64:
        raise ValueError("lengths of waveforms that are none")
    lengths: list[int] = array.astype(np.int64).tolist()
    if min(lengths, default=1) < 1:
        raise ValueError("a waveform without samples")
    return lengths


def _columns(supply: Supply) -> int:
    return len(supply.phases) + len(supply.currents)


def _event_rows(events: Sequence[VoltageEvent]) -> NDArray[np.float64]:
    rows = np.empty((len(events), _EVENT_COLUMNS))
    for k, event in enumerate(events):
        mask = sum(1 << (phase - 1) for phase in event.phases)
        length = math.nan if event.duration_s is None else event.duration_s
        rows[k] = event.number, event.kind, event.start_s, length, event.voltage, mask, event.step
    return rows


def _events(rows: NDArray[np.generic], span: tuple[float, float]) -> tuple[VoltageEvent, ...]:
    if len(rows) > EVENTS_MAX:
        raise ValueError(f"more than {EVENTS_MAX} events")
    values = _floats(rows, (len(rows), _EVENT_COLUMNS))
    number, kind, start, length, voltage, mask, _ = values.T
    fits = (start >= span[0]) & (start <= span[1]) & (voltage >= 0.0)
    fits &= np.isin(kind, [int(k) for k in EventKind]) & np.isin(mask, range(1 << PHASES))
    fits &= np.isnan(length) | ((length >= 0.0) & (length <= _LONGEST_S))
    if not bool((fits & (number >= 0.0)).all()):
        raise ValueError("events that are none")
    return tuple(_event(row) for row in values.tolist())


def _event(row: list[float]) -> VoltageEvent:
    number, kind, start, length, voltage, mask, step = row
    return VoltageEvent(
        number=int(number),
        kind=EventKind(int(kind)),
        start_s=start,
        duration_s=None if math.isnan(length) else length,
        voltage=voltage,
        phases=tuple(c + 1 for c in range(PHASES) if int(mask) >> c & 1),
        step=step,
    )
