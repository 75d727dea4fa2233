"""Certificate requests, and a small authority that issues certificates when a meter is installed.

Green Book, IEC 62056-5-3 (public key infrastructure); PKCS #10. Moments and serial numbers are
arguments, and signatures take no chance: the same arguments give the same octets.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from addad.dlms.security.certificates import (
    CERTIFICATE_MAX,
    UNREADABLE,
    Certificate,
    CertificateUse,
    check_curve,
    check_signature_octets,
    read_title,
    title_alternative,
    title_name,
    to_der,
)
from addad.dlms.security.signatures import hash_of, suite_of
from addad.errors import DecodeError, LocalProtocolError, SecurityError, SecurityFault


@dataclass(frozen=True, slots=True)
class CertificateRequest:
    """A request whose signature verified: its sender holds the private key."""

    title: bytes
    public_key: ec.EllipticCurvePublicKey

    @classmethod
    def read(cls, der: bytes) -> CertificateRequest:
        """Read a request; raises `DecodeError`, or `SecurityError` if its signature is wrong."""
        if len(der) > CERTIFICATE_MAX:
            raise DecodeError(f"a certificate request of {len(der)} octets")
        try:
            parsed = x509.load_der_x509_csr(der)
            key = parsed.public_key()
            title = read_title(parsed.subject, parsed.extensions)
            genuine = parsed.is_signature_valid
        except UNREADABLE as problem:
            raise DecodeError("octets that are no certificate request") from problem
        if not isinstance(key, ec.EllipticCurvePublicKey) or title is None:
            raise DecodeError("a certificate request without system title, or on no curve")
        check_curve(key)
        check_signature_octets(der, parsed.signature)
        if not genuine:
            raise SecurityError(
                "the signature of the certificate request does not verify",
                SecurityFault.SIGNATURE,
            )
        return cls(title, key)


def request_certificate(key: ec.EllipticCurvePrivateKey, title: bytes) -> bytes:
    """The request for a certificate of a key and a system title, in DER."""
    request = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(title_name(title))
        .add_extension(title_alternative(title), critical=False)
        .sign(key, hash_of(key), ecdsa_deterministic=True)
    )
    return request.public_bytes(Encoding.DER)


@dataclass(frozen=True, slots=True, repr=False)
class CertificateAuthority:
    """An authority: its private key, and its own certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: Certificate

    @classmethod
    def root(
        cls,
        key: ec.EllipticCurvePrivateKey,
        name: str,
        serial: int,
        valid_from: datetime,
        valid_to: datetime,
    ) -> CertificateAuthority:
        """An authority that issued its own certificate."""
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        public = key.public_key()
        builder = _builder(subject, subject, public, serial, valid_from, valid_to)
        issued = (
            builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(_usage(None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .sign(key, hash_of(key), ecdsa_deterministic=True)
        )
        return cls(key, Certificate.read(to_der(issued)))

    def issue(
        self,
        request: CertificateRequest,
        use: CertificateUse,
        serial: int,
        valid_from: datetime,
        valid_to: datetime,
    ) -> bytes:
        """The certificate of a party, in DER.

        Raises `LocalProtocolError` for a key on P-384 where the authority's own is on P-256.
        """
        if suite_of(request.public_key) > suite_of(self.key):
            raise LocalProtocolError("a key on P-384 takes an issuer on P-384")
        own = self.key.public_key()
        builder = _builder(
            title_name(request.title),
            self.certificate.parsed.subject,
            request.public_key,
            serial,
            valid_from,
            valid_to,
        )
        issued = (
            builder.add_extension(_usage(use), critical=True)
            .add_extension(title_alternative(request.title), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(own), critical=False)
            .sign(self.key, hash_of(self.key), ecdsa_deterministic=True)
        )
        return to_der(issued)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    serial: int,
    valid_from: datetime,
    valid_to: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(serial)
        .not_valid_before(valid_from)
        .not_valid_after(valid_to)
    )


def _usage(use: CertificateUse | None) -> x509.KeyUsage:
    """The key usage of a party's certificate, or of an authority's."""
    authority = use is None
    return x509.KeyUsage(
        digital_signature=use in (CertificateUse.SIGNATURE, CertificateUse.TLS),
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=use in (CertificateUse.AGREEMENT, CertificateUse.TLS),
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )
