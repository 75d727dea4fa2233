"""Who asks a meter, and with what: a client, a logical device, secrets, and the way in.

Green Book, IEC 62056-5-3 (COSEM-OPEN, security context). `open_meter` is how everything here, the
command line too, comes to a `Client`.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding

from addad.dlms.acse import Mechanism
from addad.dlms.apdu.initiate import Conformance
from addad.dlms.parameters import MAX_PDU, SERVICES, AssociationParameters
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.counters import Counters, VolatileCounters
from addad.dlms.security.framing import CipheringForm
from addad.dlms.security.hls import OBSOLETE_MECHANISMS
from addad.dlms.security.parties import PartyKeys, PublicKeys
from addad.dlms.security.suite import Protection
from addad.errors import InputError
from addad.net.client import PUBLIC_CLIENT, TIMEOUT_S, Client, ClientOptions
from addad.net.connectionless import GROUP_SERVICES, PRE_ESTABLISHED_CLIENT
from addad.net.conversation import OnNotification
from addad.net.hdlc import HdlcLink
from addad.net.link import Link
from addad.obis import Obis
from addad.reader.calls import called, check_proof
from addad.reader.counter_file import CounterFile, KeptCounters
from addad.reader.credentials import AssociationCredentials
from addad.reader.meter_address import MeterAddress, Transport
from addad.reader.meter_counters import told_counter
from addad.reader.quirks import NO_QUIRKS, Quirk, Quirks

_NO_CREDENTIALS: Final = AssociationCredentials()
_TITLED: Final = (Mechanism.HIGH_GMAC, Mechanism.HIGH_SHA256, Mechanism.HIGH_ECDSA)


@dataclass(frozen=True, slots=True)
class MeterAccess:
    """A client of a logical device with its secrets.

    `pre_established` is an association that stands without being asked for; client 102 has one.
    """

    client_sap: int = PUBLIC_CLIENT
    server_sap: int = 1
    credentials: AssociationCredentials = _NO_CREDENTIALS
    pre_established: bool = False
    quirks: Quirks = NO_QUIRKS

    @property
    def spends_counters(self) -> bool:
        """Whether messages of this client carry invocation counters."""
        secret = self.credentials
        if secret.keys is None:
            return False
        return secret.protection != Protection.NONE or secret.mechanism == Mechanism.HIGH_GMAC

    def check(self) -> None:
        """Raise `InputError`, that names the field, for secrets that cannot be used so."""
        secret, who = self.credentials, f"associations.{self.client_sap}"
        if secret.mechanism in OBSOLETE_MECHANISMS and not secret.allow_weak:
            raise InputError(
                f"{who}.mechanism: {secret.mechanism.name.lower()} protects little; for an old "
                'meter that knows no other, say "allow_weak": true'
            )
        titled = secret.mechanism in _TITLED or self.spends_counters
        if titled and secret.client_title is None:
            raise InputError(
                f"{who}.client_title: it is missing; 16 hexadecimal digits, that no other client "
                "of this key uses"
            )
        if secret.elliptic.meter_signing is not None and secret.meter_title is None:
            raise InputError(f"{who}.meter_title: a key of the meter needs it")
        if secret.mechanism == Mechanism.HIGH_ECDSA and secret.elliptic.meter_signing is None:
            raise InputError(f"{who}.meter_signing_key: this mechanism needs one")
        if secret.wants_dedicated_key and not self._ciphered:
            raise InputError(f"{who}.dedicated_key: it needs keys and a protection")

    @property
    def _ciphered(self) -> bool:
        return self.credentials.keys is not None and bool(self.credentials.protection)

    @property
    def _hears_only_new(self) -> bool:
        """Whether a challenge, or a new key, tells an association's answers from recorded ones."""
        secret = self.credentials
        if self.pre_established or not self._ciphered:
            return False
        new_key = secret.wants_dedicated_key and secret.dedicated_key is None
        return new_key or secret.mechanism not in (Mechanism.NONE, Mechanism.LOW)

    def parameters(self, counters: Counters, max_pdu: int = MAX_PDU) -> AssociationParameters:
        """What is asked of the meter; raises `InputError` as `check` does."""
        self.check()
        secret = self.credentials
        conformance = GROUP_SERVICES if self.pre_established else SERVICES
        if Quirk.NO_LISTS in self.quirks:
            conformance &= ~Conformance.MULTIPLE_REFERENCES
        certificate = secret.elliptic.signing_certificate
        general = self.pre_established or Protection.SIGNATURE in secret.protection
        return AssociationParameters(
            self.client_sap,
            self.server_sap,
            secret.mechanism,
            secret.password,
            max_pdu,
            conformance,
            self._security(counters),
            secret.protection,
            CipheringForm.GENERAL_GLOBAL if general else CipheringForm.GLOBAL,
            dedicated_key=secret.dedicated_key,
            certificate=None if certificate is None else certificate.public_bytes(Encoding.DER),
            pre_established=self.pre_established,
            allow_weak=secret.allow_weak,
            title=secret.client_title,
        )

    @property
    def counter_of(self) -> Obis | None:
        """The object that tells the counter, where the credentials say so."""
        return self.credentials.invocation_counter

    def counters(self, counter_file: Path | None, told: int | None) -> Counters:
        """The counters of the key: above those that were sent, and the one the meter told."""
        keys, title = self.credentials.keys, self.credentials.client_title
        assert keys is not None
        assert title is not None
        if counter_file is None:
            return VolatileCounters(0 if told is None else told + 1)
        at_once = not self._hears_only_new
        return CounterFile(counter_file).begin(keys, title, told, at_once=at_once)

    def _security(self, counters: Counters) -> SecurityContext | None:
        secret = self.credentials
        title, keys = secret.client_title, secret.keys
        if keys is None or title is None:
            if secret.mechanism != Mechanism.HIGH_ECDSA:
                return None
            raise InputError(
                f"associations.{self.client_sap}.encryption_key: ecdsa needs keys too, with "
                '"protection": [] for an association that is not ciphered'
            )
        pairs, others = secret.elliptic, {}
        if secret.meter_title is not None:
            known = PublicKeys(pairs.meter_signing, pairs.meter_agreement)
            others[secret.meter_title] = known
        return SecurityContext(
            secret.suite,
            title,
            secret.meter_title,
            keys,
            counters,
            unverified=secret.encryption_key_only,
            parties=PartyKeys(pairs.signing, pairs.agreement, others),
        )


