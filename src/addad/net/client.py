"""A client of one logical device: `await client.get(obis.CLOCK, Clock.time)`.

IEC 62056-5-3 services over IEC 62056-47 frames. The types of attributes and methods are those of
`addad.cosem.classes`; every error says whose fault it is: `LinkError` the way there,
`RemoteProtocolError` the meter's words, `AccessError` what it refuses, `AssociationError` whom.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, NoReturn, TypedDict, TypeVar, Unpack, cast, overload

from addad.cosem.classes.control import Clock
from addad.cosem.classes.measurement import CaptureObject, ProfileGeneric
from addad.cosem.interface_class import Attribute, Method
from addad.dlms.acse import Mechanism
from addad.dlms.apdu.descriptors import (
    AnySelection,
    AttributeDescriptor,
    MethodDescriptor,
    RangeSelection,
)
from addad.dlms.association import State
from addad.dlms.client_connection import ClientConnection, Reply
from addad.dlms.client_exchanges import ActionReply, GetReply, SetReply
from addad.dlms.clock_time import DateTime
from addad.dlms.gateway import GatewayAddress
from addad.dlms.parameters import MAX_PDU, AssociationParameters, Negotiated
from addad.dlms.results import ActionResult, DataAccessResult
from addad.errors import (
    AccessError,
    AddadError,
    DecodeError,
    LocalProtocolError,
    RemoteProtocolError,
)
from addad.net.conversation import Conversation, OnNotification
from addad.net.gateway_link import GatewayLink
from addad.net.link import Link
from addad.net.tcp import open_link
from addad.obis import Obis

T = TypeVar("T")
P = TypeVar("P")
R = TypeVar("R")

PUBLIC_CLIENT: Final = 16
TIMEOUT_S: Final = 10.0
RELEASE_TIMEOUT_S: Final = 1.0


class ClientOptions(TypedDict, total=False):
    """What a `Client` can be told, by keyword."""

    client_sap: int
    server_sap: int
    password: bytes | None
    timeout_s: float
    max_pdu: int
    on_notification: OnNotification | None
    retries: int
    gateway: GatewayAddress | None


@dataclass(frozen=True, slots=True)
class ProfileReading:
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
        max_pdu: int = MAX_PDU,
        on_notification: OnNotification | None = None,
        retries: int = 0,
        gateway: GatewayAddress | None = None,
    ) -> None:
        """`password` asks for low level security; `timeout_s` is for each answer or block.

        `retries` is how often a GET is asked again: for links that lose frames, such as UDP.
        `gateway` names a meter behind the peer of the link.
        """
        mechanism = Mechanism.NONE if password is None else Mechanism.LOW
        if gateway is not None:
            link = GatewayLink(link, gateway)
            max_pdu = min(max_pdu or MAX_PDU, MAX_PDU - gateway.octets)
        self._link = link
        self._parameters = AssociationParameters(
            client_sap, server_sap, mechanism, password or b"", max_pdu
        )
        self._connection = ClientConnection(self._parameters)
        self._timeout_s = timeout_s
        self._talk = Conversation(
            link,
            self._connection,
            timeout_s=timeout_s,
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
        async with cls(link, **options) as client:
            yield client

    async def __aenter__(self) -> Client:
        try:
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
    def closed(self) -> bool:
        """Whether the link has ended."""
        return self._link.closed

    @property
    def received_octets(self) -> int:
        """How much has come over the link, to show that a long answer is on its way."""
        return self._link.received_octets

    async def associate(self) -> Negotiated:
        """Open the association; raises `AssociationError` when the meter refuses it."""
        await self._talk.exchange(self._connection.associate)
        return self._connection.negotiated

    async def close(self) -> None:
        """Release the association if the link still stands, and close the link."""
        if not self._link.closed and self._connection.state is State.ASSOCIATED:
            with contextlib.suppress(AddadError, TimeoutError):
                async with asyncio.timeout(min(self._timeout_s, RELEASE_TIMEOUT_S)):
                    await self._talk.exchange(self._connection.release)
        self._link.close()
        await self._link.wait_closed()

    async def listen(self, duration_s: float) -> None:
        """Hand on the notifications that come within the time, while nothing is asked."""
        await self._talk.listen(duration_s)

    # GET

    async def get(
        self, logical_name: Obis, attribute: Attribute[T], selection: AnySelection | None = None
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
            _refuse(reply)
        result = reply.results[0]
        if isinstance(result, DataAccessResult):
            raise _access_error(descriptor, result)
        return result

    async def get_many(self, items: Sequence[tuple[Obis, Attribute[T]]]) -> list[T | AccessError]:
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
                    _access_error(descriptor, result)
                    if isinstance(result, DataAccessResult)
                    else result
                    for descriptor, result in zip(part, reply.results, strict=True)
                ]
            elif count > 1:
                self._lists = False  # it agreed to lists and cannot answer them
            else:
                _refuse(reply)
        return answers

    async def read_profile(
        self,
        logical_name: Obis,
        first: datetime,
        last: datetime,
        *,
        capture_objects: Sequence[CaptureObject] | None = None,
        columns: Sequence[CaptureObject] = (),
    ) -> ProfileReading:
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
        return ProfileReading(tuple(columns or capture_objects), octets)

    # SET and ACTION

    async def set(self, logical_name: Obis, attribute: Attribute[T], value: T) -> None:
        """Write an attribute; raises `AccessError` when the meter refuses the value."""
        descriptor = attribute.of(logical_name)
        octets = attribute.type.encode(value)
        reply = await self._talk.exchange(lambda: self._connection.set(((descriptor, octets),)))
        if not isinstance(reply, SetReply):
            _refuse(reply)
        if reply.results[0] != DataAccessResult.SUCCESS:
            raise _access_error(descriptor, reply.results[0])

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
            _refuse(reply)
        outcome = reply.outcomes[0]
        if outcome.result != ActionResult.SUCCESS:
            raise _access_error(descriptor, outcome.result)
        if method.result is None:
            return cast("R", None)
        if not isinstance(outcome.returned, bytes):
            raise RemoteProtocolError(f"{logical_name} {method} returned nothing")
        return method.result.decode(outcome.returned)


def _is_clock(column: CaptureObject) -> bool:
    return (column.class_id, column.attribute_index) == (Clock.class_id, Clock.time.index)


def _access_error(
    descriptor: AttributeDescriptor | MethodDescriptor, result: DataAccessResult | ActionResult
) -> AccessError:
    words = result.name.lower().replace("_", " ")
    kind = "attribute" if isinstance(descriptor, AttributeDescriptor) else "method"
    return AccessError(result, f"{descriptor.logical_name} {kind} {descriptor.index}: {words}")


def _refuse(reply: Reply) -> NoReturn:
    raise RemoteProtocolError(f"the meter refuses the service: {reply}")
