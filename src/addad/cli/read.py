"""`addad read HOST:PORT [OBIS…]`: the object list, attributes and profiles of any meter.

Needs only the base install. Prints a table, JSON or CSV; what is missing goes to standard error.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import shutil
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from io import TextIOWrapper
from typing import Final

from addad.cli.json_text import JsonList, print_document, print_json
from addad.cli.read_cures import cured, rows_cure
from addad.cli.read_json import (
    answer_json,
    association_json,
    full_json,
    meter_json,
    object_json,
)
from addad.cli.read_options import EPILOG, Order, add_arguments, order
from addad.cli.read_tables import print_answers, print_object, print_overview
from addad.cosem.classes import (
    Clock,
    Data,
    DemandRegister,
    DisconnectControl,
    ExtendedRegister,
    ProfileGeneric,
    Register,
    find_class,
)
from addad.cosem.classes.access import ObjectListElement
from addad.cosem.interface_class import Attribute, InterfaceClass
from addad.errors import AccessError, AddadError, InputError, RemoteProtocolError
from addad.event_loop import run as run_loop
from addad.net.client import Client
from addad.obis import LOGICAL_DEVICE_NAME, Obis
from addad.reader.credentials import AssociationCredentials
from addad.reader.meter_access import open_meter
from addad.reader.meter_address import Transport
from addad.reader.plain_values import Plain, visible
from addad.reader.profile_csv import write_csv
from addad.reader.scan import (
    find_object,
    object_list,
    read_attributes,
    readable,
    rights_version,
)
from addad.reader.snapshot import (
    ObjectReading,
    Reopening,
    RowChoice,
    read_everything,
    read_object,
    read_rows,
)
from addad.reader.survey import CLIENTS, Answer, SurveyPlan, Welcome, survey

LAST_ROWS: Final = 96
PROGRESS_S: Final = 0.25
PROGRESS_WIDTH: Final = 60
SCAN_TIMEOUT_S: Final = 3.0
"""How long a scan waits for each answer at most [s]."""
OK, FAILED = 0, 1


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare `addad read`."""
    parser = subparsers.add_parser(
        "read",
        help="read a DLMS/COSEM meter: object list, attributes, profiles",
        description="Read any DLMS/COSEM meter: over TCP, UDP, HDLC, a serial or optical port.",
        usage="%(prog)s HOST:PORT [OBIS ...] [options]\n"
        "       %(prog)s --serial DEVICE [OBIS ...] [options]\n"
        "       %(prog)s --listen HOST:PORT [OBIS ...] [options]",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Read what is asked for and print it; returns the exit code, or raises `AddadError`."""
    told = order(args)
    try:
        if args.scan:
            return run_loop(lambda: _scan(told, args))
        if args.all:
            return run_loop(lambda: _all(told, args.timeout))
        return run_loop(lambda: _read(told, args))
    except (InputError, KeyboardInterrupt):
        raise
    except AddadError as fault:
        raise cured(fault, told) from None


class _Progress:
    """What is said on a terminal while it is read."""

    def __init__(self) -> None:
        self.words = ""
        self.client: Client | None = None

    def text(self) -> str:
        """How far it is."""
        if self.client is None:
            return f"reading {self.words}"
        return f"reading {self.words} {self.client.received_octets / 1000:.0f} kB"


@asynccontextmanager
async def _progress() -> AsyncIterator[_Progress]:
    """Say on a terminal how far it is, while it goes on."""
    progress = _Progress()
    width = min(PROGRESS_WIDTH, shutil.get_terminal_size().columns - 1)
    if not sys.stderr.isatty():
        yield progress
        return

    async def tell() -> None:
        while True:
            await asyncio.sleep(PROGRESS_S)
            print(f"\r{progress.text()[:width]:{width}}", end="\r", file=sys.stderr, flush=True)

    telling = asyncio.create_task(tell())
    try:
        yield progress
    finally:
        telling.cancel()
        print(f"\r{'':{width}}\r", end="", file=sys.stderr, flush=True)


def _warn(words: str) -> None:
    print(f"addad read: {words}", file=sys.stderr)


# --scan


async def _scan(told: Order, args: argparse.Namespace) -> int:
    plan = SurveyPlan(
        args.clients or CLIENTS if args.client is None else (args.client,),
        () if args.server is None else (args.server,),
        told.credentials,
        told.counter_file,
        min(args.timeout, SCAN_TIMEOUT_S),
    )
    answers: list[Answer] = []
    async with _progress() as progress:
        with contextlib.suppress(asyncio.CancelledError):
            async for answer in survey(told.where, plan):
                answers.append(answer)
                progress.words = f"client {answer.client_sap} of device {answer.server_sap}"
    if args.json:
        print_json([answer_json(answer) for answer in answers], 2)
    else:
        print_answers([answer for answer in answers if not _is_nobody(answer)])
        for welcome in (Welcome.REFUSED, Welcome.SILENT):
            strangers = [a for a in answers if _is_nobody(a) and a.welcome is welcome]
            saps = dict.fromkeys(str(answer.client_sap) for answer in strangers)
            if saps:
                _warn(f"{welcome.value} for the clients {', '.join(saps)}")
    return OK if any(answer.welcome is Welcome.OPEN for answer in answers) else FAILED


def _is_nobody(answer: Answer) -> bool:
    """Whether a meter shows nothing of knowing this client."""
    if answer.welcome is Welcome.SILENT:
        return True
    return answer.welcome is Welcome.REFUSED and "reason" in answer.reason


# --all


async def _all(told: Order, timeout_s: float) -> int:
    """Everything, as one document; what was read until it is stopped is a whole document too."""
    objects, ended = JsonList(), ""
    named: list[ObjectReading] = []
    async with _progress() as progress, _meter(told, timeout_s) as meter:
        client = progress.client = await meter.client()
        negotiated, version = client.negotiated, None
        try:
            elements = await object_list(client)
            version = rights_version(elements)
            async for one in read_everything(meter, elements, version, told.choice):
                objects.append(full_json(one))
                if one.element.logical_name == LOGICAL_DEVICE_NAME:
                    named = [one]
                progress.words = f"{len(objects)} of {len(elements)} objects"
                progress.client = await meter.client()
        except asyncio.CancelledError:
            ended = "stopped"
        except AddadError as fault:
            ended = str(cured(fault, told))
    print_document(
        {
            "meter": meter_json(told.where, named),
            "association": association_json(told.who, negotiated, version),
            "complete": not ended,
            "ended": ended or None,
            "objects": objects,
        }
    )
    if ended:
        _warn(f"only {len(objects)} objects were read: {ended}")
    return FAILED if ended else OK


def _meter(told: Order, timeout_s: float) -> Reopening:
    if told.where.transport is Transport.CALL:
        _warn(f"waiting for the meter to call {told.where}")
    return Reopening(
        partial(
            open_meter,
            told.where,
            told.who,
            counter_file=told.counter_file,
            timeout_s=timeout_s,
        )
    )


# objects


async def _read(told: Order, args: argparse.Namespace) -> int:
    async with _progress() as progress, _meter(told, args.timeout) as meter:
        client = progress.client = await meter.client()
        elements = await _listed(client, told.names)
        if args.csv:
            return await _csv(client, elements, told)
        if told.names:
            return await _objects(meter, elements, told, args.json)
        await _overview(client, elements, args.json)
    if told.who.credentials == AssociationCredentials():
        _warn(
            "this is what the meter shows without a password; --password or --credentials shows "
            "more"
        )
    return OK


async def _listed(client: Client, names: Sequence[Obis]) -> Sequence[ObjectListElement]:
    """The object list; where the meter has none, the named objects, as far as they answer."""
    try:
        return await object_list(client)
    except (AccessError, RemoteProtocolError) as fault:
        if not names or client.closed:
            raise
        _warn(f"no object list ({fault}); the classes of the objects are tried")
    found = [await find_object(client, name) for name in names]
    return [element for element in found if element is not None]


async def _overview(client: Client, elements: Sequence[ObjectListElement], as_json: bool) -> None:
    """One line an object: its class, and its value where it has one."""
    version = rights_version(elements)
    wanted = []
    for element in elements:
        allowed = readable(element, version)
        wanted += [(element, i) for i in _overview_attributes(element) if i in allowed]
    readings = await read_attributes(client, wanted)
    values = {(r.class_id, r.logical_name): r for r in readings if r.name != "scaler_unit"}
    rows = [(one, values.get((one.class_id, one.logical_name))) for one in elements]
    if as_json:
        print_json([object_json(*row) for row in rows], 2)
    else:
        print_overview(rows)


_OVERVIEW: Final[dict[type[InterfaceClass] | None, tuple[Attribute[object], ...]]] = {
    kind: tuple(kind.attributes[index] for index in indexes)
    for kind, *indexes in (
        (Data, 2),
        (Register, 2, 3),
        (ExtendedRegister, 2, 3),
        (DemandRegister, 2, 4),
        (Clock, 2),
        (DisconnectControl, 3),
        (ProfileGeneric, 7),
    )
}
"""What the one line of an object shows, by class: the first of these, with the unit if any."""


def _overview_attributes(element: ObjectListElement) -> list[int]:
    known = find_class(element.class_id, element.version)
    return [attribute.index for attribute in _OVERVIEW.get(known, ())]


async def _objects(
    meter: Reopening, elements: Sequence[ObjectListElement], told: Order, as_json: bool
) -> int:
    """Everything readable of these objects; of a profile also its rows."""
    version = rights_version(elements)
    code = OK
    shown: list[Plain] = []
    for name in told.names:
        element = _named(elements, name)
        if element is None:
            code = FAILED
            continue
        profile = element.class_id == ProfileGeneric.class_id
        if told.choice.times is not None and not profile:
            _warn(f"{name} is no profile: --from says nothing")
        read = await read_object(meter, element, version, _usual_rows(told.choice))
        if read.profile_fault is not None or any(one.refusal for one in read.readings):
            code = FAILED
        _tell_rest(read, told.choice)
        if as_json:
            shown.append(full_json(read))
        else:
            print_object(read)
    if as_json:
        print_json(shown, 2)
    return code


def _named(elements: Sequence[ObjectListElement], name: Obis) -> ObjectListElement | None:
    for element in elements:
        if element.logical_name == name:
            return element
    _warn(f"the meter shows no object {name} to this client")
    return None


def _usual_rows(choice: RowChoice) -> RowChoice:
    """The last ones, where nothing is said."""
    if choice.times is None and choice.last is None:
        return RowChoice(None, LAST_ROWS, choice.quirks)
    return choice


def _tell_rest(read: ObjectReading, choice: RowChoice) -> None:
    profile = read.profile
    if profile is None or choice.times is not None or choice.last is not None:
        return
    rows, in_use = len(profile.table.rows), profile.form.in_use
    if in_use is not None and in_use > rows:
        _warn(
            f"{read.element.logical_name}: the last {rows} of {in_use} rows; "
            "choose others with --from and --to, or --last"
        )


async def _csv(client: Client, elements: Sequence[ObjectListElement], told: Order) -> int:
    element = _named(elements, told.names[0])
    if element is None:
        return FAILED
    if element.class_id != ProfileGeneric.class_id:
        raise InputError(f"{element.logical_name} is no profile; --csv prints the rows of one")
    try:
        profile = await read_rows(client, element, told.choice)
    except AccessError as fault:
        raise AccessError(fault.result, f"{fault}{rows_cure(fault)}") from None
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(newline="")
    write_csv(profile.table, profile.units, _Terminal() if sys.stdout.isatty() else sys.stdout)
    return OK


class _Terminal:
    """A terminal, to which no meter sends what does not print; programs get texts as they are."""

    def write(self, line: str) -> None:
        """Show one line."""
        sys.stdout.write(visible(line.rstrip("\r\n")) + "\n")
