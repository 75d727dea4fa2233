"""kill -9 at random moments: what a client has seen stands, and at most a second is lost.

`make kill` does the same two hundred times.
"""

import os
import subprocess
import sys
from pathlib import Path

RUN_KILL = Path(__file__).resolve().parents[1] / "kill" / "run_kill.py"


def run_kill(*options: str) -> str:
    """The report; fails with it if anything was violated."""
    done = subprocess.run(
        [sys.executable, str(RUN_KILL), *options],
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_twenty_kills_at_hundreds_of_commits_a_second_break_and_lose_nothing() -> None:
    assert "20 kills" in run_kill("--runs", "0", "--model", "20")


def test_a_killed_meter_command_keeps_all_that_its_client_saw() -> None:
    # a busy machine may stop the meter for a while: the bound of a second is `make kill`'s
    assert "4 kills" in run_kill("--runs", "4", "--model", "0", "--loss-max", "30")
