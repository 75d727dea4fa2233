"""Who waits is told why, and who does not is told nothing."""

import threading

import pytest

from addad.cli.patience import kernels_may_compile


def test_a_long_start_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    with kernels_may_compile("meter", 0.0):
        for thread in threading.enumerate():
            if isinstance(thread, threading.Timer):
                thread.join(5)
    assert "addad meter: still starting; at the first start" in capsys.readouterr().err


def test_a_short_start_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with kernels_may_compile("meter", 60.0):
        pass
    assert capsys.readouterr().err == ""
    assert not [
        t
        for t in threading.enumerate()
        if isinstance(t, threading.Timer) and not t.finished.is_set()
    ]
