"""A meter's passwords and keys: made once, kept, replaced on demand, never readable by others."""

import json
import shutil
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from addad.errors import InputError, StorageError
from addad.host.credentials import (
    FILE_NAME,
    SEAL_NAME,
    Secrets,
    Wanted,
    chance_of,
    commission_secrets,
    load_or_make,
)
from addad.host.files import DataFolder
from addad.meter.associations import PASSWORDS, TABLES, AssociationRow
from addad.meter.device import Meter
from addad.meter.settings import MeterSettings
from addad.reader.credentials import load_credentials


def test_they_are_made_once_and_kept(tmp_path: Path) -> None:
    first = load_or_make(tmp_path)
    assert load_or_make(tmp_path) == first
    assert first.reader != first.management
    assert len(first.reader) >= 16


def test_only_the_owner_can_read_them(tmp_path: Path) -> None:
    load_or_make(tmp_path)
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600


def test_they_are_not_written_into_what_somebody_left_in_the_way(tmp_path: Path) -> None:
    elsewhere, kept = tmp_path / "elsewhere", tmp_path / "meter"
    elsewhere.write_bytes(b"theirs")
    kept.mkdir()
    (kept / "credentials.new").symlink_to(elsewhere)
    passwords = load_or_make(kept)
    assert elsewhere.read_bytes() == b"theirs"
    assert load_or_make(kept) == passwords


def test_given_ones_replace_them_for_good(tmp_path: Path) -> None:
    load_or_make(tmp_path)
    load_or_make(tmp_path, reader="r-secret", management="m-secret")
    kept = load_or_make(tmp_path)
    assert (kept.reader, kept.management) == (b"r-secret", b"m-secret")


