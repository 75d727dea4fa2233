"""Makes `memory_link`, the sample device and the foreign clients importable here."""

import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / room) for room in ("net", "cosem", "foreign")]
