"""`addad COMMAND …`: finds the command, and turns every failure into one clear line.

Exit codes: 0 done, 1 failed, 2 bad use, 130 interrupted.
"""

from __future__ import annotations

import argparse
import errno
import importlib
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Final, Protocol, cast

from addad import __version__
from addad.errors import AddadError, InputError


class Command(Protocol):
    """What each module of this room offers."""

    def add_parser(self, subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
        """Declare the command: its name, help and arguments."""

    def run(self, args: argparse.Namespace) -> int:
        """Do the work; returns the exit code."""


EXTRA: Final = {
    "demo": "all",
    "measure": "meter",
    "quality": "plot",
    "type-test": "plot",
    "meter": "site",
    "headend": "headend",
    "register": "headend",
    "read": "",
    "push": "",
}
"""The commands, in the order of the help, and the extra that each needs."""


INTERRUPTED: Final = 130
"""What a shell takes for Ctrl-C: a test that was broken off has not failed."""

FULL: Final = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO))
"""What a disk says that takes no more of our output."""


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="addad", description="A smart electricity meter in software.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"addad {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in EXTRA:
        _module(name).add_parser(commands)
    if argv and argv[0] in commands.choices:
        # Intermixed, so that `addad read HOST:PORT --client 2 1-0:1.8.0` means what it says.
        args = commands.choices[argv[0]].parse_intermixed_args(argv[1:])
        args.command = argv[0]
        return args
    return parser.parse_args(argv)


def _module(name: str) -> Command:
    return cast(Command, importlib.import_module(f"addad.cli.{name.replace('-', '_')}"))


def _missing_extra(name: str, error: ModuleNotFoundError) -> str:
    extra = EXTRA[name] or "all"
    return (
        f"`addad {name}` needs the Python package {error.name!r}, which is not installed; "
        f"install it with: pip install 'addad[{extra}]'"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns 0 done, 1 failed, 2 bad use, 130 interrupted by Ctrl-C."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            # Closed by who started us (`addad … >&-`): said to nobody.
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A name that the terminal's code page lacks is shown with question marks, not refused.
            stream.reconfigure(errors="replace")
    try:
        code = _run(_parse(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return INTERRUPTED
    except RuntimeError as error:
        # While a class is made, Python 3.11 wraps what interrupts it.
        if not isinstance(error.__cause__, KeyboardInterrupt):
            raise
        print(file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away (`addad … | head`): nothing more to say to anybody.
        _write_no_more()
        return 1
    except OSError as error:
        if error.errno not in FULL:
            raise
        _write_no_more()
        print(f"addad: the output cannot be written: {error.strerror}", file=sys.stderr)
        return 1


def _write_no_more() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(args: argparse.Namespace) -> int:
    try:
        return _module(args.command).run(args)
    except InputError as error:
        print(f"addad {args.command}: {error}", file=sys.stderr)
        return 2
    except AddadError as error:
        print(f"addad {args.command}: {error}", file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("addad"):
            raise
        print(_missing_extra(args.command, error), file=sys.stderr)
        return 2


if __name__ == "__main__":
    raise SystemExit(main())
