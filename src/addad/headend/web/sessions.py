"""Sessions of browsers: a random cookie, fifteen minutes idle, half a day at most."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from typing import Final, ParamSpec

from fastapi import Request
from fastapi.responses import Response

from addad.errors import StorageError
from addad.headend.office import Office
from addad.headend.store import doors
from addad.headend.store.doors import Account
from addad.headend.store.places import to_us
from addad.headend.web.visitor import NOBODY, Visitor, desk_of

logger = logging.getLogger(__name__)
P = ParamSpec("P")

IDLE_S: Final = 15 * 60
ABSOLUTE_S: Final = 12 * 3600
TOUCH_S: Final = 60
SECRET_OCTETS: Final = 32
_US: Final = 1_000_000


def cookie_name(https: bool) -> str:
    """The cookie's name; under HTTPS its prefix has the browser insist on Secure."""
    return "__Host-addad" if https else "addad_session"


async def begin(request: Request, response: Response, holder: Account) -> None:
    """Let a browser in: store the session, set the cookie."""
    office = desk_of(request).head_end.office
    secret = secrets.token_urlsafe(SECRET_OCTETS)
    now_us = to_us(office.now())
    await asyncio.to_thread(doors.begin_session, office.store, secret, holder, now_us)
    https = office.settings.https
    response.set_cookie(
        cookie_name(https), secret, path="/", secure=https, httponly=True, samesite="strict"
    )


async def end(request: Request, response: Response, visitor: Visitor) -> None:
    """Close a browser's session and take its cookie."""
    office = desk_of(request).head_end.office
    now_us = to_us(office.now())
    await asyncio.to_thread(
        doors.end_session, office.store, visitor.secret, visitor.name, now_us, "signed out"
    )
    https = office.settings.https
    response.delete_cookie(
        cookie_name(https), path="/", secure=https, httponly=True, samesite="strict"
    )


async def holder_of(request: Request) -> Visitor:
    """Who holds the cookie of a request; nobody without one, or when it is too old."""
    office = desk_of(request).head_end.office
    secret = request.cookies.get(cookie_name(office.settings.https), "")
    if not secret or len(secret) > 200:
        return NOBODY
    return await asyncio.to_thread(_lookup, office, secret, True)


async def still_holds(office: Office, visitor: Visitor) -> bool:
    """Whether a session or key is still good; looking does not prolong it."""
    if visitor.key_id is not None:
        return await asyncio.to_thread(doors.api_key_holds, office.store, visitor.key_id)
    if not visitor.secret:
        return True
    found = await asyncio.to_thread(_lookup, office, visitor.secret, False)
    return found is not NOBODY


def _lookup(office: Office, secret: str, touch: bool) -> Visitor:
    session = doors.find_session(office.store, secret)
    if session is None:
        return NOBODY
    now_us = to_us(office.now())
    idle_us, age_us = now_us - session.seen_at_us, now_us - session.began_at_us
    if idle_us > IDLE_S * _US or age_us > ABSOLUTE_S * _US or idle_us < -TOUCH_S * _US:
        _noted(doors.end_session, office.store, secret, session.account.name, now_us, "too old")
        return NOBODY
    if touch and idle_us > TOUCH_S * _US:
        _noted(doors.touch_session, office.store, secret, now_us)
    return Visitor(session.account.name, session.account.scopes, secret)


def _noted(call: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> None:
    """Write down if it can be: who only looks is shown what there is, also on a full disk."""
    try:
        call(*args, **kwargs)
    except StorageError as error:
        logger.warning("a session could not be noted: %s", error)
