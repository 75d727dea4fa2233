"""One notification in every carriage and envelope, for the tests of pushes."""

from pathlib import Path

from addad import obis
from addad.dlms.apdu.general_block import GeneralBlock
from addad.dlms.apdu.notification import DataNotification
from addad.dlms.clock_time import DateTime
from addad.dlms.data import Data, Tag
from addad.dlms.hdlc.address import Address
from addad.dlms.hdlc.frame import Frame
from addad.dlms.mbus import segments
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.counters import VolatileCounters
from addad.dlms.security.framing import CipheringForm
from addad.dlms.security.keys import SymmetricKeys
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, Protection, SecuritySuite
from addad.dlms.wrapper import WrapperFrame
from addad.reader.credentials import Credentials, read_credentials
from addad.units import Unit

LLC = b"\xe6\xe7\x00"
UI = 0x13
METER_TITLE = bytes.fromhex("4144440000000001")
CLIENT_TITLE = bytes.fromhex("4144440000000002")
EK, AK = "000102030405060708090A0B0C0D0E0F", "D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"
DEDICATED = "A0A1A2A3A4A5A6A7A8A9AAABACADAEAF"
MOMENT = DateTime(2026, 3, 1, 7, 12, 30, 5, 0, -60, 0)


def notification(value: int = 2304, invoke_id: int = 1) -> DataNotification:
    scaler_unit = Data(Tag.STRUCTURE, (Data(Tag.INTEGER, -1), Data(Tag.ENUM, Unit.VOLT)))
    row = (
        Data(Tag.OCTET_STRING, bytes(obis.VOLTAGE_PHASES[0])),
        Data(Tag.LONG_UNSIGNED, value),
        scaler_unit,
    )
    body = Data(Tag.ARRAY, (Data(Tag.STRUCTURE, row),))
    return DataNotification(invoke_id, MOMENT, body)


def in_hdlc(apdu: bytes, size: int = 128, control: int = UI) -> bytes:
    information = LLC + apdu
    parts = [information[at : at + size] for at in range(0, len(information), size)]
    destination, source = Address(1), Address(0x10)
    return b"".join(
        Frame(destination, source, control, part, number < len(parts) - 1).encode()
        for number, part in enumerate(parts)
    )


def in_mbus(apdu: bytes) -> bytes:
    return b"".join(segment.frame().encode() for segment in segments(1, 0x67, apdu))


def in_wrapper(apdu: bytes) -> bytes:
    return WrapperFrame(1, 1, apdu).encode()


def in_blocks(apdu: bytes, size: int = 10) -> list[bytes]:
    parts = [apdu[at : at + size] for at in range(0, len(apdu), size)]
    count = len(parts)
    return [
        GeneralBlock(number == count, number < count, 0, number, 0, part).encode()
        for number, part in enumerate(parts, 1)
    ]


def meter(suite: int = 0, first: int = 1) -> SecurityContext:
    """What a meter enciphers its pushes with; the keys are `credentials`'s."""
    factor = 2 if suite == 2 else 1
    keys = SymmetricKeys(
        bytes.fromhex(EK * factor), bytes.fromhex(AK * factor), bytes.fromhex(DEDICATED * factor)
    )
    counters = VolatileCounters(first)
    context = SecurityContext(SecuritySuite(suite), METER_TITLE, CLIENT_TITLE, keys, counters)
    context.dedicated_key = bytes.fromhex(DEDICATED * factor)
    return context


def sealed(
    apdu: bytes,
    form: CipheringForm = CipheringForm.GENERAL_GLOBAL,
    protection: Protection = AUTHENTICATED_ENCRYPTION,
    *,
    suite: int = 0,
    counter: int = 1,
    broadcast: bool = False,
) -> bytes:
    return meter(suite, counter).protect(apdu, protection, form, broadcast=broadcast)


def credentials(suite: int = 0, **fields: object) -> Credentials:
    factor = 2 if suite == 2 else 1
    entry: dict[str, object] = {
        "suite": suite,
        "encryption_key": EK * factor,
        "authentication_key": AK * factor,
        "broadcast_key": DEDICATED * factor,
        "dedicated_key": DEDICATED * factor,
        "meter_title": METER_TITLE.hex(),
    }
    entry.update(fields)
    kept = {name: value for name, value in entry.items() if value is not None}
    return read_credentials({"push": kept}, Path())
