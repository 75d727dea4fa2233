"""What a session or key opens, it opens as long as it holds; a full disk shuts nobody out."""

import asyncio
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from doorstep import COOKIE, Doorstep

from addad.errors import StorageError
from addad.headend.store import doors
from addad.headend.web.api import stream
from addad.headend.web.visitor import Visitor


async def _follow(doorstep: Doorstep, visitor: Visitor, then: Callable[[], object]) -> bytes:
    """What a stream sends last, when `then` happens while it is open."""
    head = doorstep.head
    subscription = head.office.hub.subscribe("FEZ-0001", who=visitor.name)
    frames = stream._while_valid(head.office, visitor, subscription)
    last = await anext(frames)
    then()
    for _ in range(5):
        subscription.put(head.office.hub.make("contact", {}))
        try:
            last = await anext(frames)
        except StopAsyncIteration:
            break
    await frames.aclose()  # type: ignore[attr-defined]
    return last


@pytest.fixture(autouse=True)
def _always_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "CHECK_PERIOD_S", 0.0)


def test_a_stream_ends_with_the_key_that_opened_it(doorstep: Doorstep) -> None:
    store = doorstep.head.office.store
    found = doors.find_api_key(store, doorstep.head.make_api_key("one", ["read"], "test"))
    assert found is not None
    reader = Visitor("key:one", found.scopes, key_id=found.id)
    assert b"contact" in asyncio.run(_follow(doorstep, reader, lambda: None))
    revoked = asyncio.run(
        _follow(doorstep, reader, lambda: doors.revoke_api_key(store, found.id, "test", 1))
    )
    assert b"expired" in revoked


def test_a_stream_ends_with_the_session_that_opened_it(doorstep: Doorstep) -> None:
    amina = Visitor("amina", frozenset({"read"}), doorstep.session())
    assert b"contact" in asyncio.run(_follow(doorstep, amina, lambda: None))

    def wait() -> None:
        doorstep.bench.start += timedelta(minutes=16)

    assert b"expired" in asyncio.run(_follow(doorstep, amina, wait))


def test_on_a_full_disk_one_can_still_look(
    doorstep: Doorstep, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StorageError("the disk is full: free some space")

    session = doorstep.session()
    doorstep.bench.start += timedelta(minutes=5)
    monkeypatch.setattr(doors, "touch_session", full)
    monkeypatch.setattr(doors, "end_session", full)
    assert doorstep.ask("GET", "/", session=session).status_code == 200
    doorstep.bench.start += timedelta(minutes=20)
    assert doorstep.ask("GET", "/", session=session).status_code == 303


def test_a_session_is_never_one_that_the_browser_brought(doorstep: Doorstep) -> None:
    planted = "a" * 43
    answer = doorstep.sign_in(headers={"cookie": f"{COOKIE}={planted}"})
    found = re.search(rf"{COOKIE}=([^;]+)", answer.headers["set-cookie"])
    assert found
    assert found[1] != planted
    assert doorstep.ask("GET", "/", session=planted).status_code == 303
    assert doorstep.ask("GET", "/", session=found[1]).status_code == 200
