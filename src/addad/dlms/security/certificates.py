"""X.509 certificates of DLMS parties: whose key it is, and for what it may be used.

Green Book, IEC 62056-5-3 (public key certificates); Blue Book (Security setup). The system title
stands in the subject's common name as hexadecimal digits, or in the subject alternative name as the
serial number of a hardware module; stacks differ, so both are read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID

from addad.dlms.octets import Cursor, encode_octet_string
from addad.dlms.security.signatures import suite_of
from addad.dlms.security.suite import TITLE_OCTETS, SecuritySuite
from addad.errors import DecodeError, LocalProtocolError, SecurityError, SecurityFault

CERTIFICATE_MAX: Final = 4096
"""The longest certificate or request that is read, in octets."""
SERIAL_OCTETS_MAX: Final = 20

_HARDWARE_MODULE_NAME: Final = x509.ObjectIdentifier("1.3.6.1.5.5.7.8.4")
_INTEGER, _BIT_STRING, _OCTET_STRING, _OBJECT_IDENTIFIER, _SEQUENCE = 0x02, 0x03, 0x04, 0x06, 0x30
_HARDWARE_TYPE: Final = bytes.fromhex("6085740508")
"""The type of the module in a name made here: the arc of DLMS UA."""

_UNDERSTOOD: Final = frozenset(
    (
        ExtensionOID.KEY_USAGE,
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.CERTIFICATE_POLICIES,
    )
)
"""Extensions that may be critical: another one limits the certificate in a way not known here."""

UNREADABLE: Final = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
"""What the parser of X.509 raises for octets that it cannot read."""


class CertificateEntity(IntEnum):
    """Whose certificate it is, as Security setup numbers them."""

    SERVER = 0
    CLIENT = 1
    AUTHORITY = 2
    OTHER = 3


class CertificateUse(IntEnum):
    """What its key is for, as Security setup numbers them."""

    SIGNATURE = 0
    AGREEMENT = 1
    TLS = 2
    OTHER = 3


@dataclass(frozen=True, slots=True)
class EntityIdentification:
    """A certificate named by whose it is and what for."""

    entity: CertificateEntity
    use: CertificateUse
    title: bytes


@dataclass(frozen=True, slots=True)
class SerialIdentification:
    """A certificate named by its serial number and its issuer, as they came."""

    serial: bytes
    issuer: bytes


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that was read; nothing of it is verified yet."""

    der: bytes
    parsed: x509.Certificate
    public_key: ec.EllipticCurvePublicKey
    use: CertificateUse
    title: bytes | None
    """The owner's system title, which an authority need not have."""
    authority: bool
    """Whether it may issue others."""
    serial: bytes
    """The serial number, big-endian, without leading zeros."""
    issuer: bytes
    """The issuer's name in DER."""
    subject: bytes
    """The owner's name in DER."""
    alternative_name: bytes
    """The subject alternative name in DER, empty without one."""

    @classmethod
    def read(cls, der: bytes) -> Certificate:
        """Read a certificate; raises `DecodeError` for what is none of this kind."""
        if len(der) > CERTIFICATE_MAX:
            raise DecodeError(f"a certificate of {len(der)} octets")
        try:
            return cls._read(der, x509.load_der_x509_certificate(der))
        except UNREADABLE as problem:
            raise DecodeError("octets that are no certificate") from problem

    @classmethod
    def _read(cls, der: bytes, parsed: x509.Certificate) -> Certificate:
        extensions = parsed.extensions
        key = parsed.public_key()
        if parsed.version is not x509.Version.v3:
            raise DecodeError("a certificate that is not of version 3")
        if not isinstance(key, ec.EllipticCurvePublicKey):
            raise DecodeError("a certificate whose key is on no curve")
        check_curve(key)
        check_signature_octets(der, parsed.signature)
        if any(one.critical and one.oid not in _UNDERSTOOD for one in extensions):
            raise DecodeError("a certificate with a critical extension that is not known")
        number = parsed.serial_number
        if number < 1 or number.bit_length() > 8 * SERIAL_OCTETS_MAX:
            raise DecodeError("a certificate without serial number, or with one too long")
        usage = _key_usage(extensions)
        authority = usage.key_cert_sign and _is_authority(extensions)
        title = read_title(parsed.subject, extensions)
        if title is None and not authority:
            raise DecodeError("a certificate without system title")
        return cls(
            der,
            parsed,
            key,
            _use(usage),
            title,
            authority,
            number.to_bytes((number.bit_length() + 7) // 8, "big"),
            parsed.issuer.public_bytes(),
            parsed.subject.public_bytes(),
            _alternative_name(extensions),
        )

    @property
    def suite(self) -> SecuritySuite:
        """The suite whose curve the key is on."""
        return suite_of(self.public_key)

    def verify(self, issuer: Certificate, now: datetime) -> None:
        """Raise `SecurityError` unless the issuer issued it, and both are valid at the moment."""
        for certificate in (self, issuer):
            parsed = certificate.parsed
            if not parsed.not_valid_before_utc <= now <= parsed.not_valid_after_utc:
                raise _refused("a certificate that is not valid now")
        if not issuer.authority:
            raise _refused("its issuer may issue no certificates")
        if self.suite > issuer.suite:
            raise _refused("a key on P-384 takes an issuer on P-384")
        try:
            self.parsed.verify_directly_issued_by(issuer.parsed)
        except (InvalidSignature, ValueError, TypeError):
            raise _refused("it was not issued by this issuer") from None

    def need(self, use: CertificateUse, suite: SecuritySuite) -> None:
        """Raise `SecurityError` unless its key may be used for this, in this suite."""
        if self.use != use or self.authority:
            raise _refused(f"it is not for {use.name.lower()}")
        if self.suite != suite:
            raise _refused(f"its key is not of suite {suite:d}")

    def is_identified(
        self, entity: CertificateEntity, by: EntityIdentification | SerialIdentification
    ) -> bool:
        """Whether this certificate of an entity is the one that is named.

        The serial number may come as plain octets or as a DER integer, the issuer in DER or as
        text: stacks differ.
        """
        if isinstance(by, EntityIdentification):
            return (by.entity, by.use, by.title) == (entity, self.use, self.title or b"")
        serial = by.serial
        if serial[:1] == bytes((_INTEGER,)) and len(serial) > 2 and serial[1] == len(serial) - 2:
            serial = serial[2:]
        text = self.parsed.issuer.rfc4514_string().encode()
        return serial.lstrip(b"\0") == self.serial and by.issuer in (self.issuer, text)


def read_title(subject: x509.Name, extensions: x509.Extensions) -> bytes | None:
    """The system title in a name or in its alternative; raises `DecodeError` if they differ."""
    found = {title for title in (_common_name(subject), _module_name(extensions)) if title}
    if len(found) > 1:
        raise DecodeError("two system titles in one certificate")
    return found.pop() if found else None


def title_name(title: bytes) -> x509.Name:
    """The subject of a party: its system title in hexadecimal digits as common name."""
    if len(title) != TITLE_OCTETS:
        raise LocalProtocolError(f"a system title has {TITLE_OCTETS} octets")
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, title.hex().upper())])


