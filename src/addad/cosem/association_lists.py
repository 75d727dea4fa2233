"""What clients change of an association: which objects it sees, and which users may associate.

Blue Book, class 15 (add_object, remove_object, add_user, remove_user). An association never gets
more than it was made with: what is added is an object of the device, with rights that it could have
had all along. Association objects, the name and the list of logical devices always stay as they
are, so that nobody shuts himself out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple, Protocol

from addad import obis
from addad.cosem.classes.access import AssociationLNV0, ObjectListElement, User
from addad.cosem.classes.access_modes import may_invoke, may_read, may_write
from addad.cosem.cosem_object import CosemObject
from addad.cosem.interface_class import AttributeReads, AttributeWrites, Binding
from addad.cosem.rights import AssociationSpec
from addad.dlms.results import ActionResult
from addad.errors import AccessError
from addad.obis import Obis

USERS_MAX: Final = 64
USER_NAME_MAX: Final = 32
"""Users of an association, and letters of a name."""
SCOPES_MAX: Final = 128
"""Objects of an association of which clients changed what it may do."""

NUMBER_MAX: Final = 63
"""The last number of an attribute or method of which a scope can tell."""

_FIXED: Final = frozenset((obis.LOGICAL_DEVICE_NAME, obis.SAP_ASSIGNMENT))
_LOGICAL_NAME: Final = 1


class Scope(NamedTuple):
    """What of an object an association may use: a bit for each number of attribute or method."""

    reads: int = 0
    writes: int = 0
    does: int = 0

    @classmethod
    def of(cls, item: CosemObject) -> Scope:
        """All that is bound."""
        return cls(_bits(item.reads), _bits(item.writes), _bits(item.does))

    @classmethod
    def asked(cls, element: ObjectListElement, version: int) -> Scope:
        """What the access modes of an element say, in a version of the association class."""
        attributes, methods = element.access_rights
        numbers = [a.attribute_id for a in attributes if may_read(a.access_mode, version)]
        return cls(
            _bits((_LOGICAL_NAME, *numbers)),
            _bits(a.attribute_id for a in attributes if may_write(a.access_mode, version)),
            _bits(m.method_id for m in methods if may_invoke(m.access_mode, version)),
        )

    def allows(self, binding: Binding) -> bool:
        """Whether a binding is in it."""
        if isinstance(binding, AttributeReads):
            return bool(self.reads >> binding.attribute.index & 1)
        if isinstance(binding, AttributeWrites):
            return bool(self.writes >> binding.attribute.index & 1)
        return bool(self.does >> binding.method.index & 1)

    def within(self, most: Scope) -> bool:
        """Whether nothing is in it that is not in the other."""
        return not any(mine & ~theirs for mine, theirs in zip(self, most, strict=True))

    def cut(self, item: CosemObject) -> CosemObject | None:
        """The object with what is in the scope; None where the association does not see it."""
        if self == REMOVED:
            return None
        return item.allowed(lambda _, binding: self.allows(binding))


REMOVED: Final = Scope()
"""Of an object that the association does not see."""


def _bits(numbers: Iterable[int]) -> int:
    """A bit for each number; one that no attribute can have counts as the last one there is."""
    bits = 0
    for number in numbers:
        bits |= 1 << (number if 0 < number < NUMBER_MAX else NUMBER_MAX)
    return bits


class ListKeeper(Protocol):
    """Who keeps what clients changed of the lists of associations."""

    def users(self, spec: AssociationSpec) -> Mapping[int, str]:
        """The names of the users that may associate, by number; with none anybody may."""

    def change_users(self, spec: AssociationSpec, users: Mapping[int, str]) -> None:
        """Keep other users; raises `AccessError` when that cannot be."""

    def scopes(self, spec: AssociationSpec) -> Mapping[Obis, Scope]:
        """The objects of which an association sees less than it could."""

    def change_scopes(self, spec: AssociationSpec, scopes: Mapping[Obis, Scope]) -> None:
        """Keep other scopes; raises `AccessError` when that cannot be."""


class ListedDevice(Protocol):
    """The device whose associations have the lists."""

    def offered(self, spec: AssociationSpec, logical_name: Obis) -> CosemObject | None:
        """An object with all that an association may have of it; None where that is nothing."""

    def scope_changed(self, spec: AssociationSpec, logical_name: Obis) -> None:
        """An association sees more or less of an object from now on."""


class AssociationLists:
    """The methods that change the lists of one association; each changes all or nothing."""

    def __init__(self, device: ListedDevice, keeper: ListKeeper, spec: AssociationSpec) -> None:
        self._device = device
        self._keeper = keeper
        self._spec = spec

    def add_object(self, element: ObjectListElement) -> None:
        """Let the association see an object of the device, with the rights that are named."""
        offered = self._named(element)
        asked, most = Scope.asked(element, self._spec.version.version), Scope.of(offered)
        if not asked.within(most):
            raise AccessError(ActionResult.READ_WRITE_DENIED)
        self._change(offered, None if asked == most else asked)

    def remove_object(self, element: ObjectListElement) -> None:
        """Let the association not see an object; its rights in the element do not matter."""
        offered = self._named(element)
        if self._keeper.scopes(self._spec).get(offered.logical_name) == REMOVED:
            raise AccessError(ActionResult.OBJECT_UNDEFINED)
        self._change(offered, REMOVED)

    def add_user(self, user: User) -> None:
        """Let one more user associate; the first one shuts out whoever names none."""
        users = self._keeper.users(self._spec)
        if users.get(user.user_id) == user.user_name:
            return
        full = len(users) >= USERS_MAX or len(user.user_name) > USER_NAME_MAX
        if full or user.user_id in users:
            raise AccessError(ActionResult.OTHER_REASON)
        self._keeper.change_users(self._spec, {**users, user.user_id: user.user_name})

    def remove_user(self, user: User) -> None:
        """Let a user associate no more; who is associated stays so."""
        users = self._keeper.users(self._spec)
        if users.get(user.user_id) != user.user_name:
            raise AccessError(ActionResult.OBJECT_UNAVAILABLE)
        left = {number: name for number, name in users.items() if number != user.user_id}
        self._keeper.change_users(self._spec, left)

    def _named(self, element: ObjectListElement) -> CosemObject:
        offered = self._device.offered(self._spec, element.logical_name)
        if offered is None:
            raise AccessError(ActionResult.OBJECT_UNDEFINED)
        known = offered.interface_class
        if (known.class_id, known.version) != (element.class_id, element.version):
            raise AccessError(ActionResult.OBJECT_CLASS_INCONSISTENT)
        return offered

    def _change(self, item: CosemObject, scope: Scope | None) -> None:
        name = item.logical_name
        before = self._keeper.scopes(self._spec)
        if before.get(name) == scope:
            return
        if item.interface_class.class_id == AssociationLNV0.class_id or name in _FIXED:
            raise AccessError(ActionResult.READ_WRITE_DENIED)
        scopes = {known: kept for known, kept in before.items() if known != name}
        if scope is not None:
            scopes[name] = scope
        if len(scopes) > SCOPES_MAX:
            raise AccessError(ActionResult.OTHER_REASON)
        self._keeper.change_scopes(self._spec, scopes)
        self._device.scope_changed(self._spec, name)
