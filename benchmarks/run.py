"""Every benchmark in turn, each in a process of its own, and one table of what came out.

A benchmark is a script that prints, given --json, one line of JSON for each work it measured:
{"work", "ours", "peer", "unit", "ratio", "target"}. `ours` and `peer` are rates in `unit`, more is
better; `ratio` is ours ÷ peer of the same run. `target` is the least ratio, or the least rate where
there is no peer; null is none. With {"at_most": true}, `ours` is a time or a size, of which less is
better, and `target` the most. Exit code 1 when a target is missed or a script fails.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).resolve().parent
SCRIPTS = (
    "instrument.py",
    "power_quality.py",
    "live_meter.py",
    "columns.py",
    "cores.py",
    "gets.py",
)
SECONDS_MAX = 600
HEADINGS = ("work", "ours", "peer", "ratio", "target", "")


class Result(NamedTuple):
    """One line of a benchmark; None is what it does not have."""

    work: str
    ours: float
    peer: float | None
    unit: str
    ratio: float | None
    target: float | None
    at_most: bool = False

    @property
    def met(self) -> bool:
        """Whether what counts reaches the target, if there is one, or keeps below it."""
        counts = self.ours if self.ratio is None else self.ratio
        if self.target is None:
            return True
        return counts <= self.target if self.at_most else counts >= self.target

    def cells(self) -> tuple[str, ...]:
        """What stands in the table."""
        unit = self.unit if self.ratio is None else "x"
        bound = "at most" if self.at_most else "at least"
        return (
            self.work,
            f"{_number(self.ours)} {self.unit}",
            "" if self.peer is None else f"{_number(self.peer)} {self.unit}",
            "" if self.ratio is None else f"{_number(self.ratio)} x",
            "" if self.target is None else f"{bound} {self.target:,g} {unit}",
            "" if self.target is None else "met" if self.met else "MISSED",
        )


def _number(value: float) -> str:
    """Three digits at least, and no more than they are worth."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def results_of(script: str) -> list[Result]:
    """Run one benchmark; RuntimeError with its last words when it gives no results."""
    ended = subprocess.run(
        [sys.executable, str(FOLDER / script), "--json"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )
    lines = [json.loads(line) for line in ended.stdout.splitlines() if line.startswith("{")]
    results = [Result(**line) for line in lines]
    # a script may say by its exit code, too, that it missed its target
    if not results or (ended.returncode != 0 and all(result.met for result in results)):
        raise RuntimeError(ended.stderr.strip()[-2000:] or f"it ended with {ended.returncode}")
    return results


def table(results: list[Result]) -> str:
    """The results as lines of text, numbers to the right."""
    rows = [HEADINGS, *(result.cells() for result in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column in (0, 5) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def main() -> int:
    """Run all, or those that are named; see the module."""
    parser = argparse.ArgumentParser(description="Speed beside the peers, in one run each.")
    parser.add_argument("scripts", nargs="*", metavar="SCRIPT", help=", ".join(SCRIPTS))
    results: list[Result] = []
    failed = False
    for script in parser.parse_args().scripts or SCRIPTS:
        print(f"{script} ...", file=sys.stderr, flush=True)
        try:
            results += results_of(script)
        except (RuntimeError, OSError, ValueError, TypeError, subprocess.TimeoutExpired) as fault:
            print(f"{script} failed: {fault}", file=sys.stderr)
            failed = True
    print(table(results))
    return 1 if failed or not all(result.met for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
