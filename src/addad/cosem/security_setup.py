"""The Security setup object: policy, keys and certificates, as clients read and change them.

Blue Book, class 64 (versions 0 and 1); Green Book, IEC 62056-5-3 (key transfer, key agreement).
Whatever a method changes, it changes whole or not at all, and the caller keeps it. Sources differ
on whether a meter's own certificate may be removed; here it is replaced and not removed, so that
nobody can shut himself out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Final, Protocol

from cryptography.hazmat.primitives.asymmetric import ec

from addad.cosem.classes.security import (
    CertificateByEntityType,
    CertificateBySerialType,
    CertificateIdentification,
    CertificateIdentificationType,
    CertificateInfo,
    CertificateType,
    KeyAgreement,
    KeyTransfer,
    KeyTransferV0,
    SecurityPolicy,
    SecurityPolicyV0,
    SecuritySetup,
    SecuritySetupV0,
    TransferredKey,
)
from addad.cosem.classes.security import CertificateEntity as ListedEntity
from addad.cosem.interface_class import Binding
from addad.cosem.security_material import (
    KeptCertificate,
    SecurityMaterial,
    keys_of,
    named_keys,
)
from addad.dlms.results import ActionResult
from addad.dlms.security.certificate_authority import request_certificate
from addad.dlms.security.certificates import (
    Certificate,
    CertificateEntity,
    CertificateUse,
    EntityIdentification,
    SerialIdentification,
)
from addad.dlms.security.key_agreement import agree_ephemeral, read_ephemeral, sign_ephemeral
from addad.dlms.security.keys import KeyId, unwrap_key
from addad.dlms.security.suite import SecuritySuite
from addad.errors import AccessError, DecodeError, SecurityError

MAX_CERTIFICATES: Final = 24
"""How many certificates a setup holds."""

_SIGNATURES: Final = SecurityPolicy.SIGNED_REQUEST | SecurityPolicy.SIGNED_RESPONSE
_POLICY_OF_V0: Final = {
    SecurityPolicyV0.NOTHING: SecurityPolicy.NOTHING,
    SecurityPolicyV0.AUTHENTICATED: (
        SecurityPolicy.AUTHENTICATED_REQUEST | SecurityPolicy.AUTHENTICATED_RESPONSE
    ),
    SecurityPolicyV0.ENCRYPTED: (
        SecurityPolicy.ENCRYPTED_REQUEST | SecurityPolicy.ENCRYPTED_RESPONSE
    ),
    SecurityPolicyV0.AUTHENTICATED_AND_ENCRYPTED: (
        SecurityPolicy.AUTHENTICATED_REQUEST
        | SecurityPolicy.AUTHENTICATED_RESPONSE
        | SecurityPolicy.ENCRYPTED_REQUEST
        | SecurityPolicy.ENCRYPTED_RESPONSE
    ),
}


@lru_cache(4 * MAX_CERTIFICATES)
def _kept(octets: bytes) -> Certificate:
    """A certificate that is held, read once: clients list them as often as they like."""
    return Certificate.read(octets)


class SetupKeeper(Protocol):
    """Who keeps what a security setup holds, and has chance and time."""

    @property
    def material(self) -> SecurityMaterial:
        """What the setup holds now."""

    def change(self, material: SecurityMaterial) -> None:
        """Keep another material, durably; raises `AccessError` when that cannot be."""

    def new_private_key(self, curve: ec.EllipticCurve) -> ec.EllipticCurvePrivateKey:
        """A private key that nobody else has."""

    def now(self) -> datetime:
        """The time, by which certificates are valid."""


def security_setup_bindings(keeper: SetupKeeper) -> tuple[Binding, ...]:
    """The rows of a Security setup object of version 1."""
    setup, methods = SecuritySetup, _Methods(keeper)
    return (
        setup.security_policy.reads(lambda: SecurityPolicy(keeper.material.policy)),
        setup.security_suite.reads(lambda: keeper.material.suite),
        setup.client_system_title.reads(lambda: keeper.material.client_title or b""),
        setup.server_system_title.reads(lambda: keeper.material.server_title),
        setup.certificates.reads(methods.list_certificates),
        setup.security_activate.does(methods.activate, costly=True),
        setup.key_transfer.does(methods.transfer, costly=True),
        setup.key_agreement.does(methods.agree, costly=True),
        setup.generate_key_pair.does(methods.generate_key_pair, costly=True),
        setup.generate_certificate_request.does(methods.request, costly=True),
        setup.import_certificate.does(methods.import_certificate, costly=True),
        setup.export_certificate.does(methods.export_certificate),
        setup.remove_certificate.does(methods.remove_certificate, costly=True),
    )


def security_setup_v0_bindings(keeper: SetupKeeper) -> tuple[Binding, ...]:
    """The rows of a Security setup object of version 0."""
    setup, methods = SecuritySetupV0, _Methods(keeper)
    return (
        setup.security_policy.reads(
            lambda: SecurityPolicyV0(keeper.material.required.request & 0b11)
        ),
        setup.security_suite.reads(lambda: keeper.material.suite),
        setup.client_system_title.reads(lambda: keeper.material.client_title or b""),
        setup.server_system_title.reads(lambda: keeper.material.server_title),
        setup.security_activate.does(
            lambda policy: methods.activate(_POLICY_OF_V0[policy]), costly=True
        ),
        setup.key_transfer.does(methods.transfer, costly=True),
    )


class _Methods:
    """What the methods of a setup do; each raises `AccessError` and then has changed nothing."""

    def __init__(self, keeper: SetupKeeper) -> None:
        self._keeper = keeper

    def activate(self, policy: SecurityPolicy) -> None:
        """Demand more from now on; less is refused."""
        material = self._keeper.material
        if policy & material.policy != material.policy:
            raise AccessError(ActionResult.READ_WRITE_DENIED)
        if policy & _SIGNATURES and material.suite == SecuritySuite.SUITE_0:
            raise AccessError(ActionResult.OTHER_REASON)
        self._keeper.change(replace(material, policy=int(policy)))

    # --- keys

    def transfer(self, transfers: Sequence[KeyTransfer | KeyTransferV0]) -> None:
        """Take new keys that are wrapped by the master key, all or none."""
        material = self._keeper.material
        master = material.keys.master
        if master is None:
            raise AccessError(ActionResult.OBJECT_UNAVAILABLE)
        fresh: dict[KeyId, bytes] = {}
        for key_id, wrapped in transfers:
            try:
                key = unwrap_key(master, wrapped)
            except DecodeError:
                raise AccessError(ActionResult.TYPE_UNMATCHED) from None
            except SecurityError:
                raise AccessError(ActionResult.READ_WRITE_DENIED) from None
            self._take(fresh, KeyId(key_id), key)
        self._replace_keys(fresh)

    def agree(self, agreements: Sequence[KeyAgreement]) -> tuple[KeyAgreement, ...]:
        """Agree on new keys by ephemeral ones that are signed by both ends, all or none."""
        material = self._keeper.material
        suite, client = material.suite, material.client_title
        own = material.private_keys.get(CertificateUse.SIGNATURE)
        peer = material.certificate_of(CertificateEntity.CLIENT, CertificateUse.SIGNATURE)
        if suite == SecuritySuite.SUITE_0 or own is None or peer is None or client is None:
            raise AccessError(ActionResult.OBJECT_UNAVAILABLE)
        signer = _kept(peer).public_key
        fresh: dict[KeyId, bytes] = {}
        answers = []
        for number, octets in agreements:
            key_id = KeyId(number)
            try:
                ephemeral = read_ephemeral(suite, signer, octets, key_id)
            except DecodeError:
                raise AccessError(ActionResult.TYPE_UNMATCHED) from None
            except SecurityError:
                raise AccessError(ActionResult.READ_WRITE_DENIED) from None
            ours = self._keeper.new_private_key(suite.curve)
            key = agree_ephemeral(suite, key_id, ours, ephemeral, client, material.server_title)
            self._take(fresh, key_id, key)
            answer = sign_ephemeral(own, ours.public_key(), key_id)
            answers.append(KeyAgreement(TransferredKey(number), answer))
        self._replace_keys(fresh)
        return tuple(answers)

    def _take(self, fresh: dict[KeyId, bytes], key_id: KeyId, key: bytes) -> None:
        if key_id in fresh or len(key) != self._keeper.material.suite.key_octets:
            raise AccessError(ActionResult.OTHER_REASON)
        fresh[key_id] = key

    def _replace_keys(self, fresh: dict[KeyId, bytes]) -> None:
        material = self._keeper.material
        keys = keys_of({**named_keys(material.keys), **fresh})
        if keys != material.keys:
            self._keeper.change(replace(material, keys=keys))

    # --- key pairs and certificates

    def generate_key_pair(self, purpose: CertificateType) -> None:
        """Make a key pair; it is used from when a certificate for it is imported."""
        material = self._keeper.material
        if material.suite == SecuritySuite.SUITE_0 or purpose is CertificateType.OTHER:
            raise AccessError(ActionResult.OBJECT_UNAVAILABLE)
        key = self._keeper.new_private_key(material.suite.curve)
        pending = {**material.pending_keys, CertificateUse(purpose): key}
        self._keeper.change(replace(material, pending_keys=pending))

    def request(self, purpose: CertificateType) -> bytes:
        """A request for the certificate of the key pair that was made last."""
        material, use = self._keeper.material, CertificateUse(purpose)
        key = material.pending_keys.get(use) or material.private_keys.get(use)
        if key is None:
            raise AccessError(ActionResult.OBJECT_UNAVAILABLE)
        return request_certificate(key, material.server_title)

    def import_certificate(self, octets: bytes) -> None:
        """Take a certificate of a party in place of the one before; never of an authority."""
        material = self._keeper.material
        try:
            certificate = Certificate.read(octets)
        except DecodeError:
            raise AccessError(ActionResult.TYPE_UNMATCHED) from None
        self._verify(certificate)
        entity = self._entity(certificate)
        if entity is CertificateEntity.SERVER:
            material = self._with_key_of(certificate)
        kept = [
            held
            for held in material.certificates
            if held.entity != entity
            or held.use != certificate.use
            or _kept(held.octets).title != certificate.title
        ]
        if len(kept) >= MAX_CERTIFICATES:
            raise AccessError(ActionResult.TEMPORARY_FAILURE)
        kept.append(KeptCertificate(entity, certificate.use, octets))
        self._keeper.change(replace(material, certificates=tuple(kept)))

    def export_certificate(self, which: CertificateIdentification) -> bytes:
        """The certificate that is named, in DER; a trust anchor's too."""
        return self._named(which).octets

    def remove_certificate(self, which: CertificateIdentification) -> None:
        """Forget the certificate of a client or another party."""
        named = self._named(which)
        if named.entity in (CertificateEntity.AUTHORITY, CertificateEntity.SERVER):
            raise AccessError(ActionResult.READ_WRITE_DENIED)
        material = self._keeper.material
        left = tuple(held for held in material.certificates if held is not named)
        self._keeper.change(replace(material, certificates=left))

    def list_certificates(self) -> tuple[CertificateInfo, ...]:
        """Attribute 6: the certificates that are held, those of authorities too."""
        listed = []
        for entity, use, octets in self._keeper.material.certificates:
            known = _kept(octets)
            listed.append(
                CertificateInfo(
                    ListedEntity(entity),
                    CertificateType(use),
                    known.serial,
                    known.issuer,
                    known.subject,
                    known.alternative_name,
                )
            )
        return tuple(listed)

    def _verify(self, certificate: Certificate) -> None:
        """Refuse a certificate that none of the trust anchors issued for this suite."""
        material = self._keeper.material
        if certificate.authority:
            raise AccessError(ActionResult.READ_WRITE_DENIED)
        now = self._keeper.now()
        anchors = [
            _kept(held.octets)
            for held in material.certificates
            if held.entity is CertificateEntity.AUTHORITY
        ]
        for anchor in anchors:
            try:
                certificate.need(certificate.use, material.suite)
                certificate.verify(anchor, now)
            except SecurityError:
                continue
            return
        raise AccessError(ActionResult.READ_WRITE_DENIED)

    def _entity(self, certificate: Certificate) -> CertificateEntity:
        material = self._keeper.material
        if certificate.title == material.server_title:
            return CertificateEntity.SERVER
        if certificate.title == material.client_title:
            return CertificateEntity.CLIENT
        return CertificateEntity.OTHER

    def _with_key_of(self, certificate: Certificate) -> SecurityMaterial:
        """The material in which a key pair of ours is used, now that it has its certificate."""
        material, use = self._keeper.material, certificate.use
        wanted = certificate.public_key.public_numbers()
        pending = material.pending_keys.get(use)
        if pending is not None and pending.public_key().public_numbers() == wanted:
            left = {name: key for name, key in material.pending_keys.items() if name != use}
            used = {**material.private_keys, use: pending}
            return replace(material, private_keys=used, pending_keys=left)
        current = material.private_keys.get(use)
        if current is None or current.public_key().public_numbers() != wanted:
            raise AccessError(ActionResult.READ_WRITE_DENIED)
        return material

    def _named(self, which: CertificateIdentification) -> KeptCertificate:
        kind, options = which
        by: EntityIdentification | SerialIdentification
        try:
            if kind is CertificateIdentificationType.ENTITY:
                entity, purpose, title = CertificateByEntityType.from_data(options)
                by = EntityIdentification(CertificateEntity(entity), CertificateUse(purpose), title)
            else:
                by = SerialIdentification(*CertificateBySerialType.from_data(options))
        except DecodeError:
            raise AccessError(ActionResult.TYPE_UNMATCHED) from None
        for held in self._keeper.material.certificates:
            if _kept(held.octets).is_identified(held.entity, by):
                return held
        raise AccessError(ActionResult.OBJECT_UNAVAILABLE)
