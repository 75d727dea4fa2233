"""GET / : the service points, one row each.

Template `index.html`:

- `service_points`: list, in order of id, of
  `{"id", "name", "address", "meter_serial": str | None, "contact": {"state": "ok" | "stale" |
  "none", "since": iso}, "p_total": W signed, import +, float | None, "import_wh": int | None,
  "export_wh": int | None (both stitched over all installations, multiplier applied),
  "relay_state": 0 | 1 | 2 | None, "last_row_at": iso | None (newest load profile row)}`.
  The same list as JSON: GET /api/v1/service-points.
- `find`: the search text of `?find=`, `total`: how many match, `page_number`, `pages`: 50 a page
  (`?page=2`)
"""

from __future__ import annotations

import asyncio

from fastapi import Request
from fastapi.responses import HTMLResponse

from addad.headend import views
from addad.headend.web.guard import Route
from addad.headend.web.rendering import render
from addad.headend.web.visitor import Permission, desk_of

MAX_PAGE = 1_000_000
MAX_FIND = 100


async def show(request: Request, find: str = "", page: str = "1") -> HTMLResponse:
    """The list of service points."""
    office = desk_of(request).head_end.office
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 8 else 1
    number = min(max(number, 1), MAX_PAGE)
    find = find.strip()[:MAX_FIND]
    found = await asyncio.to_thread(views.list_places, office, find, number)
    context = {
        "service_points": found["service_points"],
        "find": find,
        "total": found["total"],
        "page_number": number,
        "pages": max(1, -(-found["total"] // views.PAGE_LENGTH)),
    }
    return render(request, "index.html", context)


ROUTES = (Route("GET", "/", Permission.READ, show, in_schema=False),)
