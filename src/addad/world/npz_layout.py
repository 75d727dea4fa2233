"""Which dimension of a NumPy array is the samples, which the channels, which the records.

No standard: arrays carry no axes' names, so names, shapes and the wave itself must tell; what
could as well be otherwise is said in a note.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from addad.world.channel_names import meanings, split_unit

FEW_CHANNELS = 8
MANY_CHANNELS = 64
MUCH_LONGER = 8
MOST_PHASES = 4

_NAMES = ("channels", "channel_names", "names", "columns", "signals", "headers")
_UNIT_TAIL = re.compile(r"^(?P<stem>.*[^_ ])[_ ](?P<unit>[kmuµ]?[VvAa])$")
_TIME_TOLERANCE = 0.1

Arrays = Mapping[str, NDArray[np.generic]]
Floats = NDArray[np.float64]


class Laid(NamedTuple):
    """Samples (records, n, channels), a name and a unit (may be empty) for each channel.

    `items` names the records, empty where there is one alone; `rate` [Hz] is None unless a
    column of times tells it; `notes` say what was assumed.
    """

    values: Floats
    names: tuple[str, ...]
    units: tuple[str, ...]
    items: tuple[str, ...] = ()
    rate: float | None = None
    notes: tuple[str, ...] = ()


def laid_out(signals: Mapping[str, Floats], arrays: Arrays, has_rate: bool) -> Laid:
    """The layout of numeric arrays of one or two dimensions, by the largest of them.

    `arrays` are all those of the file: texts among them name records or channels. `has_rate`:
    the sampling rate is known, so that records need not be single cycles.
    """
    key, largest = max(signals.items(), key=lambda pair: (pair[1].size, pair[1].ndim))
    if largest.ndim == 1:
        axis: int | None = 1
        notes: tuple[str, ...] = ()
    else:
        axis, notes = _channel_axis(key, largest, arrays, has_rate)
    if axis is None:
        return _records(signals, largest.shape, arrays, notes)
    length = largest.shape[0] if axis == 1 or largest.ndim == 1 else largest.shape[1]
    columns: list[Floats] = []
    names: list[str] = []
    units: list[str] = []
    for name, array in signals.items():
        table = _table(array, axis, length)
        if table is None:
            if array.ndim == 1 and _tells_kind(split_unit(name)[0]):
                notes += (f"{name} is left out: it has {len(array)} samples, and {key} {length}",)
            continue
        count = table.shape[1]
        stems, unit = _column_names(name, count, array.ndim == 1, arrays)
        columns.append(table)
        names += stems
        units += [unit] * count
    return _without_times(
        Laid(np.concatenate(columns, axis=1)[np.newaxis], tuple(names), tuple(units), notes=notes)
    )


def is_one_cycle(reference: Floats) -> bool:
    """Whether the fundamental is one period per item, over the items (items, n)."""
    spectrum = np.abs(np.fft.rfft(np.nan_to_num(reference), axis=1)).mean(axis=0)
    return bool(spectrum.size > 3 and spectrum[1:].argmax() == 0)


def _channel_axis(
    key: str, array: Floats, arrays: Arrays, has_rate: bool
) -> tuple[int | None, tuple[str, ...]]:
    """The axis of the channels, None where rows are records, and what was assumed."""
    first, second = array.shape
    names = _texts(arrays, named=True)
    labels = _texts(arrays, named=False)
    last = _is_short(second, first)
    ahead = not last and _is_short(first, second)
    if second in names and first not in names:
        last, ahead = True, False
    elif first in names:
        last, ahead = False, True
    elif first in labels or not (last or ahead):
        return None, ()
    elif second > FEW_CHANNELS and (
        (not has_rate and is_one_cycle(array))
        or (ahead and _tells_kind(key) and first > MOST_PHASES)
    ):
        return None, (
            f"{first} × {second} values are taken as {first} records of {second} samples; "
            "if they are channels, save each as an array of its own",
        )
    count, samples = (second, first) if last else (first, second)
    return (1 if last else 0), (
        f"{first} × {second} values are taken as {samples} samples of {count} "
        f"channel{'s' if count > 1 else ''}",
    )


def _is_short(count: int, other: int) -> bool:
    """Whether a dimension is channels by its length beside the other's."""
    if count <= FEW_CHANNELS:
        return other > count
    return count <= MANY_CHANNELS and other >= MUCH_LONGER * count


