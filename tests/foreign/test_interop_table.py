"""The page of who was talked to: it is what the marks say, and nothing of the list is missing."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from addad.dlms.acse import Mechanism
from foreign.cells import (
    COSEM,
    GURUX,
    MECHANISMS,
    PROTECTIONS,
    SERVICES,
    SUITES,
    TRANSPORTS,
    UNCHECKED,
    cell,
)

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "tools" / "write_interop.py"
NO_PEER = {"octets"}
"""Not a transport: what is given to a reader without one."""


@pytest.fixture(scope="module")
def written() -> str:
    """What the marks say: collected in another process, for pytest runs here already."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sys; sys.path.insert(0, {str(SCRIPT.parent)!r});"
            "import write_interop as w; sys.stdout.write(w.page(w.collect()))",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _rows(page: str, title: str) -> dict[str, list[str]]:
    """The rows of the table under a title, by their first column."""
    section = page.split(f"\n## {title}\n")[1].split("\n## ", maxsplit=1)[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    found = [[one.strip() for one in line.split("|")[1:-1]] for line in lines[2:]]
    assert found
    return {row[0]: row[1:] for row in found}


def test_the_page_is_what_the_marks_say(written: str) -> None:
    page = (ROOT / "docs" / "interop.md").read_text("utf-8")
    assert page == written, "python tools/write_interop.py"


@pytest.mark.parametrize(
    ("title", "words"),
    [("Services", SERVICES), ("Transports", TRANSPORTS), ("Protection", PROTECTIONS)],
)
def test_every_word_has_a_cell_or_a_reason(
    written: str, title: str, words: tuple[str, ...]
) -> None:
    rows = _rows(written, title)
    assert tuple(rows) == words
    for word in set(words) - NO_PEER:
        assert any(rows[word]) or word in UNCHECKED, word
        foreign = any(rows[word][:3])
        assert foreign or word in UNCHECKED or rows[word][4], word


def test_every_mechanism_has_a_cell_in_every_suite(written: str) -> None:
    rows = _rows(written, "Mechanisms and suites")
    assert tuple(rows) == tuple(MECHANISMS.values())
    for mechanism, name in MECHANISMS.items():
        plain, *suites = rows[name]
        keyed = mechanism in (Mechanism.HIGH_GMAC, Mechanism.HIGH_ECDSA)
        assert bool(plain) != keyed
        if mechanism in (Mechanism.HIGH, Mechanism.HIGH_MD5, Mechanism.HIGH_SHA1):
            assert name in UNCHECKED
            continue
        for suite, peers in zip(SUITES, suites, strict=True):
            needed = suite or mechanism is not Mechanism.HIGH_ECDSA
            assert bool(peers) == bool(needed), (name, suite)
            assert GURUX in peers or not needed
            assert COSEM in peers or mechanism is not Mechanism.HIGH_GMAC


def test_every_reason_is_of_the_list() -> None:
    words = {*SERVICES, *TRANSPORTS, *PROTECTIONS, *MECHANISMS.values()}
    assert not set(UNCHECKED) - words


def test_a_word_that_is_in_no_list_is_refused() -> None:
    with pytest.raises(ValueError, match="interop table"):
        cell(GURUX, "server", services=("GET of another kind",))


def test_a_cell_stands_in_its_tables() -> None:
    spec = importlib.util.spec_from_file_location("write_interop", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    script: ModuleType = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = script
    spec.loader.exec_module(script)
    one = script.Cell(
        "tests/foreign/test_x.py::test_x", (GURUX,), "server", (), "mode E", 5, 2, (), ""
    )
    page = script.page([one])
    assert "| mode E | 1 |" in page
    assert "`foreign/test_x.py` x" in page
