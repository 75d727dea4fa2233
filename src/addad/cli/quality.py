"""`addad quality`: the quality of a supply by EN 50160, of a recording or the simulated house."""

from __future__ import annotations

import argparse
import importlib.util
import math
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from addad.cli.arguments import positive_number, unmakeable, unwritable
from addad.cli.json_text import print_json
from addad.cli.measure import nominal
from addad.cli.patience import kernels_may_compile
from addad.errors import InputError

if TYPE_CHECKING:
    from addad.lab.quality_record import QualityRecord
    from addad.lab.quality_report import QualityReport

    Waveforms = dict[int, tuple[Path, Path]]

DONE, FAILED, BAD_USE = 0, 1, 2
WEEK: Final = "7d"
RECORD_SUFFIX: Final = ".pq"
_NO_NOMINAL: Final = (None, None)
_OF_BOTH: Final = ("for", "island", "signalling")
_OF_RECORDING: Final = (
    *_OF_BOTH, "map", "circuit", "scale", "nominal", "rate", "item", "primary", "secondary",
    "section", "encoding", "allow-wrong-count",
)  # fmt: skip
_KEPT_AS: Final = {"for": "seconds", "primary": "side", "secondary": "side"}
_OF_SITE: Final = (
    *_OF_BOTH, "seed", "start", "disturbed", "scenario", "no-panels", "processes",
)  # fmt: skip
_UNITS_S: Final = {"d": 86_400.0, "h": 3_600.0, "min": 60.0, "s": 1.0}

_EPILOG = """\
examples:
  addad quality feeder.cfg --html feeder.html      a recording; --map and --nominal as measure has
  addad quality --site --for 7d --disturbed --html week.html --pdf week.pdf --save week.pq
  addad quality week.pq --html again.html          what --save kept, without measuring again
  addad quality --site --for 1d --scenario "+3600 voltage_dip 0.6 L1, +3600.25 voltage_return"

EN 50160 judges whole weeks. Of less, the report says what lies within the limits so far and that it
is no verdict. Waveforms of events are written as COMTRADE beside the page, and linked from it.
Exit codes: 0 nothing fails, 1 a requirement is not met, 2 bad use or nothing to measure.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "quality",
        help="report on the quality of a supply by EN 50160",
        description="Measure voltage quality (IEC 61000-4-30) and report it by EN 50160.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "file", type=Path, nargs="?", metavar="RECORDING",
        help=f"what `addad measure` reads, or a {RECORD_SUFFIX} of --save",
    )  # fmt: skip
    parser.add_argument("--site", action="store_true", help="instead: the simulated house")
    parser.add_argument(
        "--for", type=span, dest="seconds", metavar=WEEK,
        help=f"how much of it: 7d, 36h, 20min (the house: {WEEK}; a recording: all, 7d at most)",
    )  # fmt: skip
    parser.add_argument("--island", action="store_true", help="not joined to another network")
    parser.add_argument(
        "--signalling", type=carrier, default=0.0, metavar="HZ",
        help="watch mains signalling at this carrier",
    )  # fmt: skip
    output = parser.add_argument_group("the report")
    output.add_argument("--html", type=Path, metavar="OUT.html", help="one page to send")
    output.add_argument("--pdf", type=Path, metavar="OUT.pdf", help="the same to print")
    output.add_argument("--json", action="store_true", help="print everything as JSON")
    output.add_argument(
        "--events", type=Path, metavar="DIR",
        help="where the events' COMTRADE files go; by default beside the page",
    )  # fmt: skip
    output.add_argument("--save", type=Path, metavar="OUT.pq", help="keep what was measured")
    _recording_options(parser.add_argument_group("a recording"))
    _site_options(parser.add_argument_group("the simulated house"))


def _recording_options(group: argparse._ArgumentGroup) -> None:
    chosen = group.add_mutually_exclusive_group()
    chosen.add_argument("--map", metavar="L1=U1:I1,…", help="which channel is which phase")
    chosen.add_argument("--circuit", metavar="NAME", help="the feeder whose currents to take")
    group.add_argument("--scale", action="append", default=[], metavar="U*=100", help="a factor")
    group.add_argument(
        "--nominal", type=nominal, default=_NO_NOMINAL, metavar="230V/50Hz",
        help="the declared voltage to neutral, and frequency",
    )  # fmt: skip
    group.add_argument("--rate", type=positive_number, metavar="HZ", help="samples a second")
    group.add_argument("--item", type=int, metavar="N", help="NPZ, MATLAB, HDF5: item N, from 0")
    side = group.add_mutually_exclusive_group()
    for name in ("primary", "secondary"):
        side.add_argument(
            f"--{name}", action="store_const", dest="side", const=name, default="",
            help=f"COMTRADE: the {name} side of the transformers",
        )  # fmt: skip
    group.add_argument("--section", type=int, metavar="N", help="COMTRADE: sampling rate N")
    group.add_argument("--encoding", metavar="NAME", help="code page of the text, as cp1251")
    group.add_argument(
        "--allow-wrong-count", action="store_true", help="measure what a cut-off file still holds"
    )


def _site_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--seed", type=int, metavar="N", help="which house and network: 1")
    group.add_argument(
        "--start", type=date, metavar="2026-06-01", help="first day (UTC); by default last week's"
    )
    done = group.add_mutually_exclusive_group()
    done.add_argument(
        "--disturbed", action="store_true", help="draw dips, swells and an interruption by --seed"
    )
    done.add_argument("--scenario", default="", metavar="TEXT", help="as `addad meter` has it")
    group.add_argument("--no-panels", action="store_true", help="a house without panels")
    group.add_argument(
        "--processes", type=int, metavar="N", help="by default one for each core; a week takes "
        "about 25 minutes of one core",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Measure and report; 1 when a requirement is not met, 2 for bad use."""
    wrong = _misplaced(args) or _missing(args) or _places(args)
    if wrong:
        return _complain(wrong)
    from addad import __version__
    from addad.lab.quality_report import report
    from addad.metrology.power_quality.en50160 import Verdict

    try:
        made = report(_record(args), datetime.now().astimezone(), __version__)
    except InputError as error:
        return _complain(str(error))
    written = _write(args, made)
    return BAD_USE if not written else FAILED if made.verdict is Verdict.FAILS else DONE


