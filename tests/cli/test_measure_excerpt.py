"""The options that cut out an excerpt: what they refuse before anything is measured."""

import argparse
from pathlib import Path

import pytest

from addad.cli.measure_excerpt import add_options, check_span, misuse
from addad.world.recording import ChoiceError


def _misuse(tmp_path: Path, *arguments: str) -> str:
    return misuse(_parsed(str(tmp_path / "a.cfg"), *arguments))


def _parsed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    add_options(parser)
    return parser.parse_args(arguments)


def test_nothing_asked_for_is_nothing_wrong(tmp_path: Path) -> None:
    assert _misuse(tmp_path) == ""
    assert _misuse(tmp_path, "--comtrade", str(tmp_path / "b.cfg")) == ""
    assert _misuse(tmp_path, "--comtrade", str(tmp_path / "a.cff")) == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--excerpt", "event:1"), "--excerpt needs --comtrade OUT.cfg"),
        (("--comtrade", "b.dat"), "name it with .cfg (its .dat is put beside it) or .cff"),
        (("--comtrade", "nowhere/b.cfg"), "there is no folder nowhere"),
    ],
)
def test_what_cannot_be_written_is_refused(
    tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    assert message in _misuse(tmp_path, *arguments)


def test_a_recording_is_not_written_over_itself(tmp_path: Path) -> None:
    for name in ("a.cfg", "./a.cfg"):
        assert "that is the recording itself" in _misuse(
            tmp_path, "--comtrade", f"{tmp_path}/{name}"
        )


def test_a_span_that_is_none_is_refused_before_a_long_record_is_measured() -> None:
    with pytest.raises(ChoiceError, match=r"write it like 0\.3s\.\.0\.9s"):
        check_span(_parsed("a.cfg", "--excerpt", "half", "--comtrade", "out.cfg"))
    check_span(_parsed("a.cfg", "--excerpt", "event:1", "--comtrade", "out.cfg"))
    check_span(_parsed("a.cfg"))
