"""One association's conversation: requests asked again, answers that come twice, pushes between."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

import virtual_time
from addad import obis
from addad.cosem.classes import Clock, DisconnectControl
from addad.cosem.classes import Data as DataClass
from addad.dlms.acse import Mechanism
from addad.dlms.apdu.get import GetResponseBlock
from addad.dlms.apdu.initiate import Conformance
from addad.dlms.apdu.notification import DataNotification
from addad.dlms.data import Data, Tag
from addad.dlms.parameters import SERVICES, AssociationParameters
from addad.dlms.wrapper import WrapperDecoder, WrapperFrame
from addad.errors import LinkError, RemoteProtocolError
from addad.net.client import Client
from addad.net.conversation import DOUBLES_MAX
from addad.net.link import Silence
from cosem.sample_device import READER, START, SampleMeter

STATE = DisconnectControl.output_state
PUSH = DataNotification(5, None, Data(Tag.UNSIGNED, 1))


class LossyLink:
    """A link to a sample meter on which chosen frames are lost or doubled."""

    peer_name = "the lossy meter"
    received_octets = 0

    def __init__(self, meter: SampleMeter) -> None:
        from addad.cosem.server import ServerEndpoint

        self.endpoint = ServerEndpoint(meter.physical_device)
        self.frames: deque[WrapperFrame] = deque()
        self.sent: list[bytes] = []
        self.fate: Callable[[int], int] = lambda _: 1
        """How many copies of the answer to the n-th frame arrive."""
        self.failure: Exception | None = None

    @property
    def closed(self) -> bool:
        return self.failure is not None

    def check(self) -> None:
        if self.failure is not None:
            raise self.failure

    def fail(self, failure: Exception) -> None:
        self.failure = self.failure or failure

    def send(self, source: int, destination: int, apdu: bytes) -> None:
        self.check()
        self.sent.append(apdu)
        self.endpoint.receive(WrapperFrame(source, destination, apdu).encode())
        answer = self.endpoint.answer() or b""
        frame = WrapperFrame(destination, source, answer[8:])
        self.frames += [frame] * self.fate(len(self.sent))

    async def receive(self, timeout_s: float) -> WrapperFrame:
        self.check()
        if not self.frames:
            await asyncio.sleep(timeout_s)
        if not self.frames:
            raise Silence(f"{self.peer_name} answered nothing for {timeout_s:g} s")
        return self.frames.popleft()

    def close(self) -> None:
        self.fail(LinkError("closed"))

    async def wait_closed(self) -> None:
        pass


def client_on(link: LossyLink, **more: object) -> Client:
    return Client(link, client_sap=2, password=READER, **more)  # type: ignore[arg-type]


def test_a_get_that_is_lost_is_asked_again_within_the_time() -> None:
    async def main() -> None:
        link = LossyLink(SampleMeter())
        async with client_on(link, retries=3, timeout_s=8.0) as client:
            link.fate = lambda n: n % 4 == 0
            for _ in range(5):
                assert await client.get(obis.DISCONNECT_CONTROL, STATE) is True
            assert asyncio.get_running_loop().time() <= 5 * 8.0
            link.fate = lambda _: 0
            begun_s = asyncio.get_running_loop().time()
            with pytest.raises(LinkError, match="answered nothing for 8 s"):
                await client.get(obis.DISCONNECT_CONTROL, STATE)
            assert asyncio.get_running_loop().time() - begun_s == pytest.approx(8.0)
            assert client.closed

    virtual_time.run(main())


def test_an_action_is_never_sent_twice() -> None:
    async def main() -> None:
        meter = SampleMeter()
        link = LossyLink(meter)
        client = Client(link, client_sap=1, password=b"manage-12345678", retries=3)
        await client.associate()
        link.fate = lambda _: 0
        before = len(link.sent)
        with pytest.raises(LinkError, match="answered nothing for 10 s"):
            await client.action(obis.DISCONNECT_CONTROL, DisconnectControl.remote_disconnect)
        assert len(link.sent) == before + 1

    virtual_time.run(main())


def test_an_answer_that_comes_again_later_misleads_nobody() -> None:
    async def main() -> None:
        meter = SampleMeter()
        link = LossyLink(meter)
        async with client_on(link, retries=3) as client:
            held: list[WrapperFrame] = []
            for round_number in range(20):
                meter.closed = round_number % 2 == 0
                link.fate = lambda _: 0
                asking = asyncio.create_task(client.get(obis.DISCONNECT_CONTROL, STATE))
                await asyncio.sleep(1.0)
                link.fate = lambda _: 2
                assert await asking is meter.closed
                held.append(link.frames[-1])
            assert len(held) == 20

    virtual_time.run(main())


class BlockLink(LossyLink):
    """A link on which an answer may be several frames; `came` keeps those of all answers."""

    def __init__(self, meter: SampleMeter) -> None:
        super().__init__(meter)
        self.came: list[WrapperFrame] = []

    def send(self, source: int, destination: int, apdu: bytes) -> None:
        self.check()
        self.endpoint.receive(WrapperFrame(source, destination, apdu).encode())
        frames = WrapperDecoder().feed(self.endpoint.answer() or b"")
        self.came += frames
        self.frames += frames


def in_general_blocks(link: BlockLink) -> Client:
    blocks = Conformance.BLOCK_TRANSFER_WITH_GET
    asked = AssociationParameters(
        2,
        mechanism=Mechanism.LOW,
        password=READER,
        max_pdu=18,
        conformance=SERVICES & ~blocks,
    )
    return Client(link, parameters=asked, retries=2, timeout_s=9.0)


def test_general_blocks_that_are_alike_in_two_answers_are_not_taken_for_late_ones() -> None:
    async def main() -> None:
        link = BlockLink(SampleMeter())
        async with in_general_blocks(link) as client:
            first = await client.get(obis.LOGICAL_DEVICE_NAME, DataClass.value)
            assert [frame.apdu[0] for frame in link.came].count(0xE0) == 2
            for _ in range(20):
                assert await client.get(obis.LOGICAL_DEVICE_NAME, DataClass.value) == first
            assert asyncio.get_running_loop().time() == 0

    virtual_time.run(main())


def test_general_blocks_that_come_once_more_are_no_part_of_the_next_answer() -> None:
    async def main() -> None:
        link = BlockLink(SampleMeter())
        async with in_general_blocks(link) as client:
            name = await client.get(obis.LOGICAL_DEVICE_NAME, DataClass.value)
            late = [frame for frame in link.came if frame.apdu[0] == 0xE0]
            link.frames += [
                replace(frame, apdu=frame.apdu[:5] + b"\x07" + frame.apdu[6:]) for frame in late
            ]
            clock = await client.get(obis.CLOCK, Clock.time)
            assert clock.to_datetime() == START + timedelta(days=7)
            assert await client.get(obis.LOGICAL_DEVICE_NAME, DataClass.value) == name

    virtual_time.run(main())


def test_without_retries_an_answer_too_many_is_the_meters_fault() -> None:
    async def main() -> None:
        link = LossyLink(SampleMeter())
        async with client_on(link) as client:
            link.fate = lambda _: 2
            await client.get(obis.DISCONNECT_CONTROL, STATE)
            with pytest.raises(RemoteProtocolError, match="the lossy meter breaks the protocol"):
                await client.get(obis.DISCONNECT_CONTROL, STATE)

    virtual_time.run(main())


def test_notifications_are_listened_for_while_nothing_is_asked() -> None:
    async def main() -> None:
        seen: list[DataNotification] = []
        link = LossyLink(SampleMeter())
        async with client_on(link, on_notification=seen.append) as client:
            loop = asyncio.get_running_loop()
            push = WrapperFrame(1, 2, PUSH.encode())
            loop.call_later(4.0, link.frames.append, push)
            begun_s = loop.time()
            await client.listen(10.0)
            assert loop.time() - begun_s == pytest.approx(10.0)
            assert seen == [PUSH]
            assert await client.get(obis.DISCONNECT_CONTROL, STATE) is True
            link.frames.append(WrapperFrame(1, 2, b"\xc4\x01\xc1\x00\x0f\x00"))
            with pytest.raises(RemoteProtocolError, match="breaks the protocol"):
                await client.listen(10.0)

    virtual_time.run(main())


def test_answers_that_came_before_are_bounded_too() -> None:
    async def main() -> None:
        link = LossyLink(SampleMeter())
        async with client_on(link, retries=3) as client:
            await client.get(obis.DISCONNECT_CONTROL, STATE)
            link.fate = lambda _: 0
            asking = asyncio.create_task(client.get(obis.DISCONNECT_CONTROL, STATE))
            await asyncio.sleep(0.1)
            link.frames += [WrapperFrame(1, 2, b"\xc4\x01\xc1\x00\x03\x01")] * (DOUBLES_MAX + 1)
            with pytest.raises(RemoteProtocolError, match="had come before"):
                await asking

    virtual_time.run(main())


class TricklingLink(LossyLink):
    """A link to a meter that gives each value in blocks of one octet, and never the last one."""

    asked = 0

    def send(self, source: int, destination: int, apdu: bytes) -> None:
        if apdu[0] != 0xC0:
            return super().send(source, destination, apdu)
        self.asked += 1
        block = GetResponseBlock(apdu[2], False, self.asked, b"\x00").encode()
        self.frames.append(WrapperFrame(destination, source, block))
        return None

    async def receive(self, timeout_s: float) -> WrapperFrame:
        await asyncio.sleep(0.9 * timeout_s)
        return await super().receive(0.1 * timeout_s)


def test_a_reply_that_trickles_in_ends_in_its_time() -> None:
    async def main() -> None:
        link = TricklingLink(SampleMeter())
        loop = asyncio.get_running_loop()
        async with client_on(link, timeout_s=10.0, reply_max_s=600.0) as client:
            begun_s = loop.time()
            with pytest.raises(RemoteProtocolError, match="no end of a reply in 600 s"):
                await client.get(obis.DISCONNECT_CONTROL, STATE)
            assert loop.time() - begun_s < 620.0
        assert link.closed

    virtual_time.run(main())
