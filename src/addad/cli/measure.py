"""`addad measure FILE`: what a real recording says of voltage, current, power and harmonics."""

from __future__ import annotations

import argparse
import csv
import importlib.util
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from addad.cli import measure_excerpt
from addad.cli.arguments import positive_number, unwritable
from addad.cli.json_text import print_json
from addad.cli.patience import kernels_may_compile
from addad.errors import InputError

if TYPE_CHECKING:
    from addad.lab.measure import OnWindows, Progress
    from addad.lab.measure_plan import Plan, Request
    from addad.lab.report import Report

DONE, FAILED, BAD_USE = 0, 1, 2

_EPILOG = """\
the guess and its correction:
  Which channel is which phase is guessed from names and units, and shown. Correct it with
    --map L1=U1:I1,L2=U2:I2,L3=U3:I3,N=I4   phase = voltage:current, by the names of --list
    --map L1=#5:#1                          or by their numbers
    --map L1=U1                             a voltage alone; L1=:I1 is a current alone
    --scale 'U*=100' --scale I1=-1          factors by name, * and ? fit any; -1 turns a CT round
    --nominal 230V/50Hz                     or 50Hz, or 230V
    --accuracy U=0.2%/10min,I=0.5%/30min    class of the transformers: size/angle; clock=20ppm
  Dips and swells are told against the nominal voltage, else against the record's own steady one.
  What --map leaves out is not measured.

examples:
  addad measure feeder.cfg --plot sheet.png       COMTRADE: the .dat is found beside it
  addad measure relay.cfg --primary               values as before the transformers
  addad measure mains.wav --scale U1=325          16-bit samples become volts
  addad measure lab.csv --rate 10000 --csv > windows.csv
  addad measure day.mat --trends trends.png       U, I, P, f, THD, unbalance, flicker over time
  addad measure day.mat --trends trends.csv       the same as numbers, a row a window
  addad measure relay.cfg --excerpt event:1 --comtrade dip.cfg
  addad measure appliances.npz --item 7

Signs: import is positive; Q of the fundamental is positive for an inductive load. Exit codes:
0 measured, 1 the file cannot be measured, 2 bad use.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "measure",
        help="measure a recording: COMTRADE, WAV, CSV, NPZ, MATLAB or HDF5",
        description="Measure a recording of real mains: V, I, P, Q, S, PF, f, THD and harmonics.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="a .cfg, .dat or .cff, .wav, .csv, .npz, .mat, .h5"
    )
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="print everything as JSON")
    output.add_argument("--csv", action="store_true", help="print a row for each window as CSV")
    output.add_argument("--list", action="store_true", help="list the channels, measure nothing")
    parser.add_argument("--plot", type=Path, metavar="OUT.png", help="draw the sheet into a PNG")
    parser.add_argument(
        "--trends",
        type=Path,
        metavar="OUT.png",
        help="draw how the record went into a PNG; OUT.csv and OUT.json get its numbers",
    )
    measure_excerpt.add_options(parser)
    guess = parser.add_argument_group("correct the guess")
    chosen = guess.add_mutually_exclusive_group()
    chosen.add_argument("--map", metavar="L1=U1:I1,…", help="which channel is which phase")
    chosen.add_argument("--circuit", metavar="NAME", help="the feeder whose currents to measure")
    guess.add_argument("--scale", action="append", default=[], metavar="U*=100", help="a factor")
    guess.add_argument(
        "--nominal", type=nominal, default=(None, None), metavar="230V/50Hz",
        help="the nominal voltage, to compare with, and frequency",
    )  # fmt: skip
    guess.add_argument(
        "--accuracy", metavar="U=…,I=…,clock=…",
        help="limits of error of what made the recording, for the uncertainties",
    )  # fmt: skip
    side = guess.add_mutually_exclusive_group()
    side.add_argument(
        "--primary", action="store_const", dest="side", const="primary", default="",
        help="COMTRADE: convert to the primary side of the transformers",
    )  # fmt: skip
    side.add_argument(
        "--secondary", action="store_const", dest="side", const="secondary",
        help="COMTRADE: convert to the secondary side",
    )  # fmt: skip
    reading = parser.add_argument_group("read the file")
    reading.add_argument("--rate", type=positive_number, metavar="HZ", help="samples a second")
    reading.add_argument(
        "--item", type=int, metavar="N", help="NPZ, MATLAB, HDF5: only item N, from 0"
    )
    reading.add_argument("--section", type=int, metavar="N", help="COMTRADE: sampling rate N")
    reading.add_argument("--encoding", metavar="NAME", help="code page of the text, as cp1251")
    reading.add_argument(
        "--allow-wrong-count", action="store_true", help="measure what a cut-off file still holds"
    )


def run(args: argparse.Namespace) -> int:
    """Measure; 1 for a file that cannot be measured, 2 for bad use."""
    missing = _missing(args) or measure_excerpt.misuse(args)
    if missing:
        return _complain(missing, BAD_USE)
    from addad.host.recording_files import opened
    from addad.lab.measure_plan import plan
    from addad.world.recording import ChoiceError, Reading

    reading = Reading(
        rate=args.rate,
        nominal_frequency=args.nominal[1],
        section=args.section,
        item=args.item,
        encoding=args.encoding,
        allow_wrong_count=args.allow_wrong_count,
    )
    try:
        request = _request(args)
        measure_excerpt.check_span(args)
        with opened(args.file, reading) as recording:
            if args.list:
                from addad.cli.measure_tables import print_channels

                print_channels(args.file.name, recording)
                return DONE
            return _measure(args, plan(args.file.name, recording, request))
    except ChoiceError as error:
        return _complain(str(error), BAD_USE)
    except InputError as error:
        return _complain(str(error), FAILED)


def nominal(text: str) -> tuple[float | None, float | None]:
    """`230V/50Hz`, `11kV`, `60Hz`: volts and hertz, None for what is not stated."""
    found = re.fullmatch(
        r"(?i)(?:(\d+(?:\.\d+)?)\s*(k?)v)?\s*[/,; ]?\s*(?:(\d+(?:\.\d+)?)\s*hz)?", text.strip()
    )
    stated = [float(number) for number in (found[1], found[3]) if number] if found else []
    if found is None or not stated or min(stated) == 0.0:
        raise argparse.ArgumentTypeError(f"{text!r}: write it like 230V/50Hz, 230V or 50Hz")
    volts = float(found[1]) * (1e3 if found[2] else 1.0) if found[1] else None
    return volts, float(found[3]) if found[3] else None


def _request(args: argparse.Namespace) -> Request:
    from addad.lab.measure_accuracy import parse_accuracy
    from addad.lab.measure_plan import Request

    return Request(
        map=args.map,
        circuit=args.circuit,
        scales=tuple(args.scale),
        nominal_voltage=args.nominal[0],
        nominal_frequency=args.nominal[1],
        side=args.side,
        **({"accuracy": parse_accuracy(args.accuracy)} if args.accuracy else {}),
    )


def _measure(args: argparse.Namespace, wanted: Plan) -> int:
    from addad.lab.measure import measure
    from addad.world.channel_map import crossed

    if args.csv and args.map is not None:
        for note in crossed(wanted.recording.channels, wanted.channels):
            print(f"addad measure: {note}", file=sys.stderr)
    rows = _csv_rows(wanted) if args.csv else None
    with _progress(args.file.name) as on_progress:
        report = measure(wanted, rows, on_progress)
    if args.json:
        from addad.lab.export import as_mapping

        print_json(as_mapping(report), 1)
    elif not args.csv:
        from addad.cli.measure_tables import print_report

        print_report(report, guessed=args.map is None)
    return _written(args, wanted, report)


def _written(args: argparse.Namespace, wanted: Plan, report: Report) -> int:
    """Draw and cut out what is asked for."""
    fault = measure_excerpt.write(args, wanted, report) if args.comtrade else ""
    if args.plot and not fault:
        from addad.lab.sheet import draw

        fault = _drawn("sheet", args.plot, lambda: draw(wanted, report, args.plot))
    if args.trends and not fault:
        fault = _drawn("trends", args.trends, lambda: _trends(report, args.trends))
    return _complain(fault, FAILED) if fault else DONE


def _trends(report: Report, path: Path) -> None:
    if path.suffix.lower() == ".png":
        from addad.lab.sheet_trends import draw_trends

        draw_trends(report, path)
    else:
        from addad.lab.trends_text import write_trends

        write_trends(report, path)


def _drawn(what: str, path: Path, draw: Callable[[], None]) -> str:
    try:
        draw()
    except OSError as error:
        return f"{path}: {error.strerror or error}; choose another place"
    print(f"{what}: {path}", file=sys.stderr)
    return ""


def _csv_rows(wanted: Plan) -> OnWindows:
    from addad.lab.export import csv_header, csv_rows

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(csv_header(wanted))
    return lambda windows, found: writer.writerows(csv_rows(wanted, windows, found))


def _missing(args: argparse.Namespace) -> str:
    """What to install, if anything lacks."""
    for module in ("numpy", "numba", "rich"):
        if importlib.util.find_spec(module) is None:
            return f"needs {module}, which is not installed: pip install 'addad[meter]'"
    if args.list:
        idle = [name for name in ("plot", "trends", "comtrade") if getattr(args, name)]
        if idle:
            return f"--list measures nothing, so there is nothing for --{idle[0]}"
    for option, path, numbers in (
        ("--plot", args.plot, ()), ("--trends", args.trends, (".csv", ".json")),
    ):  # fmt: skip
        if path is None:
            continue
        suffix = path.suffix.lower()
        if suffix not in (".png", *numbers):
            forms = "; name it with .png" + (
                ", or with .csv or .json for numbers" if numbers else ""
            )
            return f"{option} {path}: the sheet is a PNG{forms}"
        if suffix == ".png" and importlib.util.find_spec("matplotlib") is None:
            return f"{option} needs matplotlib, which is not installed: pip install 'addad[plot]'"
        if path.resolve() == args.file.resolve():
            return f"{option} {path}: that is the recording itself; choose another name"
        if fault := unwritable(path):
            return f"{option} {fault}"
    return ""


@contextmanager
def _progress(name: str) -> Iterator[Progress | None]:
    """A bar on stderr when it is a terminal, for as long as the measurement runs; else patience."""
    if not sys.stderr.isatty():
        with kernels_may_compile("measure") as begun:
            yield lambda *_: begun()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TimeRemainingColumn

    columns = ("{task.description}", BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("preparing the instrument (longer the first time)", total=None)

        def show(done: int, total: int) -> None:
            # Compiling what finds events is half of the first minute.
            rest = ": its events (longer the first time)" if done >= total else ""
            bar.update(task, completed=done, total=total, description=f"measuring {name}{rest}")

        yield show


def _complain(text: str, code: int) -> int:
    print(f"addad measure: {text}", file=sys.stderr)
    return code
