"""`addad push FILE`: what the pushes in a capture say, of any meter.

Needs only the base install. Pushes are printed as they come; what is no push goes to standard
error.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import Final, Protocol, cast

from addad.cli.json_text import print_json
from addad.cli.read_tables import print_table
from addad.errors import InputError, SecurityError, SecurityFault
from addad.obis_names import NAMES
from addad.reader.counter_file import CounterFile, beside
from addad.reader.credentials import load_credentials
from addad.reader.plain_values import Plain, moment_as_text, plain
from addad.reader.push_carriages import Carriage
from addad.reader.push_keys import Opened
from addad.reader.push_values import PushedValue
from addad.reader.pushes import Push, PushDecoder, UnreadPush

CHUNK_OCTETS: Final = 4096
STANDARD_INPUT: Final = "-"
OK, FAILED = 0, 1

TEXT_OCTETS_MIN: Final = 16
"""So many printable octets are a text: frames have others among their first ones."""

_TEXT: Final = re.compile(rb"[\x20-\x7E\s]*")
_HEXADECIMAL: Final = re.compile(rb"[0-9A-Fa-f\s:,;-]*")
_SEPARATORS: Final = b" \t\r\v\f:,;-"
_CARRIAGES: Final = {carriage.value: carriage for carriage in Carriage}
_EPILOG: Final = """\
The file holds octets as they came from a meter's port, or hexadecimal digits: HDLC frames, wired
M-Bus frames, TCP wrapper frames, or plain APDUs. The credentials file has mode 0600 and holds
{"push": {"encryption_key": "…", "authentication_key": "…"}}; where the utility gave only the
encryption key, say "encryption_key_only": true instead of the second.

A ciphered push is taken once: the counters of those that were read are kept in a file beside the
credentials, or at --counters, and whoever sends a recorded one again is refused, also after a
restart. To look at a capture once more, say --again.

examples:
  addad push capture.hex
  addad push --credentials keys.json --json capture.bin
  stty -F /dev/ttyUSB0 2400 raw parenb -parodd; addad push --credentials keys.json - < /dev/ttyUSB0
