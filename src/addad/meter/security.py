"""The meter's security setups: what protects each association, and how its keys change.

Green Book, IEC 62056-5-3; Blue Book, class 64. After a change the old keys are good until the new
ones are used, or for a day, so that an answer that was lost locks nobody out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType
from typing import Final, NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec

from addad.cosem.security_material import SecurityMaterial, named_keys
from addad.dlms.results import DataAccessResult
from addad.dlms.security.certificates import Certificate, CertificateEntity, CertificateUse
from addad.dlms.security.cipher import GcmCipher
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.counters import Counters
from addad.dlms.security.keys import KeyId, SymmetricKeys
from addad.dlms.security.parties import PartyKeys, PublicKeys
from addad.dlms.security.unprotected import Unprotected
from addad.errors import AccessError, InputError, SecurityError, SecurityFault, StorageError
from addad.meter import event_codes as codes
from addad.meter.counters import CURE, CounterArea, KeyCounters
from addad.meter.key_store import Chance, KeyRing, KeyStore
from addad.meter.storage import Memory

FORMER_KEYS_S: Final = 86_400
"""How long the keys before a change are good, if the new ones are not used."""

Note = Callable[[int], None]
Now = Callable[[], datetime]


@dataclass(frozen=True, slots=True, repr=False)
class Provision:
    """What a meter is given at its start: keys that are all new, or the word on which it has.

    `keys` tells the keys in the hands of clients from others. `setups` by the number in their name
    are given when they are new, and then replace all that was kept; `secrets` are by client SAP.
    """

    keys: str = ""
    setups: Mapping[int, SecurityMaterial] | None = None
    secrets: Mapping[int, bytes] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        refuse_twins(self.setups or {})

    @property
    def given(self) -> dict[int, str]:
        """What tells each secret from another one that is given later."""
        return {sap: sha256(secret).hexdigest() for sap, secret in self.secrets.items()}


def refuse_twins(setups: Mapping[int, SecurityMaterial]) -> None:
    """Raise `InputError` where two keys are the same, or two setups name one client alike."""
    seen: set[bytes] = set()
    for number, setup in setups.items():
        for key_id, key in named_keys(setup.keys).items():
            if key in seen:
                raise InputError(
                    f"security setup {number}: its key {key_id.name.lower()} is used elsewhere in "
                    "this meter; every key is used once"
                )
            seen.add(key)


class Generation(NamedTuple):
    """Keys of a setup and the counters that belong to them."""

    keys: SymmetricKeys
    counters: KeyCounters


class KeptSetup:
    """One security setup as it stands now: `generations` are its keys, the newest first."""

    def __init__(self, number: int, material: SecurityMaterial, owner: MeterSecurity) -> None:
        self.number = number
        self.material = material
        self.generations: tuple[Generation, ...] = ()
        self.parties = PartyKeys()
        self._owner = owner

    def change(self, material: SecurityMaterial) -> None:
        """Keep another material, durably; raises `AccessError` when that cannot be."""
        self._owner.change(self.number, material)

    def new_private_key(self, curve: ec.EllipticCurve) -> ec.EllipticCurvePrivateKey:
        """A private key that nobody else has."""
        return self._owner.chance.private_key(curve)

    def now(self) -> datetime:
        """The meter's time, by which certificates are valid."""
        return self._owner.now()

    def read_parties(self) -> PartyKeys:
        """The key pairs of the meter, and the public keys of those whose certificates it holds."""
        material, chance = self.material, self._owner.chance
        others: dict[bytes, PublicKeys] = {}
        for entity, use, octets in material.certificates:
            if entity not in (CertificateEntity.CLIENT, CertificateEntity.OTHER):
                continue
            known = Certificate.read(octets)
            keys = others.get(known.title or b"", PublicKeys())
            if use is CertificateUse.SIGNATURE:
                keys = replace(keys, signature=known.public_key)
            elif use is CertificateUse.AGREEMENT:
                keys = replace(keys, agreement=known.public_key)
            others[known.title or b""] = keys
        suite = material.suite
        return PartyKeys(
            material.private_keys.get(CertificateUse.SIGNATURE),
            material.private_keys.get(CertificateUse.AGREEMENT),
            others,
            lambda: chance.private_key(suite.curve),
            lambda: chance.octets(suite.key_octets),
        )

    def used(self, generation: Generation, key: KeyId) -> None:
        """A message came under a key of a generation: the first under a new one ends the old."""
        if len(self.generations) < 2 or generation is not self.generations[0]:
            return
        former = self.generations[1].keys
        if key is KeyId.GLOBAL_BROADCAST_ENCRYPTION:
            changed = former.broadcast != generation.keys.broadcast
        else:
            changed = former.encryption != generation.keys.encryption
        if changed or former.authentication != generation.keys.authentication:
            self._owner.forget_former(self)


