"""What class 30 carries, as both ends see it: its parameters as layers, values as one structure.

Blue Book, Data protection (class 30). What is protected is the A-XDR encoding: of a structure of
the values, in the order of the object list; of a method's parameter; of what it returned, null-data
where that is nothing. These forms, too, are the house's reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from addad.cosem.classes.data_protection import (
    AgreedKey,
    AgreedKeyType,
    KeyInfo,
    KeyInfoType,
    ProtectedAction,
    ProtectedGet,
    ProtectedReply,
    ProtectedSet,
    ProtectionOptions,
    ProtectionParameters,
    ProtectionType,
    WrappedKey,
    WrappedKeyType,
)
from addad.cosem.classes.definitions import (
    RestrictedObject,
    Restriction,
    RestrictionType,
    ValueDefinition,
)
from addad.dlms import data as axdr
from addad.dlms.apdu.descriptors import AttributeDescriptor, MethodDescriptor
from addad.dlms.data import NULL, Data, Tag
from addad.dlms.octets import encode_length
from addad.dlms.security import general_ciphering as envelope
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.data_layers import (
    SIGNATURE_KEY_INFO,
    DataLayer,
    LayerOrder,
    ProtectedData,
    open_data,
    protect_data,
)
from addad.dlms.security.general_ciphering import KeyInfoKind
from addad.dlms.security.keys import KeyId
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, Protection
from addad.errors import DecodeError, LocalProtocolError

PROTECTED_OBJECTS_MAX: Final = 32
"""How many attributes one request protects together."""

WHOLE: Final = Restriction(RestrictionType.NONE, NULL)
"""No restriction: all entries are meant."""

_PROTECTION_OF: Final = {
    ProtectionType.AUTHENTICATION: Protection.AUTHENTICATION,
    ProtectionType.ENCRYPTION: Protection.ENCRYPTION,
    ProtectionType.AUTHENTICATION_AND_ENCRYPTION: AUTHENTICATED_ENCRYPTION,
    ProtectionType.DIGITAL_SIGNATURE: Protection.SIGNATURE,
}
_TYPE_OF: Final = {int(applied): kind for kind, applied in _PROTECTION_OF.items()}
_MASTER_KEK: Final = 0
_ONE_PASS: Final = b"\x01"
_STATIC: Final = b"\x02"
_SCHEMES: Final = {_ONE_PASS: KeyInfoKind.ONE_PASS, _STATIC: KeyInfoKind.STATIC}


# --- parameters and layers


def parameters_of(layers: Iterable[DataLayer]) -> tuple[ProtectionParameters, ...]:
    """Layers that were applied, as protection parameters."""
    return tuple(
        [
            ProtectionParameters(
                _TYPE_OF[int(layer.protection)],
                ProtectionOptions(
                    layer.transaction_id,
                    layer.originator,
                    layer.recipient,
                    layer.other_information,
                    _key_parameters(layer.key_info),
                ),
            )
            for layer in layers
        ]
    )


def layers_of(parameters: Iterable[ProtectionParameters]) -> tuple[DataLayer, ...]:
    """The layers that protection parameters tell of; raises `DecodeError`."""
    layers = []
    for protection_type, options in parameters:
        info = _key_info(options.key_info)
        if info.kind is KeyInfoKind.STATIC and info.data:
            raise DecodeError("the static scheme carries no key")
        layers.append(DataLayer(_PROTECTION_OF[protection_type], *options[:4], info))
    return tuple(layers)


def asked_parameters(
    orders: Iterable[LayerOrder], originator: bytes = b""
) -> tuple[ProtectionParameters, ...]:
    """Layers that the other end is to apply, as protection parameters; keys are not told yet."""
    layers = []
    for order in orders:
        key = KeyId.GLOBAL_BROADCAST_ENCRYPTION if order.broadcast else KeyId(0)
        info = SIGNATURE_KEY_INFO
        if order.protection != Protection.SIGNATURE:
            identified = order.key_info is KeyInfoKind.IDENTIFIED
            info = envelope.KeyInfo(order.key_info, key if identified else None)
        layers.append(
            DataLayer(
                order.protection,
                order.transaction_id,
                originator,
                order.recipient,
                order.other_information,
                info,
            )
        )
    return parameters_of(layers)


def orders_of(
    parameters: Iterable[ProtectionParameters], own_title: bytes
) -> tuple[LayerOrder, ...]:
    """What protection parameters ask of the party with this title; raises `DecodeError`.

    Key data must be empty, as it is the originator who makes the key.
    """
    orders = []
    for layer in layers_of(parameters):
        if layer.originator not in (b"", own_title):
            raise DecodeError("a layer that another party is to apply")
        if layer.key_info.data:
            raise DecodeError("the key is made by who applies the layer")
        asked = layer.in_answer()
        orders.append(
            asked._replace(recipient=layer.recipient, other_information=layer.other_information)
        )
    return tuple(orders)


def _key_parameters(info: envelope.KeyInfo) -> KeyInfo:
    if info.kind is KeyInfoKind.IDENTIFIED:
        return KeyInfo(KeyInfoType.IDENTIFIED, Data(Tag.ENUM, int(info.key or 0)))
    if info.kind is KeyInfoKind.WRAPPED:
        wrapped = WrappedKeyType.to_data(WrappedKey(_MASTER_KEK, info.data))
        return KeyInfo(KeyInfoType.WRAPPED, wrapped)
    scheme = _ONE_PASS if info.kind is KeyInfoKind.ONE_PASS else _STATIC
    return KeyInfo(KeyInfoType.AGREED, AgreedKeyType.to_data(AgreedKey(scheme, info.data)))


def _key_info(parameters: KeyInfo) -> envelope.KeyInfo:
    kind, options = parameters
    if kind is KeyInfoType.IDENTIFIED:
        fields = options.value
        if options.tag == Tag.STRUCTURE and isinstance(fields, tuple) and len(fields) == 1:
            options = fields[0] if isinstance(fields[0], Data) else options
        if options.tag != Tag.ENUM or options.value not in (0, 1):
            raise DecodeError("an identified key is the unicast or the broadcast key")
        return envelope.KeyInfo(KeyInfoKind.IDENTIFIED, KeyId(int(options.value)))
    if kind is KeyInfoType.WRAPPED:
        kek, data = WrappedKeyType.from_data(options)
        if kek != _MASTER_KEK:
            raise DecodeError("a key that is not wrapped by the master key")
        return envelope.KeyInfo(KeyInfoKind.WRAPPED, None, data)
    scheme, data = AgreedKeyType.from_data(options)
    known = _SCHEMES.get(scheme)
    if known is None:
        raise DecodeError("a key agreement scheme that is not known")
    return envelope.KeyInfo(known, None, data)


# --- values


def values_octets(values: Sequence[bytes]) -> bytes:
    """Encoded values as the octets of one structure."""
    return bytes((Tag.STRUCTURE,)) + encode_length(len(values)) + b"".join(values)


def read_values(octets: bytes, count: int) -> tuple[Data, ...]:
    """The values of so many objects; raises `DecodeError`."""
    values = axdr.decode(octets)
    found = values.value
    if values.tag != Tag.STRUCTURE or not isinstance(found, tuple) or len(found) != count:
        raise DecodeError(f"{count} values were expected in one structure")
    return tuple([one for one in found if isinstance(one, Data)])


def protected_object(
    descriptor: AttributeDescriptor, restriction: Restriction = WHOLE
) -> RestrictedObject:
    """An attribute in an object list, with entries of a profile by restriction.

    Raises `LocalProtocolError` for a selection, which an object list has no room for.
    """
    if descriptor.selection is not None:
        raise LocalProtocolError("an object list has restrictions, and no selective access")
    return RestrictedObject(
        descriptor.class_id, descriptor.logical_name, descriptor.index, 0, restriction
    )


# --- the requests of a client, and their answers


class AskedReply(NamedTuple):
    """What the answer to a protected request must be: its layers, and how many values."""

    orders: tuple[LayerOrder, ...]
    expected: int = 0


def ask_get(
    context: SecurityContext, objects: Sequence[RestrictedObject], orders: Sequence[LayerOrder]
) -> tuple[ProtectedGet, AskedReply]:
    """The parameter of get_protected_attributes, for values protected as ordered.

    Each layer gets a transaction-id, by which its answer is told from a recorded one.
    """
    _check_objects(objects)
    named = tuple([_named(context, order) for order in orders])
    return ProtectedGet(tuple(objects), asked_parameters(named)), AskedReply(named, len(objects))


def read_get(
    context: SecurityContext, reply: ProtectedReply, asked: AskedReply
) -> tuple[Data, ...]:
    """The values that get_protected_attributes returned.

    Raises `SecurityError` for less protection than was asked for, or one that does not verify,
    and `DecodeError`.
    """
    return read_values(_reply_octets(context, reply, asked), asked.expected)


def ask_set(
    context: SecurityContext,
    objects: Sequence[RestrictedObject],
    values: Sequence[bytes],
    orders: Sequence[LayerOrder],
) -> ProtectedSet:
    """The parameter of set_protected_attributes; `values` are encoded, one for each object."""
    _check_objects(objects)
    if len(values) != len(objects):
        raise LocalProtocolError(f"{len(values)} values for {len(objects)} objects")
    made = protect_data(context, values_octets(values), orders)
    return ProtectedSet(tuple(objects), parameters_of(made.layers), made.octets)


def ask_action(
    context: SecurityContext,
    method: MethodDescriptor,
    parameter: bytes,
    orders: Sequence[LayerOrder],
) -> tuple[ProtectedAction, AskedReply]:
    """The parameter of invoke_protected_method; `parameter` is the encoded one of the method."""
    made = protect_data(context, parameter, orders)
    named = zip(orders, made.layers, strict=True)
    expected = tuple([order._replace(transaction_id=one.transaction_id) for order, one in named])
    called = ValueDefinition(method.class_id, method.logical_name, method.index)
    request = ProtectedAction(called, parameters_of(made.layers), made.octets)
    return request, AskedReply(expected)


def read_action(context: SecurityContext, reply: ProtectedReply, asked: AskedReply) -> Data:
    """What the protected method returned, null-data for nothing; raises as `read_get` does."""
    return axdr.decode(_reply_octets(context, reply, asked))


def _reply_octets(context: SecurityContext, reply: ProtectedReply, asked: AskedReply) -> bytes:
    data = ProtectedData(reply.protected_data, layers_of(reply.protection_parameters))
    return open_data(context, data, asked.orders).octets


def _named(context: SecurityContext, order: LayerOrder) -> LayerOrder:
    if order.transaction_id:
        return order
    number = context.counters.next(KeyId.GLOBAL_UNICAST_ENCRYPTION)
    return order._replace(transaction_id=number.to_bytes(8, "big"))


def _check_objects(objects: Sequence[RestrictedObject]) -> None:
    if not 1 <= len(objects) <= PROTECTED_OBJECTS_MAX:
        raise LocalProtocolError(f"1 to {PROTECTED_OBJECTS_MAX} objects are protected together")
