"""Processes: they work, and an interruption or an error ends them at once and without a word."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time

import pytest

from addad.errors import InputError
from addad.lab.processes import fresh_processes


def test_they_work_and_are_gone() -> None:
    with fresh_processes(2) as pool:
        assert sorted(pool.map(abs, [-1, -2, -3])) == [1, 2, 3]
    assert not multiprocessing.active_children()


def test_an_error_does_not_wait_for_them() -> None:
    def fail() -> None:
        with fresh_processes(2) as pool:
            pool.submit(time.sleep, 600.0)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not multiprocessing.active_children()


def test_one_that_is_ended_from_outside_is_told() -> None:
    with pytest.raises(InputError, match="memory"), fresh_processes(1) as pool:
        pool.submit(os._exit, 9).result()


PROGRAM = """
import time
from addad.lab.processes import fresh_processes

if __name__ == "__main__":
    try:
        with fresh_processes(2) as pool:
            if {wait}:
                pool.submit(abs, -1).result()
            waiting = [pool.submit(time.sleep, 60.0) for _ in range(4)]
            print("begun", flush=True)
            waiting[0].result()
    except KeyboardInterrupt:
        print("interrupted")
"""


@pytest.mark.parametrize(
    ("wait", "delay_s"), [(True, 0.0), *((False, 0.02 * step) for step in range(6))]
)
def test_an_interruption_of_all_leaves_none_and_no_traceback(wait: bool, delay_s: float) -> None:
    running = subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(wait=wait)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert running.stdout is not None
    assert running.stdout.readline() == "begun\n"
    time.sleep(delay_s)
    os.killpg(running.pid, signal.SIGINT)
    out, err = running.communicate(timeout=60.0)
    assert out == "interrupted\n"
    assert err == ""
