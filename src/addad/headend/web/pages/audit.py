"""GET /audit : who did what, when, why and with which outcome; needs a session with `admin`.

Template `audit.html`:

- `rows`: newest first, at most 100: `{"id": int, "at": iso, "who", "action" (`relay.disconnect`,
  `login`, ...), "subject" (service point, account, key), "reason", "outcome", "detail",
  "hash": first 12 hex digits}`
- `chain`: `{"intact": bool, "rows": int, "broken_at": int | None, "head": hex}`: the SHA-256 chain,
  checked from the first row to the last
- `next_before`: id for the next older page (`?before=`), or None
"""

from __future__ import annotations

import asyncio

from fastapi import Request
from fastapi.responses import Response

from addad.headend import views
from addad.headend.web.fields import RowNumber
from addad.headend.web.guard import Route
from addad.headend.web.rendering import render
from addad.headend.web.visitor import Permission, desk_of


async def show(request: Request, before: RowNumber | None = None) -> Response:
    """The audit, newest first, with the verdict on its chain."""
    office = desk_of(request).head_end.office
    page = await asyncio.to_thread(views.audit_page, office, before)
    return render(request, "audit.html", page)


ROUTES = (Route("GET", "/audit", Permission.ADMIN, show, in_schema=False),)