class SetupContext(SecurityContext):
    """The security of one association, which follows the keys of its setup.

    What is answered goes out under the keys that the request came under.
    """

    __slots__ = ("_setup",)

    def __init__(self, setup: KeptSetup) -> None:
        material, newest = setup.material, setup.generations[0]
        super().__init__(
            material.suite,
            material.server_title,
            material.client_title,
            newest.keys,
            newest.counters,
            parties=setup.parties,
        )
        self._setup = setup

    def fresh(self) -> SetupContext:
        """The same for a new association."""
        return SetupContext(self._setup)

    def unprotect(self, octets: bytes) -> Unprotected:
        """See `SecurityContext`; keys that were changed a short while ago are tried too."""
        before = self.keys, self.counters
        first: SecurityError | None = None
        for generation in self._setup.generations:
            self._stand_on(*generation)
            try:
                received = super().unprotect(octets)
            except SecurityError as refused:
                if refused.fault is not SecurityFault.DECIPHERING:
                    raise
                first = first or refused
                continue
            if received.key is not None:
                self._setup.used(generation, received.key)
            return received
        self._stand_on(*before)
        assert first is not None
        raise first

    def _stand_on(self, keys: SymmetricKeys, counters: Counters) -> None:
        """Use these keys; a dedicated key takes its authentication key from them."""
        dedicated = self._dedicated
        if dedicated is not None and keys.authentication != self.keys.authentication:
            key, _, used = dedicated
            self._dedicated = key, GcmCipher(key, keys.authentication), used
        self.keys, self.counters = keys, counters


