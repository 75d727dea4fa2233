"""A meter's passwords in its data folder: made at the first start, readable by their owner only."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from addad.errors import InputError
from addad.meter.settings import Passwords

FILE_NAME = "credentials.json"
_RANDOM_OCTETS = 12


def load_or_make(folder: Path, reader: str = "", management: str = "") -> Passwords:
    """The passwords kept in `folder`; those given replace them, missing ones are made.

    Raises `InputError` when the file is not ours or cannot be written.
    """
    path = folder / FILE_NAME
    kept = _read(path)
    chosen = {
        "reader": reader or kept.get("reader") or secrets.token_urlsafe(_RANDOM_OCTETS),
        "management": management or kept.get("management") or secrets.token_urlsafe(_RANDOM_OCTETS),
    }
    if chosen != kept:
        _write(path, chosen)
    return Passwords(chosen["reader"].encode(), chosen["management"].encode())


def _read(path: Path) -> dict[str, str]:
    try:
        content = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as fault:
        raise InputError(
            f"{path} cannot be read ({fault}); restore it, or remove it to get new passwords"
        ) from fault
    if not isinstance(content, dict) or not all(isinstance(v, str) for v in content.values()):
        raise InputError(f"{path} does not hold passwords; remove it to get new ones")
    return content


def _write(path: Path, content: dict[str, str]) -> None:
    beside = path.with_suffix(".new")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as fault:
        raise InputError(f"{path} cannot be written: {fault.strerror or fault}") from fault
