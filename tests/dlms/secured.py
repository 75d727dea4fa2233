"""Both ends of an association with every security there is, in memory, deterministic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from addad.dlms.access_exchanges import AccessOutcome
from addad.dlms.acse import Mechanism
from addad.dlms.apdu.descriptors import AttributeDescriptor, MethodDescriptor
from addad.dlms.connection import (
    AccessIndication,
    ActionIndication,
    Associated,
    AssociateIndication,
    AssociationParameters,
    ClientConnection,
    GetIndication,
    Indication,
    ReleaseIndication,
    Reply,
    ServerConnection,
    ServerParameters,
)
from addad.dlms.parameters import SERVICES
from addad.dlms.results import ActionOutcome, ActionResult, DataAccessResult
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.counters import Counters, VolatileCounters
from addad.dlms.security.framing import CipheringForm
from addad.dlms.security.keys import KeyId, SymmetricKeys
from addad.dlms.security.parties import NO_PARTY_KEYS, PartyKeys, PublicKeys
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, Protection, SecuritySuite
from addad.obis import Obis

CLIENT = bytes.fromhex("4D4D4D0000BC614E")
SERVER = bytes.fromhex("4D4D4D0000000001")
SECRET = b"a secret of some length"
CTOS = bytes(range(32))
STOC = bytes(range(100, 132))
NUMBER = b"\x12\x01\x02"
ATTRIBUTE = AttributeDescriptor(3, Obis.parse("1-0:1.8.0"), 2)
METHOD = MethodDescriptor(70, Obis.parse("0-0:96.3.10"), 1)
UNICAST = KeyId.GLOBAL_UNICAST_ENCRYPTION

_CURVES = {SecuritySuite.SUITE_1: ec.SECP256R1(), SecuritySuite.SUITE_2: ec.SECP384R1()}
_SIGNERS = {
    suite: tuple(ec.derive_private_key(number, curve) for number in (12345, 67890))
    for suite, curve in _CURVES.items()
}


def keys(suite: SecuritySuite = SecuritySuite.SUITE_0, first: int = 0) -> SymmetricKeys:
    """Keys of a suite, other ones for another first octet."""
    size = suite.key_octets
    one, two, three, four = (bytes(range(first + n, first + n + size)) for n in (0, 64, 32, 96))
    return SymmetricKeys(one, two, three, four)


def parties(suite: SecuritySuite, *, client: bool) -> PartyKeys:
    """The signature keys of one side."""
    if suite == SecuritySuite.SUITE_0:
        return NO_PARTY_KEYS
    own, other = _SIGNERS[suite] if client else _SIGNERS[suite][::-1]
    title = SERVER if client else CLIENT
    return PartyKeys(own, others={title: PublicKeys(other.public_key())})


def context(
    client: bool,
    suite: SecuritySuite = SecuritySuite.SUITE_0,
    counters: Counters | None = None,
    **more: Any,
) -> SecurityContext:
    """One side's context; a keyword changes any argument."""
    arguments: dict[str, Any] = {
        "own_title": CLIENT if client else SERVER,
        "peer_title": None,
        "keys": keys(suite),
        "parties": parties(suite, client=client),
    } | more
    own, peer = arguments.pop("own_title"), arguments.pop("peer_title")
    symmetric = arguments.pop("keys")
    return SecurityContext(suite, own, peer, symmetric, counters or VolatileCounters(), **arguments)


def asked(**more: Any) -> AssociationParameters:
    """What a ciphered client with LLS asks for."""
    usual: dict[str, Any] = {
        "client_sap": 1,
        "mechanism": Mechanism.LOW,
        "password": SECRET,
        "security": context(True),
        "challenge": CTOS,
        "allow_weak": True,
    }
    return AssociationParameters(**usual | more)


def offered(**more: Any) -> ServerParameters:
    """What its server offers."""
    usual: dict[str, Any] = {
        "mechanism": Mechanism.LOW,
        "secret": SECRET,
        "security": context(False),
        "ciphered": True,
        "required": AUTHENTICATED_ENCRYPTION,
        "challenge": lambda: STOC,
    }
    return ServerParameters(**usual | more)


