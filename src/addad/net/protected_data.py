"""Attributes and methods of a meter through its Data protection object, over any association.

Blue Book, class 30. The layers are made and taken off under `security`, which is that of the client
unless another party stands behind it: then its own. What stands in them is the house's reading, see
`addad.dlms.security.data_layers`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar

from addad.cosem.classes.data_protection import DataProtection
from addad.cosem.classes.definitions import RestrictedObject
from addad.cosem.interface_class import Attribute, Method, Readable
from addad.cosem.protected_data import (
    ask_action,
    ask_get,
    ask_set,
    layers_of,
    protected_object,
    read_action,
    read_get,
    read_values,
)
from addad.dlms import data as axdr
from addad.dlms.data import Data
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.data_layers import LayerOrder, ProtectedData, open_data
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION
from addad.errors import LocalProtocolError
from addad.net.client import Client
from addad.obis import Obis

P = TypeVar("P")
R = TypeVar("R")
T = TypeVar("T")

DATA_PROTECTION: Final = Obis.parse("0-0:43.2.1")
USUAL_LAYERS: Final = (LayerOrder(AUTHENTICATED_ENCRYPTION),)
"""Authenticated and encrypted under the global key."""


class ProtectedAccess:
    """What a client reads, writes and does through one Data protection object.

    `layers` are applied in their order by whoever sends. Every method raises `AccessError` for what
    the meter refuses, `SecurityError` for an answer that is not protected as was asked or does not
    verify, and `DecodeError`.
    """

    def __init__(
        self,
        client: Client,
        *,
        layers: Sequence[LayerOrder] = USUAL_LAYERS,
        name: Obis = DATA_PROTECTION,
        security: SecurityContext | None = None,
    ) -> None:
        self._client = client
        self._layers = tuple(layers)
        self._name = name
        self._given = security

    @property
    def _security(self) -> SecurityContext:
        security = self._given or self._client.security
        if security is None:
            raise LocalProtocolError("protected data need an association with keys, or `security`")
        return security

    async def get(self, logical_name: Obis, attribute: Readable[T]) -> T:
        """The value of an attribute."""
        (value,) = await self.get_data([protected_object(attribute.of(logical_name))])
        return attribute.type.decode(axdr.encode(value))

    async def get_data(self, objects: Sequence[RestrictedObject]) -> tuple[Data, ...]:
        """The values of several attributes, or of entries of profiles, in one answer."""
        security = self._security
        asked, expected = ask_get(security, objects, self._layers)
        method = DataProtection.get_protected_attributes
        return read_get(security, await self._client.action(self._name, method, asked), expected)

    async def set(self, logical_name: Obis, attribute: Attribute[T], value: T) -> None:
        """Write an attribute."""
        await self.set_octets(
            [protected_object(attribute.of(logical_name))], [attribute.type.encode(value)]
        )

    async def set_octets(
        self, objects: Sequence[RestrictedObject], values: Sequence[bytes]
    ) -> None:
        """Write several attributes, all or none; `values` are encoded, one for each."""
        asked = ask_set(self._security, objects, values, self._layers)
        await self._client.action(self._name, DataProtection.set_protected_attributes, asked)

    async def action(self, logical_name: Obis, method: Method[P, R], parameter: P) -> R | None:
        """Run a method; what it returned, None for nothing."""
        security = self._security
        octets = method.parameter.encode(parameter)
        asked, expected = ask_action(security, method.of(logical_name), octets, self._layers)
        invoke = DataProtection.invoke_protected_method
        reply = await self._client.action(self._name, invoke, asked)
        returned = read_action(security, reply, expected)
        return None if method.result is None else method.result.from_data(returned)

    async def read_buffer(self) -> tuple[Data, ...]:
        """The values of the object's own list, protected as the object itself says."""
        items = DataProtection.protection_buffer, DataProtection.protection_parameters_get
        octets = await self._client.get(self._name, items[0])
        parameters = await self._client.get(self._name, items[1])
        objects = await self._client.get(self._name, DataProtection.protection_object_list)
        opened = open_data(self._security, ProtectedData(octets, layers_of(parameters)))
        return read_values(opened.octets, len(objects))
