"""The data folder: a memory of files, and what is said when it cannot be one."""

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from addad.errors import StorageError
from addad.host.files import DataFolder


def test_what_is_written_is_read_by_the_next_owner(tmp_path: Path) -> None:
    with DataFolder(tmp_path / "meter") as folder:
        assert folder.read("slot-a") == b""
        folder.write("slot-a", 4, b"wxyz")
        folder.write("slot-a", 0, b"abcd")
        folder.sync("slot-a")
        folder.replace("load", b"whole")
        folder.write("load", 5, b"!")
        folder.sync("load")
    with DataFolder(tmp_path / "meter") as folder:
        assert folder.read("slot-a") == b"abcdwxyz"
        assert folder.read("load") == b"whole!"
        folder.replace("load", b"new")
        assert folder.read("load") == b"new"


def test_the_folder_is_private(tmp_path: Path) -> None:
    with DataFolder(tmp_path / "deep" / "meter") as folder:
        folder.replace("slot-a", b"x")
        assert folder.path.stat().st_mode & 0o077 == 0
        assert all(file.stat().st_mode & 0o077 == 0 for file in folder.path.iterdir())


def test_a_second_owner_is_told_and_the_first_is_not_disturbed(tmp_path: Path) -> None:
    with DataFolder(tmp_path) as folder:
        folder.replace("slot-a", b"first")
        with pytest.raises(StorageError, match="another meter is running"):
            DataFolder(tmp_path)
        folder.write("slot-a", 0, b"F")
        assert folder.read("slot-a") == b"First"
    DataFolder(tmp_path).close()


def test_a_killed_owner_leaves_the_folder_free(tmp_path: Path) -> None:
    program = (
        "import os, pathlib, signal, sys; from addad.host.files import DataFolder; "
        "DataFolder(pathlib.Path(sys.argv[1])); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False)
    assert done.returncode == -9
    DataFolder(tmp_path).close()


def test_a_file_in_the_folders_place_is_an_error_with_a_cure(tmp_path: Path) -> None:
    (tmp_path / "occupied").write_text("here")
    with pytest.raises(StorageError, match="name another one"):
        DataFolder(tmp_path / "occupied")


def test_an_interrupted_replacement_leaves_the_old_area(tmp_path: Path) -> None:
    with DataFolder(tmp_path) as folder:
        folder.replace("slot-a", b"old")
        (tmp_path / "slot-a.new").write_bytes(b"half of the n")
    with DataFolder(tmp_path) as folder:
        assert folder.read("slot-a") == b"old"
        folder.replace("slot-a", b"new")
        assert folder.read("slot-a") == b"new"


@pytest.mark.parametrize("call", ["fsync", "rename", "pwrite"])
def test_a_failed_replacement_raises_and_keeps_the_old_area(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def fails(*_: object) -> int:
        raise OSError(errno.EIO, "Input/output error")

    with DataFolder(tmp_path) as folder:
        folder.replace("slot-a", b"old")
        monkeypatch.setattr(os, call, fails)
        with pytest.raises(OSError, match="Input/output"):
            folder.replace("slot-a", b"new")
        monkeypatch.undo()
        assert folder.read("slot-a") == b"old"
        folder.write("slot-a", 0, b"O")
        assert folder.read("slot-a") == b"Old"


def test_short_writes_are_carried_on_and_a_full_disk_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.pwrite
    with DataFolder(tmp_path) as folder:
        monkeypatch.setattr(os, "pwrite", lambda fd, octets, at: real(fd, bytes(octets)[:3], at))
        folder.write("load", 2, b"0123456789")
        assert folder.read("load") == b"\0\x000123456789"
        monkeypatch.setattr(os, "pwrite", lambda *_: 0)
        with pytest.raises(OSError, match="No space"):
            folder.write("load", 0, b"x")


def test_a_really_full_disk_is_an_error() -> None:
    if not Path("/dev/full").exists():
        return
    full = os.open("/dev/full", os.O_RDWR)
    try:
        from addad.host import files

        with pytest.raises(OSError, match="No space"):
            files._write_all(full, b"x", 0)
    finally:
        os.close(full)


def test_se_05_a_copied_file_is_told_from_the_one_it_was_copied_from(tmp_path: Path) -> None:
    with DataFolder(tmp_path / "meter") as folder:
        folder.write("counters", 0, b"x")
        here = folder.identity("counters")
        folder.write("counters", 0, b"y")
        assert folder.identity("counters") == here
    shutil.copytree(tmp_path / "meter", tmp_path / "copy")
    with DataFolder(tmp_path / "meter") as again, DataFolder(tmp_path / "copy") as copy:
        assert again.identity("counters") == here
        assert copy.identity("counters") != here


def test_what_somebody_left_in_the_way_is_neither_followed_nor_used(tmp_path: Path) -> None:
    """In a folder that others can write to: a link elsewhere, a file that they hold open."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"theirs")
    with DataFolder(tmp_path / "meter") as folder:
        (tmp_path / "meter" / "keys.new").symlink_to(elsewhere)
        folder.replace("keys", b"secret")
        assert folder.read("keys") == b"secret"
        (tmp_path / "meter" / "rows.new").touch(0o666)
        folder.replace("rows", b"secret")
        (tmp_path / "meter" / "log.bin").symlink_to(elsewhere)
        with pytest.raises(OSError, match="symbolic"):
            folder.write("log", 0, b"secret")
    assert elsewhere.read_bytes() == b"theirs"
    for name in ("keys.bin", "rows.bin"):
        assert (tmp_path / "meter" / name).stat().st_mode & 0o777 == 0o600
