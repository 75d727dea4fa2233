"""ACCESS at the level of octets, with gurux-dlms' client: its request to us, our answer to it."""

import struct
from typing import Any

import pytest
from gurux_dlms import GXByteBuffer, GXDLMSAccessItem, GXDLMSClient, GXReplyData
from gurux_dlms.enums import (
    AccessServiceCommandType,
    Authentication,
    Conformance,
    InterfaceType,
)
from gurux_dlms.objects import GXDLMSData, GXDLMSRegister

from addad.dlms import apdu
from addad.dlms.access_exchanges import (
    AccessIndication,
    AccessOutcome,
    access_response,
    to_access,
)
from addad.dlms.apdu import initiate
from addad.dlms.apdu.access import AccessGet, AccessRequest, AccessSpecification
from addad.dlms.apdu.descriptors import AttributeDescriptor
from addad.dlms.data import NULL, Data, Tag, encode
from addad.dlms.parameters import Negotiated
from addad.dlms.results import DataAccessResult
from addad.obis import Obis
from foreign.cells import GURUX, SERVER, cell

WRAPPER_OCTETS = 8
AGREED = Negotiated(initiate.Conformance.ACCESS | initiate.Conformance.GET, 1024)
ENERGY, NOTE = "1.0.1.8.0.255", "0.0.96.1.0.255"


@pytest.fixture
def gurux() -> Any:
    client = GXDLMSClient(True, 16, 1, Authentication.NONE, None, InterfaceType.WRAPPER)
    client.settings.negotiatedConformance = Conformance.ACCESS | Conformance.GET | Conformance.SET
    client.settings.connected = 2
    return client


def _items() -> list[Any]:
    # A SET or an ACTION in an ACCESS ends in an AttributeError of gurux-dlms 1.0.203 itself.
    read = AccessServiceCommandType.GET
    objects = GXDLMSRegister(ENERGY), GXDLMSData(NOTE)
    return [GXDLMSAccessItem(read, one, 2) for one in objects]


@cell(GURUX, SERVER, services=("ACCESS",))
def test_their_request_and_our_answer(gurux: Any) -> None:
    items = _items()
    (asked,) = gurux.accessRequest(None, items)
    request = apdu.decode(bytes(asked)[WRAPPER_OCTETS:])
    assert isinstance(request, AccessRequest)
    indication = to_access(request, AGREED)
    assert isinstance(indication, AccessIndication)
    assert indication.items == (
        (AccessGet(AttributeDescriptor(3, Obis.parse("1-0:1.8.0"), 2)), NULL),
        (AccessGet(AttributeDescriptor(1, Obis.parse("0-0:96.1.0"), 2)), NULL),
    )

    def one(specification: AccessSpecification, _: Data) -> AccessOutcome:
        if specification.descriptor.class_id == 1:
            return AccessOutcome(DataAccessResult.READ_WRITE_DENIED)
        number = encode(Data(Tag.DOUBLE_LONG_UNSIGNED, 4711))
        return AccessOutcome(DataAccessResult.SUCCESS, number)

    answer = access_response(indication, indication.perform(one))
    # Their reader of a whole APDU is for XML only; the list that follows the head is read alike.
    values = GXByteBuffer(answer[1 + 4 + 1 + 1 :])
    gurux.parseAccessResponse(items, values)
    assert items[0].value == 4711
    assert [int(item.error) for item in items] == [0, DataAccessResult.READ_WRITE_DENIED]
    assert values.position == len(values)


@cell(GURUX, SERVER, services=("ACCESS",))
def test_their_reader_of_a_reply_takes_our_head(gurux: Any) -> None:
    (asked,) = gurux.accessRequest(None, _items()[:1])
    request = apdu.decode(bytes(asked)[WRAPPER_OCTETS:])
    assert isinstance(request, AccessRequest)
    indication = to_access(request, AGREED)
    assert isinstance(indication, AccessIndication)
    number = encode(Data(Tag.DOUBLE_LONG_UNSIGNED, 4711))
    done = AccessOutcome(DataAccessResult.SUCCESS, number)
    answer = access_response(indication, (done,))
    reply = GXReplyData()
    gurux.getData(bytearray(struct.pack(">HHHH", 1, 1, 16, len(answer)) + answer), reply)
    assert reply.invokeId == request.long_invoke_id
