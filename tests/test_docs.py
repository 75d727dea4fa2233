"""The documents: what they say is true now, and what they tell to run, runs."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from addad.cli.main import EXTRA, main
from addad.headend.web.api import administration, service_points, stream
from addad.meter.event_codes import EVENTS

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def test_the_reference_is_what_the_code_says() -> None:
    done = subprocess.run(
        [sys.executable, "tools/write_reference.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_api_reference_tells_types_and_links_them(tmp_path: Path) -> None:
    modules = ["addad.dlms.security.context", "addad.dlms.security.suite"]
    done = subprocess.run(
        [sys.executable, "-W", "error", "tools/write_api.py", str(tmp_path), *modules],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "addad/dlms/security/context.html").read_text("utf-8")
    assert 'href="suite.html#Protection"' in page
    assert "ForwardRef" not in page
    assert "Alias for field" not in page
    assert (tmp_path / "index.html").exists()


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(path: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)", path.read_text("utf-8"))
    inner = [t for t in targets if "://" not in t]
    assert [t for t in inner if not (path.parent / t).exists()] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.name)
def test_files_that_are_named_exist(path: Path) -> None:
    if path.name == "CHANGELOG.md":
        return
    pattern = r"`((?:src|tests|docs|tools|benchmarks)/[\w./-]+|\.ci/run|Makefile|pyproject\.toml)`"
    named = re.findall(pattern, path.read_text("utf-8"))
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_commands_in_the_readme_are_real(capsys: pytest.CaptureFixture[str]) -> None:
    """Each `addad …` line parses: its command exists and knows the options that are given."""
    text = (ROOT / "README.md").read_text("utf-8")
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    commands = [shlex.split(line) for line in lines if line.startswith("addad ")]
    assert {words[1] for words in commands} >= {"measure", "meter", "read", "headend", "register"}
    for words in commands:
        with pytest.raises(SystemExit) as stop:
            main([words[1], "--help"])
        assert stop.value.code == 0
        shown = capsys.readouterr().out
        assert [w for w in words[2:] if w.startswith("--") and w not in shown] == []


def test_make_targets_in_the_readme_exist_and_are_few() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    assert len(targets) <= 10
    for path in PAGES:
        named = set(re.findall(r"`make ([a-z]+)", path.read_text("utf-8")))
        assert named <= targets, path.name


def test_every_command_and_event_is_documented() -> None:
    commands = (ROOT / "docs" / "commands.md").read_text("utf-8")
    assert [name for name in EXTRA if f"## addad {name}\n" not in commands] == []
    objects = (ROOT / "docs" / "objects.md").read_text("utf-8")
    missing = [
        (log.name, code)
        for log, events in EVENTS.items()
        for code, words in events.items()
        if f"| {code} | {words} |" not in objects
    ]
    assert not missing


def test_only_documents_in_the_list_of_standards_are_cited() -> None:
    listed = (ROOT / "docs" / "standards.md").read_text("utf-8")
    names = (
        r"IEC 6\d{4}(?:-\d+)*|IEEE C?[\d.]+\d|ISO/IEC \d+|EN \d+(?:-\d+)?|RFC \d+|NIST SP [\w-]+"
    )
    cited: set[str] = set()
    for path in (ROOT / "src").rglob("*.py"):
        cited |= set(re.findall(rf"(?<!\w)(?:{names})", path.read_text("utf-8")))
    assert sorted(c for c in cited if c not in listed) == []


def test_no_clause_is_cited_that_nobody_has_read() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match}"
        for path in (ROOT / "src").rglob("*.py")
        for match in re.findall(r"§\s*\d+(?:\.\d+)*", path.read_text("utf-8"))
    ]
    assert not found


def test_the_map_names_every_room() -> None:
    architecture = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    assert len(architecture.splitlines()) <= 200
    rooms = [p.name for p in (ROOT / "src" / "addad").iterdir() if (p / "__init__.py").exists()]
    assert [room for room in rooms if f"{room}/" not in architecture] == []


def test_every_route_of_the_api_is_documented() -> None:
    routes = (*administration.ROUTES, *service_points.ROUTES, *stream.ROUTES)
    page = (ROOT / "docs" / "api.md").read_text("utf-8")
    told = re.findall(r"^\| `(GET|POST) (/\S+)` \| (\w*) ?\|", page, re.MULTILINE)
    assert sorted(told) == sorted((r.method, r.path, r.permission.value) for r in routes)


def test_options_in_the_page_on_measuring_are_real(capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "docs" / "measure.md").read_text("utf-8")
    with pytest.raises(SystemExit):
        main(["measure", "--help"])
    shown = capsys.readouterr().out
    assert [w for w in re.findall(r"--[a-z][a-z-]*", page) if w not in shown] == []
