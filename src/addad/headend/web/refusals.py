"""What is answered when something cannot be done: problem JSON for programs, else a page.

Template `error.html` (must render without a session, and without any variable but base's and):

- `status`: int, `title`, `detail`, `cure`: English texts (translate by `_(...)`); `cure` may be ""
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from addad.errors import AddadError, InputError, LinkError, LocalProtocolError, StorageError
from addad.headend.payloads import Problem
from addad.headend.store.orders import CommandPending, TooManyDisconnects
from addad.headend.views import UnknownPlace
from addad.headend.web.rendering import render

logger = logging.getLogger(__name__)

PROBLEM_TYPE = "application/problem+json"
_STATUS: tuple[tuple[type[AddadError], int], ...] = (
    (UnknownPlace, 404),
    (CommandPending, 409),
    (TooManyDisconnects, 429),
    (InputError, 422),
    (LocalProtocolError, 503),
    (StorageError, 503),
    (LinkError, 504),
)
_CURES = {
    400: "Go back and try again.",
    403: "Sign in with an account that may do this, or ask whoever runs the head end.",
    404: "Check the address, or begin at the list of service points.",
    405: "This address takes another method; nothing was changed.",
    500: "Try again. If it stays, look into the head end's log.",
    503: "Try again in a moment. If it stays, look into the head end's log.",
}


class Refusal(Exception):
    """A request that is refused: `title` and `detail` say why, `cure` what to do."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        cure: str = "",
        headers: Mapping[str, str] | None = None,
        login: bool = False,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.cure = cure or _CURES.get(status, "")
        self.headers = headers
        self.login = login


def for_program(path: str) -> bool:
    """Whether the asker is a program, by the address."""
    return path.startswith("/api/")


def answer(request: Request, refusal: Refusal) -> Response:
    """The response to a refused request."""
    title = HTTPStatus(refusal.status).phrase
    if for_program(request.url.path):
        problem = Problem(
            type="about:blank",
            title=title,
            status=refusal.status,
            detail=refusal.detail,
            cure=refusal.cure,
        )
        headers = dict(refusal.headers or {})
        return JSONResponse(problem, refusal.status, headers, media_type=PROBLEM_TYPE)
    if refusal.login and request.method in ("GET", "HEAD"):
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        target = request.url.replace(path="/login", query="").include_query_params(next=path)
        return RedirectResponse(f"{target.path}?{target.query}", 303)
    context = {
        "status": refusal.status,
        "title": title,
        "detail": refusal.detail,
        "cure": refusal.cure,
    }
    response = render(request, "error.html", context, refusal.status)
    response.headers.update(refusal.headers or {})
    return response


async def on_refusal(request: Request, error: Exception) -> Response:
    """Answer a `Refusal`."""
    assert isinstance(error, Refusal)
    return answer(request, error)


async def on_addad_error(request: Request, error: Exception) -> Response:
    """Answer an error of ours: a branch of the tree says whose fault it is."""
    status = next((code for kind, code in _STATUS if isinstance(error, kind)), 502)
    if status >= 500:
        logger.error("%s %s: %s", request.method, request.url.path, error)
    return answer(request, Refusal(status, str(error)))


async def on_http_error(request: Request, error: Exception) -> Response:
    """Answer what the router found: no such page, no such method."""
    assert isinstance(error, HTTPException)
    details = {404: "There is no such page.", 405: f"{request.method} is not possible here."}
    detail = details.get(error.status_code, str(error.detail))
    return answer(request, Refusal(error.status_code, detail, headers=error.headers))


async def on_invalid(request: Request, error: Exception) -> Response:
    """Answer fields that are missing or of another type: which, and why."""
    assert isinstance(error, RequestValidationError)
    faults = [
        f"{'.'.join(str(part) for part in fault['loc'][1:]) or 'body'}: {fault['msg']}"
        for fault in error.errors()[:5]
    ]
    return answer(request, Refusal(422, "; ".join(faults), cure="Correct these fields."))
