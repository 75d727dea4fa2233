"""The files of a recording, opened together."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from addad.errors import InputError
from addad.host import recording_files
from addad.host.recording_files import files_of, opened
from addad.world.recording import RecordedChannel, Recording


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


def test_of_two_files_the_one_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.cfg").write_bytes(b"cfg")
    (tmp_path / "a.dat").mkdir()
    with pytest.raises(InputError, match=r"a\.dat cannot be read"), opened(tmp_path / "a.cfg"):
        pass


def test_a_pipe_and_a_device_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.csv")
    (tmp_path / "b.cfg").write_bytes(b"cfg")
    os.mkfifo(tmp_path / "b.dat")
    for path in (tmp_path / "a.csv", tmp_path / "b.cfg", Path("/dev/zero")):
        with pytest.raises(InputError, match="into a file"), opened(path):
            pass


def test_a_disk_that_cannot_be_read_is_no_output_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"RIFF")

    def broken(*_: object) -> Iterator[NDArray[np.float64]]:
        yield np.zeros((1, 4, 1))
        raise OSError(errno.EIO, "Input/output error")

    half = Recording("WAV", 400.0, 8, (RecordedChannel("U1"),), broken)
    monkeypatch.setattr(recording_files, "open_recording", lambda *_: half)
    with opened(path) as recording, pytest.raises(InputError, match=r"a\.wav cannot be read: Inp"):
        list(recording.blocks((0,)))
    monkeypatch.setattr(recording_files, "open_recording", _fails)
    with pytest.raises(InputError, match=r"a\.wav cannot be read: Inp"), opened(path):
        pass


def _fails(*_: object) -> Recording:
    raise OSError(errno.EIO, "Input/output error")
