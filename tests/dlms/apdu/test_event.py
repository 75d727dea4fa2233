"""EventNotification: with and without a time, in both forms that meters write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addad.dlms import apdu
from addad.dlms.apdu.descriptors import AttributeDescriptor
from addad.dlms.apdu.event import EventNotification
from addad.dlms.clock_time import DateTime
from addad.dlms.data import Data, Tag
from addad.dlms.push_quirks import PushQuirk
from addad.errors import DecodeError
from addad.obis import Obis

STATE = AttributeDescriptor(70, Obis.parse("0-0:96.3.10"), 3)
MOMENT = DateTime(2026, 1, 1, 4, 0, 0, 0, 0, -60, 0)
VECTORS = [
    (EventNotification(None, STATE, Data(Tag.ENUM, 1)), "C2 00 0046 000060030AFF 03 1601"),
    (
        EventNotification(MOMENT, STATE, Data(Tag.ENUM, 1)),
        "C2 01 0C 07EA01010400000000FFC400 0046 000060030AFF 03 1601",
    ),
]


@pytest.mark.parametrize(("value", "octets"), VECTORS)
def test_a_vector_both_ways_and_no_other_length(value: EventNotification, octets: str) -> None:
    wire = bytes.fromhex(octets)
    assert value.encode() == wire
    assert apdu.decode(wire) == value
    for end in range(len(wire)):
        with pytest.raises(DecodeError):
            apdu.decode(wire[:end])
    with pytest.raises(DecodeError):
        apdu.decode(wire + b"\x00")


def test_a_date_time_with_its_data_tag_is_named_as_a_quirk() -> None:
    wire = bytes.fromhex("C2 09 0C 07EA01010400000000FFC400 0046 000060030AFF 03 1601")
    read = apdu.decode(wire)
    assert read == VECTORS[1][0]
    assert isinstance(read, EventNotification)
    assert read.quirk is PushQuirk.TAGGED_DATE_TIME


def test_another_flag_is_refused() -> None:
    with pytest.raises(DecodeError):
        apdu.decode(bytes.fromhex("C2 02 0C 07EA01010400000000FFC400 0046 000060030AFF 03 1601"))


@given(st.sampled_from([None, MOMENT]), st.integers(0, 0xFFFF), st.integers(-128, 127))
def test_what_is_written_is_read(moment: DateTime | None, class_id: int, index: int) -> None:
    descriptor = AttributeDescriptor(class_id, STATE.logical_name, index)
    event = EventNotification(moment, descriptor, Data(Tag.OCTET_STRING, b"\x01\x02"))
    assert apdu.decode(event.encode()) == event
