"""Pushes in every carriage and envelope, among noise, cut, altered, endless."""

from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from addad.dlms.apdu.event import EventNotification
from addad.dlms.security.framing import CipheringForm
from addad.dlms.security.suite import Protection
from addad.errors import DecodeError, RemoteProtocolError, SecurityError, SecurityFault
from addad.reader.push_carriages import APDU_OCTETS_MAX, Carriage
from addad.reader.pushes import Push, PushDecoder, UnreadPush, read_pushes
from reader.sample_pushes import (
    LLC,
    METER_TITLE,
    MOMENT,
    credentials,
    in_blocks,
    in_hdlc,
    in_mbus,
    in_wrapper,
    notification,
    sealed,
)

APDU = notification().encode()
CARRIAGES = {
    Carriage.PLAIN: lambda apdu: LLC + apdu,
    Carriage.HDLC: lambda apdu: in_hdlc(apdu, size=30),
    Carriage.MBUS: in_mbus,
    Carriage.WRAPPER: in_wrapper,
}


@pytest.mark.parametrize("carriage", CARRIAGES)
@pytest.mark.parametrize("ciphered", [False, True])
def test_a_push_in_each_carriage(carriage: Carriage, ciphered: bool) -> None:
    octets = CARRIAGES[carriage](sealed(APDU) if ciphered else APDU)
    (push,) = read_pushes(octets, credentials())
    assert push.carriage is carriage
    assert push.octets == APDU
    assert push.notification == notification()
    assert push.moment == MOMENT
    (value,) = push.values
    assert (str(value.logical_name), value.value, value.unit) == ("1-0:32.7.0", 230.4, "V")
    assert (push.list_name, push.telegram, push.quirks) == ("", "", ())
    if ciphered:
        assert push.opened is not None
        assert (push.opened.title, push.opened.verified) == (METER_TITLE, True)
    else:
        assert push.opened is None


@pytest.mark.parametrize("carriage", CARRIAGES)
def test_blocks_come_in_frames_of_their_own(carriage: Carriage) -> None:
    decoder = PushDecoder(credentials())
    found = []
    for block in in_blocks(sealed(APDU), 30):
        found += decoder.feed(CARRIAGES[carriage](block))
    (push,) = found + decoder.flush()
    assert isinstance(push, Push)
    assert push.notification == notification()
    assert decoder.buffered <= 1


def test_an_event_notification_is_a_push_too() -> None:
    event = bytes.fromhex("C201 0C 07EA0301070C1E0500FFC400 0001 0000600B00FF 02 12 0007")
    for octets in (event, sealed(event, CipheringForm.GLOBAL)):
        (push,) = read_pushes(in_wrapper(octets), credentials())
        assert isinstance(push.notification, EventNotification)
        (value,) = push.values
        assert (value.class_id, str(value.logical_name), value.attribute_index, value.value) == (
            *(1, "0-0:96.11.0", 2),
            7,
        )
        assert push.moment == MOMENT


def test_an_envelope_within_an_envelope_is_opened_too() -> None:
    twice = sealed(sealed(APDU, counter=9), CipheringForm.GENERAL_DEDICATED)
    (push,) = read_pushes(twice, credentials())
    assert push.octets == APDU


def test_pushes_that_follow_each_other_are_all_read() -> None:
    for carriage in (Carriage.HDLC, Carriage.MBUS, Carriage.WRAPPER):
        octets = b"".join(
            CARRIAGES[carriage](sealed(notification(n, n).encode(), counter=n)) for n in range(5)
        )
        found = read_pushes(octets, credentials())
        assert [push.values[0].raw for push in found] == [0, 1, 2, 3, 4]


def test_a_push_that_comes_again_is_told_as_a_replay() -> None:
    octets = in_hdlc(sealed(APDU))
    decoder = PushDecoder(credentials())
    first, second = decoder.feed(octets * 2)
    assert isinstance(first, Push)
    assert isinstance(second, UnreadPush)
    assert isinstance(second.fault, SecurityError)
    assert second.fault.fault is SecurityFault.REPLAY


