"""Writes an excerpt of a recording as COMTRADE: `--excerpt 0.3s..0.9s --comtrade OUT.cfg`."""

from __future__ import annotations

import argparse
import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from addad.cli.arguments import unwritable

if TYPE_CHECKING:
    from addad.lab.measure_plan import Plan
    from addad.lab.report import Report


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    group = parser.add_argument_group("cut out")
    group.add_argument(
        "--excerpt", metavar="SPAN", help="what to write: 0.3s..0.9s, event:1; else all of it"
    )
    group.add_argument(
        "--comtrade", type=Path, metavar="OUT.cfg", help="write it there, or into one OUT.cff"
    )
    group.add_argument(
        "--revision", choices=("1999", "2013"),
        help="of COMTRADE: 2013 has 32 bits, 1999 has 16 and is read everywhere (default 2013)",
    )  # fmt: skip


def misuse(args: argparse.Namespace) -> str:
    """What is wrong with the options, if anything is."""
    path = args.comtrade
    if path is None:
        alone = "--excerpt" if args.excerpt else "--revision" if args.revision else ""
        return f"{alone} needs --comtrade OUT.cfg, to know where to" if alone else ""
    if path.suffix.lower() not in (".cfg", ".cff"):
        return f"--comtrade {path}: name it with .cfg (its .dat is put beside it) or .cff"
    fault = next(filter(None, map(unwritable, _targets(path))), "")
    if fault:
        return f"--comtrade {fault}"
    taken = {args.file.resolve(), *(args.file.with_suffix(s).resolve() for s in (".dat", ".cfg"))}
    if any(target.resolve() in taken for target in _targets(path)):
        return f"--comtrade {path}: that is the recording itself; choose another name"
    return ""


def check_span(args: argparse.Namespace) -> None:
    """ChoiceError before a long record is measured for a span that is none."""
    if args.excerpt:
        from addad.lab import excerpts

        excerpts.check_span(args.excerpt)


def write(args: argparse.Namespace, wanted: Plan, report: Report) -> str:
    """Write the excerpt; gives what went wrong with the disk, if anything."""
    from addad.lab.excerpts import excerpt
    from addad.lab.whole_file import whole_file
    from addad.world.comtrade_writer import written_comtrade

    cut = excerpt(wanted, report, args.excerpt or "..")
    files = written_comtrade(cut, args.revision or "2013")
    targets = _targets(args.comtrade)
    if len(targets) == 1:
        contents = [files.combined(f"{cut.recorder}, by addad measure")]
    else:
        contents = [files.configuration, files.data]
    try:
        with contextlib.ExitStack() as stack:
            # Neither takes its place before both are written: a .cfg without its .dat is nothing.
            places = [stack.enter_context(whole_file(target)) for target in targets]
            for place, octets in zip(places, contents, strict=True):
                place.write(octets)
                place.flush()
    except OSError as error:
        return f"{targets[0]}: {error.strerror or error}; choose another place"
    names = ", ".join(str(target) for target in targets)
    count, channels = cut.samples.shape
    digital = f" and {len(cut.statuses)} digital ones" if cut.statuses else ""
    print(f"excerpt: {names}: {count} samples of {channels} channels{digital}", file=sys.stderr)
    return ""


def _targets(path: Path) -> tuple[Path, ...]:
    """The files to write: a .cff alone, or a .cfg and its .dat in the same case."""
    if path.suffix.lower() == ".cff":
        return (path,)
    return path, path.with_suffix(".DAT" if path.suffix.isupper() else ".dat")
