"""GET /service-points/{id} : everything about one service point.

Template `service_point.html`:

- `service_point`: `{"id", "name", "address", "time_zone": "Africa/Casablanca",
  "contracted_power_w": int | None}`
- `meter`: the one installed now, or None: `{"serial", "logical_device_name", "host", "port",
  "installed_from": iso, "multiplier": "1" or "40" or "2000/11"}`
- `installations`: newest first, `{"meter_serial", "from": iso, "till": iso | None, "multiplier",
  "start_import_wh", "start_export_wh", "end_import_wh": int | None, "end_export_wh"}`
- `contact`: `{"state": "ok" | "stale" | "none", "since": iso, "reason": str}`
- `relay`: `{"state": 0 | 1 | 2, "output": bool, "mode": int}` or None when not yet read
- `registers`: as GET .../registers: `{"at": iso | None, "registers": [{"obis": "1-0:1.8.0",
  "name": English name, "value": int raw, "scaler": int, "unit": "Wh", "scaled": float}]}`
- `events`: newest first, at most 50: `{"id": int, "at": iso, "severity": "alarm" | "warning" |
  "info" | "good", "code": int, "log": "standard" | "fraud" | "disconnector" | "alarm" | ...,
  "text": English text (translate by `_(event.text)`), "detail": str, "received_at": iso}`
- `commands`: newest first, at most 20: `{"command_id": int, "action": "disconnect" | "reconnect",
  "step": "requested" | "accepted" | "confirmed" | "failed", "who", "reason", "message",
  "requested_at": iso, "finished_at": iso | None}`
- `today`: the local day of the service point, `YYYY-MM-DD`
- `confirm_digits`: how many last digits of the serial a command asks to be typed (4)
- `urls`: addresses for the script: `{"stream", "live", "registers", "profile" (append
  `?day=YYYY-MM-DD`), "events", "commands", "relay"}`

JSON beside it, all GET under /api/v1/service-points/{id}:

- `/live` -> `{"latest": live | null, "contact": {...}, "history": {"at": [epoch s, ...],
  "p_total": [...], "q_total": [...], "u1", "u2", "u3", "i1", "i2", "i3", "pv_w"}}`: columns of at
  most 600 s, at most one a second, `null` where nothing was measured
- `/profile?day=YYYY-MM-DD` (local day; default today) -> `{"day", "time_zone", "period_s": 900,
  "starts_at": iso, "ends_at": iso, "import_wh": int, "export_wh": int, "import_start_wh",
  "export_start_wh" (indexes at its start, null when unknown), "rows": [{"at": iso (end of
  the interval), "local": "HH:MM", "status": int, "flags": ["PDN", ...], "import_wh": int | null,
  "export_wh": int | null (energy of the interval, null when the row before is missing),
  "import_index_wh", "export_index_wh" (service point's, stitched)}], "missing": [iso, ...] (ends of
  intervals that are over and have no row)}`
- `/events?before=ID` -> `{"events": [...], "next_before": int | null}`
- `POST /relay` with `X-CSRF-Token`, JSON `{"action", "reason", "confirm": last digits}` -> 202
  `{"command_id", "step": "requested"}`; 403, 409 (one is under way), 422 as problem JSON
  `{"type", "title", "status", "detail", "cure"}`
- `/stream`: server-sent events `live`, `event`, `relay`, `contact` (payloads of the contract: live
  has `at, measured_at, u, i, p, q, pf, f, p_total, q_total, u_angle, i_angle, thd_u, thd_i,
  import_wh, export_wh, relay, site, stages_ms`; a value the meter does not have is null), `reset`
  (`{}`: messages were missed, load the lists again), `session` (`{"state": "expired"}`: the session
  is over, the stream ends). Comment lines are heartbeats, every 15 s. `retry: 2000`.
"""

from __future__ import annotations

import asyncio
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import HTMLResponse

from addad.headend import views
from addad.headend.commands import CONFIRM_DIGITS
from addad.headend.office import Office
from addad.headend.web.guard import Route
from addad.headend.web.rendering import render
from addad.headend.web.visitor import Permission, desk_of

LINKS = ("stream", "live", "registers", "profile", "events", "commands", "relay")


async def show(request: Request, place: str) -> HTMLResponse:
    """The page of one service point."""
    office = desk_of(request).head_end.office
    context = await asyncio.to_thread(_context, office, place)
    return render(request, "service_point.html", context)


def _context(office: Office, place: str) -> dict[str, object]:
    base = f"/api/v1/service-points/{quote(place)}"
    return {
        **views.detail(office, place),
        "registers": views.registers(office, place),
        "events": views.event_list(office, place)["events"],
        "commands": views.command_list(office, place)["commands"],
        "today": views.today(office, views.find_place(office, place)).isoformat(),
        "confirm_digits": CONFIRM_DIGITS,
        "urls": {name: f"{base}/{name}" for name in LINKS},
    }


ROUTES = (Route("GET", "/service-points/{place}", Permission.READ, show, in_schema=False),)
