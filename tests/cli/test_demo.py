"""`addad demo`: everything on one machine, ends by itself or on Ctrl-C, says what came out."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from addad.cli.main import main

COMMAND = (sys.executable, "-m", "addad.cli.main", "demo")


@pytest.mark.parametrize("arguments", [["--for", "soon"], ["--web", "8080"], ["--seed", "x"]])
def test_bad_use_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["demo", *arguments])
    assert stop.value.code == 2
    assert "usage: addad demo" in capsys.readouterr().err


def test_it_ends_by_itself_and_says_what_was_measured_collected_and_stored() -> None:
    done = subprocess.run([*COMMAND, "--for", "12s"], capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    for words in ("http://127.0.0.1:", "/setup?token=", "measured: voltages", "stored: meters",
                  "first sample of a window to page", "export register"):  # fmt: skip
        assert words in done.stdout


@contextmanager
def running() -> Iterator[subprocess.Popen[str]]:
    """A demo; killed at the end if it still runs."""
    process = subprocess.Popen(COMMAND, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()  # which ends its meter too
            process.communicate()


def test_ctrl_c_ends_it_clean() -> None:
    with running() as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "The page:" in line:
                break
        process.send_signal(signal.SIGINT)
        shown, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
    assert "What came out" in shown


def test_ctrl_c_is_heard_before_the_meter_is_ready() -> None:
    with running() as process:
        assert process.stdout is not None
        assert "Starting a house" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        shown, errors = process.communicate(timeout=120)
    assert "Traceback" not in errors
    assert process.returncode in (0, 130)
    assert "The page:" not in shown


def test_a_kept_demo_can_be_run_again(tmp_path: Path) -> None:
    for _ in range(2):
        done = subprocess.run(
            [*COMMAND, "--for", "3s", "--data", str(tmp_path)],
            capture_output=True, text=True, timeout=240,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        assert "stored: meters" in done.stdout
