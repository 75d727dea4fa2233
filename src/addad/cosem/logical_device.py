"""A logical device: its objects, what each association may do with them, request to result.

Rules of access by Blue Book class 15; the results are those of GET, SET and ACTION. The device
keeps no values: a binding of an object says where one comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeVar

from addad import obis
from addad.cosem.association_lists import ListKeeper
from addad.cosem.association_object import NegotiatedContext, association_bindings
from addad.cosem.classes.access import AssociationStatus
from addad.cosem.classes.measurement import Data as DataClass
from addad.cosem.cosem_object import CosemObject
from addad.cosem.interface_class import AttributeReads, AttributeWrites, MethodDoes
from addad.cosem.rights import AssociationSpec, Proof
from addad.dlms.apdu.descriptors import AttributeDescriptor, MethodDescriptor
from addad.dlms.blocks import Encodable
from addad.dlms.data import Data
from addad.dlms.indications import Incident
from addad.dlms.results import ActionOutcome, ActionResult, DataAccessResult
from addad.dlms.security.hls import HIGH_MECHANISMS
from addad.dlms.types import OctetString
from addad.errors import AccessError, InputError
from addad.obis import Obis

BoundT = TypeVar("BoundT", AttributeReads, AttributeWrites, MethodDoes)

FaultReport = Callable[[str, Exception], None]

MANAGEMENT_DEVICE: Final = 1
COSTLY_MAX: Final = 8
"""How often one request does what is costly: make keys, check signatures, wait for the disk."""
NO_PROOF: Final = Proof()


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
        """Raises `InputError` for two objects of one logical name, two specs of one client, and
        high-level security without a doorkeeper that makes challenges.
        """
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
        self.add(*objects)
        if obis.LOGICAL_DEVICE_NAME not in self._objects:
            value = DataClass.value.typed(OctetString())
            self.add(CosemObject(DataClass, obis.LOGICAL_DEVICE_NAME, value.reads(lambda: name)))
        for spec in associations:
            bindings = association_bindings(self, spec, None)
            self.add(CosemObject(spec.version, spec.logical_name, *bindings))

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


class Association:
    """What one connected client may do with the device: request in, result out. Never raises.

    Every service comes through `_find` and `_bound`: there alone is decided what is allowed. A
    `Proof` says how a request was protected.
    """

    __slots__ = ("_context", "_device", "_open", "_own", "_spent", "_view", "spec")

    def __init__(
        self, device: LogicalDevice, spec: AssociationSpec, context: NegotiatedContext
    ) -> None:
        self.spec = spec
        self._device = device
        self._view = device.view(spec)
        self._context = context
        self._own: CosemObject | None = None
        self._open = True
        self._spent = 0
        device.open_count[spec.client_sap] += 1

    def close(self) -> None:
        """The association has ended; closing twice does nothing."""
        if self._open:
            self._open = False
            self._device.open_count[self.spec.client_sap] -= 1

    def begin_request(self) -> None:
        """What follows belongs to another request: what is costly is counted anew."""
        self._spent = 0

    def get(
        self, descriptor: AttributeDescriptor, proof: Proof = NO_PROOF
    ) -> Encodable | DataAccessResult:
        """The octets of the value, whole or in pieces, or why not."""
        try:
            item = self._find(descriptor.class_id, descriptor.logical_name)
            binding = self._bound(item, item.reads.get(descriptor.index), descriptor, proof)
            octets = binding.encode(descriptor.selection)
        except Exception as fault:
            return _data_result(self._result(descriptor, fault))
        return octets if isinstance(octets, bytes) else self._guarded(descriptor, octets)

    def set(
        self, descriptor: AttributeDescriptor, data: Data, proof: Proof = NO_PROOF
    ) -> DataAccessResult:
        """Write a value that has arrived whole."""
        try:
            item = self._find(descriptor.class_id, descriptor.logical_name)
            binding = self._bound(item, item.writes.get(descriptor.index), descriptor, proof)
            if descriptor.selection is not None:
                raise AccessError(DataAccessResult.SCOPE_OF_ACCESS_VIOLATED)
            self._spend(binding)
            binding.accept(data)
        except Exception as fault:
            return _data_result(self._result(descriptor, fault))
        return DataAccessResult.SUCCESS

    def action(
        self, descriptor: MethodDescriptor, data: Data | None, proof: Proof = NO_PROOF
    ) -> ActionOutcome:
        """Run a method; gives the result, and the octets of a return value if it has one."""
        return self._run(descriptor, data, proof, OnBehalf(self, proof))

    def action_within(
        self, descriptor: MethodDescriptor, data: Data | None, proof: Proof
    ) -> ActionOutcome:
        """Run a method as part of another one; it may not itself run others."""
        return self._run(descriptor, data, proof, None)

    def _run(
        self,
        descriptor: MethodDescriptor,
        data: Data | None,
        proof: Proof,
        caller: OnBehalf | None,
    ) -> ActionOutcome:
        try:
            item = self._find(descriptor.class_id, descriptor.logical_name)
            binding = self._bound(item, item.does.get(descriptor.index), descriptor, proof)
            self._spend(binding)
            return ActionOutcome(ActionResult.SUCCESS, binding.run(data, caller))
        except Exception as fault:
            return ActionOutcome(_action_result(self._result(descriptor, fault)))

    def _spend(self, binding: AttributeWrites | MethodDoes) -> None:
        if binding.costly:
            if self._spent >= COSTLY_MAX:
                raise AccessError(ActionResult.TEMPORARY_FAILURE)
            self._spent += 1

    def shows(self, descriptor: AttributeDescriptor) -> bool:
        """Whether the client may read an attribute, as far as the association says."""
        item = self._view.get(descriptor.logical_name)
        if item is None or item.interface_class.class_id != descriptor.class_id:
            return False
        return descriptor.index in item.reads

    def _find(self, class_id: int, logical_name: Obis) -> CosemObject:
        if logical_name == obis.CURRENT_ASSOCIATION:
            item = self._own or self._current()
        else:
            found = self._view.get(logical_name)
            if found is None:
                raise AccessError(DataAccessResult.OBJECT_UNDEFINED)
            item = found
        if item.interface_class.class_id != class_id:
            raise AccessError(DataAccessResult.OBJECT_CLASS_INCONSISTENT)
        return item

    def _current(self) -> CosemObject:
        """The association's own object, made when it is first asked for: few clients do."""
        bindings = association_bindings(self._device, self.spec, self._context)
        own = CosemObject(self.spec.version, obis.CURRENT_ASSOCIATION, *bindings)
        self._own = own.allowed(self.spec.sees)
        return self._own

    def _bound(
        self,
        item: CosemObject,
        binding: BoundT | None,
        descriptor: AttributeDescriptor | MethodDescriptor,
        proof: Proof,
    ) -> BoundT:
        """What stands behind the number that is asked for, if this request may have it."""
        if binding is not None:
            if self.spec.permits(item, binding, proof):
                return binding
            raise AccessError(DataAccessResult.READ_WRITE_DENIED)
        numbers = (
            item.interface_class.attributes
            if isinstance(descriptor, AttributeDescriptor)
            else item.interface_class.methods
        )
        known = descriptor.index in numbers
        raise AccessError(
            DataAccessResult.READ_WRITE_DENIED if known else DataAccessResult.OBJECT_UNDEFINED
        )

    def _guarded(self, descriptor: AttributeDescriptor, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Rows as they are pulled; a fault among them becomes an `AccessError` for the blocks."""
        try:
            yield from pieces
        except Exception as fault:
            raise AccessError(self._result(descriptor, fault)) from None

    def _result(self, descriptor: AttributeDescriptor | MethodDescriptor, fault: Exception) -> int:
        if isinstance(fault, AccessError):
            return fault.result
        name = f"class {descriptor.class_id} {descriptor.logical_name} {descriptor.index}"
        self._device.report_fault(name, fault)
        return DataAccessResult.OTHER_REASON


class OnBehalf:
    """A `Caller`: an association, and how the request was protected that runs a method."""

    def __init__(self, association: Association, proof: Proof) -> None:
        self._association = association
        self._proof = proof

    def set(self, descriptor: AttributeDescriptor, data: Data) -> DataAccessResult:
        """See `Caller`."""
        return self._association.set(descriptor, data, self._proof)

    def action(self, descriptor: MethodDescriptor, data: Data | None) -> ActionOutcome:
        """See `Caller`."""
        return self._association.action_within(descriptor, data, self._proof)


def _data_result(result: int) -> DataAccessResult:
    try:
        refused = DataAccessResult(result)
    except ValueError:
        return DataAccessResult.OTHER_REASON
    return refused if refused else DataAccessResult.OTHER_REASON


def _action_result(result: int) -> ActionResult:
    try:
        refused = ActionResult(result)
    except ValueError:
        return ActionResult.OTHER_REASON
    return refused if refused else ActionResult.OTHER_REASON
