"""Every route by every wrong way in: refused, and nothing changed. Denied unless said otherwise."""

import pytest
from doorstep import Doorstep
from starlette.routing import Mount

from addad.headend.web.app import ROUTES
from addad.headend.web.guard import Route
from addad.headend.web.visitor import Permission

GUARDED = [route for route in ROUTES if route.permission is not Permission.PUBLIC]
CHANGES = [route for route in ROUTES if route.method == "POST"]
GUARDED_CHANGES = [route for route in CHANGES if route in GUARDED]
PUBLIC = {
    ("GET", "/login"),
    ("POST", "/login"),
    ("POST", "/logout"),
    ("GET", "/setup"),
    ("POST", "/setup"),
    ("GET", "/api/v1/openapi.json"),
}
RELAY = {"action": "disconnect", "reason": "unpaid bill", "confirm": "1234"}
BODIES: dict[str, dict[str, object]] = {
    "/api/v1/service-points/{place}/relay": {"json": RELAY},
    "/api/v1/meters": {"json": {"service_point": "X-1", "host": "127.0.0.1", "port": 4059}},
    "/api/v1/keys": {"json": {"name": "mine", "scopes": ["admin"]}},
    "/register": {"data": {"service_point": "X-1", "host": "127.0.0.1", "port": "4059"}},
    "/login": {"data": {"name": "amina", "password": "correct horse battery"}},
    "/setup": {"data": {"token": "x", "name": "eve", "password": "p", "repeat": "p"}},
}


def _id(route: Route) -> str:
    return f"{route.method} {route.path}"


def _path(route: Route) -> str:
    return route.path.replace("{place}", "FEZ-0001").replace("{number}", "1")


def _ask(doorstep: Doorstep, route: Route, **how: object) -> int:
    body = BODIES.get(route.path, {})
    options = {**body, **how} if route.method == "POST" else how
    return doorstep.ask(route.method, _path(route), **options).status_code  # type: ignore[arg-type]


def test_the_app_has_no_route_beside_the_table(doorstep: Doorstep) -> None:
    hung = {
        (method, route.path)
        for route in doorstep.app.routes
        if not isinstance(route, Mount)
        for method in route.methods  # type: ignore[attr-defined]
    }
    assert hung == {(route.method, route.path) for route in ROUTES}
    assert {(r.method, r.path) for r in ROUTES if r.permission is Permission.PUBLIC} == PUBLIC
    mounts = [route.path for route in doorstep.app.routes if isinstance(route, Mount)]
    assert mounts == ["/static"]


def test_every_change_is_tried_with_a_body_that_could_be_one() -> None:
    bodiless = {"/logout", "/api/v1/keys/{number}/revoke"}
    assert {route.path for route in CHANGES} == set(BODIES) | bodiless
    assert {route.method for route in ROUTES} == {"GET", "POST"}


@pytest.mark.parametrize("route", [one for one in ROUTES if one.method == "GET"], ids=_id)
def test_looking_changes_nothing(doorstep: Doorstep, route: Route) -> None:
    if route.path.endswith("/stream"):
        return
    session = doorstep.session()
    before = doorstep.fingerprint()
    assert _ask(doorstep, route, session=session, token=doorstep.token(session)) in (200, 303, 403)
    assert doorstep.fingerprint() == before


@pytest.mark.parametrize("route", GUARDED, ids=_id)
def test_nobody_comes_in_without_a_session(doorstep: Doorstep, route: Route) -> None:
    before = doorstep.fingerprint()
    status = _ask(doorstep, route)
    page = route.method == "GET" and not route.path.startswith("/api/")
    assert status == (303 if page else 401)
    assert doorstep.fingerprint() == before


@pytest.mark.parametrize("route", GUARDED, ids=_id)
def test_nobody_comes_in_with_a_made_up_session_or_key(doorstep: Doorstep, route: Route) -> None:
    before = doorstep.fingerprint()
    assert _ask(doorstep, route, session="x" * 43) in (303, 401)
    assert _ask(doorstep, route, key="addad_" + "x" * 43) == 401
    assert _ask(doorstep, route, headers={"authorization": "Basic YTpi"}) in (401, 403)
    assert doorstep.fingerprint() == before


@pytest.mark.parametrize("route", GUARDED, ids=_id)
def test_a_session_ends_when_it_was_idle_or_is_old(doorstep: Doorstep, route: Route) -> None:
    from datetime import timedelta

    session = doorstep.session()
    start = doorstep.bench.start
    doorstep.bench.start = start + timedelta(minutes=16)
    assert _ask(doorstep, route, session=session, token=doorstep.token(session)) in (303, 401)
    doorstep.bench.start = start
    assert _ask(doorstep, route, session=session, token=doorstep.token(session)) in (303, 401)


