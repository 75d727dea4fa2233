"""The core of gurux-dlms's client against our server's core, octet for octet, without sockets.

Every ciphering and mechanism that it knows and our server offers.
"""

from typing import Any

import pytest
from gurux_dlms import GXByteBuffer, GXReplyData
from gurux_dlms.enums import Authentication, InterfaceType, Security
from gurux_dlms.objects import GXDLMSRegister
from gurux_dlms.objects.enums import SecuritySuite as GuruxSuite
from gurux_dlms.secure import GXDLMSSecureClient

from addad.dlms.acse import Mechanism
from addad.dlms.connection import ServerConnection
from addad.dlms.security.suite import Protection, SecuritySuite
from dlms.secured import CLIENT, SECRET, answer, context, keys, offered

CIPHERING = {
    Security.NONE: Protection.NONE,
    Security.AUTHENTICATION: Protection.AUTHENTICATION,
    Security.ENCRYPTION: Protection.ENCRYPTION,
    Security.AUTHENTICATION_ENCRYPTION: Protection.AUTHENTICATION | Protection.ENCRYPTION,
}
AUTHENTICATIONS = {
    Mechanism.NONE: Authentication.NONE,
    Mechanism.LOW: Authentication.LOW,
    Mechanism.HIGH_GMAC: Authentication.HIGH_GMAC,
    Mechanism.HIGH_SHA256: Authentication.HIGH_SHA256,
}


class GuruxCore:
    """Their client on our server."""

    def __init__(
        self, mechanism: Mechanism, security: Security, suite: SecuritySuite, dedicated: bool
    ) -> None:
        secret = SECRET if mechanism in (Mechanism.LOW, Mechanism.HIGH_SHA256) else None
        level = AUTHENTICATIONS[mechanism]
        client = GXDLMSSecureClient(True, 1, 1, level, secret, InterfaceType.WRAPPER)
        symmetric = keys(suite)
        client.ciphering.security = security
        client.ciphering.securitySuite = GuruxSuite(int(suite))
        client.ciphering.systemTitle = CLIENT
        client.ciphering.blockCipherKey = symmetric.encryption
        client.ciphering.authenticationKey = symmetric.authentication
        client.ciphering.invocationCounter = 10
        if dedicated:
            client.ciphering.dedicatedKey = bytes(range(suite.key_octets))
        self.client = client
        protection = CIPHERING[security]
        self.server = ServerConnection(
            offered(
                mechanism=mechanism,
                security=context(False, suite),
                ciphered=protection != Protection.NONE,
                required=protection,
            )
        )

    def exchange(self, frames: Any) -> Any:
        reply = GXReplyData()
        for frame in frames if isinstance(frames, list) else [frames]:
            self._send(bytes(frame), reply)
            while reply.isMoreData():
                self._send(bytes(self.client.receiverReady(reply)), reply)
        return reply

    def _send(self, frame: bytes, reply: Any) -> None:
        indication = self.server.receive(frame[8:])
        said = self.server.outgoing if indication is None else answer(self.server, indication)
        reply.error = 0
        for apdu in said:
            head = frame[:2] + frame[4:6] + frame[2:4] + len(apdu).to_bytes(2, "big")
            self.client.getData(GXByteBuffer(head + apdu), reply)

    def associate(self) -> None:
        self.client.parseAareResponse(self.exchange(self.client.aarqRequest()).data)
        if int(self.client.authentication) > Authentication.LOW:
            proof = self.exchange(self.client.getApplicationAssociationRequest())
            self.client.parseApplicationAssociationResponse(proof.data)


def _ways() -> list[tuple[Mechanism, Security, SecuritySuite, bool]]:
    zero = SecuritySuite.SUITE_0
    both = Security.AUTHENTICATION_ENCRYPTION
    ways = [
        (mechanism, security, zero, False)
        for mechanism in AUTHENTICATIONS
        for security in CIPHERING
    ]
    ways += [(Mechanism.HIGH_GMAC, both, suite, False) for suite in SecuritySuite if suite != zero]
    return [*ways, *((Mechanism.HIGH_GMAC, both, suite, True) for suite in SecuritySuite)]


@pytest.mark.parametrize(("mechanism", "security", "suite", "dedicated"), _ways())
def test_their_client_associates_and_reads(
    mechanism: Mechanism, security: Security, suite: SecuritySuite, dedicated: bool
) -> None:
    gurux = GuruxCore(mechanism, security, suite, dedicated)
    gurux.associate()
    assert gurux.server.associated
    assert gurux.server.incidents == []
    register = GXDLMSRegister("1.0.1.8.0.255")
    reply = gurux.exchange(gurux.client.read(register, 2))
    gurux.client.updateValue(register, 2, reply.value)
    assert register.value == 0x0102
    assert gurux.server.incidents == []
