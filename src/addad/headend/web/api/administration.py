"""POST /api/v1/meters; keys; the audit; the description of the API itself."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import JSONResponse

from addad.errors import InputError
from addad.headend import views
from addad.headend.payloads import AuditPage, KeyRow, Keys, NewKey, Registered, iso
from addad.headend.store import doors
from addad.headend.store.places import from_us, to_us
from addad.headend.web.fields import MeterFields, RowNumber
from addad.headend.web.guard import Route
from addad.headend.web.refusals import Refusal
from addad.headend.web.visitor import Permission, desk_of, visitor_of

KEYS = "/api/v1/keys"


@dataclass(frozen=True)
class KeyRequest:
    """A key to be made: its name, and some of read, relay, admin."""

    name: str
    scopes: list[str]


async def post_meter(request: Request, wanted: MeterFields) -> Registered:
    """Register a meter at a service point; an exchange if one is there."""
    who = visitor_of(request).name
    return await desk_of(request).head_end.register_meter(wanted.registration(), who)


def post_key(request: Request, wanted: KeyRequest) -> NewKey:
    """Make an API key; it is shown this once."""
    visitor, head_end = visitor_of(request), desk_of(request).head_end
    if not set(wanted.scopes) <= visitor.scopes:
        raise Refusal(403, "Nobody gives away what they do not have.")
    key = head_end.make_api_key(wanted.name, wanted.scopes, visitor.name)
    made = doors.find_api_key(head_end.office.store, key)
    if made is None:
        raise InputError("the key was revoked meanwhile")
    return NewKey(id=made.id, name=made.name, scopes=sorted(made.scopes), key=key)


def list_keys(request: Request) -> Keys:
    """All API keys, without their secrets."""
    store = desk_of(request).head_end.office.store
    rows = [
        KeyRow(
            id=one.id,
            name=one.name,
            scopes=sorted(one.scopes),
            made_by=one.made_by,
            made_at=iso(from_us(one.made_at_us)),
            revoked_at=None if one.revoked_at_us is None else iso(from_us(one.revoked_at_us)),
        )
        for one in doors.list_api_keys(store)
    ]
    return Keys(keys=rows)


def revoke_key(request: Request, number: RowNumber) -> Keys:
    """Revoke an API key."""
    office = desk_of(request).head_end.office
    who = visitor_of(request).name
    if not doors.revoke_api_key(office.store, number, who, to_us(office.now())):
        raise Refusal(404, f"There is no key {number} that holds.")
    return list_keys(request)


def get_audit(request: Request, before: RowNumber | None = None) -> AuditPage:
    """The audit, newest first, with the verdict on its chain."""
    return views.audit_page(desk_of(request).head_end.office, before)


async def describe(request: Request) -> JSONResponse:
    """This API in OpenAPI."""
    return JSONResponse(desk_of(request).description)


ROUTES = (
    Route("POST", "/api/v1/meters", Permission.ADMIN, post_meter, status=201),
    Route("GET", KEYS, Permission.ADMIN, list_keys),
    Route("POST", KEYS, Permission.ADMIN, post_key, status=201),
    Route("POST", f"{KEYS}/{{number}}/revoke", Permission.ADMIN, revoke_key),
    Route("GET", "/api/v1/audit", Permission.ADMIN, get_audit),
    Route("GET", "/api/v1/openapi.json", Permission.PUBLIC, describe, in_schema=False),
)
