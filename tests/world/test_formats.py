"""Which reader a file gets, which companion it needs, and what is none of them."""

import io
from pathlib import Path

import pytest

from addad.errors import InputError
from addad.world import csv_text
from addad.world.formats import companion_suffix, open_recording
from addad.world.recording import ChoiceError, Reading


@pytest.mark.parametrize(
    ("octets", "name", "message"),
    [
        (b"", "a.wav", "a.wav: the file is empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "a.png", "a.png: not a recording"),
        (b"hello", "a.wav", "its content is no WAV file"),
        (b"hello", "a.npz", "its content is no NPZ file"),
        (b"PK\x03\x04", "week.pq", "addad quality makes its report"),
        (b"--- file type: CFG ---\r\n", "a.cff", "no section '--- file type: DAT ---'"),
        (b"x,y,1999\n2,2A,0D\n", "a.cfg", "two files, and a.dat is not beside it"),
        (b"1,0,5\n", "a.DAT", "two files, and a.cfg is not beside it"),
        (b"RIFX0000WAVE", "a.wav", "no plain WAV"),
        (b"<html><body>404</body></html>\n", "a.csv", "not a recording"),
    ],
)
def test_what_is_no_recording_says_what_to_do(octets: bytes, name: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        open_recording({name: io.BytesIO(octets)}, name)


def test_a_companion_has_the_other_suffix() -> None:
    assert companion_suffix("x/A.CFG") == ".dat"
    assert companion_suffix("a.Dat") == ".cfg"
    assert companion_suffix("a.wav") is None


def test_either_file_of_a_pair_opens_it(data_dir: Path) -> None:
    names = ["keating_1999.CFG", "keating_1999.DAT"]
    found = []
    for name in names:
        files = {each: (data_dir / "waveforms" / each).open("rb") for each in names}
        found.append(open_recording(files, name))
        for file in files.values():
            file.close()
    assert found[0].channels == found[1].channels
    assert found[0].samples == 2048


def test_a_format_is_told_by_its_content_before_its_name(data_dir: Path) -> None:
    with (data_dir / "waveforms/025_ref.wav").open("rb") as file:
        assert open_recording({"a.csv": file}, "a.csv").format.startswith("WAV")


@pytest.mark.parametrize(
    ("name", "wish", "message"),
    [
        ("025_ref.wav", {"item": 3}, "one record, which needs no --item"),
        ("025_ref.wav", {"section": 1}, "one sampling rate, which needs no --section"),
        ("plaid_125.npz", {"section": 1}, "one sampling rate, which needs no --section"),
    ],
)
def test_a_choice_that_a_file_does_not_have_is_refused(
    data_dir: Path, name: str, wish: dict[str, int], message: str
) -> None:
    with (data_dir / "waveforms" / name).open("rb") as file, pytest.raises(ChoiceError) as error:
        open_recording({name: file}, name, Reading(**wish))  # type: ignore[arg-type]
    assert message in str(error.value)


def test_what_is_too_large_for_the_memory_is_an_error_in_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(csv_text, "open_csv", full)
    with pytest.raises(InputError, match=r"a.csv: holds more than the memory"):
        open_recording({"a.csv": io.BytesIO(b"1,2\n")}, "a.csv")
