"""Who sees and does what, and the right result for every wrong request."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from addad import obis
from addad.cosem.association import Association
from addad.cosem.association_object import NegotiatedContext
from addad.cosem.classes import (
    AssociationLN,
    Data,
    DisconnectControl,
    ProfileGeneric,
    Register,
    SAPAssignment,
)
from addad.cosem.classes.access import AssociationStatus, ObjectListElement
from addad.cosem.classes.measurement import Rows
from addad.cosem.cosem_object import CosemObject
from addad.cosem.logical_device import LogicalDevice
from addad.cosem.rights import SecuredBy, usual_associations
from addad.dlms.acse import Mechanism
from addad.dlms.apdu.descriptors import AttributeDescriptor, EntrySelection, MethodDescriptor
from addad.dlms.apdu.initiate import Conformance
from addad.dlms.data import NULL
from addad.dlms.results import ActionResult, DataAccessResult
from addad.dlms.types import DoubleLongUnsigned, Integer, Long, LongUnsigned, VisibleString
from addad.errors import AccessError, InputError
from addad.obis import Obis
from cosem.sample_device import BROKEN, IMPORT_WH, THRESHOLD_NAME, SampleMeter
from dlms.secured import context

PUBLIC, READER, MANAGEMENT = 16, 2, 1
CONTEXT = NegotiatedContext(Conformance(0x00101D), 1024, 512)
ABSENT = Obis.parse("1-0:99.99.0")


def associate(meter: SampleMeter, client_sap: int) -> Association:
    return meter.device.open(meter.device.associations[client_sap], CONTEXT)


def object_list(association: Association) -> dict[Obis, ObjectListElement]:
    octets = association.get(AssociationLN.object_list.of(obis.CURRENT_ASSOCIATION))
    assert isinstance(octets, bytes)
    return {e.logical_name: e for e in AssociationLN.object_list.type.decode(octets)}


def modes(element: ObjectListElement) -> tuple[dict[int, int], dict[int, int]]:
    rights = element.access_rights
    return (
        {item.attribute_id: item.access_mode for item in rights.attributes},
        {item.method_id: item.access_mode for item in rights.methods},
    )


def test_the_public_client_sees_name_clock_association_and_addresses_and_nothing_else() -> None:
    meter = SampleMeter()
    public = associate(meter, PUBLIC)
    seen = object_list(public)
    assert set(seen) == {
        obis.LOGICAL_DEVICE_NAME,
        obis.CLOCK,
        obis.CURRENT_ASSOCIATION,
        obis.SAP_ASSIGNMENT,
    }
    for item in meter.device:
        for attribute in item.interface_class.attributes.values():
            result = public.get(attribute.of(item.logical_name))
            if item.logical_name not in seen:
                assert result == DataAccessResult.OBJECT_UNDEFINED


def test_no_association_reads_a_secret() -> None:
    meter = SampleMeter()
    secrets = (b"reader-1", b"manage-1")
    for client_sap in (PUBLIC, READER, MANAGEMENT):
        association = associate(meter, client_sap)
        for number in range(4):
            name = Obis(bytes((0, 0, 40, 0, number, 255)))
            assert isinstance(association.get(AssociationLN.secret.of(name)), DataAccessResult)
        for item in meter.device:
            for attribute in item.interface_class.attributes.values():
                octets = association.get(attribute.of(item.logical_name))
                if isinstance(octets, bytes):
                    assert not any(secret in octets for secret in secrets)


def test_the_object_list_tells_what_each_association_may_do() -> None:
    meter = SampleMeter()
    reader = object_list(associate(meter, READER))
    management = object_list(associate(meter, MANAGEMENT))
    assert modes(reader[THRESHOLD_NAME])[0] == {1: 1, 2: 1, 3: 1}
    assert modes(management[THRESHOLD_NAME])[0] == {1: 1, 2: 3, 3: 1}
    assert modes(reader[obis.DISCONNECT_CONTROL]) == ({1: 1, 2: 1, 3: 1, 4: 1}, {1: 0, 2: 0})
    assert modes(management[obis.DISCONNECT_CONTROL])[1] == {1: 1, 2: 1}
    assert modes(management[obis.CURRENT_ASSOCIATION])[0][7] == 0
    buffer = reader[obis.LOAD_PROFILE].access_rights.attributes[1]
    assert buffer.access_selectors == (1, 2)
    assert reader[obis.LOAD_PROFILE].version == 1


def test_every_mode_in_the_object_list_is_what_a_request_gets() -> None:
    meter = SampleMeter()
    for client_sap in (PUBLIC, READER, MANAGEMENT):
        association = associate(meter, client_sap)
        for name, element in object_list(association).items():
            attributes, methods = modes(element)
            for index, mode in attributes.items():
                got = association.get(AttributeDescriptor(element.class_id, name, index, None))
                denied = got == DataAccessResult.READ_WRITE_DENIED
                assert denied == (mode == 0), (name, index)
                if mode < 2:
                    descriptor = AttributeDescriptor(element.class_id, name, index, None)
                    answer = association.set(descriptor, NULL)
                    assert answer == DataAccessResult.READ_WRITE_DENIED
            for index, mode in methods.items():
                if mode == 0:
                    result, _ = association.action(
                        MethodDescriptor(element.class_id, name, index), None
                    )
                    assert result == ActionResult.READ_WRITE_DENIED


@pytest.mark.parametrize(
    ("descriptor", "result"),
    [
        (AttributeDescriptor(3, ABSENT, 2, None), DataAccessResult.OBJECT_UNDEFINED),
        (
            AttributeDescriptor(1, obis.ACTIVE_ENERGY_IMPORT, 2, None),
            DataAccessResult.OBJECT_CLASS_INCONSISTENT,
        ),
        (
            AttributeDescriptor(3, obis.ACTIVE_ENERGY_IMPORT, 9, None),
            DataAccessResult.OBJECT_UNDEFINED,
        ),
        (
            AttributeDescriptor(3, obis.ACTIVE_ENERGY_IMPORT, 0, None),
            DataAccessResult.OBJECT_UNDEFINED,
        ),
        (
            AttributeDescriptor(3, obis.ACTIVE_ENERGY_IMPORT, 2, EntrySelection(1, 0, 1, 0)),
            DataAccessResult.SCOPE_OF_ACCESS_VIOLATED,
        ),
        (AttributeDescriptor(8, obis.CLOCK, 3, None), DataAccessResult.READ_WRITE_DENIED),
        (AttributeDescriptor(1, BROKEN, 2, None), DataAccessResult.OTHER_REASON),
    ],
)
def test_a_wrong_get_has_its_result(
    descriptor: AttributeDescriptor, result: DataAccessResult
) -> None:
    assert associate(SampleMeter(), MANAGEMENT).get(descriptor) == result


def test_a_right_get_gives_the_octets() -> None:
    reader = associate(SampleMeter(), READER)
    octets = reader.get(Register.value.of(obis.ACTIVE_ENERGY_IMPORT))
    assert octets == DoubleLongUnsigned.encode(IMPORT_WH)
    name = reader.get(Data.value.of(obis.LOGICAL_DEVICE_NAME))
    assert name == b"\x09\x10ADD0000000000001"


def test_a_set_is_done_once_typed_and_allowed() -> None:
    meter = SampleMeter()
    management, reader = associate(meter, MANAGEMENT), associate(meter, READER)
    threshold = Register.value.of(THRESHOLD_NAME)
    good = LongUnsigned.to_data(9000)
    assert reader.set(threshold, good) == DataAccessResult.READ_WRITE_DENIED
    assert meter.threshold_w == 6000
    wrong = Long.to_data(9000)
    assert management.set(threshold, wrong) == DataAccessResult.TYPE_UNMATCHED
    assert meter.threshold_w == 6000
    refused = LongUnsigned.to_data(60_000)
    assert management.set(threshold, refused) == DataAccessResult.TEMPORARY_FAILURE
    assert management.set(threshold, good) == DataAccessResult.SUCCESS
    assert meter.threshold_w == 9000
    absent = replace_name(threshold, ABSENT)
    assert management.set(absent, good) == DataAccessResult.OBJECT_UNDEFINED


def replace_name(descriptor: AttributeDescriptor, name: Obis) -> AttributeDescriptor:
    return AttributeDescriptor(descriptor.class_id, name, descriptor.index, None)


def test_an_action_needs_the_right_and_the_type() -> None:
    meter = SampleMeter()
    disconnect = DisconnectControl.remote_disconnect.of(obis.DISCONNECT_CONTROL)
    zero = Integer.to_data(0)
    reader, management = associate(meter, READER), associate(meter, MANAGEMENT)
    assert reader.action(disconnect, zero) == (ActionResult.READ_WRITE_DENIED, None)
    wrong = VisibleString.to_data("now")
    assert management.action(disconnect, wrong) == (ActionResult.TYPE_UNMATCHED, None)
    unknown = MethodDescriptor(70, obis.DISCONNECT_CONTROL, 9)
    assert management.action(unknown, zero) == (ActionResult.OBJECT_UNDEFINED, None)
    assert meter.closed
    assert management.action(disconnect, zero) == (ActionResult.SUCCESS, None)
    assert not meter.closed


@pytest.mark.parametrize(
    ("name", "sap", "words"),
    [
        (b"x" * 17, 1, "1 to 16 octets"),
        (b"", 1, "1 to 16 octets"),
        ("METER", 1, 'octets: b"…"'),
        (b"METER", 0, "at SAP 1 to 65535, not 0"),
        (b"METER", 65_536, "at SAP 1 to 65535, not 65536"),
    ],
)
def test_a_name_or_address_that_no_client_could_use_is_refused(
    name: bytes, sap: int, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        LogicalDevice(name, [], [], sap=sap)


def test_a_fault_in_a_binding_is_reported_at_home_only() -> None:
    meter = SampleMeter()
    result = associate(meter, READER).get(Data.value.of(BROKEN))
    assert result == DataAccessResult.OTHER_REASON
    assert [str(f) for f in meter.faults] == ["the stack trace stays at home"]


def test_a_refusal_with_an_unknown_code_or_success_is_other_reason() -> None:
    def refuse(code: int) -> int:
        raise AccessError(code)

    value = Register.value.typed(DoubleLongUnsigned)
    codes = {obis.ACTIVE_ENERGY_IMPORT: 0, obis.ACTIVE_ENERGY_EXPORT: 99}
    items = [
        CosemObject(Register, name, value.reads(lambda c=code: refuse(c)))  # type: ignore[misc]
        for name, code in codes.items()
    ]
    device = LogicalDevice(
        b"X", items, usual_associations(reader_password=b"r", management_password=b"m")
    )
    reader = device.open(device.associations[READER], CONTEXT)
    for name in codes:
        assert reader.get(Register.value.of(name)) == DataAccessResult.OTHER_REASON


def test_rows_that_fail_on_the_way_raise_an_access_error_for_the_blocks() -> None:
    def rows() -> Iterator[bytes]:
        yield b"\x02\x00"
        raise RuntimeError("disk")

    faults: list[Exception] = []
    item = CosemObject(
        ProfileGeneric,
        obis.LOAD_PROFILE,
        ProfileGeneric.buffer.streams(lambda _: Rows(2, rows())),
    )
    device = LogicalDevice(
        b"X",
        [item],
        usual_associations(reader_password=b"r", management_password=b"m"),
        on_fault=lambda _, fault: faults.append(fault),
    )
    reader = device.open(device.associations[READER], CONTEXT)
    pieces = reader.get(ProfileGeneric.buffer.of(obis.LOAD_PROFILE))
    assert not isinstance(pieces, bytes | DataAccessResult)
    with pytest.raises(AccessError) as refused:
        list(pieces)
    assert refused.value.result == DataAccessResult.OTHER_REASON
    assert [str(f) for f in faults] == ["disk"]


def test_the_current_association_describes_the_caller() -> None:
    meter = SampleMeter()
    for client_sap in (PUBLIC, READER, MANAGEMENT):
        association = associate(meter, client_sap)
        partners = association.get(
            AssociationLN.associated_partners_id.of(obis.CURRENT_ASSOCIATION)
        )
        assert isinstance(partners, bytes)
        assert AssociationLN.associated_partners_id.type.decode(partners) == (client_sap, 1)
        info = association.get(AssociationLN.xdlms_context_info.of(obis.CURRENT_ASSOCIATION))
        assert isinstance(info, bytes)
        decoded = AssociationLN.xdlms_context_info.type.decode(info)
        assert decoded.conformance.octets == bytes.fromhex("00101d")
        assert decoded[1:4] == (1024, 512, 6)
        mechanism = association.get(
            AssociationLN.authentication_mechanism_name.of(obis.CURRENT_ASSOCIATION)
        )
        level = 0 if client_sap == PUBLIC else 1
        assert mechanism == bytes.fromhex("0907608574050802") + bytes((level,))


def test_the_status_of_an_association_follows_its_connections() -> None:
    meter = SampleMeter()
    management = associate(meter, MANAGEMENT)
    status = AssociationLN.association_status.of(Obis.parse("0-0:40.0.2"))

    def read() -> AssociationStatus:
        octets = management.get(status)
        assert isinstance(octets, bytes)
        return AssociationLN.association_status.type.decode(octets)

    assert read() == AssociationStatus.NON_ASSOCIATED
    one, two = associate(meter, READER), associate(meter, READER)
    assert read() == AssociationStatus.ASSOCIATED
    one.close()
    one.close()
    assert read() == AssociationStatus.ASSOCIATED
    two.close()
    assert read() == AssociationStatus.NON_ASSOCIATED


def test_objects_added_later_are_seen() -> None:
    meter = SampleMeter()
    reader = associate(meter, READER)
    value = Register.value.typed(DoubleLongUnsigned).reads(lambda: 7)
    meter.device.add(CosemObject(Register, ABSENT, value))
    assert reader.get(Register.value.of(ABSENT)) == DoubleLongUnsigned.encode(7)
    assert ABSENT in object_list(reader)


def test_two_of_a_name_or_of_a_client_are_refused_at_once() -> None:
    items = [CosemObject(SAPAssignment, obis.SAP_ASSIGNMENT)] * 2
    with pytest.raises(InputError, match="two objects"):
        LogicalDevice(b"X", items, ())
    spec = usual_associations(reader_password=b"r", management_password=b"m")[0]
    with pytest.raises(InputError, match="same client SAP"):
        LogicalDevice(b"X", [], (spec, replace(spec, logical_name=ABSENT)))


def test_passwords_do_not_show_in_a_repr() -> None:
    specs = usual_associations(reader_password=b"hidden-r", management_password=b"hidden-m")
    assert "hidden" not in repr(specs)


def test_high_level_security_without_challenges_is_refused_at_once() -> None:
    public, _, management = usual_associations(reader_password=b"r", management_password=b"m")
    secured = SecuredBy(Obis.parse("0-0:43.0.0"), context(client=False))
    high = replace(management, mechanism=Mechanism.HIGH_SHA256, secured=secured)
    with pytest.raises(InputError, match="client 1 proves itself by a challenge"):
        LogicalDevice(b"ADD", [], [public, high])
