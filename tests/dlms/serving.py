"""A server with an association that stands, and what it answers to one APDU."""

from addad.dlms import apdu
from addad.dlms.client_connection import ClientConnection
from addad.dlms.parameters import AssociationParameters, ServerParameters
from addad.dlms.server_connection import ServerConnection

MAX_REQUEST_OCTETS = 200
MAX_PDU = 64


def serving() -> ServerConnection:
    """A server of short requests, for a client of short APDUs."""
    connection = ServerConnection(ServerParameters(max_request_octets=MAX_REQUEST_OCTETS))
    connection.receive(*ClientConnection(AssociationParameters(16, max_pdu=MAX_PDU)).associate())
    connection.respond_associate()
    return connection


def answered(server: ServerConnection, request: apdu.Apdu) -> apdu.Apdu:
    """What the server says by itself, and indicates nothing."""
    assert server.receive(request.encode()) is None
    return apdu.decode(*server.outgoing)
