"""The options that cut out an excerpt: what they refuse before anything is measured."""

import argparse
import resource
from pathlib import Path

import pytest

from addad.cli.measure_excerpt import add_options, check_span, misuse, write
from addad.host.recording_files import opened
from addad.lab.measure import measure
from addad.lab.measure_plan import Request, plan
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
        (("--revision", "1999"), "--revision needs --comtrade OUT.cfg"),
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


def test_a_full_disk_leaves_the_pair_that_was_there(data_dir: Path, tmp_path: Path) -> None:
    out = tmp_path / "b.cfg"
    out.write_text("old")
    out.with_suffix(".dat").write_text("old")
    args = _parsed(str(data_dir / "waveforms/wisp_3.cfg"), "--comtrade", str(out))
    with opened(args.file) as recording:
        wanted = plan("wisp_3.cfg", recording, Request())
        report = measure(wanted)
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
        try:
            fault = write(args, wanted, report)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "File too large; choose another place" in fault
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "b.cfg": "old",
        "b.dat": "old",
    }
