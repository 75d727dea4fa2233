"""HDF5 recordings, and those of MATLAB 7.3: the datasets of all groups as named arrays.

Attributes such as `fs` or `units` tell what the datasets do not. Nothing outside of the file is
followed: no external link, no external storage, no virtual dataset.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from addad.errors import InputError
from addad.world.arrays import MAX_ARRAY_OCTETS, MAX_ARRAYS, RATES, leaf, recording_of, shortened
from addad.world.hdf5_heaps import check_heaps
from addad.world.recording import Reading, Recording

MAX_DEPTH = 16

_MOST_PACKED = 1100
"""No more comes out of an octet that zlib has packed."""
_SMALL = 1 << 20
_LARGEST_ATTRIBUTE = 1 << 16
_UNITS = ("unit", "units")
_NAMES = ("channels", "channel_names", "names", "columns")
_CLASS = "MATLAB_class"

Found = Iterator[tuple[str, NDArray[np.generic]]]


def open_hdf5(file: BinaryIO, name: str, reading: Reading) -> Recording:
    """The recording in an open HDF5 file; InputError for what is none."""
    try:
        import h5py
    except ImportError:
        raise InputError(
            f"{name}: HDF5 files, and MATLAB's of version 7.3, need h5py, which is not installed: "
            "pip install 'addad[recordings]'"
        ) from None
    try:
        file.seek(0)
        with h5py.File(file, "r") as root:
            check_heaps(file, root.id.get_create_plist().get_sizes(), root.userblock_size)
            arrays = _Walk(h5py, root, name).arrays()
            is_matlab = root.userblock_size > 0
    except InputError:
        raise
    except Exception as error:  # the library raises of many kinds for what is damaged
        told = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise InputError(f"{name}: no readable HDF5 file ({told}); copy it again") from None
    if not any(array.dtype.kind in "fiu" and array.size > 1 for array in arrays.values()):
        held = ", ".join(list(arrays)[:8]) or "nothing"
        raise InputError(f"{name}: holds no dataset of numbers, only {held}")
    kind = "MATLAB arrays (7.3)" if is_matlab else "HDF5 arrays"
    return recording_of(shortened(arrays), kind, name, reading)


class _Walk:
    """Goes through a file once, bounded in number and size."""

    def __init__(self, h5py: Any, root: Any, name: str) -> None:
        self._h5py = h5py
        self._root = root
        self._name = name
        self._octets = 0
        self._seen: set[object] = set()

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """All arrays by their paths; what two places hold is taken once."""
        found: dict[str, NDArray[np.generic]] = {}
        for key, array in (*self._attributes("", self._root), *self._group("", self._root, 0)):
            if len(found) >= MAX_ARRAYS:
                raise InputError(f"{self._name}: more than {MAX_ARRAYS} arrays")
            found.setdefault(key, array)
        return found

    def _group(self, path: str, group: Any, depth: int) -> Found:
        for key in group:
            is_own = isinstance(group.get(key, getlink=True), self._h5py.HardLink)
            if key.startswith("#") or not is_own or depth > MAX_DEPTH:
                continue
            item = group[key]
            where = f"{path}/{key}" if path else key
            if item.id.__hash__() in self._seen:
                continue
            self._seen.add(item.id.__hash__())
            if isinstance(item, self._h5py.Group):
                yield from self._attributes(where, item)
                yield from self._group(where, item, depth + 1)
            elif isinstance(item, self._h5py.Dataset):
                yield from self._dataset(where, item, depth)

    def _attributes(self, path: str, item: Any) -> Found:
        """Rates, and the channels' names, where they are attributes."""
        for key in item.attrs:
            if leaf(str(key)) not in (*RATES, *_NAMES) or not _is_small(item, key):
                continue
            where = f"{path}/{key}" if path else str(key)
            array = np.atleast_1d(np.asarray(item.attrs[key]))
            if leaf(str(key)) in RATES and array.size == 1 and array.dtype.kind in "fiu":
                yield where, array
            elif leaf(str(key)) in _NAMES and array.dtype.kind in "OSU":
                yield where, np.array([_text(text) for text in array.reshape(-1).tolist()])

    def _dataset(self, path: str, item: Any, depth: int) -> Found:
        if item.is_virtual or item.external or item.shape is None or "MATLAB_empty" in item.attrs:
            return
        self._octets += item.size * max(8, item.dtype.itemsize)
        if self._octets > MAX_ARRAY_OCTETS:
            raise InputError(f"{self._name}: its arrays are larger than 2 GiB")
        if item.nbytes > _MOST_PACKED * item.id.get_storage_size() + _SMALL:
            raise InputError(
                f"{self._name}: {path} claims {item.size} values that it does not hold"
            )
        yield from self._attributes(path, item)
        is_matlab = _CLASS in item.attrs and _is_small(item, _CLASS)
        matlab = _text(item.attrs[_CLASS]) if is_matlab else ""
        if self._h5py.check_ref_dtype(item.dtype) is not None:
            yield from self._references(path, item, depth)
        elif matlab == "char":
            lines = np.atleast_2d(item[()].T)
            yield path, np.array(["".join(map(chr, line)).strip() for line in lines.tolist()])
        elif self._h5py.check_string_dtype(item.dtype) is not None:
            texts = np.atleast_1d(item.asstr()[()]).reshape(-1)
            yield path, np.array([str(text) for text in texts.tolist()])
        elif item.dtype.names is not None:
            values = np.atleast_1d(item[()])
            for field in item.dtype.names:
                yield f"{path}/{field}", values[field]
        else:
            values = np.atleast_1d(item[()])
            values = values.T if matlab else values
            yield self._named(path, item), values.reshape(-1) if 1 in values.shape else values

    def _references(self, path: str, item: Any, depth: int) -> Found:
        """A cell, or one field of an array of structures: texts together, arrays by number."""
        texts: list[str] = []
        arrays: list[tuple[str, NDArray[np.generic]]] = []
        for k, reference in enumerate(item[()].T.reshape(-1).tolist(), 1):
            if not reference or k > MAX_ARRAYS or depth > MAX_DEPTH:
                continue
            target = self._root[reference]
            if isinstance(target, self._h5py.Group):
                arrays += self._group(f"{path}({k})", target, depth + 1)
                continue
            for key, array in self._dataset(f"{path}({k})", target, depth + 1):
                if array.dtype.kind == "U":
                    texts += array.tolist()
                else:
                    arrays.append((key, array))
        if texts:
            yield path, np.array(texts)
        yield from arrays

    def _named(self, path: str, item: Any) -> str:
        """The path with the unit that an attribute tells: `run/u1 [V]`."""
        for key in item.attrs:
            if str(key).lower() in _UNITS and _is_small(item, key):
                unit = _text(item.attrs[key])
                return f"{path} [{unit}]" if 0 < len(unit) <= 12 else path
        return path


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _is_small(item: Any, key: str) -> bool:
    """Whether an attribute is of a size that one is; a damaged one may state any."""
    stated = item.attrs.get_id(key)
    return bool(stated.get_storage_size() <= _LARGEST_ATTRIBUTE and len(stated.shape) <= 2)
