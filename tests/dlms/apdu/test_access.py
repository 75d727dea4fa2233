"""ACCESS APDUs: the published example, every kind of item, truncation, round trips."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addad.dlms import apdu
from addad.dlms.apdu.access import (
    AccessAction,
    AccessGet,
    AccessKind,
    AccessRequest,
    AccessResponse,
    AccessResult,
    AccessSet,
    AccessSpecification,
)
from addad.dlms.apdu.descriptors import (
    MAX_ITEMS,
    AttributeDescriptor,
    EntrySelection,
    MethodDescriptor,
    Selection,
)
from addad.dlms.apdu.long_invoke import LongInvokeFlag
from addad.dlms.clock_time import DateTime
from addad.dlms.data import Data, Tag, decode
from addad.dlms.results import ActionResult, DataAccessResult
from addad.errors import DecodeError
from addad.obis import Obis
from foreign import cells

CALENDAR = Obis.parse("0-0:13.0.0")
CLOCK = AttributeDescriptor(8, Obis.parse("0-0:1.0.0"), 2)
BUFFER = AttributeDescriptor(7, Obis.parse("1-0:99.1.0"), 2, EntrySelection(1, 2, 1, 0))
ODD = AttributeDescriptor(15, Obis.parse("0-0:40.0.0"), 2, Selection(4, Data(Tag.NULL_DATA, None)))
DISCONNECT = MethodDescriptor(70, Obis.parse("0-0:96.3.10"), 1)
MOMENT = DateTime(2026, 1, 1, 4, 0, 0, 0, 0, -60, 0)
NUMBER = bytes.fromhex("0600000001")
NULL = b"\x00"
OK, DENIED = DataAccessResult.SUCCESS, DataAccessResult.READ_WRITE_DENIED

# The plain text of the Green Book's ACCESS example (table 133 of edition 8.3, as Gurux and SPODES
# quote it): two reads, and two writes of an activity calendar.
PUBLISHED = bytes.fromhex(
    "D94000000000040100010000600100FF020100080000010000FF0202001400000D0000FF0702001400000D0000FF08"
    "0400000104"
    "0203090100090CFFFFFFFFFFFFFF00000000000901FF0203090101090CFFFFFFFFFFFFFF00000000000901FF"
    "0203090102090CFFFFFFFFFFFFFF00000000000901FF0203090103090CFFFFFFFFFFFFFF00000000000901FF"
    "0104"
    "020809010011FF11FF11FF11FF11FF11FF11FF02080901011102110111011101110111011101"
    "020809010211FF11FF11FF11FF11FF11FF11FF02080901031101110211021102110211021102"
)


def _published() -> AccessRequest:
    read = apdu.decode(PUBLISHED)
    assert isinstance(read, AccessRequest)
    return read


@cells.cell(
    cells.VECTOR,
    cells.CLIENT,
    services=("ACCESS",),
    note="Green Book, edition 8, Table 41: GET, SET and ACTION in one, deciphered",
)
def test_the_published_example() -> None:
    request = _published()
    assert request.encode() == PUBLISHED
    assert (request.invoke_id, request.flags) == (0, LongInvokeFlag.CONFIRMED)
    assert request.specifications == (
        AccessGet(AttributeDescriptor(1, Obis.parse("0-0:96.1.0"), 2)),
        AccessGet(CLOCK),
        AccessSet(AttributeDescriptor(20, CALENDAR, 7)),
        AccessSet(AttributeDescriptor(20, CALENDAR, 8)),
    )
    assert request.data[:2] == (NULL, NULL)
    seasons, weeks = decode(request.data[2]).value, decode(request.data[3]).value
    assert isinstance(seasons, tuple)
    assert isinstance(weeks, tuple)
    assert len(seasons) == len(weeks) == 4


REQUEST = AccessRequest(
    LongInvokeFlag.CONFIRMED | 7,
    MOMENT,
    (AccessGet(BUFFER), AccessSet(ODD), AccessAction(DISCONNECT), AccessSet(CLOCK)),
    (NULL, NUMBER, b"\x0f\x00", NUMBER),
)
RESPONSE = AccessResponse(
    0x40000007,
    None,
    None,
    (NUMBER, NULL, NULL),
    (
        AccessResult(AccessKind.GET, OK),
        AccessResult(AccessKind.SET, DENIED),
        AccessResult(AccessKind.ACTION, ActionResult.HARDWARE_FAULT),
    ),
)
SELF_DESCRIPTIVE = AccessResponse(
    0x50000007, MOMENT, (AccessGet(CLOCK),), (NUMBER,), (AccessResult(AccessKind.GET, OK),)
)
VECTORS = [
    (
        REQUEST,
        "D9 40000007 0C 07EA01010400000000FFC400 04"
        " 04 0007 0100630100FF 02 02 0204 0600000001 0600000002 120001 120000"
        " 05 000F 0000280000FF 02 04 00 03 0046 000060030AFF 01 02 0008 0000010000FF 02"
        " 04 00 0600000001 0F00 0600000001",
    ),
    (RESPONSE, "DA 40000007 00 00 03 0600000001 00 00 03 01 00 02 03 03 01"),
    (
        SELF_DESCRIPTIVE,
        "DA 50000007 0C 07EA01010400000000FFC400 01 01 01 0008 0000010000FF 02"
        " 01 0600000001 01 01 00",
    ),
]


@pytest.mark.parametrize(("value", "octets"), VECTORS)
def test_every_kind_both_ways(value: AccessRequest | AccessResponse, octets: str) -> None:
    assert value.encode() == bytes.fromhex(octets)
    assert apdu.decode(bytes.fromhex(octets)) == value


@pytest.mark.parametrize("wire", [PUBLISHED, *(bytes.fromhex(octets) for _, octets in VECTORS)])
def test_nothing_less_and_nothing_more(wire: bytes) -> None:
    for end in range(len(wire)):
        with pytest.raises(DecodeError):
            apdu.decode(wire[:end])
    with pytest.raises(DecodeError):
        apdu.decode(wire + b"\x00")


_MANY = f"{MAX_ITEMS + 1:04X}"
BAD = {
    "a specification of choice 6": "D9 40000000 00 01 06 0008 0000010000FF 02 01 00",
    "fewer values than specifications": "D9 40000000 00 01 01 0008 0000010000FF 02 00",
    "more items than the limit": "D9 40000000 00 82" + _MANY + "01 0008 0000010000FF 02" * 257,
    "a date of five octets": "D9 40000000 05 07EA010104 00 00",
    "fewer results than values": "DA 40000000 00 00 01 00 00",
    "a result of a selective kind": "DA 40000000 00 00 01 00 01 04 00",
    "a result that ACTION has not": "DA 40000000 00 00 01 00 01 03 13",
    "an unknown result": "DA 40000000 00 00 01 00 01 01 05",
}


@pytest.mark.parametrize("octets", BAD.values(), ids=BAD.keys())
def test_what_is_no_access_is_refused(octets: str) -> None:
    with pytest.raises(DecodeError):
        apdu.decode(bytes.fromhex(octets))


SPECIFICATIONS: st.SearchStrategy[AccessSpecification] = st.one_of(
    st.sampled_from([CLOCK, BUFFER, ODD]).map(AccessGet),
    st.sampled_from([CLOCK, BUFFER, ODD]).map(AccessSet),
    st.just(AccessAction(DISCONNECT)),
)
ITEMS = st.lists(st.tuples(SPECIFICATIONS, st.sampled_from([NULL, NUMBER])), max_size=20)


@given(st.integers(0, 0xFFFFFFFF), st.sampled_from([None, MOMENT]), ITEMS)
def test_a_request_returns(
    invoke: int, moment: DateTime | None, items: list[tuple[AccessSpecification, bytes]]
) -> None:
    request = AccessRequest(
        invoke, moment, tuple([one for one, _ in items]), tuple([data for _, data in items])
    )
    assert apdu.decode(request.encode()) == request


@given(st.integers(0, 0xFFFFFFFF), ITEMS, st.booleans())
def test_a_response_returns(
    invoke: int, items: list[tuple[AccessSpecification, bytes]], echo: bool
) -> None:
    results = tuple(
        AccessResult(one.KIND, ActionResult.SUCCESS if isinstance(one, AccessAction) else DENIED)
        for one, _ in items
    )
    named = tuple([one for one, _ in items]) if echo else None
    response = AccessResponse(invoke, None, named, tuple([data for _, data in items]), results)
    assert apdu.decode(response.encode()) == response
