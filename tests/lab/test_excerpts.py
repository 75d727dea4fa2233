"""Stretches of records, cut out."""

from pathlib import Path

import numpy as np
import pytest

from addad.host.recording_files import opened
from addad.lab.excerpts import excerpt, span
from addad.lab.measure import measure
from addad.lab.measure_plan import Request, plan
from addad.lab.report import Report
from addad.world.recording import ChoiceError


@pytest.fixture(scope="module")
def relay(data_dir: Path) -> Report:
    path = data_dir / "waveforms/wisp_3.cfg"
    with opened(path) as recording:
        return measure(plan(path.name, recording, Request()))


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("0.3s..0.9s", 0.3, 0.9),
        ("0.3..0.9", 0.3, 0.9),
        ("300..900ms", 0.3, 0.9),
        (" 300 ms .. 0.9 s ", 0.3, 0.9),
        ("..0.5s", 0.0, 0.5),
        ("1s..", 1.0, 1.69955),
        ("..", 0.0, 1.69955),
        ("1s..5min", 1.0, 1.69955),
        ("event:1", 0.364, 1.69955),
        ("event: 2", 0.8794, 1.0894),
    ],
)
def test_a_span_is_times_or_an_event(relay: Report, text: str, begin: float, end: float) -> None:
    assert span(text, relay)[:2] == pytest.approx((begin, end), abs=2e-3)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("half", "write it like 0.3s..0.9s"),
        ("0.9s..0.3s", "ends before it begins"),
        ("3s..4s", "the record goes from 0 s to 1.69"),
        ("event:9", "event:9: its events are 1 to 3"),
    ],
)
def test_a_span_that_is_not_to_be_had_says_what_is(relay: Report, text: str, message: str) -> None:
    with pytest.raises(ChoiceError, match=message):
        span(text, relay)


def test_all_channels_go_with_it_as_they_were_measured(relay: Report, data_dir: Path) -> None:
    path = data_dir / "waveforms/wisp_3.cfg"
    with opened(path) as recording:
        wanted = plan(path.name, recording, Request(scales=("F5-VA=2",)))
        found = excerpt(wanted, relay, "0.3s..0.9s")
        whole = recording.waveform().samples
    first = int(0.3 * recording.sample_rate)
    assert found.samples.shape == (481, 24)
    assert np.array_equal(found.samples[:, 5], whole[first : first + 481, 5])
    assert np.array_equal(found.samples[:, 4], 2 * whole[first : first + 481, 4])
    assert found.start is not None
    assert recording.start is not None
    begin = (found.start - recording.start).total_seconds()
    assert begin == pytest.approx(first / recording.sample_rate, abs=2e-6)
    assert found.station == "W2D-C60-1 520"


def test_many_records_have_no_excerpt_in_common(relay: Report, data_dir: Path) -> None:
    path = data_dir / "waveforms/plaid_125.npz"
    with opened(path) as recording:
        wanted = plan(path.name, recording, Request())
        with pytest.raises(ChoiceError, match="choose one with --item"):
            excerpt(wanted, relay, "..")
