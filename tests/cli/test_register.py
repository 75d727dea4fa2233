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


def test_push_keys_come_from_the_file_that_the_meter_makes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from addad.headend.store import Store
    from addad.headend.store.push_keys import push_senders
    from addad.host.commission import Order, commission

    commission(Order(tmp_path / "meter", push_keys=True, scene="2026-06-21T12:00")).close()
    data = tmp_path / "h"
    known = ["--serial", "7", "--start-import", "12", "--start-export", "0", "127.0.0.1:1"]
    arguments = ["register", "--data", str(data), "--service-point", "SP-1", *known]
    file = ["--credentials", str(tmp_path / "meter" / "credentials.json")]
    for more, count in ((["--push-keys"], 1), ([], 1), (["--plain-pushes"], 0)):
        assert main([*arguments, *file, *more]) == 0
        store = Store(data / "headend.db")
        assert len(push_senders(store)) == count
        store.close()
    with pytest.raises(SystemExit):
        main([*arguments, "--push-keys", "--plain-pushes"])


def test_push_keys_that_are_none_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "c.json"
    keys = {"encryption_key": "00" * 16, "authentication_key": "11" * 16}
    arguments = ["register", "--data", str(tmp_path / "h"), "--service-point", "SP-1"]
    for content, says in (
        (None, "--credentials"),
        ({"reader": "x"}, "--credentials"),
        ({"push": keys}, "push.meter_title"),
        ({"push": {**keys, "meter_title": "4144"}}, "16 hexadecimal digits"),
    ):
        file = []
        if content is not None:
            path.write_text(json.dumps(content))
            path.chmod(0o600)
            file = ["--credentials", str(path)]
        assert main([*arguments, *file, "--push-keys", "127.0.0.1:1"]) == 2
        assert says in capsys.readouterr().err
