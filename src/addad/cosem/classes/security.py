"""Interface class for keys, certificates and the security policy: Security setup.

Blue Book: class 64 (versions 0 and 1).
"""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import Final, NamedTuple

from addad.cosem.classes.choices import Flags
from addad.cosem.interface_class import Attribute, InterfaceClass, Method
from addad.dlms.data import Data
from addad.dlms.security.suite import TITLE_OCTETS, SecuritySuite
from addad.dlms.types import AnyData, Array, Enum, OctetString, Structure


class SecurityPolicyV0(IntEnum):
    """What every message must be, in version 0."""

    NOTHING = 0
    AUTHENTICATED = 1
    ENCRYPTED = 2
    AUTHENTICATED_AND_ENCRYPTED = 3


class SecurityPolicy(IntFlag):
    """What every request, and every response, must be, in version 1."""

    NOTHING = 0
    AUTHENTICATED_REQUEST = 0x04
    ENCRYPTED_REQUEST = 0x08
    SIGNED_REQUEST = 0x10
    AUTHENTICATED_RESPONSE = 0x20
    ENCRYPTED_RESPONSE = 0x40
    SIGNED_RESPONSE = 0x80


class TransferredKeyV0(IntEnum):
    """Which key a transfer replaces, in version 0."""

    GLOBAL_UNICAST_ENCRYPTION = 0
    GLOBAL_BROADCAST_ENCRYPTION = 1
    GLOBAL_AUTHENTICATION = 2


class TransferredKey(IntEnum):
    """Which key a transfer or an agreement replaces, in version 1."""

    GLOBAL_UNICAST_ENCRYPTION = 0
    GLOBAL_BROADCAST_ENCRYPTION = 1
    GLOBAL_AUTHENTICATION = 2
    MASTER = 3


class KeyTransferV0(NamedTuple):
    """A new key under the master key."""

    key_id: TransferredKeyV0
    key_wrapped: bytes


class KeyTransfer(NamedTuple):
    """A new key under the master key."""

    key_id: TransferredKey
    key_wrapped: bytes


class KeyAgreement(NamedTuple):
    """An ephemeral public key, and the signature over the key's number and it."""

    key_id: TransferredKey
    key_data: bytes


_KeyAgreements: Final = Array(Structure(KeyAgreement, Enum(TransferredKey), OctetString()))


class CertificateEntity(IntEnum):
    """Whose certificate it is."""

    SERVER = 0
    CLIENT = 1
    CERTIFICATION_AUTHORITY = 2
    OTHER = 3


class CertificateType(IntEnum):
    """What a key pair and its certificate are for."""

    DIGITAL_SIGNATURE = 0
    KEY_AGREEMENT = 1
    TLS = 2
    OTHER = 3
    """Of an authority's certificate; no key pair is made for it."""


class CertificateInfo(NamedTuple):
    """A certificate that the meter holds."""

    certificate_entity: CertificateEntity
    certificate_type: CertificateType
    serial_number: bytes
    issuer: bytes
    subject: bytes
    subject_alt_name: bytes


CertificateInfoType: Final = Structure(
    CertificateInfo,
    Enum(CertificateEntity),
    Enum(CertificateType),
    OctetString(),
    OctetString(),
    OctetString(),
    OctetString(),
)


class CertificateIdentificationType(IntEnum):
    """By what a certificate is named."""

    ENTITY = 0
    SERIAL = 1


class CertificateIdentification(NamedTuple):
    """Which certificate; the options are `CertificateByEntity` or `CertificateBySerial`."""

    certificate_identification_type: CertificateIdentificationType
    certification_identification_options: Data


class CertificateByEntity(NamedTuple):
    """The certificate of an entity, for a purpose."""

    certificate_entity: CertificateEntity
    certificate_type: CertificateType
    system_title: bytes


CertificateByEntityType: Final = Structure(
    CertificateByEntity, Enum(CertificateEntity), Enum(CertificateType), OctetString()
)


class CertificateBySerial(NamedTuple):
    """The certificate that an issuer gave a number."""

    serial_number: bytes
    issuer: bytes


CertificateBySerialType: Final = Structure(CertificateBySerial, OctetString(), OctetString())
CertificateIdentificationElement: Final = Structure(
    CertificateIdentification, Enum(CertificateIdentificationType), AnyData
)


class _SecuritySetup(InterfaceClass):
    """What both versions share; a title may be empty while it is not known."""

    security_suite = Attribute(3, Enum(SecuritySuite))
    client_system_title = Attribute(4, OctetString())
    server_system_title = Attribute(5, OctetString(TITLE_OCTETS))


class SecuritySetupV0(_SecuritySetup):
    """Policy, suite and system titles; new global keys under the master key."""

    class_id, version = 64, 0

    security_policy = Attribute(2, Enum(SecurityPolicyV0))
    security_activate = Method(1, Enum(SecurityPolicyV0))
    key_transfer = Method(2, Array(Structure(KeyTransferV0, Enum(TransferredKeyV0), OctetString())))


class SecuritySetup(_SecuritySetup):
    """Policy, suite, system titles and certificates; new keys by transfer or agreement.

    The policy can only be strengthened. Certificates are X.509 in DER, requests PKCS #10 in DER.
    """

    class_id, version = 64, 1

    security_policy = Attribute(2, Flags(SecurityPolicy))
    certificates = Attribute(6, Array(CertificateInfoType))
    security_activate = Method(1, Flags(SecurityPolicy))
    key_transfer = Method(2, Array(Structure(KeyTransfer, Enum(TransferredKey), OctetString())))
    key_agreement = Method(3, _KeyAgreements, _KeyAgreements)
    generate_key_pair = Method(4, Enum(CertificateType))
    generate_certificate_request = Method(5, Enum(CertificateType), OctetString())
    import_certificate = Method(6, OctetString())
    export_certificate = Method(7, CertificateIdentificationElement, OctetString())
    remove_certificate = Method(8, CertificateIdentificationElement)
