"""The meter's side of calling: who is tried, how often, and that the meter serves there."""

import asyncio
import socket

import pytest

import virtual_time
from addad import obis
from addad.cosem.classes import DisconnectControl
from addad.cosem.classes.modem import AutoConnectMode
from addad.cosem.server import ServerEndpoint
from addad.errors import InputError, LinkError, LocalProtocolError
from addad.net.call_out import (
    TRANSITIONS,
    WINDOW_POLL_S,
    CallEvent,
    CallOut,
    CallState,
    next_state,
    read_destination,
)
from addad.net.client import Client
from addad.net.tcp import FrameLink
from cosem.sample_device import READER, SampleMeter
from net.memory_link import memory_pair


@pytest.mark.parametrize("state", CallState)
@pytest.mark.parametrize("event", CallEvent)
def test_every_pair_of_state_and_event(state: CallState, event: CallEvent) -> None:
    if (state, event) in TRANSITIONS:
        assert next_state(state, event) is TRANSITIONS[state, event]
    else:
        with pytest.raises(LocalProtocolError):
            next_state(state, event)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("head.example:4059", ("head.example", 4059)),
        ("192.0.2.7:1", ("192.0.2.7", 1)),
        ("[2001:db8::1]:65535", ("2001:db8::1", 65535)),
    ],
)
def test_a_destination(text: str, read: tuple[str, int]) -> None:
    assert read_destination(text) == read


@pytest.mark.parametrize("text", ["", "head", ":4059", "head:", "head:x", "head:0", "head:70000"])
def test_what_is_no_destination_says_so(text: str) -> None:
    with pytest.raises(InputError, match=r"destination|TCP port"):
        read_destination(text)


def test_too_many_of_anything_is_refused() -> None:
    for destinations, repetitions in (([], 0), (["a:1"] * 17, 0), (["a:1"], 256), (["a:1"], -1)):
        with pytest.raises(InputError):
            CallOut(_endpoint, destinations, repetitions=repetitions)


def _endpoint() -> ServerEndpoint:
    return ServerEndpoint(SampleMeter().physical_device)


class Exchange:
    """Stands for the network: which destinations answer, and who was tried when."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *reachable: str) -> None:
        self.reachable = set(reachable)
        self.tried: list[tuple[float, str]] = []
        self.ends: list[FrameLink] = []
        self._loop = asyncio.get_running_loop()
        monkeypatch.setattr(self._loop, "create_connection", self.connect)

    async def connect(self, make, host, port):  # type: ignore[no-untyped-def]
        self.tried.append((self._loop.time(), host))
        if host not in self.reachable:
            raise ConnectionRefusedError(111, "refused")
        link, meter = FrameLink("the meter"), make()
        memory_pair(link, meter)
        self.ends.append(link)
        return None, meter


def test_destinations_in_order_then_again_after_the_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        exchange = Exchange(monkeypatch)
        out = CallOut(_endpoint, ["a:1", "b:1"], repetitions=2, repetition_delay_s=30.0)
        with pytest.raises(LinkError, match="nobody could be called: nothing listens at b:1"):
            await out.call()
        assert out.state is CallState.GIVEN_UP
        assert exchange.tried == [(t, h) for t in (0.0, 30.0, 60.0) for h in "ab"]
        exchange.reachable.add("b")
        calling = asyncio.create_task(out.call())
        await asyncio.sleep(1.0)
        assert out.state is CallState.CONNECTED
        with pytest.raises(LocalProtocolError):
            await out.call()
        exchange.ends[0].close()
        await calling
        assert out.state is CallState.IDLE

    virtual_time.run(main())


def test_a_call_that_is_given_up_ends_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        exchange = Exchange(monkeypatch, "a")
        out = CallOut(_endpoint, ["a:1"])
        calling = asyncio.create_task(out.call())
        await asyncio.sleep(1.0)
        calling.cancel()
        await asyncio.sleep(1.0)
        assert exchange.ends[0].closed
        assert out.state is CallState.IDLE

    virtual_time.run(main())


def test_a_permanent_connection_is_called_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        exchange = Exchange(monkeypatch, "a")
        running = asyncio.create_task(CallOut(_endpoint, ["a:1"]).run(AutoConnectMode.PERMANENT))
        for calls in range(1, 4):
            await asyncio.sleep(1.0)
            assert len(exchange.ends) == calls
            exchange.ends[-1].close()
            await asyncio.sleep(WINDOW_POLL_S)
        exchange.reachable.clear()
        before = len(exchange.tried)
        await asyncio.sleep(3600.0)
        assert len(exchange.tried) - before <= 60
        running.cancel()

    virtual_time.run(main())


def test_a_window_opens_and_ends_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        exchange = Exchange(monkeypatch, "a")
        out = CallOut(_endpoint, ["a:1"], idle_timeout_s=1e6)
        running = asyncio.create_task(
            out.run(AutoConnectMode.PERMANENT_IN_WINDOW, lambda: 3600 <= loop.time() < 7200)
        )
        await asyncio.sleep(3500)
        assert not exchange.tried
        await asyncio.sleep(200)
        assert out.state is CallState.CONNECTED
        await asyncio.sleep(3700)
        assert out.state is CallState.IDLE
        assert exchange.ends[0].closed
        running.cancel()

    virtual_time.run(main())


def test_on_invocation_only(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        exchange = Exchange(monkeypatch, "a")
        out = CallOut(_endpoint, ["a:1"])
        running = asyncio.create_task(out.run(AutoConnectMode.ON_INVOCATION))
        await asyncio.sleep(3600.0)
        assert not exchange.tried
        out.invoke()
        await asyncio.sleep(1.0)
        assert len(exchange.ends) == 1
        running.cancel()
        closed = CallOut(_endpoint, ["a:1"])
        running = asyncio.create_task(
            closed.run(AutoConnectMode.ON_INVOCATION_IN_WINDOW, lambda: False)
        )
        closed.invoke()
        await asyncio.sleep(3600.0)
        assert len(exchange.tried) == 1
        running.cancel()

    virtual_time.run(main())


def test_modes_that_are_not_ours() -> None:
    async def main() -> None:
        out = CallOut(_endpoint, ["a:1"])
        await out.run(AutoConnectMode.NO_AUTO_CONNECT)
        with pytest.raises(InputError, match="not for connections over TCP"):
            await out.run(AutoConnectMode.E_MAIL)

    virtual_time.run(main())


def test_a_meter_is_read_on_the_connection_it_opened() -> None:
    async def main() -> None:
        meter = SampleMeter()
        called: asyncio.Queue[FrameLink] = asyncio.Queue()

        class Taken(FrameLink):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                super().connection_made(transport)
                called.put_nowait(self)

        loop = asyncio.get_running_loop()
        server = await loop.create_server(Taken, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            nobody = free.getsockname()[1]
            out = CallOut(
                lambda: ServerEndpoint(meter.physical_device),
                [f"127.0.0.1:{nobody}", f"127.0.0.1:{port}"],
            )
            calling = asyncio.create_task(out.call())
            async with Client(await called.get(), client_sap=2, password=READER) as client:
                assert await client.get(obis.DISCONNECT_CONTROL, DisconnectControl.output_state)
            await calling
        assert not any(meter.device.open_count.values())
        server.close()

    asyncio.run(main())
