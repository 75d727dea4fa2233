"""`addad register`: put a meter in service at a service point."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from addad.cli.arguments import endpoint
from addad.errors import InputError
from addad.event_loop import run as run_loop

if TYPE_CHECKING:
    from addad.reader.credentials import AssociationCredentials

_EPILOG = """\
The meter is asked for its serial and its indexes. One that is already at the service point goes:
its installation ends with the last index that was collected, and the place's history goes on.

examples:
  addad register --data utility --service-point SP-1 127.0.0.1:4059 --credentials c.json
      the file is the one that `addad meter` names: DIR/credentials.json
      the same with --push-keys for one that runs by: addad meter --push-keys
  addad register --data utility --service-point SP-2 --multiplier 40 127.0.0.1:4061
"""

_CURE: Final = (
    "check the address and --credentials, or tell --serial, --start-import and --start-export"
)


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare `addad register`."""
    parser = subparsers.add_parser(
        "register",
        help="register a meter at a service point of a head end",
        description="Put a meter in service at a service point.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("meter", type=endpoint, metavar="HOST:PORT", help="where the meter is")
    parser.add_argument(
        "--data", type=Path, required=True, metavar="DIR", help="the head end's folder"
    )
    parser.add_argument(
        "--service-point", required=True, metavar="ID", help="the utility's name for the place"
    )
    parser.add_argument("--name", default="", help="what the place is called (its ID)")
    parser.add_argument("--address", default="", help="where it is")
    parser.add_argument(
        "--credentials",
        type=Path,
        metavar="FILE",
        help='the meter\'s passwords: JSON {"reader": …, "management": …}',
    )
    pushes = parser.add_mutually_exclusive_group()
    pushes.add_argument(
        "--push-keys",
        action="store_true",
        help="take the meter's pushes only under the keys that --credentials has for pushes",
    )
    pushes.add_argument(
        "--plain-pushes",
        action="store_true",
        help="forget its push keys, and take plain pushes of it again",
    )
    parser.add_argument("--serial", default="", help="must be the meter's own; asked when left out")
    parser.add_argument(
        "--start-import", type=_index, metavar="WH", help="the meter's index; asked when left out"
    )
    parser.add_argument(
        "--start-export", type=_index, metavar="WH", help="the meter's index; asked when left out"
    )
    parser.add_argument(
        "--multiplier", default="1", metavar="M", help="primary over secondary: 40 or 2000/11 (1)"
    )


def run(args: argparse.Namespace) -> int:
    """Register the meter; 0 when it is in service."""
    from addad.headend.head_end import HeadEnd
    from addad.headend.inventory import Registration, ServicePoint, parse_multiplier
    from addad.headend.settings import HeadEndSettings

    passwords = _passwords(args.credentials)
    registration = Registration(
        service_point=ServicePoint(
            args.service_point, args.name or args.service_point, args.address
        ),
        host=args.meter.host,
        port=args.meter.port,
        serial=args.serial,
        reader_password=passwords.get("reader", ""),
        management_password=passwords.get("management", ""),
        multiplier=parse_multiplier(args.multiplier),
        start_import_wh=args.start_import,
        start_export_wh=args.start_export,
        push=_push_keys(args.credentials) if args.push_keys else None,
        plain_pushes=args.plain_pushes,
    )
    if not args.data.exists():
        print(
            f"{args.data} is a new head end's folder; "
            f"run it with: addad headend --data {args.data}",
            file=sys.stderr,
        )
    head_end = HeadEnd(HeadEndSettings(data=args.data))
    try:
        done = run_loop(lambda: head_end.register_meter(registration, "command line"))
    except InputError as error:
        if "cannot be read" not in str(error):
            raise
        raise InputError(f"{error}; {_CURE}") from None
    finally:
        head_end.close()
    print(f"meter {done['meter_serial']} is in service at {done['service_point']}")
    return 0


def _index(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 15:
        raise argparse.ArgumentTypeError(f"{text!r} is no index in Wh; write it like 12500")
    return int(text)


def _push_keys(path: Path | None) -> AssociationCredentials:
    from addad.reader.credentials import load_credentials

    push = None if path is None else load_credentials(path).push
    if push is None:
        raise InputError('--push-keys: name the file with {"push": …} by --credentials')
    return push


def _passwords(path: Path | None) -> dict[str, str]:
    if path is None:
        return {}
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as fault:
        raise InputError(f"--credentials {path}: cannot be read ({fault})") from fault
    known = content if isinstance(content, dict) else {}
    passwords = {name: known.get(name, "") for name in ("reader", "management")}
    if not all(isinstance(value, str) for value in passwords.values()) or not known:
        raise InputError(
            f'--credentials {path}: hold passwords as {{"reader": "…", "management": "…"}}'
        )
    return passwords
