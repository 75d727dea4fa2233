"""Registers, masks and profiles on the wire."""

import pytest

from addad import obis
from addad.cosem.classes.measurement import (
    BufferAttribute,
    CaptureObject,
    DemandRegister,
    ProfileGeneric,
    ProfileGenericV0,
    Register,
    RegisterActivation,
    RegisterMask,
)
from addad.dlms.apdu.descriptors import CAPTURE_OBJECT
from addad.dlms.data import Data, decode, encode
from addad.dlms.types import LongUnsigned
from addad.errors import AccessError, DecodeError
from addad.units import ScalerUnit, Unit


def test_scaler_unit_on_the_wire() -> None:
    octets = Register.scaler_unit.type.encode(ScalerUnit(-1, Unit.VOLT))
    assert octets == bytes.fromhex("02020fff1623")
    assert Register.scaler_unit.type.from_data(decode(octets)) == ScalerUnit(-1, 35)


def test_capture_object_on_the_wire() -> None:
    column = CaptureObject(8, obis.CLOCK, 2, 0)
    octets = encode(CAPTURE_OBJECT.to_data(column))
    assert octets == bytes.fromhex("0204120008090600000100 00ff0f02120000".replace(" ", ""))
    assert CAPTURE_OBJECT.from_data(decode(octets)) == column


def test_a_value_is_narrowed_where_its_type_is_known() -> None:
    assert Register.value.typed(LongUnsigned).type.decode(bytes.fromhex("1200e6")) == 230
    assert Register.value.type.decode(bytes.fromhex("1200e6")) == Data(18, 230)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("attribute", "octets"),
    [(DemandRegister.period, "0600000000"), (DemandRegister.number_of_periods, "120000")],
)
def test_a_window_without_length_is_refused(attribute: object, octets: str) -> None:
    refused: list[int] = []
    accept = attribute.writes(refused.append).accept  # type: ignore[attr-defined]
    with pytest.raises(AccessError):
        accept(decode(bytes.fromhex(octets)))
    accept(decode(bytes.fromhex(octets[:-2] + "01")))
    assert refused == [1]


def test_a_mask_on_the_wire() -> None:
    kind = RegisterActivation.mask_list.type
    octets = bytes.fromhex("01010202090254310102" + "11011102")
    assert kind.decode(octets) == (RegisterMask(b"T1", (1, 2)),)
    assert kind.encode((RegisterMask(b"T1", (1, 2)),)) == octets
    with pytest.raises(DecodeError):
        kind.decode(bytes.fromhex("010102020902543101011200"))


def test_both_versions_of_a_profile_stream_their_buffer() -> None:
    assert isinstance(ProfileGenericV0.buffer, BufferAttribute)
    assert isinstance(ProfileGeneric.buffer, BufferAttribute)
    assert ProfileGeneric.buffer.owner is ProfileGeneric