"""


class _Source(Protocol):
    """A file that gives what has come, without waiting for more."""

    def read1(self, size: int, /) -> bytes: ...


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare `addad push`."""
    parser = subparsers.add_parser(
        "push",
        help="read what meters push: a capture of any maker's consumer port",
        description="Say what the pushes in a capture hold: values by OBIS code, with units.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("capture", metavar="FILE", help="octets or hexadecimal digits; - is standard input")
    add("--credentials", type=Path, metavar="FILE", help="the meter's keys, in a JSON file")
    add(
        "--counters",
        type=Path,
        metavar="FILE",
        help="which ciphered pushes came (default: beside the credentials)",
    )
    add(
        "--again",
        action="store_true",
        help="read ciphered pushes that came before, too, and keep nothing of them",
    )
    add(
        "--carriage",
        choices=sorted(_CARRIAGES),
        help="what carries the pushes (default: it shows itself)",
    )
    add("--json", action="store_true", help="print JSON, one push a line")


def run(args: argparse.Namespace) -> int:
    """Print each push; 0 when all were read, 1 when one was not, or there is none."""
    credentials = None if args.credentials is None else load_credentials(args.credentials)
    decoder = PushDecoder(credentials, _CARRIAGES.get(args.carriage or ""), _counters(args))
    if args.capture == STANDARD_INPUT:
        file = cast(_Source, sys.stdin.buffer)
        return _print_all(file, "standard input", decoder, args.json)
    with ExitStack() as stack:  # only opening it is tried: faults of our output are not the file's
        try:
            capture = stack.enter_context(Path(args.capture).open("rb"))
        except (OSError, ValueError) as fault:
            reason = getattr(fault, "strerror", None) or "no path"
            raise InputError(f"{args.capture} cannot be read: {reason}") from None
        return _print_all(capture, args.capture, decoder, args.json)


def _counters(args: argparse.Namespace) -> CounterFile | None:
    """The file of counters, which can be used; None where none are kept."""
    if args.again and args.counters is not None:
        raise InputError("--again keeps nothing, so that --counters has no use")
    if args.credentials is None or args.again:
        return None
    file = CounterFile(args.counters or beside(args.credentials))
    file.check()
    return file


def _print_all(file: _Source, name: str, decoder: PushDecoder, as_json: bool) -> int:
    read = unread = 0
    for octets in chain(_pieces(file, name), (None,)):
        found = decoder.flush() if octets is None else decoder.feed(octets)
        for one in found:
            if isinstance(one, UnreadPush):
                unread += 1
                _tell_unread(one)
            else:
                _show(one, as_json, first=not read)
                read += 1
    if decoder.discarded:
        print(f"addad push: {decoder.discarded} octets were part of no frame", file=sys.stderr)
    if not read and not unread:
        print(f"addad push: no push is in {name}", file=sys.stderr)
    return OK if read and not unread else FAILED


def _pieces(file: _Source, name: str) -> Iterator[bytes]:
    """The octets as they come; of hexadecimal text, those of a line at a time."""
    first = b""
    while not first.strip():
        chunk = file.read1(CHUNK_OCTETS)
        if not chunk:
            break
        first = chunk
    if not _HEXADECIMAL.fullmatch(first):
        if len(first) >= TEXT_OCTETS_MIN and _TEXT.fullmatch(first):
            raise InputError(f"{name} is a text, but not one of hexadecimal digits")
        while first:
            yield first
            first = file.read1(CHUNK_OCTETS)
        return
    rest = b""
    while first:
        if not _HEXADECIMAL.fullmatch(first):
            raise InputError(f"{name} begins with hexadecimal digits, but goes on otherwise")
        for line in first.split(b"\n"):
            digits = rest + line.translate(None, _SEPARATORS)
            whole = len(digits) // 2 * 2
            rest = digits[whole:]
            yield bytes.fromhex(digits[:whole].decode("ascii"))
        first = file.read1(CHUNK_OCTETS)
    if rest:
        raise InputError(f"{name} ends with half an octet: one hexadecimal digit is missing")


def _show(push: Push, as_json: bool, first: bool) -> None:
    if as_json:
        print_json(_json(push), None)
        sys.stdout.flush()
        return
    if not first:
        print()
    moment = "without a moment" if push.moment is None else moment_as_text(push.moment)
    print("  ".join((moment, push.carriage.value, *_sender(push.opened))))
    if push.list_name:
        print(f"by the maker's list: {push.list_name}")
    if push.quirks:
        print(f"odd: {', '.join(_words(push))}")
    rows = [(_name(value), _called(value), _text(value)) for value in push.values]
    print_table(("object", "name", "value"), rows)
    sys.stdout.flush()


def _sender(opened: Opened | None) -> tuple[str, ...]:
    if opened is None:
        return ("not ciphered",)
    maker = opened.title[:3].decode("latin-1")
    named = f" ({maker})" if maker.isascii() and maker.isalpha() else ""
    verified = "verified" if opened.verified else "NOT verified: it may be forged"
    return f"from {opened.title.hex()}{named}", f"counter {opened.counter}", verified


def _words(push: Push) -> list[str]:
    return [quirk.name.lower().replace("_", " ") for quirk in push.quirks]


def _name(value: PushedValue) -> str:
    if value.logical_name is None:
        return "-"
    index = value.attribute_index
    return str(value.logical_name) if index in (None, 2) else f"{value.logical_name} ({index})"


def _called(value: PushedValue) -> str:
    return "" if value.logical_name is None else NAMES.get(value.logical_name, "")


def _text(value: PushedValue) -> str:
    shown = value.value
    if isinstance(shown, float):
        return f"{shown:.12g} {value.unit}".rstrip()
    return shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False)


def _json(push: Push) -> Plain:
    opened = push.opened
    sealed: Plain = None
    if opened is not None:
        sealed = {
            "system_title": opened.title.hex(),
            "invocation_counter": opened.counter,
            "verified": opened.verified,
        }
    moment = push.moment
    return {
        "moment": None if moment is None else moment_as_text(moment),
        "carriage": push.carriage.value,
        "ciphered": sealed,
        "list": push.list_name,
        "quirks": [*_words(push)],
        "values": [_value_json(value) for value in push.values],
    }


def _value_json(value: PushedValue) -> Plain:
    name = value.logical_name
    shown: dict[str, Plain] = {"logical_name": None if name is None else str(name)}
    if value.class_id is not None:
        shown["class_id"] = value.class_id
        shown["attribute"] = value.attribute_index
    shown["value"] = value.value
    if value.scaler_unit is not None:
        shown["unit"] = value.unit
        shown["raw"] = plain(value.raw)
    return shown


def _tell_unread(unread: UnreadPush) -> None:
    fault = unread.fault
    cure = ""
    if isinstance(fault, SecurityError) and fault.fault is SecurityFault.KEY:
        cure = "; --credentials names the file with its keys"
    elif isinstance(fault, SecurityError) and fault.fault is SecurityFault.REPLAY:
        cure = "; it came before, or another after it: --again reads it once more"
    print(f"addad push: {unread.carriage.value}: {fault}{cure}", file=sys.stderr)
