"""The door of every route: who asks, may they, and is a change theirs.

A route is a row that names its permission, so there is none without one. A change by a session
needs the session's token; one by a key needs the key's scope.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, get_type_hints

from fastapi import Depends, FastAPI, Request

from addad.headend.store import doors
from addad.headend.web import sessions
from addad.headend.web.refusals import Refusal
from addad.headend.web.visitor import NOBODY, OPEN_VIEW, Permission, Visitor, desk_of

SAFE_METHODS: Final = ("GET", "HEAD")
TOKEN_HEADER: Final = "x-csrf-token"
TOKEN_FIELD: Final = "csrf"
BEARER: Final = "bearer "


@dataclass(frozen=True)
class Route:
    """One door: a method and a path, what it asks for, and what it does."""

    method: str
    path: str
    permission: Permission
    endpoint: Callable[..., object]
    status: int = 200
    in_schema: bool = True

    def add_to(self, app: FastAPI) -> None:
        """Hang the door into the app, guarded."""
        app.add_api_route(
            self.path,
            self.endpoint,
            methods=[self.method],
            status_code=self.status,
            include_in_schema=self.in_schema,
            response_model=None if not self.in_schema else _returned(self.endpoint),
            dependencies=[Depends(Guard(self.permission))],
            summary=(self.endpoint.__doc__ or "").split("\n", 1)[0],
        )


class Guard:
    """Lets a request pass to its route, or raises `Refusal`."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    async def __call__(self, request: Request) -> None:
        """Find out who asks and refuse who may not."""
        visitor = await identify(request)
        request.state.visitor = visitor
        if not visitor.may(self.permission):
            await self._refuse(request, visitor)
        changes = request.method not in SAFE_METHODS
        if changes and visitor.secret and not await _token_fits(request, visitor):
            raise Refusal(403, "The form's token is not that of this session.", cure=RELOAD)

    async def _refuse(self, request: Request, visitor: Visitor) -> None:
        if visitor.name:
            raise Refusal(403, f"{visitor.name} may not do this.")
        head_end = desk_of(request).head_end
        if not await asyncio.to_thread(doors.count_accounts, head_end.office.store):
            raise Refusal(403, "The head end has no account yet.", cure=OPEN_LINK)
        challenge = {"WWW-Authenticate": "Bearer"}
        raise Refusal(401, "Sign in first.", cure=SIGN_IN, headers=challenge, login=True)


RELOAD: Final = "Load the page again and repeat what you did."
OPEN_LINK: Final = "Open the one-time link that the head end printed at its start."
SIGN_IN: Final = "Sign in on /login, or send a key as Authorization: Bearer KEY."


async def identify(request: Request) -> Visitor:
    """The holder of the key or of the session; an open view's guest; nobody."""
    head_end = desk_of(request).head_end
    authorization = request.headers.get("authorization", "")
    if authorization:
        return await _holder_of_key(request, authorization)
    visitor = await sessions.holder_of(request)
    if visitor is NOBODY and head_end.settings.open_view:
        return OPEN_VIEW
    return visitor


async def _holder_of_key(request: Request, authorization: str) -> Visitor:
    office = desk_of(request).head_end.office
    key = authorization[len(BEARER) :].strip()
    if authorization[: len(BEARER)].lower() != BEARER or not 0 < len(key) <= 200:
        raise Refusal(401, "The key is sent as Authorization: Bearer KEY.", cure=SIGN_IN)
    found = await asyncio.to_thread(doors.find_api_key, office.store, key)
    if found is None:
        raise Refusal(401, "This key is unknown or revoked.", cure=SIGN_IN)
    return Visitor(f"key:{found.name}", found.scopes, key_id=found.id)


async def _token_fits(request: Request, visitor: Visitor) -> bool:
    token = request.headers.get(TOKEN_HEADER, "")
    kind = request.headers.get("content-type", "")
    if not token and kind.startswith("application/x-www-form-urlencoded"):
        field = (await request.form()).get(TOKEN_FIELD, "")
        token = field if isinstance(field, str) else ""
    return hmac.compare_digest(token.encode(), visitor.csrf.encode())


def _returned(endpoint: Callable[..., object]) -> object:
    return get_type_hints(endpoint).get("return")
