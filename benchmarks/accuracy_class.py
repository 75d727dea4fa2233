"""Class 0.2S with the calibrated 16-bit front end, by type test, as lines of the accuracy table."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

PROGRAM = str(Path(sys.executable).parent / "addad")
COMMAND = (PROGRAM, "type-test", "--standard", "62053-22", "--class", "0.2S")

Line = dict[str, str | float]


def class_errors() -> Iterator[Line]:
    """How many of the class's tests fail, and the most that one has used of its limit.

    A test passes when its value and its expanded uncertainty together lie within the limit.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.json"
        subprocess.run(
            [*COMMAND, "--json", str(path)], capture_output=True, check=False, timeout=600.0
        )
        report = json.loads(path.read_text("utf-8"))
    results = report["results"]
    failed = sum(result["verdict"] != "pass" for result in results)
    used = max(
        (abs(result["value"]) + (result["uncertainty"] or 0.0)) / result["limit"]
        for result in results
        if result["unit"].startswith("%") and result["limit"]
    )
    yield _line(f"class 0.2S, 16 bits: failed of {len(results)} tests", failed, 0, "tests")
    yield _line("class 0.2S, 16 bits: most used of a limit", 100.0 * used, 100.0, "%")


def _line(quantity: str, ours: float, at_most: float, unit: str) -> Line:
    return {"quantity": quantity, "ours": ours, "peer": math.nan, "at_most": at_most, "unit": unit}
