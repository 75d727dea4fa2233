"""A recording of any format: its bounds, and its samples as a waveform."""

import io

import numpy as np
import pytest

from addad.errors import InputError
from addad.world.formats import open_recording
from addad.world.recording import (
    Reading,
    RecordedChannel,
    Recording,
)

CHANNEL = RecordedChannel("u1", "voltage", "L1", "V")


def _recording(samples: int = 10, rate: float = 1000.0) -> Recording:
    return Recording("test", rate, samples, (CHANNEL,), lambda columns, count: iter(()))


def test_sizes_are_bounded() -> None:
    with pytest.raises(InputError, match="no sample"):
        _recording(samples=0)
    for rate in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(InputError, match="--rate"):
            _recording(rate=rate)
    with pytest.raises(InputError, match="too many to hold"):
        _recording(samples=2**32).waveform()


def test_a_column_that_is_not_there_is_a_programming_error() -> None:
    with pytest.raises(ValueError, match="columns"):
        _recording().blocks([1])


def test_a_waveform_is_the_recording_whole() -> None:
    text = "time [s],u1 [V]\n" + "".join(f"{k / 1000},{k}\n" for k in range(50))
    waveform = open_recording({"a.csv": io.BytesIO(text.encode())}, "a.csv", Reading()).waveform()
    assert waveform.sample_rate == pytest.approx(1000.0)
    assert waveform.duration_s == pytest.approx(0.05)
    assert np.array_equal(waveform.samples[:, 0], np.arange(50.0))
    assert (waveform.channels[0].name, waveform.channels[0].unit) == ("u1", "V")
