"""The sign-on of mode E, by which an optical or current-loop port comes to speak HDLC; both roles.

IEC 62056-21: request and identification at 300 baud with seven bits and even parity, an
acknowledgement that chooses the baud rate, and then HDLC with eight bits. Sans-io: each call gives
what to send and how to set the line, in order.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, TypeAlias

from addad.errors import InputError

BAUD_CODES: Final = {
    "0": 300,
    "1": 600,
    "2": 1200,
    "3": 2400,
    "4": 4800,
    "5": 9600,
    "6": 19200,
}
BREAK: Final = b"\x01B0\x03\x71"
"""What ends a session in programming mode, and a sign-on: SOH B0 ETX and its check octet."""
ANSWER_TIMEOUT_S: Final = 3.0
ECHO_TIMEOUT_S: Final = 0.5
"""How long the client waits for the acknowledgement to come back; not all meters send it."""
SWITCH_PAUSE_S: Final = 0.25
"""Between the acknowledgement and the new baud rate."""
REQUESTS_MAX: Final = 3
LINE_OCTETS_MAX: Final = 64
"""Octets of a request or an identification at most."""
ADDRESS_OCTETS_MAX: Final = 32

_END: Final = b"\r\n"
_ACK: Final = 0x06
_HDLC: Final = ord("2")
_ACK_OCTETS: Final = 6
_IDENTIFICATION_MIN: Final = 5
_SEVEN_BITS: Final = bytes(octet & 0x7F for octet in range(256))


@dataclass(frozen=True, slots=True)
class LineSettings:
    """How a serial line is set; one stop bit always."""

    baud: int
    data_bits: int = 8
    even_parity: bool = False


START: Final = LineSettings(300, 7, True)


@dataclass(frozen=True, slots=True)
class Send:
    """Send these octets."""

    octets: bytes


@dataclass(frozen=True, slots=True)
class SetLine:
    """When all is sent, wait `pause_s` and set the line; forget what came at another rate."""

    settings: LineSettings
    pause_s: float = 0.0


Step: TypeAlias = Send | SetLine


class SignOnState(Enum):
    """Where a sign-on is, at either end."""

    IDLE = auto()
    REQUESTED = auto()
    ACKNOWLEDGED = auto()
    IDENTIFIED = auto()
    OPEN = auto()
    FAILED = auto()


class SignOnEvent(Enum):
    """What happens: by our own side, by a message of the peer, by time."""

    START = auto()
    IDENTIFICATION = auto()
    OTHER_MODE = auto()
    ECHO = auto()
    NO_ECHO = auto()
    GIVEN_UP = auto()
    REQUEST = auto()
    ACKNOWLEDGEMENT = auto()
    SILENCE = auto()
    BREAK = auto()


_S, _E = SignOnState, SignOnEvent

TRANSITIONS: Final = {
    # the client
    (_S.IDLE, _E.START): _S.REQUESTED,
    (_S.FAILED, _E.START): _S.REQUESTED,
    (_S.REQUESTED, _E.IDENTIFICATION): _S.ACKNOWLEDGED,
    (_S.REQUESTED, _E.OTHER_MODE): _S.FAILED,
    (_S.REQUESTED, _E.GIVEN_UP): _S.FAILED,
    (_S.ACKNOWLEDGED, _E.ECHO): _S.OPEN,
    (_S.ACKNOWLEDGED, _E.NO_ECHO): _S.OPEN,
    # the meter
    (_S.IDLE, _E.REQUEST): _S.IDENTIFIED,
    (_S.IDENTIFIED, _E.REQUEST): _S.IDENTIFIED,
    (_S.IDENTIFIED, _E.ACKNOWLEDGEMENT): _S.OPEN,
    (_S.IDENTIFIED, _E.OTHER_MODE): _S.IDLE,
    (_S.IDENTIFIED, _E.SILENCE): _S.IDLE,
    (_S.IDENTIFIED, _E.BREAK): _S.IDLE,
    (_S.OPEN, _E.BREAK): _S.IDLE,
    (_S.OPEN, _E.SILENCE): _S.IDLE,
}


def next_state(state: SignOnState, event: SignOnEvent) -> SignOnState:
    """The state after an event; a pair that the table lacks changes nothing."""
    return TRANSITIONS.get((state, event), state)


def check_address(address: str) -> bytes:
    """A device address as octets; raises `InputError` for what has no place in a request."""
    legal = len(address) <= ADDRESS_OCTETS_MAX and all(c.isascii() and c.isalnum() for c in address)
    if not legal:
        raise InputError(
            f"{address!r} is no device address; at most {ADDRESS_OCTETS_MAX} letters and digits"
        )
    return address.encode("ascii")


class ClientSignOn:
    """The client's end. `state` is OPEN when HDLC may begin, FAILED when `failure` says why not."""

    def __init__(self, device_address: str = "", baud_max: int = 19200) -> None:
        self.state = SignOnState.IDLE
        self.failure = ""
        self.identification = b""
        self.deadline_s: float | None = None
        self._request = b"/?" + check_address(device_address) + b"!" + _END
        self._baud_max = baud_max
        self._acknowledgement = b""
        self._settings = START
        self._requests = 0
        self._buffer = bytearray()

    def start(self, now_s: float) -> list[Step]:
        """Begin, or begin again after a failure."""
        self.state = next_state(self.state, SignOnEvent.START)
        self._requests = 0
        self.failure = ""
        return self._ask(now_s)

    def _ask(self, now_s: float) -> list[Step]:
        self._requests += 1
        self._buffer.clear()
        self.deadline_s = now_s + ANSWER_TIMEOUT_S + _line_s(self._request, START)
        return [SetLine(START), Send(self._request)]

    def receive(self, octets: bytes, now_s: float) -> list[Step]:
        """Take octets of the line; parity bits and an echo of our own request are passed over."""
        self._buffer += octets.translate(_SEVEN_BITS)
        if self.state is SignOnState.ACKNOWLEDGED:
            if self._acknowledgement in self._buffer:
                return self._open(SignOnEvent.ECHO)
        elif self.state is SignOnState.REQUESTED:
            self.deadline_s = now_s + ANSWER_TIMEOUT_S
            for line in _take_lines(self._buffer):
                begin = line.rfind(b"/")
                if begin >= 0 and not line.startswith(b"/?", begin):
                    return self._identify(line[begin:], now_s)
        del self._buffer[: -LINE_OCTETS_MAX * 2]
        return []

    def _identify(self, line: bytes, now_s: float) -> list[Step]:
        self.identification = line
        code = chr(line[4]) if len(line) >= _IDENTIFICATION_MIN else ""
        if code not in BAUD_CODES or not line[5:].startswith((b"\\2", b"\\W")):
            self.state = next_state(self.state, SignOnEvent.OTHER_MODE)
            self.failure = f"offers no HDLC by mode E: {line.decode('ascii', 'replace')!r}"
            self.deadline_s = None
            return []
        self.state = next_state(self.state, SignOnEvent.IDENTIFICATION)
        baud = min(BAUD_CODES[code], self._baud_max)
        chosen = max((c for c, rate in BAUD_CODES.items() if rate <= baud), default="0")
        self._acknowledgement = b"\x062" + chosen.encode() + b"2" + _END
        self._settings = LineSettings(BAUD_CODES[chosen], 7, True)
        self._buffer.clear()
        sending_s = _line_s(self._acknowledgement, START) + SWITCH_PAUSE_S
        self.deadline_s = now_s + sending_s + ECHO_TIMEOUT_S
        return [Send(self._acknowledgement), SetLine(self._settings, SWITCH_PAUSE_S)]

    def tick(self, now_s: float) -> list[Step]:
        """Do what the time asks for: ask once more, give up, or go on without an echo."""
        if self.deadline_s is None or now_s < self.deadline_s:
            return []
        if self.state is SignOnState.ACKNOWLEDGED:
            return self._open(SignOnEvent.NO_ECHO)
        if self._requests < REQUESTS_MAX:
            return self._ask(now_s)
        self.state = next_state(self.state, SignOnEvent.GIVEN_UP)
        self.failure = f"does not identify itself; asked {REQUESTS_MAX} times"
        self.deadline_s = None
        return []

    def _open(self, event: SignOnEvent) -> list[Step]:
        self.state = next_state(self.state, event)
        self.deadline_s = None
        return [SetLine(LineSettings(self._settings.baud))]


