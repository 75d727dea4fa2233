"""The General-Block-Transfer APDU."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addad.dlms import apdu
from addad.dlms.apdu.general_block import NUMBER_MAX, WINDOW_MAX, GeneralBlock
from addad.errors import DecodeError, LocalProtocolError

VECTORS = [
    (GeneralBlock(False, True, 3, 1, 0, b"\xc4\x01"), "E0 43 0001 0000 02 C401"),
    (GeneralBlock(True, False, 63, 2, 0x1234, b""), "E0 BF 0002 1234 00"),
    (GeneralBlock(True, False, 0, 7, 0, bytes(200)), "E0 80 0007 0000 81C8" + "00" * 200),
]


@pytest.mark.parametrize(("value", "octets"), VECTORS)
def test_a_vector_both_ways_and_no_other_length(value: GeneralBlock, octets: str) -> None:
    wire = bytes.fromhex(octets)
    assert value.encode() == wire
    assert apdu.decode(wire) == value
    for end in range(len(wire)):
        with pytest.raises(DecodeError):
            apdu.decode(wire[:end])
    with pytest.raises(DecodeError):
        apdu.decode(wire + b"\x00")


@pytest.mark.parametrize(
    "block",
    [
        GeneralBlock(True, False, WINDOW_MAX + 1, 1, 0, b""),
        GeneralBlock(True, False, 1, NUMBER_MAX + 1, 0, b""),
        GeneralBlock(True, False, 1, 1, -1, b""),
    ],
)
def test_a_number_out_of_range_is_ours(block: GeneralBlock) -> None:
    with pytest.raises(LocalProtocolError):
        block.encode()


@given(
    st.builds(
        GeneralBlock,
        st.booleans(),
        st.booleans(),
        st.integers(0, WINDOW_MAX),
        st.integers(0, NUMBER_MAX),
        st.integers(0, NUMBER_MAX),
        st.binary(max_size=300),
    )
)
def test_what_is_written_is_read(block: GeneralBlock) -> None:
    assert apdu.decode(block.encode()) == block
