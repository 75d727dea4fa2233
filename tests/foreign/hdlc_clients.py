"""The clients of gurux-dlms and dlms-cosem over HDLC on TCP, behind the same questions.

`connect_hdlc(kind, host, port, client_sap, password, …)` opens a link and an association.
"""

import contextlib
import logging
import socket
from collections.abc import Iterator
from typing import Any

from addad.cosem.hdlc_server import LOWER
from foreign.foreign_clients import ANSWER_S, DlmsCosemClient, GuruxClient


class GuruxHdlcClient(GuruxClient):
    """gurux-dlms with its own HDLC frames; `octets` is the size of the server address.

    `window` is what it asks to send. It acknowledges one frame of each burst, whatever came, so
    that it cannot be asked to receive windows above one.
    """

    name = "gurux-dlms"

    def __init__(
        self,
        host: str,
        port: int,
        client_sap: int,
        password: bytes | None,
        *,
        octets: int = 2,
        window: int = 1,
        size: int = 128,
    ) -> None:
        from gurux_dlms import GXDLMSClient
        from gurux_dlms.enums import Authentication, InterfaceType

        level = Authentication.LOW if password else Authentication.NONE
        address = 1 if octets == 1 else GXDLMSClient.getServerAddress(1, LOWER)
        self._client = GXDLMSClient(True, client_sap, address, level, password, InterfaceType.HDLC)
        self._client.serverAddressSize = octets
        settings = self._client.hdlcSettings
        settings.maxInfoTX = settings.maxInfoRX = size
        settings.windowSizeTX = window
        self._socket = socket.create_connection((host, port), ANSWER_S)

    def open(self) -> None:
        self._client.parseUAResponse(self._request(self._client.snrmRequest()).data)
        super().open()

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self._request(self._client.releaseRequest())
            self._request(self._client.disconnectRequest())
        self._socket.close()


class DlmsCosemHdlcClient(DlmsCosemClient):
    """dlms-cosem with its own HDLC link."""

    name = "dlms-cosem"

    def __init__(
        self,
        host: str,
        port: int,
        client_sap: int,
        password: bytes | None,
        *,
        octets: int = 2,
    ) -> None:
        """`host` may be a serial port; `port` is its baud rate then."""
        import structlog
        from dlms_cosem.client import DlmsClient
        from dlms_cosem.io import BlockingTcpIO, HdlcTransport, SerialIO
        from dlms_cosem.security import LowLevelSecurityAuthentication, NoSecurityAuthentication

        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
        transport = HdlcTransport(
            client_logical_address=client_sap,
            server_logical_address=1,
            io=(SerialIO if host.startswith("/") else BlockingTcpIO)(host, port, int(ANSWER_S)),
            server_physical_address=None if octets == 1 else LOWER,
            extended_addressing=octets == 4,
        )
        level = LowLevelSecurityAuthentication(password) if password else NoSecurityAuthentication()
        self._client = DlmsClient(transport, level, block_transfer=True, max_pdu_size=1024)


HDLC_CLIENTS = (GuruxHdlcClient, DlmsCosemHdlcClient)
ForeignHdlc = GuruxHdlcClient | DlmsCosemHdlcClient


@contextlib.contextmanager
def connect_hdlc(
    kind: type[ForeignHdlc],
    host: str,
    port: int,
    client_sap: int,
    password: bytes | None,
    **more: Any,
) -> Iterator[ForeignHdlc]:
    """A foreign client with an open link and association."""
    client = kind(host, port, client_sap, password, **more)
    try:
        client.open()
        yield client
    finally:
        client.close()
