"""Link parameters of SNRM and UA: published ones, both lengths, limits, what is ignored."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addad.dlms.hdlc.parameters import (
    DEFAULT_PARAMETERS,
    LinkParameters,
    read_parameters,
)
from addad.errors import DecodeError, InputError

PARAMETERS = st.builds(
    LinkParameters,
    st.integers(32, 2030),
    st.integers(32, 2030),
    st.integers(1, 7),
    st.integers(1, 7),
)
PUBLISHED = "818012050180060180070400000001080400000007"
LONG = "81801405020080060200800704000000010804 00000001".replace(" ", "")


def test_published_parameters() -> None:
    parameters = LinkParameters(128, 128, 1, 7)
    assert read_parameters(bytes.fromhex(PUBLISHED)) == parameters
    assert parameters.encode().hex() == PUBLISHED
    assert read_parameters(bytes.fromhex(LONG)) == DEFAULT_PARAMETERS
    assert DEFAULT_PARAMETERS.encode(two_octets=True).hex() == LONG


@given(PARAMETERS, st.booleans())
def test_what_is_written_is_read(parameters: LinkParameters, two_octets: bool) -> None:
    assert read_parameters(parameters.encode(two_octets=two_octets)) == parameters


@given(PARAMETERS, PARAMETERS)
def test_both_ends_agree_on_the_same(ours: LinkParameters, theirs: LinkParameters) -> None:
    here, there = ours.agreed_with(theirs), theirs.agreed_with(ours)
    assert here.information_transmit == there.information_receive
    assert here.information_receive == there.information_transmit
    assert here.window_transmit == there.window_receive
    assert here.window_receive == there.window_transmit
    assert here.agreed_with(there) == here


def test_what_is_not_said_is_the_default() -> None:
    assert read_parameters(b"") == DEFAULT_PARAMETERS
    assert read_parameters(bytes.fromhex("818000")) == DEFAULT_PARAMETERS
    assert read_parameters(bytes.fromhex("81800306 01 FF")).information_receive == 255


def test_windows_in_one_two_or_four_octets() -> None:
    for value in ("0105", "020005", "0400000005"):
        length = 1 + len(value) // 2
        octets = bytes.fromhex(f"8180{length:02x}07{value}")
        assert read_parameters(octets).window_transmit == 5


def test_values_beyond_the_limits_are_the_limit() -> None:
    octets = bytes.fromhex("81800C 0502FFFF 060101 070109 080100".replace(" ", ""))
    octets = octets[:2] + bytes((len(octets) - 3,)) + octets[3:]
    assert read_parameters(octets) == LinkParameters(2030, 32, 7, 1)


def test_the_user_group_and_unknown_tags_are_ignored() -> None:
    known = bytes.fromhex(PUBLISHED)
    assert read_parameters(known + bytes.fromhex("F003010203")) == LinkParameters(128, 128, 1, 7)
    assert read_parameters(bytes.fromhex("81800709021234060140")).information_receive == 64


@pytest.mark.parametrize(
    "octets",
    ["80", "818103050180", "81800305", "8180050503000080", "818002" + "0500"]
    + [PUBLISHED[: 2 * end] for end in range(2, len(PUBLISHED) // 2)]
    + ["818022" + "0900" * 17],
)
def test_another_structure_is_refused(octets: str) -> None:
    with pytest.raises(DecodeError):
        read_parameters(bytes.fromhex(octets))


@given(st.binary(max_size=60))
def test_any_octets_are_parameters_or_a_decode_error(octets: bytes) -> None:
    with contextlib.suppress(DecodeError):
        read_parameters(octets)


@pytest.mark.parametrize(
    "values", [(31, 128, 1, 1), (128, 2031, 1, 1), (128, 128, 0, 1), (128, 128, 1, 8)]
)
def test_what_no_link_can_have_is_told_to_the_user(values: tuple[int, int, int, int]) -> None:
    with pytest.raises(InputError):
        LinkParameters(*values)
