"""The options of `addad read`: where the meter is, who asks it, and what is wanted.

What contradicts itself is refused with the way to write it. A meter is named by exactly one of
`HOST:PORT` and `--serial`.
"""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from addad.cli.arguments import Endpoint, endpoint, gateway_address, positive_number
from addad.cli.read_words import (
    listed,
    moment,
    positive_integer,
    sap,
    saps,
    whole_number,
)
from addad.dlms.acse import Mechanism
from addad.errors import InputError
from addad.obis import Obis
from addad.reader.counter_file import beside
from addad.reader.credentials import AssociationCredentials, Credentials, load_credentials
from addad.reader.meter_access import MeterAccess, usual_access
from addad.reader.meter_address import BAUD, MeterAddress
from addad.reader.quirks import MEANING, Quirk
from addad.reader.snapshot import RowChoice
from addad.reader.survey import CLIENTS

PUBLIC_CLIENT: Final = 16
READER_CLIENT: Final = 2
PASSWORD_VARIABLE: Final = "ADDAD_PASSWORD"

EPILOG: Final = f"""\
Without OBIS codes: one line an object. The password may stand in the environment variable
{PASSWORD_VARIABLE}; an empty --password is none. The credentials file has mode 0600; `addad
meter` writes one. Ranges and times without zone are this computer's time. Exit code 1: it could
not be read to its end, or something of the objects that were named was refused.

quirks, for meters that do it otherwise:
{chr(10).join(f"  {quirk.value:15} {MEANING[quirk]}" for quirk in Quirk)}

examples:
  addad read 192.0.2.7:4059
  addad read 192.0.2.7:4059 --scan
  addad read 192.0.2.7:4059 --credentials keys.json --client 3 --all > meter.json
  addad read 192.0.2.7:4059 --password secret 1-0:99.1.0 --csv --from 2026-03-01 > load.csv
  addad read --serial /dev/ttyUSB0 --mode-e --physical 17
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare all options."""
    parser.add_argument(
        "words",
        nargs="*",
        metavar="HOST:PORT | OBIS",
        help="address of the meter, port 4059 mostly (none with --serial); then objects, such as "
        "1-0:1.8.0",
    )
    _add_way(parser.add_argument_group("the way to the meter"))
    _add_client(parser.add_argument_group("who asks"))
    _add_wanted(parser.add_argument_group("what is read"))


