"""Argument types: what they accept, and the form they ask for."""

import argparse
from pathlib import Path

import pytest

from addad.cli.arguments import (
    Endpoint,
    duration,
    endpoint,
    gateway_address,
    meter_behind,
    positive_number,
    unmakeable,
    unwritable,
)
from addad.dlms.gateway import GatewayAddress


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:4059", "127.0.0.1", 4059),
        ("[::1]:80", "::1", 80),
        ("meter.local:0", "meter.local", 0),
    ],
)
def test_an_endpoint_reads_and_writes_the_same(text: str, host: str, port: int) -> None:
    assert endpoint(text) == Endpoint(host, port)
    assert str(endpoint(text)) == text


@pytest.mark.parametrize(
    "text", ["", "4059", "host:", "host:70000", ":1", "::1:4059", "a b:1", "h:-1"]
)
def test_what_is_no_endpoint_is_refused_with_the_form(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=r"127\.0\.0\.1:4059"):
        endpoint(text)


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("5min", 300), ("2h", 7200), ("1.5", 1.5), ("0s", 0)]
)
def test_time_spans(text: str, seconds: float) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "-1s", "soon", "1d", "nan", "1e3"])
def test_what_is_no_time_span_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="30s"):
        duration(text)


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "x", ""])
def test_what_is_no_positive_number_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        positive_number(text)


def test_a_positive_number() -> None:
    assert positive_number("6.6e3") == 6600.0


def test_addresses_behind_a_gateway() -> None:
    assert gateway_address("7:AB") == GatewayAddress(7, b"AB")
    assert gateway_address("7:0xAB") == GatewayAddress(7, b"\xab")
    assert meter_behind("7:0xAB=m/2") == (GatewayAddress(7, b"\xab"), Path("m/2"))
    for wrong in ("7:AB", "7:AB=", "256:AB=m", "AB=m", "7:=m"):
        with pytest.raises(argparse.ArgumentTypeError):
            meter_behind(wrong)


def test_where_nothing_can_be_written_is_told_with_its_reason(tmp_path: Path) -> None:
    assert unwritable(tmp_path / "a.html") == ""
    assert "there is no folder" in unwritable(tmp_path / "none" / "a.html")
    assert "name a file in it" in unwritable(tmp_path)


def test_a_file_that_may_not_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda path, mode: False)
    kept = tmp_path / "a.html"
    kept.write_text("kept")
    assert "nothing may be written there" in unwritable(kept)


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="there is no /proc here")
def test_a_folder_that_takes_no_file_is_told_to_who_may_write_everywhere() -> None:
    assert "nothing may be written there" in unwritable(Path("/proc/a.html"))


def test_a_trial_leaves_nothing(tmp_path: Path) -> None:
    assert unmakeable(tmp_path / "events") == ""
    assert list(tmp_path.iterdir()) == []


def test_what_is_too_large_is_not_called_small() -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="too large: give less than 1e12"):
        positive_number("1e12")
