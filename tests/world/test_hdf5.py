"""HDF5 files and MATLAB's of version 7.3: datasets, groups, attributes, references."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from addad.errors import InputError
from addad.world.hdf5 import open_hdf5
from addad.world.matlab import is_hdf5
from addad.world.recording import Reading, Recording

T = np.arange(4000) / 5000.0
U = 325.0 * np.sin(2 * np.pi * 50 * T)
I = 10.0 * np.sin(2 * np.pi * 50 * T - 0.5)  # noqa: E741


def _octets(fill: Callable[[Any], None], matlab: bool = False) -> bytes:
    buffer = io.BytesIO()
    options = {"userblock_size": 512} if matlab else {}
    with h5py.File(buffer, "w", **options) as root:
        fill(root)
    octets = buffer.getvalue()
    heading = b"MATLAB 7.3 MAT-file, Platform: any".ljust(512, b" ")
    return heading + octets[512:] if matlab else octets


def _open(octets: bytes) -> Recording:
    assert is_hdf5(octets)
    return open_hdf5(io.BytesIO(octets), "a.h5", Reading())


def test_datasets_are_channels_with_their_attributes() -> None:
    def fill(root: Any) -> None:
        run = root.create_group("run")
        run.attrs["fs"] = 5000
        run.create_dataset("u1", data=U / 1e3, compression="gzip").attrs["units"] = "kV"
        run.create_dataset("i1", data=I.astype("f4")).attrs["units"] = "A"
        run["label"] = "a day in May"

    recording = _open(_octets(fill))
    assert recording.format == "HDF5 arrays"
    assert (recording.sample_rate, recording.samples) == (5000.0, 4000)
    assert [(c.name, c.unit) for c in recording.channels] == [("i1", "A"), ("u1", "V")]
    assert recording.waveform().samples[7].tolist() == pytest.approx([I[7], U[7]])


def test_a_table_has_its_columns_and_a_matrix_its_names() -> None:
    table = np.zeros(4000, dtype=[("time", "f8"), ("u1", "f8"), ("i1", "f8")])
    table["time"], table["u1"], table["i1"] = T, U, I
    found = _open(_octets(lambda root: root.create_dataset("table", data=table)))
    assert [c.name for c in found.channels] == ["u1", "i1"]
    assert found.sample_rate == pytest.approx(5000.0)

    def matrix(root: Any) -> None:
        data = root.create_dataset("data", data=np.stack([U, I]))
        data.attrs["channels"] = ["UA", "IA"]
        data.attrs["sample_rate"] = 5000.0

    found = _open(_octets(matrix))
    assert [c.name for c in found.channels] == ["UA", "IA"]
    assert found.sample_rate == 5000.0


def test_matlab_7_3_is_turned_and_its_texts_are_read() -> None:
    def fill(root: Any) -> None:
        def put(group: Any, key: str, values: Any, kind: str) -> Any:
            item = group.create_dataset(key, data=values)
            item.attrs["MATLAB_class"] = np.bytes_(kind)
            return item

        put(root, "data", np.stack([U, I]), "double")
        put(root, "fs", np.array([[5000.0]]), "double")
        texts = [
            put(root, f"#refs#/{name}", np.array([[ord(c)] for c in name], "u2"), "char").ref
            for name in ("UA", "IA")
        ]
        put(root, "names", np.array([texts], dtype=h5py.ref_dtype), "cell")

    recording = _open(_octets(fill, matlab=True))
    assert recording.format == "MATLAB arrays (7.3)"
    assert recording.samples == 4000
    assert [c.name for c in recording.channels] == ["UA", "IA"]
    assert np.array_equal(recording.waveform().samples[:, 0], U)


def test_nothing_outside_of_the_file_is_followed(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "secret.h5", "w") as secret:
        secret["u1"] = U
    (tmp_path / "raw.bin").write_bytes(U.tobytes())

    def fill(root: Any) -> None:
        root["u1"] = h5py.ExternalLink(str(tmp_path / "secret.h5"), "/u1")
        root.create_dataset("u2", (4000,), "f8", external=[(str(tmp_path / "raw.bin"), 0, 32000)])
        layout = h5py.VirtualLayout(shape=(4000,), dtype="f8")
        layout[:] = h5py.VirtualSource(str(tmp_path / "secret.h5"), "u1", shape=(4000,))
        root.create_virtual_dataset("u3", layout)
        root["fs"] = 5000.0

    with pytest.raises(InputError, match="holds no dataset of numbers, only fs"):
        _open(_octets(fill))


def test_a_group_within_itself_ends() -> None:
    def fill(root: Any) -> None:
        root["u1"], root["fs"] = U, 5000.0
        root["again"] = root["/"]

    assert len(_open(_octets(fill)).channels) == 1


def test_every_truncation_is_a_clear_error() -> None:
    def fill(root: Any) -> None:
        root["u1"], root["fs"] = U[:200], 5000.0

    octets = _octets(fill)
    for length in range(0, len(octets) - 1, 211):
        with pytest.raises(InputError, match=r"a\.h5: "):
            open_hdf5(io.BytesIO(octets[:length]), "a.h5", Reading())


def test_numbers_too_large_to_hold_are_refused() -> None:
    def fill(root: Any) -> None:
        root.create_dataset("u1", (1 << 29,), "f8", chunks=(1 << 20,), compression="gzip")

    with pytest.raises(InputError, match="larger than 2 GiB"):
        _open(_octets(fill))
    empty = _octets(lambda root: root.create_dataset("u1", (1 << 20,), "f8", chunks=(1 << 10,)))
    with pytest.raises(InputError, match="u1 claims 1048576 values that it does not hold"):
        _open(empty)
