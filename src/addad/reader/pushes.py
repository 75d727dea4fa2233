"""Pushes of any meter: octets of any carriage to values by OBIS code.

Green Book (DataNotification, EventNotification, general protection, general block transfer). What
a maker does otherwise than the documents say is accepted where it is known, and named in the push.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, TypeAlias

from addad.dlms import apdu as apdus
from addad.dlms.apdu.event import EventNotification
from addad.dlms.apdu.general_block import GeneralBlock
from addad.dlms.apdu.notification import DataNotification
from addad.dlms.clock_time import DateTime
from addad.dlms.mbus import MbusQuirk
from addad.dlms.octets import Cursor
from addad.dlms.push_quirks import PushQuirk
from addad.dlms.security.framing import form_of
from addad.errors import DecodeError, RemoteProtocolError
from addad.reader.carriage_choice import CarriageChoice
from addad.reader.credentials import Credentials
from addad.reader.p1_telegram import START, read_telegram, telegram_values
from addad.reader.push_carriages import BlockJoiner, Carriage, Carried, without_llc
from addad.reader.push_keys import Opened, PushKeys, is_whole_envelope
from addad.reader.push_values import PushedValue, PushedValues, read_values
from addad.reader.received_counters import Keeper

Quirk: TypeAlias = PushQuirk | MbusQuirk
Notification: TypeAlias = DataNotification | EventNotification

_BLOCK: Final = bytes((GeneralBlock.TAG,))


@dataclass(frozen=True, slots=True)
class Push:
    """A push that was read.

    `notification` is None for a P1 telegram, whose text is `telegram`. `opened` says from which
    system title it came and what of it was verified; None for one that was not ciphered.
    """

    carriage: Carriage
    octets: bytes = field(repr=False)
    """The plain APDU or telegram."""
    content: PushedValues
    notification: Notification | None = None
    telegram: str = ""
    opened: Opened | None = None
    quirks: tuple[Quirk, ...] = ()

    @property
    def values(self) -> tuple[PushedValue, ...]:
        """The values, in the order of the push."""
        return self.content.values

    @property
    def list_name(self) -> str:
        """The maker's list that tells what the push leaves out; empty where none is needed."""
        return self.content.list_name

    @property
    def moment(self) -> DateTime | None:
        """When it was, by the notification or else by the clock among its values."""
        told = None if self.notification is None else self.notification.moment
        return told or self.content.moment


@dataclass(frozen=True, slots=True)
class UnreadPush:
    """What came and could not be read: the octets as they came out of the frames, and why."""

    carriage: Carriage
    octets: bytes = field(repr=False)
    fault: RemoteProtocolError


class PushDecoder:
    """Makes pushes of octets as they come, from one line or connection.

    The carriage shows itself by the first push unless it is given. Noise between frames is passed
    over and counted; what is a frame and no push is an `UnreadPush`. Whatever comes, no more than
    an APDU of 64 KiB is kept, for each carriage that it may still be. A `keeper`, such as a
    `CounterFile`, remembers for later runs which ciphered pushes came.
    """

    def __init__(
        self,
        credentials: Credentials | None = None,
        carriage: Carriage | None = None,
        keeper: Keeper | None = None,
    ) -> None:
        self._keys = PushKeys(credentials, keeper)
        self._carriage = CarriageChoice(_is_whole, carriage)
        self._blocks = BlockJoiner()

    @property
    def carriage(self) -> Carriage | None:
        """The carriage, once it is known."""
        return self._carriage.carriage

    @property
    def discarded(self) -> int:
        """How many octets were part of no frame and no push."""
        return self._carriage.discarded

    @property
    def buffered(self) -> int:
        """How many octets wait for more."""
        return self._carriage.buffered + self._blocks.buffered

    def feed(self, octets: bytes) -> list[Push | UnreadPush]:
        """The pushes that these octets complete; raises nothing but what the keeper does."""
        return self._read_all(self._carriage.feed(octets))

    def flush(self) -> list[Push | UnreadPush]:
        """What is left, after a pause of the line or at the end of a file; nothing waits longer."""
        carried = self._carriage.flush()
        found = self._read_all(carried)
        if self._blocks.buffered:
            self._blocks.clear()
            fault = DecodeError("the last block is missing")
            found.append(UnreadPush(self.carriage or Carriage.PLAIN, b"", fault))
        return found

    def _read_all(self, carried: list[Carried]) -> list[Push | UnreadPush]:
        found: list[Push | UnreadPush] = []
        for one in carried:
            octets = without_llc(one.octets)
            try:
                if one.fault is not None:
                    raise one.fault
                if octets[:1] == _BLOCK:
                    joined = self._blocks.add(octets)
                    if joined is None:
                        continue
                    octets = joined
                found.append(self._read(one, octets))
            except RemoteProtocolError as fault:
                found.append(UnreadPush(one.carriage, octets, fault))
        return found

    def _read(self, carried: Carried, octets: bytes) -> Push:
        opened = None
        if form_of(octets) is not None:
            octets, opened = self._keys.open(octets)
        if octets.startswith(START) and opened is not None:
            text = read_telegram(octets)
            content = PushedValues(telegram_values(text))
            return Push(carried.carriage, octets, content, None, text, opened, carried.quirks)
        apdu = apdus.decode(octets)
        if not isinstance(apdu, DataNotification | EventNotification):
            raise DecodeError(f"a {type(apdu).__name__}, which is no push")
        quirks: tuple[Quirk, ...] = carried.quirks
        if apdu.quirk is not None:
            quirks = (*quirks, apdu.quirk)
        return Push(carried.carriage, octets, _content(apdu), apdu, "", opened, quirks)


def read_pushes(
    octets: bytes, credentials: Credentials | None = None, carriage: Carriage | None = None
) -> tuple[Push, ...]:
    """The pushes that these octets are, to the last octet.

    Raises `SecurityError` for one whose key is missing or wrong, and `DecodeError` for octets that
    are no push.
    """
    decoder = PushDecoder(credentials, carriage)
    pushes = []
    for one in decoder.feed(octets) + decoder.flush():
        if isinstance(one, UnreadPush):
            raise one.fault
        pushes.append(one)
    if decoder.discarded:
        raise DecodeError(f"{decoder.discarded} octets are part of no whole frame")
    if not pushes:
        raise DecodeError("no push is in these octets")
    return tuple(pushes)


def _content(apdu: Notification) -> PushedValues:
    if isinstance(apdu, DataNotification):
        return read_values(apdu.body)
    of = apdu.descriptor
    value = PushedValue(of.logical_name, apdu.value, class_id=of.class_id, attribute_index=of.index)
    return PushedValues((value,))


def _is_whole(octets: bytes) -> bool:
    """Whether octets are one whole APDU that a push can be."""
    if form_of(octets) is not None:
        return is_whole_envelope(octets)
    cursor = Cursor(octets)
    try:
        if cursor.peek() == GeneralBlock.TAG:
            cursor.skip(1)
            GeneralBlock.read(cursor)
            cursor.expect_end()
            return True
        return isinstance(apdus.decode(octets), DataNotification | EventNotification)
    except DecodeError:
        return False
