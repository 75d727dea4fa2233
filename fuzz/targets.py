"""What is fuzzed: a decoder a target; octets in, a value or a documented error out.

A target gives nothing back: it returns, or raises what no caller expects, which is a finding. What
else may happen to it (time, memory) is watched by `run.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final

from addad.dlms import acse, apdu, columns, data
from addad.dlms.apdu.general_block import GeneralBlock
from addad.dlms.clock_time import Date, DateTime, Time
from addad.dlms.gateway import read_header
from addad.dlms.general_blocks import GeneralBlockTransfer
from addad.dlms.hdlc.decoder import FrameDecoder
from addad.dlms.mbus import MbusDecoder
from addad.dlms.mode_e import ClientSignOn, MeterSignOn
from addad.dlms.octets import Cursor
from addad.dlms.profile_compression import RowFormat, expand
from addad.dlms.push_quirks import read_quirky_body
from addad.dlms.security.certificate_authority import CertificateRequest
from addad.dlms.security.certificates import Certificate
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.counters import VolatileCounters
from addad.dlms.security.framing import CipheringForm
from addad.dlms.security.keys import SymmetricKeys
from addad.dlms.security.suite import Protection, SecuritySuite
from addad.dlms.wrapper import WrapperDecoder
from addad.errors import DecodeError, LocalProtocolError, RemoteProtocolError, SecurityError
from addad.reader.p1_telegram import LINES_MAX, checksum, read_telegram, telegram_values
from addad.reader.plain_values import plain
from addad.reader.push_values import PushedValues
from addad.reader.pushes import Push, PushDecoder

CLIENT: Final = bytes.fromhex("4D4D4D0000BC614E")
METER: Final = bytes.fromhex("4D4D4D0000000001")

Target = Callable[[bytes], None]

TARGETS: Final[dict[str, Target]] = {}


def target(function: Target) -> Target:
    """Name a target by its function."""
    TARGETS[function.__name__] = function
    return function


@target
def axdr(octets: bytes) -> None:
    """A value of the general decoder; what decodes must encode to what decodes alike."""
    try:
        value = data.decode(octets)
    except DecodeError:
        return
    try:
        again = data.encode(value)
    except LocalProtocolError:
        return  # such as arrays inside compact arrays, which are read and never sent
    if data.decode(again) != value and "nan" not in repr(value):
        raise AssertionError(f"{value!r} became {data.decode(again)!r}")


@target
def any_apdu(octets: bytes) -> None:
    """Any APDU of any service; what decodes must encode, and decode alike."""
    try:
        decoded = apdu.decode(octets)
    except DecodeError:
        return
    try:
        again = decoded.encode()
    except LocalProtocolError:
        return
    if "nan" not in repr(decoded) and apdu.decode(again) != decoded:
        raise AssertionError(f"{decoded!r} became {apdu.decode(again)!r}")


@target
def association_apdus(octets: bytes) -> None:
    """AARQ, AARE, RLRQ, RLRE without their tag."""
    for kind in (acse.Aarq, acse.Aare, acse.Rlrq, acse.Rlre):
        try:
            kind.read(Cursor(octets))
        except DecodeError:
            continue


@target
def profile_columns(octets: bytes) -> None:
    """A profile's buffer as columns."""
    try:
        columns.decode_columns(octets)
    except DecodeError:
        return


@target
def push_body(octets: bytes) -> None:
    """The body of a push that breaks the rules as known makers do."""
    try:
        read_quirky_body(Cursor(octets))
    except DecodeError:
        return


@target
def clock_octets(octets: bytes) -> None:
    """A date-time, date or time; with a deviation it is also a moment."""
    for kind in (DateTime, Date, Time):
        try:
            decoded = kind.decode(octets)
        except DecodeError:
            continue
        if decoded.encode() != octets:
            raise AssertionError(f"{decoded!r} does not encode to its octets")
        if isinstance(decoded, DateTime):
            try:
                decoded.to_datetime()
            except DecodeError:
                continue


@target
def wrapper(octets: bytes) -> None:
    """Frames of a connection, whole and octet by octet; both must say the same."""
    whole, single = WrapperDecoder(), WrapperDecoder()
    try:
        frames = whole.feed(octets)
    except DecodeError:
        frames = None
    pieces = []
    try:
        for place in range(len(octets)):
            pieces += single.feed(octets[place : place + 1])
    except DecodeError:
        if frames is not None:
            raise AssertionError("octet by octet it breaks, at once it does not") from None
        return
    if frames is not None and frames != pieces:
        raise AssertionError("octet by octet other frames come than at once")


