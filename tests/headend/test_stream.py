"""A watching page is sent the newest values, misses no message, and cannot hold the head end up."""

import asyncio

import pytest

import virtual_time
from addad.errors import LocalProtocolError
from addad.headend import stream
from addad.headend.stream import Hub, Subscription


async def _read(subscription: Subscription, told: list[bytes]) -> None:
    async for frame in subscription.frames():
        told.append(frame)


def _kinds(told: list[bytes]) -> list[str]:
    lines = [line for frame in told for line in frame.decode().split("\n")]
    return [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]


def test_live_values_are_coalesced_to_four_a_second_and_the_newest_wins() -> None:
    async def main() -> None:
        hub, told = Hub(), list[bytes]()
        reader = asyncio.create_task(_read(hub.subscribe("A"), told))
        for number in range(200):
            hub.publish("A", "live", {"number": number})
            await asyncio.sleep(0.05)
        await asyncio.sleep(1)
        live = [frame for frame in told if b"event: live" in frame]
        assert 38 <= len(live) <= 43
        assert b'{"number":199}' in live[-1]
        reader.cancel()

    virtual_time.run(main())


def test_silence_is_broken_by_heartbeats() -> None:
    async def main() -> None:
        hub, told = Hub(), list[bytes]()
        reader = asyncio.create_task(_read(hub.subscribe("A"), told))
        await asyncio.sleep(61)
        assert told.count(b": heartbeat\n\n") == 4
        reader.cancel()

    virtual_time.run(main())


def test_a_client_that_comes_back_hears_what_it_missed() -> None:
    async def main() -> None:
        hub, told = Hub(), list[bytes]()
        first = hub.subscribe("A")
        reader = asyncio.create_task(_read(first, told))
        hub.publish("A", "event", {"n": 1})
        await asyncio.sleep(1)
        reader.cancel()
        last_id = told[-1].decode().split("\n")[0].removeprefix("id: ")
        hub.publish("A", "event", {"n": 2})
        hub.publish("B", "event", {"n": 3})
        hub.publish("A", "relay", {"n": 4})
        again: list[bytes] = []
        reader = asyncio.create_task(_read(hub.subscribe("A", last_id), again))
        await asyncio.sleep(1)
        assert _kinds(again) == ["event", "relay"]
        assert b'{"n":2}' in b"".join(again)
        reader.cancel()

    virtual_time.run(main())


@pytest.mark.parametrize("last_id", ["other-3", "nonsense", "-", "x-" + "9" * 50])
def test_a_client_of_another_life_is_told_to_load_again(last_id: str) -> None:
    async def main() -> None:
        hub, told = Hub(), list[bytes]()
        hub.publish("A", "event", {})
        reader = asyncio.create_task(_read(hub.subscribe("A", last_id), told))
        await asyncio.sleep(1)
        assert _kinds(told) == ["reset"]
        reader.cancel()

    virtual_time.run(main())


def test_a_client_that_does_not_read_costs_a_bounded_queue_and_is_reset() -> None:
    async def main() -> None:
        hub, told = Hub(), list[bytes]()
        slow = hub.subscribe("A")
        for number in range(10_000):
            hub.publish("A", "event", {"n": number})
            hub.publish("A", "live", {"n": number})
        assert len(slow._queue) <= stream.MAX_QUEUE
        reader = asyncio.create_task(_read(slow, told))
        await asyncio.sleep(1)
        assert _kinds(told)[0] == "reset"
        assert b'{"n":9999}' in told[-1]
        reader.cancel()

    virtual_time.run(main())


def test_leaving_is_noticed_and_closing_ends_all() -> None:
    async def main() -> None:
        hub, told = Hub(), list[bytes]()
        reader = asyncio.create_task(_read(hub.subscribe("A"), told))
        await asyncio.sleep(0)
        assert hub.watched("A")
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)
        assert not hub.watched("A")
        other = asyncio.create_task(_read(hub.subscribe("A"), told))
        await asyncio.sleep(1)
        hub.close()
        await asyncio.wait_for(other, 1)
        with pytest.raises(LocalProtocolError):
            hub.subscribe("A")

    virtual_time.run(main())


def test_the_number_of_clients_is_limited() -> None:
    async def main() -> None:
        hub = Hub()
        clients = [hub.subscribe("A", who=str(n)) for n in range(stream.MAX_CLIENTS)]
        with pytest.raises(LocalProtocolError, match="too many"):
            hub.subscribe("A")
        clients[0].leave()
        hub.subscribe("A")

    virtual_time.run(main())


def test_nobodys_open_pages_keep_out_somebody_else() -> None:
    async def main() -> None:
        hub = Hub()
        held = [hub.subscribe("A", who="eve") for _ in range(stream.MAX_CLIENTS_EACH)]
        with pytest.raises(LocalProtocolError):
            hub.subscribe("B", who="eve")
        hub.subscribe("B", who="amina").leave()
        held[0].leave()
        held[0].leave()
        hub.subscribe("B", who="eve")
        with pytest.raises(LocalProtocolError):
            hub.subscribe("B", who="eve")

    virtual_time.run(main())
