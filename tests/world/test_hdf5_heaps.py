"""Heaps of texts in an HDF5 file: whole, and with lengths that lie."""

import io

import h5py
import numpy as np
import pytest

from addad.errors import InputError
from addad.world.hdf5 import open_hdf5
from addad.world.hdf5_heaps import DamagedHeapError, check_heaps
from addad.world.recording import Reading


def file_of_texts(layout: str) -> bytes:
    memory = io.BytesIO()
    with h5py.File(memory, "w", libver=layout) as file:
        file.attrs["fs"] = 1200.0
        file["names"] = np.array(["U1", "I1", "x" * 3000] * 9, dtype=h5py.string_dtype())
        file["u"] = np.sin(np.arange(400))
    return memory.getvalue()


@pytest.mark.parametrize("layout", ["earliest", "latest"])
def test_whole_heaps_are_let_pass(layout: str) -> None:
    octets = file_of_texts(layout)
    assert b"GCOL" in octets
    check_heaps(io.BytesIO(octets), (8, 8))
    assert open_hdf5(io.BytesIO(octets), "a.h5", Reading()).samples == 400


@pytest.mark.parametrize("layout", ["earliest", "latest"])
@pytest.mark.parametrize("octet", [14, 15, 30, 31])
def test_a_length_that_lies_is_an_error_and_no_endless_walk(layout: str, octet: int) -> None:
    """In the heap's own length, and in that of its first text."""
    octets = bytearray(file_of_texts(layout))
    octets[octets.index(b"GCOL") + octet] = 0xFA
    with pytest.raises(DamagedHeapError):
        check_heaps(io.BytesIO(bytes(octets)), (8, 8))
    with pytest.raises(InputError, match="no readable HDF5 file"):
        open_hdf5(io.BytesIO(bytes(octets)), "a.h5", Reading())


def test_a_heap_is_found_wherever_it_lies() -> None:
    heap = b"GCOL\x01\x00\x00\x00" + bytes([0xFF] * 8)
    for before in (0, (1 << 20) - 3, (1 << 20) + 5):
        with pytest.raises(DamagedHeapError, match=str(before)):
            check_heaps(io.BytesIO(bytes(before) + heap), (8, 8))


def test_a_heap_of_names_longer_than_the_file_is_an_error() -> None:
    octets = bytearray(file_of_texts("earliest"))
    octets[octets.index(b"HEAP") + 11] = 0xFA
    with pytest.raises(DamagedHeapError, match="names"):
        check_heaps(io.BytesIO(bytes(octets)), (8, 8))


@pytest.mark.parametrize("following", [0x28, 0x20, 0xFFFF])
def test_a_list_of_what_is_free_that_has_no_end_is_an_error(following: int) -> None:
    octets = bytearray(file_of_texts("earliest"))
    place = octets.index(b"HEAP")
    free = int.from_bytes(octets[place + 16 : place + 24], "little")
    data = int.from_bytes(octets[place + 24 : place + 32], "little")
    octets[data + free : data + free + 8] = following.to_bytes(8, "little")
    octets[data + 0x20 : data + 0x28] = (0x20).to_bytes(8, "little")
    with pytest.raises(DamagedHeapError, match="without end"):
        check_heaps(io.BytesIO(bytes(octets)), (8, 8))
    with pytest.raises(InputError, match="no readable HDF5 file"):
        open_hdf5(io.BytesIO(bytes(octets)), "a.h5", Reading())
