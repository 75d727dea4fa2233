"""FRMR: what it says, read and written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addad.dlms.hdlc.reject import Reject, RejectReason
from addad.errors import DecodeError


@given(st.integers(0, 255), st.integers(0, 7), st.integers(0, 7), st.integers(0, 15))
def test_what_is_written_is_read(control: int, send: int, receive: int, reason: int) -> None:
    reject = Reject(control, send, receive, RejectReason(reason))
    assert Reject.read(reject.encode()) == reject
    assert Reject.read(reject.encode() + b"more") == reject


def test_its_octets_and_words() -> None:
    reject = Reject(0x31, 2, 5, RejectReason.RECEIVE_NUMBER_INVALID)
    assert reject.encode().hex() == "31a408"
    assert str(reject) == "control 31: receive number invalid"
    for short in (b"", b"\x31\xa4"):
        with pytest.raises(DecodeError):
            Reject.read(short)
