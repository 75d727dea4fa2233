"""One link: frames in order, ended once, with the reason that ended it."""

import asyncio
import socket

import pytest

import virtual_time
from addad.dlms.wrapper import WrapperFrame
from addad.errors import LinkError, RemoteProtocolError
from addad.net.inbox import UNREAD_FRAMES_MAX
from addad.net.tcp import FrameLink, open_link
from net.memory_link import MemoryTransport, memory_pair


class Silent(asyncio.Protocol):
    """Takes everything, says nothing."""


def joined() -> tuple[FrameLink, MemoryTransport]:
    link = FrameLink("peer")
    _, far = memory_pair(link, Silent())
    return link, far


def test_frames_come_whole_and_in_order() -> None:
    async def main() -> None:
        link, far = joined()
        far.chunk = 3
        for number in range(5):
            far.write(WrapperFrame(1, 16, bytes((number,))).encode())
        got = [(await link.receive(5.0)).apdu for _ in range(5)]
        assert got == [bytes((n,)) for n in range(5)]
        link.close()
        await link.wait_closed()

    virtual_time.run(main())


def test_a_frame_that_came_before_the_end_is_still_there() -> None:
    async def main() -> None:
        link, far = joined()
        far.write(WrapperFrame(1, 16, b"x").encode())
        far.close()
        await asyncio.sleep(1.0)
        assert (await link.receive(5.0)).apdu == b"x"
        with pytest.raises(LinkError, match="peer closed the connection"):
            await link.receive(5.0)
        with pytest.raises(LinkError, match="peer closed the connection"):
            link.send(16, 1, b"x")

    virtual_time.run(main())


def test_a_dribble_of_octets_is_not_an_answer() -> None:
    async def main() -> None:
        link, far = joined()

        async def dribble() -> None:
            for octet in WrapperFrame(1, 16, bytes(100)).encode():
                far.write(bytes((octet,)))
                await asyncio.sleep(1.0)

        dribbling = asyncio.create_task(dribble())
        with pytest.raises(LinkError, match="half a frame"):
            await link.receive(20.0)
        assert asyncio.get_running_loop().time() == pytest.approx(20.0)
        dribbling.cancel()

    virtual_time.run(main())


def test_a_peer_that_floods_is_cut_off() -> None:
    async def main() -> None:
        link, far = joined()
        far.write(WrapperFrame(1, 16, b"x").encode() * (UNREAD_FRAMES_MAX + 1))
        await asyncio.sleep(1.0)
        assert link.closed
        with pytest.raises(RemoteProtocolError, match="nobody asked for"):
            link.send(16, 1, b"x")

    virtual_time.run(main())


def test_a_port_that_is_none_says_so() -> None:
    with pytest.raises(LinkError, match="no TCP port"):
        asyncio.run(open_link("127.0.0.1", 70_000, 1.0))


@pytest.mark.parametrize("host", ["a..b", "meter\udc80", "x" * 64 + ".example", "a\0b"])
def test_a_host_that_is_none_says_so(host: str) -> None:
    with pytest.raises(LinkError, match="is no host name or address; write it like") as told:
        asyncio.run(open_link(host, 4059, 1.0))
    assert str(told.value).isprintable()


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (OSError(111, "Connect call failed ('10.0.0.1', 4059)"), "nothing listens at there:1"),
        (
            OSError("Multiple exceptions: [Errno 111] a, [Errno 111] b"),
            "nothing listens at there:1",
        ),
        (OSError(113, "Connect call failed ('10.0.0.1', 4059)"), "No route to host"),
        (socket.gaierror(-2, "Name or service not known"), "Name or service not known"),
    ],
)
def test_why_a_meter_is_not_reached_is_said_in_words(
    fault: OSError, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        async def refuse(*_: object) -> None:
            raise fault

        monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", refuse)
        with pytest.raises(LinkError, match=says):
            await open_link("there", 1, 1.0)

    virtual_time.run(main())