@contextlib.asynccontextmanager
async def open_meter(
    where: MeterAddress,
    who: MeterAccess | None = None,
    *,
    counter_file: Path | None = None,
    timeout_s: float = TIMEOUT_S,
    on_notification: OnNotification | None = None,
) -> AsyncIterator[Client]:
    """A client of any meter, associated until the end of the block.

        secrets = load_credentials(Path("credentials.json"))
        who = MeterAccess(client_sap=3, credentials=secrets.of_client(3))
        where = MeterAddress.tcp("192.0.2.7", 4059)
        async with open_meter(where, who, counter_file=Path("counters.json")) as client:
            print(await client.get(obis.CLOCK, Clock.time))

    Without `who` it is the public client. With keys the invocation counter is read from the public
    association first; `counter_file` keeps what was sent and accepted, which a key that is used for
    longer than one run needs. Raises `InputError` for what contradicts itself, `LinkError`,
    `AssociationError`, `SecurityError`, and other `RemoteProtocolError`s.
    """
    asking = who or MeterAccess()
    where.check(asking.client_sap, asking.server_sap)
    asking.check()
    kept: list[KeptCounters] = []

    async def options(link: Link | None) -> ClientOptions:
        counters: Counters = VolatileCounters()
        if link is not None and asking.spends_counters:
            told = await told_counter(link, where, asking.counter_of, asking.server_sap, timeout_s)
            counters = asking.counters(counter_file, told)
            if isinstance(counters, KeptCounters):
                kept.append(counters)
        return {
            "parameters": asking.parameters(counters, where.max_pdu or MAX_PDU),
            "dedicated": asking.credentials.wants_dedicated_key,
            "timeout_s": timeout_s,
            "retries": where.retries,
            "gateway": where.gateway,
            "on_notification": on_notification,
        }

    try:
        if where.transport is Transport.CALL:
            closed = where.closed_network
            check_proof(await options(None), closed)
            async with called(where.host, where.port, options, closed_network=closed) as client:
                yield client
            return
        link = await where.open_link(timeout_s)
        try:
            chosen = await options(link)
            if asking.spends_counters:
                link = await _again(link, where, asking, timeout_s)
            async with Client(link, **chosen) as client:
                yield client
        finally:
            link.close()
            await link.wait_closed()
    finally:
        for counters in kept:
            counters.close()


async def _again(link: Link, where: MeterAddress, who: MeterAccess, timeout_s: float) -> Link:
    """The way for another client: the same line, else a new connection; some take one each."""
    if isinstance(link, HdlcLink) and not link.closed:
        if who.client_sap != PUBLIC_CLIENT:
            link.leave(PUBLIC_CLIENT, who.server_sap)
        return link
    link.close()
    await link.wait_closed()
    return await where.open_link(timeout_s)


def usual_access(
    client_sap: int, credentials: AssociationCredentials, server_sap: int = 1
) -> MeterAccess:
    """The access of a client; that of client 102 with keys is pre-established."""
    stands = client_sap == PRE_ESTABLISHED_CLIENT and credentials.keys is not None
    return replace(MeterAccess(client_sap, server_sap, credentials), pre_established=stands)
