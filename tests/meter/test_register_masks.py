"""Registers are assigned and masks arranged, and no mask names what is not there."""

from addad.cosem.classes.definitions import ObjectDefinition
from addad.cosem.classes.measurement import RegisterActivation as Masks
from addad.cosem.classes.measurement import RegisterMask
from addad.dlms.results import DataAccessResult
from addad.obis import Obis
from meter.table_desk import ENERGY, OTHER, TableDesk

TABLE = """
[[object]]
class = 6
name = "0-0:14.0.1"
writable = ["register_assignment", "mask_list"]
[object.attributes]
register_assignment = [[3, "1-0:1.8.0"]]
mask_list = [["0x01", [1]]]
active_mask = "0x01"
"""
REFUSED, UNDEFINED = DataAccessResult.OTHER_REASON, DataAccessResult.OBJECT_UNDEFINED


def test_a_register_is_added_once() -> None:
    desk = TableDesk(TABLE)
    for _ in range(2):
        assert desk.act(Masks.add_register, ObjectDefinition(3, OTHER)) == 0
    assert [name for _, name in desk.get(Masks.register_assignment)] == [ENERGY, OTHER]
    assert desk.act(Masks.add_register, ObjectDefinition(4, OTHER)) == UNDEFINED
    assert desk.act(Masks.add_register, ObjectDefinition(3, Obis(bytes(6)))) == UNDEFINED


def test_a_mask_is_added_or_replaced_and_names_assigned_registers() -> None:
    desk = TableDesk(TABLE)
    assert desk.act(Masks.add_mask, RegisterMask(b"T2", (1,))) == 0
    assert desk.act(Masks.add_mask, RegisterMask(b"T2", ())) == 0
    assert desk.get(Masks.mask_list) == (RegisterMask(b"\x01", (1,)), RegisterMask(b"T2", ()))
    for numbers in ((0,), (2,), (1, 2)):
        assert desk.act(Masks.add_mask, RegisterMask(b"T3", numbers)) == REFUSED


def test_a_mask_is_deleted_but_not_the_active_one() -> None:
    desk = TableDesk(TABLE)
    desk.act(Masks.add_mask, RegisterMask(b"T2", (1,)))
    assert desk.act(Masks.delete_mask, b"T2") == 0
    assert desk.act(Masks.delete_mask, b"T2") == DataAccessResult.OBJECT_UNAVAILABLE
    assert desk.act(Masks.delete_mask, b"\x01") == REFUSED
    assert desk.get(Masks.mask_list) == (RegisterMask(b"\x01", (1,)),)


def test_whole_lists_are_held_to_the_same() -> None:
    desk = TableDesk(TABLE)
    assert desk.set(Masks.mask_list, (RegisterMask(b"T2", (1,)),)) == REFUSED
    twice = (RegisterMask(b"\x01", (1,)), RegisterMask(b"\x01", ()))
    assert desk.set(Masks.mask_list, twice) == REFUSED
    assert desk.set(Masks.register_assignment, ()) == REFUSED
    assert desk.set(Masks.mask_list, (RegisterMask(b"\x01", ()),)) == 0
    assert desk.set(Masks.register_assignment, ()) == 0