def matching(
    mechanism: Mechanism = Mechanism.LOW,
    suite: SecuritySuite = SecuritySuite.SUITE_0,
    protection: Protection = AUTHENTICATED_ENCRYPTION,
    form: CipheringForm = CipheringForm.GLOBAL,
    *,
    dedicated: bool = False,
    **both: Any,
) -> tuple[AssociationParameters, ServerParameters]:
    """Both sides for one way of securing an association."""
    key = bytes(range(7, 7 + suite.key_octets)) if dedicated else None
    client = asked(
        mechanism=mechanism,
        security=context(True, suite),
        protection=protection,
        form=form,
        dedicated_key=key,
        **both,
    )
    server = offered(
        mechanism=mechanism,
        security=context(False, suite),
        ciphered=protection != Protection.NONE,
        required=protection & AUTHENTICATED_ENCRYPTION,
        **both,
    )
    return client, server


Answer = Callable[[ServerConnection, Indication], tuple[bytes, ...]]


def answer(server: ServerConnection, indication: Indication) -> tuple[bytes, ...]:
    """What a willing server says."""
    if isinstance(indication, AssociateIndication):
        return server.respond_associate()
    if isinstance(indication, ReleaseIndication):
        return server.respond_release()
    if isinstance(indication, GetIndication):
        return server.respond_get([NUMBER] * len(indication.descriptors))
    if isinstance(indication, ActionIndication):
        done = ActionOutcome(ActionResult.SUCCESS, NUMBER)
        return server.respond_action([done] * len(indication.items))
    if isinstance(indication, AccessIndication):
        return server.respond_access(
            [
                AccessOutcome(ActionResult.SUCCESS)
                if isinstance(one.descriptor, MethodDescriptor)
                else AccessOutcome(DataAccessResult.SUCCESS, NUMBER)
                for one, _ in indication.items
            ]
        )
    return server.respond_set([DataAccessResult.SUCCESS] * len(indication.items))


@dataclass
class Pair:
    """A client and a server that pass APDUs to each other, none larger than agreed."""

    asked: AssociationParameters = field(default_factory=asked)
    offered: ServerParameters = field(default_factory=offered)

    def __post_init__(self) -> None:
        self.client = ClientConnection(self.asked)
        self.server = ServerConnection(self.offered)
        self.indications: list[Indication] = []
        self.to_server: list[bytes] = []
        self.to_client: list[bytes] = []

    def serve(self, octets: bytes, how: Answer = answer) -> tuple[bytes, ...]:
        """What the server says to one APDU."""
        open_before = self.server.associated
        assert not open_before or len(octets) <= (self.offered.max_pdu or 65535)
        self.to_server.append(octets)
        indication = self.server.receive(octets)
        if indication is None:
            said = self.server.outgoing
        else:
            self.indications.append(indication)
            said = how(self.server, indication)
        for one in said:
            assert not open_before or len(one) <= (self.asked.max_pdu or 65535)
        self.to_client += said
        return said

    def exchange(self, request: Sequence[bytes], how: Answer = answer) -> Reply | None:
        """The reply to a request, None if none comes."""
        waiting = [*request]
        while waiting:
            said = [one for octets in waiting for one in self.serve(octets, how)]
            waiting = []
            for one in said:
                reply = self.client.receive(one)
                waiting += self.client.outgoing
                if reply is not None:
                    return reply
        return None

    def associate(self) -> Pair:
        """Open the association."""
        assert isinstance(self.exchange(self.client.associate()), Associated)
        assert self.server.associated
        return self

    def get(self) -> Reply | None:
        """Read the usual attribute."""
        return self.exchange(self.client.get([ATTRIBUTE]))


def with_size(parameters: Any, max_pdu: int) -> Any:
    """The same parameters with another size of APDU."""
    return replace(parameters, max_pdu=max_pdu, conformance=SERVICES)
