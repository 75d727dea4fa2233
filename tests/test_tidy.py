"""The house's style by numbers: lengths, names, marks, a test module for each module."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "addad"
MODULES = sorted(SOURCE.rglob("*.py"))
LINES_MAX = 500
FUNCTION_MAX = 70
ATTRIBUTES_MAX = 12
BAD_NAMES = re.compile(r"(Manager|Handler|Helper)\b|^(utils?|common|base|helpers?)$")
MARKS = re.compile(r"\b(TODO|FIXME|XXX)\b|NotImplementedError|pytest\.mark\.(skip|xfail)\b")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def _trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in MODULES:
        yield path, ast.parse(path.read_text("utf-8"))


def _functions(tree: ast.AST) -> Iterator[Function]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _classes(tree: ast.AST) -> Iterator[ast.ClassDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield node


def _lines_of_code(node: Function) -> int:
    """Lines from the signature to the end, the docstring not counted."""
    length = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if ast.get_docstring(node) is not None:
        length -= (first.end_lineno or first.lineno) - first.lineno + 1
    return length


def _instance_attributes(node: ast.ClassDef) -> set[str]:
    names = set()
    for child in ast.walk(node):
        if isinstance(child, ast.Attribute) and isinstance(child.ctx, ast.Store):
            if isinstance(child.value, ast.Name) and child.value.id == "self":
                names.add(child.attr)
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_a_module_is_one_notion_of_bounded_length(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= LINES_MAX
    if text.strip():
        docstring = ast.get_docstring(ast.parse(text))
        assert docstring, "a module's first line says what it is"


def test_functions_are_short() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{f.lineno} {f.name}: {_lines_of_code(f)} lines"
        for path, tree in _trees()
        for f in _functions(tree)
        if _lines_of_code(f) > FUNCTION_MAX
    ]
    assert not long


def test_classes_hold_few_attributes() -> None:
    wide = [
        f"{path.relative_to(ROOT)}:{c.lineno} {c.name}: {len(_instance_attributes(c))}"
        for path, tree in _trees()
        for c in _classes(tree)
        if len(_instance_attributes(c)) > ATTRIBUTES_MAX
    ]
    assert not wide


def test_names_are_the_fields_nouns() -> None:
    bad = [f"{path.relative_to(ROOT)}" for path in MODULES if BAD_NAMES.search(path.stem)]
    bad += [
        f"{path.relative_to(ROOT)}:{c.lineno} {c.name}"
        for path, tree in _trees()
        for c in _classes(tree)
        if BAD_NAMES.search(c.name)
    ]
    assert not bad


def test_nothing_is_left_unfinished() -> None:
    files = [*MODULES, *(p for p in (ROOT / "tests").rglob("*.py") if p.name != "test_tidy.py")]
    marks = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in files
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if MARKS.search(line)
    ]
    assert not marks


def test_only_the_command_line_prints() -> None:
    prints = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, tree in _trees()
        if "cli" not in path.relative_to(SOURCE).parts
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]
    assert not prints


def test_the_core_has_no_clock_no_chance_and_no_io() -> None:
    core = {"metrology", "dlms", "cosem", "meter", "world"}
    forbidden = {"time", "random", "secrets", "socket", "asyncio", "os", "threading", "logging"}
    found = []
    for path, tree in _trees():
        if path.relative_to(SOURCE).parts[0] not in core:
            continue
        for node in ast.walk(tree):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            found += [
                f"{path.relative_to(ROOT)}:{node.lineno} {n}"  # type: ignore[attr-defined]
                for n in names
                if n.split(".")[0] in forbidden
            ]
            if isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today"}:
                if isinstance(node.value, ast.Name) and node.value.id in {"datetime", "date"}:
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno} reads the clock")
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                if node.func.id == "open":
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno} opens a file")
    assert not found


def test_logging_only_where_io_is() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, tree in _trees()
        if path.relative_to(SOURCE).parts[0] not in {"net", "host", "headend", "cli", "lab"}
        for node in ast.walk(tree)
        if isinstance(node, ast.Import) and any(a.name == "logging" for a in node.names)
    ]
    assert not found


def test_each_module_has_its_test_module() -> None:
    missing = []
    for path in MODULES:
        relative = path.relative_to(SOURCE)
        if path.name in {"__init__.py", "__main__.py"} or not path.read_text("utf-8").strip():
            continue
        wanted = [
            ROOT / "tests" / relative.parent / f"test_{path.name}",
            ROOT / "tests" / relative.parent.parent / f"test_{relative.parent.name}.py",
        ]
        if not any(p.exists() for p in wanted):
            missing.append(f"{relative} -> tests/{relative.parent}/test_{path.name}")
    assert not missing
