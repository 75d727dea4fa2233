"""Write src/addad/headend/web/locale/messages.pot: every English text that the pages can show.

    python tools/write_catalogue.py            write it
    python tools/write_catalogue.py --check    fail if it is not what the code says

Texts come from `_()` in the templates, and from what the web application says of its own when it
refuses something (those without a value in them). A language is added beside it, with Babel:

    pybabel init -i .../locale/messages.pot -d .../locale -D addad -l ar
    pybabel compile -d .../locale -D addad

In a translation, as in a text with places to fill, a per cent sign is written `%%`.
The pseudo-locale `qps-ploc` needs no catalogue: it is made from English as pages are drawn.
"""

from __future__ import annotations

import argparse
import ast
import io
import sys
from http import HTTPStatus
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
HEADEND = ROOT / "src" / "addad" / "headend"
WEB = HEADEND / "web"
TARGET = WEB / "locale" / "messages.pot"
REFUSALS = ("Refusal", "InputError", "CommandPending", "TooManyDisconnects")
TEXTS = ("WRONG", "WAIT", "OPEN_LINK", "_CURES")
OPTIONS = {"newstyle_gettext": "true", "trim_blocks": "true", "lstrip_blocks": "true"}


def catalogue() -> Catalog:
    """All texts, in order of file and text."""
    found = Catalog(project="addad", charset="utf-8")
    for path in sorted((WEB / "templates").glob("*.html")):
        with path.open("rb") as template:
            for _, message, comments, context in extract(
                "jinja2.ext:babel_extract", template, options=OPTIONS
            ):
                _add(found, path, message, comments, context)
    for path in sorted(HEADEND.rglob("*.py")):
        for message in sorted(set(_said(ast.parse(path.read_text("utf-8"))))):
            _add(found, path, message)
    for status in (400, 403, 404, 405, 409, 413, 422, 429, 500, 502, 503, 504):
        _add(found, WEB / "refusals.py", HTTPStatus(status).phrase)
    return found


def _add(
    found: Catalog,
    path: Path,
    message: str | tuple[str, ...],
    comments: list[str] | None = None,
    context: str | None = None,
) -> None:
    flags = ("python-format",) if "%(" in str(message) else ()
    where = [(path.relative_to(ROOT).as_posix(), None)]
    found.add(message, None, where, flags, comments or (), context=context)


def _said(tree: ast.Module) -> list[str]:
    """Whole texts that are given to a refusal, or held by a constant of `TEXTS`."""
    texts: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in REFUSALS:
                texts += _strings([*node.args, *(word.value for word in node.keywords)])
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(one, ast.Name) and one.id in TEXTS for one in targets):
                values = node.value.values if isinstance(node.value, ast.Dict) else [node.value]
                texts += _strings(values)
    return texts


def _strings(nodes: list[ast.expr]) -> list[str]:
    values = [node.value for node in nodes if isinstance(node, ast.Constant)]
    return [value for value in values if isinstance(value, str) and value]


def written(found: Catalog) -> str:
    """The catalogue as a .pot file, the same whenever the texts are the same."""
    lines = io.BytesIO()
    write_po(lines, found, width=100, omit_header=True, sort_by_file=True, include_lineno=False)
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    return head + lines.getvalue().decode("utf-8")


def main() -> int:
    """Write or check; 1 when the check fails."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail if it differs")
    arguments = parser.parse_args()
    text = written(catalogue())
    read_po(io.BytesIO(text.encode("utf-8")), abort_invalid=True)
    if not arguments.check:
        TARGET.parent.mkdir(exist_ok=True)
        TARGET.write_text(text, encoding="utf-8")
    elif not TARGET.exists() or TARGET.read_text("utf-8") != text:
        print(f"{TARGET.relative_to(ROOT)} is behind the code: python {Path(__file__).name}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
