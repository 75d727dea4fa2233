"""Without connection: associations that stand by agreement, and one message for many meters.

Green Book, IEC 62056-5-3 (pre-established associations, unconfirmed services, broadcast). Reading,
the time and group services only: whoever has opened one meter holds the key of its group.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final

from addad import obis
from addad.cosem.classes.control import Clock
from addad.dlms.apdu.initiate import Conformance
from addad.dlms.clock_time import DateTime
from addad.dlms.parameters import AssociationParameters
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.framing import CipheringForm
from addad.errors import LocalProtocolError
from addad.net.client import Client
from addad.net.udp import UDP_PDU, UDP_RETRIES, open_udp_link

ALL_STATIONS: Final = 0x7F
"""The server SAP of a message to every logical device."""
PRE_ESTABLISHED_CLIENT: Final = 102
GROUP_SERVICES: Final = (
    Conformance.GET
    | Conformance.SET
    | Conformance.ACTION
    | Conformance.SELECTIVE_ACCESS
    | Conformance.MULTIPLE_REFERENCES
    | Conformance.BLOCK_TRANSFER_WITH_GET
    | Conformance.GENERAL_PROTECTION
)
"""What both ends agreed on before, since nothing is negotiated."""


def pre_established(
    security: SecurityContext | None,
    *,
    client_sap: int = PRE_ESTABLISHED_CLIENT,
    server_sap: int = 1,
    max_pdu: int = UDP_PDU,
    conformance: Conformance = GROUP_SERVICES,
) -> AssociationParameters:
    """The association with one meter that stands by agreement: requests are answered."""
    return AssociationParameters(
        client_sap,
        server_sap,
        max_pdu=max_pdu,
        conformance=conformance,
        security=security,
        form=CipheringForm.GENERAL_GLOBAL,
        pre_established=True,
    )


def to_all(
    security: SecurityContext,
    *,
    client_sap: int = PRE_ESTABLISHED_CLIENT,
    server_sap: int = ALL_STATIONS,
    max_pdu: int = UDP_PDU,
) -> AssociationParameters:
    """The association with every meter that holds the broadcast key: nobody answers.

    Raises `LocalProtocolError` without that key.
    """
    if security.keys.broadcast is None:
        raise LocalProtocolError("a message to all needs the broadcast key of the group")
    return AssociationParameters(
        client_sap,
        server_sap,
        max_pdu=max_pdu,
        conformance=GROUP_SERVICES,
        security=security,
        form=CipheringForm.GENERAL_GLOBAL,
        pre_established=True,
        broadcast=True,
    )


@contextlib.asynccontextmanager
async def without_connection(
    host: str,
    port: int,
    parameters: AssociationParameters,
    *,
    broadcast: bool = False,
    interface: str = "",
) -> AsyncIterator[Client]:
    """A client over UDP without AARQ; `host` may be a multicast group.

    `broadcast` lets it be a broadcast address; `interface` is as for `open_udp_link`.
    Raises `LocalProtocolError` for parameters of an association that has to be opened.
    """
    if not parameters.pre_established:
        raise LocalProtocolError("only a pre-established association needs no connection")
    link = await open_udp_link(host, port, broadcast=broadcast, interface=interface)
    async with Client.over(link, parameters=parameters, retries=UDP_RETRIES) as client:
        yield client


async def set_time(client: Client, moment: datetime) -> None:
    """Set the clock of all meters that hear it to an aware moment; no meter answers."""
    await client.set_unconfirmed(obis.CLOCK, Clock.time, DateTime.from_datetime(moment))
