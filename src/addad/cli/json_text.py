"""JSON for programs: the same text whatever the code page of the terminal."""

from __future__ import annotations

import json
import sys


def print_json(value: object, indent: int | None) -> None:
    """Print `value` on stdout, on one line where `indent` is None.

    Letters that the code page may lack are written as \\u escapes.
    """
    encoding = (sys.stdout.encoding or "utf-8").lower()
    ascii_only = not encoding.startswith("utf")
    print(json.dumps(value, indent=indent, ensure_ascii=ascii_only))
