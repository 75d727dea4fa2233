"""Files of secrets are read only when nobody else can."""

from pathlib import Path

import pytest

from addad.errors import InputError
from addad.reader.private_files import read_private


def private(path: Path, octets: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(octets)
    path.chmod(mode)
    return path


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_private_file_is_read(mode: int, tmp_path: Path) -> None:
    assert read_private(private(tmp_path / "keys", b"secret", mode), 6) == b"secret"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644, 0o666, 0o601])
def test_a_file_of_others_is_refused_with_the_cure(mode: int, tmp_path: Path) -> None:
    path = private(tmp_path / "keys", b"secret", mode)
    with pytest.raises(InputError, match=f"chmod 600 {path}"):
        read_private(path, 100)


def test_what_is_no_such_file_is_told(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none", tmp_path / "nul\0"):
        with pytest.raises(InputError, match=r"cannot be read|no file"):
            read_private(path, 100)
    with pytest.raises(InputError, match="larger than 5 octets"):
        read_private(private(tmp_path / "keys", b"secret"), 5)
