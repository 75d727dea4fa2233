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
    StatusChannel,
    printable,
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


ESCAPES = "U1\x1b]0;own\x07\x1b[2J\x9b31m\u202e"


def test_names_cannot_steer_the_terminal_that_shows_them() -> None:
    """Escape sequences of two kinds, a bell, and what turns the direction of writing."""
    shown = "U1\ufffd]0;own\ufffd\ufffd[2J\ufffd31m\ufffd"
    channel = RecordedChannel(ESCAPES, unit=ESCAPES, circuit=ESCAPES)
    assert (channel.name, channel.unit, channel.circuit) == (shown,) * 3
    status = StatusChannel(ESCAPES, ESCAPES, ESCAPES)
    assert (status.name, status.phase, status.circuit) == (shown,) * 3
    recording = Recording(
        ESCAPES, 1.0, 1, (channel,), lambda _, __: iter(()), items=(ESCAPES,), notes=(ESCAPES,)
    )
    assert (recording.format, recording.items, recording.notes) == (shown, (shown,), (shown,))
    assert printable("Überspannung\u00a0L1\tΔ 电压\n") == "Überspannung L1 Δ 电压 "


def test_nor_can_a_refusal() -> None:
    memory = io.BytesIO()
    np.savez(memory, **{ESCAPES: np.zeros((2, 2, 2))})
    memory.seek(0)
    with pytest.raises(InputError) as refused:
        open_recording({"a.npz": memory}, "a.npz")
    assert str(refused.value).isprintable()
