"""What an association object shows: its own object list, partners and negotiated context.

Blue Book, class 15 version 1; names are the content octets of the object identifiers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from addad import obis
from addad.cosem.classes.access import (
    AssociatedPartners,
    AssociationLN,
    AssociationStatus,
    XDLMSContextInfo,
)
from addad.cosem.interface_class import Binding
from addad.cosem.rights import AssociationSpec
from addad.dlms.acse import ApplicationContext, context_name, mechanism_name
from addad.dlms.apdu.initiate import DLMS_VERSION, Conformance
from addad.dlms.data import BitString
from addad.obis import Obis

if TYPE_CHECKING:
    from addad.cosem.classes.access import ObjectListElement
    from addad.cosem.logical_device import LogicalDevice

NO_SECURITY_SETUP: Final = Obis(bytes(6))


@dataclass(frozen=True, slots=True)
class NegotiatedContext:
    """What AARQ and AARE agreed on; sizes in octets, 0 without limit."""

    conformance: Conformance
    max_receive_pdu_size: int
    max_send_pdu_size: int


def association_bindings(
    device: LogicalDevice, spec: AssociationSpec, context: NegotiatedContext | None
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


def _own_element(device: LogicalDevice, spec: AssociationSpec) -> ObjectListElement:
    """The current association itself, as the first element of its list."""
    listed = device[spec.logical_name].list_element()
    return listed._replace(logical_name=obis.CURRENT_ASSOCIATION)
