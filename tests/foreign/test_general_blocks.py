"""General blocks at the level of octets: with gurux-dlms' client, and as real meters push them."""

import json
import struct
from pathlib import Path
from typing import Any

import pytest
from gurux_dlms import GXDLMSClient, GXReplyData
from gurux_dlms.enums import (
    Authentication,
    Conformance,
    DataType,
    InterfaceType,
)
from gurux_dlms.GXDLMSSettings import GXDLMSSettings
from gurux_dlms.objects import GXDLMSData

from addad.dlms import apdu
from addad.dlms.apdu.general_block import GeneralBlock
from addad.dlms.apdu.get import GetRequest, GetResponse
from addad.dlms.apdu.set import SetRequest
from addad.dlms.data import Data, Tag, encode
from addad.dlms.general_blocks import GeneralBlockTransfer
from foreign.cells import CLIENT, GURUX, REAL_METERS, SERVER, cell

NAME = "0.0.96.1.0.255"
VALUE = bytes(range(256)) + bytes(range(144))
DLMS_CONNECTED = 2
WRAPPER_OCTETS = 8


@pytest.fixture
def gurux(monkeypatch: pytest.MonkeyPatch) -> Any:
    # gurux-dlms 1.0.203 reads a setting under a name that it does not have; it means this one.
    number = property(lambda settings: settings.blockIndex)
    monkeypatch.setattr(GXDLMSSettings, "blockNumber", number, raising=False)
    client = GXDLMSClient(True, 16, 1, Authentication.NONE, None, InterfaceType.WRAPPER)
    client.settings.maxPduSize = 64
    client.settings.negotiatedConformance = (
        Conformance.GENERAL_BLOCK_TRANSFER | Conformance.GET | Conformance.SET
    )
    client.settings.connected = DLMS_CONNECTED
    return client


def _wrapped(octets: bytes) -> bytearray:
    return bytearray(struct.pack(">HHHH", 1, 1, 16, len(octets)) + octets)


def _block(octets: bytes) -> GeneralBlock:
    read = apdu.decode(octets)
    assert isinstance(read, GeneralBlock)
    return read


@cell(GURUX, SERVER, services=("general block transfer", "GET normal"))
@pytest.mark.parametrize("window", [1, 3, 7, 63])
def test_their_client_joins_our_blocks_and_asks_for_more(gurux: Any, window: int) -> None:
    gurux.gbtWndowSize = window
    (asked,) = gurux.read(GXDLMSData(NAME), 2)
    request = apdu.decode(bytes(asked)[WRAPPER_OCTETS:])
    assert isinstance(request, GetRequest)
    ours = GeneralBlockTransfer(64, 100_000, is_client=False)
    whole = GetResponse(request.invoke, encode(Data(Tag.OCTET_STRING, VALUE))).encode()
    under_way = [*ours.send(whole)]
    reply = GXReplyData()
    while under_way:
        gurux.getData(_wrapped(under_way.pop(0)), reply)
        if reply.isMoreData() and not reply.isStreaming():
            assert not under_way
            answer = gurux.receiverReady(reply)
            under_way += ours.receive(_block(bytes(answer)[WRAPPER_OCTETS:])).outgoing
    assert bytes(reply.value) == VALUE


@cell(GURUX, SERVER, services=("general block transfer", "SET normal"))
def test_our_server_joins_the_blocks_of_their_client(gurux: Any) -> None:
    register = GXDLMSData(NAME)
    register.value = VALUE[:150]
    register.setDataType(2, DataType.OCTET_STRING)
    sent = [_block(bytes(one)[WRAPPER_OCTETS:]) for one in gurux.write(register, 2)]
    assert len(sent) > 2
    ours = GeneralBlockTransfer(64, 100_000, is_client=False)
    steps = [ours.receive(one) for one in sent]
    assert [len(one.outgoing) for one in steps] == [1] * (len(sent) - 1) + [0]
    for number, step in enumerate(steps[:-1], 1):
        assert _block(step.outgoing[0]).acknowledged == number
    whole = steps[-1].apdu
    assert whole is not None
    request = apdu.decode(whole)
    assert isinstance(request, SetRequest)
    assert request.data == encode(Data(Tag.OCTET_STRING, VALUE[:150]))


@cell(REAL_METERS, CLIENT, services=("general block transfer", "DataNotification"))
def test_real_meters_push_in_unconfirmed_blocks(data_dir: Path) -> None:
    frames = json.loads((data_dir / "frames.json").read_text())
    joined = 0
    for frame in frames:
        if not frame["name"].startswith(("hdlc_landis_gyr_e450", "hdlc_lgz_e450")):
            continue
        octets = bytes.fromhex(frame["hex"])
        meter = GeneralBlockTransfer(1024, 100_000, is_client=True)
        at, apdus = 0, []
        while at < len(octets):
            end = at + 2 + (struct.unpack_from(">H", octets, at + 1)[0] & 0x7FF)
            contents = octets[at + 9 : end - 3]  # between the header's and the frame's check
            contents = contents[3:] if contents[:2] == b"\xe6\xe7" else contents
            apdus.append(meter.receive(_block(contents)))
            at = end
        assert not any(step.outgoing for step in apdus)
        whole = apdus[-1].apdu
        assert whole is not None
        assert whole[:2] == b"\xdb\x08"  # general-glo-ciphering, with its title and its length
        assert len(whole) == 13 + struct.unpack_from(">H", whole, 11)[0]
        joined += 1
    assert joined
