"""Who is answered: which clients and which logical devices of a meter, and what each is shown.

IEC 62056-5-3 (COSEM-OPEN), Blue Book class 17 (SAP assignment). One attempt for each pair, without
a secret where the credentials have none: a meter may count attempts, and lock who makes many.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import Final

from addad import obis
from addad.cosem.classes import SAPAssignment
from addad.dlms.acse import Mechanism
from addad.dlms.parameters import Negotiated
from addad.dlms.results import UserDiagnostic
from addad.errors import (
    AccessError,
    AddadError,
    AssociationError,
    InputError,
    LinkError,
    RemoteProtocolError,
)
from addad.net.client import PUBLIC_CLIENT, TIMEOUT_S, Client
from addad.reader.credentials import Credentials
from addad.reader.meter_access import open_meter, usual_access
from addad.reader.meter_address import MeterAddress
from addad.reader.scan import object_list, readable, rights_version

CLIENTS: Final = (PUBLIC_CLIENT, 1, 2, 3, 4, 5, 6, 7, 17, 18, 32, 48, 64, 80, 96)
"""The client SAPs that meters have, as far as makers and national profiles tell."""
DEVICES: Final = (1, 2, 3, 4, 16, 17)
"""The logical devices that are looked for where no SAP assignment tells them."""
PAIRS_MAX: Final = 256
SILENCES_MAX: Final = 2
"""After so many silent answers in a row a logical device is left alone."""
PAUSE_S: Final = 0.1
_WANTS_MORE: Final = frozenset(
    (
        UserDiagnostic.AUTHENTICATION_REQUIRED,
        UserDiagnostic.AUTHENTICATION_FAILURE,
        UserDiagnostic.AUTHENTICATION_MECHANISM_NAME_REQUIRED,
        UserDiagnostic.AUTHENTICATION_MECHANISM_NAME_NOT_RECOGNISED,
        UserDiagnostic.APPLICATION_CONTEXT_NAME_NOT_SUPPORTED,
        UserDiagnostic.CALLING_AP_TITLE_NOT_RECOGNIZED,
    )
)
"""Diagnostics of a client that is known, and has to say more."""


class Welcome(Enum):
    """How a client is received."""

    OPEN = "open"
    KNOWN = "wants authentication"
    REFUSED = "refused"
    SILENT = "no answer"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one client SAP gets from one logical device.

    `objects` and `attributes` are how many it is shown and may read; None where it is not open,
    or shows no list. `reason` is what the meter said.
    """

    client_sap: int
    server_sap: int
    welcome: Welcome
    reason: str = ""
    mechanism: Mechanism = Mechanism.NONE
    negotiated: Negotiated | None = None
    objects: int | None = None
    attributes: int | None = None


@dataclass(frozen=True, slots=True)
class SurveyPlan:
    """Whom to try; without `servers` the meter's SAP assignment tells them."""

    clients: Sequence[int] = CLIENTS
    servers: Sequence[int] = ()
    credentials: Credentials = field(default_factory=lambda: Credentials({}))
    counter_file: Path | None = None
    timeout_s: float = TIMEOUT_S
    pause_s: float = PAUSE_S

    def __post_init__(self) -> None:
        if len(self.clients) * max(len(self.servers), 1) > PAIRS_MAX:
            raise InputError(f"at most {PAIRS_MAX} pairs of client and logical device are tried")


async def survey(where: MeterAddress, plan: SurveyPlan) -> AsyncIterator[Answer]:
    """The answers, one after the other; raises `LinkError` when there is no way to the meter."""
    told: set[int] = set()
    servers = list(plan.servers) or [1]
    clients = [*plan.clients, *plan.credentials.associations]
    tried = 0
    for server in servers:
        silences = 0
        for client in dict.fromkeys(clients):
            if silences >= SILENCES_MAX or tried >= PAIRS_MAX:
                break
            if tried:
                await asyncio.sleep(plan.pause_s)
            try:
                where.check(client, server)
            except InputError:
                continue  # a SAP that has no address on this line
            tried += 1
            answer = await _try(where, plan, client, server, told)
            silences = silences + 1 if answer.welcome is Welcome.SILENT else 0
            yield answer
        if not plan.servers and server == servers[-1]:
            more = sorted(told) if told else DEVICES
            servers += [sap for sap in more if sap not in servers]
            clients = clients if told else [PUBLIC_CLIENT]


async def _try(
    where: MeterAddress, plan: SurveyPlan, client_sap: int, server_sap: int, told: set[int]
) -> Answer:
    secret = plan.credentials.of_client(client_sap)
    who = usual_access(client_sap, secret, server_sap)
    answer = Answer(client_sap, server_sap, Welcome.OPEN, mechanism=secret.mechanism)
    try:
        async with open_meter(
            where, who, counter_file=plan.counter_file, timeout_s=plan.timeout_s
        ) as client:
            return await _shown(client, answer, told)
    except AssociationError as refused:
        known = refused.diagnostic in _WANTS_MORE
        welcome = Welcome.KNOWN if known else Welcome.REFUSED
        return replace(answer, welcome=welcome, reason=_reason(refused))
    except RemoteProtocolError as fault:
        return replace(answer, welcome=Welcome.REFUSED, reason=str(fault))
    except InputError as fault:
        return replace(answer, welcome=Welcome.REFUSED, reason=f"not tried: {fault}")
    except LinkError as fault:
        if not told and (client_sap, server_sap) == (plan.clients[0], 1):
            await _reach(where, plan.timeout_s)
        return replace(answer, welcome=Welcome.SILENT, reason=str(fault))


async def _reach(where: MeterAddress, timeout_s: float) -> None:
    """Raise what keeps us from the meter at all; silence of one association is no such thing."""
    link = await where.open_link(timeout_s)
    link.close()
    await link.wait_closed()


async def _shown(client: Client, answer: Answer, told: set[int]) -> Answer:
    found = replace(answer, negotiated=client.negotiated)
    try:
        elements = await object_list(client)
        version = rights_version(elements)
        attributes = sum(len(readable(element, version)) for element in elements)
        found = replace(found, objects=len(elements), attributes=attributes)
    except (AccessError, RemoteProtocolError) as fault:
        found = replace(found, reason=f"no object list: {fault}")
    if not told and not client.closed:
        with contextlib.suppress(AddadError):
            listed = await client.get(obis.SAP_ASSIGNMENT, SAPAssignment.sap_assignment_list)
            told.update(entry.sap for entry in listed[:PAIRS_MAX])
    return found


def _reason(refused: AssociationError) -> str:
    return str(refused).removeprefix("the association is refused: ")
