"""How the instrument's kernels are compiled: once, at set-up, and cached.

A row of the sample store holds eight channels, which one vector register takes. The superword-level
vectoriser, which Numba leaves off, finds that in sums side by side, and is three times as fast.
Only fused multiply-adds are allowed to change a rounding: NaN and the order of sums are kept.
"""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from numba import config, njit

config.SLP_VECTORIZE = 1  # type: ignore[attr-defined]

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")
_OPTIONS: dict[str, Any] = {"fastmath": {"contract"}, "error_model": "numpy"}


def _sources() -> tuple[int, int]:
    """What changes when any source of this package does: the newest time, and the sizes' sum."""
    found = [path.stat() for path in Path(__file__).parent.rglob("*.py")]
    return max(f.st_mtime_ns for f in found), sum(f.st_size for f in found)


_STAMP = _sources()


def _forgiving(load: Callable[[], dict[Any, Any]]) -> Callable[[], dict[Any, Any]]:
    """Read a cache's index, or take it as empty when it names what an older version had."""

    def index() -> dict[Any, Any]:
        try:
            return load()
        except (AttributeError, ImportError, EOFError, pickle.UnpicklingError):
            return {}

    return index


def kernel(function: Callable[_Parameters, _Result]) -> Callable[_Parameters, _Result]:
    """Compile a function on its first call, or take it from the cache.

    Numba looks only at the age of a kernel's own file; a kernel holds the ones that it calls from
    other files too, so that here it is outdated when any file of the package has changed. Where
    nothing can be written, it is compiled in each process.
    """
    dispatcher: Any
    try:
        dispatcher = njit(cache=True, **_OPTIONS)(function)
    except RuntimeError:
        dispatcher = njit(**_OPTIONS)(function)
    cache = getattr(dispatcher, "_cache", None)
    file = getattr(cache, "_cache_file", None)
    if file is not None:
        file._source_stamp = _STAMP
        file._load_index = _forgiving(file._load_index)
    compiled: Callable[_Parameters, _Result] = dispatcher
    return compiled
