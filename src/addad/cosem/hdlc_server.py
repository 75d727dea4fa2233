"""A physical device on an HDLC line: frames in, answers out; sans-io.

IEC 62056-46: each client has a link of its own to each logical device. The upper address of a frame
is the logical device, the lower one this physical device among others on the line.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from addad.cosem.physical_device import PhysicalDevice
from addad.cosem.sessions import OnEffect, Sessions
from addad.dlms.connection import ServerParameters
from addad.dlms.hdlc.address import ALL_STATIONS, ALL_STATIONS_SHORT, NO_STATION, Address
from addad.dlms.hdlc.decoder import FrameDecoder
from addad.dlms.hdlc.frame import POLL, Control, Frame, FrameKind
from addad.dlms.hdlc.link import Link
from addad.dlms.hdlc.llc import COMMAND
from addad.dlms.hdlc.parameters import INFORMATION_MAX, WINDOW_MAX, LinkParameters
from addad.dlms.hdlc.states import LinkState
from addad.dlms.hdlc.terms import (
    DEFAULT_TIMES,
    ApduReceived,
    Connected,
    LinkOutcome,
    LinkRole,
    LinkTimes,
)
from addad.dlms.hdlc.unnumbered import Unnumbered, encode_unnumbered

LOWER: Final = 17
"""The physical address of a meter that was not given one."""
LINKS_MAX: Final = 16
"""Links of clients on one line; who has not proved who it is makes room, the most silent first."""
INTER_OCTET_S: Final = 0.5
"""A frame that pauses for longer is broken [s]; at most 6 s by the standard."""
OFFERED: Final = LinkParameters(INFORMATION_MAX, INFORMATION_MAX, WINDOW_MAX, WINDOW_MAX)

_AARQ: Final = 0x60


@dataclass(slots=True)
class _Client:
    """One client at one logical device: its link and its association."""

    link: Link
    sessions: Sessions
    heard_s: float = 0.0


class HdlcEndpoint:
    """The meter's end of one line, of the shape that `addad.net.server` serves.

    `now_s` gives the time [s] of a steady clock. Nothing that comes is an error: a line has noise.
    Let `tick` be called now and then, so that links end when their clients have gone.
    """

    def __init__(
        self,
        device: PhysicalDevice,
        now_s: Callable[[], float],
        parameters: ServerParameters | None = None,
        on_effect: OnEffect | None = None,
        *,
        lower: int = LOWER,
        offered: LinkParameters = OFFERED,
        times: LinkTimes = DEFAULT_TIMES,
        inter_octet_s: float = INTER_OCTET_S,
    ) -> None:
        """`lower` is the physical address; `on_effect` is as for `ServerEndpoint`."""
        self.peer = ""
        self._device = device
        self._now_s = now_s
        self._make_sessions = partial(Sessions, device, parameters, on_effect)
        self._lower = lower
        self._new_link = partial(Link, LinkRole.SERVER, offered=offered, times=times)
        self._inter_octet_s = inter_octet_s
        self._decoder = FrameDecoder()
        self._heard_s = now_s()
        self._frames: deque[Frame] = deque()
        self._clients: dict[tuple[int, int], _Client] = {}
        self._unlinked: Sessions | None = None

    @property
    def proven(self) -> bool:
        """Whether a client has proved who it is, in an association that is open now."""
        return any(client.sessions.proven for client in self._clients.values())

    @property
    def links(self) -> int:
        """How many links stand."""
        return len(self._clients)

    def _new_sessions(self) -> Sessions:
        sessions = self._make_sessions()
        sessions.peer = self.peer
        return sessions

    def connected(self, peer: str) -> None:
        """The line stands; `peer` is where it leads."""
        self.peer = peer

    def receive(self, octets: bytes) -> int:
        """Take octets; gives how many whole frames wait for `answer`."""
        self.tick()
        self._heard_s = self._now_s()
        self._frames += self._decoder.feed(octets)
        return len(self._frames)

    def tick(self) -> int:
        """Do what the time asks for; gives how many whole frames wait for `answer`."""
        now_s = self._now_s()
        if self._decoder.buffered and now_s - self._heard_s > self._inter_octet_s:
            self._frames += self._decoder.silence()
        for key, client in list(self._clients.items()):
            client.link.tick(now_s)
            self._keep(key, client)
        return len(self._frames)

    def answer(self) -> bytes | None:
        """The octets that answer the next frame, empty when none are due; None without a frame."""
        if not self._frames:
            return None
        frame = self._frames.popleft()
        if frame.source.octets != 1 or frame.source.upper in (NO_STATION, ALL_STATIONS_SHORT):
            return b""
        control = frame.meaning
        if control is not None and control.kind is FrameKind.UI:
            return self._take_unnumbered(frame, control)
        if not self._is_ours(frame.destination):
            return b""
        return self._take(frame)

    def push(self, apdu: bytes, client_sap: int, server_sap: int = 1) -> bytes:
        """The octets by which the meter tells a client something unasked.

        Raises `InputError` for a SAP without an address, `LocalProtocolError` for a long APDU.
        """
        source = Address.server(server_sap, self._lower)
        return encode_unnumbered(Unnumbered(source, Address.client(client_sap), apdu))

    def close(self) -> None:
        """The line is gone: so are its links and their associations."""
        for client in self._clients.values():
            client.sessions.close()
        self._clients.clear()
        self._frames.clear()
        if self._unlinked is not None:
            self._unlinked.close()
            self._unlinked = None

    def _is_ours(self, address: Address) -> bool:
        here = address.octets == 1 or address.lower == self._lower
        return here and self._device.at(address.upper) is not None

    def _take(self, frame: Frame) -> bytes:
        key = (frame.source.upper, frame.destination.upper)
        client = self._clients.get(key)
        if client is None:
            link = self._new_link(local=frame.destination, remote=frame.source)
            client = _Client(link, self._new_sessions())
        client.link.local = frame.destination
        client.heard_s = now_s = self._now_s()
        for outcome in client.link.receive(frame, now_s):
            self._follow(client, key, outcome)
        octets = client.link.output(now_s)
        if key not in self._clients and client.link.state is not LinkState.DISCONNECTED:
            if not self._make_room():
                refusal = Control(FrameKind.DM, bool(frame.control & POLL))
                return Frame(frame.source, frame.destination, refusal.octet).encode()
        self._keep(key, client)
        return octets

    def _follow(self, client: _Client, key: tuple[int, int], outcome: LinkOutcome) -> None:
        if not isinstance(outcome, ApduReceived):
            client.sessions.close()
            if isinstance(outcome, Connected):
                client.sessions = self._new_sessions()
        elif outcome.apdu:
            for apdu in client.sessions.answer(*key, outcome.apdu):
                client.link.send(apdu)

    def _keep(self, key: tuple[int, int], client: _Client) -> None:
        """Keep a client as long as its link stands."""
        if client.link.state is not LinkState.DISCONNECTED:
            self._clients[key] = client
        else:
            client.sessions.close()
            self._clients.pop(key, None)

    def _make_room(self) -> bool:
        """A place for one more link, if need be that of another; False: there is none."""
        if len(self._clients) < LINKS_MAX:
            return True
        unproven = [item for item in self._clients.items() if not item[1].sessions.proven]
        if not unproven:
            return False
        key, client = min(unproven, key=lambda item: item[1].heard_s)
        client.sessions.close()
        del self._clients[key]
        return True

    def _take_unnumbered(self, frame: Frame, control: Control) -> bytes:
        """A request outside of any link; an association needs one, so AARQ has no answer here.

        What is meant for all stations is answered by nobody.
        """
        sdu, address = frame.information, frame.destination
        apdu = sdu[len(COMMAND) :]
        if frame.segmented or not sdu.startswith(COMMAND) or not apdu or apdu[0] == _AARQ:
            return b""
        if not (self._is_ours(address) or address.of_all):
            return b""
        if self._unlinked is None:
            self._unlinked = self._new_sessions()
        client_sap, for_all = frame.source.upper, address.of_all
        if for_all and address.upper in (ALL_STATIONS, ALL_STATIONS_SHORT):
            devices = [device.sap for device in self._device]
        else:
            devices = [address.upper] if self._device.at(address.upper) is not None else []
        answers: tuple[bytes, ...] = ()
        for sap in devices:
            answers = self._unlinked.answer(client_sap, sap, apdu)
        if for_all or not control.poll:
            return b""
        return b"".join(
            [
                encode_unnumbered(
                    Unnumbered(address, frame.source, apdu), final=at == len(answers) - 1
                )
                for at, apdu in enumerate(answers)
            ]
        )
