"""The door as it is meant to be used: link, account, session, a change, and what they leave."""

from datetime import timedelta
from pathlib import Path

import pytest
from doorstep import NAME, PASSWORD, Doorstep
from headend_bench import Bench, FakeMeter

from addad.headend.store import audit, doors
from addad.headend.store.places import to_us
from addad.headend.web.app import create_app
from addad.headend.web.screen import MAX_BODY_OCTETS, host_name
from addad.headend.web.throttle import FREE_FAILURES

RELAY = "/api/v1/service-points/FEZ-0001/relay"
BODY = {"action": "disconnect", "reason": "unpaid bill", "confirm": "1234"}
GOOD = "a long enough secret"


def _actions(doorstep: Doorstep) -> list[tuple[str, str, str]]:
    rows = audit.page(doorstep.head.office.store)
    return [(row.entry.who, row.entry.action, row.entry.outcome) for row in reversed(rows)]


def test_a_session_with_its_token_asks_for_a_disconnection(doorstep: Doorstep) -> None:
    session = doorstep.session()
    token = doorstep.token(session)
    response = doorstep.ask("POST", RELAY, session=session, token=token, json=BODY)
    assert response.status_code == 202
    assert response.json() == {"command_id": 1, "step": "requested", "state": None, "message": ""}
    assert (NAME, "relay.disconnect", "requested") in _actions(doorstep)


def test_a_command_wrongly_confirmed_is_a_clear_problem(doorstep: Doorstep) -> None:
    session = doorstep.session()
    token, body = doorstep.token(session), {**BODY, "confirm": "0000"}
    response = doorstep.ask("POST", RELAY, session=session, token=token, json=body)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert "last 4 characters" in response.json()["detail"]
    del body["reason"]
    response = doorstep.ask("POST", RELAY, session=session, token=token, json=body)
    assert response.status_code == 422
    assert "reason" in response.json()["detail"]


def test_the_one_time_link_makes_one_account(tmp_path: Path) -> None:
    bench = Bench(tmp_path, {4059: FakeMeter()})
    doorstep = Doorstep(bench, head := bench.open(), create_app(head := head))
    first, link = head.setup_path(), head.setup_path()
    assert first
    assert link
    form = {"token": link.partition("=")[2], "name": "omar", "password": GOOD, "repeat": GOOD}
    assert doorstep.ask("GET", "/").status_code == 403
    assert doorstep.ask("GET", "/login").status_code == 403
    assert doorstep.ask("GET", first).status_code == 403, "an older link is void"
    assert doorstep.ask("GET", link).status_code == 200
    for wrong in ({"password": "short", "repeat": "short"}, {"repeat": GOOD + "x"}, {"name": ""}):
        assert doorstep.ask("POST", "/setup", data={**form, **wrong}).status_code == 422
    done = doorstep.ask("POST", "/setup", data=form)
    assert done.status_code == 303
    assert "addad_session=" in done.headers["set-cookie"]
    assert doorstep.ask("GET", link).status_code == 403
    assert doorstep.ask("POST", "/setup", data={**form, "name": "eve"}).status_code == 403
    assert head.setup_path() is None
    assert doors.find_account(head.office.store, "eve") is None
    assert doors.find_account(head.office.store, "omar").password_hash.startswith("$argon2id$")  # type: ignore[union-attr]
    doorstep.close()


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(doorstep: Doorstep) -> None:
    cookie = doorstep.sign_in().headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert "Secure" not in cookie


def test_under_https_the_cookie_is_secure(tmp_path: Path) -> None:
    from doorstep import make_doorstep

    doorstep = make_doorstep(tmp_path, https=True)
    response = doorstep.sign_in(origin="https://127.0.0.1:8080")
    cookie = response.headers["set-cookie"]
    assert cookie.startswith("__Host-addad=")
    assert "Secure" in cookie
    assert "max-age" in response.headers["strict-transport-security"]
    doorstep.close()


def test_guessing_is_slowed_down_and_audited(doorstep: Doorstep) -> None:
    for _ in range(FREE_FAILURES):
        assert doorstep.sign_in(password="guess number one").status_code == 403
    locked = doorstep.sign_in()
    assert locked.status_code == 429
    assert int(locked.headers["retry-after"]) > 0
    assert _actions(doorstep).count((NAME, "login", "refused")) == FREE_FAILURES


def test_a_guesser_does_not_shut_out_who_was_here_before(doorstep: Doorstep) -> None:
    given = doorstep.sign_in().headers.get_list("set-cookie")
    (known,) = [one.partition(";")[0] for one in given if one.startswith("addad_known=")]
    (whole,) = [one for one in given if one.startswith("addad_known=")]
    assert "HttpOnly" in whole
    assert "SameSite=strict" in whole
    for _ in range(FREE_FAILURES):
        doorstep.sign_in(password="guess number one")
    assert doorstep.sign_in().status_code == 429
    for forged in ("addad_known=x.y", "addad_known=.", known[:-1] + "x", "addad_known=\u00e9"):
        headers = {"cookie": forged.encode("latin-1")}
        assert doorstep.sign_in(headers=headers).status_code == 429
    assert doorstep.sign_in(name="eve", headers={"cookie": known}).status_code == 429
    assert doorstep.sign_in(headers={"cookie": known}).status_code == 303
    for _ in range(FREE_FAILURES):
        assert doorstep.sign_in(password="guess", headers={"cookie": known}).status_code == 403
    assert doorstep.sign_in(headers={"cookie": known}).status_code == 429
    assert doorstep.ask("GET", "/", headers={"cookie": known}).status_code == 303, "opens nothing"


