"""Nonsense in every field is refused in words: no fault of ours, nothing stored, no long work."""

import pytest
from doorstep import Doorstep

HUGE = 10**30
METER: dict[str, object] = {
    "service_point": "X-1",
    "host": "127.0.0.1",
    "port": 1,
    "serial": "S1",
    "start_import_wh": 0,
    "start_export_wh": 0,
}


@pytest.mark.parametrize(
    "path",
    [
        f"/api/v1/audit?before={HUGE}",
        f"/audit?before={HUGE}",
        "/audit?before=x",
        f"/api/v1/service-points/FEZ-0001/events?before={HUGE}",
        f"/api/v1/service-points/FEZ-0001/profile?day={HUGE}",
        "/api/v1/service-points/FEZ-0001/profile?day=0001-01-01",
        "/api/v1/service-points/FEZ-0001/profile?day=9999-12-31",
        f"/api/v1/service-points?page={HUGE}",
        "/api/v1/service-points?page=0",
    ],
)
def test_a_number_out_of_range_is_refused(doorstep: Doorstep, path: str) -> None:
    assert doorstep.ask("GET", path, session=doorstep.session()).status_code == 422


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/service-points?find=%27%20OR%201=1--",
        "/api/v1/service-points?find=%25",
        "/api/v1/service-points?find=_",
    ],
)
def test_a_search_finds_what_is_written_and_no_pattern(doorstep: Doorstep, path: str) -> None:
    answer = doorstep.ask("GET", path, session=doorstep.session())
    assert answer.status_code == 200
    assert answer.json() == {"service_points": [], "total": 0}


def test_a_key_of_no_possible_number_is_not_revoked(doorstep: Doorstep) -> None:
    session = doorstep.session()
    path = f"/api/v1/keys/{HUGE}/revoke"
    answer = doorstep.ask("POST", path, session=session, token=doorstep.token(session))
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": "a..b"},
        {"host": "\ud800"},
        {"host": "a" * 70 + ".example"},
        {"host": "a\0b"},
        {"host": "a b"},
        {"host": "x" * 20_000},
        {"port": HUGE},
        {"port": -1},
        {"reader_password": "\ud800"},
        {"management_password": "x" * 5000},
        {"start_import_wh": HUGE},
        {"start_export_wh": -1},
        {"contracted_power_w": HUGE},
        {"time_zone": "../../etc/passwd"},
        {"time_zone": "Africa"},
        {"time_zone": "\ud800"},
        {"time_zone": "a" * 60_000},
        {"installed_from": "0001-01-01T00:00:00+14:00"},
        {"installed_from": "9999-12-31T23:59:59-14:00"},
        {"installed_from": "2199-12-31T23:59:59Z"},
        {"multiplier": "1/0"},
        {"multiplier": "1e999999999"},
        {"multiplier": "nan"},
        {"multiplier": "1" * 5000},
        {"multiplier": "1_0"},
        {"serial": "'; DROP TABLE meter; --"},
        {"serial": "<script>"},
        {"name": "a\u202eb"},
        {"name": "x" * 201},
        {"service_point": "../x"},
    ],
    ids=lambda wrong: repr(wrong)[:50],
)
def test_a_meter_that_cannot_be_is_not_registered(
    doorstep: Doorstep, wrong: dict[str, object]
) -> None:
    session = doorstep.session()
    before = doorstep.fingerprint()
    answer = doorstep.ask(
        "POST",
        "/api/v1/meters",
        session=session,
        token=doorstep.token(session),
        headers={"content-type": "application/json"},
        content=_json({**METER, **wrong}),
    )
    assert answer.status_code == 422, answer.text
    assert answer.json()["detail"]
    assert doorstep.fingerprint() == before


def _json(content: object) -> bytes:
    import json

    return json.dumps(content).encode()
