"""kill -9 between steps of a ciphered exchange: `make kill-ciphered` does the same 1 000 times."""

import os
import subprocess
import sys
from pathlib import Path

RUN = Path(__file__).with_name("run_cipher_kill.py")


def test_no_counter_is_sent_or_accepted_twice_over_twelve_kills() -> None:
    done = subprocess.run(
        [sys.executable, str(RUN), "--runs", "12", "--seed", "3"],
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "12 kills" in done.stdout
    assert "0 violations" in done.stdout
