"""What an association object shows: its own object list, partners and negotiated context.

Blue Book, class 15 version 1; names are the content octets of the object identifiers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from addad import obis
from addad.cosem.classes.access import (
    AssociatedPartners,
    AssociationLN,
    AssociationStatus,
    ObjectListElement,
    XDLMSContextInfo,
)
from addad.cosem.cosem_object import CosemObject
from addad.cosem.interface_class import Binding
from addad.cosem.rights import AssociationSpec
from addad.dlms.acse import ApplicationContext, context_name, mechanism_name
from addad.dlms.apdu.initiate import DLMS_VERSION, Conformance
from addad.dlms.data import BitString
from addad.obis import Obis

NO_SECURITY_SETUP: Final = Obis(bytes(6))


@dataclass(frozen=True, slots=True)
class NegotiatedContext:
    """What AARQ and AARE agreed on; sizes in octets, 0 without limit."""

    conformance: Conformance
    max_receive_pdu_size: int
    max_send_pdu_size: int


class AssociatedDevice(Protocol):
    """What an association object tells of its device."""

    @property
    def sap(self) -> int:
        """The server SAP of the device."""

    @property
    def open_count(self) -> Mapping[int, int]:
        """How many associations are open, by client SAP."""

    def view(self, spec: AssociationSpec) -> Mapping[Obis, CosemObject]:
        """The objects that an association sees, with only what it may do."""

    def __getitem__(self, logical_name: Obis) -> CosemObject:
        """The object of a name."""


def association_bindings(
    device: AssociatedDevice, spec: AssociationSpec, context: NegotiatedContext | None
) -> tuple[Binding, ...]:
    """The rows of an association object; without a context it is one that stands in the list."""
    ln = AssociationLN

    def object_list() -> tuple[ObjectListElement, ...]:
        own = () if context is None else (_own_element(device, spec),)
        return (*own, *(item.list_element() for item in device.view(spec).values()))

    def status() -> AssociationStatus:
        if context is not None or device.open_count[spec.client_sap]:
            return AssociationStatus.ASSOCIATED
        return AssociationStatus.NON_ASSOCIATED

    agreed = context or NegotiatedContext(Conformance(0), 0, 0)
    return (
        ln.object_list.reads(object_list),
        ln.associated_partners_id.reads(lambda: AssociatedPartners(spec.client_sap, device.sap)),
        ln.application_context_name.reads(lambda: context_name(ApplicationContext.LOGICAL_NAME)),
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
        ln.security_setup_reference.reads(lambda: NO_SECURITY_SETUP),
    )


def _own_element(device: AssociatedDevice, spec: AssociationSpec) -> ObjectListElement:
    """The current association itself, as the first element of its list."""
    listed = device[spec.logical_name].list_element()
    return listed._replace(logical_name=obis.CURRENT_ASSOCIATION)