class MeterSecurity:
    """All security setups and secrets of a meter, and what keeps them.

    Without `chance` there are no setups, and secrets live as long as the object.
    """

    def __init__(
        self,
        provision: Provision,
        memory: Memory,
        chance: Chance | None,
        *,
        note: Note,
        now: Now,
    ) -> None:
        """Raises `StorageError` when keys cannot be read or kept, `InputError` without chance."""
        if chance is None and provision.setups:
            raise InputError("security setups need random octets and a key to seal theirs")
        self.setups: dict[int, KeptSetup] = {}
        self.now = now
        self._note = note
        self._store: KeyStore | None = None
        if chance is None:
            self._ring = KeyRing(b"", b"", "", {}, {}, dict(provision.secrets), True)
            return
        self.chance = chance
        self._store = KeyStore(memory, chance)
        self._ring, self.counters = self._open(self._store, provision, memory)
        for number, material in self._ring.setups.items():
            self.setups[number] = KeptSetup(number, material, self)
            self._refresh(self.setups[number])
        self._activate()

    # --- what associations ask for

    @property
    def refusal(self) -> str:
        """Why no key is used, and the cure; empty when all is well."""
        return "" if self._store is None else self.counters.refusal

    def secret(self, client_sap: int) -> bytes:
        """The secret of a client's association; none is no octets."""
        return self._ring.secrets.get(client_sap, b"")

    def accepted(self, number: int, key: KeyId = KeyId.GLOBAL_UNICAST_ENCRYPTION) -> int:
        """The last invocation counter that was accepted from the client of a setup, 0 of none."""
        setup = self.setups[number]
        title, newest = setup.material.client_title, setup.generations[0]
        if title is None or key not in named_keys(newest.keys):
            return 0
        return max(0, newest.counters.last(key, title))

    # --- what clients change

    def change_secret(self, client_sap: int, secret: bytes) -> None:
        """Keep another secret, durably; raises `AccessError` when that fails."""
        if secret == self.secret(client_sap):
            return
        self._keep(replace(self._ring, secrets={**self._ring.secrets, client_sap: secret}))
        self._note(codes.PARAMETERS_CHANGED)

    def change(self, number: int, material: SecurityMaterial) -> None:
        """Keep another material in a setup, durably; other keys leave the former ones for a day.

        The former ones are those that were used last: keys that nobody has used yet may never have
        reached the client, whose answer was lost.
        Raises `AccessError` when it cannot be kept, or a key is used elsewhere in this meter.
        """
        setup = self.setups[number]
        before = setup.material
        if material == before:
            return
        new_keys = material.keys != before.keys
        if new_keys:
            until_s = int(self.now().timestamp()) + FORMER_KEYS_S
            used = before.keys if before.former is None else before.former
            material = replace(material, former=used, former_until_s=until_s)
        setups = {**self._ring.setups, number: material}
        try:
            refuse_twins(setups)
        except InputError as twin:
            raise AccessError(DataAccessResult.OTHER_REASON, str(twin)) from None
        self._keep(replace(self._ring, setups=setups))
        setup.material = material
        self._refresh(setup)
        self._activate()
        self._note(codes.KEYS_CHANGED if new_keys else codes.PARAMETERS_CHANGED)

    def step(self) -> None:
        """Time passes: keys from before a change end after a day."""
        for setup in self.setups.values():
            material = setup.material
            if material.former is not None and self.now().timestamp() >= material.former_until_s:
                self.forget_former(setup)

    # --- keeping

    def _open(
        self, store: KeyStore, provision: Provision, memory: Memory
    ) -> tuple[KeyRing, CounterArea]:
        try:
            ring = self._provisioned(store, provision)
            area = CounterArea(memory, ring.area_id, self._high)
            if not ring.begun:
                area.renew(ring.area_id)
                ring = replace(ring, begun=True)
                store.write(ring)
        except OSError as problem:
            raise StorageError(
                f"the meter's keys cannot be kept ({problem.strerror or problem}); "
                "free space on the disk, or make it writable"
            ) from problem
        return ring, area

    def _provisioned(self, store: KeyStore, provision: Provision) -> KeyRing:
        """The ring as it was kept, or a new one, with the secrets that were given last."""
        given = provision.given
        if provision.setups is not None:
            made = store.new_ring(provision.keys, provision.setups, given, provision.secrets)
            store.write(made)
            return made
        ring = store.read()
        if ring is None:
            raise StorageError("the meter's keys are gone; " + CURE)
        if ring.provisioned != provision.keys:
            raise StorageError(
                "the meter has other keys than the file of its credentials; restore that, or "
                + CURE
            )
        fresh = {
            sap: secret
            for sap, secret in provision.secrets.items()
            if given[sap] != ring.given.get(sap)
        }
        if fresh:
            ring = replace(ring, given={**ring.given, **given}, secrets={**ring.secrets, **fresh})
            store.write(ring)
        return ring

    def _keep(self, ring: KeyRing) -> None:
        if self._store is not None:
            try:
                self._store.write(ring)
            except OSError:
                raise AccessError(DataAccessResult.HARDWARE_FAULT) from None
            except StorageError as problem:
                raise AccessError(DataAccessResult.OTHER_REASON, str(problem)) from None
        self._ring = ring

    def _refresh(self, setup: KeptSetup) -> None:
        material = setup.material
        sets = [material.keys] if material.former is None else [material.keys, material.former]
        setup.generations = tuple(
            Generation(keys, KeyCounters(self.counters, self._ring.fingerprints(keys)))
            for keys in sets
        )
        setup.parties = setup.read_parties()

    def _activate(self) -> None:
        in_use: set[bytes] = set()
        for setup in self.setups.values():
            for keys, _ in setup.generations:
                in_use.update(self._ring.fingerprints(keys).values())
        self.counters.activate(frozenset(in_use))

    def forget_former(self, setup: KeptSetup) -> None:
        """The former keys are of no use any more; if that cannot be kept, at least until now."""
        material = replace(setup.material, former=None, former_until_s=0)
        setup.material = material
        self._refresh(setup)
        ring = replace(self._ring, setups={**self._ring.setups, setup.number: material})
        try:
            self._keep(ring)
        except AccessError:
            self._ring = ring
        self._activate()

    def _high(self, fingerprint: bytes) -> None:
        for setup in self.setups.values():
            for key_id, known in self._ring.fingerprints(setup.material.keys).items():
                if known == fingerprint and key_id is not KeyId.GLOBAL_AUTHENTICATION:
                    self._note(codes.COUNTER_HIGH)
