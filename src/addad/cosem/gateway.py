"""A gateway: one address, many meters; which is meant stands in the gateway header.

Green Book (use of gateways). Sans-io: an APDU in, the APDUs that answer out, like `Sessions`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Protocol

from addad.dlms.apdu.exception import ExceptionResponse
from addad.dlms.gateway import REQUEST, GatewayAddress, is_for_gateway, read_header
from addad.dlms.results import ServiceError, StateError

METERS_A_CONNECTION_MAX: Final = 64
"""Meters that one connection can have associations with at a time."""
FORGEABLE: Final = "udp "
"""What the name of a peer begins with that its datagrams only claim to come from."""
_UNREACHABLE: Final = ExceptionResponse(
    StateError.SERVICE_NOT_ALLOWED, ServiceError.OPERATION_NOT_POSSIBLE
).encode()
"""What the gateway answers for a meter that it does not have."""


class Answering(Protocol):
    """What answers the APDUs of one connection: the sessions of a meter, or a gateway's."""

    peer: str
    """Where the clients are: `address:port`, or the name of a line."""

    @property
    def proven(self) -> bool:
        """Whether a client has proved who it is, in an association that is open now."""
        ...

    def answer(self, client_sap: int, server_sap: int, apdu: bytes) -> tuple[bytes, ...]:
        """The APDUs that answer this one, in their order."""
        ...

    def close(self) -> None:
        """The connection has ended."""
        ...


class GatewaySessions:
    """All associations that the clients behind one connection have, with the gateway and meters.

    `meters` makes the sessions of a meter when it is first asked for on this connection; an APDU
    without a header is for the gateway's own device, if it has one.
    """

    def __init__(
        self,
        meters: Mapping[GatewayAddress, Callable[[], Answering]],
        own: Answering | None = None,
    ) -> None:
        self._peer = ""
        self._meters = meters
        self._own = own
        self._open: dict[GatewayAddress, Answering] = {}

    @property
    def peer(self) -> str:
        """Where the clients are; each meter learns it, so that it shuts out no other one."""
        return self._peer

    @peer.setter
    def peer(self, peer: str) -> None:
        self._peer = peer
        if self._own is not None:
            self._own.peer = peer
        for sessions in self._open.values():
            sessions.peer = peer

    @property
    def proven(self) -> bool:
        """Whether a client has proved who it is, to the gateway or to a meter."""
        own = self._own is not None and self._own.proven
        return own or any(sessions.proven for sessions in self._open.values())

    def answer(self, client_sap: int, server_sap: int, apdu: bytes) -> tuple[bytes, ...]:
        """The APDUs that answer this one, behind the header of the meter they come from.

        Raises `DecodeError` for a broken header: the link cannot be trusted any more.
        """
        if not is_for_gateway(apdu):
            if self._own is None:
                return (_UNREACHABLE,)
            return self._own.answer(client_sap, server_sap, apdu)
        address, inner = read_header(REQUEST, apdu)
        sessions = self._sessions(address)
        if sessions is None:
            return (address.response(_UNREACHABLE),)
        answers = sessions.answer(client_sap, server_sap, inner)
        return tuple(address.response(one) for one in answers)

    def _sessions(self, address: GatewayAddress) -> Answering | None:
        sessions = self._open.get(address)
        if sessions is None:
            make = self._meters.get(address)
            if make is None:
                return None
            if len(self._open) >= METERS_A_CONNECTION_MAX and not self._make_room():
                return None
            sessions = self._open[address] = make()
            sessions.peer = self._peer
        return sessions

    def _make_room(self) -> bool:
        """Let go of a meter that nobody has proved anything to; whether there was one."""
        idle = next((a for a, sessions in self._open.items() if not sessions.proven), None)
        if idle is None:
            return False
        self._open.pop(idle).close()
        return True

    def close(self) -> None:
        """The connection has ended: so have all associations."""
        for sessions in self._open.values():
            sessions.close()
        self._open.clear()
        if self._own is not None:
            self._own.close()
