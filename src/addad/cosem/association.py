"""What one connected client may do with a logical device: request in, result out.

Rules of access by Blue Book class 15; the results are those of GET, SET and ACTION of the Green
Book, IEC 62056-5-3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, Protocol, TypeVar

from addad import obis
from addad.cosem.association_object import (
    AssociatedDevice,
    NegotiatedContext,
    association_bindings,
)
from addad.cosem.cosem_object import CosemObject
from addad.cosem.interface_class import AttributeReads, AttributeWrites, Caller, MethodDoes
from addad.cosem.rights import AssociationSpec, Proof
from addad.dlms.apdu.descriptors import AnySelection, AttributeDescriptor, MethodDescriptor
from addad.dlms.blocks import Encodable
from addad.dlms.data import Data
from addad.dlms.results import ActionOutcome, ActionResult, DataAccessResult
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.suite import Protection
from addad.errors import AccessError, SecurityError
from addad.obis import Obis

BoundT = TypeVar("BoundT", AttributeReads, AttributeWrites, MethodDoes)

FaultReport = Callable[[str, Exception], None]

COSTLY_MAX: Final = 8
"""How often one request does what is costly: make keys, check signatures, wait for the disk."""
NO_PROOF: Final = Proof()


class ServingDevice(AssociatedDevice, Protocol):
    """What an association needs of its device."""

    open_count: dict[int, int]
    report_fault: FaultReport


class Association:
    """What one connected client may do with the device: request in, result out. Never raises.

    Every service comes through `_find` and `_bound`: there alone is decided what is allowed. A
    `Proof` says how a request was protected.
    """

    __slots__ = (
        "_context",
        "_device",
        "_open",
        "_own",
        "_spent",
        "_view",
        "insecure",
        "security",
        "spec",
    )

    def __init__(
        self, device: ServingDevice, spec: AssociationSpec, context: NegotiatedContext
    ) -> None:
        self.spec = spec
        self._device = device
        self._view = device.view(spec)
        self._context = context
        self._own: CosemObject | None = None
        self._open = True
        self._spent = 0
        self.security: Callable[[], SecurityContext | None] = _no_security
        """What protects this association."""
        self.insecure: Callable[[SecurityError], None] = _unheard
        """Who is told of a protection inside a request that did not stand."""
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
        self, descriptor: AttributeDescriptor, proof: Proof = NO_PROOF, *, within: bool = False
    ) -> Encodable | DataAccessResult:
        """The octets of the value, whole or in pieces, or why not.

        `within` says, here and below, that something else is done which asked on whose behalf.
        """
        try:
            item = self._find(descriptor.class_id, descriptor.logical_name)
            binding = self._bound(item, item.reads.get(descriptor.index), descriptor, proof)
            if binding.encode_for is None:
                octets = binding.encode(descriptor.selection)
            else:
                octets = self._made(binding.encode_for, descriptor, proof, within)
        except Exception as fault:
            return _data_result(self._result(descriptor, fault))
        return octets if isinstance(octets, bytes) else self._guarded(descriptor, octets)

    def _made(
        self,
        encode_for: Callable[[AnySelection | None, Caller], Encodable],
        descriptor: AttributeDescriptor,
        proof: Proof,
        within: bool,
    ) -> Encodable:
        """A value that is made for who asks."""
        if within:
            raise AccessError(DataAccessResult.SCOPE_OF_ACCESS_VIOLATED)
        self._spend()
        return encode_for(descriptor.selection, OnBehalf(self, proof))

    def may_set(self, descriptor: AttributeDescriptor, proof: Proof) -> DataAccessResult:
        """Whether an attribute may be written, whatever the value."""
        try:
            item = self._find(descriptor.class_id, descriptor.logical_name)
            self._bound(item, item.writes.get(descriptor.index), descriptor, proof)
        except Exception as fault:
            return _data_result(self._result(descriptor, fault))
        return DataAccessResult.SUCCESS

    def set(
        self,
        descriptor: AttributeDescriptor,
        data: Data,
        proof: Proof = NO_PROOF,
        *,
        within: bool = False,
    ) -> DataAccessResult:
        """Write a value that has arrived whole."""
        try:
            item = self._find(descriptor.class_id, descriptor.logical_name)
            binding = self._bound(item, item.writes.get(descriptor.index), descriptor, proof)
            if descriptor.selection is not None:
                raise AccessError(DataAccessResult.SCOPE_OF_ACCESS_VIOLATED)
            if binding.costly:
                self._spend()
            binding.take(data, None if within else OnBehalf(self, proof))
        except Exception as fault:
            return _data_result(self._result(descriptor, fault))
        return DataAccessResult.SUCCESS

    def action(
        self,
        descriptor: MethodDescriptor,
        data: Data | None,
        proof: Proof = NO_PROOF,
        *,
        within: bool = False,
    ) -> ActionOutcome:
        """Run a method; gives the result, and the octets of a return value if it has one."""
        try:
            item = self._find(descriptor.class_id, descriptor.logical_name)
            binding = self._bound(item, item.does.get(descriptor.index), descriptor, proof)
            if binding.costly:
                self._spend()
            caller = None if within else OnBehalf(self, proof)
            return ActionOutcome(ActionResult.SUCCESS, binding.run(data, caller))
        except Exception as fault:
            return ActionOutcome(_action_result(self._result(descriptor, fault)))

    def _spend(self) -> None:
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
    """A `Caller`: an association, and how the request was protected for which something is done."""

    __slots__ = ("_association", "_proof")

    def __init__(self, association: Association, proof: Proof) -> None:
        self._association = association
        self._proof = proof

    @property
    def protection(self) -> Protection:
        """See `Caller`."""
        return self._proof.protection

    @property
    def security(self) -> SecurityContext | None:
        """See `Caller`."""
        return self._association.security()

    def proved(self, protection: Protection, broadcast: bool) -> OnBehalf:
        """See `Caller`."""
        proof = self._proof
        proven = Proof(proof.protection | protection, proof.broadcast or broadcast)
        return OnBehalf(self._association, proven)

    def insecure(self, error: SecurityError) -> None:
        """See `Caller`."""
        self._association.insecure(error)

    def get(self, descriptor: AttributeDescriptor) -> Encodable | DataAccessResult:
        """See `Caller`."""
        return self._association.get(descriptor, self._proof, within=True)

    def may_set(self, descriptor: AttributeDescriptor) -> DataAccessResult:
        """See `Caller`."""
        return self._association.may_set(descriptor, self._proof)

    def set(self, descriptor: AttributeDescriptor, data: Data) -> DataAccessResult:
        """See `Caller`."""
        return self._association.set(descriptor, data, self._proof, within=True)

    def action(self, descriptor: MethodDescriptor, data: Data | None) -> ActionOutcome:
        """See `Caller`."""
        return self._association.action(descriptor, data, self._proof, within=True)


def _no_security() -> SecurityContext | None:
    return None


def _unheard(_error: SecurityError) -> None:
    pass


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
