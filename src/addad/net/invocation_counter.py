"""The invocation counter that a meter expects next, read from its public association.

Green Book, Blue Book (object 0-b:43.1.e). What a public client is told is advice, not proof: a
counter lower than one that was sent already would make two messages share a nonce.
"""

from __future__ import annotations

from typing import Final

from addad.cosem.classes import Data
from addad.dlms.types import DoubleLongUnsigned
from addad.errors import SecurityError, SecurityFault
from addad.net.client import Client
from addad.obis import Obis

INVOCATION_COUNTER: Final = Obis.parse("0-0:43.1.0")
AHEAD_MAX: Final = 1_000_000
"""How far a meter's counter may be above the stored one before somebody must look at it."""


async def read_invocation_counter(
    client: Client, stored: int | None = None, logical_name: Obis = INVOCATION_COUNTER
) -> int:
    """The counter to send next, from a client of the public association.

    `stored` is the last one that was sent, None if that is not known. Raises `SecurityError` for a
    counter of the meter that cannot be true: below the stored one, or far above it.
    """
    told = await client.get(logical_name, Data.value.typed(DoubleLongUnsigned))
    return next_counter(told, stored)


def next_counter(told: int, stored: int | None) -> int:
    """The counter to send next; raises `SecurityError` when what the meter told cannot be true."""
    if stored is not None and told < stored:
        raise SecurityError(
            f"the meter tells invocation counter {told}, and {stored} was sent: a meter that was "
            "replaced or reset, or somebody who wants a nonce used twice",
            SecurityFault.REPLAY,
        )
    if stored is not None and told > stored + AHEAD_MAX:
        raise SecurityError(
            f"the meter tells invocation counter {told}, far above {stored}: somebody else sends "
            "under this key, or wants it used up",
            SecurityFault.POLICY,
        )
    return told + 1
