"""The corpus of the fuzz targets: what once reached new code, or broke something, is kept."""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

FUZZ = Path(__file__).resolve().parents[1] / "fuzz"


def _module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"fuzz_{name}", FUZZ / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


sys.path.insert(0, str(FUZZ))
TARGETS: dict[str, Callable[[bytes], None]] = _module("targets").TARGETS
read_corpus = _module("run").read_corpus


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_each_kept_input(name: str) -> None:
    kept = read_corpus(name)
    assert kept, f"fuzz/corpus/{name}.txt is empty: run fuzz/run.py {name} --seconds 60 --keep"
    for octets in kept:
        TARGETS[name](octets)


def test_no_corpus_without_its_target() -> None:
    assert {path.stem for path in (FUZZ / "corpus").iterdir()} == set(TARGETS)
