"""Who asks, and what they may: a session, a program's key, an open view, or nobody."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from fastapi import Request
from typing_extensions import TypedDict

from addad.headend.head_end import HeadEnd
from addad.headend.web.throttle import LoginThrottle

MAX_CHECKS: Final = 2
"""Passwords that are checked at once: each takes a core and 64 MiB for a while."""


class Permission(Enum):
    """What a route asks for; the value is the scope of an account or key that has it."""

    PUBLIC = ""
    READ = "read"
    RELAY = "relay"
    ADMIN = "admin"


class Shown(TypedDict):
    """What templates know of the visitor."""

    name: str
    signed_in: bool
    may_relay: bool
    may_admin: bool


@dataclass(frozen=True)
class Visitor:
    """Somebody with scopes, by the `secret` of a session's cookie or by the key of that number."""

    name: str = ""
    scopes: frozenset[str] = frozenset()
    secret: str = field(default="", repr=False)
    key_id: int | None = None

    @property
    def csrf(self) -> str:
        """The token that a change must carry, bound to the session; empty without one."""
        if not self.secret:
            return ""
        return hmac.new(self.secret.encode(), b"csrf", hashlib.sha256).hexdigest()

    def may(self, needed: Permission) -> bool:
        """Whether this visitor has a permission."""
        return needed is Permission.PUBLIC or needed.value in self.scopes

    def shown(self) -> Shown:
        """The visitor as a template sees it."""
        return Shown(
            name=self.name,
            signed_in=bool(self.secret),
            may_relay=bool(self.secret) and self.may(Permission.RELAY),
            may_admin=bool(self.secret) and self.may(Permission.ADMIN),
        )


NOBODY: Final = Visitor()
OPEN_VIEW: Final = Visitor(scopes=frozenset({Permission.READ.value}))


@dataclass(frozen=True)
class Desk:
    """What the pages work with."""

    head_end: HeadEnd
    throttle: LoginThrottle
    description: Mapping[str, object]
    checking: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAX_CHECKS))


def desk_of(request: Request) -> Desk:
    """The desk behind a request."""
    desk = request.app.state.desk
    assert isinstance(desk, Desk)
    return desk


def visitor_of(request: Request) -> Visitor:
    """Who asks, once the guard has let them in."""
    visitor = request.state.visitor
    assert isinstance(visitor, Visitor)
    return visitor