@target
def ciphered(octets: bytes) -> None:
    """Every envelope, under right keys and as it comes; the first octet says which."""
    context = security_context(SecuritySuite.SUITE_0)
    forged = octets[1:]
    try:
        if octets[:1] and octets[0] & 1:
            form = (CipheringForm.GENERAL_GLOBAL, CipheringForm.GENERAL_CIPHERING)[
                octets[0] >> 1 & 1
            ]
            forged = security_context(SecuritySuite.SUITE_0, of_client=True).protect(
                forged, Protection.AUTHENTICATION | Protection.ENCRYPTION, form
            )
        context.unprotect(forged)
    except (DecodeError, SecurityError, LocalProtocolError, IndexError) as refused:
        if isinstance(refused, IndexError) and octets[1:]:
            raise
        return


@target
def certificate(octets: bytes) -> None:
    """A certificate, and a request for one."""
    for kind in (Certificate, CertificateRequest):
        try:
            kind.read(octets)
        except (DecodeError, SecurityError):
            continue


@target
def general_blocks(octets: bytes) -> None:
    """Blocks of a peer while we send; a block for every five octets and what their length says."""
    transfer = GeneralBlockTransfer(64, 4096, is_client=bool(octets[:1] and octets[0] & 1))
    transfer.send(bytes(200))
    for piece in pieces(octets[1:]):
        try:
            block = apdu.decode(b"\xe0" + piece)
            if isinstance(block, GeneralBlock):
                transfer.receive(block)
            transfer.timeout()
        except RemoteProtocolError:
            transfer.begin()


@target
def compressed_rows(octets: bytes) -> None:
    """Rows of a profile that leave out what repeats."""
    form = RowFormat(octets[0] & 7 if octets else 0, clocks=(0,), period_s=900)
    try:
        rows = data.decode(octets[1:])
        if isinstance(rows.value, tuple):
            expand([row for row in rows.value if isinstance(row, data.Data)], form)
    except DecodeError:
        return


@target
def gateway_header(octets: bytes) -> None:
    """The header that names a meter behind a gateway."""
    for tag in (0xE6, 0xE7):
        try:
            read_header(tag, octets)
        except DecodeError:
            continue


@target
def hdlc_frames(octets: bytes) -> None:
    """Frames in the noise of a line, whole and octet by octet; both must say the same."""
    whole, single = FrameDecoder(), FrameDecoder()
    frames = whole.feed(octets)
    one_by_one = [
        frame for place in range(len(octets)) for frame in single.feed(octets[place : place + 1])
    ]
    if frames != one_by_one:
        raise AssertionError("octet by octet other frames come than at once")


@target
def mbus_frames(octets: bytes) -> None:
    """M-Bus frames in the noise of a line."""
    decoder = MbusDecoder()
    decoder.feed(octets)
    decoder.finish()


@target
def pushes(octets: bytes) -> None:
    """A push in any carriage, and what it says."""
    decoder = PushDecoder()
    for push in decoder.feed(octets) + decoder.flush():
        if isinstance(push, Push):
            _tell(push.content)


@target
def telegram(octets: bytes) -> None:
    """A telegram of a P1 port as it comes, and the same under the CRC that it would have."""
    signed = b"/" + octets + b"!"
    for whole in (octets, signed + f"{checksum(signed):04X}".encode()):
        try:
            values = telegram_values(read_telegram(whole))
        except DecodeError:
            continue
        if len(values) > LINES_MAX:
            raise AssertionError(f"{len(values)} values of one telegram")
        for value in values:
            if value.raw is not None:
                data.encode(value.data)
        _tell(PushedValues(values))


def _tell(content: PushedValues) -> None:
    """Ask pushed values for all that a reader asks them; it must be JSON."""
    json.dumps(str(content.moment))
    for value in content.values:
        told = [value.value, value.unit, plain(value.raw), str(value.moment)]
        json.dumps(told, allow_nan=False)


@target
def sign_on(octets: bytes) -> None:
    """What comes at either end of a sign-on."""
    client, meter = ClientSignOn(), MeterSignOn()
    client.start(0.0)
    for now, piece in enumerate(pieces(octets)):
        for end in (client, meter):
            try:
                end.receive(piece, float(now))
                end.tick(float(now))
            except (DecodeError, RemoteProtocolError):
                continue


def pieces(octets: bytes) -> list[bytes]:
    """The input as APDUs: a length octet before each."""
    cut = []
    place = 0
    while place < len(octets):
        size = octets[place]
        cut.append(octets[place + 1 : place + 1 + size])
        place += 1 + size
    return cut


def security_context(suite: SecuritySuite, *, of_client: bool = False) -> SecurityContext:
    """One end of an association with keys that everybody may know."""
    keys = SymmetricKeys(
        bytes(range(suite.key_octets)), bytes(range(0xD0, 0xD0 + suite.key_octets))
    )
    titles = (CLIENT, METER) if of_client else (METER, CLIENT)
    return SecurityContext(suite, *titles, keys, VolatileCounters())
