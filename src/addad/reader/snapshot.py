"""Everything that a meter shows: object after object, whatever goes wrong with one of them.

A meter that refuses an attribute, answers it with what nobody can read, or falls silent over it,
loses that attribute only: the rest is read in a new association.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Final, TypeAlias, TypeVar

from addad.cosem.classes.access import ObjectListElement
from addad.dlms.apdu.descriptors import CaptureObject
from addad.errors import AddadError, InputError, LinkError
from addad.net.client import Client
from addad.reader.profile import (
    ProfileForm,
    ProfileTable,
    read_all,
    read_form,
    read_last,
    read_range,
    read_units,
)
from addad.reader.quirks import NO_QUIRKS, Quirks
from addad.reader.scan import Reading, is_buffer, read_attributes, readable, unread, with_units
from addad.units import ScalerUnit

T = TypeVar("T")
_Group: TypeAlias = list[tuple[ObjectListElement, list[int]]]
OpenClient: TypeAlias = Callable[[], AbstractAsyncContextManager[Client]]

REOPENINGS_MAX: Final = 20
"""How often an association is opened anew in one reading."""
REOPENING_PAUSE_S: Final = 0.5
GROUP_ATTRIBUTES: Final = 64
"""How many attributes of several objects are asked for together."""


@dataclass(frozen=True, slots=True)
class RowChoice:
    """Which rows of profiles: those of a time, the last so many, or all; none with `last` 0."""

    times: tuple[datetime, datetime] | None = None
    last: int | None = None
    quirks: Quirks = NO_QUIRKS


@dataclass(frozen=True, slots=True)
class ProfileReading:
    """The rows of a profile, with its form and units."""

    form: ProfileForm
    table: ProfileTable
    units: Mapping[CaptureObject, ScalerUnit]


@dataclass(frozen=True, slots=True)
class ObjectReading:
    """All that was read of one object; of a profile its rows, or why there are none."""

    element: ObjectListElement
    readings: tuple[Reading, ...]
    profile: ProfileReading | None = None
    profile_fault: AddadError | None = None


@dataclass(slots=True)
class Reopening:
    """A client that is associated anew after what ended it."""

    open_client: OpenClient
    singly: bool = field(default=False, init=False)
    """Whether the meter has shown that it answers single attributes, and no lists."""
    reopenings: int = field(default=0, init=False)
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack, init=False)
    _client: Client | None = field(default=None, init=False)

    async def client(self) -> Client:
        """The client; raises what keeps it from associating."""
        if self._client is not None and self._client.closed:
            await self.close()
            if self.reopenings >= REOPENINGS_MAX:
                raise LinkError(f"the association ended {REOPENINGS_MAX + 1} times: given up")
            self.reopenings += 1
            await asyncio.sleep(REOPENING_PAUSE_S)
        if self._client is None:
            self._client = await self._stack.enter_async_context(self.open_client())
        return self._client

    async def close(self) -> None:
        """End the association."""
        self._client = None
        stack, self._stack = self._stack, AsyncExitStack()
        await stack.aclose()

    async def __aenter__(self) -> Reopening:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


async def read_everything(
    meter: Reopening,
    elements: Sequence[ObjectListElement],
    version: int,
    choice: RowChoice,
) -> AsyncIterator[ObjectReading]:
    """Object after object; raises when there is no way to the meter any more.

    `version` is that of `rights_version`.
    """
    for group in _groups(elements, version):
        together = await _together(meter, group)
        for element, indexes in group:
            readings = together.get(element)
            if readings is None:
                readings = await _attributes(meter, element, indexes)
            yield await _with_rows(meter, element, version, choice, readings)


async def read_object(
    meter: Reopening, element: ObjectListElement, version: int, choice: RowChoice
) -> ObjectReading:
    """One object; an attribute that cannot be read is a reading that says why."""
    readings = await _attributes(meter, element, _indexes(element, version))
    return await _with_rows(meter, element, version, choice, readings)


def _indexes(element: ObjectListElement, version: int) -> list[int]:
    return [index for index in readable(element, version) if not is_buffer(element, index)]


def _groups(elements: Sequence[ObjectListElement], version: int) -> Iterator[_Group]:
    """Objects that are asked for in one request: what costs time is the way there and back."""
    group: _Group = []
    size = 0
    for element in elements:
        indexes = _indexes(element, version)
        if group and size + len(indexes) > GROUP_ATTRIBUTES:
            yield group
            group, size = [], 0
        group.append((element, indexes))
        size += len(indexes)
    if group:
        yield group


async def _together(
    meter: Reopening, group: _Group
) -> dict[ObjectListElement, tuple[Reading, ...]]:
    """All attributes of some objects; nothing where the meter does not answer them together."""
    wanted = [(element, index) for element, indexes in group for index in indexes]
    if meter.singly or len(group) < 2:
        return {}
    try:
        readings = await _lasting(meter, lambda client: read_attributes(client, wanted))
    except _Failed:
        return {}
    found = iter(readings)
    return {element: tuple(islice(found, len(indexes))) for element, indexes in group}


async def _with_rows(
    meter: Reopening,
    element: ObjectListElement,
    version: int,
    choice: RowChoice,
    readings: tuple[Reading, ...],
) -> ObjectReading:
    if not any(is_buffer(element, index) for index in readable(element, version)):
        return ObjectReading(element, readings)
    if choice.last == 0:
        unwanted = InputError("rows were not asked for")
        return ObjectReading(element, readings, profile_fault=unwanted)
    try:
        profile = await _lasting(meter, lambda client: read_rows(client, element, choice))
    except _Failed as fault:
        return ObjectReading(element, readings, profile_fault=fault.fault)
    return ObjectReading(element, readings, profile)


async def read_rows(
    client: Client, element: ObjectListElement, choice: RowChoice
) -> ProfileReading:
    """The chosen rows of a profile; raises as `read_range` and `read_last` do."""
    form = await read_form(client, element.logical_name)
    if choice.times is not None:
        rows = await read_range(client, form, *choice.times, choice.quirks)
    elif choice.last is not None:
        rows = await read_last(client, form, choice.last, choice.quirks)
    else:
        rows = await read_all(client, form, choice.quirks)
    return ProfileReading(form, rows, await read_units(client, form.columns))


async def _attributes(
    meter: Reopening, element: ObjectListElement, indexes: Sequence[int]
) -> tuple[Reading, ...]:
    wanted = [(element, index) for index in indexes]
    if len(wanted) > 1 and not meter.singly:
        try:
            return tuple(await _lasting(meter, lambda client: read_attributes(client, wanted)))
        except _Failed:
            found = [await _attribute(meter, element, index) for index in indexes]
            meter.singly = not any(reading.fault for reading in found)
    else:
        found = [await _attribute(meter, element, index) for index in indexes]
    return tuple(with_units(found))


async def _attribute(meter: Reopening, element: ObjectListElement, index: int) -> Reading:
    try:
        (reading,) = await _lasting(
            meter, lambda client: read_attributes(client, [(element, index)])
        )
    except _Failed as fault:
        return unread(element, index, str(fault))
    return reading


class _Failed(Exception):
    """One thing could not be read; the meter can still be reached."""

    def __init__(self, fault: AddadError) -> None:
        super().__init__(str(fault))
        self.fault = fault


async def _lasting(meter: Reopening, work: Callable[[Client], Awaitable[T]]) -> T:
    """What the work gives; `_Failed` for its failure, other errors for that of the way there."""
    client = await meter.client()
    try:
        return await work(client)
    except AddadError as fault:
        raise _Failed(fault) from None
