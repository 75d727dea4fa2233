"""Data protection in a server: attributes and methods reached through layers of protection.

Blue Book, class 30. Whose layers these are is the affair of the association's security setup. The
rules, which no public source has, are the house's:

- Through this object an association does what it may do without it, and nothing else. What layers
  prove counts as if the request had been so protected, a signature too; what came under the key of
  a group does what a group may.
- `required_protection` is demanded of what is set and invoked, and of what goes out. What goes out
  in answer to a method has the layers of its request.
- Nothing is set or invoked that neither the request nor a layer authenticates: a signature alone is
  no proof that it was not recorded.
- Several attributes are set all or none: the rights are looked at first, and what was set gets its
  former value back when a later one is refused.
- Counters are taken, durably, once all layers are off and before anything is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple, Protocol, TypeVar

from addad.cosem.classes.access_modes import RequiredProtection, protection_of_bits
from addad.cosem.classes.data_protection import (
    DataProtection,
    ProtectedAction,
    ProtectedGet,
    ProtectedReply,
    ProtectedSet,
    ProtectionParameters,
    RequiredProtectionBits,
)
from addad.cosem.classes.definitions import (
    DateRestrictionType,
    EntryRestrictionType,
    RestrictedObject,
    RestrictionType,
)
from addad.cosem.interface_class import Binding, Caller
from addad.cosem.protected_data import (
    PROTECTED_OBJECTS_MAX,
    layers_of,
    orders_of,
    parameters_of,
    read_values,
    values_octets,
)
from addad.dlms import data as axdr
from addad.dlms.apdu.descriptors import (
    AnySelection,
    AttributeDescriptor,
    CaptureObject,
    EntrySelection,
    MethodDescriptor,
    RangeSelection,
)
from addad.dlms.data import NULL, Data, Tag
from addad.dlms.results import DataAccessResult
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.data_layers import (
    DATA_LAYERS_MAX,
    DataLayer,
    LayerOrder,
    ProtectedData,
    answer_data,
    open_data,
    protect_data,
)
from addad.dlms.security.suite import Protection
from addad.errors import (
    AccessError,
    DecodeError,
    LocalProtocolError,
    SecurityError,
    SecurityFault,
)
from addad.obis import CLOCK

T = TypeVar("T")

PROTECTED_OCTETS_MAX: Final = 16 * 1024
"""How many octets of values are protected together: they stand in memory several times."""
_EFFORT_MAX: Final = 2 * PROTECTED_OCTETS_MAX
_PIECE_EFFORT: Final = 32
"""What a piece of a long value costs beside its octets, as in ACCESS."""

_CLOCK_COLUMN: Final = CaptureObject(8, CLOCK, 2)
_OURS: Final = (SecurityFault.COUNTERS, SecurityFault.COUNTER_EXHAUSTED)
_DENIED: Final = DataAccessResult.READ_WRITE_DENIED
_SCOPE: Final = DataAccessResult.SCOPE_OF_ACCESS_VIOLATED


class ProtectionSettings(Protocol):
    """What stands in the attributes of a Data protection object."""

    def objects(self) -> tuple[RestrictedObject, ...]:
        """What the buffer is made of, and what writing it sets."""

    def parameters_get(self) -> tuple[ProtectionParameters, ...]:
        """How the buffer is protected when it is read."""

    def parameters_set(self) -> tuple[ProtectionParameters, ...]:
        """How what is written to the buffer is protected."""

    def required(self) -> RequiredProtectionBits:
        """What is demanded at least."""


class _Captured(NamedTuple):
    """A buffer as it was read last, and for which parameters it was made."""

    asked: tuple[ProtectionParameters, ...]
    applied: tuple[ProtectionParameters, ...]
    octets: bytes


def check_object_list(objects: Sequence[RestrictedObject]) -> None:
    """Raise `AccessError` for more objects than are protected together."""
    if len(objects) > PROTECTED_OBJECTS_MAX:
        raise AccessError(
            DataAccessResult.OTHER_REASON, f"no more than {PROTECTED_OBJECTS_MAX} objects"
        )


def check_layers(parameters: Sequence[ProtectionParameters]) -> None:
    """Raise `AccessError` for more layers than there may be, or parameters that mean nothing."""
    if len(parameters) > DATA_LAYERS_MAX:
        raise AccessError(DataAccessResult.OTHER_REASON, f"no more than {DATA_LAYERS_MAX} layers")
    try:
        layers_of(parameters)
    except DecodeError:
        raise AccessError(DataAccessResult.TYPE_UNMATCHED) from None


def data_protection_bindings(settings: ProtectionSettings) -> Iterator[Binding]:
    """What a Data protection object does: its methods, its buffer, and how that was protected."""
    own = _DataProtection(settings)
    yield DataProtection.protection_buffer.reads_for(own.buffer, own.capture)
    yield DataProtection.protection_buffer.writes_for(own.write_buffer)
    yield DataProtection.protection_parameters_get.reads(own.applied)
    yield DataProtection.get_protected_attributes.does_for(own.get, costly=True)
    yield DataProtection.set_protected_attributes.does_for(own.set, costly=True)
    yield DataProtection.invoke_protected_method.does_for(own.invoke, costly=True)


class _DataProtection:
    """One object at work; it remembers the buffer that was read last."""

    __slots__ = ("_captured", "_settings")

    def __init__(self, settings: ProtectionSettings) -> None:
        self._settings = settings
        self._captured = _Captured((), (), b"")

    # --- the buffer

    def buffer(self) -> bytes:
        """The buffer as it was read last."""
        return self._captured.octets

    def applied(self) -> tuple[ProtectionParameters, ...]:
        """How the buffer was protected when it was read last; before that, how it will be."""
        asked = self._settings.parameters_get()
        return self._captured.applied if self._captured.asked == asked else asked

    def capture(self, caller: Caller) -> bytes:
        """The values of the object list as they are now, protected; none of an empty list."""
        objects, asked = self._settings.objects(), self._settings.parameters_get()
        if not objects:
            return b""
        made = self._gathered(caller, objects, asked)
        self._captured = _Captured(asked, parameters_of(made.layers), made.octets)
        return made.octets

    def write_buffer(self, octets: bytes, caller: Caller) -> None:
        """Set the objects of the list to the protected values."""
        self._set(caller, self._settings.objects(), self._settings.parameters_set(), octets)

    # --- the methods

    def get(self, asked: ProtectedGet, caller: Caller) -> ProtectedReply:
        """See class 30, method 1."""
        made = self._gathered(caller, asked.object_list, asked.protection_parameters)
        return ProtectedReply(parameters_of(made.layers), made.octets)

    def set(self, asked: ProtectedSet, caller: Caller) -> None:
        """See class 30, method 2."""
        self._set(
            caller, asked.object_list, asked.protection_parameters, asked.protected_attributes
        )

    def invoke(self, asked: ProtectedAction, caller: Caller) -> ProtectedReply:
        """See class 30, method 3: what cannot be answered as it came is not done."""
        descriptor = MethodDescriptor(*asked.object_method)

        def work(context: SecurityContext) -> ProtectedReply:
            layers = layers_of(asked.protection_parameters)
            self._demand(self._required.response, _together(layers))
            opened, further = self._opened(context, caller, layers, asked.protected_parameters)
            parameter = axdr.decode(opened)
            answer = answer_data(context, axdr.encode(NULL), layers)
            outcome = further.action(descriptor, parameter)
            if outcome.result:
                raise AccessError(outcome.result)
            if isinstance(outcome.returned, bytes):
                answer = answer_data(context, outcome.returned, layers)
            return ProtectedReply(parameters_of(answer.layers), answer.octets)

        return _secured(caller, work)

    # --- what they share

    @property
    def _required(self) -> RequiredProtection:
        return protection_of_bits(int(self._settings.required()))

    def _gathered(
        self,
        caller: Caller,
        objects: Sequence[RestrictedObject],
        asked: Sequence[ProtectionParameters],
    ) -> ProtectedData:
        def work(context: SecurityContext) -> ProtectedData:
            orders = orders_of(asked, context.own_title)
            self._demand(self._required.response, _together(orders))
            _check_some(objects)
            return protect_data(context, _values(caller, objects), orders)

        return _secured(caller, work)

    def _set(
        self,
        caller: Caller,
        objects: Sequence[RestrictedObject],
        parameters: Sequence[ProtectionParameters],
        octets: bytes,
    ) -> None:
        def work(context: SecurityContext) -> None:
            _check_some(objects)
            layers = layers_of(parameters)
            opened, further = self._opened(context, caller, layers, octets)
            values = read_values(opened, len(objects))
            _set_all(further, [_whole(one) for one in objects], values)

        _secured(caller, work)

    def _opened(
        self, context: SecurityContext, caller: Caller, layers: tuple[DataLayer, ...], octets: bytes
    ) -> tuple[bytes, Caller]:
        """What stands in the layers, and the caller with what they prove; counters are taken."""
        opened = open_data(context, ProtectedData(octets, layers))
        self._demand(self._required.request, opened.protection)
        further = caller.proved(opened.protection, opened.broadcast)
        self._demand(Protection.AUTHENTICATION, further.protection)
        return opened.octets, further

    @staticmethod
    def _demand(least: Protection, applied: Protection) -> None:
        if least & ~applied:
            raise SecurityError("less protection than is required", SecurityFault.POLICY)


def _secured(caller: Caller, work: Callable[[SecurityContext], T]) -> T:
    """Do it under the keys of the caller's association; what is wrong with them is told.

    Raises `AccessError`: of what did not verify it says no more than that.
    """
    context = caller.security
    if context is None:
        raise AccessError(_DENIED, "an association without keys has no protected data")
    try:
        return work(context)
    except SecurityError as error:
        caller.insecure(error)
        temporary = error.fault in _OURS
        result = DataAccessResult.TEMPORARY_FAILURE if temporary else _DENIED
        raise AccessError(result) from None
    except (DecodeError, LocalProtocolError):
        raise AccessError(DataAccessResult.TYPE_UNMATCHED) from None


def _together(layers: Sequence[DataLayer] | Sequence[LayerOrder]) -> Protection:
    protection = Protection.NONE
    for layer in layers:
        protection |= layer.protection
    return protection


def _check_some(objects: Sequence[RestrictedObject]) -> None:
    if not 1 <= len(objects) <= PROTECTED_OBJECTS_MAX:
        raise AccessError(_SCOPE, f"1 to {PROTECTED_OBJECTS_MAX} objects are wanted")


# --- values


def _values(caller: Caller, objects: Sequence[RestrictedObject]) -> bytes:
    """The values of all objects; one that is refused refuses all."""
    room, values = PROTECTED_OCTETS_MAX, []
    for one in objects:
        octets = _read(caller, _descriptor(one), room)
        octets = _element(octets, one.data_index) if one.data_index else octets
        room -= len(octets)
        values.append(octets)
    return values_octets(values)


def _read(caller: Caller, descriptor: AttributeDescriptor, room: int) -> bytes:
    """The octets of a value, whole, where there is room for them."""
    found = caller.get(descriptor)
    if isinstance(found, DataAccessResult):
        raise AccessError(found)
    octets, effort = bytearray(), 0
    for piece in (found,) if isinstance(found, bytes) else found:
        octets += piece
        effort += len(piece) + _PIECE_EFFORT
        if len(octets) > room or effort > _EFFORT_MAX:
            raise AccessError(DataAccessResult.OTHER_REASON, "too long to be protected at once")
    return bytes(octets)


def _element(octets: bytes, number: int) -> bytes:
    value = axdr.decode(octets)
    elements = value.value if value.tag in (Tag.STRUCTURE, Tag.ARRAY) else ()
    if not isinstance(elements, tuple) or number > len(elements):
        raise AccessError(_SCOPE)
    element = elements[number - 1]
    assert isinstance(element, Data)
    return axdr.encode(element)


def _descriptor(one: RestrictedObject) -> AttributeDescriptor:
    return AttributeDescriptor(one.class_id, one.logical_name, one.attribute_index, _selection(one))


def _selection(one: RestrictedObject) -> AnySelection | None:
    kind, value = one.restriction
    if kind is RestrictionType.NONE:
        return None
    if kind is RestrictionType.DATE:
        return RangeSelection.between(_CLOCK_COLUMN, *DateRestrictionType.from_data(value))
    return EntrySelection(*EntryRestrictionType.from_data(value))


def _whole(one: RestrictedObject) -> AttributeDescriptor:
    """An attribute to be set; there is no setting of a part."""
    if one.data_index or one.restriction.restriction_type is not RestrictionType.NONE:
        raise AccessError(_SCOPE, "only whole attributes are set")
    return AttributeDescriptor(one.class_id, one.logical_name, one.attribute_index)


def _set_all(
    caller: Caller, descriptors: Sequence[AttributeDescriptor], values: Sequence[Data]
) -> None:
    """Set all or none; what cannot be read has no former value, and can only be the last."""
    for descriptor in descriptors:
        refused = caller.may_set(descriptor)
        if refused:
            raise AccessError(refused)
    former: list[tuple[AttributeDescriptor, Data]] = []
    for descriptor in descriptors[:-1]:
        octets = _read(caller, descriptor, PROTECTED_OCTETS_MAX)
        former.append((descriptor, axdr.decode(octets)))
    for number, (descriptor, value) in enumerate(zip(descriptors, values, strict=True)):
        result = caller.set(descriptor, value)
        if result:
            for done in reversed(former[:number]):
                caller.set(*done)
            raise AccessError(result)
