"""Push in its four versions, and addresses of the internet."""

import pytest

from addad import obis
from addad.cosem.classes import internet as n
from addad.cosem.classes.definitions import RestrictedObject, Restriction, RestrictionType
from addad.dlms.apdu.descriptors import CaptureObject
from addad.dlms.data import NULL, decode
from addad.dlms.results import DataAccessResult
from addad.errors import AccessError, DecodeError

PLAIN = "12 0007 0906 0100630100ff 0f02 120000"
NOTHING = Restriction(RestrictionType.NONE, NULL)


def octets(text: str) -> bytes:
    return bytes.fromhex(text.replace(" ", ""))


def test_push_destination_on_the_wire() -> None:
    kind = n.PushSetup.send_destination_and_method.type
    destination = n.SendDestination(n.TransportService.TCP, b"head.end:4059", n.MessageType.A_XDR)
    assert kind.from_data(decode(kind.encode(destination))) == destination


def test_a_pushed_object_grows_with_the_version() -> None:
    column = CaptureObject(8, obis.CLOCK, 2)
    name = obis.LOAD_PROFILE
    wires = (
        octets("0101 0204" + PLAIN),
        octets("0101 0205" + PLAIN + "0202 1600 00"),
        octets("0101 0206" + PLAIN + "0202 1600 00 0101 0204 120008 0906 0000010000ff 0f02 120000"),
    )
    kinds = tuple(
        version.push_object_list.type for version in (n.PushSetup, n.PushSetupV1, n.PushSetupV2)
    )
    assert kinds[0].decode(wires[0]) == (CaptureObject(7, name, 2),)
    assert kinds[1].decode(wires[1]) == (RestrictedObject(7, name, 2, 0, NOTHING),)
    assert kinds[2].decode(wires[2]) == (n.PushObject(7, name, 2, 0, NOTHING, (column,)),)
    for i, kind in enumerate(kinds):
        for j, wire in enumerate(wires):
            if i != j:
                with pytest.raises(DecodeError):
                    kind.decode(wire)


def test_the_delay_is_a_structure_from_version_2_on() -> None:
    assert n.PushSetupV1.repetition_delay.type.decode(octets("120078")) == 120
    delay = n.RepetitionDelay(60, 200, 3600)
    wire = octets("0203 12003c 1200c8 120e10")
    for version in (n.PushSetupV2, n.PushSetupV3):
        assert version.repetition_delay.type.encode(delay) == wire


def test_a_push_from_a_port_to_a_client() -> None:
    assert n.PushSetupV1.push_client_sap.type.decode(octets("0f10")) == 16
    assert n.PushSetupV2.push_protection_parameters.type.decode(b"\x01\x00") == ()
    confirmed = n.PushSetupV2.push_operation_method.type.decode(b"\x16\x02")
    assert confirmed is n.PushOperationMethod.CONFIRMED


def test_addresses_of_version_4_are_numbers() -> None:
    assert n.IPv4Setup.ip_address.type.decode(octets("06 c0a80001")) == 0xC0A80001
    options = n.IPv4Setup.ip_options.type
    wire = octets("0101 0203 1183 1103 0901 00")
    assert options.encode((n.IPOption(0x83, 3, b"\x00"),)) == wire
    assert options.decode(wire) == (n.IPOption(0x83, 3, b"\x00"),)


def test_addresses_of_version_6_have_sixteen_octets() -> None:
    address = bytes(15) + b"\x01"
    kind = n.IPv6Setup.unicast_ipv6_addresses.type
    assert kind.decode(b"\x01\x01\x09\x10" + address) == (address,)
    with pytest.raises(DecodeError):
        kind.decode(b"\x01\x01\x09\x04" + bytes(4))
    added = n.IPv6Setup.add_ipv6_address.parameter
    unicast = n.IPv6Address(n.IPv6AddressType.UNICAST, address)
    assert added.encode(unicast) == b"\x02\x02\x16\x00\x09\x10" + address
    discovery = n.IPv6Setup.neighbor_discovery_setup.type
    wire = octets("0101 0203 1103 120fa0 060000012c")
    assert discovery.decode(wire) == (n.NeighborDiscovery(3, 4000, 300),)


def test_a_traffic_class_beyond_its_six_bits_is_refused() -> None:
    taken: list[int] = []
    accept = n.IPv6Setup.traffic_class.writes(taken.append).accept
    accept(decode(octets("113f")))
    with pytest.raises(AccessError) as refused:
        accept(decode(octets("1140")))
    assert refused.value.result == DataAccessResult.TYPE_UNMATCHED
    assert taken == [63]
