"""A client's link that records every octet both ways, and at its moment kills the meter.

IEC 62056-47 frames. A plan names a frame of the client by its number, and when around that frame
the signal goes out; files of the meter are watched by inotify.
"""

import ctypes
import os
import select
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from counter_ledger import Talk

from addad.dlms.wrapper import WrapperDecoder, WrapperFrame
from addad.errors import LinkError
from addad.net.tcp import FrameLink

IN_MODIFY, IN_MOVED_TO = 0x02, 0x80
WATCHED_S = 0.1
"""How long a write is waited for; then the meter has died without one."""
_EVENT = struct.Struct("iIII")


class Moment(Enum):
    """When, around a frame of the client, the meter is killed."""

    BEFORE = "before the frame"
    WITHIN = "after some octets of the frame"
    SENT = "a while after the frame"
    COUNTERS = "at a write of the counters"
    KEYS = "when other keys take their place"
    STATE = "at a write of what the meter keeps"
    ANSWERED = "when the answer comes, before the client has it"


AREAS = {Moment.COUNTERS: ("counters",), Moment.KEYS: ("keys",), Moment.STATE: ("slot", "log")}


@dataclass
class Plan:
    """Kill at a moment around the frame with this number; `share` (0 to 1) refines it."""

    step: int
    moment: Moment
    share: float
    kill: Callable[[], None]
    folder: Path
    done: bool = False
    at: int = -1
    """The number of the frame around which it happened."""

    def fire(self, step: int) -> None:
        """The signal."""
        if not self.done:
            self.kill()
            self.done, self.at = True, step


class Watch:
    """The writes to the files of a folder, as the kernel tells them."""

    def __init__(self, folder: Path) -> None:
        library = ctypes.CDLL(None, use_errno=True)
        self._descriptor = library.inotify_init1(os.O_CLOEXEC)
        mask = IN_MODIFY | IN_MOVED_TO
        number = library.inotify_add_watch(self._descriptor, os.fsencode(folder), mask)
        if self._descriptor < 0 or number < 0:
            raise OSError(ctypes.get_errno(), "the folder cannot be watched")

    def wait(self, names: tuple[str, ...], until_s: float) -> bool:
        """Until a file whose name begins so is written, or the time is over."""
        while (left_s := until_s - time.monotonic()) > 0:
            if not select.select([self._descriptor], [], [], left_s)[0]:
                return False
            octets, at = os.read(self._descriptor, 4096), 0
            while at < len(octets):
                size = _EVENT.unpack_from(octets, at)[3]
                at += _EVENT.size + size
                if octets[at - size : at].startswith(tuple(map(os.fsencode, names))):
                    return True
        return False

    def close(self) -> None:
        """Watch no longer."""
        os.close(self._descriptor)


class WitnessLink(FrameLink):
    """A `Link` whose frames are told to the ledger, with a plan or without."""

    def __init__(self, talk: Talk, plan: Plan | None = None) -> None:
        super().__init__("the meter")
        self._talk = talk
        self._plan = plan
        self._step = -1
        self._heard = WrapperDecoder()
        self.replaying = False

    def data_received(self, data: bytes) -> None:
        """Octets of the meter: the ledger has them, the client perhaps not."""
        for frame in self._heard.feed(data):
            self._talk.meter_said(frame.destination, frame.apdu)
        plan = self._plan
        if plan is not None and plan.moment is Moment.ANSWERED and self._step >= plan.step:
            plan.fire(self._step)
        if plan is None or not plan.done:
            super().data_received(data)

    def send(self, source: int, destination: int, apdu: bytes) -> None:
        """One frame to the meter, unless it is dead by then."""
        self._step += 1
        plan = self._plan
        if plan is None or plan.done or self._step < plan.step:
            self._talk.client_said(source, apdu, replay=self.replaying)
            super().send(source, destination, apdu)
            return
        if plan.moment is Moment.BEFORE:
            plan.fire(self._step)
            raise LinkError("the meter has been killed")
        self._talk.client_said(source, apdu)
        frame = WrapperFrame(source, destination, apdu).encode()
        assert self._transport is not None
        if plan.moment is Moment.WITHIN:
            self._transport.write(frame[: 1 + int(plan.share * (len(frame) - 2))])
            time.sleep(0.003 * plan.share)
            plan.fire(self._step)
        elif plan.moment is Moment.SENT:
            self._transport.write(frame)
            time.sleep(0.006 * plan.share * plan.share)
            plan.fire(self._step)
        elif plan.moment is Moment.ANSWERED:
            self._transport.write(frame)
        else:
            self._send_and_watch(plan, frame)

    def _send_and_watch(self, plan: Plan, frame: bytes) -> None:
        watch = Watch(plan.folder)
        try:
            assert self._transport is not None
            self._transport.write(frame)
            writes = 1 + int(plan.share * 3)
            until_s = time.monotonic() + WATCHED_S
            while writes and watch.wait(AREAS[plan.moment], until_s):
                writes -= 1
            plan.fire(self._step)
        finally:
            watch.close()
