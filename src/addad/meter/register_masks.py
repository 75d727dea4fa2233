"""Which registers count under which mask, as clients arrange it.

Blue Book: class 6, Register activation. Registers are counted from 1 in the order in which they
were assigned; a mask lists those numbers.
"""

from __future__ import annotations

from collections.abc import Iterator

from addad.cosem.classes.definitions import ObjectDefinition
from addad.cosem.classes.measurement import RegisterActivation, RegisterMask
from addad.cosem.interface_class import Binding
from addad.dlms.results import DataAccessResult
from addad.errors import AccessError
from addad.meter.stored_objects import LIST_MAX, StoredObject, Trait, refusal

_ASSIGNED = RegisterActivation.register_assignment
_MASKS = RegisterActivation.mask_list


def _fits(mask: RegisterMask, registers: int) -> None:
    if any(not 1 <= number <= registers for number in mask.index_list):
        raise refusal(f"mask {mask.mask_name!r} names a register that is not assigned")


def _check_assignment(stored: StoredObject, assigned: tuple[ObjectDefinition, ...]) -> None:
    for one in assigned:
        _exists(stored, one)
    for mask in stored.value(_MASKS):
        _fits(mask, len(assigned))


def _exists(stored: StoredObject, one: ObjectDefinition) -> None:
    item = stored.around.find(one.logical_name)
    if item is None or item.interface_class.class_id != one.class_id:
        raise AccessError(DataAccessResult.OBJECT_UNDEFINED)


def _check_masks(stored: StoredObject, masks: tuple[RegisterMask, ...]) -> None:
    names = [mask.mask_name for mask in masks]
    if len(set(names)) != len(names):
        raise refusal("two masks have one name")
    if stored.value(RegisterActivation.active_mask) not in names:
        raise refusal("the active mask is not among them")
    for mask in masks:
        _fits(mask, len(stored.value(_ASSIGNED)))


def _behaviour(stored: StoredObject) -> Iterator[Binding]:
    def add_register(one: ObjectDefinition) -> None:
        assigned = stored.value(_ASSIGNED)
        _exists(stored, one)
        if one not in assigned:
            if len(assigned) >= LIST_MAX:
                raise refusal(f"no more than {LIST_MAX} registers")
            stored.put(_ASSIGNED, (*assigned, one))

    def add_mask(mask: RegisterMask) -> None:
        others = [one for one in stored.value(_MASKS) if one.mask_name != mask.mask_name]
        if len(others) >= LIST_MAX:
            raise refusal(f"no more than {LIST_MAX} masks")
        _fits(mask, len(stored.value(_ASSIGNED)))
        stored.put(_MASKS, (*others, mask))

    def delete_mask(name: bytes) -> None:
        masks = stored.value(_MASKS)
        left = tuple(one for one in masks if one.mask_name != name)
        if len(left) == len(masks):
            raise AccessError(DataAccessResult.OBJECT_UNAVAILABLE)
        if name == stored.value(RegisterActivation.active_mask):
            raise refusal("the mask is active")
        stored.put(_MASKS, left)

    yield RegisterActivation.add_register.does(add_register)
    yield RegisterActivation.add_mask.does(add_mask)
    yield RegisterActivation.delete_mask.does(delete_mask)


REGISTER_ACTIVATION = Trait(
    _behaviour, {_ASSIGNED.index: _check_assignment, _MASKS.index: _check_masks}
)
