"""A browser that has signed in before is known again, so that no guesser shuts its owner out.

Failures are counted by address; behind a proxy, or on one machine, everybody has the same. A cookie
that only a successful sign-in gives has a count of its own. It opens nothing, and is void when the
password changes.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Final

from fastapi import Request
from fastapi.responses import Response

from addad.headend.store.doors import Account

KEPT_S: Final = 365 * 24 * 3600
MARK_OCTETS: Final = 16


def cookie_name(https: bool) -> str:
    """The cookie's name; under HTTPS its prefix has the browser insist on Secure."""
    return "__Host-addad-known" if https else "addad_known"


def remember(response: Response, holder: Account, https: bool) -> None:
    """Give the browser a mark of its own by which it is known for this account."""
    mark = secrets.token_urlsafe(MARK_OCTETS)
    response.set_cookie(
        cookie_name(https),
        f"{mark}.{_proof(mark, holder)}",
        max_age=KEPT_S,
        path="/",
        secure=https,
        httponly=True,
        samesite="strict",
    )


def counted_as(request: Request, holder: Account | None, https: bool) -> str:
    """Under which name failures count: the browser's mark for this account, else its address."""
    mark, _, proof = request.cookies.get(cookie_name(https), "")[:200].partition(".")
    if holder is not None and hmac.compare_digest(proof.encode(), _proof(mark, holder).encode()):
        return f"known {mark}"
    return request.client.host if request.client else "?"


def _proof(mark: str, holder: Account) -> str:
    content = f"known {holder.name} {mark}".encode()
    return hmac.new(holder.password_hash.encode(), content, hashlib.sha256).hexdigest()