def title_alternative(title: bytes) -> x509.SubjectAlternativeName:
    """The alternative name of a party: its system title as serial number of a hardware module."""
    parts = bytes((_OBJECT_IDENTIFIER,)) + encode_octet_string(_HARDWARE_TYPE)
    parts += bytes((_OCTET_STRING,)) + encode_octet_string(title)
    value = bytes((_SEQUENCE,)) + encode_octet_string(parts)
    return x509.SubjectAlternativeName([x509.OtherName(_HARDWARE_MODULE_NAME, value)])


def _common_name(subject: x509.Name) -> bytes | None:
    for attribute in subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME):
        text = attribute.value
        if isinstance(text, str) and len(text) == 2 * TITLE_OCTETS:
            try:
                title = bytes.fromhex(text)
            except ValueError:
                continue
            if len(title) == TITLE_OCTETS:
                return title
    return None


def _module_name(extensions: x509.Extensions) -> bytes | None:
    try:
        names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return None
    for name in names.get_values_for_type(x509.OtherName):
        if name.type_id == _HARDWARE_MODULE_NAME:
            outer = Cursor(name.value)
            inner = Cursor(_tagged(outer, _SEQUENCE))
            outer.expect_end()
            _tagged(inner, _OBJECT_IDENTIFIER)
            serial = _tagged(inner, _OCTET_STRING)
            inner.expect_end()
            if len(serial) != TITLE_OCTETS:
                raise DecodeError(f"a system title of {len(serial)} octets")
            return serial
    return None


def _tagged(cursor: Cursor, tag: int) -> bytes:
    found = cursor.u8()
    if found != tag:
        raise DecodeError(f"{tag:02X} expected in a hardware module's name, {found:02X} found")
    return cursor.octet_string()


def _alternative_name(extensions: x509.Extensions) -> bytes:
    try:
        return extensions.get_extension_for_class(x509.SubjectAlternativeName).value.public_bytes()
    except x509.ExtensionNotFound:
        return b""


def _key_usage(extensions: x509.Extensions) -> x509.KeyUsage:
    try:
        found = extensions.get_extension_for_class(x509.KeyUsage)
    except x509.ExtensionNotFound:
        raise DecodeError("a certificate that does not say what its key is for") from None
    if not found.critical:
        raise DecodeError("a certificate whose key usage is not critical")
    return found.value


def _is_authority(extensions: x509.Extensions) -> bool:
    try:
        return extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _use(usage: x509.KeyUsage) -> CertificateUse:
    if usage.digital_signature and usage.key_agreement:
        return CertificateUse.TLS
    if usage.digital_signature:
        return CertificateUse.SIGNATURE
    return CertificateUse.AGREEMENT if usage.key_agreement else CertificateUse.OTHER


def check_curve(key: ec.EllipticCurvePublicKey) -> None:
    """Raise `DecodeError` for a key on a curve of no suite."""
    try:
        suite_of(key)
    except LocalProtocolError as problem:
        raise DecodeError(str(problem)) from None


def check_signature_octets(der: bytes, signature: bytes) -> None:
    """Raise `DecodeError` unless the octets end with the signature, as a string of whole octets.

    The count of unused bits is the one octet that no signature covers.
    """
    if not der.endswith(bytes((_BIT_STRING,)) + encode_octet_string(b"\0" + signature)):
        raise DecodeError("a signature that is no string of whole octets")


def _refused(why: str) -> SecurityError:
    return SecurityError(f"the certificate is refused: {why}", SecurityFault.CERTIFICATE)


def to_der(certificate: x509.Certificate) -> bytes:
    """The octets of a certificate."""
    return certificate.public_bytes(Encoding.DER)
