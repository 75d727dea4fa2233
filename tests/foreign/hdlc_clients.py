"""The clients of gurux-dlms and dlms-cosem over HDLC on TCP, behind the same questions.

`connect_hdlc(kind, host, port, client_sap, password, …)` opens a link and an association.
"""

import contextlib
import logging
import socket
from collections.abc import Iterator
from typing import Any

from addad.cosem.hdlc_server import LOWER
from addad.dlms.hdlc.address import Address
from addad.dlms.hdlc.decoder import FrameDecoder
from addad.dlms.hdlc.frame import Frame
from addad.dlms.hdlc.parameters import LinkParameters, read_parameters
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
        window: int = 1,
    ) -> None:
        """`host` may be a serial port; `port` is its baud rate then.

        It takes windows but does not ask for them, so that `window` is asked for in its place;
        and since its state table expects one frame an answer, it is told when more will come.
        """
        import structlog
        from dlms_cosem.client import DlmsClient
        from dlms_cosem.hdlc.state import AWAITING_RESPONSE, IDLE
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
        if window > 1:

            def ask() -> None:
                transport.io.connect()
                parameters = LinkParameters(window_receive=window).encode()
                server = Address(1, LOWER, 2)
                transport.io.send(Frame(server, Address(client_sap), 0x93, parameters).encode())
                (ua,) = FrameDecoder().feed(transport.io.recv(len(parameters) + 12))
                assert read_parameters(ua.information).window_transmit == window
                transport.hdlc_connection.state.current_state = IDLE

            def more() -> Any:
                response = next_event()
                if getattr(response, "segmented", False) and not response.final:
                    transport.hdlc_connection.state.current_state = AWAITING_RESPONSE
                return response

            next_event = transport.next_event
            transport.connect, transport.next_event = ask, more
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
