"""An HDLC link in normal response mode, either end of it, as a pure state machine.

IEC 62056-46: the client polls, the server answers polls. What was lost is found at the next poll:
both ends say what they have with N(R), and what was not acknowledged by then is sent again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from addad.dlms.hdlc import llc
from addad.dlms.hdlc.address import Address
from addad.dlms.hdlc.frame import POLL, Control, Frame, FrameKind
from addad.dlms.hdlc.parameters import DEFAULT_PARAMETERS, LinkParameters, read_parameters
from addad.dlms.hdlc.reject import Reject, RejectReason
from addad.dlms.hdlc.states import LinkEvent, LinkState, next_state
from addad.dlms.hdlc.terms import (
    DEFAULT_TIMES,
    ApduReceived,
    Connected,
    Disconnected,
    LinkOutcome,
    LinkRole,
    LinkTimes,
)
from addad.dlms.hdlc.windows import QUEUED_OCTETS_MAX, ReceiveWindow, SendWindow
from addad.errors import DecodeError, LocalProtocolError

_TO_CLIENT: Final = frozenset((FrameKind.UA, FrameKind.DM, FrameKind.FRMR))
_TO_SERVER: Final = frozenset((FrameKind.SNRM, FrameKind.DISC))
_NUMBERED: Final = frozenset((FrameKind.I, FrameKind.RR, FrameKind.RNR))
_COMMANDS: Final = {
    LinkState.CLEARING: FrameKind.DISC,
    LinkState.CONNECTING: FrameKind.SNRM,
    LinkState.DISCONNECTING: FrameKind.DISC,
}
_EVENTS: Final = {
    FrameKind.SNRM: LinkEvent.SNRM,
    FrameKind.DISC: LinkEvent.DISC,
    FrameKind.UA: LinkEvent.UA,
    FrameKind.DM: LinkEvent.DM,
    FrameKind.FRMR: LinkEvent.FRMR,
}
_OPEN: Final = frozenset((LinkState.CONNECTED, LinkState.REJECTING))


@dataclass(slots=True)
class _Turn:
    """Whose turn it is to speak, and until when.

    An answer to a poll that brings nothing new, though something is outstanding, may be a late
    one or come twice. It is believed only when, after a silence, the client has `asked_again`.
    """

    ours: bool
    deadline_s: float | None = None
    attempts: int = 0
    checkpoint: bool = False
    asked_again: bool = False
    reject: Reject | None = None


class Link:
    """One end of a link. Feed it frames, and send what `output` gives after each call.

    `answer_wanted` lets the client poll a server that has no answer yet. The server's `local`
    address is the one the client used last.
    """

    def __init__(
        self,
        role: LinkRole,
        local: Address,
        remote: Address,
        offered: LinkParameters = DEFAULT_PARAMETERS,
        times: LinkTimes = DEFAULT_TIMES,
    ) -> None:
        self.role = role
        self.local = local
        self.remote = remote
        self.state = LinkState.DISCONNECTED
        self.parameters = DEFAULT_PARAMETERS
        self.answer_wanted = False
        self._offered = offered
        self._times = times
        self._turn = _Turn(role is LinkRole.CLIENT)
        self._responses: list[Frame] = []
        self._send = SendWindow(1, 1)
        self._receive = ReceiveWindow(1)

    # what our own side does

    def connect(self, *, clear: bool = False) -> None:
        """Open the link; `clear` first ends what a client before us may have left open."""
        if self.role is not LinkRole.CLIENT or self.state is not LinkState.DISCONNECTED:
            raise LocalProtocolError(f"a {self.role.value} cannot connect when {self._word}")
        self._turn = _Turn(True)
        self._step(LinkEvent.CLEAR if clear else LinkEvent.CONNECT)

    def disconnect(self) -> None:
        """End the link in good order; nothing happens to one that has ended."""
        if self.role is LinkRole.CLIENT:
            self._step(LinkEvent.DISCONNECT)
            self._turn = _Turn(True)
            self.answer_wanted = False

    def send(self, apdu: bytes) -> None:
        """Queue one APDU; raises `LocalProtocolError` when the link does not stand."""
        if self.state is not LinkState.CONNECTED:
            raise LocalProtocolError(f"an APDU cannot be sent when {self._word}")
        header = llc.COMMAND if self.role is LinkRole.CLIENT else llc.RESPONSE
        self._send.put(header + apdu)

    @property
    def deadline_s(self) -> float | None:
        """When `tick` is due; None when nothing is waited for."""
        idle = not (self.answer_wanted or self._send.waiting)
        if self._turn.ours and self.role is LinkRole.CLIENT and idle:
            return None
        return self._turn.deadline_s

    @property
    def awaits_answer(self) -> bool:
        """Whether the client has polled, and the line is the server's."""
        return self.role is LinkRole.CLIENT and not self._turn.ours

    @property
    def _word(self) -> str:
        return self.state.name.lower()

    # what comes

    def receive(self, frame: Frame, now_s: float) -> list[LinkOutcome]:
        """Take one frame of the peer that is for this link."""
        control = frame.meaning
        if self.role is LinkRole.SERVER:
            outcomes = self._take_as_server(frame, control)
            self._wait_for_client(now_s)
            return outcomes
        if control is None or control.kind not in _TO_CLIENT | _NUMBERED:
            return []  # of another station, or an echo of our own
        if control.kind in _TO_CLIENT:
            return self._take_response(frame, control)
        if self.state is not LinkState.CONNECTED:
            return []
        return self._take_numbered_answer(frame, control, now_s)

    def _take_as_server(self, frame: Frame, control: Control | None) -> list[LinkOutcome]:
        if control is None:
            return self._reject(frame, RejectReason.CONTROL_UNDEFINED)
        if control.kind in _TO_SERVER:
            return self._take_command(frame, control)
        if control.kind not in _NUMBERED:
            return []
        if self.state is LinkState.DISCONNECTED:
            if control.poll:
                self._respond(FrameKind.DM, control)
            return []
        if self.state is LinkState.REJECTING:
            self._repeat_reject(frame)
            return []
        fault, outcomes, _ = self._take_numbered(frame, control)
        if fault is not RejectReason.NONE:
            return outcomes + self._reject(frame, fault)
        if control.poll:
            self._turn.ours = True
        return outcomes

    def _take_command(self, frame: Frame, control: Control) -> list[LinkOutcome]:
        """SNRM or DISC."""
        was_open = self.state in _OPEN
        outcomes: list[LinkOutcome] = [Disconnected("reset by the client")] if was_open else []
        if control.kind is FrameKind.DISC:
            self._respond(FrameKind.UA if was_open else FrameKind.DM, control)
            self._step(LinkEvent.DISC)
            return outcomes
        try:
            asked = read_parameters(frame.information)
        except DecodeError:
            return []
        self._step(LinkEvent.SNRM)
        self._begin(self._offered.agreed_with(asked))
        self._respond(FrameKind.UA, control, self.parameters.encode())
        return [*outcomes, Connected(self.parameters)]

    def _take_response(self, frame: Frame, control: Control) -> list[LinkOutcome]:
        """UA, DM or FRMR."""
        before = self.state
        if control.kind is FrameKind.DM and before is LinkState.CONNECTING:
            if not self._turn.attempts:
                return []  # it may answer what was sent before: SNRM is sent once more
        self._step(_EVENTS[control.kind])
        if self.state is before:
            return []
        self._turn = _Turn(True)
        if before is LinkState.CLEARING:
            return []
        if self.state is LinkState.CONNECTED:
            try:
                agreed = self._offered.agreed_with(read_parameters(frame.information))
            except DecodeError as fault:
                return self._violate(str(fault))
            self._begin(agreed)
            return [Connected(agreed)]
        if before is LinkState.DISCONNECTING:
            return [Disconnected()]
        if control.kind is FrameKind.FRMR:
            return [Disconnected(f"a frame was rejected, {_read_reject(frame.information)}")]
        refused = "refuses the link" if before is LinkState.CONNECTING else "has ended the link"
        return [Disconnected(refused)]

    def _take_numbered_answer(
        self, frame: Frame, control: Control, now_s: float
    ) -> list[LinkOutcome]:
        fault, outcomes, progress = self._take_numbered(frame, control)
        if fault is not RejectReason.NONE:
            return outcomes + self._violate(
                f"a frame that breaks the rules, control {frame.control:02X}: "
                f"{(fault.name or '').lower().replace('_', ' ')}"
            )
        turn = self._turn
        if turn.ours:
            return outcomes  # late, or twice
        outstanding = self._send.unacknowledged > 0 or self._receive.gap
        if not control.poll:
            turn.deadline_s = self._response_by(now_s)
            return outcomes
        if outstanding and not progress and not turn.asked_again:
            return outcomes  # an answer to what was asked before
        turn.ours = True
        turn.deadline_s = now_s + self._times.poll_interval_s
        if progress or not outstanding:
            turn.attempts = 0
        return outcomes

    def _take_numbered(
        self, frame: Frame, control: Control
    ) -> tuple[RejectReason, list[LinkOutcome], bool]:
        """I, RR or RNR: what is wrong with it, what came of it, whether anything new came."""
        acknowledged = self._send.acknowledge(control.receive)
        if acknowledged is None:
            return RejectReason.RECEIVE_NUMBER_INVALID, [], False
        self._send.peer_busy = control.kind is FrameKind.RNR
        if control.kind is not FrameKind.I:
            fault = RejectReason.INFORMATION_NOT_PERMITTED if frame.information else _FINE
            return fault, [], acknowledged > 0
        if len(frame.information) > self._receive.size:
            return RejectReason.INFORMATION_TOO_LONG, [], False
        if self._send.queued_octets > QUEUED_OCTETS_MAX:
            return _FINE, [], acknowledged > 0  # it has yet to take its answers
        try:
            new, sdu = self._receive.accept(control.send, frame.information, frame.segmented)
        except DecodeError:
            return RejectReason.INFORMATION_TOO_LONG, [], False
        outcomes: list[LinkOutcome] = []
        if sdu is not None:
            header = llc.RESPONSE if self.role is LinkRole.CLIENT else llc.COMMAND
            if sdu.startswith(header):
                outcomes.append(ApduReceived(sdu[len(header) :]))
        return _FINE, outcomes, new or acknowledged > 0

    # what goes out

    def output(self, now_s: float) -> bytes:
        """The octets to send now; empty when it is not our turn, or there is nothing to say."""
        turn = self._turn
        frames, self._responses = self._responses, []
        if turn.ours and self.role is LinkRole.SERVER:
            turn.ours = False
            if self.state is LinkState.CONNECTED:
                frames += self._numbered_frames() or [self._frame(self._ready)]
        elif turn.ours:
            frames += self._client_frames(now_s)
        octets = b"".join([frame.encode() for frame in frames])
        if frames and self.role is LinkRole.CLIENT:
            turn.ours = False
            turn.asked_again, turn.checkpoint = turn.checkpoint, False
            turn.deadline_s = self._response_by(now_s, len(octets))
            self._receive.gap = False
        return octets

    def _client_frames(self, now_s: float) -> list[Frame]:
        turn = self._turn
        if self.state in _COMMANDS:
            command = _COMMANDS[self.state]
            information = self._offered.encode() if command is FrameKind.SNRM else b""
            if self._offered == DEFAULT_PARAMETERS:
                information = b""
            return [self._frame(Control(command), information)]
        if self.state is not LinkState.CONNECTED:
            return []
        if turn.checkpoint:
            return [self._frame(self._ready)]
        frames = self._numbered_frames()
        if frames:
            return frames
        later = turn.deadline_s is not None and now_s < turn.deadline_s
        if self._receive.incomplete or self._receive.gap:
            return [self._frame(self._ready)]
        if (self.answer_wanted or self._send.waiting) and not later:
            return [self._frame(self._ready)]
        return []

    @property
    def _ready(self) -> Control:
        return Control(FrameKind.RR, True, 0, self._receive.expected)

    def _numbered_frames(self) -> list[Frame]:
        """The I frames that the window has room for; the last one polls, or answers the poll."""
        self._send.go_back()  # what was not acknowledged by now is lost
        burst = self._send.burst()
        last = len(burst) - 1
        expected = self._receive.expected
        return [
            replace(
                self._frame(Control(FrameKind.I, at == last, number, expected)),
                information=segment.information,
                segmented=segment.more,
            )
            for at, (number, segment) in enumerate(burst)
        ]

    def _frame(self, control: Control, information: bytes = b"") -> Frame:
        return Frame(self.remote, self.local, control.octet, information)

    def _respond(self, kind: FrameKind, to: Control, information: bytes = b"") -> None:
        self._responses.append(self._frame(Control(kind, to.poll), information))

    # what time does

    def line_busy(self, now_s: float) -> None:
        """Octets of a frame are coming: the client waits for the rest of them."""
        if self.role is LinkRole.CLIENT and not self._turn.ours:
            self._turn.deadline_s = self._response_by(now_s)

    def tick(self, now_s: float) -> list[LinkOutcome]:
        """Do what the time asks for, if it does; `output` then has what is to be sent."""
        turn = self._turn
        if turn.deadline_s is None or now_s < turn.deadline_s:
            return []
        if self.role is LinkRole.SERVER:
            self._step(LinkEvent.INACTIVITY)
            turn.deadline_s = None
            return [Disconnected("nothing came for the inactivity time")]
        if turn.ours:
            return []
        turn.attempts += 1
        if turn.attempts > self._times.retries or self.state is LinkState.CLEARING:
            return self._give_up()
        turn.ours = True
        turn.checkpoint = True
        return []

    def _response_by(self, now_s: float, octets: int = 0) -> float:
        return now_s + self._times.response_s + octets * self._times.octet_s

    def _wait_for_client(self, now_s: float) -> None:
        limited = self.state in _OPEN and self._times.inactivity_s > 0
        self._turn.deadline_s = now_s + self._times.inactivity_s if limited else None

    # how it ends

    def _begin(self, agreed: LinkParameters) -> None:
        self.parameters = agreed
        self._turn = _Turn(self.role is LinkRole.CLIENT)
        self._send = SendWindow(agreed.information_transmit, agreed.window_transmit)
        self._receive = ReceiveWindow(agreed.information_receive)

    def _reject(self, frame: Frame, reason: RejectReason) -> list[LinkOutcome]:
        """The server says what is wrong, and takes nothing more until SNRM or DISC."""
        if self.state is LinkState.CONNECTED:
            self._step(LinkEvent.REJECT)
            self._turn.reject = Reject(
                frame.control, self._send.number, self._receive.expected, reason
            )
        self._repeat_reject(frame)
        return []

    def _repeat_reject(self, frame: Frame) -> None:
        if self._turn.reject is not None and frame.control & POLL:
            self._responses.append(self._frame(Control(FrameKind.FRMR), self._turn.reject.encode()))

    def _violate(self, reason: str) -> list[LinkOutcome]:
        self._step(LinkEvent.VIOLATION)
        self._turn = _Turn(True)
        return [Disconnected(reason)]

    def _give_up(self) -> list[LinkOutcome]:
        before = self.state
        self._step(LinkEvent.SILENCE)
        self._turn = _Turn(True)
        if self.state is not LinkState.DISCONNECTED:
            return []
        return [Disconnected("" if before is LinkState.DISCONNECTING else "does not answer")]

    def _step(self, event: LinkEvent) -> None:
        self.state = next_state(self.state, event)


_FINE: Final = RejectReason.NONE


def _read_reject(information: bytes) -> str:
    try:
        return str(Reject.read(information))
    except DecodeError:
        return "without a reason"
