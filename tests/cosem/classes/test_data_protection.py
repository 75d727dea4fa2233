"""Layers of protection, keys in their three forms, and protected requests."""

import pytest

from addad.cosem.classes import data_protection as p
from addad.cosem.classes.definitions import RestrictedObject, Restriction, RestrictionType
from addad.dlms.data import NULL, Data, Tag
from addad.errors import DecodeError
from addad.obis import Obis

PROFILE = Obis.parse("1-0:99.1.0")
IDENTIFIED = Data(Tag.ENUM, 0)


def layer(kind: p.KeyInfoType, options: Data) -> p.ProtectionParameters:
    return p.ProtectionParameters(
        p.ProtectionType.AUTHENTICATION_AND_ENCRYPTION,
        p.ProtectionOptions(b"\x01", b"CLIENT01", b"SERVER01", b"", p.KeyInfo(kind, options)),
    )


def test_a_layer_on_the_wire() -> None:
    wire = (
        bytes.fromhex("0202 1602 0205 090101 0908".replace(" ", ""))
        + b"CLIENT01"
        + b"\x09\x08SERVER01"
        + bytes.fromhex("0900 0202 1600 1600".replace(" ", ""))
    )
    one = layer(p.KeyInfoType.IDENTIFIED, IDENTIFIED)
    assert p.ProtectionParametersType.encode(one) == wire
    assert p.ProtectionParametersType.decode(wire) == one


def test_keys_in_three_forms() -> None:
    wrapped = p.WrappedKeyType.to_data(p.WrappedKey(0, b"w" * 24))
    agreed = p.AgreedKeyType.to_data(p.AgreedKey(b"\x02", b""))
    for kind, options in (
        (p.KeyInfoType.IDENTIFIED, IDENTIFIED),
        (p.KeyInfoType.WRAPPED, wrapped),
        (p.KeyInfoType.AGREED, agreed),
    ):
        layers = (layer(kind, options),)
        kinds = p.DataProtection.protection_parameters_get.type
        assert kinds.decode(kinds.encode(layers)) == layers
    assert p.WrappedKeyType.from_data(wrapped) == p.WrappedKey(0, b"w" * 24)
    assert p.AgreedKeyType.from_data(agreed) == p.AgreedKey(b"\x02", b"")


def test_what_is_required_has_the_upper_bits_only() -> None:
    kind = p.DataProtection.required_protection.type
    bits = p.RequiredProtectionBits
    assert kind.decode(b"\x16\x88") == bits.ENCRYPTED_REQUEST | bits.SIGNED_RESPONSE
    with pytest.raises(DecodeError):
        kind.decode(b"\x16\x03")


def test_a_protected_get_returns() -> None:
    whole = Restriction(RestrictionType.NONE, NULL)
    wanted = p.ProtectedGet(
        (RestrictedObject(7, PROFILE, 2, 0, whole),),
        (layer(p.KeyInfoType.IDENTIFIED, IDENTIFIED),),
    )
    kind = p.DataProtection.get_protected_attributes.parameter
    assert kind.decode(kind.encode(wanted)) == wanted
