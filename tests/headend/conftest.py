"""A head end on a fresh folder, with one meter at port 4059."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from headend_bench import Bench, FakeMeter


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A bench with one meter."""
    return Bench(tmp_path, {4059: FakeMeter()})
