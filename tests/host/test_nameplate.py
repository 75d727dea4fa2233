"""A data folder is one meter for ever."""

from pathlib import Path

import pytest

from addad.errors import InputError
from addad.host.nameplate import FIRST_SERIAL, engrave, serial_of


def test_a_fresh_folder_takes_what_is_wanted(tmp_path: Path) -> None:
    assert serial_of(tmp_path / "new", "42") == "42"
    assert serial_of(tmp_path / "new", "") == FIRST_SERIAL


def test_it_stays_what_it_was(tmp_path: Path) -> None:
    engrave(tmp_path, "42")
    engrave(tmp_path, "43")
    assert serial_of(tmp_path, "") == "42"
    assert serial_of(tmp_path, "42") == "42"
    with pytest.raises(InputError, match="is the meter 42"):
        serial_of(tmp_path, "43")


def test_a_file_that_is_spoilt_is_told(tmp_path: Path) -> None:
    (tmp_path / "serial").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="restore it"):
        serial_of(tmp_path, "")


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        engrave(tmp_path / "missing", "42")
