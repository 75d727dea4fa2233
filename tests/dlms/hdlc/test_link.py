"""Two ends of a link over a line that is good, slow, or loses, doubles and spoils."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addad.dlms.hdlc.address import Address
from addad.dlms.hdlc.decoder import FrameDecoder
from addad.dlms.hdlc.frame import Control, Frame, FrameKind
from addad.dlms.hdlc.link import Link
from addad.dlms.hdlc.parameters import DEFAULT_PARAMETERS, LinkParameters
from addad.dlms.hdlc.reject import Reject, RejectReason
from addad.dlms.hdlc.states import LinkState
from addad.dlms.hdlc.terms import (
    ApduReceived,
    Connected,
    Disconnected,
    LinkRole,
    LinkTimes,
)
from addad.errors import LocalProtocolError
from dlms.hdlc.line import CLIENT, SERVER, Line, stations

WIDE = LinkParameters(2030, 2030, 7, 7)


def opened(
    client: LinkParameters = DEFAULT_PARAMETERS,
    server: LinkParameters = WIDE,
    times: LinkTimes = LinkTimes(response_s=0.5),  # noqa: B008
    **more: float,
) -> Line:
    line = Line(*stations(client, server, times), **more)  # type: ignore[arg-type]
    line.near.link.connect()
    line.run(lambda: line.near.connected or line.near.ends)
    return line


def ask(line: Line, request: bytes) -> None:
    """One request; until its answer, or the end of the link."""
    before = len(line.near.apdus)
    line.near.link.send(request)
    line.near.link.answer_wanted = True
    line.run(lambda: len(line.near.apdus) > before or line.near.ends)


def frames(octets: bytes) -> list[Frame]:
    return FrameDecoder().feed(octets)


def kinds(octets: bytes) -> list[FrameKind]:
    meanings = [frame.meaning for frame in frames(octets)]
    return [meaning.kind for meaning in meanings if meaning is not None]


@pytest.mark.parametrize("window", [1, 2, 7])
@pytest.mark.parametrize("size", [32, 128, 2030])
@pytest.mark.parametrize("length", [0, 1, 29, 30, 125, 126, 3000, 65_535])
def test_apdus_of_every_length_arrive_in_both_directions(
    window: int, size: int, length: int
) -> None:
    line = opened(LinkParameters(size, size, window, window))
    request = Random(length).randbytes(length)
    line.far.answer_with = {request: request[::-1] + b"!"[: length < 65_535]}
    ask(line, request)
    assert line.far.apdus == [request]
    assert line.near.apdus == list(line.far.answer_with.values())
    sent = [frame for octets in line.sent for frame in frames(octets)]
    assert max(len(frame.information) for frame in sent) <= max(size, 23)


def test_both_ends_have_the_same_view_of_what_was_agreed() -> None:
    line = opened(LinkParameters(200, 300, 2, 3), LinkParameters(250, 256, 7, 1))
    assert line.near.link.parameters == LinkParameters(200, 250, 1, 3)
    assert line.far.link.parameters == LinkParameters(250, 200, 3, 1)


def test_without_wishes_snrm_has_no_information() -> None:
    line = opened()
    assert line.sent[0] == Frame(SERVER, CLIENT, 0x93).encode()
    assert line.near.link.parameters == DEFAULT_PARAMETERS


def test_a_window_goes_out_in_one_burst_and_only_its_last_frame_polls() -> None:
    line = opened(LinkParameters(128, 128, 3, 3))
    line.sent.clear()
    line.far.answer_with = {bytes(300): bytes(600)}
    ask(line, bytes(300))
    bursts = [[f.meaning for f in frames(octets)] for octets in line.sent]
    polls = [[m.poll for m in burst if m] for burst in bursts]
    assert polls == [
        [False, False, True],
        [False, False, True],
        [True],
        [False, True],
    ]
    assert [m.send for m in bursts[1] + bursts[3] if m] == [0, 1, 2, 3, 4]


def test_a_server_that_needs_time_is_polled_until_it_answers() -> None:
    line = opened()
    line.near.link.send(b"request")
    line.near.link.answer_wanted = True
    line.run(lambda: line.now_s > 3)
    assert line.far.apdus == [b"request"]
    line.far.link.send(b"late")
    line.run(lambda: line.near.apdus)
    assert line.near.apdus == [b"late"]
    assert not line.near.ends


def test_a_client_that_wants_nothing_is_quiet() -> None:
    line = opened()
    line.near.link.send(b"unconfirmed")
    line.run(lambda: line.near.link.deadline_s is None and line.far.apdus)
    count = len(line.sent)
    line.run(lambda: line.far.ends)
    assert len(line.sent) == count
    assert line.far.ends == ["nothing came for the inactivity time"]
    assert line.now_s > 120


def test_a_link_that_the_meter_has_forgotten_ends_loudly() -> None:
    line = opened()
    line.run(lambda: line.far.ends)
    ask(line, b"anyone there?")
    assert line.near.ends == ["has ended the link"]
    assert line.far.apdus == []
    with pytest.raises(LocalProtocolError):
        line.near.link.send(b"again")


def test_a_meter_that_is_not_there_ends_loudly_after_the_retries() -> None:
    line = Line(*stations(times=LinkTimes(response_s=1, retries=3)), drop=1.0)
    line.near.link.connect()
    line.run(lambda: line.near.ends)
    assert line.near.ends == ["does not answer"]
    assert len(line.sent) == 4
    assert line.near.link.state is LinkState.DISCONNECTED


def test_a_stale_link_is_ended_before_a_new_one() -> None:
    line = opened()
    ghost = line.far.link
    again, _ = stations()
    line.near = again
    again.link.connect(clear=True)
    line.run(lambda: again.connected)
    assert line.far.link is ghost
    assert line.far.ends == ["reset by the client"]
    assert line.far.connected == 2
    assert [kinds(octets) for octets in line.sent[-4:]] == [
        [FrameKind.DISC],
        [FrameKind.UA],
        [FrameKind.SNRM],
        [FrameKind.UA],
    ]


def test_a_meter_that_is_silent_to_disc_is_asked_to_connect_all_the_same() -> None:
    line = Line(*stations(times=LinkTimes(response_s=1)))
    line.near.link.connect(clear=True)
    assert kinds(line.near.link.output(0.0)) == [FrameKind.DISC]
    assert line.near.link.tick(1.0) == []
    assert kinds(line.near.link.output(1.0)) == [FrameKind.SNRM]


def test_disconnect_in_good_order() -> None:
    line = opened()
    line.near.link.disconnect()
    line.run(lambda: line.near.ends)
    assert line.near.ends == [""]
    assert line.far.link.state is LinkState.DISCONNECTED


def test_a_meter_that_refuses_says_so() -> None:
    near, _ = stations(times=LinkTimes(response_s=1))
    link = near.link
    link.connect()
    dm = Frame(CLIENT, SERVER, Control(FrameKind.DM).octet)
    link.output(0.0)
    assert link.receive(dm, 0.1) == []
    link.tick(1.0)
    assert kinds(link.output(1.0)) == [FrameKind.SNRM]
    assert link.receive(dm, 1.1) == [Disconnected("refuses the link")]


def test_a_frame_reject_ends_the_clients_link_with_its_reason() -> None:
    line = opened()
    link = line.near.link
    link.send(b"x")
    link.output(line.now_s)
    reject = Reject(0x10, 0, 0, RejectReason.INFORMATION_TOO_LONG)
    frame = Frame(CLIENT, SERVER, Control(FrameKind.FRMR).octet, reject.encode())
    (end,) = link.receive(frame, line.now_s)
    assert isinstance(end, Disconnected)
    assert "information too long" in end.reason


@pytest.mark.parametrize(
    "control", [Control(FrameKind.RR, True, 0, 3), Control(FrameKind.I, True, 0, 5)]
)
def test_a_server_that_acknowledges_what_was_not_sent_loses_the_link(control: Control) -> None:
    line = opened()
    frame = Frame(CLIENT, SERVER, control.octet, b"" if control.kind is FrameKind.RR else b"x")
    (end,) = line.near.link.receive(frame, line.now_s)
    assert isinstance(end, Disconnected)
    assert "receive number invalid" in end.reason


def test_a_busy_server_gets_no_information_until_it_is_ready() -> None:
    line = opened()
    link = line.near.link
    link.send(bytes(300))
    link.output(line.now_s)
    rnr, rr = (Control(kind, True, 0, 1).octet for kind in (FrameKind.RNR, FrameKind.RR))
    link.receive(Frame(CLIENT, SERVER, rnr), line.now_s)
    assert link.output(line.now_s) == b""
    assert link.deadline_s is not None
    assert kinds(link.output(link.deadline_s)) == [FrameKind.RR]
    link.receive(Frame(CLIENT, SERVER, rr), line.now_s)
    assert kinds(link.output(line.now_s)) == [FrameKind.I]


def test_frames_of_the_wrong_role_and_of_nobody_are_ignored() -> None:
    line = opened()
    for octet in (0x93, 0x53, 0x13, 0x19, 0xFF, 0x83):
        assert line.near.link.receive(Frame(CLIENT, SERVER, octet), line.now_s) == []
    assert line.near.link.state is LinkState.CONNECTED
    for kind in (FrameKind.UA, FrameKind.DM, FrameKind.FRMR, FrameKind.UI, FrameKind.REJ):
        frame = Frame(SERVER, CLIENT, Control(kind).octet)
        assert line.far.link.receive(frame, line.now_s) == []
    assert line.far.link.state is LinkState.CONNECTED
    with pytest.raises(LocalProtocolError):
        line.far.link.connect()


def test_an_apdu_without_its_llc_header_is_taken_from_the_line_and_dropped() -> None:
    line = opened()
    octet = Control(FrameKind.I).octet
    assert line.far.link.receive(Frame(SERVER, CLIENT, octet, b"\xc0\x01"), line.now_s) == []
    assert kinds(line.far.link.output(line.now_s)) == [FrameKind.RR]


def test_the_line_time_of_what_is_sent_counts_before_the_time_out() -> None:
    times = LinkTimes(response_s=1.0, octet_s=10 / 300)
    link = Link(LinkRole.CLIENT, CLIENT, SERVER, WIDE, times)
    link.connect()
    octets = link.output(0.0)
    assert link.deadline_s == pytest.approx(1.0 + len(octets) / 30)
    link.line_busy(1.5)
    assert link.deadline_s == 2.5


@given(
    st.integers(0, 2**32),
    st.sampled_from((1, 2, 3, 7)),
    st.sampled_from((32, 128, 500)),
    st.sampled_from((0.0, 0.05, 0.2)),
    st.sampled_from((0.0, 0.3)),
    st.sampled_from((2, 20)),
)
@settings(max_examples=150)
def test_over_a_bad_line_each_apdu_arrives_once_or_the_link_fails_loudly(
    seed: int, window: int, size: int, bad: float, double: float, retries: int
) -> None:
    random = Random(seed)
    asked = LinkParameters(size, size, window, random.choice((1, 3, 7)))
    near, far = stations(asked, WIDE, LinkTimes(response_s=0.5, retries=retries))
    requests = [bytes((n,)) + random.randbytes(random.choice((3, 100, 900))) for n in range(10)]
    answers = [b"a" + request + random.randbytes(random.choice((0, 2000))) for request in requests]
    far.answer_with = dict(zip(requests, answers, strict=True))
    line = Line(near, far, random, drop=bad, double=double, spoil=bad)
    near.link.connect(clear=random.random() < 0.5)
    line.run(lambda: near.connected or near.ends)
    for request in requests:
        if not near.ends:
            ask(line, request)
    if not near.ends:
        assert near.apdus == answers
        assert far.apdus == requests
    else:
        assert near.ends[0] in ("does not answer", "refuses the link", "has ended the link")
        assert near.apdus == answers[: len(near.apdus)]
        assert far.apdus == requests[: len(far.apdus)]
        assert len(near.apdus) <= len(far.apdus) <= len(near.apdus) + 1
    if not bad:
        assert not near.ends


@given(
    st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=40), st.booleans()), max_size=30),
    st.sampled_from(list(LinkRole)),
)
@settings(max_examples=200)
def test_whatever_frames_come_nothing_is_raised_and_each_poll_has_one_answer_at_most(
    hostile: list[tuple[int, bytes, bool]], role: LinkRole
) -> None:
    line = opened(WIDE)
    station = line.near if role is LinkRole.CLIENT else line.far
    link = station.link
    for control, information, segmented in hostile:
        frame = Frame(link.local, link.remote, control, information, segmented)
        for outcome in link.receive(frame, line.now_s):
            assert isinstance(outcome, Connected | Disconnected | ApduReceived)
            if isinstance(outcome, ApduReceived) and role is LinkRole.SERVER:
                link.send(b"answer")
        out = frames(link.output(line.now_s))
        assert sum(1 for f in out if f.control & 0x10) <= 1
        assert link.deadline_s is None or link.deadline_s >= line.now_s


def test_a_client_that_never_takes_its_answers_costs_a_bounded_queue() -> None:
    line = opened(WIDE)
    link = line.far.link
    number = 0
    taken = 0
    for _ in range(100):
        octet = Control(FrameKind.I, False, number).octet
        for outcome in link.receive(Frame(SERVER, CLIENT, octet, b"\xe6\xe6\x00q"), line.now_s):
            assert isinstance(outcome, ApduReceived)
            link.send(bytes(60_000))
            taken += 1
            number = (number + 1) % 8
    assert taken < 5


def test_a_server_keeps_the_address_of_its_line() -> None:
    line = opened()
    assert line.far.link.local == SERVER == Address(1, 17, 2)
