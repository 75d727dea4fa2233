"""Types of more than one form: each form is read, one is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addad.cosem.classes.access_modes import AttributeAccessBits, MethodAccessBits
from addad.cosem.classes.choices import (
    Flags,
    MethodMode,
    ObjectIdentifier,
    TaggedDateTime,
    Text,
)
from addad.dlms.acse import ApplicationContext, Mechanism, context_name, mechanism_name
from addad.dlms.clock_time import DateTime
from addad.dlms.data import Data, Tag, decode, encode
from addad.errors import DecodeError, LocalProtocolError

NOON = DateTime(2026, 1, 1, 4, 12, 0, 0, 0, -60, 0)


@pytest.mark.parametrize("octets", ["0A03416263", "0C03416263", "0903416263"])
def test_text_is_read_in_three_forms(octets: str) -> None:
    assert Text.decode(bytes.fromhex(octets)) == "Abc"


def test_text_is_written_as_a_visible_string() -> None:
    assert Text.encode("Abc") == bytes.fromhex("0A03416263")


@pytest.mark.parametrize("octets", ["0901FF", "1105", "00"])
def test_what_is_no_text_is_refused(octets: str) -> None:
    with pytest.raises(DecodeError):
        Text.decode(bytes.fromhex(octets))


def test_a_tagged_date_time_is_read_in_two_forms() -> None:
    assert TaggedDateTime.encode(NOON) == bytes((Tag.DATE_TIME,)) + NOON.encode()
    assert TaggedDateTime.decode(TaggedDateTime.encode(NOON)) == NOON
    assert TaggedDateTime.decode(b"\x09\x0c" + NOON.encode()) == NOON
    with pytest.raises(DecodeError):
        TaggedDateTime.decode(b"\x11\x00")


def test_the_name_of_a_context_in_both_forms() -> None:
    name = context_name(ApplicationContext.LOGICAL_NAME)
    arcs = bytes.fromhex("0207 1102 1110 1202F4 1105 1108 1101 1101".replace(" ", ""))
    assert ObjectIdentifier(arcs=True).encode(name) == arcs
    assert ObjectIdentifier().encode(name) == bytes.fromhex("090760857405080101")
    for kind in (ObjectIdentifier(), ObjectIdentifier(arcs=True)):
        assert kind.decode(arcs) == name
        assert kind.decode(bytes.fromhex("090760857405080101")) == name


@pytest.mark.parametrize("mechanism", list(Mechanism))
def test_the_names_of_all_mechanisms_return(mechanism: Mechanism) -> None:
    name = mechanism_name(mechanism)
    kind = ObjectIdentifier(arcs=True)
    assert kind.decode(kind.encode(name)) == name


@pytest.mark.parametrize(
    "octets",
    [
        "0206 1102 1110 1202F4 1105 1108 1101",
        "0207 1102 1110 1202F4 1105 1108 1101 0F FF",
        "0207 1102 1110 12FFFF 1105 1108 1101 1101",
        "0207 11FF 1110 1202F4 1105 1108 1101 1101",
        "0207 1102 1110 1202F4 1105 1108 1101 11FF",
        "0207 1102 1110 1202F4 1105 1108 1101 0900",
        "1105",
    ],
)
def test_what_is_no_name_is_refused(octets: str) -> None:
    with pytest.raises(DecodeError):
        ObjectIdentifier().decode(bytes.fromhex(octets.replace(" ", "")))


def test_a_name_of_another_length_has_no_arcs() -> None:
    with pytest.raises(LocalProtocolError):
        ObjectIdentifier(arcs=True).encode(b"\x60\x85\x74")


@given(st.lists(st.integers(0, 0xFFFF), max_size=9))
def test_any_structure_of_numbers_is_a_name_or_refused(numbers: list[int]) -> None:
    arcs = tuple(Data(Tag.LONG_UNSIGNED, number) for number in numbers)
    octets = encode(Data(Tag.STRUCTURE, arcs))
    try:
        name = ObjectIdentifier().decode(octets)
    except DecodeError:
        return
    assert len(name) == 7


def test_flags_are_read_and_refused_beyond_their_mask() -> None:
    kind = Flags(MethodAccessBits)
    value = MethodAccessBits.ACCESS | MethodAccessBits.SIGNED_RESPONSE
    assert kind.encode(value) == b"\x16\x81"
    assert kind.decode(b"\x16\x81") == value
    with pytest.raises(DecodeError):
        kind.decode(b"\x16\x02")
    with pytest.raises(LocalProtocolError):
        kind.encode(MethodAccessBits(2))
    assert Flags(AttributeAccessBits).decode(b"\x16\xff") == AttributeAccessBits(0xFF)


def test_method_modes_in_both_forms() -> None:
    assert MethodMode().encode(1) == b"\x16\x01"
    assert MethodMode(boolean=True).encode(1) == b"\x03\x01"
    for kind in (MethodMode(), MethodMode(boolean=True)):
        assert kind.from_data(decode(b"\x03\xff")) == 1
        assert kind.from_data(decode(b"\x03\x00")) == 0
        assert kind.from_data(decode(b"\x16\x02")) == 2
