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
