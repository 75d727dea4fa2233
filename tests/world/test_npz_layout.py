"""Which dimension of a NumPy array is what."""

import io

import numpy as np
import pytest
from numpy.typing import NDArray

from addad.errors import InputError
from addad.world.channel_map import guess
from addad.world.npz import open_npz
from addad.world.recording import Reading, Recording

RATE = 10_000.0
T = np.arange(5000) / RATE
PHASES = 2 * np.pi * np.arange(3) / 3
WAVE = 2 * np.pi * 50 * T[:, np.newaxis] - PHASES
SIX = np.hstack([325.0 * np.sin(WAVE), 7.0 * np.sin(WAVE - 0.3)])


def _npz(reading: Reading | None = None, **arrays: object) -> Recording:
    file = io.BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type]
    file.seek(0)
    return open_npz(file, "a.npz", reading or Reading())


def _npy(array: NDArray[np.float64]) -> Recording:
    file = io.BytesIO()
    np.save(file, array)
    file.seek(0)
    return open_npz(file, "a.npy", Reading(rate=RATE))


@pytest.mark.parametrize("turned", [False, True])
def test_one_array_of_samples_and_channels_either_way(turned: bool) -> None:
    array = SIX.T if turned else SIX
    for recording in (_npz(data=array, fs=RATE), _npy(array)):
        assert (recording.samples, len(recording.channels), recording.items) == (5000, 6, ())
        assert np.allclose(recording.waveform().samples, SIX)
        assert guess(recording.channels)[0].columns == (0, 1, 2, 3, 4, 5)
        assert "5000 samples of 6 channels" in recording.notes[0]


@pytest.mark.parametrize("key", ["sample_rate", "fs", "rate", "Fs", "sample_rate_hz"])
def test_a_scalar_gives_the_rate(key: str) -> None:
    assert _npz(data=SIX, **{key: np.float64(RATE)}).sample_rate == RATE


def test_channels_without_a_rate_ask_for_it() -> None:
    with pytest.raises(InputError, match="--rate"):
        _npz(data=SIX)


def test_voltages_and_currents_apart_are_phases_by_their_arrays() -> None:
    neutral = np.hstack([SIX[:, 3:], SIX[:, 3:].sum(axis=1, keepdims=True)])
    recording = _npz(u=SIX[:, :3], i=neutral, fs=RATE)
    assert [c.name for c in recording.channels] == ["u1", "u2", "u3", "i1", "i2", "i3", "i4"]
    chosen, _ = guess(recording.channels)
    assert (chosen.voltages, chosen.currents, chosen.neutral) == ((0, 1, 2), (3, 4, 5), 6)
    milli = _npz(voltage_v=SIX[:, :3], current_mA=1e3 * SIX[:, 3:], fs=RATE)
    assert np.allclose(milli.waveform().samples, SIX)
    assert {c.kind for c in milli.channels[:3]} == {"voltage"}


def test_the_file_may_name_its_channels() -> None:
    names = np.array(["IA", "IB", "IC", "VA", "VB", "VC"])
    recording = _npz(data=SIX, names=names, fs=RATE)
    assert guess(recording.channels)[0].voltages == (3, 4, 5)


def test_a_first_column_of_times_gives_the_rate() -> None:
    recording = _npz(data=np.hstack([T[:, np.newaxis], SIX]))
    assert recording.sample_rate == pytest.approx(RATE)
    assert np.allclose(recording.waveform().samples, SIX)


def test_labelled_rows_stay_records_and_long_ones_too() -> None:
    labels = np.array(["a", "b", "c", "d", "e", "f"])
    assert _npz(voltage_v=SIX.T, label=labels, fs=RATE).items[5] == "5 (f)"
    many = _npz(voltage_v=np.tile(SIX[:500, 0], (125, 1)), fs=RATE)
    assert (len(many.items), many.samples) == (125, 500)
    assert many.notes == ()


def test_what_could_be_either_is_said() -> None:
    cycle = np.tile(325 * np.sin(2 * np.pi * np.arange(200) / 200), (4, 1))
    recording = _npz(voltage_v=cycle)
    assert (len(recording.items), recording.samples) == (4, 200)
    assert "4 records of 200 samples" in recording.notes[1]
    assert "200 samples of 4 channels" in _npz(voltage_v=cycle, fs=RATE).notes[0]


def test_small_arrays_beside_the_channels_are_passed_over() -> None:
    recording = _npz(u1=SIX[:, 0], i1=SIX[:, 3], calibration=np.ones((2, 3)), fs=RATE)
    assert [c.name for c in recording.channels] == ["u1", "i1"]


def test_one_record_has_no_second_item() -> None:
    with pytest.raises(InputError, match="one record, not 2"):
        _npz(Reading(item=2), data=SIX, fs=RATE)


def test_a_voltage_or_current_of_another_length_is_told() -> None:
    recording = _npz(u1=SIX[:, 0], i1=SIX[:100, 3], spectrum=np.ones(7), fs=RATE)
    assert [channel.name for channel in recording.channels] == ["u1"]
    assert recording.notes == ("i1 is left out: it has 100 samples, and u1 5000",)
