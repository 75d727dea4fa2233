"""The lists of associations as clients changed them: kept among the written attributes.

Blue Book, class 15. What stands there are the users of attribute 10 as they are shown, and of
attribute 2 the objects of which the association sees less than it was made with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from struct import Struct
from typing import Final

from addad.cosem.association_lists import Scope
from addad.cosem.classes.access import AssociationLN, AssociationLNV2, User
from addad.cosem.rights import AssociationSpec
from addad.dlms.types import OctetString
from addad.meter.associations import PASSWORDS, SECURED_ROWS, AssociationRow
from addad.meter.attribute_store import AttributeStore
from addad.meter.event_codes import PARAMETERS_CHANGED
from addad.meter.security import Note
from addad.obis import Obis

_ENTRY: Final = Struct(">6s3Q")
_SCOPES: Final = OctetString()
_USERS: Final = AssociationLNV2.user_list
_OBJECTS: Final = AssociationLN.object_list.index


def declare_lists(rows: Iterable[AssociationRow], attributes: AttributeStore) -> None:
    """Make room for the lists: none is changed until a client does it.

    What was kept of associations that the meter is made without now is not forgotten.
    """
    for row in (*rows, *PASSWORDS, *SECURED_ROWS):
        attributes.declare(row.name, _USERS.index, _USERS.type.encode(()))
        attributes.declare(row.name, _OBJECTS, _SCOPES.encode(b""))


class KeptLists:
    """A `ListKeeper` on the store of written attributes; `note` is told of each change."""

    def __init__(self, attributes: AttributeStore, note: Note) -> None:
        self._attributes = attributes
        self._note = note
        self._scopes: dict[Obis, Mapping[Obis, Scope]] = {}

    def users(self, spec: AssociationSpec) -> Mapping[int, str]:
        """The names of the users that may associate, by number; with none anybody may."""
        octets = self._attributes.read(spec.logical_name, _USERS.index)
        return dict(_USERS.type.decode(octets))

    def change_users(self, spec: AssociationSpec, users: Mapping[int, str]) -> None:
        """Keep other users; raises `AccessError` when there is no room."""
        listed = tuple(User(*one) for one in users.items())
        self._write(spec, _USERS.index, _USERS.type.encode(listed))

    def scopes(self, spec: AssociationSpec) -> Mapping[Obis, Scope]:
        """The objects of which an association sees less than it could."""
        known = self._scopes.get(spec.logical_name)
        if known is None:
            kept = _SCOPES.decode(self._attributes.read(spec.logical_name, _OBJECTS))
            known = {Obis(name): Scope(*bits) for name, *bits in _ENTRY.iter_unpack(kept)}
            self._scopes[spec.logical_name] = known
        return known

    def change_scopes(self, spec: AssociationSpec, scopes: Mapping[Obis, Scope]) -> None:
        """Keep other scopes; raises `AccessError` when there is no room."""
        kept = b"".join([_ENTRY.pack(bytes(name), *scope) for name, scope in scopes.items()])
        self._write(spec, _OBJECTS, _SCOPES.encode(kept))
        self._scopes[spec.logical_name] = scopes

    def _write(self, spec: AssociationSpec, index: int, octets: bytes) -> None:
        if self._attributes.write(spec.logical_name, index, octets):
            self._note(PARAMETERS_CHANGED)
