"""The elements of MATLAB files, as SciPy writes them; damaged ones cost an error and no more."""

import io
import random
from typing import Any

import numpy as np
import pytest
from scipy import io as scipy_io

from addad.world.matlab_elements import Cells, Damaged, Elements, Structures

LIMIT = 1 << 20


def _octets(compressed: bool = False, **variables: Any) -> bytes:
    buffer = io.BytesIO()
    scipy_io.savemat(buffer, variables, do_compression=compressed)
    return buffer.getvalue()


@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize("dtype", ["f8", "f4", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"])
def test_numbers_of_every_kind(dtype: str, compressed: bool) -> None:
    values = np.arange(12).reshape(3, 4).astype(dtype)
    ((name, found),) = Elements(_octets(compressed, x=values), LIMIT).variables()
    assert name == "x"
    assert np.array_equal(np.asarray(found), values)


def test_texts_cells_and_structures() -> None:
    cell = np.array(["one", np.arange(3.0)], dtype=object)
    record = {"fs": 5000.0, "text": "Süd", "inner": {"u": np.arange(4.0)}}
    found = dict(Elements(_octets(True, c=cell, r=record, m=["ab", "cd"]), LIMIT).variables())
    cells, record_found, lines = found["c"], found["r"], found["m"]
    assert isinstance(cells, Cells)
    assert cells.elements[0] == "one"
    assert isinstance(record_found, Structures)
    (fields,) = record_found.elements
    assert fields["text"] == "Süd"
    assert isinstance(fields["inner"], Structures)
    assert isinstance(lines, Cells)
    assert lines.elements == ["ab", "cd"]


def test_other_kinds_are_passed_over() -> None:
    found = dict(Elements(_octets(z=np.array([1j, 2.0]), e="", n=1.5), LIMIT).variables())
    assert found["z"] is None
    assert found["e"] == ""
    assert np.asarray(found["n"]).tolist() == [[1.5]]


def test_what_unpacks_too_large_is_refused() -> None:
    octets = _octets(True, x=np.zeros(1 << 20))
    assert len(octets) < 20_000
    with pytest.raises(Damaged, match="larger than can be held"):
        list(Elements(octets, LIMIT).variables())


def test_any_damage_is_told() -> None:
    chance = random.Random(7)
    cell = np.array(["one", np.arange(3.0)], dtype=object)
    octets = _octets(c=cell, r={"fs": 5000.0, "u": np.arange(40.0)}, text="words")
    told = 0
    for _ in range(3000):
        damaged = bytearray(octets)
        for _ in range(chance.randint(1, 4)):
            damaged[chance.randrange(128, len(damaged))] = chance.randrange(256)
        del damaged[chance.randrange(128, 2 * len(damaged)) :]
        try:
            list(Elements(bytes(damaged), LIMIT).variables())
        except Damaged:
            told += 1
    assert told > 1000