def span(text: str) -> float:
    """`7d`, `36h`, `20min` or `90s` in seconds."""
    match = re.fullmatch(r"(\d{1,6}(?:\.\d{1,3})?)\s*(d|h|min|s)", text.strip())
    seconds = float(match[1]) * _UNITS_S[match[2]] if match else 0.0
    if not 1.0 <= seconds <= 7 * _UNITS_S["d"]:
        raise argparse.ArgumentTypeError(
            f"{text!r}: write a time span up to a week, as 7d, 36h, 20min or 90s"
        )
    return seconds


def carrier(text: str) -> float:
    """A carrier of mains signalling [Hz] that the standard limits and the instrument sees."""
    hertz = positive_number(text)
    if not 100.0 <= hertz <= 3_000.0:
        raise argparse.ArgumentTypeError(f"{text!r}: give a carrier from 100 to 3000 Hz")
    return hertz


def date(text: str) -> datetime:
    """A day as 2026-06-01, at its begin in UTC."""
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write it like 2026-06-01") from None


def _record(args: argparse.Namespace) -> QualityRecord:
    if args.site:
        return _house(args)
    if args.file.suffix.lower() == RECORD_SUFFIX:
        from addad.lab.quality_archive import load

        return load(args.file)
    from addad.host.recording_files import opened
    from addad.lab.measure_plan import Request, plan
    from addad.lab.quality_recording import measure_recording, prepared
    from addad.world.recording import Reading

    reading = Reading(
        rate=args.rate,
        nominal_frequency=args.nominal[1],
        section=args.section,
        item=args.item,
        encoding=args.encoding,
        allow_wrong_count=args.allow_wrong_count,
    )
    request = Request(
        map=args.map,
        circuit=args.circuit,
        scales=tuple(args.scale),
        nominal_voltage=args.nominal[0],
        nominal_frequency=args.nominal[1],
        side=args.side,
    )
    with opened(args.file, reading) as recording:
        wanted, supply = prepared(
            plan(args.file.name, recording, request), args.signalling, args.island
        )
        seconds = args.seconds or span(WEEK)
        with _progress(f"measuring {args.file.name}") as on_progress:
            return measure_recording(wanted, supply, seconds, on_progress)


def _house(args: argparse.Namespace) -> QualityRecord:
    from addad.lab.quality_site import HouseOrder, drawn_disturbances, measure_house

    seconds = args.seconds or span(WEEK)
    seed = 1 if args.seed is None else args.seed
    scenario, remarks = args.scenario, []
    if args.disturbed:
        scenario = drawn_disturbances(seed, seconds)
        remarks.append("Its disturbances are drawn from the seed.")
    order = HouseOrder(
        seed=seed,
        start=args.start or _monday(datetime.now(UTC)),
        seconds=seconds,
        pv_peak_w=0.0 if args.no_panels else 5_500.0,
        scenario=scenario,
        signalling_hz=args.signalling,
        island=args.island,
        remarks=tuple(remarks),
    )
    with _progress(f"living {seconds / 86_400.0:.3g} days in house {seed}") as on_progress:
        return measure_house(order, args.processes, on_progress)


