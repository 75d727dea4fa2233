"""`addad headend` and its keys: bad use, ports in use, a database that is not ours."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from addad.cli.main import main

COMMAND = (sys.executable, "-m", "addad.cli.main", "headend")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [([], "--data"), (["--data", "D", "--web", "8080"], "HOST:PORT"),
     (["--data", "D", "--scope", "root"], "choose from")],
)  # fmt: skip
def test_bad_use_ends_with_2(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["headend", *arguments])
    assert stop.value.code == 2
    assert says in capsys.readouterr().err


def test_it_serves_prints_a_one_time_link_and_ends_clean(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "--data", str(tmp_path), "--web", "127.0.0.1:0", "--push", "127.0.0.1:0"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        assert "/setup?token=" in first
        assert "serves its pages at http://127.0.0.1:" in process.stdout.readline()
        assert "listens for alarms at 127.0.0.1:" in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0
        assert "Traceback" not in errors
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


@pytest.mark.parametrize("option", ["--web", "--push"])
def test_a_port_in_use_is_told(option: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports = {"--web": "127.0.0.1:0", "--push": "127.0.0.1:0"}
        ports[option] = f"127.0.0.1:{taken.getsockname()[1]}"
        arguments = [text for pair in ports.items() for text in pair]
        done = subprocess.run(
            [*COMMAND, "--data", str(tmp_path), *arguments],
            capture_output=True, text=True, timeout=240,
        )  # fmt: skip
    assert done.returncode == 1
    assert "in use" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_of_somebody_else_is_refused_and_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "headend.db").write_bytes(b"a letter to my aunt" * 100)
    assert main(["headend", "--data", str(tmp_path), "--make-key", "k"]) == 2
    assert "headend.db" in capsys.readouterr().err
    assert (tmp_path / "headend.db").read_bytes() == b"a letter to my aunt" * 100


def test_a_scope_without_a_key_is_bad_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["headend", "--data", str(tmp_path / "h"), "--scope", "admin"]) == 2
    assert "--make-key" in capsys.readouterr().err
    assert not (tmp_path / "h").exists()


def test_a_key_is_printed_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["headend", "--data", str(tmp_path), "--make-key", "reports", "--scope", "read"]
    assert main(arguments) == 0
    assert capsys.readouterr().out.startswith("addad_")
