"""The clients of a meter that is killed again and again: their keys, their counters, what they do.

Green Book, IEC 62056-5-3; Blue Book, class 64 (key transfer). A client whose answer was lost goes
on with a greater counter; after a key transfer whose answer was lost it tries new keys and old.
"""

import random
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives.serialization import Encoding

from addad import obis
from addad.cosem.classes import ProfileGeneric
from addad.cosem.classes.control import Clock, Limiter
from addad.cosem.classes.security import KeyTransfer, SecuritySetup, TransferredKey
from addad.dlms.acse import Mechanism
from addad.dlms.apdu.initiate import Conformance
from addad.dlms.parameters import SERVICES, AssociationParameters
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.counters import VolatileCounters
from addad.dlms.security.framing import CipheringForm
from addad.dlms.security.keys import SymmetricKeys, wrap_key
from addad.dlms.security.parties import PartyKeys, PublicKeys
from addad.dlms.security.suite import SecuritySuite
from addad.dlms.types import DoubleLongUnsigned
from addad.net.client import Client
from addad.obis import Obis
from addad.reader.credentials import AssociationCredentials

GMAC, SHA256, ECDSA, GROUP = 3, 5, 6, 102
SETUPS = {GMAC: 0, SHA256: 2, ECDSA: 3, GROUP: 5}
THRESHOLD = Limiter.threshold_normal.typed(DoubleLongUnsigned)
SMALL_PDU = 128
"""So that a long value takes many ciphered APDUs."""
SERVICE_BLOCKS = SERVICES & ~Conformance.GENERAL_BLOCK_TRANSFER


@dataclass
class Held:
    """One set of keys in a client's hands, with the counters that it sent under them."""

    keys: SymmetricKeys
    counters: VolatileCounters = field(default_factory=VolatileCounters)


class Party:
    """One client over all lives of its meter; `held` are its keys, the newest last."""

    def __init__(self, client_sap: int, known: AssociationCredentials) -> None:
        assert known.keys is not None
        assert known.client_title is not None
        self.client_sap = client_sap
        self.known = known
        self.title = known.client_title
        self.held = [Held(known.keys)]
        self.unsure = False
        """Whether the answer to a key transfer was lost: the last two sets of keys may be good."""

    def parameters(
        self, held: Held, form: CipheringForm = CipheringForm.GLOBAL
    ) -> AssociationParameters:
        """What it asks for, under these keys."""
        known = self.known
        assert known.meter_title is not None
        others = {
            known.meter_title: PublicKeys(
                known.elliptic.meter_signing, known.elliptic.meter_agreement
            )
        }
        security = SecurityContext(
            SecuritySuite(known.suite),
            self.title,
            known.meter_title,
            held.keys,
            held.counters,
            parties=PartyKeys(known.elliptic.signing, known.elliptic.agreement, others),
        )
        group = self.client_sap == GROUP
        certificate = known.elliptic.signing_certificate
        return AssociationParameters(
            self.client_sap,
            1,
            known.mechanism,
            known.password if known.mechanism is Mechanism.HIGH_SHA256 else b"",
            max_pdu=0xFFFF if group else SMALL_PDU,
            conformance=SERVICES if group else SERVICE_BLOCKS,
            security=security,
            form=CipheringForm.GENERAL_GLOBAL if group else form,
            certificate=None if certificate is None else certificate.public_bytes(Encoding.DER),
            pre_established=group,
        )

    def new_keys(self) -> tuple[Held, tuple[KeyTransfer, ...]]:
        """Another set of keys, and what brings it to the meter."""
        now = self.held[-1].keys
        assert now.master is not None
        fresh = replace(
            now, encryption=secrets.token_bytes(16), authentication=secrets.token_bytes(16)
        )
        assert fresh.authentication is not None
        pairs = (
            (TransferredKey.GLOBAL_UNICAST_ENCRYPTION, fresh.encryption),
            (TransferredKey.GLOBAL_AUTHENTICATION, fresh.authentication),
        )
        return Held(fresh), tuple(KeyTransfer(i, wrap_key(now.master, key)) for i, key in pairs)


@dataclass
class Wishes:
    """What a client has asked of the meter, and what it was told: to be compared after a kill."""

    value: int = 0
    """The threshold that was confirmed last."""
    asked: int | None = None
    """Another one, whose SET has not been answered."""
    next_value: int = 100_001
    sets: int = 0
    actions: int = 0
    transfers: int = 0


Learn = Callable[[SymmetricKeys], None]


@dataclass
class Exchange:
    """One conversation of a client, from the association on."""

    party: Party
    wishes: Wishes
    learn: Learn
    chance: random.Random

    async def write(self, client: Client) -> None:
        """A SET of a value that never was."""
        wishes = self.wishes
        wishes.asked, wishes.next_value = wishes.next_value, wishes.next_value + 1
        await client.set(obis.LIMITER, THRESHOLD, wishes.asked)
        wishes.value, wishes.asked = wishes.asked, None
        wishes.sets += 1

    async def act(self, client: Client) -> None:
        """An ACTION that is counted in the log."""
        await client.action(obis.DAILY_PROFILE, ProfileGeneric.reset)
        self.wishes.actions += 1

    async def usual(self, client: Client) -> None:
        """Short and long values, a SET, an ACTION."""
        await client.get(obis.LIMITER, THRESHOLD)
        await self.write(client)
        await self.act(client)
        await client.get(obis.LOAD_PROFILE, ProfileGeneric.capture_objects)
        await self.write(client)
        await client.release()

    async def change_keys(self, client: Client) -> None:
        """Another set of keys, used in the same association, then in a new one."""
        party = self.party
        await client.get(obis.LIMITER, THRESHOLD)
        fresh, transfers = party.new_keys()
        self.learn(fresh.keys)
        party.held.append(fresh)
        party.unsure = True
        setup = Obis.parse(f"0-0:43.0.{SETUPS[party.client_sap]}")
        await client.action(setup, SecuritySetup.key_transfer, transfers)
        party.unsure = False
        self.wishes.transfers += 1
        if self.chance.random() < 0.5:  # the old keys are good until the new ones are used
            await self.write(client)
        await client.release()

    async def group(self, client: Client) -> None:
        """What goes without an association: the time, read and moved by nothing."""
        for _ in range(3):
            await client.get(obis.CLOCK, Clock.time)
            await client.action(obis.CLOCK, Clock.shift_time, 0)


SCRIPTS: dict[str, tuple[int, int, Callable[[Exchange, Client], Awaitable[None]]]] = {
    "gmac": (GMAC, 9, Exchange.usual),
    "dedicated": (GMAC, 9, Exchange.usual),
    "general": (GMAC, 9, Exchange.usual),
    "sha256": (SHA256, 9, Exchange.usual),
    "ecdsa": (ECDSA, 9, Exchange.usual),
    "new keys": (GMAC, 6, Exchange.change_keys),
    "new keys, suite 1": (ECDSA, 6, Exchange.change_keys),
    "group": (GROUP, 6, Exchange.group),
}
"""Who, about how many frames it takes, and what is done."""
