"""The client of dlms-cosem by GMAC under keys, over wrapper or HDLC."""

import contextlib
import logging
from collections.abc import Iterator

from addad.cosem.hdlc_server import LOWER
from addad.dlms.acse import Mechanism
from foreign.foreign_clients import ANSWER_S, DlmsCosemClient
from foreign.gurux_secure import KeyRing, own_ring
from foreign.secured_device import sap_of

HOST = "127.0.0.1"
CHALLENGE = bytes(range(32))
"""Not by chance, that each run has the same octets in its frames."""


class CosemSecureClient(DlmsCosemClient):
    """dlms-cosem with mechanism 5; its envelopes are general-glo, authenticated and encrypted."""

    name = "dlms-cosem"

    def __init__(
        self,
        port: int,
        suite: int,
        *,
        hdlc: bool = False,
        ciphered: bool = True,
        max_pdu: int = 1024,
        client_sap: int | None = None,
        ring: KeyRing | None = None,
    ) -> None:
        import structlog
        from dlms_cosem.client import DlmsClient
        from dlms_cosem.io import BlockingTcpIO, HdlcTransport, TcpTransport
        from dlms_cosem.security import HighLevelSecurityGmacAuthentication

        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
        ring = ring or own_ring(suite)
        sap = client_sap or sap_of(Mechanism.HIGH_GMAC, suite, ciphered=ciphered)
        pipe = BlockingTcpIO(HOST, port, int(ANSWER_S))
        transport = (
            HdlcTransport(
                client_logical_address=sap,
                server_logical_address=1,
                io=pipe,
                server_physical_address=LOWER,
            )
            if hdlc
            else TcpTransport(sap, 1, pipe)
        )
        level = HighLevelSecurityGmacAuthentication()
        level.calling_authentication_value = CHALLENGE
        self._client = DlmsClient(
            transport,
            level,
            encryption_key=ring.encryption,
            authentication_key=ring.authentication,
            security_suite=suite,
            block_transfer=True,
            max_pdu_size=max_pdu,
            client_system_title=ring.client_title,
            client_initial_invocation_counter=1,
            meter_initial_invocation_counter=-1,
        )


@contextlib.contextmanager
def dlms_cosem(port: int, suite: int, *, hdlc: bool = False) -> Iterator[CosemSecureClient]:
    """Their client with an open association."""
    client = CosemSecureClient(port, suite, hdlc=hdlc)
    try:
        client.open()
        yield client
    finally:
        client.close()
