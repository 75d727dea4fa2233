"""Both foreign clients read and write without an AARQ, where the association stands already."""

import pytest
from gurux_dlms.enums import Conformance, DataType
from gurux_dlms.objects import GXDLMSData

from addad import obis
from addad.dlms.acse import Mechanism
from addad.units import Unit
from cosem.sample_device import IMPORT_WH
from foreign.cells import COSEM, GURUX, SERVER, cell
from foreign.cosem_secure import CosemSecureClient
from foreign.gurux_secure import LINK_TCP, LINK_UDP, GuruxSecureClient
from foreign.secured_device import (
    CLIENT_TITLE,
    METER_TITLE,
    NOTE,
    PRE_ESTABLISHED,
    SecuredMeter,
    made_key,
)
from foreign.served_udp import served_udp
from net.served_meter import served


def _cell(peer: str, transport: str) -> pytest.MarkDecorator:
    return cell(
        peer,
        SERVER,
        services=("GET normal", "SET normal"),
        transport=transport,
        mechanism=Mechanism.NONE,
        suite=0,
        protections=("general-glo", "pre-established"),
    )


@pytest.mark.parametrize(
    "link",
    [
        pytest.param(LINK_TCP, marks=_cell(GURUX, "TCP wrapper")),
        pytest.param(LINK_UDP, marks=_cell(GURUX, "UDP wrapper")),
    ],
)
def test_gurux_without_aarq(link: str) -> None:
    meter = SecuredMeter()
    serve = served_udp if link == LINK_UDP else served
    note = GXDLMSData(NOTE.dotted)
    note.value = b"from nobody"
    note.setDataType(2, DataType.OCTET_STRING)
    with serve(meter.physical_device) as port:
        client = GuruxSecureClient(
            port, Mechanism.NONE, 0, link=link, general=True, client_sap=PRE_ESTABLISHED
        )
        client.core.serverSystemTitle = METER_TITLE
        client.core.settings.sourceSystemTitle = METER_TITLE
        client.core.negotiatedConformance |= Conformance.GENERAL_PROTECTION
        assert client.register(obis.ACTIVE_ENERGY_IMPORT) == (IMPORT_WH, Unit.WATT_HOUR)
        client.request(client.core.write(note, 2))
        client.close()
    assert meter.note == b"from nobody"


@_cell(COSEM, "TCP wrapper")
def test_dlms_cosem_without_aarq() -> None:
    from dlms_cosem import dlms_data, enumerations
    from dlms_cosem.connection import DlmsConnection
    from dlms_cosem.protocol.xdlms import Conformance as TheirConformance

    meter = SecuredMeter()
    with served(meter.physical_device) as port:
        client = CosemSecureClient(port, 0, client_sap=PRE_ESTABLISHED)
        client._client.dlms_connection = DlmsConnection.with_pre_established_association(
            TheirConformance(general_protection=True, get=True, set=True),
            global_encryption_key=made_key("encryption"),
            global_authentication_key=made_key("authentication"),
            client_invocation_counter=1,
            meter_invocation_counter=-1,
            client_system_title=CLIENT_TITLE,
            meter_system_title=METER_TITLE,
        )
        client._client.connect()
        assert client.register(obis.ACTIVE_ENERGY_IMPORT) == (IMPORT_WH, Unit.WATT_HOUR)
        written = client._client.set(
            client._attribute(1, NOTE, 2), dlms_data.OctetStringData(b"of theirs").to_bytes()
        )
        assert written.result == enumerations.DataAccessResult.SUCCESS
        client._client.disconnect()
    assert meter.note == b"of theirs"
