"""The objects that a table gives to a meter: their classes, names, first values and rights.

Such an object shows what stands in the table until a client writes something else. What shows
something that lives (a register, the clock, the relay) is not of this table: see `objects`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from addad.cosem.classes import CLASSES
from addad.cosem.cosem_object import CosemObject
from addad.cosem.interface_class import (
    Attribute,
    AttributeReads,
    AttributeWrites,
    InterfaceClass,
)
from addad.cosem.plain_form import from_plain
from addad.dlms.apdu.descriptors import AnySelection
from addad.dlms.results import DataAccessResult
from addad.errors import AccessError, InputError
from addad.meter.attribute_store import AttributeStore
from addad.obis import Obis

_ROW_KEYS: Final = {"class", "version", "name", "writable", "write_only", "attributes"}
_KEYS: Final = {"title", "omit", "object"}


@dataclass(frozen=True, slots=True)
class ObjectRow:
    """One object: the octets of its attributes by index, and what may be written or not read."""

    interface_class: type[InterfaceClass]
    logical_name: Obis
    values: dict[int, bytes]
    writable: frozenset[int] = frozenset()
    write_only: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class ObjectModel:
    """A table of objects; `omit` names those of the meter's own that it does not have."""

    title: str = ""
    rows: tuple[ObjectRow, ...] = ()
    omit: frozenset[Obis] = frozenset()

    @classmethod
    def parse(cls, text: str) -> ObjectModel:
        """Read a table in TOML; raises `InputError` that names the object and the attribute."""
        try:
            table = tomllib.loads(text)
        except tomllib.TOMLDecodeError as fault:
            raise InputError(f"the table of objects is no TOML: {fault}") from None
        _check_keys(table, _KEYS, "the table of objects")
        rows = tuple([_row(entry) for entry in table.get("object", [])])
        names = [row.logical_name for row in rows]
        twice = {str(name) for name in names if names.count(name) > 1}
        if twice:
            raise InputError(f"the table of objects names twice: {', '.join(sorted(twice))}")
        omit = frozenset(Obis.parse(name) for name in table.get("omit", []))
        return cls(str(table.get("title", "")), rows, omit)


def _check_keys(table: dict[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(set(table) - known)
    if unknown:
        raise InputError(f"{where}: {', '.join(unknown)} is not known; write {sorted(known)}")


def _row(entry: dict[str, Any]) -> ObjectRow:
    _check_keys(entry, _ROW_KEYS, f"object {entry.get('name')}")
    try:
        name = Obis.parse(entry["name"])
        known = CLASSES.get((entry["class"], entry.get("version", 0)))
    except KeyError as missing:
        raise InputError(f"object {entry.get('name')}: {missing} is missing") from None
    if known is None:
        raise InputError(
            f"object {name}: class {entry['class']} version {entry.get('version', 0)} is not built"
        )
    by_name = {attribute.name: attribute for attribute in known.attributes.values()}
    values = {}
    for field, written in entry.get("attributes", {}).items():
        attribute = _attribute(by_name, field, name)
        value = from_plain(attribute.type, written, f"object {name}, {field}")
        values[attribute.index] = attribute.type.encode(value)
    writable, write_only = (
        frozenset(_attribute(by_name, field, name).index for field in entry.get(key, []))
        for key in ("writable", "write_only")
    )
    without = sorted((writable | write_only) - set(values))
    if without:
        raise InputError(f"object {name}: attribute {without} may be written and has no value")
    return ObjectRow(known, name, values, writable, write_only)


def _attribute(by_name: dict[str, Attribute[object]], field: str, name: Obis) -> Attribute[object]:
    if field == "logical_name" or field not in by_name:
        known = ", ".join(other for other in by_name if other != "logical_name")
        raise InputError(f"object {name}: no attribute {field}; there are {known}")
    return by_name[field]


def stored_objects(model: ObjectModel, store: AttributeStore) -> Iterator[CosemObject]:
    """The objects of a table, with `store` behind them."""
    for row in model.rows:
        for index, octets in row.values.items():
            store.declare(row.logical_name, index, octets)
        yield CosemObject(row.interface_class, row.logical_name, *_bindings(row, store))


def _bindings(row: ObjectRow, store: AttributeStore) -> Iterator[AttributeReads | AttributeWrites]:
    for index in row.values:
        attribute = row.interface_class.attributes[index]
        if index not in row.write_only:
            yield _reads(row, attribute, store)
        if index in row.writable or index in row.write_only:
            yield _writes(row, attribute, store)


def _reads(row: ObjectRow, attribute: Attribute[object], store: AttributeStore) -> AttributeReads:
    def octets(selection: AnySelection | None) -> bytes:
        if selection is not None:
            raise AccessError(DataAccessResult.SCOPE_OF_ACCESS_VIOLATED)
        return store.read(row.logical_name, attribute.index)

    return AttributeReads(attribute, octets)


def _writes(row: ObjectRow, attribute: Attribute[object], store: AttributeStore) -> AttributeWrites:
    def keep(value: object) -> None:
        store.write(row.logical_name, attribute.index, attribute.type.encode(value))

    return attribute.writes(keep)
