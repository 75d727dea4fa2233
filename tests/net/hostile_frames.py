"""What a hostile client sends: a corpus of APDUs for the real meter, and ways to spoil them.

All chance comes from the `Random` that is given, so that every finding can be repeated.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from random import Random

from addad import obis
from addad.cosem.classes import Clock, DisconnectControl, ProfileGeneric, Register
from addad.cosem.logical_device import LogicalDevice
from addad.dlms import data as axdr
from addad.dlms.acse import Mechanism
from addad.dlms.apdu.action import (
    ActionRequest,
    ActionRequestBlock,
    ActionRequestFirstBlock,
    ActionRequestNext,
    ActionRequestWithList,
    ActionRequestWithListFirstBlock,
)
from addad.dlms.apdu.descriptors import (
    AnySelection,
    AttributeDescriptor,
    CaptureObject,
    EntrySelection,
    MethodDescriptor,
    RangeSelection,
    Selection,
)
from addad.dlms.apdu.get import GetRequest, GetRequestNext, GetRequestWithList
from addad.dlms.apdu.set import (
    SetRequest,
    SetRequestBlock,
    SetRequestFirstBlock,
    SetRequestWithList,
    SetRequestWithListFirstBlock,
)
from addad.dlms.clock_time import DateTime
from addad.dlms.connection import AssociationParameters, ClientConnection
from addad.dlms.data import Data, Tag
from net.real_meter import START

INVOKE = 0xC1
CLOCK_COLUMN = CaptureObject(8, obis.CLOCK, 2)
FOREIGN = (
    "0502 02FA00", "0601 02FA00 0106 00000001",  # short names: read, write
    "601DA109060760857405080102BE10040E01000000065F1F0400001C03FFFF",  # AARQ for short names
    "C8 1E 00", "CB 1E 00", "D9 00", "DB 08 4D4D4D0000BC614E", "DD 00", "DF 00",  # ciphered
    "E0 80 0001 0000 02 C001", "0F 00000001 00 00", "C2 01 00", "D8 01 01", "61 00", "63 00",
    "62 03 80 01 00", "62 00", "01 00", "08 00", "0E 01 00", "FF", "00",
)  # fmt: skip


def aarq(client_sap: int, password: bytes | None, **more: int) -> bytes:
    """The AARQ of a client."""
    mechanism = Mechanism.NONE if password is None else Mechanism.LOW
    asked = AssociationParameters(client_sap, 1, mechanism, password or b"", **more)
    (apdu,) = ClientConnection(asked).associate()
    return apdu


def ranges() -> Iterator[AnySelection]:
    """Selections that are absurd, wrong, or just unusual."""
    first, last = (DateTime.from_datetime(START + timedelta(days=n)) for n in (1, 3))
    anything = DateTime(None, None, None)
    early, late = (
        DateTime(1, 1, 1, 1, 0, 0, 0, 0, 840),
        DateTime(9999, 12, 31, 5, 23, 59, 59, 0, -840),
    )
    year_0, no_day = DateTime(0, 1, 1, 1, 0, 0, 0, 0, 0), DateTime(2026, 2, 31, 1, 0, 0, 0, 0, 0)
    for begin, end in (
        (first, last), (last, first), (anything, anything), (early, late), (late, early),
        (year_0, late), (first, no_day), (DateTime(2026, 3, 2, None, 0, 0, 0), last),
    ):  # fmt: skip
        yield RangeSelection.between(CLOCK_COLUMN, begin, end)
        yield RangeSelection.between(CLOCK_COLUMN, begin, end, (CLOCK_COLUMN,) * 30)
    wrong = CaptureObject(3, obis.ACTIVE_ENERGY_IMPORT, 2)
    yield RangeSelection.between(wrong, first, last)
    yield RangeSelection.between(CLOCK_COLUMN, first, last, (CaptureObject(99, obis.CLOCK, -5, 9),))
    for value in (
        axdr.NULL,
        Data(Tag.DOUBLE_LONG_UNSIGNED, 0),
        Data(Tag.OCTET_STRING, b"\xff" * 12),
    ):
        yield RangeSelection(CLOCK_COLUMN, value, value)
    top, wide = 0xFFFFFFFF, 0xFFFF
    for numbers in (
        (0, 0, 0, 0), (1, 0, 1, 0), (top, top, wide, wide), (1, top, 1, wide), (5, 2, 3, 1),
        (0, top, 1, 0), (1, 1, 0, 1), (top, 1, 1, 1), (20_000, 20_001, 1, 0),
    ):  # fmt: skip
        yield EntrySelection(*numbers)
    yield Selection(0, axdr.NULL)
    yield Selection(3, Data(Tag.ARRAY, (axdr.NULL,) * 100))
    yield Selection(1, Data(Tag.STRUCTURE, ()))
    yield Selection(2, Data(Tag.OCTET_STRING, b""))


def values() -> tuple[bytes, ...]:
    """Encoded values of many types, few of which fit where they are sent."""
    date_time = DateTime.from_datetime(START).encode()
    some = [
        axdr.NULL, Data(Tag.BOOLEAN, True), Data(Tag.INTEGER, 0), Data(Tag.INTEGER, -128),
        Data(Tag.ENUM, 4), Data(Tag.ENUM, 255), Data(Tag.UNSIGNED, 255), Data(Tag.LONG, -900),
        Data(Tag.LONG_UNSIGNED, 0xFFFF), Data(Tag.DOUBLE_LONG_UNSIGNED, 0xFFFFFFFF),
        Data(Tag.LONG64, -1), Data(Tag.FLOAT32, float("nan")), Data(Tag.FLOAT64, float("inf")),
        Data(Tag.OCTET_STRING, date_time), Data(Tag.DATE_TIME, date_time),
        Data(Tag.OCTET_STRING, b"\xff" * 12), Data(Tag.OCTET_STRING, b"x" * 5000),
        Data(Tag.VISIBLE_STRING, "\x00\xe9"), Data(Tag.STRUCTURE, ()),
        Data(Tag.STRUCTURE, (Data(Tag.ENUM, 0), Data(Tag.OCTET_STRING, b":0"), Data(Tag.ENUM, 0))),
        Data(Tag.ARRAY, (axdr.NULL,) * 300),
    ]  # fmt: skip
    bomb = bytes((Tag.COMPACT_ARRAY, Tag.STRUCTURE, 0x20)) + bytes(32) + b"\x81\x80" + bytes(128)
    return (*(axdr.encode(value) for value in some), bomb)


def requests(device: LogicalDevice) -> list[bytes]:
    """Every service on every object of the meter, with right and wrong contents."""
    found: list[bytes] = [bytes.fromhex(text) for text in FOREIGN]
    attributes = [
        AttributeDescriptor(item.interface_class.class_id, item.logical_name, index)
        for item in device
        for index in (*item.interface_class.attributes, 0, -1, 99)
    ]
    methods = [
        MethodDescriptor(item.interface_class.class_id, item.logical_name, index)
        for item in device
        for index in (*item.interface_class.methods, 99)
    ]
    some = values()
    for number, descriptor in enumerate(attributes):
        value = some[number % len(some)]
        found.append(GetRequest(INVOKE, descriptor).encode())
        found.append(SetRequest(INVOKE, descriptor, value).encode())
        found.append(SetRequestFirstBlock(INVOKE, descriptor, False, 1, value).encode())
    for number, method in enumerate(methods):
        value = some[number % len(some)]
        found.append(ActionRequest(INVOKE, method, value).encode())
        found.append(ActionRequest(INVOKE, method, None).encode())
        found.append(ActionRequestFirstBlock(INVOKE, method, False, 1, value).encode())
    buffer = ProfileGeneric.buffer
    for selection in ranges():
        found.append(GetRequest(INVOKE, buffer.of(obis.LOAD_PROFILE, selection)).encode())
        found.append(GetRequest(INVOKE, Clock.time.of(obis.CLOCK, selection)).encode())
    found += _long_and_listed(attributes, methods, some)
    return found


def _long_and_listed(
    attributes: Sequence[AttributeDescriptor],
    methods: Sequence[MethodDescriptor],
    some: Sequence[bytes],
) -> Iterator[bytes]:
    relay = DisconnectControl.remote_disconnect.of(obis.DISCONNECT_CONTROL)
    for count in (0, 1, 2, 30, 255):
        listed, acts = tuple(attributes[:count]), (relay,) * count
        data = (some[2],) * count
        yield GetRequestWithList(INVOKE, listed).encode()
        yield GetRequestWithList(
            INVOKE, (ProfileGeneric.buffer.of(obis.LOAD_PROFILE),) * count
        ).encode()
        yield SetRequestWithList(INVOKE, listed, data).encode()
        yield SetRequestWithList(INVOKE, listed, data[1:]).encode()
        yield SetRequestWithListFirstBlock(INVOKE, listed, False, 1, b"\x01" * 40).encode()
        yield ActionRequestWithList(INVOKE, acts, data).encode()
        yield ActionRequestWithList(INVOKE, tuple(methods[:count]), data[1:]).encode()
        yield ActionRequestWithListFirstBlock(INVOKE, acts, False, 1, b"\x01" * 40).encode()
    for number in (0, 1, 2, 3, 0xFFFFFFFF):
        for last in (False, True):
            yield GetRequestNext(INVOKE, number).encode()
            yield ActionRequestNext(INVOKE, number).encode()
            yield SetRequestBlock(INVOKE, last, number, b"\x02" * 60).encode()
            yield ActionRequestBlock(INVOKE, last, number, b"").encode()
    yield GetRequest(INVOKE, Register.value.of(obis.LOAD_PROFILE)).encode()


def spoil(random: Random, octets: bytes, others: Sequence[bytes]) -> bytes:
    """The octets with one to four things done to them; never empty."""
    out = bytearray(octets)
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        at = random.randrange(len(out)) if out else 0
        match random.randrange(8):
            case 0 if out:
                out[at] ^= 1 << random.randrange(8)
            case 1 if out:
                out[at] = random.choice((0, 1, 2, 9, 0x13, 0x7F, 0x80, 0x81, 0x84, 0xFE, 0xFF))
            case 2:
                del out[at:]
            case 3:
                del out[at : at + random.randrange(1, 9)]
            case 4:
                out[at:at] = random.randbytes(random.randrange(1, 9))
            case 5:
                out[at:at] = out[at : at + random.randrange(1, 40)]
            case 6:
                out[at : at + 4] = b"\x84\xff\xff\xff\xff"
            case _:
                other = random.choice(others)
                out[at:] = other[random.randrange(len(other)) :]
    return bytes(out[:0xFFFF]) or b"\x00"
