"""Makes `memory_link` and the sample device importable here."""

import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "net"), str(TESTS / "cosem")]
