"""Write docs/interop.md from the marks of the tests: what was shown, with which peer or vector."""

import argparse
import contextlib
import io
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TESTS = ROOT / "tests"
PAGE = ROOT / "docs" / "interop.md"
sys.path.insert(0, str(TESTS))

from foreign.cells import (  # noqa: E402
    BOTH,
    MECHANISMS,
    PEER_DIFFERENCES,
    PEERS,
    PROTECTIONS,
    SERVERS,
    SERVICES,
    SUITES,
    TRANSPORTS,
    UNCHECKED,
)

HEAD = """\
# Who was talked to

Each cell of these tables is a test that runs with all the others: a foreign client on our server, a foreign reader of what our
client sends, a frame of a real meter, or a published vector where no peer can say anything. This page is written by
`python tools/write_interop.py` from the marks of the tests; a test holds it to them.

Peers: `gurux-dlms` 1.0.203 (client, notifier, translator to XML, ciphering) and `dlms-cosem` 25.1.0 (client, readers), each as
installed from the package index; where a transport is named, over real sockets and pseudo-terminals.
"""


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """What one test shows with its peers; parameters that make no other cell count once."""

    test: str
    peers: tuple[str, ...]
    ours: str
    services: tuple[str, ...]
    transport: str
    mechanism: int
    suite: int
    protections: tuple[str, ...]
    note: str

    def is_of(self, peer: str) -> bool:
        """Whether a peer takes part in it."""
        return peer in self.peers


class _Collector:
    """Takes the marks off the tests that pytest has found."""

    def __init__(self) -> None:
        self.cells: set[Cell] = set()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            for mark in item.iter_markers("interop"):
                said = mark.kwargs
                self.cells.add(
                    Cell(
                        re.sub(r"\[.*", "", item.nodeid),
                        said["peers"],
                        said["ours"],
                        said["services"],
                        said["transport"],
                        -1 if said["mechanism"] is None else int(said["mechanism"]),
                        -1 if said["suite"] is None else int(said["suite"]),
                        said["protections"],
                        said["note"],
                    )
                )


def collect() -> list[Cell]:
    """The cells of all tests, without running them; raises `RuntimeError` if some do not load."""
    marked = [
        str(path)
        for path in sorted(TESTS.rglob("test_*.py"))
        if re.search(r"\bcell\(", path.read_text("utf-8"))
    ]
    collector = _Collector()
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        code = pytest.main(
            ["--collect-only", "-qq", "-p", "no:cacheprovider", *marked], plugins=[collector]
        )
    if code != pytest.ExitCode.OK:
        raise RuntimeError(said.getvalue())
    return sorted(collector.cells)


def _row(cells: Iterable[object]) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> list[str]:
    head = list(head)
    return [_row(head), _row("---" for _ in head), *map(_row, rows), ""]


def _kinds(cells: Iterable[Cell]) -> str:
    """How a peer was talked to: transports, and forms of ciphering."""
    ways = sorted({cell.transport for cell in cells}, key=TRANSPORTS.index)
    return ", ".join(ways)


def _by_peer(cells: list[Cell], told: Callable[[list[Cell]], str]) -> list[str]:
    """A column for each kind of peer."""
    columns = []
    for peer in PEERS:
        of_peer = [cell for cell in cells if cell.is_of(peer)]
        columns.append(told(of_peer) if of_peer else "")
    return columns


def _matrix(
    name: str,
    words: Iterable[tuple[str, Callable[[Cell], bool]]],
    cells: list[Cell],
    told: Callable[[list[Cell]], str],
) -> list[str]:
    rows = []
    for word, is_it in words:
        found = [cell for cell in cells if is_it(cell)]
        rows.append([word, *_by_peer(found, told)])
    return _table([name, *PEERS], rows)


def _count(cells: list[Cell]) -> str:
    return f"{len(cells)}"


def _suites(cells: list[Cell]) -> str:
    suites = sorted({cell.suite for cell in cells if cell.suite >= 0})
    return "suites " + ", ".join(map(str, suites)) if suites else "yes"


def _of_mechanisms(cells: list[Cell]) -> list[str]:
    rows = []
    for mechanism, name in MECHANISMS.items():
        here = [cell for cell in cells if cell.mechanism == mechanism]
        row = [name]
        for suite in (-1, *SUITES):
            found = [cell for cell in here if cell.suite == suite]
            peers = [peer for peer in PEERS if any(cell.is_of(peer) for cell in found)]
            row.append(", ".join(peers))
        rows.append(row)
    return _table(["mechanism", "without keys", *(f"suite {n:d}" for n in SUITES)], rows)


def _all(cells: list[Cell]) -> list[str]:
    rows = []
    for cell in cells:
        module, _, test = cell.test.removeprefix("tests/").partition("::")
        rows.append(
            [
                ", ".join(cell.peers),
                cell.ours,
                ", ".join(cell.services),
                cell.transport,
                MECHANISMS[cell.mechanism] if cell.mechanism >= 0 else "",
                "" if cell.suite < 0 else cell.suite,
                ", ".join(cell.protections),
                cell.note,
                f"`{module}` {test.removeprefix('test_').replace('_', ' ')}",
            ]
        )
    head = ("peer", "ours", "services", "transport", "mechanism", "suite", "protection")
    return _table([*head, "of it", "test"], rows)


def page(cells: list[Cell]) -> str:
    """The page that the cells make."""
    tests = len({cell.test for cell in cells})
    lines = [
        HEAD,
        f"{len(cells)} cells in {tests} tests: "
        + ", ".join(f"{sum(cell.is_of(peer) for cell in cells)} {peer}" for peer in PEERS)
        + ".",
        "",
        "## Services",
        "",
        *_matrix("service", [(s, lambda c, s=s: s in c.services) for s in SERVICES], cells, _kinds),
        "## Transports",
        "",
        "How many cells each has. `octets` are APDUs and frames that are given to a reader without a line.",
        "",
        *_matrix(
            "transport", [(t, lambda c, t=t: c.transport == t) for t in TRANSPORTS], cells, _count
        ),
        "## Mechanisms and suites",
        "",
        *_of_mechanisms(cells),
        "## Protection",
        "",
        *_matrix(
            "form", [(p, lambda c, p=p: p in c.protections) for p in PROTECTIONS], cells, _suites
        ),
        "## What no peer could check, or not whole",
        "",
        *_table(("what", "why"), UNCHECKED.items()),
        SERVERS,
        "",
        "## Where a peer differs",
        "",
        "Each was seen in these versions; `tests/foreign/test_peer_differences.py` holds several of them, and the others show where a",
        "test goes around them. What our own reading rests on, stands in [standards.md](standards.md).",
        "",
        *(f"- `{peer}` {what}" for peer, what in PEER_DIFFERENCES),
        "",
        "## All cells",
        "",
        f"Ours is the client, the server, or {BOTH}.",
        "",
        *_all(cells),
    ]
    return "\n".join(lines).rstrip() + "\n"


def main() -> int:
    """Write the page, or with `--check` say whether it is what the marks say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    options = parser.parse_args()
    written = page(collect())
    if options.check:
        if PAGE.exists() and PAGE.read_text("utf-8") == written:
            return 0
        sys.stderr.write(
            "docs/interop.md is not what the tests say: python tools/write_interop.py\n"
        )
        return 1
    PAGE.write_text(written, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
