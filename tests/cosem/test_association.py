"""On whose behalf something is done: with his rights and proofs, and nothing asks that twice."""

import pytest

from addad.cosem.association import COSTLY_MAX, Association, OnBehalf
from addad.cosem.association_object import NegotiatedContext
from addad.cosem.classes import Data
from addad.cosem.cosem_object import CosemObject
from addad.cosem.interface_class import Caller
from addad.cosem.logical_device import LogicalDevice
from addad.cosem.rights import AssociationSpec, Proof, management_rights, reader_rights
from addad.dlms.apdu.initiate import Conformance
from addad.dlms.data import Data as Value
from addad.dlms.data import Tag
from addad.dlms.results import DataAccessResult
from addad.dlms.security.suite import Protection
from addad.dlms.types import Unsigned
from addad.obis import Obis

PLAIN, MADE = Obis.parse("0-0:96.1.1"), Obis.parse("0-0:96.1.2")
VALUE = Data.value.typed(Unsigned)
FIVE = Value(Tag.UNSIGNED, 5)


class Desk:
    """A plain value, and one that is made of the plain one for who asks."""

    def __init__(self) -> None:
        self.value = 1
        self.callers: list[Caller] = []
        plain = CosemObject(Data, PLAIN, VALUE.reads(lambda: self.value), VALUE.writes(self.write))
        made = CosemObject(
            Data, MADE, VALUE.reads_for(lambda: 0, self.make), VALUE.writes_for(self.pass_on)
        )
        specs = [
            AssociationSpec(1, Obis.parse("0-0:40.0.1"), management_rights),
            AssociationSpec(2, Obis.parse("0-0:40.0.2"), reader_rights),
        ]
        self.device = LogicalDevice(b"DESK", [plain, made], specs)

    def write(self, value: int) -> None:
        self.value = value

    def make(self, caller: Caller) -> int:
        self.callers.append(caller)
        octets = caller.get(VALUE.of(PLAIN))
        assert isinstance(octets, bytes)
        return VALUE.type.decode(octets) + 1

    def pass_on(self, value: int, caller: Caller) -> None:
        self.callers.append(caller)
        assert caller.set(VALUE.of(PLAIN), Value(Tag.UNSIGNED, value)) == 0

    def open(self, client_sap: int) -> Association:
        spec = self.device.associations[client_sap]
        return self.device.open(spec, NegotiatedContext(Conformance(0), 0, 0))


def test_a_value_is_made_for_who_reads_and_passed_on_for_who_writes() -> None:
    desk = Desk()
    management = desk.open(1)
    assert management.get(VALUE.of(MADE)) == b"\x11\x02"
    assert management.set(VALUE.of(MADE), FIVE) == DataAccessResult.SUCCESS
    assert desk.value == 5
    assert desk.device[MADE].reads[2].encode(None) == b"\x11\x00"


def test_what_is_done_on_behalf_asks_nobody_again() -> None:
    desk = Desk()
    caller = OnBehalf(desk.open(1), Proof())
    assert caller.get(VALUE.of(MADE)) == DataAccessResult.SCOPE_OF_ACCESS_VIOLATED
    assert caller.set(VALUE.of(MADE), FIVE) == DataAccessResult.SCOPE_OF_ACCESS_VIOLATED
    assert desk.callers == []


def test_the_rights_are_those_of_the_association() -> None:
    desk = Desk()
    reader, management = (OnBehalf(desk.open(sap), Proof()) for sap in (2, 1))
    assert reader.get(VALUE.of(PLAIN)) == b"\x11\x01"
    assert reader.may_set(VALUE.of(PLAIN)) == DataAccessResult.READ_WRITE_DENIED
    assert reader.set(VALUE.of(PLAIN), FIVE) == DataAccessResult.READ_WRITE_DENIED
    assert management.may_set(VALUE.of(PLAIN)) == DataAccessResult.SUCCESS
    assert management.may_set(VALUE.of(Obis.parse("9-9:9.9.9"))) == (
        DataAccessResult.OBJECT_UNDEFINED
    )
    assert desk.value == 1


def test_what_is_proved_is_added_and_never_taken_away() -> None:
    caller = OnBehalf(Desk().open(1), Proof(Protection.AUTHENTICATION, True))
    further = caller.proved(Protection.SIGNATURE, False).proved(Protection.NONE, False)
    assert further.protection == Protection.AUTHENTICATION | Protection.SIGNATURE
    assert caller.protection == Protection.AUTHENTICATION
    assert caller.security is None


@pytest.mark.parametrize("index", [0, 1])
def test_what_is_made_for_who_asks_is_costly(index: int) -> None:
    desk = Desk()
    management = desk.open(1)

    def ask() -> object:
        return (management.get(VALUE.of(MADE)), management.set(VALUE.of(MADE), FIVE))[index]

    management.begin_request()
    for _ in range(COSTLY_MAX // 2):
        ask()
    assert management.get(VALUE.of(MADE)) == DataAccessResult.TEMPORARY_FAILURE
    management.begin_request()
    assert isinstance(management.get(VALUE.of(MADE)), bytes)
