"""What every link is, and that a silence leaves it standing."""

import asyncio

import pytest

import virtual_time
from addad.dlms.wrapper import WrapperFrame
from addad.errors import LinkError
from addad.net.link import Link, Silence, closed_by_peer
from addad.net.tcp import FrameLink
from net.memory_link import memory_pair


class Silent(asyncio.Protocol):
    """Takes everything, says nothing."""


def test_a_tcp_link_is_a_link_and_outlives_a_silence() -> None:
    async def main() -> None:
        near = FrameLink("the meter")
        link: Link = near
        _, far = memory_pair(near, Silent())
        with pytest.raises(Silence, match="the meter answered nothing for 3 s"):
            await link.receive(3.0)
        assert not link.closed
        far.write(WrapperFrame(1, 16, b"late").encode())
        frame = await link.receive(3.0)
        assert (frame.source, frame.destination, frame.apdu) == (1, 16, b"late")
        link.close()
        await link.wait_closed()
        with pytest.raises(LinkError) as ended:
            await link.receive(3.0)
        assert not isinstance(ended.value, Silence)

    virtual_time.run(main())


@pytest.mark.parametrize(
    ("exc", "says"),
    [
        (None, "a closed the connection"),
        (ConnectionResetError(104, "Connection reset by peer"), "n: Connection reset by peer"),
        (RuntimeError("odd"), "n: odd"),
    ],
)
def test_who_closed_a_link_is_told_without_numbers(exc: Exception | None, says: str) -> None:
    assert str(closed_by_peer("a", exc)).endswith(says)
    assert "104" not in str(closed_by_peer("a", exc))
