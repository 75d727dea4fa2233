"""MATLAB files: variables, structures, cells; what is damaged or holds no numbers."""

import io
from typing import Any

import numpy as np
import pytest
from scipy import io as scipy_io

from addad.errors import InputError
from addad.world.matlab import is_hdf5, looks_like_matlab, open_matlab
from addad.world.recording import Reading, Recording

T = np.arange(4000) / 5000.0
U = 325.0 * np.sin(2 * np.pi * 50 * T)
I = 10.0 * np.sin(2 * np.pi * 50 * T - 0.5)  # noqa: E741


def _octets(**variables: Any) -> bytes:
    buffer = io.BytesIO()
    scipy_io.savemat(buffer, variables, oned_as="column", do_compression=True)
    return buffer.getvalue()


def _open(octets: bytes) -> Recording:
    return open_matlab(io.BytesIO(octets), "a.mat", Reading())


def test_variables_are_channels_and_fs_the_rate() -> None:
    recording = _open(_octets(u1=U, i1=I, fs=5000.0, note="a day in May"))
    assert recording.format == "MATLAB arrays"
    assert (recording.sample_rate, recording.samples) == (5000.0, 4000)
    assert [(c.name, c.kind) for c in recording.channels] == [("u1", "voltage"), ("i1", "current")]
    assert np.array_equal(recording.waveform().samples, np.stack([U, I], axis=-1))


def test_a_structure_is_its_fields() -> None:
    record = {"Fs": 5000.0, "V_L1": U, "inner": {"I_L1": I, "gain": 1.0}}
    recording = _open(_octets(rec=record))
    assert recording.sample_rate == 5000.0
    assert [c.name for c in recording.channels] == ["V_L1", "I_L1"]


def test_one_matrix_has_its_names_in_a_cell() -> None:
    names = np.array(["UA [kV]", "IA"], dtype=object)
    recording = _open(_octets(data=np.stack([U / 1e3, I], axis=-1), names=names, t=T))
    assert recording.sample_rate == pytest.approx(5000.0)
    assert [(c.name, c.unit) for c in recording.channels] == [("UA", "V"), ("IA", "")]
    assert recording.waveform().samples[3].tolist() == pytest.approx([U[3], I[3]])


def test_signals_of_a_simulation_are_named_by_their_labels() -> None:
    signals = np.zeros(2, dtype=[("values", object), ("label", object)])
    signals[0], signals[1] = (U, "u1"), (I, "i1")
    recording = _open(_octets(scope={"time": T, "signals": signals}))
    assert [c.name for c in recording.channels] == ["u1", "i1"]
    assert recording.sample_rate == pytest.approx(5000.0)


def test_version_4_says_what_to_save() -> None:
    buffer = io.BytesIO()
    scipy_io.savemat(buffer, {"u1": U, "fs": 5000.0}, format="4")
    with pytest.raises(InputError, match=r"no MATLAB file of version 5 to 7\.3; save arrays"):
        _open(buffer.getvalue())


def test_what_holds_no_numbers_says_what_to_save() -> None:
    with pytest.raises(InputError, match="only words; save arrays or structures"):
        _open(_octets(words="none"))
    with pytest.raises(InputError, match="states no sampling rate; give it with --rate"):
        _open(_octets(u1=U))


def test_every_truncation_is_a_clear_error() -> None:
    octets = _octets(u1=U[:300], i1=I[:300], fs=5000.0)
    whole = 0
    for length in range(0, len(octets) - 1, 97):
        try:
            whole += len(_open(octets[:length]).channels) == 2
        except InputError as error:
            assert str(error).startswith("a.mat: ")  # noqa: PT017
    assert whole == 0


def test_a_file_is_known_by_its_heading() -> None:
    octets = _octets(u1=U, fs=5000.0)
    assert looks_like_matlab(octets)
    assert not is_hdf5(octets)
    assert not looks_like_matlab(b"time,u1\n0,1\n")
