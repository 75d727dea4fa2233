"""The tables of objects that a meter can be ordered with: those of the package, or a file.

The default is the object model of a residential meter of IDIS package 2, as collected in the
house's table of objects.
"""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Final

from addad.errors import InputError
from addad.meter.object_model import ObjectModel

DEFAULT_MODEL: Final = "residential"
MAX_TABLE_OCTETS: Final = 1_048_576

_TABLES: Final = files("addad.meter").joinpath("models")


def packaged_models() -> tuple[str, ...]:
    """The names of the tables that come with the package."""
    found = [entry.name for entry in _TABLES.iterdir()]
    return tuple(sorted(name.removesuffix(".toml") for name in found if name.endswith(".toml")))


def load_model(name: str = DEFAULT_MODEL) -> ObjectModel:
    """The table of that name, or the one in that file, over the packaged ones that it extends.

    Raises `InputError`.
    """
    model, above = _load(name), {name}
    while model.extends:
        base = model.extends
        if base in above or base not in packaged_models():
            known = ", ".join(packaged_models())
            raise InputError(f"{name} extends {base}, which is none of {known} or extends it too")
        above.add(base)
        under = _load(base)
        model = replace(model.over(under), extends=under.extends)
    return model


def _load(name: str) -> ObjectModel:
    if name in packaged_models():
        return ObjectModel.parse(_TABLES.joinpath(f"{name}.toml").read_text("utf-8"))
    path = Path(name)
    try:
        if path.stat().st_size > MAX_TABLE_OCTETS:
            raise InputError(f"{name} has more than {MAX_TABLE_OCTETS} octets: no table of objects")
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        why = fault.strerror if isinstance(fault, OSError) else "no text"
        raise InputError(
            f"{name} is neither one of {', '.join(packaged_models())} nor a table that can be "
            f"read ({why})"
        ) from None
    try:
        return ObjectModel.parse(text)
    except InputError as fault:
        raise InputError(f"{name}: {fault}") from None
