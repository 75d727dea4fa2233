"""What came and was not read: in order, bounded, and then the first reason that ended it."""

import asyncio

import pytest

import virtual_time
from addad.errors import LinkError
from addad.net.inbox import UNREAD_FRAMES_MAX, Inbox
from addad.net.link import Silence


def test_frames_are_read_in_order_and_then_the_first_failure() -> None:
    async def main() -> None:
        inbox: Inbox[int] = Inbox()
        inbox.put(1)
        inbox.put(2)
        inbox.end(LinkError("first"))
        inbox.end(LinkError("second"))
        assert [await inbox.receive(1.0, "it"), await inbox.receive(1.0, "it")] == [1, 2]
        for _ in range(2):
            with pytest.raises(LinkError, match="first"):
                await inbox.receive(1.0, "it")
        with pytest.raises(LinkError, match="first"):
            inbox.check()

    virtual_time.run(main())


def test_who_waits_is_woken_by_a_frame_a_failure_or_the_time() -> None:
    async def main() -> None:
        inbox: Inbox[int] = Inbox()
        loop = asyncio.get_running_loop()
        loop.call_later(1.0, inbox.put, 7)
        assert await inbox.receive(2.0, "it") == 7
        with pytest.raises(Silence, match="it answered nothing for 2 s"):
            await inbox.receive(2.0, "it")
        with pytest.raises(Silence, match="it answered half of it for 2 s"):
            await inbox.receive(2.0, "it", heard=lambda: "half of it")
        loop.call_later(1.0, inbox.end, LinkError("gone"))
        with pytest.raises(LinkError, match="gone"):
            await inbox.receive(2.0, "it")

    virtual_time.run(main())


def test_the_link_may_ask_again_once_somebody_waits() -> None:
    async def main() -> None:
        inbox: Inbox[bool] = Inbox()
        assert not inbox.awaited
        assert await inbox.receive(1.0, "it", on_wait=lambda: inbox.put(inbox.awaited))
        assert not inbox.awaited

    virtual_time.run(main())


def test_a_reader_that_gives_up_leaves_what_comes_for_the_next() -> None:
    async def main() -> None:
        inbox: Inbox[int] = Inbox()
        reading = asyncio.create_task(inbox.receive(9.0, "it"))
        await asyncio.sleep(1.0)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert not inbox.awaited
        inbox.put(3)
        assert await inbox.receive(1.0, "it") == 3

    virtual_time.run(main())


def test_a_full_one_keeps_the_newest() -> None:
    async def main() -> None:
        inbox: Inbox[int] = Inbox()
        for number in range(UNREAD_FRAMES_MAX):
            assert not inbox.full
            inbox.put(number)
        assert inbox.full
        inbox.put(UNREAD_FRAMES_MAX)
        assert await inbox.receive(1.0, "it") == 1

    virtual_time.run(main())
