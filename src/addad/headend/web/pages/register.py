"""GET and POST /register : a meter at a service point, one form.

Template `register.html`:

- `values`: what was typed, by field name (all strings, "" at first): `service_point`, `name`,
  `address`, `time_zone`, `contracted_power_w`, `host`, `port`, `serial` (empty: asked from the
  meter), `reader_password`, `management_password`, `push_title`, `push_suite`,
  `push_encryption_key`, `push_authentication_key` (with these, the meter's pushes are taken under
  these keys only), `plain_pushes` (not empty: they are forgotten), `multiplier`, `start_import_wh`,
  `start_export_wh` (empty: read from the meter), `installed_from` (empty: now; ISO 8601);
  passwords and keys are never given back
- `errors`: English text by field name, `""` for the whole form; empty dict at first

The form posts these fields and `csrf` to /register (303 to the service point's page). If the
service point has a meter, registering another is a meter exchange: the old installation ends where
the new one begins.
"""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from addad.errors import InputError
from addad.headend.web.fields import DEFAULT_PORT, DEFAULT_ZONE, NAMES, SECRET_NAMES, meter_fields
from addad.headend.web.guard import Route
from addad.headend.web.rendering import render
from addad.headend.web.visitor import Permission, desk_of, visitor_of

MAX_FIELD = 300
_DEFAULTS = {"port": str(DEFAULT_PORT), "time_zone": DEFAULT_ZONE, "multiplier": "1"}


async def show(request: Request) -> Response:
    """The form to register a meter."""
    return _form(request, {name: _DEFAULTS.get(name, "") for name in NAMES}, {})


async def register(request: Request) -> Response:
    """Register a meter as the form says."""
    form = await request.form()
    values = {name: str(form.get(name, ""))[:MAX_FIELD] for name in NAMES}
    fields, errors = meter_fields(values)
    if fields is None:
        return _form(request, values, errors, 422)
    try:
        who = visitor_of(request).name
        done = await desk_of(request).head_end.register_meter(fields.registration(), who)
    except InputError as error:
        return _form(request, values, {"": str(error)}, 422)
    return RedirectResponse(f"/service-points/{quote(done['service_point'])}", 303)


def _form(
    request: Request, values: dict[str, str], errors: dict[str, str], status: int = 200
) -> Response:
    shown = {**values, **dict.fromkeys(SECRET_NAMES, "")}
    return render(request, "register.html", {"values": shown, "errors": errors}, status)


ROUTES = (
    Route("GET", "/register", Permission.ADMIN, show, in_schema=False),
    Route("POST", "/register", Permission.ADMIN, register, in_schema=False),
)
