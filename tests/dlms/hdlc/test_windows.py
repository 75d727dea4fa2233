"""Segments, windows and acknowledgements."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addad.dlms.hdlc.windows import SDU_MAX, ReceiveWindow, SendWindow
from addad.errors import DecodeError


@given(
    st.lists(st.binary(max_size=300), max_size=5), st.integers(1, 64), st.integers(1, 7), st.data()
)
def test_what_is_put_in_comes_out_whatever_is_lost(
    sdus: list[bytes], size: int, window: int, data: st.DataObject
) -> None:
    send, receive = SendWindow(size, window), ReceiveWindow(size)
    for sdu in sdus:
        send.put(sdu)
    whole = []
    while send.waiting or send.unacknowledged:
        send.go_back()
        burst = send.burst()
        assert 1 <= len(burst) <= window
        lost = data.draw(st.integers(0, len(burst)))
        for at, (number, segment) in enumerate(burst):
            assert len(segment.information) <= size
            if at != lost:
                _, sdu = receive.accept(number, segment.information, segment.more)
                if sdu is not None:
                    whole.append(sdu)
        assert send.acknowledge(receive.expected) is not None
        if lost == 0:
            (number, segment), *_ = send.burst() or burst
            send.go_back()
    assert whole == sdus
    assert not receive.incomplete


def test_an_apdu_that_fills_its_segments_has_no_empty_one() -> None:
    send = SendWindow(4, 7)
    send.put(b"12345678")
    assert [(s.information, s.more) for _, s in send.burst()] == [(b"1234", True), (b"5678", False)]
    assert send.number == 2


def test_an_acknowledgement_of_what_was_not_sent_is_seen() -> None:
    send = SendWindow(4, 3)
    assert send.acknowledge(0) == 0
    assert send.acknowledge(1) is None
    send.put(bytes(40))
    assert [number for number, _ in send.burst()] == [0, 1, 2]
    assert send.acknowledge(4) is None
    assert send.acknowledge(7) is None
    assert send.acknowledge(2) == 2
    assert send.unacknowledged == 1
    assert [number for number, _ in send.burst()] == [3, 4]
    assert send.queued_octets == 20


def test_nothing_is_sent_to_a_busy_peer() -> None:
    send = SendWindow(4, 3)
    send.put(b"x")
    send.peer_busy = True
    assert send.burst() == []
    send.peer_busy = False
    assert len(send.burst()) == 1


def test_out_of_order_and_twice_is_a_gap() -> None:
    receive = ReceiveWindow(10)
    assert receive.accept(1, b"b", False) == (False, None)
    assert receive.gap
    assert receive.accept(0, b"a", True) == (True, None)
    assert receive.incomplete
    assert not receive.gap
    assert receive.accept(0, b"a", True) == (False, None)
    assert receive.accept(1, b"b", False) == (True, b"ab")


def test_segments_without_end_are_refused() -> None:
    receive = ReceiveWindow(2000)
    full = SDU_MAX // 2000
    for number in range(full):
        receive.accept(number % 8, bytes(2000), True)
    with pytest.raises(DecodeError, match=str(SDU_MAX)):
        receive.accept(full % 8, bytes(2000), True)
    assert not receive.incomplete
