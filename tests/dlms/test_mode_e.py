"""Mode E sign-on: both ends against the published messages and against each other."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addad.dlms.mode_e import (
    ANSWER_TIMEOUT_S,
    BREAK,
    ECHO_TIMEOUT_S,
    REQUESTS_MAX,
    START,
    SWITCH_PAUSE_S,
    TRANSITIONS,
    ClientSignOn,
    LineSettings,
    MeterSignOn,
    Send,
    SetLine,
    SignOnEvent,
    SignOnState,
    next_state,
)
from addad.errors import InputError

REQUEST = b"/?!\r\n"
IDENTIFICATION = b"/ADD5\\2addad\r\n"
ACKNOWLEDGEMENT = b"\x06252\r\n"
FAST = LineSettings(9600, 7, True)
HDLC = LineSettings(9600)


def with_parity(octets: bytes) -> bytes:
    """As a line with eight bits and no parity sees octets with seven bits and even parity."""
    return bytes(octet | (octet.bit_count() & 1) << 7 for octet in octets)


@pytest.mark.parametrize("pair", list(product(SignOnState, SignOnEvent)), ids=str)
def test_each_pair_is_in_the_table_or_changes_nothing(
    pair: tuple[SignOnState, SignOnEvent],
) -> None:
    assert next_state(*pair) is TRANSITIONS.get(pair, pair[0])


@pytest.mark.parametrize("seen", [bytes, with_parity])
@pytest.mark.parametrize("size", [1, 100])
def test_the_client_asks_identifies_acknowledges_and_opens(seen: object, size: int) -> None:
    assert callable(seen)
    client = ClientSignOn()
    assert client.start(0.0) == [SetLine(START), Send(REQUEST)]
    steps = []
    octets = seen(REQUEST + IDENTIFICATION)  # the probe gives back what is sent
    for start in range(0, len(octets), size):
        steps += client.receive(octets[start : start + size], 1.0)
    assert steps == [Send(ACKNOWLEDGEMENT), SetLine(FAST, SWITCH_PAUSE_S)]
    assert client.identification == IDENTIFICATION[:-2]
    assert client.receive(b"\xff" + seen(ACKNOWLEDGEMENT), 1.5) == [SetLine(HDLC)]
    assert client.state is SignOnState.OPEN
    assert client.deadline_s is None


def test_a_meter_that_does_not_echo_is_spoken_to_all_the_same() -> None:
    client = ClientSignOn("12345")
    assert client.start(0.0)[1] == Send(b"/?12345!\r\n")
    client.receive(b"/ISK5\\2MT382-1000\r\n", 1.0)
    assert client.deadline_s is not None
    assert client.deadline_s > 1.0 + SWITCH_PAUSE_S + ECHO_TIMEOUT_S
    assert client.tick(client.deadline_s - 0.01) == []
    assert client.tick(client.deadline_s) == [SetLine(HDLC)]
    assert client.state is SignOnState.OPEN


def test_the_client_asks_again_and_gives_up() -> None:
    client = ClientSignOn()
    now_s = 0.0
    asked = client.start(now_s)
    for _ in range(REQUESTS_MAX - 1):
        assert client.deadline_s is not None
        now_s = client.deadline_s
        assert client.tick(now_s) == asked
    assert client.deadline_s == pytest.approx(now_s + ANSWER_TIMEOUT_S + 50 / 300)
    assert client.tick(client.deadline_s) == []
    assert client.state is SignOnState.FAILED
    assert "identify" in client.failure
    assert client.start(now_s) == asked


@pytest.mark.parametrize(
    "line", [b"/ABC5meter\r\n", b"/ABCX\\2meter\r\n", b"/AB\r\n", b"/\r\n", b"/ABC5\\3x\r\n"]
)
def test_a_meter_of_another_mode_is_told_so(line: bytes) -> None:
    client = ClientSignOn()
    client.start(0.0)
    assert client.receive(line, 1.0) == []
    assert client.state is SignOnState.FAILED
    assert "mode E" in client.failure


@pytest.mark.parametrize(
    ("offered", "most", "chosen"),
    [("5", 19200, "5"), ("6", 9600, "5"), ("6", 19200, "6"), ("0", 300, "0"), ("6", 100, "0")],
)
def test_the_client_chooses_the_fastest_rate_of_both(offered: str, most: int, chosen: str) -> None:
    client = ClientSignOn(baud_max=most)
    client.start(0.0)
    steps = client.receive(f"/ABC{offered}\\2x\r\n".encode(), 0.0)
    assert steps[0] == Send(b"\x062" + chosen.encode() + b"2\r\n")


def test_the_meter_identifies_itself_and_opens() -> None:
    meter = MeterSignOn()
    assert meter.receive(with_parity(REQUEST), 0.0) == [Send(IDENTIFICATION)]
    steps = meter.receive(with_parity(ACKNOWLEDGEMENT), 1.0)
    assert steps == [SetLine(FAST, SWITCH_PAUSE_S), Send(ACKNOWLEDGEMENT), SetLine(HDLC)]
    assert meter.state is SignOnState.OPEN
    assert meter.end() == [SetLine(START)]
    assert meter.state is SignOnState.IDLE


def test_a_meter_may_keep_its_echo() -> None:
    meter = MeterSignOn(echoes=False)
    meter.receive(REQUEST, 0.0)
    assert meter.receive(ACKNOWLEDGEMENT, 1.0) == [SetLine(FAST, SWITCH_PAUSE_S), SetLine(HDLC)]


@pytest.mark.parametrize(
    ("request_line", "answers"),
    [
        (b"/?!\r\n", True),
        (b"/?123!\r\n", True),
        (b"/?000123!\r\n", True),
        (b"/?124!\r\n", False),
        (b"/?123\r\n", False),
        (b"?123!\r\n", False),
        (b"\x00\xff/?123!\r\n", True),
        (b"/?123!\n", False),
    ],
)
def test_only_the_meter_that_is_meant_answers(request_line: bytes, answers: bool) -> None:
    meter = MeterSignOn(device_address="0123")
    assert bool(meter.receive(request_line, 0.0)) is answers


@pytest.mark.parametrize("message", [b"\x06050\r\n", b"\x06262\r\n", b"\x062x2\r\n", b"\x062\r\n"])
def test_another_mode_or_too_fast_a_rate_leads_back_to_the_beginning(message: bytes) -> None:
    meter = MeterSignOn()
    meter.receive(REQUEST, 0.0)
    assert meter.receive(message, 1.0) == [SetLine(START)]
    assert meter.state is SignOnState.IDLE
    assert meter.receive(REQUEST, 2.0) == [Send(IDENTIFICATION)]


def test_silence_and_break_lead_back_to_the_beginning() -> None:
    meter = MeterSignOn()
    meter.receive(REQUEST, 0.0)
    assert meter.deadline_s is not None
    assert meter.tick(meter.deadline_s - 0.1) == []
    assert meter.tick(meter.deadline_s) == [SetLine(START)]
    assert meter.state is SignOnState.IDLE
    assert BREAK.hex() == "0142300371"
    meter.receive(REQUEST, 9.0)
    assert meter.receive(with_parity(BREAK), 9.5) == [SetLine(START)]
    assert meter.state is SignOnState.IDLE


@given(st.lists(st.sampled_from((REQUEST, IDENTIFICATION, BREAK, ACKNOWLEDGEMENT)) | st.binary()))
def test_noise_raises_nothing_and_fills_nothing(pieces: list[bytes]) -> None:
    client, meter = ClientSignOn(), MeterSignOn()
    client.start(0.0)
    for now_s, piece in enumerate(pieces):
        client.receive(piece, now_s)
        meter.receive(piece * 9, now_s)
        client.tick(now_s)
        meter.tick(now_s)
        assert len(client._buffer) <= 128
        assert len(meter._buffer) <= 128


@pytest.mark.parametrize("address", ["x" * 33, "a b", "ä", "1!"])
def test_what_is_no_address_is_told_to_the_user(address: str) -> None:
    with pytest.raises(InputError):
        ClientSignOn(address)


@pytest.mark.parametrize("text", ["", "ADD5name", "ADDX\\2n", "ADD5\\2\r\n", "ADD5\\2" + "n" * 70])
def test_what_is_no_identification_is_told_to_the_user(text: str) -> None:
    with pytest.raises(InputError):
        MeterSignOn(text)
