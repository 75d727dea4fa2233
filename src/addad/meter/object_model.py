"""The objects that a table gives to a meter: their classes, names, first values and rights.

Such an object shows what stands in the table until a client writes something else, or what another
object shows. What lives itself (a register, the clock, the relay) is not of this table: see
`objects`; the format is that of the Blue Book's classes, in words that `plain_form` explains.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from addad.cosem.classes import CLASSES
from addad.cosem.classes.definitions import ValueDefinitionType
from addad.cosem.interface_class import Attribute, InterfaceClass
from addad.cosem.plain_form import from_plain
from addad.errors import InputError
from addad.meter.attribute_store import AttributeStore
from addad.obis import Obis

_ROW_KEYS: Final = {"class", "version", "name", "writable", "write_only", "attributes", "shows"}
_KEYS: Final = {"title", "extends", "omit", "push_version", "null_data", "object"}
_PUSH_VERSIONS: Final = (0, 1, 2)


Shown: TypeAlias = tuple[int, Obis, int]
"""An attribute of another object: its class, its name, the attribute's index."""


@dataclass(frozen=True, slots=True)
class ObjectRow:
    """One object: the octets of its attributes by index, and what may be written or not read.

    What it `shows` are the attributes of others, in place of values of its own.
    """

    interface_class: type[InterfaceClass]
    logical_name: Obis
    values: dict[int, bytes]
    writable: frozenset[int] = frozenset()
    write_only: frozenset[int] = frozenset()
    shows: dict[int, Shown] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ObjectModel:
    """A table of objects; `omit` names those of the meter's own that it does not have.

    `extends` names the table that it adds to, whoever finds that by its name.
    """

    title: str = ""
    rows: tuple[ObjectRow, ...] = ()
    omit: frozenset[Obis] = frozenset()
    extends: str = ""
    push_version: int = 0
    """The version of the alarms' push setup."""
    null_data: bool = False
    """Whether rows of the interval profiles leave out what repeats."""

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
        version = table.get("push_version", 0)
        if version not in _PUSH_VERSIONS:
            raise InputError(f"push_version is one of {_PUSH_VERSIONS}, not {version!r}")
        null_data = table.get("null_data", False)
        if not isinstance(null_data, bool):
            raise InputError(f"null_data is true or false, not {null_data!r}")
        title, extends = (str(table.get(key, "")) for key in ("title", "extends"))
        return cls(title, rows, omit, extends, version, null_data)

    def over(self, base: ObjectModel) -> ObjectModel:
        """This table on top of another: its objects replace those of the same name there."""
        own = {row.logical_name for row in self.rows}
        under = tuple(row for row in base.rows if row.logical_name not in own | self.omit)
        version = self.push_version or base.push_version
        omit = self.omit | base.omit
        null_data = self.null_data or base.null_data
        return ObjectModel(self.title, under + self.rows, omit, "", version, null_data)

    def declare(self, store: AttributeStore) -> None:
        """Tell a store the attributes of the table, and the values that they have at first."""
        for row in self.rows:
            for index, octets in row.values.items():
                store.declare(row.logical_name, index, octets)


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
    for key, written in entry.get("attributes", {}).items():
        attribute = _attribute(by_name, key, name)
        value = from_plain(attribute.type, written, f"object {name}, {key}")
        values[attribute.index] = attribute.type.encode(value)
    writable, write_only = (
        frozenset(_attribute(by_name, one, name).index for one in entry.get(key, []))
        for key in ("writable", "write_only")
    )
    without = sorted((writable | write_only) - set(values))
    if without:
        raise InputError(f"object {name}: attribute {without} may be written and has no value")
    shows = {
        _attribute(by_name, key, name).index: _shown(written, f"object {name}, {key}")
        for key, written in entry.get("shows", {}).items()
    }
    return ObjectRow(known, name, values, writable, write_only, shows)


def _shown(written: object, where: str) -> Shown:
    if not isinstance(written, list) or len(written) != 3:
        raise InputError(f"{where}: write class, OBIS code and attribute, as [3, '1-0:1.8.0', 2]")
    shown = from_plain(ValueDefinitionType, written, where)
    return shown.class_id, shown.logical_name, shown.attribute_index


def _attribute(by_name: dict[str, Attribute[object]], field: str, name: Obis) -> Attribute[object]:
    if field == "logical_name" or field not in by_name:
        known = ", ".join(other for other in by_name if other != "logical_name")
        raise InputError(f"object {name}: no attribute {field}; there are {known}")
    return by_name[field]
