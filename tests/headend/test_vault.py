"""A meter's password opens only with its key and for its owner."""

from pathlib import Path

import pytest

from addad.errors import StorageError
from addad.headend.vault import Vault


def test_what_was_sealed_opens_after_a_restart(tmp_path: Path) -> None:
    sealed = Vault(tmp_path / "key").seal("pässword", "meter 1")
    assert Vault(tmp_path / "key").open(sealed, "meter 1") == "pässword"
    assert b"ssword" not in sealed
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0


def test_the_same_password_is_never_sealed_alike(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "key")
    assert vault.seal("a", "m") != vault.seal("a", "m")


def test_another_key_owner_or_octet_does_not_open_it(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "key")
    sealed = vault.seal("secret", "meter 1")
    wrong = [(vault, sealed, "meter 2"), (Vault(tmp_path / "other"), sealed, "meter 1")]
    wrong += [
        (vault, sealed[:n] + bytes([sealed[n] ^ 1]) + sealed[n + 1 :], "meter 1")
        for n in (0, 15, -2)
    ]
    wrong += [(vault, sealed[:5], "meter 1"), (vault, b"", "meter 1")]
    for opener, octets, owner in wrong:
        with pytest.raises(StorageError, match="does not open"):
            opener.open(octets, owner)


def test_a_key_file_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"short")
    with pytest.raises(StorageError, match="5 octets"):
        Vault(tmp_path / "key")
    with pytest.raises(StorageError, match="cannot be used"):
        Vault(tmp_path / "nowhere" / "key")


def test_a_key_that_others_may_read_is_closed_to_them(tmp_path: Path) -> None:
    Vault(tmp_path / "key")
    (tmp_path / "key").chmod(0o644)
    Vault(tmp_path / "key")
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0
