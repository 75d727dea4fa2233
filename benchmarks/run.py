"""Every benchmark in turn, each in a process of its own, and one table of what came out.

A benchmark is a script that prints, given --json, one line of JSON for each work it measured:
{"work", "ours", "peer", "unit", "ratio", "target"}. `ours` and `peer` are rates in `unit`, more is
better; `ratio` is ours ÷ peer of the same run. `target` is the least ratio, or the least rate where
there is no peer; null is none. Exit code 1 when a target is missed or a script fails.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).resolve().parent
SCRIPTS = ("instrument.py", "columns.py", "cores.py", "gets.py")
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

    @property
    def met(self) -> bool:
        """Whether what counts reaches the target, if there is one."""
        counts = self.ours if self.ratio is None else self.ratio
        return self.target is None or counts >= self.target

    def cells(self) -> tuple[str, ...]:
        """What stands in the table."""
        times = "" if self.ratio is None else " x"
        return (
            self.work,
            f"{self.ours:,.0f} {self.unit}",
            "" if self.peer is None else f"{self.peer:,.0f} {self.unit}",
            "" if self.ratio is None else f"{self.ratio:,.1f} x",
            "" if self.target is None else f"{self.target:,g}{times or ' ' + self.unit}",
            "" if self.target is None else "met" if self.met else "MISSED",
        )


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