def test_an_unknown_name_is_answered_like_a_wrong_password(doorstep: Doorstep) -> None:
    known, unknown = doorstep.sign_in(password="wrong wrong wrong"), doorstep.sign_in(name="eve")
    assert (known.status_code, known.text) == (unknown.status_code, unknown.text)


def test_signing_out_ends_the_session_everywhere(doorstep: Doorstep) -> None:
    session = doorstep.session()
    token = doorstep.token(session)
    assert doorstep.ask("GET", "/", session=session).status_code == 200
    assert doorstep.ask("POST", "/logout", session=session).status_code == 403
    assert doorstep.ask("POST", "/logout", session=session, data={"csrf": token}).status_code == 303
    assert doorstep.ask("GET", "/", session=session).status_code == 303
    assert [who for who, action, _ in _actions(doorstep) if action == "logout"] == [NAME]


def test_activity_keeps_a_session_until_its_absolute_end(doorstep: Doorstep) -> None:
    session, start = doorstep.session(), doorstep.bench.start
    for minutes in range(10, 12 * 60, 10):
        doorstep.bench.start = start + timedelta(minutes=minutes)
        if minutes % 60 == 0 or minutes > 710 or minutes < 40:
            assert doorstep.ask("GET", "/", session=session).status_code == 200
        else:
            doors.touch_session(doorstep.head.office.store, session, to_us(doorstep.bench.start))
    doorstep.bench.start = start + timedelta(hours=12, minutes=1)
    assert doorstep.ask("GET", "/", session=session).status_code == 303


@pytest.mark.parametrize("path", ["/", "/login", "/api/v1/service-points", "/nowhere", "/static/x"])
def test_every_answer_carries_the_headers(doorstep: Doorstep, path: str) -> None:
    headers = doorstep.ask("GET", path).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert not [name for name in headers if name.startswith("access-control")]


def test_a_large_body_is_refused_unread(doorstep: Doorstep) -> None:
    session = doorstep.session()
    before = doorstep.fingerprint()
    body = {**BODY, "reason": "x" * MAX_BODY_OCTETS}
    token = doorstep.token(session)
    response = doorstep.ask("POST", RELAY, session=session, token=token, json=body)
    assert response.status_code in (403, 413)

    async def chunks():  # type: ignore[no-untyped-def]
        for _ in range(20):
            yield b"x" * 8192

    response = doorstep.ask("POST", RELAY, session=session, token=token, content=chunks())
    assert response.status_code in (400, 413)
    assert doorstep.fingerprint() == before


def test_login_leads_only_to_pages_of_this_site(doorstep: Doorstep) -> None:
    for onward in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1"):
        form = {"name": NAME, "password": PASSWORD, "next": onward}
        response = doorstep.ask("POST", "/login", data=form)
        assert response.headers["location"] == "/"
    asked = doorstep.ask("GET", "/service-points/FEZ-0001?day=2026-11-22")
    assert asked.headers["location"].startswith("/login?next=%2Fservice-points%2FFEZ-0001")


def test_nobody_gives_a_key_more_than_they_have(doorstep: Doorstep) -> None:
    admin = doorstep.head.make_api_key("admin only", ["admin"], "test")
    body = {"name": "more", "scopes": ["relay"]}
    response = doorstep.ask("POST", "/api/v1/keys", key=admin, origin=None, json=body)
    assert response.status_code == 403
    session = doorstep.session()
    token = doorstep.token(session)
    made = doorstep.ask("POST", "/api/v1/keys", session=session, token=token, json=body).json()
    listed = doorstep.ask("GET", "/api/v1/keys", session=session)
    assert made["key"] not in listed.text
    relay = doorstep.ask("POST", RELAY, key=made["key"], origin=None, json=BODY)
    assert relay.status_code == 202
    assert ("key:more", "relay.disconnect", "requested") in _actions(doorstep)
    path = f"/api/v1/keys/{made['id']}/revoke"
    assert doorstep.ask("POST", path, session=session, token=token).status_code == 200
    assert doorstep.ask("GET", "/api/v1/keys", key=made["key"]).status_code == 401


def test_secrets_are_not_in_the_store_in_clear(doorstep: Doorstep) -> None:
    session = doorstep.session()
    key = doorstep.head.make_api_key("one", ["read"], "test")
    octets = b"".join(path.read_bytes() for path in doorstep.bench.folder.glob("headend.db*"))
    for secret in (session, key, PASSWORD, "manages", "reads"):
        assert secret.encode() not in octets
    assert (doorstep.bench.folder / "headend.key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("localhost:8080", "localhost"),
        ("LOCALHOST", "localhost"),
        ("[::1]:8080", "::1"),
        ("[::1]", "::1"),
        ("a:b:c", ""),
        ("localhost:80x", ""),
        ("[::1", ""),
        ("", ""),
    ],
)
def test_the_name_in_a_host_header(host: str, name: str) -> None:
    assert host_name(host) == name


def test_the_audit_page_is_for_admins_and_shows_an_intact_chain(doorstep: Doorstep) -> None:
    session = doorstep.session()
    page = doorstep.ask("GET", "/audit", session=session)
    assert page.text.startswith("True ")
    assert "meter.register" in page.text


def test_the_description_names_every_call_of_the_api(doorstep: Doorstep) -> None:
    described = doorstep.ask("GET", "/api/v1/openapi.json").json()
    assert "/api/v1/service-points/{place}/relay" in described["paths"]
    relay = described["paths"]["/api/v1/service-points/{place}/relay"]
    assert set(relay) == {"post"}
    assert "ServicePointDetail" in described["components"]["schemas"]
    assert doorstep.ask("GET", "/docs").status_code == 404
    assert doorstep.ask("GET", "/redoc").status_code == 404
