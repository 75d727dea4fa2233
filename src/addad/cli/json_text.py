"""JSON for programs: the same text whatever the code page of the terminal."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from tempfile import SpooledTemporaryFile
from typing import Final

MEMORY_OCTETS: Final = 1 << 24
"""What is kept of a list before it goes on disk."""


def print_json(value: object, indent: int | None) -> None:
    """Print `value` on stdout, on one line where `indent` is None.

    Letters that the code page may lack, and what does not print, are written as \\u escapes.
    """
    print(_text(value, indent))


class JsonList:
    """A list of JSON as text, entry after entry; most of a long one is on disk."""

    def __init__(self) -> None:
        self._kept = SpooledTemporaryFile(MEMORY_OCTETS, "w+", encoding="utf-8")  # noqa: SIM115
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, value: object) -> None:
        """Keep an entry."""
        separator = "," if self._count else ""
        self._kept.write(f"{separator}\n{_text(value, 2)}".replace("\n", "\n    "))
        self._count += 1

    def print(self) -> None:
        """Print it on stdout, as a member of a document."""
        self._kept.seek(0)
        sys.stdout.write("[")
        shutil.copyfileobj(self._kept, sys.stdout)
        sys.stdout.write("\n  ]" if self._count else "]")


def print_document(document: Mapping[str, object]) -> None:
    """Print what `print_json` prints of it with an indent of 2; a `JsonList` piece by piece."""
    separator = "{"
    for name, value in document.items():
        print(f"{separator}\n  {json.dumps(name)}: ", end="")
        if isinstance(value, JsonList):
            value.print()
        else:
            print(_text(value, 2).replace("\n", "\n  "), end="")
        separator = ","
    print("\n}")


def _text(value: object, indent: int | None) -> str:
    encoding = (sys.stdout.encoding or "utf-8").lower()
    ascii_only = not encoding.startswith("utf")
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    return "\n".join(line if line.isprintable() else _escaped(line) for line in text.split("\n"))


def _escaped(line: str) -> str:
    """The same JSON; all that does not print stands within strings."""
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in line)
