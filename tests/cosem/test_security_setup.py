"""Class 64: a policy that only grows, keys that change as a whole, certificates of the trusted."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from addad.cosem.classes.security import (
    CertificateByEntity,
    CertificateByEntityType,
    CertificateBySerial,
    CertificateBySerialType,
    CertificateIdentification,
    CertificateIdentificationType,
    CertificateType,
    KeyAgreement,
    KeyTransfer,
    SecurityPolicy,
    SecuritySetup,
    SecuritySetupV0,
    TransferredKey,
)
from addad.cosem.classes.security import CertificateEntity as ListedEntity
from addad.cosem.cosem_object import CosemObject
from addad.cosem.interface_class import Attribute, Method
from addad.cosem.security_material import KeptCertificate, SecurityMaterial
from addad.cosem.security_setup import (
    MAX_CERTIFICATES,
    security_setup_bindings,
    security_setup_v0_bindings,
)
from addad.dlms.results import ActionResult
from addad.dlms.security.certificate_authority import (
    CertificateAuthority,
    CertificateRequest,
    request_certificate,
)
from addad.dlms.security.certificates import Certificate, CertificateEntity, CertificateUse
from addad.dlms.security.key_agreement import agree_ephemeral, read_ephemeral, sign_ephemeral
from addad.dlms.security.keys import KeyId, SymmetricKeys, wrap_key
from addad.dlms.security.suite import SecuritySuite
from addad.errors import AccessError
from addad.obis import Obis

CLIENT, SERVER, THIRD = b"CLI\0\0\0\0\1", b"ADD\0\0\0\0\1", b"THI\0\0\0\0\1"
NOW = datetime(2026, 5, 10, tzinfo=UTC)
FROM, TO = NOW - timedelta(days=1), NOW + timedelta(days=365)
MASTER = b"m" * 16
NAME = Obis.parse("0-0:43.0.0")
SIGNATURE, AGREEMENT = CertificateUse.SIGNATURE, CertificateUse.AGREEMENT
_scalars = count(100)


def private(suite: SecuritySuite = SecuritySuite.SUITE_1) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(next(_scalars), suite.curve)


def authority(suite: SecuritySuite, name: str = "root") -> CertificateAuthority:
    return CertificateAuthority.root(private(suite), name, 1, FROM, TO)


class Keeper:
    """A setup of a suite with public keys: meter and client hold signature certificates."""

    def __init__(self, suite: SecuritySuite = SecuritySuite.SUITE_1, policy: int = 0) -> None:
        self.suite = suite
        self.root = authority(suite)
        self.client_key, self.own_key = private(suite), private(suite)
        octets = suite.key_octets
        keys = SymmetricKeys(b"e" * octets, b"a" * octets, b"b" * octets, b"m" * octets)
        certificates = (
            KeptCertificate(
                CertificateEntity.AUTHORITY, CertificateUse.OTHER, self.root.certificate.der
            ),
            KeptCertificate(CertificateEntity.SERVER, SIGNATURE, self.issue(self.own_key, SERVER)),
            KeptCertificate(
                CertificateEntity.CLIENT, SIGNATURE, self.issue(self.client_key, CLIENT)
            ),
        )
        self.material = SecurityMaterial(
            suite,
            policy,
            SERVER,
            CLIENT,
            keys,
            private_keys={SIGNATURE: self.own_key},
            certificates=certificates,
        )
        self.full = False
        self.object = CosemObject(SecuritySetup, NAME, *security_setup_bindings(self))

    def issue(
        self,
        key: ec.EllipticCurvePrivateKey,
        title: bytes,
        use: CertificateUse = SIGNATURE,
        until: datetime = TO,
        root: CertificateAuthority | None = None,
    ) -> bytes:
        request = CertificateRequest.read(request_certificate(key, title))
        return (root or self.root).issue(request, use, next(_scalars), FROM, until)

    def change(self, material: SecurityMaterial) -> None:
        if self.full:
            raise AccessError(ActionResult.HARDWARE_FAULT)
        self.material = material

    def new_private_key(self, curve: ec.EllipticCurve) -> ec.EllipticCurvePrivateKey:
        return ec.derive_private_key(next(_scalars), curve)

    def now(self) -> datetime:
        return NOW

    def act(self, method: Method, value: object) -> object:
        """What a client gets back from a method, through the octets of both ways."""
        octets = self.object.does[method.index].invoke(method.parameter.to_data(value))
        return None if octets is None else method.result.decode(octets)

    def refused(self, method: Method, value: object) -> int:
        """The result of a method that changes nothing."""
        before = self.material
        with pytest.raises(AccessError) as error:
            self.act(method, value)
        assert self.material is before
        return error.value.result

    def read(self, attribute: Attribute) -> object:
        return attribute.type.decode(self.object.reads[attribute.index].encode(None))


def transfer(key_id: int, key: bytes, master: bytes = MASTER) -> KeyTransfer:
    return KeyTransfer(TransferredKey(key_id), wrap_key(master, key))


@pytest.mark.parametrize("weaker", [0x00, 0x04, 0x48, 0x20])
def test_the_policy_is_only_strengthened(weaker: int) -> None:
    keeper = Keeper(policy=0x24)
    refused = keeper.refused(SecuritySetup.security_activate, SecurityPolicy(weaker))
    assert refused == ActionResult.READ_WRITE_DENIED
    keeper.act(SecuritySetup.security_activate, SecurityPolicy(0x6C))
    assert keeper.read(SecuritySetup.security_policy) == SecurityPolicy(0x6C)


def test_suite_0_cannot_demand_signatures_and_makes_no_key_pairs() -> None:
    keeper = Keeper()
    keys = SymmetricKeys(b"e" * 16, b"a" * 16)
    keeper.material = SecurityMaterial(SecuritySuite.SUITE_0, 0, SERVER, CLIENT, keys)
    setup = SecuritySetup
    assert keeper.refused(setup.security_activate, SecurityPolicy(0x10)) == 250
    assert keeper.refused(setup.generate_key_pair, CertificateType.KEY_AGREEMENT) == 11
    assert keeper.refused(setup.key_agreement, ()) == 11
    assert keeper.refused(setup.key_transfer, (transfer(0, b"n" * 16),)) == 11


def test_keys_change_together() -> None:
    keeper = Keeper()
    keeper.act(
        SecuritySetup.key_transfer,
        (transfer(0, b"1" * 16), transfer(2, b"2" * 16), transfer(3, b"3" * 16)),
    )
    assert keeper.material.keys == SymmetricKeys(b"1" * 16, b"2" * 16, b"b" * 16, b"3" * 16)


@pytest.mark.parametrize(
    ("transfers", "result"),
    [
        ((transfer(0, b"1" * 16), transfer(2, b"2" * 16, b"x" * 16)), 3),
        ((transfer(0, b"1" * 16), transfer(0, b"2" * 16)), 250),
        ((transfer(0, b"1" * 32),), 250),
        ((KeyTransfer(TransferredKey.GLOBAL_UNICAST_ENCRYPTION, b"1" * 16),), 12),
        ((KeyTransfer(TransferredKey.GLOBAL_UNICAST_ENCRYPTION, b""),), 12),
    ],
)
def test_a_key_that_is_wrongly_wrapped_changes_none(
    transfers: tuple[KeyTransfer, ...], result: int
) -> None:
    assert Keeper().refused(SecuritySetup.key_transfer, transfers) == result


def test_a_key_number_that_does_not_exist_is_refused() -> None:
    keeper = Keeper()
    data = SecuritySetup.key_transfer.parameter.to_data((transfer(3, b"1" * 16),))
    wrong = replace_enum(data, 4)
    with pytest.raises(AccessError):
        keeper.object.does[2].invoke(wrong)
    assert keeper.material.keys.master == MASTER


def replace_enum(data, code: int):
    (structure,) = data.value
    number, wrapped = structure.value
    inner = structure._replace(value=(number._replace(value=code), wrapped))
    return data._replace(value=(inner,))


def test_a_change_that_cannot_be_kept_is_told() -> None:
    keeper = Keeper()
    keeper.full = True
    refused = keeper.refused(SecuritySetup.key_transfer, (transfer(0, b"1" * 16),))
    assert refused == ActionResult.HARDWARE_FAULT


@pytest.mark.parametrize("suite", [SecuritySuite.SUITE_1, SecuritySuite.SUITE_2])
def test_both_ends_agree_on_keys_that_never_travel(suite: SecuritySuite) -> None:
    keeper = Keeper(suite)
    ours = {key_id: private(suite) for key_id in (KeyId(0), KeyId(3))}
    asked = tuple(
        KeyAgreement(
            TransferredKey(key_id), sign_ephemeral(keeper.client_key, key.public_key(), key_id)
        )
        for key_id, key in ours.items()
    )
    answers = keeper.act(SecuritySetup.key_agreement, asked)
    agreed = {}
    for number, octets in answers:
        key_id = KeyId(number)
        other = read_ephemeral(suite, keeper.own_key.public_key(), octets, key_id)
        agreed[key_id] = agree_ephemeral(suite, key_id, ours[key_id], other, CLIENT, SERVER)
    keys = keeper.material.keys
    assert (keys.encryption, keys.master) == (agreed[KeyId(0)], agreed[KeyId(3)])
    assert keys.authentication == b"a" * suite.key_octets


def test_a_key_agreement_that_another_signed_is_refused() -> None:
    keeper = Keeper()
    key_id = KeyId.GLOBAL_UNICAST_ENCRYPTION
    forged = sign_ephemeral(private(), private().public_key(), key_id)
    swapped = sign_ephemeral(keeper.client_key, private().public_key(), KeyId.MASTER)
    for octets, result in ((forged, 3), (swapped, 3), (b"short", 12)):
        asked = (KeyAgreement(TransferredKey(key_id), octets),)
        assert keeper.refused(SecuritySetup.key_agreement, asked) == result


def by_entity(
    entity: ListedEntity, title: bytes, kind: CertificateType = CertificateType.DIGITAL_SIGNATURE
) -> CertificateIdentification:
    options = CertificateByEntityType.to_data(CertificateByEntity(entity, kind, title))
    return CertificateIdentification(CertificateIdentificationType.ENTITY, options)


def test_a_new_key_pair_is_used_from_its_certificate_on() -> None:
    keeper = Keeper()
    setup = SecuritySetup
    keeper.act(setup.generate_key_pair, CertificateType.DIGITAL_SIGNATURE)
    assert keeper.material.private_keys[SIGNATURE] is keeper.own_key
    request = keeper.act(setup.generate_certificate_request, CertificateType.DIGITAL_SIGNATURE)
    assert isinstance(request, bytes)
    read = CertificateRequest.read(request)
    assert read.title == SERVER
    issued = keeper.root.issue(read, SIGNATURE, 77, FROM, TO)
    keeper.act(setup.import_certificate, issued)
    used = keeper.material.private_keys[SIGNATURE].public_key().public_numbers()
    assert used == Certificate.read(issued).public_key.public_numbers()
    assert keeper.material.pending_keys == {}
    assert keeper.material.certificate_of(CertificateEntity.SERVER, SIGNATURE) == issued
    assert len(keeper.material.certificates) == 3


def test_a_certificate_of_a_key_that_is_not_ours_is_refused() -> None:
    keeper = Keeper()
    assert keeper.refused(SecuritySetup.import_certificate, keeper.issue(private(), SERVER)) == 3
    assert keeper.refused(SecuritySetup.generate_certificate_request, CertificateType.TLS) == 11


def test_certificates_of_others_are_taken_and_replaced() -> None:
    keeper = Keeper()
    setup = SecuritySetup
    fresh = keeper.issue(private(), CLIENT)
    keeper.act(setup.import_certificate, fresh)
    assert keeper.material.certificate_of(CertificateEntity.CLIENT, SIGNATURE) == fresh
    assert len(keeper.material.certificates) == 3
    third = keeper.issue(private(), THIRD, AGREEMENT)
    keeper.act(setup.import_certificate, third)
    assert keeper.material.certificates[-1] == (CertificateEntity.OTHER, AGREEMENT, third)
    listed = keeper.read(setup.certificates)
    assert [info.certificate_entity for info in listed] == [2, 0, 1, 3]
    assert listed[3].serial_number == Certificate.read(third).serial


def test_only_what_a_trust_anchor_issued_for_this_suite_and_time_is_taken() -> None:
    keeper = Keeper()
    stranger = authority(SecuritySuite.SUITE_1, "stranger")
    wide = authority(SecuritySuite.SUITE_2, "wide")
    wrong = [
        keeper.issue(private(), CLIENT, root=stranger),
        keeper.issue(private(), CLIENT, until=NOW - timedelta(hours=1)),
        keeper.issue(private(SecuritySuite.SUITE_2), CLIENT, root=wide),
        stranger.certificate.der,
        keeper.root.certificate.der,
    ]
    for octets in wrong:
        assert keeper.refused(SecuritySetup.import_certificate, octets) == 3
    assert keeper.refused(SecuritySetup.import_certificate, b"no certificate") == 12


def test_trust_anchors_are_shown_and_not_removed_nor_is_our_own_certificate() -> None:
    keeper = Keeper()
    setup = SecuritySetup
    anchor = keeper.root.certificate
    by_serial = CertificateIdentification(
        CertificateIdentificationType.SERIAL,
        CertificateBySerialType.to_data(CertificateBySerial(anchor.serial, anchor.issuer)),
    )
    assert keeper.act(setup.export_certificate, by_serial) == anchor.der
    assert keeper.refused(setup.remove_certificate, by_serial) == 3
    assert keeper.refused(setup.remove_certificate, by_entity(ListedEntity.SERVER, SERVER)) == 3
    client = by_entity(ListedEntity.CLIENT, CLIENT)
    assert keeper.act(setup.export_certificate, client) == keeper.material.certificates[2].octets
    keeper.act(setup.remove_certificate, client)
    assert keeper.refused(setup.export_certificate, client) == 11


def test_there_is_an_end_to_certificates() -> None:
    keeper = Keeper()
    title = THIRD[:-1]
    for number in range(MAX_CERTIFICATES - 3):
        octets = keeper.issue(private(), title + bytes((number + 1,)))
        keeper.act(SecuritySetup.import_certificate, octets)
    more = keeper.issue(private(), title + b"\xff")
    assert keeper.refused(SecuritySetup.import_certificate, more) == 2


def test_no_attribute_gives_a_key() -> None:
    keeper = Keeper()
    shown = b"".join(bytes(reads.encode(None)) for reads in keeper.object.reads.values())
    for key in (b"e" * 16, b"a" * 16, b"b" * 16, MASTER):
        assert key not in shown


def test_version_0_knows_its_four_policies_and_three_keys() -> None:
    keeper = Keeper()
    old = SecuritySetupV0
    keeper.object = CosemObject(old, NAME, *security_setup_v0_bindings(keeper))
    assert keeper.read(old.security_policy) == 0
    keeper.act(old.security_activate, 1)
    assert keeper.material.policy == 0x24
    keeper.act(old.security_activate, 3)
    assert keeper.read(old.security_policy) == 3
    assert keeper.refused(old.security_activate, 1) == 3
    keeper.act(old.key_transfer, (transfer(1, b"1" * 16),))
    assert keeper.material.keys.broadcast == b"1" * 16
    with pytest.raises(AccessError):
        keeper.object.does[2].invoke(
            SecuritySetup.key_transfer.parameter.to_data((transfer(3, b"1" * 16),))
        )
    unchanged = replace(keeper.material)
    keeper.act(old.key_transfer, (transfer(1, b"1" * 16),))
    assert keeper.material == unchanged
    assert keeper.read(old.server_system_title) == SERVER
    assert keeper.read(old.client_system_title) == CLIENT
    assert keeper.read(old.security_suite) == 1
