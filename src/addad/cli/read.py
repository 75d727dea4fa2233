"""`addad read HOST:PORT [OBIS…]`: the object list, attributes and profiles of any meter.

Needs only the base install. Prints a table, or JSON; what is missing goes to standard error.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final

from addad.cli.arguments import endpoint, positive_number
from addad.cli.json_text import print_json
from addad.cli.read_tables import Units, class_name, given_name, print_object, print_overview
from addad.cosem.classes import Clock, Data, DisconnectControl, ProfileGeneric, Register, find_class
from addad.cosem.classes.access import ObjectListElement
from addad.cosem.interface_class import Attribute, InterfaceClass
from addad.errors import AccessError, AssociationError, InputError
from addad.net.client import Client
from addad.obis import Obis
from addad.reader.plain_values import Plain, plain
from addad.reader.profile import ProfileTable, read_last, read_range, read_units
from addad.reader.scan import (
    Quantity,
    Reading,
    object_list,
    read_attributes,
    read_objects,
    readable,
    with_units,
)

PUBLIC_CLIENT: Final = 16
READER_CLIENT: Final = 2
LAST_ROWS: Final = 96
PASSWORD_VARIABLE: Final = "ADDAD_PASSWORD"
PROGRESS_S: Final = 0.25
SAP_MAX: Final = 0xFFFF
OK, FAILED = 0, 1


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare `addad read`."""
    parser = subparsers.add_parser(
        "read",
        help="read a DLMS/COSEM meter: object list, attributes, profiles",
        description="Read a DLMS/COSEM meter over TCP. Without OBIS codes: one line an object.",
        epilog=f"The password may stand in the environment variable {PASSWORD_VARIABLE}.",
    )
    add = parser.add_argument
    add("meter", type=endpoint, metavar="HOST:PORT", help="address of the meter, port 4059 mostly")
    add(
        "obis", nargs="*", default=[], type=_obis, metavar="OBIS", help="objects, such as 1-0:1.8.0"
    )
    add(
        "--client",
        type=_sap,
        metavar="SAP",
        help="who asks: 16 public, 2 reader, 1 management (default: 16, with a password 2)",
    )
    add("--server", type=_sap, default=1, metavar="SAP", help="logical device (default: 1)")
    add("--password", help="password of the client (low level security)")
    add(
        "--from",
        dest="first",
        type=_moment,
        metavar="TIME",
        help="first moment of a profile, ISO 8601; without zone it is this machine's time",
    )
    add("--to", dest="last", type=_moment, metavar="TIME", help="last moment (default: now)")
    add("--json", action="store_true", help="print JSON")
    add(
        "--timeout",
        type=positive_number,
        default=10.0,
        metavar="S",
        help="how long to wait for each answer (default: 10 s)",
    )


def run(args: argparse.Namespace) -> int:
    """Read what is asked for and print it; returns the exit code, or raises `AddadError`."""
    times = _times(args.first, args.last)
    if times is not None and not args.obis:
        raise InputError("--from needs the OBIS code of a profile, such as 1-0:99.1.0")
    try:
        return asyncio.run(_read(args, times))
    except AssociationError as refused:
        hint = f"{refused}; check --client, --server and --password"
        raise AssociationError(hint, refused.result, refused.diagnostic) from None


def _obis(text: str) -> Obis:
    try:
        return Obis.parse(text)
    except InputError as fault:
        raise argparse.ArgumentTypeError(str(fault)) from None


def _sap(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 0 <= int(text) <= SAP_MAX:
        raise argparse.ArgumentTypeError(f"{text!r} is no SAP; it is between 0 and {SAP_MAX}")
    return int(text)


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no time; write it like 2026-03-01T00:00"
        ) from None


def _times(first: datetime | None, last: datetime | None) -> tuple[datetime, datetime] | None:
    if first is None:
        if last is not None:
            raise InputError("--to needs --from")
        return None
    end = datetime.now(UTC) if last is None else last
    if end < first:
        raise InputError("--to is before --from")
    return first, end


async def _read(args: argparse.Namespace, times: tuple[datetime, datetime] | None) -> int:
    secret = args.password if args.password is not None else os.environ.get(PASSWORD_VARIABLE)
    sap = args.client if args.client is not None else READER_CLIENT if secret else PUBLIC_CLIENT
    async with (
        Client.connect(
            args.meter.host,
            args.meter.port,
            client_sap=sap,
            server_sap=args.server,
            password=secret.encode() if secret else None,
            timeout_s=args.timeout,
        ) as client,
        _progress(client),
    ):
        elements = await object_list(client)
        if not args.obis:
            await _overview(client, elements, args.json)
            if not secret:
                print(
                    "addad read: this is what the meter shows without a password; --password "
                    "shows more",
                    file=sys.stderr,
                )
            return OK
        return await _objects(client, elements, args.obis, times, args.json)


