"""A loop gives what its program gives, and an interruption at any moment leaves no traceback."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
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
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_one_that_another_thread_takes_while_the_loop_is_made_waits_for_the_program(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make, begun, made = asyncio.new_event_loop, [], []

    def interrupted() -> asyncio.AbstractEventLoop:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # so the other thread takes it
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.05)
        made.append(make())
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        return made[0]

    async def wait() -> None:
        begun.append(True)
        await asyncio.sleep(60.0)

    over = threading.Event()
    other = threading.Thread(target=over.wait)
    other.start()
    monkeypatch.setattr(asyncio.events, "new_event_loop", interrupted)
    try:
        with pytest.raises(KeyboardInterrupt):
            run(wait)
    finally:
        over.set()
        other.join()
    assert begun == [True]
    assert made[0].is_closed()


@pytest.mark.parametrize("count", [1, 2])
def test_the_first_cancels_and_the_second_breaks_in(count: int) -> None:
    seen = []

    async def stubborn() -> int:
        try:
            signal.raise_signal(signal.SIGINT)
            await asyncio.sleep(60.0)
        except asyncio.CancelledError:
            seen.append("cancelled")
        if count == 2:
            signal.raise_signal(signal.SIGINT)
        return 3

    if count == 1:
        assert run(stubborn) == 3
    else:
        with pytest.raises(KeyboardInterrupt):
            run(stubborn)
    assert seen == ["cancelled"]


def test_a_program_that_was_cancelled_otherwise_was_not_interrupted() -> None:
    async def give_up() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        run(give_up)


def test_where_interruptions_are_ignored_they_stay_so() -> None:
    async def interrupted() -> int:
        signal.raise_signal(signal.SIGINT)
        await asyncio.sleep(0)
        return 5

    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert run(interrupted) == 5
    finally:
        signal.signal(signal.SIGINT, before)


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
    out, err = running.communicate(timeout=60.0)
    assert "Traceback" not in err or out == ""
    if out:
        assert (out, err) == ("interrupted\n", "")
