"""What an association object shows to each caller."""

from addad import obis
from addad.cosem.association_object import NegotiatedContext, association_bindings
from addad.cosem.classes.access import AssociationLN, AssociationStatus
from addad.cosem.interface_class import AttributeReads
from addad.dlms.apdu.initiate import Conformance
from addad.obis import Obis
from cosem.sample_device import SampleMeter


def rows(
    meter: SampleMeter, client_sap: int, context: NegotiatedContext | None
) -> dict[int, bytes]:
    spec = meter.device.associations[client_sap]
    found = {}
    for binding in association_bindings(meter.device, spec, context):
        if not isinstance(binding, AttributeReads):
            continue
        octets = binding.encode(None)
        assert isinstance(octets, bytes)
        found[binding.attribute.index] = octets
    return found


def test_the_current_association_lists_itself_first_and_is_associated() -> None:
    shown = rows(SampleMeter(), 16, NegotiatedContext(Conformance.GET, 0, 0))
    listed = AssociationLN.object_list.type.decode(shown[2])
    assert listed[0].logical_name == obis.CURRENT_ASSOCIATION
    assert listed[0].class_id == 15
    assert shown[8] == bytes((22, AssociationStatus.ASSOCIATED))
    assert shown[4] == bytes.fromhex("090760857405080101")
    assert 7 not in shown


def test_an_association_in_the_list_shows_its_own_rights_to_whoever_may_read_it() -> None:
    shown = rows(SampleMeter(), 2, None)
    listed = AssociationLN.object_list.type.decode(shown[2])
    names = {element.logical_name for element in listed}
    assert obis.ACTIVE_ENERGY_IMPORT in names
    assert Obis.parse("0-0:40.0.2") in names
    assert shown[8] == bytes((22, AssociationStatus.NON_ASSOCIATED))
