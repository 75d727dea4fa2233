"""The JSON API tells the same figures as the pages, in the shapes that its description promises."""

import asyncio
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "security"))
sys.path.insert(0, str(Path(__file__).parents[1]))

from doorstep import Doorstep, make_doorstep
from headend_bench import NOON, registration

from addad.headend.store import events, readings
from addad.headend.store.events import MeterEvent

BASE = "/api/v1/service-points"
ONE = f"{BASE}/FEZ-0001"


@pytest.fixture
def doorstep(tmp_path: Path) -> Iterator[Doorstep]:
    made = make_doorstep(tmp_path)
    yield made
    made.close()


@pytest.fixture
def key(doorstep: Doorstep) -> str:
    return doorstep.head.make_api_key("all", ["read", "relay", "admin"], "test")


def test_registers_come_in_a_fixed_order_import_first(doorstep: Doorstep, key: str) -> None:
    names = ("1-0:9.8.0", "1-0:2.8.0", "1-0:21.8.0", "1-0:1.8.0")
    found = [readings.RegisterReading(name, 5, 0, 30) for name in names]
    readings.save_registers(doorstep.head.office.store, 1, NOON, found)
    told = doorstep.ask("GET", f"{ONE}/registers", key=key).json()
    assert [one["obis"] for one in told["registers"]] == [
        "1-0:1.8.0",
        "1-0:2.8.0",
        "1-0:9.8.0",
        "1-0:21.8.0",
    ]


def test_events_are_paged_to_the_first(doorstep: Doorstep, key: str) -> None:
    told = [
        MeterEvent(NOON + timedelta(seconds=number), "standard", 2, "good", "Power up")
        for number in range(120)
    ]
    events.save_events(doorstep.head.office.store, 1, "FEZ-0001", told, NOON)
    seen, path = [], f"{ONE}/events"
    while True:
        page = doorstep.ask("GET", path, key=key).json()
        seen += [one["id"] for one in page["events"]]
        if page["next_before"] is None:
            break
        path = f"{ONE}/events?before={page['next_before']}"
    assert seen == list(range(120, 0, -1))


def test_the_list_is_paged_and_searched(doorstep: Doorstep, key: str) -> None:
    async def fill() -> None:
        for number in range(60):
            wanted = registration(4999, f"P-{number:03}", serial=f"S{number:05}", start_import_wh=0)
            await doorstep.head.register_meter(wanted, "test")

    asyncio.run(fill())
    first = doorstep.ask("GET", BASE, key=key).json()
    second = doorstep.ask("GET", f"{BASE}?page=2", key=key).json()
    assert (len(first["service_points"]), len(second["service_points"])) == (50, 11)
    assert first["total"] == 61
    found = doorstep.ask("GET", f"{BASE}?find=S00042", key=key).json()
    assert [one["id"] for one in found["service_points"]] == ["P-042"]


@pytest.mark.parametrize(
    "path",
    [
        f"{BASE}?page=0",
        f"{BASE}?page=x",
        f"{ONE}/profile?day=yesterday",
        f"{ONE}/profile?day=0001-01-01",
        f"{ONE}/events?before=x",
    ],
)
def test_what_is_asked_wrongly_is_said_to_be_so(doorstep: Doorstep, key: str, path: str) -> None:
    response = doorstep.ask("GET", path, key=key)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"]


@pytest.mark.parametrize("leaf", ["", "/registers", "/profile", "/events", "/live", "/commands"])
def test_an_unknown_service_point_is_not_found(doorstep: Doorstep, key: str, leaf: str) -> None:
    response = doorstep.ask("GET", f"{BASE}/nowhere{leaf}", key=key)
    assert response.status_code == 404
    assert "nowhere" in response.json()["detail"]


def test_a_meter_is_registered_by_a_program(doorstep: Doorstep, key: str) -> None:
    body = {
        "service_point": "BAKERY-1",
        "host": "127.0.0.1",
        "port": 4999,
        "serial": "00007777",
        "multiplier": "2000/11",
        "start_import_wh": 5,
        "start_export_wh": 0,
    }
    made = doorstep.ask("POST", "/api/v1/meters", key=key, json=body)
    assert made.status_code == 201
    assert made.json()["meter_serial"] == "00007777"
    detail = doorstep.ask("GET", f"{BASE}/BAKERY-1", key=key).json()
    assert detail["meter"]["multiplier"] == "2000/11"
    assert detail["installations"][0]["start_import_wh"] == 5
    again = doorstep.ask("POST", "/api/v1/meters", key=key, json={**body, "service_point": "X"})
    assert again.status_code == 422
    assert "is in service at" in again.json()["detail"]


def test_what_is_told_fits_its_description(doorstep: Doorstep, key: str) -> None:
    schema = doorstep.ask("GET", "/api/v1/openapi.json").json()
    for leaf in ("", "/registers", "/profile", "/events", "/live", "/commands"):
        told = doorstep.ask("GET", f"{ONE}{leaf}", key=key).json()
        described = schema["paths"][f"{BASE}/{{place}}{leaf}"]["get"]["responses"]["200"]
        name = described["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        assert set(told) == set(schema["components"]["schemas"][name]["properties"]), leaf
