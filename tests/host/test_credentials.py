"""A meter's passwords: made once, kept, replaced on demand, never readable by others."""

import stat
from pathlib import Path

import pytest

from addad.errors import InputError
from addad.host.credentials import FILE_NAME, load_or_make


def test_they_are_made_once_and_kept(tmp_path: Path) -> None:
    first = load_or_make(tmp_path)
    assert load_or_make(tmp_path) == first
    assert first.reader != first.management
    assert len(first.reader) >= 16


def test_only_the_owner_can_read_them(tmp_path: Path) -> None:
    load_or_make(tmp_path)
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600


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
