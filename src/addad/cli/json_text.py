"""JSON for programs: the same text whatever the code page of the terminal."""

from __future__ import annotations

import json
import sys


def print_json(value: object, indent: int | None) -> None:
    """Print `value` on stdout, on one line where `indent` is None.

    Letters that the code page may lack, and what does not print, are written as \\u escapes.
    """
    encoding = (sys.stdout.encoding or "utf-8").lower()
    ascii_only = not encoding.startswith("utf")
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    lines = [line if line.isprintable() else _escaped(line) for line in text.split("\n")]
    print("\n".join(lines))


def _escaped(line: str) -> str:
    """The same JSON; all that does not print stands within strings."""
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in line)
