"""A logical device: its objects, and what each association sees of them.

Rules of access by Blue Book class 15. The device keeps no values: a binding of an object says where
one comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from addad import obis
from addad.cosem.association import Association, FaultReport
from addad.cosem.association_lists import ListKeeper
from addad.cosem.association_object import NegotiatedContext, association_bindings
from addad.cosem.classes.access import AssociationStatus
from addad.cosem.classes.measurement import Data as DataClass
from addad.cosem.cosem_object import CosemObject
from addad.cosem.rights import AssociationSpec
from addad.dlms.indications import Incident
from addad.dlms.parameters import SAP_MAX, ServerParameters
from addad.dlms.results import DataAccessResult
from addad.dlms.security.hls import HIGH_MECHANISMS
from addad.dlms.types import OctetString
from addad.errors import AccessError, InputError
from addad.obis import Obis

MANAGEMENT_DEVICE: Final = 1
NAME_OCTETS_MAX: Final = 16


def _check_name(name: bytes, sap: int) -> None:
    if hasattr(name, "encode"):
        raise InputError('a logical device name is octets: b"…", or .encode() of a text')
    if not 1 <= len(name) <= NAME_OCTETS_MAX:
        raise InputError(
            f"a logical device name has 1 to {NAME_OCTETS_MAX} octets; {name!r} has {len(name)}"
        )
    if not 1 <= sap <= SAP_MAX:
        raise InputError(f"a logical device is at SAP 1 to {SAP_MAX}, not {sap}")


class Doorkeeper:
    """What a device asks and tells about its clients. This one lets in whoever proves himself.

    `peer` is where a client is, `address:port` or the name of a line.
    """

    def admits(self, spec: AssociationSpec, peer: str) -> bool:
        """Whether a client may try to associate from there now."""
        return True

    def came(self, spec: AssociationSpec, peer: str, user_id: int | None) -> None:
        """A client has been let in."""

    def failed(self, spec: AssociationSpec, peer: str, incident: Incident) -> None:
        """A client did what it should not, and was refused."""

    def secret(self, spec: AssociationSpec) -> bytes:
        """The secret of an association as it is now."""
        return spec.password

    def change_secret(self, spec: AssociationSpec, secret: bytes) -> None:
        """Ask another one from now on; raises `AccessError` where it cannot be kept."""
        raise AccessError(DataAccessResult.READ_WRITE_DENIED)

    def challenge(self) -> bytes:
        """Octets that nobody can foresee, new at each call; empty where nothing makes them."""
        return b""


class LogicalDevice:
    """The objects under one server SAP, and the associations that open them.

    `name` is the logical device name (at most 16 octets). `on_fault` is told of an exception in a
    binding, of which the client only learns that there was one. Clients can change the lists of
    associations where `lists` keeps them.
    """

    def __init__(
        self,
        name: bytes,
        objects: Iterable[CosemObject],
        associations: Sequence[AssociationSpec],
        *,
        sap: int = MANAGEMENT_DEVICE,
        on_fault: FaultReport | None = None,
        doorkeeper: Doorkeeper | None = None,
        lists: ListKeeper | None = None,
    ) -> None:
        """Raises `InputError` for a name or SAP that cannot be, two objects of one logical name,
        two specs of one client, and high-level security without a doorkeeper that makes challenges.
        """
        _check_name(name, sap)
        self.name = name
        self.sap = sap
        self.associations = {spec.client_sap: spec for spec in associations}
        if len(self.associations) != len(associations):
            raise InputError(f"{name!r}: two associations for the same client SAP")
        self.report_fault: FaultReport = on_fault or (lambda _text, _fault: None)
        self.doorkeeper = doorkeeper or Doorkeeper()
        self.lists = lists
        if type(self.doorkeeper).challenge is Doorkeeper.challenge:
            needs = [spec.client_sap for spec in associations if spec.mechanism in HIGH_MECHANISMS]
            if needs:
                raise InputError(
                    f"client {needs[0]} proves itself by a challenge: give a doorkeeper whose "
                    "`challenge` makes them"
                )
        self.open_count = dict.fromkeys(self.associations, 0)
        self.pending_count = dict.fromkeys(self.associations, 0)
        self._objects: dict[Obis, CosemObject] = {}
        self._views: dict[int, dict[Obis, CosemObject]] = {}
        self._lists: dict[tuple[int, bool], bytes] = {}
        self._offers: dict[int, ServerParameters] = {}
        self.add(*objects)
        if obis.LOGICAL_DEVICE_NAME not in self._objects:
            value = DataClass.value.typed(OctetString())
            self.add(CosemObject(DataClass, obis.LOGICAL_DEVICE_NAME, value.reads(lambda: name)))
        for spec in associations:
            bindings = association_bindings(self, spec, None)
            self.add(CosemObject(spec.version, spec.logical_name, *bindings))

    def offer(self, spec: AssociationSpec, offered: ServerParameters) -> ServerParameters:
        """What a client is offered: the object that was offered before where it is the same.

        A thousand associations that are alike share it.
        """
        kept = self._offers.get(spec.client_sap)
        if kept is None or kept != offered:
            self._offers[spec.client_sap] = kept = offered
        return kept

    def status(self, spec: AssociationSpec) -> AssociationStatus:
        """How far clients of an association have come."""
        if self.open_count[spec.client_sap]:
            return AssociationStatus.ASSOCIATED
        if self.pending_count[spec.client_sap]:
            return AssociationStatus.ASSOCIATION_PENDING
        return AssociationStatus.NON_ASSOCIATED

    def change_secret(self, spec: AssociationSpec, secret: bytes) -> None:
        """Ask another secret of the client from now on; may raise `AccessError`."""
        self.doorkeeper.change_secret(spec, secret)

    def add(self, *objects: CosemObject) -> None:
        """More objects; connections that are open see them too."""
        for item in objects:
            if item.logical_name in self._objects:
                raise InputError(f"two objects are named {item.logical_name}")
            self._objects[item.logical_name] = item
        self._lists.clear()
        for client_sap, view in self._views.items():
            view.update(self._seen_by(self.associations[client_sap], objects))

    def __iter__(self) -> Iterator[CosemObject]:
        return iter(self._objects.values())

    def __getitem__(self, logical_name: Obis) -> CosemObject:
        return self._objects[logical_name]

    def __contains__(self, logical_name: Obis) -> bool:
        return logical_name in self._objects

    def users(self, spec: AssociationSpec) -> Mapping[int, str]:
        """The names of the users that may associate, by number; with none anybody may."""
        return spec.users if self.lists is None else self.lists.users(spec)

    def offered(self, spec: AssociationSpec, logical_name: Obis) -> CosemObject | None:
        """An object with all that an association may have of it; None where that is nothing."""
        item = self._objects.get(logical_name)
        return None if item is None else _most(spec, item)

    def scope_changed(self, spec: AssociationSpec, logical_name: Obis) -> None:
        """An association sees more or less of an object; connections that are open do too."""
        view = self.view(spec)
        view.pop(logical_name, None)
        view.update(self._seen_by(spec, (self._objects[logical_name],)))
        for own in (False, True):
            self._lists.pop((spec.client_sap, own), None)

    def _seen_by(
        self, spec: AssociationSpec, objects: Iterable[CosemObject]
    ) -> Iterator[tuple[Obis, CosemObject]]:
        scopes = {} if self.lists is None else self.lists.scopes(spec)
        for item in objects:
            seen = _most(spec, item)
            scope = scopes.get(item.logical_name)
            if seen is not None and scope is not None:
                seen = scope.cut(seen)
            if seen is not None:
                yield item.logical_name, seen

    def view(self, spec: AssociationSpec) -> dict[Obis, CosemObject]:
        """The objects that an association sees, with only what it may do. Made once."""
        view = self._views.get(spec.client_sap)
        if view is None:
            view = dict(self._seen_by(spec, self))
            self._views[spec.client_sap] = view
        return view

    def kept_list(self, spec: AssociationSpec, own: bool, make: Callable[[], bytes]) -> bytes:
        """The encoded object list of an association, `own` with itself in it; made once."""
        kept = self._lists.get((spec.client_sap, own))
        if kept is None:
            kept = self._lists[spec.client_sap, own] = make()
        return kept

    def open(self, spec: AssociationSpec, context: NegotiatedContext) -> Association:
        """An association that has just been accepted; `close` it when it ends."""
        return Association(self, spec, context)


def _most(spec: AssociationSpec, item: CosemObject) -> CosemObject | None:
    allowed = item.allowed(spec.sees)
    return allowed if len(allowed.reads) > 1 or allowed.writes or allowed.does else None
