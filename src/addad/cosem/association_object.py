"""What an association object shows: its own object list, partners and negotiated context.

Blue Book, class 15; names are the content octets of the object identifiers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Protocol, cast

from addad import obis
from addad.cosem.association_lists import AssociationLists, ListedDevice, ListKeeper
from addad.cosem.classes.access import (
    AssociatedPartners,
    AssociationLN,
    AssociationLNV2,
    AssociationStatus,
    ObjectListElement,
    User,
    XDLMSContextInfo,
)
from addad.cosem.cosem_object import CosemObject
from addad.cosem.interface_class import Attribute, AttributeReads, Binding
from addad.cosem.rights import AssociationSpec
from addad.dlms.acse import ApplicationContext, Mechanism, context_name, mechanism_name
from addad.dlms.apdu.descriptors import AnySelection
from addad.dlms.apdu.initiate import DLMS_VERSION, Conformance
from addad.dlms.data import BitString
from addad.dlms.results import ActionResult, DataAccessResult
from addad.errors import AccessError
from addad.obis import Obis

NO_SECURITY_SETUP: Final = Obis(bytes(6))
SECRET_OCTETS_MAX: Final = 64
HLS_SECRET_OCTETS_MIN: Final = 8
"""Whoever hears a client prove itself can try short secrets at home."""


@dataclass(frozen=True, slots=True)
class NegotiatedContext:
    """What AARQ and AARE agreed on; sizes in octets, 0 without limit."""

    conformance: Conformance
    max_receive_pdu_size: int
    max_send_pdu_size: int
    user_id: int | None = None


class AssociatedDevice(ListedDevice, Protocol):
    """What an association object tells of its device."""

    @property
    def lists(self) -> ListKeeper | None:
        """Who keeps the lists of its associations, where clients can change them."""

    def users(self, spec: AssociationSpec) -> Mapping[int, str]:
        """The names of the users that may associate, by number."""

    @property
    def sap(self) -> int:
        """The server SAP of the device."""

    def status(self, spec: AssociationSpec) -> AssociationStatus:
        """How far the client of an association has come."""

    def view(self, spec: AssociationSpec) -> Mapping[Obis, CosemObject]:
        """The objects that an association sees, with only what it may do."""

    def kept_list(self, spec: AssociationSpec, own: bool, make: Callable[[], bytes]) -> bytes:
        """The encoded object list of an association, `own` with itself in it; made once."""

    def change_secret(self, spec: AssociationSpec, secret: bytes) -> None:
        """Ask another secret of the client from now on; may raise `AccessError`."""

    def __getitem__(self, logical_name: Obis) -> CosemObject:
        """The object of a name."""


def association_bindings(
    device: AssociatedDevice, spec: AssociationSpec, context: NegotiatedContext | None
) -> tuple[Binding, ...]:
    """The rows of an association object; without a context it is one that stands in the list."""
    ln = spec.version

    def status() -> AssociationStatus:
        return AssociationStatus.ASSOCIATED if context is not None else device.status(spec)

    agreed = context or NegotiatedContext(Conformance(0), 0, 0)
    kind = (
        ApplicationContext.LOGICAL_NAME_CIPHERED
        if spec.ciphered
        else ApplicationContext.LOGICAL_NAME
    )
    return (
        _list_binding(device, spec, context is not None),
        ln.associated_partners_id.reads(lambda: AssociatedPartners(spec.client_sap, device.sap)),
        ln.application_context_name.reads(lambda: context_name(kind)),
        ln.xdlms_context_info.reads(
            lambda: XDLMSContextInfo(
                BitString(int(agreed.conformance).to_bytes(3, "big"), 24),
                agreed.max_receive_pdu_size,
                agreed.max_send_pdu_size,
                DLMS_VERSION,
                0,
                b"",
            )
        ),
        ln.authentication_mechanism_name.reads(lambda: mechanism_name(spec.mechanism)),
        ln.association_status.reads(status),
        *_secret_bindings(device, spec),
        *_later_bindings(device, spec, context),
        *_list_methods(device, spec),
    )


def _list_binding(device: AssociatedDevice, spec: AssociationSpec, own: bool) -> AttributeReads:
    """The object list: long, always the same, and asked for by anybody as often as he likes."""
    ln = spec.version

    def encoded() -> bytes:
        itself = (_own_element(device, spec),) if own else ()
        seen = device.view(spec).values()
        elements: tuple[ObjectListElement, ...] = (
            *itself,
            *(item.list_element(ln.version, spec.demands) for item in seen),
        )
        return ln.object_list.type.encode(elements)

    def octets(selection: AnySelection | None) -> bytes:
        if selection is not None:
            raise AccessError(DataAccessResult.SCOPE_OF_ACCESS_VIOLATED)
        return device.kept_list(spec, own, encoded)

    return AttributeReads(cast("Attribute[object]", ln.object_list), octets)


def _secret_bindings(device: AssociatedDevice, spec: AssociationSpec) -> Iterator[Binding]:
    """The secret can be written and not read; the passes of HLS are over once a client is in."""
    ln = spec.version
    least = 1 if spec.mechanism is Mechanism.LOW else HLS_SECRET_OCTETS_MIN

    def change(secret: bytes) -> None:
        if not least <= len(secret) <= SECRET_OCTETS_MAX:
            raise AccessError(DataAccessResult.OTHER_REASON)
        device.change_secret(spec, secret)

    def no_pass_is_due(_: bytes) -> bytes:
        raise AccessError(ActionResult.READ_WRITE_DENIED)

    if spec.mechanism in (Mechanism.LOW, Mechanism.HIGH_SHA256):
        yield ln.secret.writes(change, costly=True)
    if spec.mechanism > Mechanism.LOW:
        yield ln.reply_to_hls_authentication.does(no_pass_is_due)
    if spec.mechanism is Mechanism.HIGH_SHA256:
        yield ln.change_hls_secret.does(change, costly=True)


def _later_bindings(
    device: AssociatedDevice, spec: AssociationSpec, context: NegotiatedContext | None
) -> Iterator[Binding]:
    """The attributes that only later versions of the class have."""
    ln = spec.version
    secured = spec.secured
    if issubclass(ln, AssociationLN):
        name = NO_SECURITY_SETUP if secured is None else secured.setup
        yield ln.security_setup_reference.reads(lambda: name)
    if issubclass(ln, AssociationLNV2):

        def listed() -> tuple[User, ...]:
            return tuple(User(*one) for one in device.users(spec).items())

        yield ln.user_list.reads(listed)
        if context is not None and context.user_id is not None:
            user = User(context.user_id, device.users(spec).get(context.user_id, ""))
            yield ln.current_user.reads(lambda: user)


def _list_methods(device: AssociatedDevice, spec: AssociationSpec) -> Iterator[Binding]:
    """What changes the lists, where somebody keeps them."""
    if device.lists is None:
        return
    ln, lists = spec.version, AssociationLists(device, device.lists, spec)
    yield ln.add_object.does(lists.add_object, costly=True)
    yield ln.remove_object.does(lists.remove_object, costly=True)
    if issubclass(ln, AssociationLNV2) and not spec.pre_established:
        yield ln.add_user.does(lists.add_user, costly=True)
        yield ln.remove_user.does(lists.remove_user, costly=True)


def _own_element(device: AssociatedDevice, spec: AssociationSpec) -> ObjectListElement:
    """The current association itself, as the first element of its list."""
    shown = device[spec.logical_name]
    bindings: tuple[Binding, ...] = (
        *(b for index, b in shown.reads.items() if index != 1),
        *shown.writes.values(),
        *shown.does.values(),
    )
    own = CosemObject(spec.version, obis.CURRENT_ASSOCIATION, *bindings).allowed(spec.sees)
    return own.list_element(spec.version.version, spec.demands)
