"""Every variant of every service: vectors, round trips, truncation, and refusals."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addad.dlms import apdu
from addad.dlms.apdu.access import AccessRequest, AccessResponse
from addad.dlms.apdu.action import (
    ActionRequest,
    ActionRequestBlock,
    ActionRequestFirstBlock,
    ActionRequestNext,
    ActionRequestWithList,
    ActionRequestWithListFirstBlock,
    ActionResponse,
    ActionResponseBlock,
    ActionResponseNext,
    ActionResponseWithList,
)
from addad.dlms.apdu.descriptors import (
    MAX_ITEMS,
    AttributeDescriptor,
    CaptureObject,
    EntrySelection,
    MethodDescriptor,
    RangeSelection,
    Selection,
)
from addad.dlms.apdu.event import EventNotification
from addad.dlms.apdu.exception import ConfirmedServiceError, ExceptionResponse
from addad.dlms.apdu.general_block import GeneralBlock
from addad.dlms.apdu.get import (
    GetRequest,
    GetRequestNext,
    GetRequestWithList,
    GetResponse,
    GetResponseBlock,
    GetResponseWithList,
)
from addad.dlms.apdu.initiate import Conformance, InitiateRequest, InitiateResponse
from addad.dlms.apdu.notification import DataNotification
from addad.dlms.apdu.set import (
    SetRequest,
    SetRequestBlock,
    SetRequestFirstBlock,
    SetRequestWithList,
    SetRequestWithListFirstBlock,
    SetResponse,
    SetResponseBlock,
    SetResponseLastBlock,
    SetResponseLastBlockWithList,
    SetResponseWithList,
)
from addad.dlms.clock_time import DateTime
from addad.dlms.data import Data, Tag
from addad.dlms.results import (
    ActionOutcome,
    ActionResult,
    DataAccessResult,
    InitiateError,
    ServiceError,
    StateError,
)
from addad.errors import DecodeError, LocalProtocolError
from addad.obis import Obis
from foreign import cells

CLOCK = AttributeDescriptor(8, Obis.parse("0-0:1.0.0"), 2)
ENERGY = AttributeDescriptor(3, Obis.parse("1-0:1.8.0"), 2)
BUFFER = Obis.parse("1-0:99.1.0")
DISCONNECT = MethodDescriptor(70, Obis.parse("0-0:96.3.10"), 1)
CLOCK_COLUMN = CaptureObject(8, Obis.parse("0-0:1.0.0"), 2)
FIRST = DateTime(2026, 1, 1, 4, 0, 0, 0, 0, -60, 0)
LAST = DateTime(2026, 1, 2, 5, 0, 0, 0, 0, -60, 0)
NUMBER = bytes.fromhex("0600000001")
BY_RANGE = AttributeDescriptor(7, BUFFER, 2, RangeSelection.between(CLOCK_COLUMN, FIRST, LAST))
BY_ENTRY = AttributeDescriptor(7, BUFFER, 2, EntrySelection(1, 10, 1, 0))

# Forms follow the DLMS UA ASN.1 module; the first GET is the plain text of the Green Book's
# ciphering example, the range as Gurux and dlms-cosem write it.
VECTORS: list[tuple[Any, str]] = [
    (GetRequest(0, CLOCK), "C00100 0008 0000010000FF 02 00"),
    (
        GetRequest(0xC1, BY_RANGE),
        "C001C1 0007 0100630100FF 02 01 01 0204 0204 120008 09060000010000FF 0F02 120000"
        " 090C07EA01010400000000FFC400 090C07EA01020500000000FFC400 0100",
    ),
    (
        GetRequest(0xC1, BY_ENTRY),
        "C001C1 0007 0100630100FF 02 01 02 0204 0600000001 060000000A 120001 120000",
    ),
    (GetRequestNext(0xC1, 1), "C002C1 00000001"),
    (
        GetRequestWithList(0xC1, (CLOCK, ENERGY)),
        "C003C1 02 0008 0000010000FF 02 00 0003 0100010800FF 02 00",
    ),
    (GetResponse(0xC1, NUMBER), "C401C1 00 0600000001"),
    (GetResponse(0xC1, DataAccessResult.OBJECT_UNDEFINED), "C401C1 01 04"),
    (GetResponseBlock(0xC1, False, 1, b"\x01\x02"), "C402C1 00 00000001 00 02 0102"),
    (
        GetResponseBlock(0xC1, True, 2, DataAccessResult.LONG_GET_ABORTED),
        "C402C1 01 00000002 01 0F",
    ),
    (
        GetResponseWithList(0xC1, (NUMBER, DataAccessResult.READ_WRITE_DENIED)),
        "C403C1 02 00 0600000001 01 03",
    ),
    (SetRequest(0xC1, ENERGY, NUMBER), "C101C1 0003 0100010800FF 02 00 0600000001"),
    (
        SetRequestFirstBlock(0xC1, ENERGY, False, 1, b"\x06"),
        "C102C1 0003 0100010800FF 02 00 00 00000001 01 06",
    ),
    (SetRequestBlock(0xC1, True, 2, b"\x00"), "C103C1 01 00000002 01 00"),
    (
        SetRequestWithList(0xC1, (ENERGY, CLOCK), (NUMBER, b"\x00")),
        "C104C1 02 0003 0100010800FF 02 00 0008 0000010000FF 02 00 02 0600000001 00",
    ),
    (
        SetRequestWithListFirstBlock(0xC1, (ENERGY,), True, 1, b"\x01\x00"),
        "C105C1 01 0003 0100010800FF 02 00 01 00000001 02 0100",
    ),
    (SetResponse(0xC1, DataAccessResult.SUCCESS), "C501C1 00"),
    (SetResponseBlock(0xC1, 1), "C502C1 00000001"),
    (SetResponseLastBlock(0xC1, DataAccessResult.TYPE_UNMATCHED, 2), "C503C1 0C 00000002"),
    (
        SetResponseLastBlockWithList(0xC1, (DataAccessResult.SUCCESS,), 2),
        "C504C1 01 00 00000002",
    ),
    (
        SetResponseWithList(0xC1, (DataAccessResult.SUCCESS, DataAccessResult.OTHER_REASON)),
        "C505C1 02 00 FA",
    ),
    (ActionRequest(0xC1, DISCONNECT, b"\x0f\x00"), "C301C1 0046 000060030AFF 01 01 0F00"),
    (ActionRequest(0xC1, DISCONNECT, None), "C301C1 0046 000060030AFF 01 00"),
    (ActionRequestNext(0xC1, 3), "C302C1 00000003"),
    (
        ActionRequestWithList(0xC1, (DISCONNECT,), (b"\x0f\x00",)),
        "C303C1 01 0046 000060030AFF 01 01 0F00",
    ),
    (
        ActionRequestFirstBlock(0xC1, DISCONNECT, False, 1, b"\x0f"),
        "C304C1 0046 000060030AFF 01 00 00000001 01 0F",
    ),
    (
        ActionRequestWithListFirstBlock(0xC1, (DISCONNECT,), False, 1, b"\x01"),
        "C305C1 01 0046 000060030AFF 01 00 00000001 01 01",
    ),
    (ActionRequestBlock(0xC1, True, 2, b"\x00"), "C306C1 01 00000002 01 00"),
    (ActionResponse(0xC1, ActionOutcome(ActionResult.SUCCESS)), "C701C1 00 00"),
    (
        ActionResponse(0xC1, ActionOutcome(ActionResult.SUCCESS, NUMBER)),
        "C701C1 00 01 00 0600000001",
    ),
    (
        ActionResponse(
            0xC1, ActionOutcome(ActionResult.SUCCESS, DataAccessResult.OBJECT_UNAVAILABLE)
        ),
        "C701C1 00 01 01 0B",
    ),
    (ActionResponseBlock(0xC1, True, 1, b"\x00\x00"), "C702C1 01 00000001 02 0000"),
    (
        ActionResponseWithList(
            0xC1, (ActionOutcome(ActionResult.SUCCESS), ActionOutcome(ActionResult.OTHER_REASON))
        ),
        "C703C1 02 00 00 FA 00",
    ),
    (ActionResponseNext(0xC1, 1), "C704C1 00000001"),
    (
        ExceptionResponse(StateError.SERVICE_NOT_ALLOWED, ServiceError.OPERATION_NOT_POSSIBLE),
        "D80101",
    ),
    (
        ExceptionResponse(
            StateError.SERVICE_NOT_ALLOWED, ServiceError.INVOCATION_COUNTER_ERROR, 0x100
        ),
        "D80106 00000100",
    ),
    (ConfirmedServiceError.initiate(InitiateError.DLMS_VERSION_TOO_LOW), "0E010601"),
    (DataNotification(0x40000001, None, Data(Tag.UNSIGNED, 1)), "0F40000001 00 1101"),
    (
        DataNotification(1, FIRST, Data(Tag.UNSIGNED, 1)),
        "0F00000001 0C 07EA01010400000000FFC400 1101",
    ),
    (InitiateRequest(Conformance(0x007E1F), 1200), "01000000065F1F0400007E1F04B0"),
    (
        InitiateRequest(Conformance.GET, 0, b"\x01" * 16, False, -1),
        "01 01 10" + "01" * 16 + " 01 00 01 FF 06 5F1F0400 000010 0000",
    ),
    (InitiateResponse(Conformance(0x00501F), 500), "0800065F1F040000501F01F40007"),
    (
        InitiateResponse(Conformance.READ, 500, 1, 6, 0xFA00),
        "08 01 01 06 5F1F0400 100000 01F4 FA00",
    ),
]
IDS = [f"{type(value).__name__} {number}" for number, (value, _) in enumerate(VECTORS)]


@cells.cell(
    cells.VECTOR,
    cells.BOTH,
    services=(
        "GET normal",
        "GET with list",
        "GET in blocks",
        "SET normal",
        "SET with list",
        "SET in blocks",
        "ACTION normal",
        "ACTION with list",
        "ACTION in blocks",
        "DataNotification",
    ),
    note="each form of the DLMS UA ASN.1 module",
)
@pytest.mark.parametrize(("value", "octets"), VECTORS, ids=IDS)
def test_a_vector_both_ways(value: Any, octets: str) -> None:
    wire = bytes.fromhex(octets)
    assert value.encode() == wire
    assert apdu.decode(wire) == value
    assert wire[0] == value.TAG


@pytest.mark.parametrize(("value", "octets"), VECTORS, ids=IDS)
def test_nothing_less_and_nothing_more(value: object, octets: str) -> None:
    wire = bytes.fromhex(octets)
    for end in range(len(wire)):
        with pytest.raises(DecodeError):
            apdu.decode(wire[:end])
    with pytest.raises(DecodeError):
        apdu.decode(wire + b"\x00")


def test_every_variant_has_a_vector() -> None:
    elsewhere = {apdu.Aarq, apdu.Aare, apdu.Rlrq, apdu.Rlre, AccessRequest, AccessResponse}
    variants = set(apdu.Apdu.__args__) - elsewhere - {EventNotification, GeneralBlock}
    assert {type(value) for value, _ in VECTORS} == variants


BAD = {
    "no octets": "",
    "an informationReport, which is of short names": "18 00 01 02 FA08 01 1101",
    "an unknown GET request": "C004C1",
    "an unknown GET response": "C404C1",
    "an unknown SET request": "C106C1",
    "an unknown SET response": "C506C1",
    "an unknown ACTION request": "C307C1",
    "an unknown ACTION response": "C705C1",
    "a result of an unknown choice": "C401C1 02 00",
    "an unknown result": "C401C1 01 05",
    "a block of an unknown choice": "C402C1 00 00000001 02 00",
    "an unknown action result": "C701C1 11 00",
    "more attributes than octets": "C003C1 7F 0008 0000010000FF 02 00",
    "more attributes than the limit": "C003C1 820101"
    + " 0008 0000010000FF 02 00" * (MAX_ITEMS + 1),
    "fewer values than attributes": "C104C1 01 0003 0100010800FF 02 00 00",
    "fewer parameters than methods": "C303C1 01 0046 000060030AFF 01 00",
    "an unknown state of exception": "D80301",
    "an unknown service of exception": "D80109",
    "a conformance of another size": "01000000065F1F0300007E1F04B0",
    "an old conformance tag": "01000000065F0400007E1F04B0",
    "a notification of five octets of time": "0F00000001 05 07EA010104 1101",
    "a notification with an impossible month": "0F00000001 0C 07EA0D010400000000FFC400 1101",
}


@pytest.mark.parametrize("octets", BAD.values(), ids=BAD.keys())
def test_what_is_no_apdu_is_refused(octets: str) -> None:
    with pytest.raises(DecodeError):
        apdu.decode(bytes.fromhex(octets))


def test_a_selection_of_another_form_is_kept_as_it_is() -> None:
    odd = Selection(1, Data(Tag.UNSIGNED, 5))
    for descriptor in (
        AttributeDescriptor(7, BUFFER, 2, odd),
        AttributeDescriptor(15, Obis.parse("0-0:40.0.0"), 2, odd),
        AttributeDescriptor(7, BUFFER, 2, Selection(9, Data(Tag.STRUCTURE, ()))),
    ):
        assert apdu.decode(GetRequest(1, descriptor).encode()) == GetRequest(1, descriptor)


def test_a_range_may_name_columns_and_numbers() -> None:
    column = CaptureObject(3, ENERGY.logical_name, 2)
    ends = Data(Tag.DOUBLE_LONG_UNSIGNED, 1), Data(Tag.DOUBLE_LONG_UNSIGNED, 9)
    wanted = AttributeDescriptor(
        7, BUFFER, 2, RangeSelection(column, *ends, (CLOCK_COLUMN, column))
    )
    assert apdu.decode(GetRequest(1, wanted).encode()) == GetRequest(1, wanted)


def test_an_initiate_error_has_its_name() -> None:
    assert ConfirmedServiceError(1, 6, 99).initiate_error is InitiateError.OTHER
    assert ConfirmedServiceError(5, 0, 0).initiate_error is None


def test_a_notification_keeps_its_number() -> None:
    assert DataNotification(0x40000005, None, Data(Tag.UNSIGNED, 1)).invoke_id == 5


def test_an_index_out_of_range_is_ours() -> None:
    for descriptor in (
        AttributeDescriptor(3, ENERGY.logical_name, 200),
        AttributeDescriptor(70000, ENERGY.logical_name, 2),
        MethodDescriptor(3, ENERGY.logical_name, 200),
    ):
        with pytest.raises(LocalProtocolError):
            descriptor.encode()


@given(st.sampled_from([bytes.fromhex(v) for _, v in VECTORS]), st.data())
@settings(max_examples=400)
def test_a_broken_apdu_is_read_or_refused(wire: bytes, data: st.DataObject) -> None:
    broken = bytearray(wire)
    for _ in range(data.draw(st.integers(1, 3))):
        broken[data.draw(st.integers(0, len(wire) - 1))] = data.draw(st.integers(0, 255))
    try:
        apdu.decode(bytes(broken))
    except DecodeError:
        return


@given(st.binary(max_size=2048))
def test_any_octets(octets: bytes) -> None:
    try:
        value = apdu.decode(octets)
    except DecodeError:
        return
    assert apdu.decode(value.encode()) == value or "nan" in repr(value)


def test_a_text_is_no_logical_name_and_it_says_what_is() -> None:
    text = AttributeDescriptor(8, "0-0:1.0.0", 2)  # type: ignore[arg-type]  # a mistake
    with pytest.raises(LocalProtocolError, match=r"Obis.parse\('0-0:1.0.0'\) makes one"):
        text.encode()
