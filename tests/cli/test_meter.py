"""`addad meter` used wrongly: one clear line, exit code 2 or 1, nothing made."""

from pathlib import Path

import pytest

from addad.cli.main import main


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "--data"),
        (["--data", "D", "--listen", "4059"], "127.0.0.1:4059"),
        (["--data", "D", "--listen", "127.0.0.1:99999"], "HOST:PORT"),
        (["--data", "D", "--contracted-power", "-5"], "above zero"),
        (["--data", "D", "--push", "nowhere"], "HOST:PORT"),
        (["--data", "D", "--behind", "0:1"], "0:12345678=meter-2"),
    ],
)
def test_bad_use_ends_with_2(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["meter", *arguments])
    assert stop.value.code == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--source", "no-such.cfg"], "no-such.cfg"),
        (["--serial", "not a serial"], "serial"),
        (["--scene", "noon"], "2026-06-21T12:00"),
        (["--scenario", "12:00 explode"], "open_cover"),
        (["--scenario", "no-such-file.txt"], "no-such-file.txt"),
        (["--lived", "900h"], "168h"),
        (["--group", "meters:4059"], "239.1.2.3"),
        (["--group", "239.1.2.3:4059", "--interface", "eth0"], "192.168.1.10"),
        (["--behind", "0:1=a", "--behind", "0:1=b"], "each has its own"),
        ([f"--behind=0:{n}=m{n}" for n in range(17)], "at most 16"),
    ],
)
def test_what_cannot_be_is_one_clear_line(
    arguments: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["meter", "--data", str(tmp_path / "m"), *arguments]) == 2
    shown = capsys.readouterr().err
    assert says in shown
    assert len(shown.strip().splitlines()) == 1
    assert not (tmp_path / "m").exists()


def test_a_file_that_is_no_recording_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.wav").write_bytes(b"not a recording at all")
    code = main(["meter", "--data", str(tmp_path / "m"), "--source", str(tmp_path / "x.wav")])
    assert code == 2
    assert "x.wav" in capsys.readouterr().err
