"""Data protection in the meter: the settings of such an object stand with the written attributes.

Blue Book, class 30. What it does is `addad.cosem.data_protection`; which layers it takes is the
affair of the security setup of the association that asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from addad.cosem.classes.data_protection import (
    DataProtection,
    ProtectionParameters,
    RequiredProtectionBits,
)
from addad.cosem.classes.definitions import RestrictedObject
from addad.cosem.data_protection import (
    check_layers,
    check_object_list,
    data_protection_bindings,
)
from addad.cosem.interface_class import Binding
from addad.meter.stored_objects import StoredObject, Trait


class _Settings:
    """See `ProtectionSettings`."""

    def __init__(self, stored: StoredObject) -> None:
        self._stored = stored

    def objects(self) -> tuple[RestrictedObject, ...]:
        return self._stored.value(DataProtection.protection_object_list)

    def parameters_get(self) -> tuple[ProtectionParameters, ...]:
        return self._stored.value(DataProtection.protection_parameters_get)

    def parameters_set(self) -> tuple[ProtectionParameters, ...]:
        return self._stored.value(DataProtection.protection_parameters_set)

    def required(self) -> RequiredProtectionBits:
        return self._stored.value(DataProtection.required_protection)


def _bindings(stored: StoredObject) -> Iterator[Binding]:
    return data_protection_bindings(_Settings(stored))


def _check_objects(_stored: StoredObject, objects: Sequence[RestrictedObject]) -> None:
    check_object_list(objects)


def _check_layers(_stored: StoredObject, layers: Sequence[ProtectionParameters]) -> None:
    check_layers(layers)


DATA_PROTECTION: Final = Trait(
    _bindings,
    {
        DataProtection.protection_object_list.index: _check_objects,
        DataProtection.protection_parameters_get.index: _check_layers,
        DataProtection.protection_parameters_set.index: _check_layers,
    },
)
