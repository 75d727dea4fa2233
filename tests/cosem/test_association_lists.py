"""Lists of associations on a device whose keeper is in memory: rights, bounds, faults."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from addad import obis
from addad.cosem import association_lists, classes
from addad.cosem.association_lists import REMOVED, AssociationLists, Scope
from addad.cosem.classes import Register
from addad.cosem.classes.access import (
    AssociationLNV2,
    AttributeAccessItem,
    ObjectListElement,
    User,
)
from addad.cosem.interface_class import InterfaceClass
from addad.cosem.logical_device import LogicalDevice
from addad.cosem.rights import AssociationSpec, public_rights, reader_rights
from addad.dlms.results import ActionResult
from addad.errors import AccessError
from addad.obis import Obis
from cosem.sample_device import NAME, SampleMeter

READER = AssociationSpec(2, Obis.parse("0-0:40.0.2"), reader_rights, version=AssociationLNV2)
PUBLIC = AssociationSpec(16, Obis.parse("0-0:40.0.1"), public_rights)
ENERGY = obis.ACTIVE_ENERGY_IMPORT


class Kept:
    """A keeper without a memory; `full` keeps nothing."""

    def __init__(self) -> None:
        self.full = False
        self.kept_users: dict[int, Mapping[int, str]] = {}
        self.kept_scopes: dict[int, Mapping[Obis, Scope]] = {}

    def users(self, spec: AssociationSpec) -> Mapping[int, str]:
        return self.kept_users.get(spec.client_sap, spec.users)

    def change_users(self, spec: AssociationSpec, users: Mapping[int, str]) -> None:
        self._check()
        self.kept_users[spec.client_sap] = users

    def scopes(self, spec: AssociationSpec) -> Mapping[Obis, Scope]:
        return self.kept_scopes.get(spec.client_sap, {})

    def change_scopes(self, spec: AssociationSpec, scopes: Mapping[Obis, Scope]) -> None:
        self._check()
        self.kept_scopes[spec.client_sap] = scopes

    def _check(self) -> None:
        if self.full:
            raise AccessError(ActionResult.HARDWARE_FAULT)


class Bench:
    """A device with two associations, and the lists of its reader."""

    def __init__(self) -> None:
        self.keeper = Kept()
        objects = SampleMeter().objects()
        self.device = LogicalDevice(NAME, objects, [PUBLIC, READER], lists=self.keeper)
        self.lists = AssociationLists(self.device, self.keeper, READER)

    def element(self, name: Obis) -> ObjectListElement:
        return self.device.view(READER)[name].list_element(2)


def test_what_is_removed_is_out_of_the_view_and_of_the_next_device_too() -> None:
    bench = Bench()
    element = bench.element(ENERGY)
    view = bench.device.view(READER)
    bench.lists.remove_object(element)
    assert ENERGY not in view
    again = LogicalDevice(NAME, SampleMeter().objects(), [PUBLIC, READER], lists=bench.keeper)
    assert ENERGY not in again.view(READER)
    bench.lists.add_object(element)
    assert view[ENERGY].list_element(2) == element
    assert not bench.keeper.kept_scopes[2]


def test_what_the_association_could_never_have_is_not_added() -> None:
    bench = Bench()
    public = AssociationLists(bench.device, bench.keeper, PUBLIC)
    with pytest.raises(AccessError) as refused:
        public.add_object(bench.element(ENERGY))
    assert refused.value.result == ActionResult.OBJECT_UNDEFINED


def test_a_keeper_that_fails_changes_nothing() -> None:
    bench = Bench()
    element = bench.element(ENERGY)
    bench.keeper.full = True
    for change in (
        lambda: bench.lists.remove_object(element),
        lambda: bench.lists.add_user(User(1, "anna")),
    ):
        with pytest.raises(AccessError):
            change()
    assert bench.element(ENERGY) == element
    assert not bench.device.users(READER)


def test_objects_with_changed_rights_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(association_lists, "SCOPES_MAX", 1)
    bench = Bench()
    elements = [bench.element(name) for name in (ENERGY, obis.CLOCK)]
    bench.lists.remove_object(elements[0])
    with pytest.raises(AccessError) as refused:
        bench.lists.remove_object(elements[1])
    assert refused.value.result == ActionResult.OTHER_REASON
    assert obis.CLOCK in bench.device.view(READER)


def test_the_users_of_the_pattern_are_there_until_somebody_changes_them() -> None:
    spec = replace(READER, users={1: "anna"})
    device = LogicalDevice(NAME, [], [spec])
    assert device.users(spec) == {1: "anna"}
    keeper = Kept()
    lists = AssociationLists(LogicalDevice(NAME, [], [spec], lists=keeper), keeper, spec)
    lists.add_user(User(2, "ben"))
    lists.remove_user(User(1, "anna"))
    assert keeper.users(spec) == {2: "ben"}


def test_without_a_keeper_there_are_no_such_methods() -> None:
    device = LogicalDevice(NAME, [], [READER])
    assert not device[READER.logical_name].does
    kept = Bench().device[READER.logical_name].does
    assert sorted(kept) == [3, 4, 5, 6]


def test_scopes() -> None:
    item = Bench().device[ENERGY]
    whole = Scope.of(item)
    assert whole.cut(item).list_element() == item.list_element()
    assert REMOVED.cut(item) is None
    value = Scope(0b110)
    assert value.within(whole)
    assert not whole.within(value)
    cut = value.cut(item)
    assert cut is not None
    assert sorted(cut.reads) == [1, Register.value.index]


def test_no_number_of_any_class_is_beyond_a_scope() -> None:
    """A number that nothing has is asked for in vain, and costs nothing."""
    known = [one for one in vars(classes).values() if isinstance(one, type(InterfaceClass))]
    numbers = {n for one in known if issubclass(one, InterfaceClass) for n in one.attributes}
    assert max(numbers) < association_lists.NUMBER_MAX
    bench = Bench()
    element = bench.element(ENERGY)
    attributes = (AttributeAccessItem(-128, 1), *element.access_rights.attributes)
    rights = element.access_rights._replace(attributes=attributes)
    with pytest.raises(AccessError):
        bench.lists.add_object(element._replace(access_rights=rights))
