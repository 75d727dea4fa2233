"""The digital channels of a record."""

from pathlib import Path

import numpy as np
import pytest

from addad.host.recording_files import opened
from addad.lab.excerpts import excerpt
from addad.lab.export import as_mapping
from addad.lab.measure import measure
from addad.lab.measure_plan import Request, plan
from addad.lab.states import MAX_CHANGES, filled, find_states
from addad.world.recording import (
    UNKNOWN_STATE,
    Reading,
    RecordedChannel,
    Recording,
    States,
    StatusChannel,
)


def _recording(states: np.ndarray) -> Recording:
    def read(block_samples: int) -> States:
        for begin in range(0, len(states), 10):
            yield states[begin : begin + 10].astype(np.uint8)

    return Recording(
        "test", 1000.0, len(states), (RecordedChannel("u"),), lambda columns, count: iter(()),
        statuses=tuple(StatusChannel(f"s{k}") for k in range(states.shape[1])), state_reader=read,
    )  # fmt: skip


def test_changes_are_told_in_the_order_of_time_whatever_the_blocks() -> None:
    states = np.zeros((45, 3))
    states[10:, 0] = states[9:21, 1] = states[:30, 2] = 1
    found = find_states(_recording(states))
    assert found is not None
    assert found.first == (0, 0, 1)
    assert [(c.time_s, c.channel, c.state) for c in found.changes] == [
        (0.009, 1, 1), (0.010, 0, 1), (0.021, 1, 0), (0.030, 2, 0),
    ]  # fmt: skip
    assert find_states(_recording(np.zeros((5, 0)))) is None


def test_an_unknown_state_is_as_it_was() -> None:
    states = np.zeros((30, 2))
    states[5:, 0] = 1
    states[8:22, 0] = states[:3, 1] = UNKNOWN_STATE
    found = find_states(_recording(states))
    assert found is not None
    assert [(c.time_s, c.channel, c.state) for c in found.changes] == [(0.005, 0, 1)]
    assert filled(states.astype(np.uint8), np.array([0, 1], np.uint8))[:4, 1].tolist() == [
        1,
        1,
        1,
        0,
    ]


def test_a_chattering_channel_is_counted_not_kept() -> None:
    states = np.tile(np.arange(40_000)[:, None] % 2, (1, 2))
    found = find_states(_recording(states))
    assert found is not None
    assert len(found.changes) == MAX_CHANGES
    assert found.count == 2 * 39_999


@pytest.fixture(scope="module")
def relay(data_dir: Path) -> Path:
    """A relay's record of a fault, with 64 digital channels."""
    return data_dir / "waveforms/wisp_3.cfg"


def test_a_relay_tells_what_it_did_and_an_excerpt_keeps_it(relay: Path) -> None:
    with opened(relay, Reading()) as recording:
        wanted = plan(relay.name, recording, Request())
        report = measure(wanted)
        cut = excerpt(wanted, report, "0.5s..0.6s")
        whole = np.concatenate(list(recording.states()))
    assert report.states is not None
    first = report.states.changes[0]
    assert report.states.channels[first.channel].name.startswith("OSC TRIG")
    assert (first.time_s, first.state) == (pytest.approx(0.5049, abs=1e-4), 1)
    mapping = as_mapping(report)
    assert mapping["state_changes_in_all"] == 52
    assert cut.states is not None
    begin = round(0.5 * cut.sample_rate)
    assert np.array_equal(cut.states, whole[begin : begin + len(cut.samples)])
    assert len(cut.statuses) == 64
