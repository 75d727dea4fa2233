"""NumPy recordings."""

import io
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from addad.errors import InputError
from addad.world.npz import open_npz
from addad.world.recording import Reading

T = np.arange(500) / 500
SINE = np.sin(2 * np.pi * T)


def _npz(**arrays: object) -> io.BytesIO:
    file = io.BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type]
    file.seek(0)
    return file


def test_arrays_of_one_dimension_are_channels() -> None:
    file = _npz(u1=SINE * 325, i1=SINE, fs=25_000.0, comment=np.array(["x"]))
    recording = open_npz(file, "a.npz", Reading())
    assert recording.sample_rate == 25_000.0
    assert [(c.name, c.kind, c.phase) for c in recording.channels] == [
        ("u1", "voltage", "L1"),
        ("i1", "current", "L1"),
    ]
    assert np.array_equal(recording.waveform([1]).samples[:, 0], SINE)


def test_a_time_array_gives_the_rate() -> None:
    recording = open_npz(_npz(time=T / 50, u1=SINE), "a.npz", Reading())
    assert recording.sample_rate == pytest.approx(25_000.0)
    assert len(recording.channels) == 1


def test_items_of_one_cycle_need_no_rate() -> None:
    file = _npz(voltage_v=np.tile(SINE * 168, (4, 1)), current_a=np.tile(SINE, (4, 1)))
    recording = open_npz(file, "a.npz", Reading())
    assert (recording.sample_rate, recording.rate_assumed) == (30_000.0, True)
    assert "is assumed" in recording.notes[0]
    assert recording.items == ("0", "1", "2", "3")
    assert next(recording.blocks([0, 1])).shape == (4, 500, 2)


def test_the_nominal_frequency_stands_above_the_guess() -> None:
    file = _npz(voltage_v=np.tile(SINE * 168, (4, 1)))
    assert open_npz(file, "a.npz", Reading(nominal_frequency=50.0)).sample_rate == 25_000.0


def test_one_item_is_picked_by_its_number() -> None:
    file = _npz(voltage_v=np.outer(np.arange(1.0, 4.0), SINE), label=np.array(["a", "b", "c"]))
    recording = open_npz(file, "a.npz", Reading(rate=1e4, item=1))
    assert recording.items == ("1 (b)",)
    assert np.allclose(next(recording.blocks([0]))[0, :, 0], 2 * SINE)
    file.seek(0)
    with pytest.raises(InputError, match="items 0 to 2, not 3"):
        open_npz(file, "a.npz", Reading(rate=1e4, item=3))


def test_several_cycles_without_a_rate_are_refused() -> None:
    with pytest.raises(InputError, match="--rate"):
        open_npz(_npz(u1=np.sin(2 * np.pi * 5 * T)), "a.npz", Reading())


def test_pickles_and_bombs_are_refused() -> None:
    objects = io.BytesIO()
    np.savez(objects, u1=np.array([{"a": 1}], dtype=object))
    objects.seek(0)
    with pytest.raises(InputError, match="no readable NumPy file"):
        open_npz(objects, "a.npz", Reading())
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (10000000000000,), }\n"
    claim = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + bytes(64)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w") as archive:
        archive.writestr("u1.npy", claim)
    for octets in (bomb.getvalue(), claim):
        with pytest.raises(InputError, match="more than the file holds"):
            open_npz(io.BytesIO(octets), "a.npz", Reading())


def test_every_truncation_is_a_clear_error() -> None:
    octets = _npz(u1=SINE[:20], fs=1e4).getvalue()
    for length in range(4, len(octets)):
        with pytest.raises(InputError):
            open_npz(io.BytesIO(octets[:length]), "a.npz", Reading())


def test_a_hundred_and_twenty_five_appliances(data_dir: Path) -> None:
    with (data_dir / "waveforms/plaid_125.npz").open("rb") as file:
        recording = open_npz(file, "plaid_125.npz", Reading())
    assert (len(recording.items), recording.samples, recording.sample_rate) == (125, 500, 30_000.0)
    assert recording.items[0] == "0 (13)"
    block = next(recording.blocks([0]))
    assert 110.0 < np.sqrt(np.mean(block**2)) < 125.0


def test_damage_anywhere_is_an_error_and_no_fault() -> None:
    file = io.BytesIO()
    np.savez_compressed(file, u1=SINE * 325, i1=SINE, fs=25_000.0)
    good = file.getvalue()
    rng = np.random.default_rng(1)
    refused = 0
    for place in rng.integers(0, len(good), 400).tolist():
        octets = bytearray(good)
        octets[place] = (octets[place] + 1 + place % 255) % 256
        try:
            open_npz(io.BytesIO(octets), "a.npz", Reading())
        except InputError:
            refused += 1
    assert refused > 200


def test_a_small_file_that_claims_to_be_large_is_refused() -> None:
    array, memory = io.BytesIO(), io.BytesIO()
    np.save(array, np.zeros(10_000_000))
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("u.npy", array.getvalue())
    memory.seek(0)
    with pytest.raises(InputError, match="claims 76 MiB"):
        open_npz(memory, "a.npz", Reading(rate=4000.0))
