"""The API's description holds: each call in it, each answer that comes is one that it names."""

import re
from typing import Any

import pytest
from doorstep import Doorstep

from addad.headend.web.app import ROUTES
from addad.headend.web.description import refusals
from addad.headend.web.guard import Route

DESCRIBED = [route for route in ROUTES if route.path.startswith("/api/") and route.in_schema]
RELAY = {"action": "disconnect", "reason": "unpaid", "confirm": "1234"}
BODIES: dict[str, Any] = {
    "/api/v1/service-points/{place}/relay": RELAY,
    "/api/v1/keys": {"name": "one", "scopes": ["read"]},
    "/api/v1/keys/{number}/revoke": {},
    "/api/v1/meters": {"service_point": "X", "host": "h", "port": 1},
}


def _description(doorstep: Doorstep) -> dict[str, Any]:
    found: dict[str, Any] = doorstep.ask("GET", "/api/v1/openapi.json").json()
    return found


def test_every_reference_leads_somewhere_and_every_schema_is_used(doorstep: Doorstep) -> None:
    described = _description(doorstep)
    assert described["openapi"].startswith("3.1")
    text = str(described)
    named = set(re.findall(r"#/components/schemas/([A-Za-z]+)", text))
    assert named == set(described["components"]["schemas"])
    assert {(m.upper(), path) for path, ops in described["paths"].items() for m in ops} == {
        (route.method, route.path) for route in DESCRIBED
    }


def _fill(route: Route, place: str, number: str) -> str:
    return route.path.replace("{place}", place).replace("{number}", number)


@pytest.mark.parametrize("route", DESCRIBED, ids=lambda route: f"{route.method} {route.path}")
def test_each_answer_is_a_described_one(doorstep: Doorstep, route: Route) -> None:
    operation = _description(doorstep)["paths"][route.path][route.method.lower()]
    session = doorstep.session()
    signed = {"session": session, "token": doorstep.token(session)}
    reader = doorstep.head.make_api_key("reader", ["read"], "test")
    doorstep.head.make_api_key("other", ["read"], "test")
    options: dict[str, Any] = {"json": BODIES[route.path]} if route.method == "POST" else {}
    good, gone = _fill(route, "FEZ-0001", "1"), _fill(route, "NO-1", "99")
    answers = [
        doorstep.ask(route.method, good, **signed, **options),
        doorstep.ask(route.method, good, **signed, **options),
        doorstep.ask(route.method, gone, **signed, **options),
        doorstep.ask(route.method, good, **options),
        doorstep.ask(route.method, good, key=reader, origin=None, **options),
        doorstep.ask(route.method, good, key="nonsense", origin=None, **options),
        doorstep.ask(route.method, good, host="evil.example", **signed, **options),
        doorstep.ask(route.method, good + "?before=x&day=x&page=x", **signed, content=b"{"),
    ]
    for answer in answers:
        kind = answer.headers["content-type"]
        assert kind in operation["responses"][str(answer.status_code)]["content"]
    assert {401, 403} <= {answer.status_code for answer in answers}


def test_a_relay_call_tells_of_its_conflict_and_its_limit() -> None:
    (relay,) = [route for route in DESCRIBED if route.path.endswith("/relay")]
    assert {401, 403, 404, 409, 413, 422, 429, 503} <= set(refusals(relay))