def _add_way(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--udp", action="store_true", help="HOST:PORT speaks UDP")
    add("--hdlc", action="store_true", help="HOST:PORT is a line that speaks HDLC")
    add("--serial", metavar="DEVICE", help="a serial port of this computer, such as /dev/ttyUSB0")
    add(
        "--baud",
        type=positive_integer,
        metavar="RATE",
        help=f"rate of the serial port; with --mode-e the most it may be ({BAUD})",
    )
    add("--mode-e", action="store_true", help="sign on at 300 baud first, as optical ports want it")
    add("--device-address", metavar="TEXT", help="whom --mode-e calls, where several listen")
    add(
        "--physical",
        type=whole_number,
        metavar="N",
        help="lower HDLC address (default: none is sent)",
    )
    add(
        "--address-size",
        type=int,
        choices=(1, 2, 4),
        help="octets of the meter's HDLC address (default: the fewest)",
    )
    add(
        "--gateway",
        type=gateway_address,
        metavar="NETWORK:ADDRESS",
        help="the meter behind a gateway, as 0:12345678, or 0:0x01F2 in hexadecimal",
    )
    add(
        "--listen",
        type=endpoint,
        metavar="HOST:PORT",
        help="wait here for a meter that calls in, and read the first that proves itself",
    )
    add(
        "--closed-network",
        action="store_true",
        help="with --listen: nobody but the meter can call, so that it may be given a password",
    )
    add(
        "--timeout",
        type=positive_number,
        default=10.0,
        metavar="S",
        help="how long to wait for each answer (default: 10 s)",
    )


def _add_client(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add(
        "--client",
        type=sap,
        metavar="SAP",
        help="who asks: 16 public, 2 reader, 1 management (default: 16; with a secret 2)",
    )
    add("--server", type=sap, metavar="SAP", help="logical device (default: 1)")
    add("--password", help="password of the client (low level security)")
    add("--credentials", type=Path, metavar="FILE", help="the meter's passwords and keys, as JSON")
    add(
        "--pre-established",
        action="store_true",
        help="the association stands without being asked for; that of client 102 does",
    )
    add(
        "--quirk",
        action="append",
        default=[],
        choices=[quirk.value for quirk in Quirk],
        metavar="NAME",
        help="what this meter does otherwise; see below; may be given several times",
    )


def _add_wanted(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--scan", action="store_true", help="which clients and logical devices are answered")
    add(
        "--clients",
        type=saps,
        metavar="LIST",
        help=f"clients that --scan tries, as 1-20,32 (default: {listed(CLIENTS)})",
    )
    add("--all", action="store_true", help="everything that may be read, as one JSON document")
    add("--json", action="store_true", help="print JSON")
    add("--csv", action="store_true", help="print the rows of one profile as CSV")
    add(
        "--from",
        dest="first",
        type=moment,
        metavar="TIME",
        help="first moment of a profile, ISO 8601; without zone it is this machine's time",
    )
    add("--to", dest="last", type=moment, metavar="TIME", help="last moment (default: now)")
    add(
        "--last",
        dest="rows",
        type=whole_number,
        metavar="N",
        help="the last N rows of a profile (default: 96; with --all or --csv all; 0 none)",
    )


@dataclass(frozen=True, slots=True)
class Order:
    """What `addad read` was told, once it is consistent."""

    where: MeterAddress
    who: MeterAccess
    names: tuple[Obis, ...]
    choice: RowChoice
    credentials: Credentials
    counter_file: Path | None = None


def order(args: argparse.Namespace) -> Order:
    """The order in these arguments; raises `InputError` for what contradicts itself."""
    words = list(args.words)
    where = _where(args, words)
    names = tuple(_obis(word) for word in words)
    times = _times(args.first, args.last)
    _check_wanted(args, names)
    secrets = Credentials({}) if args.credentials is None else load_credentials(args.credentials)
    who = _who(args, secrets)
    where.check(who.client_sap, who.server_sap)
    quirks = frozenset(Quirk(name) for name in args.quirk)
    who = MeterAccess(who.client_sap, who.server_sap, who.credentials, who.pre_established, quirks)
    if not args.scan:
        who.check()
    counters = None if args.credentials is None else beside(args.credentials)
    choice = RowChoice(times, args.rows, quirks)
    return Order(where, who, names, choice, secrets, counters)


def _obis(text: str) -> Obis:
    try:
        return Obis.parse(text)
    except InputError as fault:
        another = ", and only one meter is read at a time" if _looks_like_endpoint(text) else ""
        raise InputError(f"{fault}{another}") from None


def _where(args: argparse.Namespace, words: list[str]) -> MeterAddress:
    """The way to the meter; takes HOST:PORT out of the words."""
    if args.listen is not None:
        return _listening(args, words)
    _only_with("--listen", args, "closed_network")
    if args.serial is None:
        _only_with("--serial", args, "baud", "mode_e", "device_address")
        host = _endpoint(words)
        if args.hdlc:
            if args.udp:
                raise InputError("--hdlc is a line over TCP; leave --udp away")
            return MeterAddress.hdlc(
                host.host,
                host.port,
                physical=args.physical,
                address_octets=args.address_size,
                gateway=args.gateway,
            )
        _only_with("--hdlc or --serial", args, "physical", "address_size")
        way = MeterAddress.udp if args.udp else MeterAddress.tcp
        return way(host.host, host.port, gateway=args.gateway)
    if words and _looks_like_endpoint(words[0]) and not _is_obis(words[0]):
        raise InputError(f"--serial names the meter; leave {words[0]} away, or --serial")
    for name in ("udp", "hdlc", "gateway"):
        if getattr(args, name):
            raise InputError(f"--serial is a way of its own; leave --{name} away")
    if not args.mode_e:
        _only_with("--mode-e", args, "device_address")
    return MeterAddress.serial(
        args.serial,
        baud=args.baud or BAUD,
        mode_e=args.mode_e,
        device_address=args.device_address or "",
        physical=args.physical,
        address_octets=args.address_size,
    )


def _listening(args: argparse.Namespace, words: list[str]) -> MeterAddress:
    if words and _looks_like_endpoint(words[0]) and not _is_obis(words[0]):
        raise InputError(f"--listen waits for the meter; leave {words[0]} away, or --listen")
    for name in ("serial", "udp", "hdlc", "gateway", "pre_established", "scan"):
        if getattr(args, name):
            option = name.replace("_", "-")
            raise InputError(
                f"--listen takes TCP wrapper calls of one client; leave --{option} away"
            )
    host, port = args.listen
    return MeterAddress.call(host, port, closed_network=args.closed_network)


def _only_with(option: str, args: argparse.Namespace, *names: str) -> None:
    for name in names:
        if getattr(args, name) not in (None, False):
            raise InputError(f"--{name.replace('_', '-')} needs {option}")


def _endpoint(words: list[str]) -> Endpoint:
    if not words:
        raise InputError("which meter? Write HOST:PORT, such as 127.0.0.1:4059, or --serial DEVICE")
    try:
        return endpoint(words.pop(0))
    except argparse.ArgumentTypeError as fault:
        raise InputError(str(fault)) from None


def _looks_like_endpoint(word: str) -> bool:
    try:
        endpoint(word)
    except argparse.ArgumentTypeError:
        return False
    return True


def _is_obis(word: str) -> bool:
    try:
        Obis.parse(word)
    except InputError:
        return False
    return True


def _check_wanted(args: argparse.Namespace, names: tuple[Obis, ...]) -> None:
    kinds = [name for name in ("scan", "all", "csv") if getattr(args, name)]
    if len(kinds) > 1:
        raise InputError(f"--{kinds[0]} and --{kinds[1]} are two different readings; choose one")
    if names and kinds and kinds[0] != "csv":
        raise InputError(f"--{kinds[0]} takes no OBIS codes")
    if args.csv and (len(names) != 1 or args.json):
        raise InputError("--csv prints the rows of one profile: give one OBIS code, and no --json")
    if args.clients is not None and not args.scan:
        raise InputError("--clients needs --scan")
    if args.rows is not None and args.first is not None:
        raise InputError("--last and --from choose rows in two ways; choose one")
    chosen = "--from" if args.first is not None else "--last" if args.rows is not None else ""
    if chosen and not names and not args.all:
        raise InputError(f"{chosen} needs the OBIS code of a profile, such as 1-0:99.1.0")


def _times(first: datetime | None, last: datetime | None) -> tuple[datetime, datetime] | None:
    if first is None:
        if last is not None:
            raise InputError("--to needs --from")
        return None
    end = datetime.now(UTC) if last is None else last
    if end < first:
        raise InputError("--to is before --from")
    return first, end


def _who(args: argparse.Namespace, secrets: Credentials) -> MeterAccess:
    """The client, by the file, the password, or without a secret."""
    server = 1 if args.server is None else args.server
    if args.credentials is not None:
        if args.password is not None:
            raise InputError("--credentials has the password; leave --password away")
        access = _of_file(args, secrets, server)
    else:
        password = args.password
        if password is None:
            password = os.environ.get(PASSWORD_VARIABLE)
        usual = READER_CLIENT if password else PUBLIC_CLIENT
        client_sap = usual if args.client is None else args.client
        known = AssociationCredentials(Mechanism.LOW, password.encode()) if password else None
        access = usual_access(client_sap, known or AssociationCredentials(), server)
    if not args.pre_established:
        return access
    if access.credentials.mechanism != Mechanism.NONE:
        raise InputError("--pre-established: such a client proves itself by its keys alone")
    return MeterAccess(access.client_sap, server, access.credentials, pre_established=True)


def _of_file(args: argparse.Namespace, secrets: Credentials, server: int) -> MeterAccess:
    known = list(secrets.associations)
    client_sap = args.client
    if client_sap is None:
        if args.scan:
            client_sap = PUBLIC_CLIENT
        elif READER_CLIENT in known:
            client_sap = READER_CLIENT
        elif len(known) == 1:
            client_sap = known[0]
    names = listed(known) or "none"
    if client_sap is None and not known:
        raise InputError(
            f'{args.credentials} has no client: "reader", "management" or "associations" is wanted'
        )
    if client_sap is None:
        raise InputError(f"{args.credentials} knows the clients {names}; choose one: --client")
    if client_sap not in known and client_sap != PUBLIC_CLIENT:
        raise InputError(f"{args.credentials} has no client {client_sap}; it knows {names}")
    return usual_access(client_sap, secrets.of_client(client_sap), server)