@pytest.mark.parametrize("route", GUARDED_CHANGES, ids=_id)
@pytest.mark.parametrize("token", ["", "0" * 64, "wrong"])
def test_no_change_without_the_sessions_own_token(
    doorstep: Doorstep, route: Route, token: str
) -> None:
    session = doorstep.session()
    before = doorstep.fingerprint()
    assert _ask(doorstep, route, session=session, token=token) == 403
    assert doorstep.fingerprint() == before


@pytest.mark.parametrize("route", GUARDED_CHANGES, ids=_id)
def test_no_change_with_the_token_of_another_session(doorstep: Doorstep, route: Route) -> None:
    other, session = doorstep.session(), doorstep.session()
    before = doorstep.fingerprint()
    assert _ask(doorstep, route, session=session, token=doorstep.token(other)) == 403
    assert doorstep.fingerprint() == before


@pytest.mark.parametrize("route", CHANGES, ids=_id)
@pytest.mark.parametrize(
    "how",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://127.0.0.1:8081"},
        {"origin": "https://127.0.0.1:8080"},
        {"origin": "null"},
        {"origin": None},
        {"origin": None, "headers": {"sec-fetch-site": "cross-site"}},
        {"headers": {"sec-fetch-site": "same-site"}},
        {"host": "evil.example:8080", "origin": "http://evil.example:8080"},
        {"host": "127.0.0.1.evil.example", "origin": "http://127.0.0.1.evil.example"},
        {"host": "", "origin": "http://"},
    ],
    ids=lambda how: repr(how)[:60],
)
def test_no_change_from_elsewhere(doorstep: Doorstep, route: Route, how: dict[str, object]) -> None:
    session = doorstep.session()
    before = doorstep.fingerprint()
    status = _ask(doorstep, route, session=session, token=doorstep.token(session), **how)
    assert status == 403
    assert doorstep.fingerprint() == before


@pytest.mark.parametrize("route", ROUTES, ids=_id)
def test_no_answer_under_a_foreign_name(doorstep: Doorstep, route: Route) -> None:
    session = doorstep.session()
    response = doorstep.ask(route.method, _path(route), session=session, host="rebound.example")
    assert response.status_code == 403
    assert "FEZ" not in response.text


@pytest.mark.parametrize("route", CHANGES, ids=_id)
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_a_change_by_another_method_does_nothing(
    doorstep: Doorstep, route: Route, method: str
) -> None:
    if (method, route.path) in {(one.method, one.path) for one in ROUTES}:
        return
    session = doorstep.session()
    before = doorstep.fingerprint()
    path = _path(route) + "?action=disconnect&reason=x&confirm=1234"
    response = doorstep.ask(method, path, session=session, token=doorstep.token(session))
    assert response.status_code == 405
    assert "access-control-allow-origin" not in response.headers
    assert doorstep.fingerprint() == before


SCOPED = [
    ({"read"}, Permission.READ),
    ({"relay"}, Permission.RELAY),
    ({"admin"}, Permission.ADMIN),
]


@pytest.mark.parametrize("route", GUARDED, ids=_id)
@pytest.mark.parametrize(("scopes", "allowed"), SCOPED, ids=str)
def test_a_key_opens_what_its_scope_says_and_no_more(
    doorstep: Doorstep, route: Route, scopes: set[str], allowed: Permission
) -> None:
    key = doorstep.head.make_api_key("one", scopes, "test")
    if route.permission is not allowed:
        before = doorstep.fingerprint()
        assert _ask(doorstep, route, key=key, origin=None) == 403
        assert doorstep.fingerprint() == before
    elif not route.path.endswith("/stream") and route.path.startswith("/api/"):
        assert _ask(doorstep, route, key=key, origin=None) in (200, 201, 202, 422)


@pytest.mark.parametrize("route", GUARDED, ids=_id)
def test_an_open_view_shows_and_changes_nothing(open_doorstep: Doorstep, route: Route) -> None:
    if route.path.endswith("/stream"):
        return
    before = open_doorstep.fingerprint()
    status = _ask(open_doorstep, route)
    if route.permission is Permission.READ and route.path.startswith("/api/"):
        assert status == 200
    elif route.permission is not Permission.READ:
        assert status in (303, 401)
    assert open_doorstep.fingerprint() == before
