"""The corpus of the fuzz targets: what once reached new code, or broke something, is kept."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

FUZZ = Path(__file__).resolve().parents[1] / "fuzz"


sys.path.insert(0, str(FUZZ))
run = importlib.import_module("run")
importlib.import_module("ends")
importlib.import_module("protected")
importlib.import_module("recordings")
TARGETS: dict[str, Callable[[bytes], None]] = importlib.import_module("targets").TARGETS


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_each_kept_input(name: str) -> None:
    kept = run.read_corpus(name)
    assert kept, f"fuzz/corpus/{name}.txt is empty: run fuzz/run.py {name} --seconds 60 --keep"
    for octets in kept:
        TARGETS[name](octets)


def test_no_corpus_without_its_target() -> None:
    assert {path.stem for path in (FUZZ / "corpus").iterdir()} == set(TARGETS)
