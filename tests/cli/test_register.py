"""`addad register`: a meter that is not there, wrong words, and one that is taken in service."""

import json
from pathlib import Path

import pytest

from addad.cli.main import main


def test_a_meter_that_does_not_answer_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["register", "--data", str(tmp_path), "--service-point", "SP-1", "127.0.0.1:1"])
    assert code == 2
    shown = capsys.readouterr().err
    assert "127.0.0.1:1" in shown
    assert "--credentials" in shown
    assert "Traceback" not in shown


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--service-point", "bad name!"], "service point"),
        (["--service-point", "SP-1", "--multiplier", "0"], "multiplier"),
        (["--service-point", "SP-1", "--credentials", "no-such.json"], "no-such.json"),
    ],
)
def test_wrong_words_are_told(
    arguments: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["register", "--data", str(tmp_path), *arguments, "127.0.0.1:1"]) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize("content", ["[]", "{", '{"reader": 1}'])
def test_credentials_that_are_none_are_told(
    content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "c.json"
    path.write_text(content)
    arguments = ["--service-point", "SP-1", "--credentials", str(path), "127.0.0.1:1"]
    assert main(["register", "--data", str(tmp_path / "h"), *arguments]) == 2
    assert "c.json" in capsys.readouterr().err


def test_it_asks_for_a_service_point(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["register", "--data", "D", "127.0.0.1:1"])
    assert stop.value.code == 2
    assert "--service-point" in capsys.readouterr().err


def test_the_form_of_credentials_is_the_meters_own(tmp_path: Path) -> None:
    from addad.cli.register import _passwords
    from addad.host.credentials import FILE_NAME, load_or_make

    made = load_or_make(tmp_path)
    read = _passwords(tmp_path / FILE_NAME)
    assert read == json.loads((tmp_path / FILE_NAME).read_text())
    assert read["reader"].encode() == made.reader


def test_a_meter_out_of_reach_is_registered_with_all_that_is_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = ["--serial", "7", "--start-import", "12", "--start-export", "0"]
    data = tmp_path / "h"
    arguments = ["--data", str(data), "--service-point", "SP-1", *known, "127.0.0.1:1"]
    assert main(["register", *arguments]) == 0
    shown = capsys.readouterr()
    assert "meter 7 is in service at SP-1" in shown.out
    assert f"{data} is a new head end's folder" in shown.err


@pytest.mark.parametrize("index", ["-1", "1.5", "x", "9" * 16])
def test_an_index_is_a_whole_number_of_watt_hours(
    index: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["register", "--data", "D", "--service-point", "S", f"--start-import={index}", "h:1"])
    assert stop.value.code == 2
    assert "12500" in capsys.readouterr().err
