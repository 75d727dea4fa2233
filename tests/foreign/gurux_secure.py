"""The client of gurux-dlms with any mechanism, suite and ciphering, over any of our transports.

It prints what it finds odd, and its keys; pytest keeps that to itself.
"""

import contextlib
import hashlib
import importlib
import socket
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from addad.cosem.hdlc_server import LOWER
from addad.dlms.acse import Mechanism
from addad.obis import Obis
from foreign.foreign_clients import ANSWER_S, GuruxClient
from foreign.secured_device import (
    CLIENT_TITLE,
    SECRET,
    made_key,
    private,
    sap_of,
)

HOST = "127.0.0.1"
CHALLENGE = bytes(range(40, 72))
SHORT = 16
"""Octets of a challenge beside a long dedicated key: gurux-dlms 1.0.203 writes the length of an
AARQ in one octet, whatever it is."""
LINK_TCP, LINK_UDP, LINK_HDLC = "tcp", "udp", "hdlc"


def take_p384(patch: pytest.MonkeyPatch) -> None:
    """Let gurux-dlms 1.0.203 sign on P-384: it names P-256 twice where it chooses a curve."""
    from gurux_dlms.ecdsa.enums.Ecc import Ecc

    module = importlib.import_module("gurux_dlms.ecdsa.GXEcdsa")
    patch.setattr(module, "Ecc", SimpleNamespace(P256=Ecc.P384))
    patch.setattr(module, "hashlib", SimpleNamespace(sha256=hashlib.sha384))
    patch.setattr(module.GXEcdsa, "_GXEcdsa__schemeSize", classmethod(lambda *_: 48))


class KeyRing(NamedTuple):
    """What a client was provisioned with."""

    client_title: bytes
    encryption: bytes
    authentication: bytes
    secret: bytes
    signing: ec.EllipticCurvePrivateKey | None
    meter_signing: ec.EllipticCurvePublicKey | None


def own_ring(suite: int) -> KeyRing:
    """The keys of a client of the meter of these tests."""
    signing = private("client SIGNATURE", suite) if suite else None
    meter_signing = private("meter SIGNATURE", suite).public_key() if suite else None
    encryption, authentication = (made_key(n, suite) for n in ("encryption", "authentication"))
    return KeyRing(CLIENT_TITLE, encryption, authentication, SECRET, signing, meter_signing)


class GuruxSecureClient(GuruxClient):
    """gurux-dlms under keys; `ciphered` is its application context, `general` its envelopes."""

    name = "gurux-dlms"

    def __init__(
        self,
        port: int,
        mechanism: Mechanism,
        suite: int,
        *,
        link: str = LINK_TCP,
        ciphered: bool = True,
        security: str = "AUTHENTICATION_ENCRYPTION",
        general: bool = False,
        dedicated: bool = False,
        password: bytes | None = None,
        first: int = 1,
        client_sap: int | None = None,
        line: Any = None,
        ring: KeyRing | None = None,
    ) -> None:
        """`line` is an open serial port that speaks HDLC; `port` is nothing then."""
        from gurux_dlms import GXDLMSClient
        from gurux_dlms.ecdsa.GXPrivateKey import GXPrivateKey
        from gurux_dlms.ecdsa.GXPublicKey import GXPublicKey
        from gurux_dlms.enums import Authentication, Conformance, InterfaceType, Security
        from gurux_dlms.objects.enums import SecuritySuite
        from gurux_dlms.secure import GXDLMSSecureClient

        hdlc = link == LINK_HDLC or line is not None
        self._hdlc = hdlc
        self._high = mechanism > Mechanism.LOW
        ring = ring or own_ring(suite)
        secret = ring.secret if mechanism is Mechanism.HIGH_SHA256 else password
        client = GXDLMSSecureClient(
            True,
            sap_of(mechanism, suite, ciphered=ciphered) if client_sap is None else client_sap,
            GXDLMSClient.getServerAddress(1, LOWER) if hdlc else 1,
            Authentication(int(mechanism)),
            secret,
            InterfaceType.HDLC if hdlc else InterfaceType.WRAPPER,
        )
        if hdlc:
            client.serverAddressSize = 2
        client.ctoSChallenge = CHALLENGE[:SHORT] if dedicated else CHALLENGE
        client.useProtectedRelease = ciphered
        if not general:
            client.proposedConformance &= ~Conformance.GENERAL_PROTECTION
        cipher = client.ciphering
        cipher.security = Security[security] if ciphered else Security.NONE
        cipher.securitySuite = SecuritySuite(suite)
        cipher.systemTitle = ring.client_title
        cipher.blockCipherKey = ring.encryption
        cipher.authenticationKey = ring.authentication
        cipher.invocationCounter = first
        if dedicated:
            cipher.dedicatedKey = made_key("dedicated", suite)
        if mechanism is Mechanism.HIGH_ECDSA:
            assert ring.signing is not None
            assert ring.meter_signing is not None
            size = 48 if suite == 2 else 32
            point = ring.meter_signing.public_numbers()
            scalar = ring.signing.private_numbers().private_value
            octets = b"\x04" + point.x.to_bytes(size, "big") + point.y.to_bytes(size, "big")
            cipher.signingKeyPair = (
                GXPublicKey.fromRawBytes(octets),
                GXPrivateKey.fromRawBytes(scalar.to_bytes(size, "big")),
            )
        self._client = client
        if line is not None:
            self._socket = line
        elif link == LINK_UDP:
            self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self._socket.settimeout(ANSWER_S)
            self._socket.connect((HOST, port))
        else:
            self._socket = socket.create_connection((HOST, port), ANSWER_S)

    @property
    def core(self) -> Any:
        """Their client itself."""
        return self._client

    def request(self, frames: Any) -> Any:
        """Send what their client made, and give its reading of the answer."""
        reply = None
        for frame in frames if isinstance(frames, list) else [frames]:
            reply = self._request(frame)
        return reply

    def open(self) -> None:
        if self._hdlc:
            self._client.parseUAResponse(self._request(self._client.snrmRequest()).data)
        super().open()
        if self._high:
            reply = self._request(self._client.getApplicationAssociationRequest())
            self._client.parseApplicationAssociationResponse(reply.data)

    def release(self) -> None:
        """End the association by its service."""
        self._request(self._client.releaseRequest())

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self._request(self._client.releaseRequest())
            if self._hdlc:
                self._request(self._client.disconnectRequest())
        self._socket.close()

    def get(self, kind: str, code: Obis, index: int) -> Any:
        """Their object, with an attribute read into it."""
        return self._read(kind, code, index)


@contextlib.contextmanager
def gurux(port: int, mechanism: Mechanism, suite: int, **more: Any) -> Iterator[GuruxSecureClient]:
    """Their client with an open association."""
    client = GuruxSecureClient(port, mechanism, suite, **more)
    try:
        client.open()
        yield client
    finally:
        client.close()