@pytest.mark.parametrize("content", ["", "{", "[]", '{"reader": 1}'])
def test_a_spoilt_file_is_told_and_kept(content: str, tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(content)
    with pytest.raises(InputError, match=FILE_NAME):
        load_or_make(tmp_path)
    assert (tmp_path / FILE_NAME).read_text() == content


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be"):
        load_or_make(tmp_path / "missing")


NOW = datetime(2026, 5, 10, tzinfo=UTC)
ALL, HIGH = TABLES["all"], TABLES["high"]


def commissioned(
    folder: Path, rows: tuple[AssociationRow, ...] = ALL, *, meter: bool = True, **wanted: object
) -> Secrets:
    """Secrets as a meter in the folder gets them, and the meter's own end of them kept."""
    chance = chance_of(folder)
    made = commission_secrets(folder, rows, "42", chance, NOW, Wanted(**wanted))
    if meter:
        with DataFolder(folder) as memory:
            settings = MeterSettings(made.passwords, rows, made.provision)
            assert not Meter(settings, memory, chance=chance).security.counters.refusal
    return made


def keys_in(folder: Path) -> list[str]:
    entries = json.loads((folder / FILE_NAME).read_text())["associations"]
    return [entry["encryption_key"] for entry in entries.values()]


def test_keys_are_made_once_and_kept(tmp_path: Path) -> None:
    first = commissioned(tmp_path)
    before = keys_in(tmp_path)
    again = commissioned(tmp_path)
    assert (first.provision.setups is None, again.provision.setups is None) == (False, True)
    assert keys_in(tmp_path) == before
    assert again.passwords == first.passwords
    assert again.provision.secrets == first.provision.secrets


def test_every_file_with_a_secret_is_its_owners(tmp_path: Path) -> None:
    commissioned(tmp_path)
    secret = [FILE_NAME, SEAL_NAME, "authority-1.pem", "authority-2.pem", "keys.bin"]
    assert [(tmp_path / name).stat().st_mode & 0o077 for name in secret] == [0] * 5
    (tmp_path / SEAL_NAME).chmod(0o644)
    commissioned(tmp_path)
    assert (tmp_path / SEAL_NAME).stat().st_mode & 0o077 == 0


def test_the_reader_takes_what_was_written(tmp_path: Path) -> None:
    commissioned(tmp_path)
    known = load_credentials(tmp_path / FILE_NAME)
    assert sorted(known.associations) == [1, 2, 3, 4, 5, 6, 7, 102]


def test_new_keys_are_made_when_asked_for_and_passwords_stay(tmp_path: Path) -> None:
    first = commissioned(tmp_path)
    before = keys_in(tmp_path)
    renewed = commissioned(tmp_path, new_keys=True)
    assert not set(before) & set(keys_in(tmp_path))
    assert renewed.passwords == first.passwords
    commissioned(tmp_path)


def test_se_05_keys_are_new_where_the_meters_own_are_gone(tmp_path: Path) -> None:
    commissioned(tmp_path)
    before = keys_in(tmp_path)
    for name in ("keys.bin", "counters.bin"):
        (tmp_path / name).unlink()
    commissioned(tmp_path)
    assert not set(before) & set(keys_in(tmp_path))


def test_a_cut_between_the_two_ends_is_healed_at_the_first_start(tmp_path: Path) -> None:
    commissioned(tmp_path, meter=False)
    commissioned(tmp_path)
    commissioned(tmp_path)


def test_a_cut_between_the_two_ends_of_new_keys_is_told(tmp_path: Path) -> None:
    commissioned(tmp_path)
    commissioned(tmp_path, meter=False, new_keys=True)
    with pytest.raises(StorageError, match=r"other keys.*--new-keys"):
        commissioned(tmp_path)
    commissioned(tmp_path, new_keys=True)


def test_se_05_a_copied_folder_is_refused_until_new_keys(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    commissioned(here)
    shutil.copytree(here, there)
    chance = chance_of(there)
    made = commission_secrets(there, ALL, "42", chance, NOW, Wanted())
    with DataFolder(there) as memory:
        meter = Meter(MeterSettings(made.passwords, ALL, made.provision), memory, chance=chance)
        assert "copy" in meter.security.counters.refusal
        assert "addad meter --new-keys" in meter.security.counters.refusal
    commissioned(there, new_keys=True)
    commissioned(here)
    assert not set(keys_in(here)) & set(keys_in(there))


def test_high_writes_no_password_and_a_folder_may_change_its_table(tmp_path: Path) -> None:
    commissioned(tmp_path, HIGH)
    assert sorted(json.loads((tmp_path / FILE_NAME).read_text())) == [
        "associations",
        "push",
    ]
    before = keys_in(tmp_path)
    commissioned(tmp_path)
    commissioned(tmp_path, PASSWORDS)
    commissioned(tmp_path, HIGH)
    assert keys_in(tmp_path) == before


def test_a_folder_with_passwords_alone_gets_keys_later(tmp_path: Path) -> None:
    first = commissioned(tmp_path, PASSWORDS)
    assert sorted(json.loads((tmp_path / FILE_NAME).read_text())) == ["management", "reader"]
    assert commissioned(tmp_path).passwords == first.passwords
    assert len(keys_in(tmp_path)) == 6


def test_another_seal_opens_nothing(tmp_path: Path) -> None:
    commissioned(tmp_path)
    (tmp_path / SEAL_NAME).unlink()
    with pytest.raises(StorageError, match="do not open"):
        commissioned(tmp_path)
    (tmp_path / SEAL_NAME).write_bytes(b"short")
    with pytest.raises(InputError, match="32"):
        chance_of(tmp_path)
    with pytest.raises(InputError, match="cannot be used"):
        chance_of(tmp_path, tmp_path / "missing" / "seal")


def test_what_else_stands_in_the_file_is_left_alone(tmp_path: Path) -> None:
    commissioned(tmp_path)
    path = tmp_path / FILE_NAME
    content = json.loads(path.read_text())
    content["associations"]["3"]["dedicated_key"] = True
    content["push"] = {"encryption_key": "00" * 16, "authentication_key": "11" * 16}
    path.write_text(json.dumps(content))
    commissioned(tmp_path, reader="another")
    kept = json.loads(path.read_text())
    assert (kept["push"], kept["reader"]) == (content["push"], "another")
    assert kept["associations"] == content["associations"]


@pytest.mark.parametrize("rows", [ALL, HIGH])
def test_a_secret_that_a_client_changed_outlives_restarts(
    tmp_path: Path, rows: tuple[AssociationRow, ...]
) -> None:
    commissioned(tmp_path, rows)
    for _ in range(2):
        made = commissioned(tmp_path, rows, meter=False)
        with DataFolder(tmp_path) as memory:
            settings = MeterSettings(made.passwords, rows, made.provision)
            security = Meter(settings, memory, chance=chance_of(tmp_path)).security
            if security.secret(5) != b"changed":
                security.change_secret(5, b"changed")
    assert security.secret(5) == b"changed"