def _tells_kind(key: str) -> bool:
    return meanings([key], [""], [""])[0].kind != "other"


def _texts(arrays: Arrays, named: bool) -> set[int]:
    """Lengths of the lists of texts that name channels, or of those that label records."""
    return {
        len(array)
        for key, array in arrays.items()
        if array.ndim == 1 and array.dtype.kind in "US" and (key.lower() in _NAMES) == named
    }


def _records(
    signals: Mapping[str, Floats],
    shape: tuple[int, ...],
    arrays: Arrays,
    notes: tuple[str, ...],
) -> Laid:
    chosen = {key or "U1": array for key, array in signals.items() if array.shape == shape}
    values = np.stack(list(chosen.values()), axis=-1)
    units = tuple("" for _ in chosen)
    return Laid(values, tuple(chosen), units, _items(arrays, shape[0]), notes=notes)


def _items(arrays: Arrays, count: int) -> tuple[str, ...]:
    """A name for each item: its number, and its label where the file has one."""
    for array in arrays.values():
        if array.ndim == 1 and array.dtype.kind in "US" and len(array) == count:
            return tuple(f"{k} ({label!s})" for k, label in enumerate(array.astype(str)))
    return tuple(str(k) for k in range(count))


def _table(array: Floats, axis: int, length: int) -> Floats | None:
    """The array as (n, channels) where it is of the record's length, else None."""
    if array.ndim == 1:
        return array[:, np.newaxis] if len(array) == length else None
    turned = array if axis == 1 else array.T
    return turned if len(turned) == length else None


def _column_names(key: str, count: int, alone: bool, arrays: Arrays) -> tuple[list[str], str]:
    """The names of an array's channels, and the unit that its own name tells."""
    if alone:
        return [key or "U1"], ""
    for name, array in arrays.items():
        is_list = array.ndim == 1 and array.dtype.kind in "US" and len(array) == count
        if is_list and name.lower() in _NAMES:
            return [str(text) for text in array.astype(str)], ""
    stem, unit = split_unit(key)
    found = None if unit else _UNIT_TAIL.match(stem)
    if found is not None:
        stem, unit = found["stem"], found["unit"].replace("v", "V").replace("a", "A")
    if count == 1 and stem:
        return [stem], unit
    stem = stem or "ch"
    between = "" if len(stem) <= 2 else "_"
    return [f"{stem}{between}{k + 1}" for k in range(count)], unit


def _without_times(laid: Laid) -> Laid:
    """The layout without its first channel where that rises evenly, as only times do."""
    first = laid.values[0, :, 0]
    if len(laid.names) < 2 or len(first) < 2 * FEW_CHANNELS or not np.isfinite(first).all():
        return laid
    if laid.units[0] or _tells_kind(laid.names[0]):
        return laid
    steps = np.diff(first)
    step = float(steps.mean())
    if not step > 0.0 or float(np.abs(steps - step).max()) > _TIME_TOLERANCE * step:
        return laid
    told = f"the first channel, {laid.names[0]}, rises evenly"
    if step < 1.0:
        told += f": taken as times in seconds, {1.0 / step:.6g} S/s"
    else:
        told += ": taken as the samples' numbers"
    return laid._replace(
        values=laid.values[:, :, 1:],
        names=laid.names[1:],
        units=laid.units[1:],
        rate=1.0 / step if step < 1.0 else None,
        notes=(*laid.notes, told),
    )
