"""Named arrays of any file."""

import numpy as np
import pytest

from addad.errors import InputError
from addad.world.arrays import leaf, recording_of, shortened
from addad.world.recording import Reading

U = np.sin(2 * np.pi * np.arange(400) / 100)


def test_a_name_is_its_last_part_where_that_is_clear() -> None:
    assert leaf("Scope.signals(2).Fs") == "fs"
    assert leaf("run/Fs") == "fs"
    arrays = {"a.u1": U, "a.fs": U[:1], "b.u1": U, "c/i1": U}
    assert list(shortened(arrays)) == ["a.u1", "fs", "b.u1", "i1"]


def test_rates_and_times_within_structures_count() -> None:
    arrays = {"a.u1": U, "a.fs": np.array([5000.0]), "b.u1": U, "b.t": np.arange(400.0)}
    recording = recording_of(arrays, "arrays", "a.mat", Reading())
    assert recording.sample_rate == 5000.0
    assert [c.name for c in recording.channels] == ["a.u1", "b.u1"]
    del arrays["a.fs"]
    assert recording_of(arrays, "arrays", "a.mat", Reading()).sample_rate == 1.0


def test_no_array_is_an_error() -> None:
    with pytest.raises(InputError, match="no numeric array"):
        recording_of({"fs": np.array([1.0])}, "arrays", "a.mat", Reading())