class MeterSignOn:
    """The meter's end: answers requests, and is OPEN when HDLC may begin."""

    def __init__(
        self,
        identification: str = "ADD5\\2addad",
        device_address: str = "",
        *,
        echoes: bool = True,
    ) -> None:
        """`identification` is XXXZ\\2 and text: manufacturer, code of the baud rate, name."""
        legal = (
            _IDENTIFICATION_MIN <= len(identification) <= LINE_OCTETS_MAX - len(_END) - 1
            and identification[3] in BAUD_CODES
            and identification.startswith("\\2", 4)
            and identification.isascii()
            and identification.isprintable()
        )
        if not legal:
            raise InputError(f"{identification!r} is no identification; write it like ADD5\\2name")
        self.state = SignOnState.IDLE
        self.deadline_s: float | None = None
        self._identification = b"/" + identification.encode("ascii") + _END
        self._baud = BAUD_CODES[identification[3]]
        self._address = check_address(device_address).lstrip(b"0")
        self._echoes = echoes
        self._buffer = bytearray()

    def receive(self, octets: bytes, now_s: float) -> list[Step]:
        """Take octets of the line, while it does not speak HDLC."""
        self._buffer += octets.translate(_SEVEN_BITS)
        steps: list[Step] = []
        if BREAK in self._buffer:
            self._buffer.clear()
            return self.end(SignOnEvent.BREAK)
        for line in _take_lines(self._buffer):
            if self.state is SignOnState.OPEN:
                break
            acknowledgement = line.rfind(bytes((_ACK,)))
            if acknowledgement >= 0 and self.state is SignOnState.IDENTIFIED:
                steps += self._take_acknowledgement(line[acknowledgement:] + _END)
            else:
                steps += self._take_request(line, now_s)
        del self._buffer[: -LINE_OCTETS_MAX * 2]
        return steps

    def _take_request(self, line: bytes, now_s: float) -> list[Step]:
        begin = line.rfind(b"/?")
        if begin < 0 or not line.endswith(b"!"):
            return []
        address = line[begin + 2 : -1]
        if address and address.lstrip(b"0") != self._address:
            return []
        self.state = next_state(self.state, SignOnEvent.REQUEST)
        self.deadline_s = now_s + ANSWER_TIMEOUT_S + _line_s(self._identification, START)
        return [Send(self._identification)]

    def _take_acknowledgement(self, message: bytes) -> list[Step]:
        chosen = BAUD_CODES.get(chr(message[2])) if len(message) == _ACK_OCTETS else None
        if chosen is None or chosen > self._baud or (message[1], message[3]) != (_HDLC, _HDLC):
            return self.end(SignOnEvent.OTHER_MODE)
        self.state = next_state(self.state, SignOnEvent.ACKNOWLEDGEMENT)
        self.deadline_s = None
        self._buffer.clear()
        echo: list[Step] = [Send(message)] if self._echoes else []
        switch = SetLine(LineSettings(chosen, 7, True), SWITCH_PAUSE_S)
        return [switch, *echo, SetLine(LineSettings(chosen))]

    def tick(self, now_s: float) -> list[Step]:
        """A client that does not go on is forgotten."""
        if self.deadline_s is None or now_s < self.deadline_s:
            return []
        return self.end(SignOnEvent.SILENCE)

    def end(self, event: SignOnEvent = SignOnEvent.SILENCE) -> list[Step]:
        """Back to the beginning: the line waits for a request again."""
        self.state = next_state(self.state, event)
        self.deadline_s = None
        return [SetLine(START)]


def _line_s(octets: bytes, settings: LineSettings) -> float:
    return len(octets) * 10 / settings.baud


def _take_lines(buffer: bytearray) -> list[bytes]:
    """The whole lines of the buffer without their ends; they are taken out of it."""
    *lines, rest = bytes(buffer).split(_END)
    buffer[:] = rest
    return [line[-LINE_OCTETS_MAX:] for line in lines]
