"""A loop gives what its program gives, and an interruption at any moment leaves no traceback."""

import signal
import subprocess
import sys
import time

import pytest

from addad.event_loop import run

PROGRAM = """
import asyncio
from addad.event_loop import run

async def wait():
    await asyncio.sleep(60.0)

print("begun", flush=True)
try:
    run(wait)
except KeyboardInterrupt:
    print("interrupted")
"""


def test_it_gives_what_the_program_gives_and_raises_what_it_raises() -> None:
    async def give() -> int:
        return 7

    async def fail() -> int:
        raise ZeroDivisionError

    assert run(give) == 7
    with pytest.raises(ZeroDivisionError):
        run(fail)
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


@pytest.mark.parametrize("delay_s", [0.0, 0.0005, 0.001, 0.002, 0.005, 0.02])
def test_an_interruption_is_heard_at_any_moment(delay_s: float) -> None:
    running = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", PROGRAM],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert running.stdout is not None
    assert running.stdout.readline() == "begun\n"
    time.sleep(delay_s)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=30.0)
    assert "Traceback" not in err or out == ""
    if out:
        assert (out, err) == ("interrupted\n", "")
