"""Who waits is told why, and who does not is told nothing."""

import threading

import pytest

from addad.cli import patience
from addad.cli.patience import kernels_may_compile


def test_a_long_start_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    with kernels_may_compile("meter", 0.0):
        for thread in threading.enumerate():
            if isinstance(thread, threading.Timer):
                thread.join(60)
    assert "addad meter: still starting; at the first start" in capsys.readouterr().err


def test_patience_has_an_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(patience, "PATIENCE_S", 0.0)
    with kernels_may_compile("measure"):
        for thread in threading.enumerate():
            if isinstance(thread, threading.Timer):
                thread.join(60)
    assert "addad measure: still starting" in capsys.readouterr().err


def test_a_short_start_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with kernels_may_compile("meter", 60.0):
        pass
    assert not _timers()
    assert capsys.readouterr().err == ""


def test_what_has_begun_says_nothing_however_long_it_takes() -> None:
    with kernels_may_compile("measure", 60.0) as begun:
        begun()
        assert not _timers()


def _timers() -> list[threading.Timer]:
    return [
        thread
        for thread in threading.enumerate()
        if isinstance(thread, threading.Timer) and not thread.finished.is_set()
    ]
