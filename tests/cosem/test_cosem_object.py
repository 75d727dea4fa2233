"""One object: what may be bound to it, what is left of it for a caller, how a list tells it."""

import pytest

from addad import obis
from addad.cosem.classes import Clock, DisconnectControl, ProfileGeneric
from addad.cosem.classes.access import AttributeAccess, MethodAccess
from addad.cosem.cosem_object import CosemObject
from addad.cosem.interface_class import AttributeReads
from addad.dlms.types import LogicalName
from addad.errors import InputError


def relay() -> CosemObject:
    return CosemObject(
        DisconnectControl,
        obis.DISCONNECT_CONTROL,
        DisconnectControl.output_state.reads(lambda: True),
        DisconnectControl.remote_disconnect.does(lambda _: None),
    )


def test_a_binding_of_another_class_or_bound_twice_is_refused_at_once() -> None:
    one = DisconnectControl.output_state.reads(lambda: True)
    with pytest.raises(InputError, match="binding on a Clock"):
        CosemObject(Clock, obis.CLOCK, one)
    with pytest.raises(InputError, match="bound twice"):
        CosemObject(DisconnectControl, obis.DISCONNECT_CONTROL, one, one)


def test_every_object_tells_its_logical_name() -> None:
    name = relay().reads[1].encode(None)
    assert name == LogicalName.encode(obis.DISCONNECT_CONTROL)


def test_a_caller_gets_only_what_is_allowed_and_the_object_keeps_the_rest() -> None:
    whole = relay()
    allowed = whole.allowed(lambda _, binding: isinstance(binding, AttributeReads))
    assert set(allowed.reads) == {1, DisconnectControl.output_state.index}
    assert not allowed.does
    assert set(whole.does) == {DisconnectControl.remote_disconnect.index}
    assert set(whole.allowed(lambda *_: False).reads) == {1}


def test_an_object_list_tells_the_access_of_all_that_the_class_has() -> None:
    element = relay().list_element()
    assert (element.class_id, element.logical_name) == (70, obis.DISCONNECT_CONTROL)
    attributes = {a.attribute_id: a.access_mode for a in element.access_rights.attributes}
    assert attributes == {
        1: AttributeAccess.READ,
        2: AttributeAccess.READ,
        3: AttributeAccess.NONE,
        4: AttributeAccess.NONE,
    }
    methods = {m.method_id: m.access_mode for m in element.access_rights.methods}
    assert methods == {1: MethodAccess.ACCESS, 2: MethodAccess.NONE}


def test_an_object_list_tells_that_a_buffer_takes_a_range_or_entries() -> None:
    element = CosemObject(ProfileGeneric, obis.LOAD_PROFILE).list_element()
    selectors = {a.attribute_id: a.access_selectors for a in element.access_rights.attributes}
    assert selectors.pop(ProfileGeneric.buffer.index) == (1, 2)
    assert set(selectors.values()) == {None}
