"""A client of one logical device: `await client.get(obis.CLOCK, Clock.time)`.

IEC 62056-5-3 services over IEC 62056-47 frames. The types of attributes and methods are those of
`addad.cosem.classes`; every error says whose fault it is: `LinkError` the way there,
`RemoteProtocolError` the meter's words, `AccessError` what it refuses, `AssociationError` whom.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final, TypedDict, TypeVar, Unpack, cast, overload

from addad.cosem.classes.control import Clock
from addad.cosem.classes.measurement import CaptureObject, ProfileGeneric
from addad.cosem.interface_class import Attribute, Method, Readable
from addad.dlms.access_exchanges import AccessOutcome, AccessReply
from addad.dlms.acse import Mechanism
from addad.dlms.apdu.access import AccessSpecification
from addad.dlms.apdu.descriptors import (
    AnySelection,
    AttributeDescriptor,
    MethodDescriptor,
    RangeSelection,
)
from addad.dlms.association import State
from addad.dlms.callbacks import check_called
from addad.dlms.client_exchanges import ActionReply, GetReply, SetReply
from addad.dlms.clock_time import DateTime
from addad.dlms.connection import ClientConnection
from addad.dlms.gateway import GatewayAddress
from addad.dlms.parameters import MAX_PDU, AssociationParameters, Negotiated
from addad.dlms.results import DataAccessResult
from addad.dlms.security.context import SecurityContext
from addad.errors import (
    AccessError,
    AddadError,
    DecodeError,
    LocalProtocolError,
)
from addad.net.conversation import REPLY_MAX_S, Conversation, OnNotification
from addad.net.gateway_link import GatewayLink
from addad.net.link import Link
from addad.net.new_association import new_association
from addad.net.outcomes import access_error, refuse, returned
from addad.net.tcp import open_link
from addad.obis import Obis

T = TypeVar("T")
P = TypeVar("P")
R = TypeVar("R")
D = TypeVar("D", AttributeDescriptor, MethodDescriptor)
V = TypeVar("V")

PUBLIC_CLIENT: Final = 16
TIMEOUT_S: Final = 10.0
RELEASE_TIMEOUT_S: Final = 1.0


class ClientOptions(TypedDict, total=False):
    """What a `Client` can be told, by keyword."""

    client_sap: int
    server_sap: int
    password: bytes | None
    timeout_s: float
    reply_max_s: float
    max_pdu: int
    on_notification: OnNotification | None
    retries: int
    gateway: GatewayAddress | None
    parameters: AssociationParameters | None
    dedicated: bool


@dataclass(frozen=True, slots=True)
class EncodedProfile:
    """Rows of a profile as they came: `octets` is the encoded array, for `decode_columns`."""

    capture_objects: tuple[CaptureObject, ...]
    octets: bytes


class Client:
    """An association over a link; one request at a time, later ones wait their turn.

    `async with Client(link, …)` associates and releases; `Client.connect` also makes the link.
    After a `LinkError` or a broken frame the link is closed: connect anew.
    """

    def __init__(
        self,
        link: Link,
        *,
        client_sap: int = PUBLIC_CLIENT,
        server_sap: int = 1,
        password: bytes | None = None,
        timeout_s: float = TIMEOUT_S,
        reply_max_s: float = REPLY_MAX_S,
        max_pdu: int = MAX_PDU,
        on_notification: OnNotification | None = None,
        retries: int = 0,
        gateway: GatewayAddress | None = None,
        parameters: AssociationParameters | None = None,
        dedicated: bool = False,
    ) -> None:
        """`password` asks for low level security; `timeout_s` is for each answer or block,
        `reply_max_s` for all blocks of a reply.

        `retries` is how often a GET is asked again: for links that lose frames, such as UDP.
        `gateway` names a meter behind the peer of the link. `parameters` tells all of the
        association, for any mechanism and ciphering, in place of SAPs, password and size; each
        association gets a challenge of its own and, if `dedicated`, a new dedicated key.
        """
        check_called(on_notification)
        pattern = parameters or AssociationParameters(
            client_sap,
            server_sap,
            Mechanism.NONE if password is None else Mechanism.LOW,
            password or b"",
            max_pdu,
        )
        if gateway is not None:
            link = GatewayLink(link, gateway)
            room = MAX_PDU - gateway.octets
            pattern = replace(pattern, max_pdu=min(pattern.max_pdu or MAX_PDU, room))
        self._link = link
        self._pattern = pattern
        self._dedicated = dedicated
        self._connection = ClientConnection(pattern)
        self._timeout_s = timeout_s
        self._talk = Conversation(
            link,
            self._connection,
            timeout_s=timeout_s,
            reply_max_s=reply_max_s,
            retries=retries,
            on_notification=on_notification,
        )
        self._lists = True

    @classmethod
    @contextlib.asynccontextmanager
    async def connect(
        cls, host: str, port: int, **options: Unpack[ClientOptions]
    ) -> AsyncIterator[Client]:
        """A client of the meter at a TCP address, associated until the end of the block.

        The options are those of the client itself.
        """
        link = await open_link(host, port, options.get("timeout_s", TIMEOUT_S))
        async with cls.over(link, **options) as client:
            yield client

    @classmethod
    @contextlib.asynccontextmanager
    async def over(cls, link: Link, **options: Unpack[ClientOptions]) -> AsyncIterator[Client]:
        """A client over a link, which is closed at the end, and when an option is refused."""
        try:
            client = cls(link, **options)
        except BaseException:
            link.close()
            raise
        async with client:
            yield client

    async def __aenter__(self) -> Client:
        try:
            if not self._pattern.pre_established:
                await self.associate()
        except BaseException:
            self._link.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    # the association

    @property
    def negotiated(self) -> Negotiated:
        """The services and the size of APDU that were agreed."""
        return self._connection.negotiated

    @property
    def security(self) -> SecurityContext | None:
        """The security of the association as it stands, None without keys."""
        return self._connection.security

    @property
    def closed(self) -> bool:
        """Whether the link has ended."""
        return self._link.closed

    @property
    def received_octets(self) -> int:
        """How much has come over the link, to show that a long answer is on its way."""
        return self._link.received_octets

    async def associate(self) -> Negotiated:
        """Open the association; raises `AssociationError` when the meter refuses it."""
        parameters = new_association(self._pattern, self._dedicated)
        self._connection = self._talk.connection = ClientConnection(parameters)
        await self._talk.exchange(self._connection.associate)
        return self._connection.negotiated

    async def release(self) -> None:
        """End the association; the link stands, and another may be opened on it."""
        await self._talk.exchange(self._connection.release)

    async def close(self) -> None:
        """Release the association if the link still stands, and close the link."""
        released = self._pattern.pre_established or self._link.closed
        if not released and self._connection.state is State.ASSOCIATED:
            with contextlib.suppress(AddadError, TimeoutError):
                async with asyncio.timeout(min(self._timeout_s, RELEASE_TIMEOUT_S)):
                    await self.release()
        self._link.close()
        await self._link.wait_closed()

    async def listen(self, duration_s: float) -> None:
        """Hand on the notifications that come within the time, while nothing is asked."""
        await self._talk.listen(duration_s)

    # GET

    async def get(
        self, logical_name: Obis, attribute: Readable[T], selection: AnySelection | None = None
    ) -> T:
        """The value of an attribute; raises `AccessError`, or `DecodeError` for another type."""
        octets = await self.get_octets(attribute.of(logical_name, selection))
        try:
            return attribute.type.decode(octets)
        except DecodeError as fault:
            raise DecodeError(f"{logical_name} {attribute}: {fault}") from None

    async def get_octets(self, descriptor: AttributeDescriptor) -> bytes:
        """The octets of a value, tag first, as they came; raises `AccessError`."""
        reply = await self._talk.exchange(lambda: self._connection.get((descriptor,)), True)
        if not isinstance(reply, GetReply):
            refuse(reply)
        result = reply.results[0]
        if isinstance(result, DataAccessResult):
            raise access_error(descriptor, result)
        return result

    async def get_many(self, items: Sequence[tuple[Obis, Readable[T]]]) -> list[T | AccessError]:
        """The values of several attributes, or why each is refused, in as few requests as fit."""
        descriptors = [attribute.of(name) for name, attribute in items]
        answers = await self.get_many_octets(descriptors)
        return [
            answer if isinstance(answer, AccessError) else attribute.type.decode(answer)
            for (_, attribute), answer in zip(items, answers, strict=True)
        ]

    async def get_many_octets(
        self, descriptors: Sequence[AttributeDescriptor]
    ) -> list[bytes | AccessError]:
        """The octets of several values, or why each is refused, in as few requests as fit."""
        answers: list[bytes | AccessError] = []
        while len(answers) < len(descriptors):
            rest = descriptors[len(answers) :]
            count = self._connection.get_capacity(rest) if self._lists else 1
            part = tuple(rest[:count])
            reply = await self._talk.exchange(partial(self._connection.get, part), True)
            if isinstance(reply, GetReply):
                answers += [
                    access_error(descriptor, result)
                    if isinstance(result, DataAccessResult)
                    else result
                    for descriptor, result in zip(part, reply.results, strict=True)
                ]
            elif count > 1:
                self._lists = False  # it agreed to lists and cannot answer them
            else:
                refuse(reply)
        return answers

    async def read_profile(
        self,
        logical_name: Obis,
        first: datetime,
        last: datetime,
        *,
        capture_objects: Sequence[CaptureObject] | None = None,
        columns: Sequence[CaptureObject] = (),
    ) -> EncodedProfile:
        """The rows of a profile from `first` to `last`, both aware, both included.

        `capture_objects` spares the request for them when they are known; `columns` are those
        wanted, all when empty. Raises `AccessError`; `LocalProtocolError` without a clock column.
        """
        if capture_objects is None:
            capture_objects = await self.get(logical_name, ProfileGeneric.capture_objects)
        clock = next((c for c in capture_objects if _is_clock(c)), None)
        if clock is None:
            raise LocalProtocolError(f"{logical_name} has no clock column to choose a range by")
        selection = RangeSelection.between(
            clock, DateTime.from_datetime(first), DateTime.from_datetime(last), tuple(columns)
        )
        octets = await self.get_octets(ProfileGeneric.buffer.of(logical_name, selection))
        return EncodedProfile(tuple(columns or capture_objects), octets)

    # SET and ACTION

    async def set(self, logical_name: Obis, attribute: Attribute[T], value: T) -> None:
        """Write an attribute; raises `AccessError` when the meter refuses the value."""
        descriptor = attribute.of(logical_name)
        octets = attribute.type.encode(value)
        reply = await self._talk.exchange(lambda: self._connection.set(((descriptor, octets),)))
        if not isinstance(reply, SetReply):
            refuse(reply)
        if reply.results[0] != DataAccessResult.SUCCESS:
            raise access_error(descriptor, reply.results[0])

    @overload
    async def action(self, logical_name: Obis, method: Method[int, R]) -> R: ...
    @overload
    async def action(self, logical_name: Obis, method: Method[P, R], parameter: P) -> R: ...
    async def action(
        self, logical_name: Obis, method: Method[P, R], parameter: P | None = None
    ) -> R:
        """Run a method, with integer(0) when no parameter is given; raises `AccessError`."""
        descriptor = method.of(logical_name)
        octets = method.parameter.encode(cast("P", 0) if parameter is None else parameter)
        reply = await self._talk.exchange(lambda: self._connection.action(((descriptor, octets),)))
        if not isinstance(reply, ActionReply):
            refuse(reply)
        return returned(logical_name, method, reply.outcomes[0])

    async def set_unconfirmed(self, logical_name: Obis, attribute: Attribute[T], value: T) -> None:
        """Write an attribute; whether it was done, nobody tells."""
        item = (attribute.of(logical_name), attribute.type.encode(value))
        await self._talk.tell(lambda: self._connection.set((item,), confirmed=False))

    async def action_unconfirmed(
        self, logical_name: Obis, method: Method[P, R], parameter: P
    ) -> None:
        """Run a method; whether it was done, nobody tells."""
        item = (method.of(logical_name), method.parameter.encode(parameter))
        await self._talk.tell(lambda: self._connection.action((item,), confirmed=False))

    async def access(
        self, items: Sequence[tuple[AccessSpecification, bytes | None]]
    ) -> tuple[AccessOutcome, ...]:
        """Read, write and run in one request, in this order; how each item ended, with its octets.

        Each item has the octets of its value or parameter, None for a read. Raises
        `LocalProtocolError` where ACCESS was not negotiated.
        """
        reply = await self._talk.exchange(lambda: self._connection.access(items))
        if not isinstance(reply, AccessReply):
            refuse(reply)
        return reply.outcomes

    async def set_many(
        self, items: Sequence[tuple[Obis, Attribute[T], T]]
    ) -> list[AccessError | None]:
        """Write several attributes; for each why the meter refuses it, or None. Not all or none."""
        writes = [(attribute.of(name), attribute.type.encode(v)) for name, attribute, v in items]
        ends: list[AccessError | None] = []
        for part in self._portions(writes):
            reply = await self._talk.exchange(partial(self._connection.set, part))
            if not isinstance(reply, SetReply):
                refuse(reply)
            ends += [
                None if result == DataAccessResult.SUCCESS else access_error(descriptor, result)
                for (descriptor, _), result in zip(part, reply.results, strict=True)
            ]
        return ends

    async def action_many(
        self, items: Sequence[tuple[Obis, Method[P, R], P]]
    ) -> list[R | AccessError]:
        """Run several methods in their order; what each returned, or why it was refused."""
        asked = [(m.of(name), m.parameter.encode(value)) for name, m, value in items]
        results: list[R | AccessError] = []
        for part in self._portions(asked):
            reply = await self._talk.exchange(partial(self._connection.action, part))
            if not isinstance(reply, ActionReply):
                refuse(reply)
            methods = items[len(results) :]
            for (name, method, _), outcome in zip(methods, reply.outcomes, strict=False):
                try:
                    results.append(returned(name, method, outcome))
                except AccessError as fault:
                    results.append(fault)
        return results

    def _portions(self, items: list[tuple[D, V]]) -> Iterator[list[tuple[D, V]]]:
        """The items of each request: all that one can name, or one by one without lists."""
        while items:
            count = self._connection.put_capacity([descriptor for descriptor, _ in items])
            yield items[:count]
            items = items[count:]


def _is_clock(column: CaptureObject) -> bool:
    return (column.class_id, column.attribute_index) == (Clock.class_id, Clock.time.index)
