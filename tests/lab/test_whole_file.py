"""What is written takes its place whole, and what stood there stays until then."""

import os
from pathlib import Path

import pytest

from addad.lab.whole_file import whole_file, write_whole


def _break_off(path: Path) -> None:
    with whole_file(path) as file:
        file.write(b"half of the seco")
        file.close()
        file.write(b"nd")


def test_what_cannot_be_written_to_its_end_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "week.html"
    write_whole(path, "first")
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "half of the seco\ud800")
    with pytest.raises(ValueError, match="closed"):
        _break_off(path)
    assert path.read_text() == "first"
    assert list(tmp_path.iterdir()) == [path]


def test_a_half_file_never_bears_the_name(tmp_path: Path) -> None:
    path = tmp_path / "new.pdf"
    with whole_file(path) as file:
        file.write(b"half")
        file.flush()
        assert not path.exists()
    assert path.read_bytes() == b"half"


def test_two_writers_of_one_file_leave_the_last_one_whole(tmp_path: Path) -> None:
    path = tmp_path / "week.pq"
    with whole_file(path) as one, whole_file(path) as other:
        one.write(b"1" * 70_000)
        other.write(b"2" * 50_000)
    assert path.read_bytes() == b"1" * 70_000
    assert list(tmp_path.iterdir()) == [path]


def test_links_and_rights_stay_and_a_hard_link_keeps_its_content(tmp_path: Path) -> None:
    target, link, other = tmp_path / "a.png", tmp_path / "b.png", tmp_path / "record.csv"
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(target)
    os.link(target, other)
    write_whole(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert target.stat().st_mode & 0o777 == 0o640
    assert other.read_text() == "old"


def test_a_device_is_written_as_it_is() -> None:
    write_whole(Path("/dev/null"), "gone")
    assert Path("/dev/null").is_char_device()
    with pytest.raises(OSError, match=r"No space.*/dev/full"):
        write_whole(Path("/dev/full"), "x" * 100_000)
