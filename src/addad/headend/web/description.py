"""The API described in OpenAPI: what FastAPI derives from the calls, and how each can be refused.

The OpenAPI Specification, 3.1; problems as JSON by RFC 9457.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Final, cast

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from addad.headend.payloads import Problem
from addad.headend.web.guard import Route
from addad.headend.web.visitor import Permission

PROBLEM: Final = "application/problem+json"
UNUSED: Final = ("HTTPValidationError", "ValidationError")
EVERYWHERE: Final = (403, 422, 500, 503)
CHANGES: Final = (400, 408, 413)
RELAY: Final = (409, 429)
KEY: Final = {"type": "http", "scheme": "bearer", "description": "A key with the call's scope."}

Object = dict[str, object]


def described(app: FastAPI, routes: Iterable[Route], cookie: str) -> Object:
    """The description of an app's API, with each call's refusals and what it asks for."""
    made: Object = get_openapi(
        title=app.title,
        version=app.version,
        summary="Service points, their readings, events and relays.",
        routes=app.routes,
    )
    components = cast("dict[str, Object]", made.setdefault("components", {}))
    schemas = components.setdefault("schemas", {})
    for name in UNUSED:
        schemas.pop(name, None)
    schemas["Problem"] = TypeAdapter(Problem).json_schema()
    components["securitySchemes"] = {
        "key": KEY,
        "session": {"type": "apiKey", "in": "cookie", "name": cookie},
    }
    paths = cast("dict[str, dict[str, Object]]", made["paths"])
    for route in routes:
        operation = paths.get(route.path, {}).get(route.method.lower())
        if operation is not None:
            _complete(operation, route)
    return made


def refusals(route: Route) -> tuple[int, ...]:
    """The codes with which a call can be refused."""
    codes = set(EVERYWHERE)
    if route.permission is not Permission.PUBLIC:
        codes.add(401)
    if "{" in route.path:
        codes.add(404)
    if route.method != "GET":
        codes.update(CHANGES)
    if route.permission is Permission.RELAY:
        codes.update(RELAY)
    return tuple(sorted(codes))


def _complete(operation: Object, route: Route) -> None:
    responses = cast("Object", operation["responses"])
    for code in refusals(route):
        responses[str(code)] = _refusal(code)
    operation["security"] = [{"key": []}, {"session": []}]
    operation["x-scope"] = route.permission.value


def _refusal(code: int) -> Mapping[str, object]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": HTTPStatus(code).phrase, "content": {PROBLEM: {"schema": schema}}}
