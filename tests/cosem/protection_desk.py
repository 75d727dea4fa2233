"""A server with a Data protection object and clients that have keys, a password, or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from addad.cosem.classes import Data, DisconnectControl
from addad.cosem.classes.data_protection import (
    DataProtection,
    ProtectionParameters,
    RequiredProtectionBits,
)
from addad.cosem.classes.definitions import RestrictedObject
from addad.cosem.cosem_object import CosemObject
from addad.cosem.data_protection import data_protection_bindings
from addad.cosem.interface_class import Attribute, Method
from addad.cosem.logical_device import Doorkeeper, LogicalDevice
from addad.cosem.physical_device import PhysicalDevice
from addad.cosem.protected_data import protected_object
from addad.cosem.rights import AssociationSpec, SecuredBy, management_rights, reader_rights
from addad.cosem.sessions import Sessions
from addad.dlms.connection import AssociationParameters, ClientConnection
from addad.dlms.indications import Incident
from addad.dlms.results import ActionResult, DataAccessResult
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.counters import VolatileCounters
from addad.dlms.types import DoubleLongUnsigned, OctetString
from addad.errors import AccessError
from addad.obis import Obis
from dlms.security.data_pair import party
from dlms.security.published import CLIENT, SERVER

NAME = Obis.parse("0-0:43.2.1")
LIMIT, TEXT, HIDDEN, STUBBORN, RELAY, LONG = (
    Obis.parse(f"0-0:96.1.{number}") for number in range(6)
)
NUMBER = Data.value.typed(DoubleLongUnsigned)
WORDS = Data.value.typed(OctetString())
READER, MANAGER, CARRIED, PLAIN = 2, 1, 4, 16
NOTHING_REQUIRED = RequiredProtectionBits(0)


class CountingCounters(VolatileCounters):
    """Counters that remember how often they were made durable."""

    settled = 0

    def settle(self) -> None:
        self.settled += 1


class Watchful(Doorkeeper):
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.incidents: list[Incident] = []

    def failed(self, spec: AssociationSpec, peer: str, incident: Incident) -> None:
        self.incidents.append(incident)


@dataclass
class Settings:
    """What stands in the attributes."""

    object_list: tuple[RestrictedObject, ...] = ()
    get: tuple[ProtectionParameters, ...] = ()
    set: tuple[ProtectionParameters, ...] = ()
    bits: RequiredProtectionBits = NOTHING_REQUIRED

    def objects(self) -> tuple[RestrictedObject, ...]:
        return self.object_list

    def parameters_get(self) -> tuple[ProtectionParameters, ...]:
        return self.get

    def parameters_set(self) -> tuple[ProtectionParameters, ...]:
        return self.set

    def required(self) -> RequiredProtectionBits:
        return self.bits


@dataclass
class Values:
    """What the objects hold, and what was done."""

    limit: int = 7
    text: bytes = b"seven"
    hidden: bytes = b"unread"
    long: bytes = bytes(40_000)
    done: list[object] = field(default_factory=list)

    def put_limit(self, value: int) -> None:
        self.done.append(value)
        self.limit = value

    def put_text(self, value: bytes) -> None:
        self.done.append(value)
        self.text = value

    def put_hidden(self, value: bytes) -> None:
        self.done.append(value)
        self.hidden = value

    def refuse(self, _: int) -> None:
        raise AccessError(DataAccessResult.HARDWARE_FAULT)

    def switch(self, value: int) -> None:
        self.done.append(("switched", value))


class ProtectionDesk:
    """Everything in one place; `client` gives an association."""

    def __init__(self, suite: int = 1) -> None:
        self.suite = suite
        self.settings = Settings()
        self.values = Values()
        self.door = Watchful()
        self.counters = CountingCounters()
        self.client_counters = VolatileCounters()
        secured = SecuredBy(
            Obis.parse("0-0:43.0.0"), party(SERVER, CLIENT, suite, counters=self.counters)
        )
        specs = [
            AssociationSpec(
                MANAGER, Obis.parse("0-0:40.0.1"), management_rights, secured=secured, ciphered=True
            ),
            AssociationSpec(
                READER, Obis.parse("0-0:40.0.2"), reader_rights, secured=secured, ciphered=True
            ),
            AssociationSpec(CARRIED, Obis.parse("0-0:40.0.4"), management_rights, secured=secured),
            AssociationSpec(PLAIN, Obis.parse("0-0:40.0.3"), management_rights),
        ]
        device = LogicalDevice(b"PROTECTING", self._objects(), specs, doorkeeper=self.door)
        self.device = PhysicalDevice([device])

    def _objects(self) -> list[CosemObject]:
        values = self.values
        return [
            CosemObject(DataProtection, NAME, *data_protection_bindings(self.settings)),
            CosemObject(
                Data, LIMIT, NUMBER.reads(lambda: values.limit), NUMBER.writes(values.put_limit)
            ),
            CosemObject(
                Data, TEXT, WORDS.reads(lambda: values.text), WORDS.writes(values.put_text)
            ),
            CosemObject(Data, HIDDEN, WORDS.writes(values.put_hidden)),
            CosemObject(Data, STUBBORN, NUMBER.reads(lambda: 1), NUMBER.writes(values.refuse)),
            CosemObject(Data, LONG, WORDS.reads(lambda: values.long)),
            CosemObject(
                DisconnectControl, RELAY, DisconnectControl.remote_disconnect.does(values.switch)
            ),
        ]

    def client(self, client_sap: int = MANAGER) -> "Client":
        """A client that has just associated."""
        security = None
        if client_sap not in (PLAIN, CARRIED):
            security = party(CLIENT, SERVER, self.suite, counters=self.client_counters)
        return Client(self, AssociationParameters(client_sap, security=security))


class Client:
    """One client on a connection of its own; everything goes through the octets of both ways."""

    def __init__(self, desk: ProtectionDesk, parameters: AssociationParameters) -> None:
        self.sessions = Sessions(desk.device)
        self.sap = parameters.client_sap
        self.connection = ClientConnection(parameters)
        self._exchange(self.connection.associate())

    @property
    def security(self) -> SecurityContext:
        """Its end of the security."""
        assert self.connection.security is not None
        return self.connection.security

    def _exchange(self, outgoing: tuple[bytes, ...]) -> object:
        while outgoing:
            answers = [
                answer for apdu in outgoing for answer in self.sessions.answer(self.sap, 1, apdu)
            ]
            outgoing = ()
            for answer in answers:
                reply = self.connection.receive(answer)
                if reply is not None:
                    return reply
                outgoing = self.connection.outgoing or outgoing
        return None

    def get(self, attribute: Attribute, name: Obis = NAME) -> object:
        """The value, or why not."""
        (found,) = self._exchange(self.connection.get([attribute.of(name)])).results
        return attribute.type.decode(found) if isinstance(found, bytes) else found

    def set(self, attribute: Attribute, value: object, name: Obis = NAME) -> DataAccessResult:
        item = (attribute.of(name), attribute.type.encode(value))
        return self._exchange(self.connection.set([item])).results[0]

    def act(self, method: Method, value: object) -> tuple[ActionResult, object]:
        """The result, and what the method returned."""
        return self.act_all(method, [value])[0]

    def act_all(
        self, method: Method, values: Sequence[object]
    ) -> list[tuple[ActionResult, object]]:
        """The same method several times in one request."""
        items = [(method.of(NAME), method.parameter.encode(value)) for value in values]
        outcomes = self._exchange(self.connection.action(items)).outcomes
        return [
            (one.result, method.result.decode(one.returned) if one.returned else None)
            for one in outcomes
        ]


def whole(*names: Obis) -> tuple[RestrictedObject, ...]:
    """The values of these objects."""
    return tuple([protected_object(Data.value.of(name)) for name in names])
