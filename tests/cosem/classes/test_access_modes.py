"""What an access mode allows and demands, in every version."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addad.cosem.classes import access_modes as am
from addad.cosem.classes.access_modes import RequiredProtection
from addad.dlms.security.suite import Protection
from addad.errors import LocalProtocolError

AUTHENTICATED = RequiredProtection(Protection.AUTHENTICATION)

# code: may read, may write, request must be authenticated
ENUMERATED = {
    0: (False, False, False),
    1: (True, False, False),
    2: (False, True, False),
    3: (True, True, False),
    4: (True, False, True),
    5: (False, True, True),
    6: (True, True, True),
    7: (False, False, False),
    255: (False, False, False),
}


@pytest.mark.parametrize("version", [0, 1, 2])
@pytest.mark.parametrize("mode", ENUMERATED)
def test_enumerated_attribute_modes(version: int, mode: int) -> None:
    read, write, authenticated = ENUMERATED[mode]
    assert am.may_read(mode, version) is read
    assert am.may_write(mode, version) is write
    assert am.attribute_protection(mode, version) == (
        AUTHENTICATED if authenticated else RequiredProtection()
    )


@pytest.mark.parametrize(
    ("version", "mode", "allowed", "required"),
    [
        (0, 0, False, RequiredProtection()),
        (0, 1, True, RequiredProtection()),
        (1, 0, False, RequiredProtection()),
        (1, 1, True, RequiredProtection()),
        (2, 2, True, AUTHENTICATED),
        (2, 3, False, RequiredProtection()),
        (3, 0x00, False, RequiredProtection()),
        (3, 0x01, True, RequiredProtection()),
        (3, 0x0D, True, RequiredProtection(Protection.AUTHENTICATION | Protection.ENCRYPTION)),
    ],
)
def test_method_modes(version: int, mode: int, allowed: bool, required: RequiredProtection) -> None:
    assert am.may_invoke(mode, version) is allowed
    assert am.method_protection(mode, version) == required


def test_each_bit_of_version_3_is_one_right_or_one_demand() -> None:
    bits = am.AttributeAccessBits
    none = Protection.NONE
    assert am.may_read(bits.READ, 3)
    assert not am.may_write(bits.READ, 3)
    assert am.may_write(bits.WRITE, 3)
    assert not am.may_read(bits.WRITE, 3)
    for bit, required in [
        (bits.AUTHENTICATED_REQUEST, RequiredProtection(Protection.AUTHENTICATION, none)),
        (bits.ENCRYPTED_REQUEST, RequiredProtection(Protection.ENCRYPTION, none)),
        (bits.SIGNED_REQUEST, RequiredProtection(Protection.SIGNATURE, none)),
        (bits.AUTHENTICATED_RESPONSE, RequiredProtection(none, Protection.AUTHENTICATION)),
        (bits.ENCRYPTED_RESPONSE, RequiredProtection(none, Protection.ENCRYPTION)),
        (bits.SIGNED_RESPONSE, RequiredProtection(none, Protection.SIGNATURE)),
    ]:
        assert not am.may_read(bit, 3)
        assert not am.may_write(bit, 3)
        assert am.attribute_protection(bit, 3) == required
    for name, bit in am.MethodAccessBits.__members__.items():
        if name != "ACCESS":
            assert bit == bits[name]


PROTECTIONS = st.builds(
    RequiredProtection,
    st.integers(0, 7).map(Protection),
    st.integers(0, 7).map(Protection),
)


@given(st.booleans(), st.booleans(), PROTECTIONS)
def test_a_mode_of_version_3_says_what_it_was_made_of(
    read: bool, write: bool, required: RequiredProtection
) -> None:
    mode = am.attribute_mode(3, read=read, write=write, required=required)
    assert 0 <= mode <= 0xFF
    assert (am.may_read(mode, 3), am.may_write(mode, 3)) == (read, write)
    if read or write:
        assert am.attribute_protection(mode, 3) == required
        method = am.method_mode(3, access=True, required=required)
        assert am.may_invoke(method, 3)
        assert am.method_protection(method, 3) == required
    assert am.protection_of_bits(am.bits_of_protection(required)) == required


@pytest.mark.parametrize("version", [0, 1, 2])
@pytest.mark.parametrize("required", [RequiredProtection(), AUTHENTICATED])
@pytest.mark.parametrize("read", [False, True])
@pytest.mark.parametrize("write", [False, True])
def test_an_enumerated_mode_says_what_it_was_made_of(
    version: int, required: RequiredProtection, read: bool, write: bool
) -> None:
    mode = am.attribute_mode(version, read=read, write=write, required=required)
    assert (am.may_read(mode, version), am.may_write(mode, version)) == (read, write)
    if read or write:
        assert am.attribute_protection(mode, version) == required


@pytest.mark.parametrize("version", [0, 1, 2])
@pytest.mark.parametrize(
    "required",
    [
        RequiredProtection(Protection.ENCRYPTION),
        RequiredProtection(Protection.AUTHENTICATION | Protection.SIGNATURE),
        RequiredProtection(Protection.NONE, Protection.AUTHENTICATION),
    ],
)
def test_enumerations_cannot_demand_more_than_authenticated_requests(
    version: int, required: RequiredProtection
) -> None:
    with pytest.raises(LocalProtocolError):
        am.attribute_mode(version, read=True, required=required)
    with pytest.raises(LocalProtocolError):
        am.method_mode(version, access=True, required=required)


def test_the_boolean_of_version_0_demands_nothing() -> None:
    assert am.method_mode(0, access=True) == 1
    assert am.method_mode(1, access=True, required=AUTHENTICATED) == 2
    with pytest.raises(LocalProtocolError):
        am.method_mode(0, access=True, required=AUTHENTICATED)
