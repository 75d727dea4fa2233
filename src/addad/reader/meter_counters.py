"""The invocation counter that a meter tells a public client, of whichever object tells it.

Green Book, Blue Book (object 0-b:43.1.e). It is advice, not proof: `CounterFile` knows what was
sent.
"""

from __future__ import annotations

from typing import Final

from addad import obis
from addad.cosem.classes import AssociationLN, Data
from addad.dlms.parameters import MAX_PDU
from addad.dlms.types import DoubleLongUnsigned
from addad.errors import AccessError, LinkError, RemoteProtocolError
from addad.net.client import PUBLIC_CLIENT, Client
from addad.net.link import Link
from addad.obis import Obis
from addad.reader.meter_address import MeterAddress

COUNTERS_MAX: Final = 16
"""How many invocation counters of a meter are looked at."""
LIKELY_COUNTERS: Final = 6
"""How many are asked for where no list tells them."""
_VALUE: Final = Data.value.typed(DoubleLongUnsigned)


async def told_counter(
    link: Link, where: MeterAddress, wanted: Obis | None, server_sap: int, timeout_s: float
) -> int | None:
    """The invocation counter that the meter tells a public client; None if it tells none.

    Of several, when no one is `wanted`, the highest. The link stands afterwards, unless the meter
    has ended it.
    """
    client = Client(
        link,
        client_sap=PUBLIC_CLIENT,
        server_sap=server_sap,
        max_pdu=where.max_pdu or MAX_PDU,
        timeout_s=timeout_s,
        retries=where.retries,
        gateway=where.gateway,
    )
    try:
        await client.associate()
        names = [wanted] if wanted is not None else await _counter_names(client)
        answers = [await _told(client, name) for name in names]
        await client.release()
    except (RemoteProtocolError, LinkError):  # it may well be that the public client sees nothing
        return None
    return max((number for number in answers if number is not None), default=None)


async def _counter_names(client: Client) -> list[Obis]:
    """The counters of the object list; where it cannot be had, those that meters mostly have."""
    try:
        listed = await client.get(obis.CURRENT_ASSOCIATION, AssociationLN.object_list)
    except (AccessError, RemoteProtocolError):
        if client.closed:
            raise
        return [Obis.parse(f"0-0:43.1.{e}") for e in range(LIKELY_COUNTERS)]
    names = [e.logical_name for e in listed if e.class_id == Data.class_id]
    return [name for name in names if name[0] == 0 and name[2:4] == b"\x2b\x01"][:COUNTERS_MAX]


async def _told(client: Client, name: Obis) -> int | None:
    try:
        return await client.get(name, _VALUE)
    except (AccessError, RemoteProtocolError):
        if client.closed:
            raise
        return None