def test_what_cannot_be_read_is_told_and_the_next_push_is_read() -> None:
    get = bytes.fromhex("C001C100080000010000FF0200")
    decoder = PushDecoder(credentials())
    found = decoder.feed(b"".join(map(in_hdlc, (get, sealed(APDU)[:-1], b"\x0f\x00", APDU))))
    assert [type(one) for one in found] == [UnreadPush] * 3 + [Push]
    told = [str(one.fault) for one in found if isinstance(one, UnreadPush)]
    assert told[0] == "a GetRequest, which is no push"
    assert found[0].octets == get


def test_noise_between_frames_is_survived_and_counted() -> None:
    noise = bytes(range(1, 120))
    for carriage in (Carriage.HDLC, Carriage.MBUS):
        frames = CARRIAGES[carriage](APDU)
        decoder = PushDecoder()
        found = decoder.feed(noise + frames + noise + frames + noise)
        assert [type(one) for one in found] == [Push, Push]
        decoder.flush()
        assert decoder.carriage is carriage
        assert decoder.discarded >= 3 * len(noise) - 20
        with pytest.raises(RemoteProtocolError, match="no whole frame"):
            read_pushes(frames + noise)


def test_a_missing_last_block_is_told() -> None:
    blocks = in_blocks(APDU, 20)
    decoder = PushDecoder()
    assert decoder.feed(in_hdlc(blocks[0])) == []
    (found,) = decoder.flush()
    assert isinstance(found, UnreadPush)
    assert str(found.fault) == "the last block is missing"
    assert decoder.flush() == []


def test_nothing_is_no_push() -> None:
    assert PushDecoder().flush() == []
    with pytest.raises(DecodeError, match="no push"):
        read_pushes(b"")


@pytest.mark.parametrize("carriage", CARRIAGES)
def test_every_cut_is_refused(carriage: Carriage) -> None:
    known = credentials()
    for apdu in (APDU, sealed(APDU), sealed(APDU, protection=Protection.AUTHENTICATION)):
        octets = CARRIAGES[carriage](apdu)
        for size in range(len(octets)):
            with pytest.raises(RemoteProtocolError):
                read_pushes(octets[:size], known)


STARTS = (b"", b"\x7e\xa0", b"\x68\x10\x10\x68", b"\x00\x01", b"\x0f\0\0\0\0\0", b"\xdb\x08", LLC)


@given(
    st.sampled_from(STARTS),
    st.lists(st.binary(max_size=300), max_size=6),
    st.sampled_from((None, *Carriage)),
)
@example(b"", [b"\xe0\x80\x00\x01\x00\x00\x00"], None)
@example(b"\x7e", [in_hdlc(b"/x!0000")], None)
def test_whatever_comes_nothing_else_is_raised(
    start: bytes, pieces: list[bytes], carriage: Carriage | None
) -> None:
    decoder = PushDecoder(credentials(), carriage)
    for piece in (start, *pieces):
        for one in decoder.feed(piece):
            assert isinstance(one, Push | UnreadPush)
    for one in decoder.flush():
        assert isinstance(one, Push | UnreadPush)
    decoder.flush()
    assert decoder.buffered <= 1


@given(st.data())
def test_altered_pushes_are_read_as_something_or_refused(data: st.DataObject) -> None:
    carriage = data.draw(st.sampled_from(list(CARRIAGES)))
    octets = bytearray(CARRIAGES[carriage](APDU))
    for _ in range(data.draw(st.integers(1, 4))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    decoder = PushDecoder()
    decoder.feed(bytes(octets))
    decoder.flush()


def test_endless_octets_are_bounded() -> None:
    patterns = (b"\0", b"\x0f", b"\x7e\xa7\xff\x03\x21", b"\x68\xff\xff\x68", b"\x00\x01\xff\xff")
    for pattern, carriage in product(patterns, (None, *Carriage)):
        decoder = PushDecoder(None, carriage)
        for _ in range(200):
            decoder.feed(pattern * 200)
            assert decoder.buffered <= APDU_OCTETS_MAX + 4096
