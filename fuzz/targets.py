"""What is fuzzed: a decoder a target; octets in, a value or a documented error out.

A target gives nothing back: it returns, or raises what no caller expects, which is a finding. What
else may happen to it (time, memory) is watched by `run.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from addad.dlms import acse, apdu, columns, data
from addad.dlms.clock_time import Date, DateTime, Time
from addad.dlms.connection import AssociationParameters, ClientConnection
from addad.dlms.octets import Cursor
from addad.dlms.push_quirks import read_quirky_body
from addad.dlms.wrapper import WrapperDecoder
from addad.errors import (
    AssociationError,
    DecodeError,
    LocalProtocolError,
    RemoteProtocolError,
)
from addad.obis import Obis

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
def client(octets: bytes) -> None:
    """What a server may send to a client in each state; lengths cut the input into APDUs."""
    connection = ClientConnection(AssociationParameters(16))
    connection.associate()
    pieces = list(_pieces(octets))
    for place, piece in enumerate(pieces):
        try:
            connection.receive(piece)
        except AssociationError:
            return
        except RemoteProtocolError:
            return
        if place == 0 and connection.state.name == "ASSOCIATED":
            try:
                connection.get(
                    [apdu.descriptors.AttributeDescriptor(3, Obis.parse("1-0:1.8.0"), 2)]
                )
            except LocalProtocolError:
                return


def _pieces(octets: bytes) -> list[bytes]:
    """The input as APDUs: a length octet before each."""
    pieces = []
    place = 0
    while place < len(octets):
        size = octets[place]
        pieces.append(octets[place + 1 : place + 1 + size])
        place += 1 + size
    return pieces
