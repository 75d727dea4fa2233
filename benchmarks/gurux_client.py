"""The client of gurux-dlms on a plain socket: with a password, or by GMAC under keys."""

from __future__ import annotations

import contextlib
import io
import socket
from typing import Any

from addad.obis import Obis

TITLE = b"GRXBENCH"
ANSWER_S = 10.0


class BlockingGurux:
    """A foreign client of one meter; each call waits for its answer. What it prints is dropped."""

    def __init__(
        self,
        host: str,
        port: int,
        client_sap: int,
        *,
        password: bytes | None = None,
        keys: tuple[bytes, bytes] | None = None,
    ) -> None:
        from gurux_dlms.enums import Authentication, InterfaceType, Security
        from gurux_dlms.secure import GXDLMSSecureClient

        level = Authentication.HIGH_GMAC if keys else Authentication.LOW
        self._client = GXDLMSSecureClient(
            True, client_sap, 1, level, password, InterfaceType.WRAPPER
        )
        self._keyed = keys is not None
        if keys is not None:
            ciphering = self._client.ciphering
            ciphering.security = Security.AUTHENTICATION_ENCRYPTION
            ciphering.systemTitle = TITLE
            ciphering.blockCipherKey, ciphering.authenticationKey = keys
            ciphering.invocationCounter = _next_counter()
        self._socket = socket.create_connection((host, port), ANSWER_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _request(self, frames: Any) -> Any:
        from gurux_dlms import GXReplyData

        reply = GXReplyData()
        for frame in frames if isinstance(frames, list) else [frames]:
            self._exchange(frame, reply)
            while reply.isMoreData():
                self._exchange(self._client.receiverReady(reply), reply)
        return reply

    def _exchange(self, frame: bytes, reply: Any) -> None:
        from gurux_dlms import GXByteBuffer

        self._socket.sendall(bytes(frame))
        received = GXByteBuffer()
        reply.error = 0
        while True:
            octets = self._socket.recv(65536)
            if not octets:
                raise ConnectionError("closed by the meter")
            received.set(octets)
            if self._client.getData(received, reply):
                break
        if reply.error:
            raise PermissionError(int(reply.error))

    def open(self) -> None:
        """Associate, with all passes that it takes."""
        with _quiet():
            self._client.parseAareResponse(self._request(self._client.aarqRequest()).data)
            if self._keyed:
                requests = self._client.getApplicationAssociationRequest()
                reply = self._request(requests)
                self._client.parseApplicationAssociationResponse(reply.data)

    def gets(self, code: Obis, count: int) -> None:
        """Read a register's value so many times."""
        from gurux_dlms.objects import GXDLMSRegister

        item = GXDLMSRegister(code.dotted)
        with _quiet():
            for _ in range(count):
                reply = self._request(self._client.read(item, 2))
                self._client.updateValue(item, 2, reply.value)

    def close(self) -> None:
        """Release, and close the connection."""
        if self._keyed:
            global _counter  # noqa: PLW0603  (a counter is never used twice under one key)
            _counter = int(self._client.ciphering.invocationCounter) + 10
        with contextlib.suppress(Exception), _quiet():
            self._request(self._client.releaseRequest())
        self._socket.close()


def _quiet() -> contextlib.redirect_stdout[io.StringIO]:
    return contextlib.redirect_stdout(io.StringIO())


_counter = 1


def _next_counter() -> int:
    return _counter
