"""Served over a real port: streams, a port in use, a slow client, a clean end."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from headend_bench import Bench, FakeMeter, registration

from addad.errors import LinkError
from addad.headend.head_end import HeadEnd
from addad.headend.web.server import WebServer

STREAM = "/api/v1/service-points/FEZ-0001/stream"
WAIT_S = 60.0


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, {4059: FakeMeter()})


class Served:
    """A head end that collects and is served, with a key to read."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.head: HeadEnd = bench.open(live_period_ms=100)
        self.web = WebServer(self.head)

    async def __aenter__(self) -> "Served":
        self.bench.loop = asyncio.get_running_loop()
        await self.head.register_meter(registration(), "test")
        await self.head.start()
        await self.web.start()
        key = self.head.make_api_key("reader", ["read", "relay"], "test")
        self.client = httpx.AsyncClient(
            base_url=self.web.url, headers={"authorization": f"Bearer {key}"}, timeout=WAIT_S
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.aclose()
        await self.web.stop()
        await self.head.stop()
        self.bench.loop = None

    async def watched(self) -> None:
        """Until somebody's stream has begun."""
        async with asyncio.timeout(WAIT_S):
            while not self.head.office.hub.watched("FEZ-0001"):
                await asyncio.sleep(0.01)

    async def hear(self, until: str, headers: dict[str, str] | None = None) -> list[Any]:
        """The events of the stream up to the first one of a kind."""
        found, kind = [], ""
        async with self.client.stream("GET", STREAM, headers=headers) as response:
            assert response.headers["content-type"].startswith("text/event-stream")
            async for line in response.aiter_lines():
                if line.startswith("event: "):
                    kind = line.removeprefix("event: ")
                if line.startswith("data: "):
                    found.append((kind, json.loads(line.removeprefix("data: "))))
                    if kind == until:
                        return found
        return found


def test_live_values_reach_the_stream(bench: Bench) -> None:
    async def main() -> None:
        async with Served(bench) as served:
            async with asyncio.timeout(WAIT_S):
                found = await served.hear("live")
            assert found[0][0] == "contact"
            live = found[-1][1]
            assert live["p_total"] == -1500.0
            assert live["relay"] == {"state": 1, "output": True, "mode": 4}

    asyncio.run(main())


def test_a_click_is_told_step_by_step_on_the_stream(bench: Bench) -> None:
    async def main() -> None:
        async with Served(bench) as served:
            steps: list[Any] = []

            async def listen() -> None:
                async with served.client.stream("GET", STREAM) as response:
                    kind = ""
                    async for line in response.aiter_lines():
                        if line.startswith("event: "):
                            kind = line.removeprefix("event: ")
                        if line.startswith("data: ") and kind == "relay":
                            steps.append(json.loads(line.removeprefix("data: ")))
                            if steps[-1]["step"] in ("confirmed", "failed"):
                                return

            listener = asyncio.create_task(listen())
            await served.watched()
            asked = await served.client.post(
                "/api/v1/service-points/FEZ-0001/relay",
                json={"action": "disconnect", "reason": "unpaid", "confirm": "1234"},
            )
            assert asked.status_code == 202
            await asyncio.wait_for(listener, WAIT_S)
            assert [one["step"] for one in steps] == ["requested", "accepted", "confirmed"]
            assert steps[-1]["state"] == 0
            assert {one["command_id"] for one in steps} == {asked.json()["command_id"]}

    asyncio.run(main())


def test_a_stream_resumes_after_the_last_message_it_saw(bench: Bench) -> None:
    async def main() -> None:
        async with Served(bench) as served:
            hub = served.head.office.hub
            hub.publish("FEZ-0001", "event", {"n": 1})
            first = hub._kept["FEZ-0001"][-1].octets.decode().split("\n")[0]
            hub.publish("FEZ-0001", "event", {"n": 2})
            async with asyncio.timeout(WAIT_S):
                found = await served.hear("event", {"last-event-id": first.removeprefix("id: ")})
            assert found[-1] == ("event", {"n": 2})

    asyncio.run(main())


def test_stopping_ends_open_streams_at_once(bench: Bench) -> None:
    async def main() -> None:
        async with Served(bench) as served:
            listener = asyncio.create_task(served.hear("never"))
            await served.watched()
            await asyncio.wait_for(served.web.stop(), WAIT_S)
            await asyncio.wait_for(listener, WAIT_S)

    asyncio.run(main())


def test_a_port_in_use_is_named_with_a_cure(bench: Bench, tmp_path: Path) -> None:
    async def main() -> None:
        async with Served(bench) as served:
            port = int(served.web.url.rpartition(":")[2])
            other = Bench(tmp_path / "other", {}).open(web_port=port)
            with pytest.raises(LinkError, match=f"{port}: it is in use"):
                await WebServer(other).start()
            other.close()

    asyncio.run(main())


def test_half_a_request_holds_nobody_up(bench: Bench) -> None:
    async def main() -> None:
        async with Served(bench) as served:
            port = int(served.web.url.rpartition(":")[2])
            writers = []
            for _ in range(50):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Le")
                writers.append(writer)
            answer = await served.client.get("/api/v1/service-points")
            assert answer.status_code == 200
            for writer in writers:
                writer.close()

    asyncio.run(main())


def test_an_event_reaches_the_stream_and_the_list(bench: Bench) -> None:
    async def main() -> None:
        async with Served(bench) as served:
            listener = asyncio.create_task(served.hear("event"))
            await served.watched()
            served.bench.meters[4059].events.append((bench.now(), 44))
            collector = served.head.collector_at("FEZ-0001")
            assert collector is not None
            collector.notice()
            found = await asyncio.wait_for(listener, WAIT_S)
            assert found[-1][1]["text"] == "Meter cover removed"
            listed = (await served.client.get("/api/v1/service-points/FEZ-0001/events")).json()
            assert listed["events"][0] == found[-1][1]

    asyncio.run(main())
