"""The command line's door: help, versions, bad use, failures in one line."""

import argparse
import io
import subprocess
import sys
from pathlib import Path

import pytest

from addad import __version__
from addad.cli import main as cli
from addad.errors import InputError, LinkError


class _Failing:
    """A command whose work ends in the given way."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def add_parser(self, subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
        subparsers.add_parser("read")

    def run(self, args: argparse.Namespace) -> int:
        raise self.error


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out.strip() == f"addad {__version__}"


@pytest.mark.parametrize("arguments", [[], ["no-such-command"], ["--no-such-option"]])
def test_bad_use_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(arguments)
    assert stop.value.code == 2
    assert "usage: addad" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (InputError("write it like this"), 2, "write it like this"),
        (LinkError("nobody answers"), 1, "nobody answers"),
        (ModuleNotFoundError("No module", name="numpy"), 2, "pip install 'addad["),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_a_failure_is_one_clear_line(
    error: BaseException,
    code: int,
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(cli, "EXTRA", {"read": ""})
    monkeypatch.setattr(cli, "_module", lambda _name: _Failing(error))
    assert cli.main(["read"]) == code
    shown = capsys.readouterr().err
    assert says in shown
    assert len(shown.strip().splitlines()) <= 1


def test_a_missing_module_of_our_own_is_a_fault_and_not_an_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cli, "EXTRA", {"read": ""})
    own = ModuleNotFoundError("No module", name="addad.gone")
    monkeypatch.setattr(cli, "_module", lambda _name: _Failing(own))
    with pytest.raises(ModuleNotFoundError):
        cli.main(["read"])


def test_letters_that_the_terminal_lacks_do_not_end_the_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    octets = io.BytesIO()
    monkeypatch.setattr("sys.stderr", io.TextIOWrapper(octets, "ascii", write_through=True))
    monkeypatch.setattr(cli, "EXTRA", {"read": ""})
    monkeypatch.setattr(cli, "_module", lambda _name: _Failing(LinkError("no file ф.cfg")))
    assert cli.main(["read"]) == 1
    assert octets.getvalue() == b"addad read: no file ?.cfg\n"


def test_an_interruption_while_the_commands_load_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_argv: object) -> argparse.Namespace:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_parse", interrupted)
    assert cli.main(["read"]) == cli.INTERRUPTED
    assert "Traceback" not in capsys.readouterr().err


def test_an_interruption_while_a_class_is_made_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_argv: object) -> argparse.Namespace:
        raise RuntimeError("Error calling __set_name__") from KeyboardInterrupt()

    monkeypatch.setattr(cli, "_parse", interrupted)
    assert cli.main(["read"]) == cli.INTERRUPTED
    assert capsys.readouterr().err == "\n"


PUSH = "7ea02a410883130413e6e7000f40000000000101020309060100010700ff060000067d02020f00161b1c057e"


def test_a_full_disk_is_said_in_a_line(tmp_path: Path) -> None:
    capture = tmp_path / "capture.hex"
    capture.write_text(PUSH)
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "addad.cli.main", "push", str(capture)],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == "addad: the output cannot be written: No space left on device\n"


def test_a_closed_output_is_nobody_who_listens(tmp_path: Path) -> None:
    path = tmp_path / "capture.hex"
    path.write_text(PUSH)
    command = f"{sys.executable} -m addad.cli.main push {path} >&-"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stderr == ""