@asynccontextmanager
async def _progress(client: Client) -> AsyncIterator[None]:
    """Say on a terminal how much has come, while it comes."""
    if not sys.stderr.isatty():
        yield
        return

    async def tell() -> None:
        while True:
            await asyncio.sleep(PROGRESS_S)
            size_kb = client.received_octets / 1000
            print(f"\rreading: {size_kb:.0f} kB ", end="", file=sys.stderr, flush=True)

    telling = asyncio.create_task(tell())
    try:
        yield
    finally:
        telling.cancel()
        print("\r" + " " * 30 + "\r", end="", file=sys.stderr, flush=True)


async def _overview(client: Client, elements: Sequence[ObjectListElement], as_json: bool) -> None:
    """One line an object: its class, and its value where it has one."""
    wanted = []
    for element in elements:
        allowed = readable(element)
        wanted += [(element, i) for i in _overview_attributes(element) if i in allowed]
    readings = await read_attributes(client, wanted)
    quantities = with_units(readings)
    values = {r.logical_name: r for r in readings if r.name != "scaler_unit"}
    rows = []
    for element in elements:
        reading = values.get(element.logical_name)
        scaled = quantities.get(element.logical_name)
        rows.append((element, reading, scaled))
    if as_json:
        print_json([_object_json(*row) for row in rows], 2)
    else:
        print_overview(rows)


_OVERVIEW: Final[dict[type[InterfaceClass] | None, tuple[Attribute[object], ...]]] = {
    kind: tuple(kind.attributes[index] for index in indexes)
    for kind, *indexes in (
        (Data, 2),
        (Register, 2, 3),
        (Clock, 2),
        (DisconnectControl, 3),
        (ProfileGeneric, 7),
    )
}
"""What the one line of an object shows, by class: the first of these, with the unit if any."""


def _overview_attributes(element: ObjectListElement) -> list[int]:
    known = find_class(element.class_id, element.version)
    return [attribute.index for attribute in _OVERVIEW.get(known, ())]


def _object_json(
    element: ObjectListElement, reading: Reading | None, scaled: Quantity | None
) -> Plain:
    shown: dict[str, Plain] = {
        "logical_name": str(element.logical_name),
        "class_id": element.class_id,
        "version": element.version,
        "class": class_name(element),
        "name": given_name(element),
    }
    if reading is not None:
        shown.update(_reading_json(reading, scaled))
    return shown


def _reading_json(reading: Reading, scaled: Quantity | None) -> dict[str, Plain]:
    if reading.refused is not None:
        return {"refused": reading.refusal}
    if scaled is not None and reading.name == "value":
        return {"value": scaled.value, "unit": scaled.unit, "raw": scaled.raw}
    return {"value": plain(reading.value)}


async def _objects(
    client: Client,
    elements: Sequence[ObjectListElement],
    names: list[Obis],
    times: tuple[datetime, datetime] | None,
    as_json: bool,
) -> int:
    """Everything readable of these objects; of a profile also its rows."""
    code = OK
    shown: list[Plain] = []
    for name in names:
        element = next((e for e in elements if e.logical_name == name), None)
        if element is None:
            print(f"addad read: the meter shows no object {name} to this client", file=sys.stderr)
            code = FAILED
            continue
        readings = await read_objects(client, [element])
        scaled = with_units(readings).get(name)
        rows, units = None, {}
        if element.class_id == ProfileGeneric.class_id:
            rows = await _rows(client, name, times)
            if isinstance(rows, ProfileTable):
                units = await read_units(client, rows.columns)
        elif times is not None:
            print(f"addad read: {name} is no profile: --from says nothing", file=sys.stderr)
        if as_json:
            shown.append(_full_json(element, readings, scaled, rows, units))
        else:
            print_object(element, readings, scaled, rows, units)
    if as_json:
        print_json(shown, 2)
    return code


async def _rows(
    client: Client, name: Obis, times: tuple[datetime, datetime] | None
) -> ProfileTable | AccessError:
    try:
        if times is not None:
            return await read_range(client, name, *times)
        found, in_use = await read_last(client, name, LAST_ROWS)
    except AccessError as refused:
        return refused
    if in_use > len(found.rows):
        print(
            f"addad read: {name}: the last {len(found.rows)} of {in_use} rows; "
            "choose others with --from and --to",
            file=sys.stderr,
        )
    return found


def _full_json(
    element: ObjectListElement,
    readings: Sequence[Reading],
    scaled: Quantity | None,
    rows: ProfileTable | AccessError | None,
    units: Units,
) -> Plain:
    attributes: dict[str, Plain] = {r.name: _reading_json(r, scaled) for r in readings}
    full = _object_json(element, None, None)
    assert isinstance(full, dict)
    full["attributes"] = attributes
    if isinstance(rows, ProfileTable):
        full["columns"] = list(rows.titles)
        of = [units.get(column.logical_name) for column in rows.columns]
        full["units"] = [u and {"scaler": u.scaler, "unit": u.symbol} for u in of]
        full["rows"] = [[plain(cell) for cell in row] for row in rows.rows]
    elif rows is not None:
        attributes["buffer"] = {"refused": str(rows)}
    return full
