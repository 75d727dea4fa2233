"""What has come over a link and was not read yet: frames in order, then the reason that ended it.

IEC 62056-47 and IEC 62056-46: one frame is an APDU with the two SAPs it travels between.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from addad.net.link import Silence

UNREAD_FRAMES_MAX: Final = 80
"""Frames that wait to be read: the blocks of the largest window, and some more; a peer that sends
what nobody reads breaks the protocol."""

FrameT = TypeVar("FrameT")


class Inbox(Generic[FrameT]):
    """The unread frames of one link, of which one reader at a time may wait for the next."""

    def __init__(self) -> None:
        self.failure: Exception | None = None
        """What ended the link: the first of all that came."""
        self._frames: deque[FrameT] = deque(maxlen=UNREAD_FRAMES_MAX)
        self._reader: asyncio.Future[None] | None = None

    @property
    def full(self) -> bool:
        """Whether the next frame would drive out the oldest."""
        return len(self._frames) == UNREAD_FRAMES_MAX

    @property
    def awaited(self) -> bool:
        """Whether somebody waits for the next frame."""
        return self._reader is not None

    def put(self, frame: FrameT) -> None:
        """A frame has come."""
        self._frames.append(frame)
        self._wake()

    def end(self, failure: Exception) -> None:
        """Nothing more comes; who waits, and who reads after the last frame, gets the failure."""
        if self.failure is None:
            self.failure = failure
        self._wake()

    def check(self) -> None:
        """Raise what ended the link, if it has ended."""
        if self.failure is not None:
            raise self.failure

    async def receive(
        self,
        timeout_s: float,
        peer_name: str,
        *,
        heard: Callable[[], str] = lambda: "nothing",
        on_wait: Callable[[], None] | None = None,
    ) -> FrameT:
        """The next frame, or what ended the link; raises `Silence` of the peer after the time.

        `on_wait` is called once somebody waits; `heard` tells a silence from half a frame.
        """
        if not self._frames and self.failure is None:
            loop = asyncio.get_running_loop()
            reader = self._reader = loop.create_future()

            def silent() -> None:
                if not reader.done():
                    words = f"{peer_name} answered {heard()} for {timeout_s:g} s"
                    reader.set_exception(Silence(words))

            timer = loop.call_later(timeout_s, silent)
            try:
                if on_wait is not None:
                    on_wait()
                await reader
            finally:
                timer.cancel()
                self._reader = None
        if self._frames:
            return self._frames.popleft()
        assert self.failure is not None
        raise self.failure

    def _wake(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)
