"""GET and POST /setup?token=... : the one-time link of the first start makes the first account.

Template `setup.html`:

- `token`: to be posted again as the hidden field `token`
- `error`: English text or None, `minimum_length`: int, of the password, `name`: as typed, or
  `admin`

The form posts `token`, `name`, `password`, `repeat` to /setup (303 to /). A used or wrong link
gives error.html.
"""

from __future__ import annotations

import asyncio
import re

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from addad.errors import InputError
from addad.headend.head_end import SCOPES
from addad.headend.store import doors
from addad.headend.store.places import to_us
from addad.headend.web import passwords, sessions
from addad.headend.web.guard import Route
from addad.headend.web.refusals import Refusal
from addad.headend.web.rendering import render
from addad.headend.web.visitor import Permission, desk_of

DEFAULT_NAME = "admin"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,39}")


async def show(request: Request) -> Response:
    """The form for the first account."""
    token = request.query_params.get("token", "")
    await _check_link(request, token)
    return _form(request, token, DEFAULT_NAME)


async def make_account(request: Request) -> Response:
    """Make the first account, burn the link, sign in."""
    form = await request.form()
    token, name, password, repeat = (
        str(form.get(key, "")) for key in ("token", "name", "password", "repeat")
    )
    await _check_link(request, token)
    try:
        if not _NAME.fullmatch(name):
            raise InputError("use 1 to 40 letters, digits, points, dashes for the name")
        passwords.check_new(password, name)
        if password != repeat:
            raise InputError("the two passwords differ")
    except InputError as error:
        return _form(request, token, name, str(error), 422)
    office = desk_of(request).head_end.office
    kept = await asyncio.to_thread(passwords.hashed, password)
    holder = await asyncio.to_thread(
        doors.use_setup_link, office.store, token, name, kept, SCOPES, to_us(office.now())
    )
    if holder is None:
        raise _void()
    response = RedirectResponse("/", 303)
    await sessions.begin(request, response, holder)
    return response


async def _check_link(request: Request, token: str) -> None:
    store = desk_of(request).head_end.office.store
    if not token or not await asyncio.to_thread(doors.setup_link_holds, store, token[:200]):
        raise _void()


def _void() -> Refusal:
    cure = "If nobody has made an account yet, start the head end again for a new link."
    return Refusal(403, "This link was used already, or is not the newest one.", cure=cure)


def _form(
    request: Request, token: str, name: str, error: str | None = None, status: int = 200
) -> Response:
    context = {
        "token": token,
        "error": error,
        "minimum_length": passwords.MIN_LENGTH,
        "name": name[:60],
    }
    return render(request, "setup.html", context, status)


ROUTES = (
    Route("GET", "/setup", Permission.PUBLIC, show, in_schema=False),
    Route("POST", "/setup", Permission.PUBLIC, make_account, in_schema=False),
)
