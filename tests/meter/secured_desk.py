"""A meter with all its associations, and clients that come with what they were provisioned with."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from addad.cosem.interface_class import Attribute, Method
from addad.cosem.sessions import Sessions
from addad.dlms import apdu as apdus
from addad.dlms.acse import Mechanism
from addad.dlms.apdu import Apdu
from addad.dlms.apdu.exception import ExceptionResponse
from addad.dlms.connection import AssociationParameters, ClientConnection
from addad.dlms.parameters import SERVICES
from addad.dlms.results import ActionResult, DataAccessResult
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.counters import Counters, VolatileCounters
from addad.dlms.security.keys import SymmetricKeys
from addad.dlms.security.parties import PartyKeys, PublicKeys
from addad.dlms.security.suite import Protection, SecuritySuite
from addad.host.provisioning import Provisioned, provision
from addad.meter.associations import TABLES
from addad.meter.device import Block, Meter
from addad.meter.event_codes import Log
from addad.meter.objects import build_device
from addad.meter.security import Provision
from addad.meter.settings import Identity, MeterSettings, Passwords
from addad.meter.storage import VolatileMemory
from addad.obis import Obis
from addad.reader.credentials import AssociationCredentials, read_credentials
from meter.key_bench import chance

START = datetime(2026, 5, 10, 13, 7, 13, tzinfo=UTC)
HERE = "192.0.2.1:50000"
CHALLENGE = bytes(range(40))


class SecuredDesk:
    """A meter made with keys for all clients; `client` gives one of them an association."""

    def __init__(self, table: str = "all", memory: VolatileMemory | None = None) -> None:
        self.memory = memory or VolatileMemory()
        rows = TABLES[table]
        self.made: Provisioned = provision(rows, "A1234", chance(salt=b"factory"), START)
        content = {"associations": self.made.entries, "reader": "reader", "management": "m"}
        self.credentials = read_credentials(content, Path())
        secret = self.credentials.of_client(5).password
        self.settings = MeterSettings(
            passwords=Passwords(b"reader", b"management"),
            identity=Identity(serial="A1234"),
            associations=rows,
            security=Provision("k", self.made.setups, {5: secret}),
        )
        self.counters: dict[int, Counters] = {}
        self.now = START
        self.start()

    def start(self) -> None:
        """Power up on the memory as it is."""
        self.meter = Meter(self.settings, self.memory, chance=chance())
        self.settings = replace(
            self.settings, security=replace(self.settings.security, setups=None)
        )
        self.device = build_device(self.meter, self._fault)
        self.faults: list[str] = []
        self.effects = 0
        self.step(0.0)

    def _fault(self, text: str, fault: Exception) -> None:
        self.faults.append(f"{text}: {fault!r}")

    def step(self, elapsed_s: float = 1.0) -> None:
        self.now += timedelta(seconds=elapsed_s)
        self.meter.step(Block(self.now, elapsed_s))
        assert self.meter.save() is None

    def sessions(self, peer: str = HERE) -> Sessions:
        """The meter's end of a new connection."""

        def effect() -> None:
            self.effects += 1

        made = Sessions(self.device, on_effect=effect)
        made.peer = peer
        return made

    def logical_open(self, client_sap: int) -> int:
        """How many associations a client has open."""
        logical = self.device.at(1)
        assert logical is not None
        return logical.open_count[client_sap]

    def fraud(self) -> list[int]:
        """The fraud log, newest first."""
        return list(self.meter.notices.logs[Log.FRAUD].codes())

    def context(self, client_sap: int, **changes: object) -> SecurityContext:
        """The client's end of the security of an association."""
        known = self.credentials.of_client(client_sap)
        counters = self.counters.setdefault(client_sap, VolatileCounters())
        return make_context(known, counters, **changes)

    def client(self, client_sap: int, peer: str = HERE, **changes: object) -> "Client":
        """A client that is not associated yet; `changes` are of its parameters."""
        known = self.credentials.of_client(client_sap)
        security = self.context(client_sap) if known.keys is not None else None
        fields = {
            "mechanism": known.mechanism,
            "password": known.password,
            "security": security,
            "challenge": CHALLENGE if known.mechanism > Mechanism.LOW else b"",
            "pre_established": client_sap == 102,
            "conformance": SERVICES,
            **changes,
        }
        return Client(self.sessions(peer), AssociationParameters(client_sap, **fields))


def make_context(
    known: AssociationCredentials, counters: Counters, **changes: object
) -> SecurityContext:
    assert known.keys is not None
    keys = known.keys
    others = {
        known.meter_title: PublicKeys(known.elliptic.meter_signing, known.elliptic.meter_agreement)
    }
    return SecurityContext(
        SecuritySuite(known.suite),
        changes.get("title", known.client_title),
        known.meter_title,
        changes.get(
            "keys",
            SymmetricKeys(keys.encryption, keys.authentication, keys.broadcast, keys.master),
        ),
        counters,
        parties=PartyKeys(known.elliptic.signing, known.elliptic.agreement, others),
    )


@dataclass
class Client:
    """One client on one connection; every method goes through the octets of both ways."""

    sessions: Sessions
    parameters: AssociationParameters
    connection: ClientConnection = field(init=False)
    sent: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.connection = ClientConnection(self.parameters)

    def raw(self, *apdus_out: bytes, server_sap: int = 1) -> list[bytes]:
        """What the meter answers to octets."""
        answers: list[bytes] = []
        for apdu in apdus_out:
            self.sent.append(apdu)
            answers += self.sessions.answer(self.parameters.client_sap, server_sap, apdu)
        return answers

    def _exchange(self, outgoing: tuple[bytes, ...]) -> object:
        while outgoing:
            answers = self.raw(*outgoing)
            if not answers:
                return None
            outgoing = ()
            for answer in answers:
                reply = self.connection.receive(answer)
                if reply is not None:
                    return reply
                outgoing = self.connection.outgoing or outgoing
        return None

    def open(self) -> "Client":
        if not self.parameters.pre_established:
            self._exchange(self.connection.associate())
        return self

    def get(self, name: Obis, attribute: Attribute) -> object:
        """The value, or the result that says why there is none."""
        reply = self._exchange(self.connection.get([attribute.of(name)]))
        if isinstance(reply, ExceptionResponse):
            return reply
        (found,) = reply.results
        return attribute.type.decode(found) if isinstance(found, bytes) else found

    def set(self, name: Obis, attribute: Attribute, value: object) -> DataAccessResult:
        item = (attribute.of(name), attribute.type.encode(value))
        (result,) = self._exchange(self.connection.set([item])).results
        return result

    def act(self, name: Obis, method: Method, value: object) -> tuple[ActionResult, object]:
        item = (method.of(name), method.parameter.encode(value))
        (outcome,) = self._exchange(self.connection.action([item])).outcomes
        returned = outcome[1]
        if isinstance(returned, bytes) and method.result is not None:
            returned = method.result.decode(returned)
        return outcome[0], returned

    def ask(self, plain: bytes, protection: Protection, *, broadcast: bool = False) -> Apdu | None:
        """A plain request under any protection, past what a client would do; None for silence."""
        security = self.connection.security
        assert security is not None
        apdu = security.protect(plain, protection, self.parameters.form, broadcast=broadcast)
        answers = self.raw(apdu)
        if not answers:
            return None
        if answers[0][0] in (0xCC, 0xCD, 0xCF, 0xDB):
            return apdus.decode(security.unprotect(answers[0]).apdu)
        return apdus.decode(answers[0])
