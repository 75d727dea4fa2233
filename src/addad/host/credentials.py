"""A meter's passwords and keys: made at the first start, in files that only their owner can read.

`credentials.json` has what clients need, as `addad.reader.credentials` describes it; the meter
keeps its own end sealed in its memory. The key of that seal lies beside it, or elsewhere.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final, TypeAlias

from cryptography.hazmat.primitives.asymmetric import ec

from addad.dlms.acse import Mechanism
from addad.errors import InputError
from addad.host.files import SUFFIX, open_fresh
from addad.host.provisioning import Entry, Provisioned, certificate_pem, private_pem, provision
from addad.meter.associations import AssociationRow
from addad.meter.key_store import AREA, SEAL_OCTETS, Chance
from addad.meter.security import Provision
from addad.meter.settings import Passwords

FILE_NAME: Final = "credentials.json"
SEAL_NAME: Final = "seal.key"
_RANDOM_OCTETS: Final = 12
_MODE: Final = 0o600
_KEY_NAMES: Final = ("encryption_key", "authentication_key", "broadcast_key", "master_key")

_Content: TypeAlias = dict[str, str | dict[str, Entry] | Entry]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for: passwords that replace those kept, and whether keys are made anew."""

    reader: str = field(default="", repr=False)
    management: str = field(default="", repr=False)
    new_keys: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """What a meter is commissioned with."""

    passwords: Passwords
    provision: Provision


def load_or_make(folder: Path, reader: str = "", management: str = "") -> Passwords:
    """The passwords kept in `folder`; those given replace them, missing ones are made.

    Raises `InputError` when the file is not ours or cannot be written.
    """
    content = _read(folder / FILE_NAME)
    passwords, changed = _passwords(content, Wanted(reader, management))
    if changed:
        _write_json(folder / FILE_NAME, content)
    return passwords


def commission_secrets(
    folder: Path,
    rows: tuple[AssociationRow, ...],
    serial: str,
    chance: Chance,
    now: datetime,
    wanted: Wanted,
) -> Secrets:
    """Passwords and keys for the associations of a meter, whose memory is in `folder`.

    Keys are made where the meter or its clients have none, all at once: old ones that somebody put
    back beside an empty memory would be used from their first counter again. Raises `InputError`.
    """
    path = folder / FILE_NAME
    content = _read(path)
    changed = False
    with_passwords = any(row.mechanism is Mechanism.LOW for row in rows)
    if with_passwords:
        passwords, changed = _passwords(content, wanted)
    else:
        passwords = Passwords(secrets.token_bytes(_RANDOM_OCTETS), secrets.token_bytes(1))
    secured = {str(row.client_sap): row for row in rows if row.setup is not None}
    entries = _entries(content)
    made: Provisioned | None = None
    has_keys = (folder / f"{AREA}{SUFFIX}").exists()
    if wanted.new_keys or not has_keys or not secured.keys() <= entries.keys():
        made = provision(rows, serial, chance, now)
        entries = made.entries
        for name, entry in (("associations", entries), ("push", made.push)):
            if entry or name in content:
                content[name] = entry
                changed = True
    if changed:
        _write_json(path, content)
    if made is not None:
        _write_authorities(folder, made)
    shared = {
        int(sap): str(entry["password"]).encode()
        for sap, entry in entries.items()
        if entry.get("mechanism") == "sha256" and sap in secured
    }
    setups = None if made is None else made.setups
    return Secrets(passwords, Provision(_digest(entries), setups, shared))


def chance_of(folder: Path, seal: Path | None = None) -> Chance:
    """This computer's chance, and the key of the seal at `seal`, which is made if it is missing.

    Raises `InputError` when the file cannot be used.
    """
    path = seal or folder / SEAL_NAME
    try:
        if not path.exists():
            _write(path, secrets.token_bytes(SEAL_OCTETS))
        key = path.read_bytes()
        if path.stat().st_mode & 0o077:
            path.chmod(_MODE)
    except OSError as fault:
        raise InputError(f"{path} cannot be used: {fault.strerror or fault}") from fault
    if len(key) != SEAL_OCTETS:
        raise InputError(f"{path} has {len(key)} octets where the key of a seal has {SEAL_OCTETS}")
    return Chance(key, secrets.token_bytes, ec.generate_private_key)


def _passwords(content: _Content, wanted: Wanted) -> tuple[Passwords, bool]:
    changed = False
    for name, given in (("reader", wanted.reader), ("management", wanted.management)):
        kept = content.get(name)
        chosen = given or kept or secrets.token_urlsafe(_RANDOM_OCTETS)
        changed |= chosen != kept
        content[name] = chosen
    return Passwords(str(content["reader"]).encode(), str(content["management"]).encode()), changed


def _entries(content: _Content) -> dict[str, Entry]:
    entries = content.get("associations", {})
    assert isinstance(entries, dict)
    return {sap: entry for sap, entry in entries.items() if isinstance(entry, dict)}


def _digest(entries: Mapping[str, Entry]) -> str:
    """What tells the keys in a file from others, whatever else is written beside them."""
    keys = {
        sap: {name: entry[name] for name in _KEY_NAMES if name in entry}
        for sap, entry in entries.items()
        if any(name in entry for name in _KEY_NAMES)
    }
    return sha256(json.dumps(keys, sort_keys=True).encode()).hexdigest()


def _read(path: Path) -> _Content:
    try:
        content = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as fault:
        raise InputError(
            f"{path} cannot be read ({fault}); restore it, or remove it to get new passwords"
        ) from fault
    if not isinstance(content, dict) or not all(map(_is_ours, content.items())):
        raise InputError(f"{path} does not hold passwords; remove it to get new ones")
    return content


def _is_ours(item: tuple[str, object]) -> bool:
    name, value = item
    if name in ("associations", "push"):
        return isinstance(value, dict)
    return isinstance(value, str)


def _write_json(path: Path, content: _Content) -> None:
    try:
        _write(path, json.dumps(content, indent=2).encode() + b"\n")
    except OSError as fault:
        raise InputError(f"{path} cannot be written: {fault.strerror or fault}") from fault


def _write_authorities(folder: Path, made: Provisioned) -> None:
    """The authorities that issue certificates for this meter, for whoever replaces its keys."""
    for suite, authority in made.authorities.items():
        path = folder / f"authority-{suite:d}.pem"
        text = private_pem(authority.key) + certificate_pem(authority.certificate.der)
        try:
            _write(path, text.encode("ascii"))
        except OSError as fault:
            raise InputError(f"{path} cannot be written: {fault.strerror or fault}") from fault


def _write(path: Path, octets: bytes) -> None:
    """Put a file of the owner's in place, durably, whole or not at all."""
    beside = path.with_suffix(".new")
    with os.fdopen(open_fresh(beside), "wb") as file:
        file.write(octets)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
