"""Data protection as a target: what a client with keys may put into its requests."""

from __future__ import annotations

from targets import security_context, target

from addad.cosem.association import Association
from addad.cosem.association_object import NegotiatedContext
from addad.cosem.classes import Data
from addad.cosem.classes.data_protection import (
    DataProtection,
    ProtectedAction,
    ProtectedSet,
    ProtectionParameters,
    RequiredProtectionBits,
)
from addad.cosem.classes.definitions import RestrictedObject, ValueDefinition
from addad.cosem.cosem_object import CosemObject
from addad.cosem.data_protection import data_protection_bindings
from addad.cosem.logical_device import LogicalDevice
from addad.cosem.protected_data import (
    asked_parameters,
    layers_of,
    parameters_of,
    protected_object,
)
from addad.cosem.rights import AssociationSpec, Proof, SecuredBy, management_rights
from addad.dlms import data
from addad.dlms.apdu.initiate import Conformance
from addad.dlms.security.data_layers import LayerOrder, ProtectedData, open_data, protect_data
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, SecuritySuite
from addad.dlms.types import DoubleLongUnsigned
from addad.errors import DecodeError, SecurityError
from addad.obis import Obis

NAME, LIMIT = Obis.parse("0-0:43.2.1"), Obis.parse("0-0:96.1.1")
NUMBER = Data.value.typed(DoubleLongUnsigned)
ORDERS = (LayerOrder(AUTHENTICATED_ENCRYPTION),)
OBJECTS = (protected_object(NUMBER.of(LIMIT)),)
METHODS = tuple(DataProtection.methods.values())
FAULTS: list[Exception] = []


class _Settings:
    def objects(self) -> tuple[RestrictedObject, ...]:
        return OBJECTS

    def parameters_get(self) -> tuple[ProtectionParameters, ...]:
        return asked_parameters(ORDERS)

    def parameters_set(self) -> tuple[ProtectionParameters, ...]:
        return asked_parameters(ORDERS)

    def required(self) -> RequiredProtectionBits:
        return RequiredProtectionBits(0)


def _association() -> Association:
    security = security_context(SecuritySuite.SUITE_0)
    spec = AssociationSpec(
        1,
        Obis.parse("0-0:40.0.1"),
        management_rights,
        secured=SecuredBy(Obis.parse("0-0:43.0.0"), security),
        ciphered=True,
    )
    objects = [
        CosemObject(DataProtection, NAME, *data_protection_bindings(_Settings())),
        CosemObject(Data, LIMIT, NUMBER.reads(lambda: 1), NUMBER.writes(lambda _: None)),
    ]
    device = LogicalDevice(
        b"ADDFUZZ", objects, [spec], on_fault=lambda _, fault: FAULTS.append(fault)
    )
    association = device.open(spec, NegotiatedContext(Conformance(0), 0, 0))
    association.security = lambda: security
    return association


@target
def protected_data(octets: bytes) -> None:
    """Methods and buffer of class 30: any parameter, any data, and what a key holder enciphered.

    The first octet says which; no exception but those of a refusal.
    """
    association, proof = _association(), Proof(AUTHENTICATED_ENCRYPTION)
    which, rest = (octets[0], octets[1:]) if octets else (0, b"")
    method = METHODS[which % 3]
    try:
        if which & 4:
            holder = security_context(SecuritySuite.SUITE_0, of_client=True)
            made = protect_data(holder, rest, ORDERS)
            text = rest if which & 8 else made.octets
            asked: ProtectedSet | ProtectedAction
            parameters = parameters_of(made.layers)
            if which & 16:
                asked = ProtectedAction(ValueDefinition(1, LIMIT, 1), parameters, text)
                method = METHODS[2]
            else:
                asked = ProtectedSet(OBJECTS, parameters, text)
                method = METHODS[1]
            parameter = method.parameter.to_data(asked)
        else:
            parameter = data.decode(rest)
    except DecodeError:
        return
    association.begin_request()
    association.action(method.of(NAME), parameter, proof)
    association.set(
        DataProtection.protection_buffer.of(NAME), data.Data(data.Tag.OCTET_STRING, rest), proof
    )
    if FAULTS:
        raise FAULTS.pop()


@target
def protected_reply(octets: bytes) -> None:
    """What a meter may return to a client that asked for protected data."""
    method = DataProtection.get_protected_attributes
    assert method.result is not None
    try:
        reply = method.result.decode(octets)
        layers = layers_of(reply.protection_parameters)
        client = security_context(SecuritySuite.SUITE_0, of_client=True)
        open_data(client, ProtectedData(reply.protected_data, layers), ORDERS)
    except (DecodeError, SecurityError):
        return
