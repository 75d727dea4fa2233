"""The files of a recording, opened together."""

import os
from pathlib import Path

import pytest

from addad.errors import InputError
from addad.host.recording_files import files_of, opened


def test_a_companion_is_found_whatever_its_letters(tmp_path: Path) -> None:
    (tmp_path / "a.CFG").write_bytes(b"cfg")
    (tmp_path / "a.dat").write_bytes(b"dat")
    (tmp_path / "b.dat").write_bytes(b"other")
    with files_of(tmp_path / "a.CFG") as files:
        assert {name: file.read() for name, file in files.items()} == {
            "a.CFG": b"cfg",
            "a.dat": b"dat",
        }
    assert all(file.closed for file in files.values())


@pytest.mark.parametrize("name", ["missing.wav", "."])
def test_what_cannot_be_opened_is_told(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"), opened(tmp_path / name):
        pass


def test_a_pipe_and_a_device_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.csv")
    (tmp_path / "b.cfg").write_bytes(b"cfg")
    os.mkfifo(tmp_path / "b.dat")
    for path in (tmp_path / "a.csv", tmp_path / "b.cfg", Path("/dev/zero")):
        with pytest.raises(InputError, match="into a file"), opened(path):
            pass
