"""From a template and its variables to a page, in the visitor's language."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

import addad
from addad.headend.payloads import iso
from addad.headend.web import language
from addad.headend.web.visitor import NOBODY, Visitor, desk_of

HERE: Final = Path(__file__).parent
TEMPLATES: Final = HERE / "templates"
STATIC: Final = HERE / "static"
_NAME: Final = re.compile(r"[A-Za-z0-9_./-]+")


def render(
    request: Request, template: str, context: Mapping[str, object], status: int = 200
) -> HTMLResponse:
    """A page; `context` is what the template's own docstring of `pages` lists."""
    tag = language.chosen(
        request.query_params.get("lang"), request.headers.get("accept-language", "")
    )
    desk = desk_of(request)
    visitor: Visitor = getattr(request.state, "visitor", NOBODY)
    shared = {
        "lang": tag,
        "dir": language.direction(tag, request.query_params.get("dir")),
        "languages": language.languages(),
        "page": template.removesuffix(".html"),
        "visitor": visitor.shown(),
        "csrf": visitor.csrf,
        "open_view": desk.head_end.settings.open_view,
        "version": addad.__version__,
        "now": iso(desk.head_end.office.now().replace(microsecond=0)),
        "asset": asset,
    }
    page = environment(tag).get_template(template).render({**shared, **context})
    return HTMLResponse(page, status)


@cache
def environment(tag: str) -> Environment:
    """The templates in one language."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    install = getattr(made, "install_gettext_translations")  # noqa: B009 - added by the extension
    install(language.translations(tag), newstyle=True)
    return made


@cache
def asset(path: str) -> str:
    """The address of a file of `static/`, with its content's digest, so it may be kept for ever."""
    if not _NAME.fullmatch(path) or ".." in path:
        raise ValueError(f"{path!r} is no file of static/")
    file = STATIC / path
    version = hashlib.sha256(file.read_bytes()).hexdigest()[:8] if file.is_file() else "0"
    return f"/static/{path}?v={version}"
