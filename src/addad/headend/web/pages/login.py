"""GET and POST /login, POST /logout : the session begins and ends.

Template `login.html`:

- `next`: path to go to afterwards (a path of this site, never an address elsewhere)
- `error`: English text or None (translate by `_(error)`), `retry_after_s`: int, 0 when not limited

The form posts `name`, `password`, `next` to /login (303 to `next`). /logout is a form of its own
with `csrf` (303 to /login).
"""

from __future__ import annotations

import asyncio
import math

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from addad.headend.office import Office
from addad.headend.store import audit, doors
from addad.headend.store.audit import AuditEntry
from addad.headend.store.doors import Account
from addad.headend.store.places import to_us
from addad.headend.web import familiar, passwords, sessions
from addad.headend.web.fields import local_path
from addad.headend.web.guard import OPEN_LINK, Route
from addad.headend.web.refusals import Refusal
from addad.headend.web.rendering import render
from addad.headend.web.visitor import Permission, desk_of, visitor_of

WRONG = "This name and password do not fit."
WAIT = "Too many attempts from here. Wait, then try again."
MAX_NAME = 60


async def show(request: Request) -> Response:
    """The form to sign in."""
    office = desk_of(request).head_end.office
    if not await asyncio.to_thread(doors.count_accounts, office.store):
        raise Refusal(403, "The head end has no account yet.", cure=OPEN_LINK)
    onward = local_path(request.query_params.get("next", "/"))
    if visitor_of(request).secret:
        return RedirectResponse(onward, 303)
    return _form(request, onward)


async def sign_in(request: Request) -> Response:
    """Check name and password, begin a session."""
    desk = desk_of(request)
    loop = asyncio.get_running_loop()
    form = await request.form()
    name, password, onward = (str(form.get(key, "")) for key in ("name", "password", "next"))
    onward = local_path(onward)
    office = desk.head_end.office
    found = await asyncio.to_thread(doors.find_account, office.store, name[:MAX_NAME])
    who = familiar.counted_as(request, found, office.settings.https)
    wait_s = desk.throttle.retry_after_s(who, loop.time())
    if wait_s > 0:
        return _form(request, onward, WAIT, math.ceil(wait_s), 429)
    desk.throttle.failed(who, loop.time())
    async with desk.checking:
        holder = await asyncio.to_thread(_check, office, name[:MAX_NAME], found, password)
    if holder is None:
        return _form(request, onward, WRONG, 0, 403)
    desk.throttle.succeeded(who)
    response = RedirectResponse(onward, 303)
    await sessions.begin(request, response, holder)
    familiar.remember(response, holder, office.settings.https)
    return response


async def sign_out(request: Request) -> Response:
    """End the session."""
    response = RedirectResponse("/login", 303)
    visitor = visitor_of(request)
    if visitor.secret:
        await sessions.end(request, response, visitor)
    return response


def _check(office: Office, name: str, holder: Account | None, password: str) -> Account | None:
    if passwords.fits(holder.password_hash if holder else None, password):
        return holder
    entry = AuditEntry(to_us(office.now()), name or "?", "login", name, outcome="refused")
    audit.record(office.store, entry)
    return None


def _form(
    request: Request,
    onward: str,
    error: str | None = None,
    retry_after_s: int = 0,
    status: int = 200,
) -> Response:
    context = {"next": onward, "error": error, "retry_after_s": retry_after_s}
    response = render(request, "login.html", context, status)
    if retry_after_s:
        response.headers["Retry-After"] = str(retry_after_s)
    return response


ROUTES = (
    Route("GET", "/login", Permission.PUBLIC, show, in_schema=False),
    Route("POST", "/login", Permission.PUBLIC, sign_in, in_schema=False),
    Route("POST", "/logout", Permission.PUBLIC, sign_out, in_schema=False),
)