def _monday(now: datetime) -> datetime:
    """The begin of the last whole week."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=now.weekday() + 7)


def _write(args: argparse.Namespace, made: QualityReport) -> bool:
    """The files, then what is printed; False, with a word about it, where a file could not be.

    What took half an hour to measure is not lost with the first place that is full.
    """
    done = [_save(args.save, made)] if args.save else []
    folder = args.events
    if folder is None and args.html is not None:
        folder = args.html.with_name(f"{args.html.stem}-events")
    files: Waveforms = {}
    if folder is not None:
        done.append(_write_events(folder, made, files))
    if args.html:
        done.append(_write_page(args.html, made, files))
    if args.pdf:
        done.append(_write_sheets(args.pdf, made))
    if args.json:
        from addad.lab.quality_files import as_mapping

        print_json(as_mapping(made, files), 1)
    else:
        from addad.cli.quality_tables import print_report

        print_report(made)
    return all(done)


def _save(path: Path, made: QualityReport) -> bool:
    from addad.lab.quality_archive import save

    return _written("record", path, lambda: save(made.record, path))


def _write_events(folder: Path, made: QualityReport, files: Waveforms) -> bool:
    """The waveforms of the events into `folder`, named in `files` by their numbers."""
    from addad.lab.quality_files import write_waveforms

    try:
        files.update(write_waveforms(made, folder))
    except OSError as error:
        return not _complain_of(folder, error)
    if files:
        print(f"events: {len(files)} waveforms in {folder}", file=sys.stderr)
    return True


def _write_page(path: Path, made: QualityReport, files: Waveforms) -> bool:
    from addad.lab.quality_html import Files, page
    from addad.lab.whole_file import write_whole

    links = {
        number: Files(_link(cfg, path), _link(dat, path)) for number, (cfg, dat) in files.items()
    }
    return _written("report", path, lambda: write_whole(path, page(made, links)))


def _write_sheets(path: Path, made: QualityReport) -> bool:
    from addad.lab.quality_pdf import write_pdf

    return _written("report", path, lambda: write_pdf(made, path))


def _written(what: str, path: Path, write: Callable[[], None]) -> bool:
    try:
        write()
    except OSError as error:
        return not _complain_of(path, error)
    print(f"{what}: {path}", file=sys.stderr)
    return True


def _complain_of(path: Path, error: OSError) -> int:
    return _complain(f"{path}: {error.strerror or error}; choose another place")


def _link(path: Path, page: Path) -> str:
    """How a page names a file: by its place beside it, where that can be told."""
    try:
        return quote(os.path.relpath(path.resolve(), page.resolve().parent).replace(os.sep, "/"))
    except ValueError:
        return path.resolve().as_uri()


def _missing(args: argparse.Namespace) -> str:
    """What to install, or which folder to make, if anything lacks."""
    for module in ("numpy", "numba", "rich"):
        if importlib.util.find_spec(module) is None:
            return f"needs {module}, which is not installed: pip install 'addad[meter]'"
    if args.site and not args.no_panels and importlib.util.find_spec("pvlib") is None:
        return (
            "the sun on the house's panels needs pvlib, which is not installed: "
            "pip install 'addad[site]', or --no-panels"
        )
    if (args.html or args.pdf) and importlib.util.find_spec("matplotlib") is None:
        return "a report needs matplotlib, which is not installed: pip install 'addad[plot]'"
    if args.processes is not None and args.processes < 1:
        return f"--processes {args.processes}: give 1 or more"
    return ""


def _misplaced(args: argparse.Namespace) -> str:
    """Which options are of another source than the one that is given, or that there is none."""
    if args.site == (args.file is not None):
        return f"give a recording, a {RECORD_SUFFIX} of --save, or --site for the simulated house"
    told: tuple[str, ...] = _OF_SITE if args.site else _OF_RECORDING
    source = "the simulated house" if args.site else "a recording"
    if args.file is not None and args.file.suffix.lower() == RECORD_SUFFIX:
        told, source = (), f"{args.file.name}, which was measured already"
    for name in dict.fromkeys((*_OF_RECORDING, *_OF_SITE)):
        place = _KEPT_AS.get(name, name.replace("-", "_"))
        if name not in told and getattr(args, place) not in (None, False, 0.0, "", [], _NO_NOMINAL):
            return f"--{name} says nothing of {source}"
    return ""


def _places(args: argparse.Namespace) -> str:
    """What is wrong with where the results are to go, told before anything is measured."""
    given = [args.html, args.pdf, args.save]
    files = [path for path in given if path is not None]
    faults = [unwritable(path) for path in files]
    if args.events is not None:
        faults.append(unmakeable(args.events))
    if fault := next(filter(None, faults), ""):
        return fault
    if args.events is not None and args.events.exists() and not args.events.is_dir():
        return f"--events {args.events}: is no folder"
    places = [path.resolve() for path in files]
    if len(set(places)) < len(places):
        return "--html, --pdf and --save: give each its own file"
    if args.file is not None and args.file.resolve() in {p.resolve() for p in given[:2] if p}:
        return f"{args.file}: is what is read; choose another place for the report"
    if args.save is not None and args.save.suffix.lower() != RECORD_SUFFIX:
        return f"--save {args.save}: name it with {RECORD_SUFFIX}"
    return ""


@contextmanager
def _progress(words: str) -> Iterator[Callable[[float, float], None] | None]:
    """A bar on stderr when it is a terminal, else patience."""
    if not sys.stderr.isatty():
        with kernels_may_compile("quality") as begun:
            yield lambda *_: begun()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TimeRemainingColumn

    columns = ("{task.description}", BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("preparing the instrument (longer the first time)", total=None)
        yield lambda done, total: bar.update(
            task, completed=done, total=total if math.isfinite(total) else None, description=words
        )


def _complain(text: str) -> int:
    print(f"addad quality: {text}", file=sys.stderr)
    return BAD_USE
