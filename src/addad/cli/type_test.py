"""`addad type-test`: a type-test laboratory for the instrument, with a report to hand on."""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from addad.cli.arguments import positive_number, unwritable
from addad.cli.patience import kernels_may_compile
from addad.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console

    from addad.lab.type_test_bench import MeterUnderTest
    from addad.lab.type_test_conditions import Nameplate
    from addad.lab.type_test_report import TypeTestReport
    from addad.lab.type_test_run import OnResult, Result

DONE, FAILED, BAD_USE = 0, 1, 2

PAPER: Final = "NM-06.4.001"
STANDARDS: Final = ("62053-21", "62053-22", "62053-23", "62053-24", "MI-003", PAPER)
FRONT_ENDS: Final = ("ideal", "16-bit", "24-bit", "dc-tolerant", "rogowski")

_PHASES: Final = ("L1", "L2", "L3")

_EPILOG = """\
classes:
  62053-21 active energy 1, 2; 62053-22 active energy 0.2S, 0.5S; 62053-23 reactive energy 2, 3;
  62053-24 reactive energy 0.5S, 1S; MI-003 (MID) active energy A, B, C;
  NM-06.4.001 the seven load points of the paper's Table 1, against class 1 or 2 of 62053-21

examples:
  addad type-test --standard 62053-22 --class 0.2S
  addad type-test --standard 62053-21 --class 1 --html report.html --pdf report.pdf
  addad type-test --standard MI-003 --class B --front-end rogowski --points fast
  addad type-test --standard 62053-22 --class 0.2S --ct-phase-error "30'"      must fail
  addad type-test --standard 62053-22 --class 0.2S --gain-error 0.5%           must fail
  addad type-test --standard 62053-22 --class 0.2S --gain-error L2=0.5%        fails on L2 alone

Errors put in on purpose come after the calibration, which does not know them. Exit codes: 0 passed,
1 failed, 2 bad use. docs/type-test.md says how it is done and what it cannot show.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "type-test",
        help="test the instrument as a laboratory does: IEC 62053, MID",
        description="Test the instrument at every load point, influence, start and no-load.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    # -30' and -0.5% are values too, as -1 is; no option of this command begins with a digit.
    parser._negative_number_matcher = re.compile(r"-\.?\d")
    parser.add_argument("--standard", required=True, choices=STANDARDS, help="what is tested for")
    parser.add_argument(
        "--class", required=True, dest="accuracy", metavar="CLASS", help="1, 2, 0.2S, B, …"
    )
    parser.add_argument(
        "--points", choices=("all", "fast"), default="all", help="fast: the ends of each row"
    )
    meter = parser.add_argument_group("the meter under test")
    meter.add_argument(
        "--front-end", choices=FRONT_ENDS,
        help="by default 16-bit behind transformers; direct dc-tolerant, MI-003 C rogowski",
    )  # fmt: skip
    meter.add_argument(
        "--connection", choices=("direct", "transformer"), help="where a class has both"
    )
    meter.add_argument("--voltage", type=positive_number, metavar="V", help="phase to neutral: 230")
    meter.add_argument("--current", type=current, metavar="5(80)", help="reference(maximum) [A]")
    meter.add_argument("--constant", type=int, metavar="K", help="imp/kWh, imp/kvarh")
    meter.add_argument("--frequency", type=int, choices=(50, 60), default=50, help="[Hz]")
    meter.add_argument(
        "--seed", type=seed, default=1, metavar="N", help="which unit of the drawing"
    )
    errors = parser.add_argument_group("errors put in on purpose")
    errors.add_argument(
        "--uncalibrated", action="store_true", help="know the drawing's ratios only"
    )
    errors.add_argument(
        "--ct-phase-error", type=angles, default=0.0, metavar="30'",
        help="the currents lead: 30', 0.5°, or of single ones: L2=30',L3=-5'",
    )  # fmt: skip
    errors.add_argument(
        "--gain-error", type=shares, default=0.0, metavar="SHARE",
        help="of all currents: 0.5%%, or of single ones: L1=0.5%%",
    )  # fmt: skip
    errors.add_argument(
        "--pole-error", type=share, default=0.0, metavar="SHARE",
        help="the time constant of the currents' input filters: 10%% off the voltages'",
    )  # fmt: skip
    output = parser.add_argument_group("the report")
    output.add_argument("--html", type=Path, metavar="OUT", help="one page, nothing beside it")
    output.add_argument("--pdf", type=Path, metavar="OUT", help="the same to print and sign")
    output.add_argument("--json", type=Path, metavar="OUT", help="for machines")
    parser.add_argument(
        "--processes", type=int, metavar="N", help="at most, and by default, one a core"
    )


def run(args: argparse.Namespace) -> int:
    """Test; 1 when the meter fails, 2 for bad use."""
    missing = _missing(args)
    if missing:
        return _complain(missing, BAD_USE)
    from addad.lab.type_test_bench import meter_under_test, usual_front_end

    try:
        plate = _nameplate(args)
        meter = meter_under_test(
            plate,
            args.front_end or usual_front_end(plate),
            seed=args.seed,
            calibrate=not args.uncalibrated,
            current_error=args.gain_error,
            phase_error=args.ct_phase_error,
            pole_error=args.pole_error,
        )
        report = _test(args, meter)
    except InputError as error:
        return _complain(str(error), BAD_USE)
    from addad.cli.type_test_tables import print_report

    print_report(report)
    written = _write(args, report)
    return BAD_USE if not written else DONE if report.passed else FAILED


def angle(text: str) -> float:
    """`30'`, `30min`, `0.5°` or `0.5deg` in radians; the sign is the lead's."""
    found = re.fullmatch(r"([+-]?\d+(?:\.\d+)?)\s*('|′|min|°|deg)", text.strip())
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no angle; write it like 30' or 0.5°")
    degrees = float(found[1]) / (60.0 if found[2] in ("'", "′", "min") else 1.0)
    if abs(degrees) > 10.0:
        raise argparse.ArgumentTypeError(f"{text!r} is more than a transformer errs: at most 10°")
    return math.radians(degrees)


def share(text: str) -> float:
    """`0.5%` as a share; a percent sign must stand, so that 0.5 is not taken for a half."""
    found = re.fullmatch(r"([+-]?\d+(?:\.\d+)?)\s*%", text.strip())
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no share; write it like 0.5%")
    percent = float(found[1])
    if abs(percent) > 20.0:
        raise argparse.ArgumentTypeError(f"{text!r}: at most 20%")
    return percent / 100.0


def angles(text: str) -> float | tuple[float, ...]:
    """An `angle` of all currents, or of single phases: `L2=30',L3=-5'`."""
    return _each(text, angle)


def shares(text: str) -> float | tuple[float, ...]:
    """A `share` of all currents, or of single phases: `L1=0.5%`."""
    return _each(text, share)


def _each(text: str, of_one: Callable[[str], float]) -> float | tuple[float, ...]:
    if "=" not in text:
        return of_one(text)
    found: dict[str, float] = {}
    for part in text.split(","):
        name, _, value = part.partition("=")
        phase = name.strip().upper()
        if phase not in _PHASES or phase in found:
            raise argparse.ArgumentTypeError(f"{text!r}: name each of L1, L2, L3 once, L2=…,L3=…")
        found[phase] = of_one(value)
    return tuple(found.get(phase, 0.0) for phase in _PHASES)


def seed(text: str) -> int:
    """A whole number from zero on."""
    if not re.fullmatch(r"\d{1,18}", text.strip()):
        raise argparse.ArgumentTypeError(f"{text!r}: give a whole number from 0 on, below 10^18")
    return int(text)


def current(text: str) -> tuple[float, float]:
    """`5(80)` as reference and maximum current [A]."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*\(\s*(\d+(?:\.\d+)?)\s*\)\s*A?", text.strip())
    if found is None or not 0.1 <= float(found[1]) <= float(found[2]) <= 1000.0:
        raise argparse.ArgumentTypeError(
            f"{text!r}: write reference(maximum) like 5(80), between 0.1 and 1000 A"
        )
    return float(found[1]), float(found[2])


def _nameplate(args: argparse.Namespace) -> Nameplate:
    from dataclasses import replace

    from addad.lab.type_test_conditions import usual_nameplate
    from addad.metrology.accuracy_classes import Connection
    from addad.metrology.accuracy_tables import accuracy_class

    standard = "62053-21" if args.standard == PAPER else args.standard
    connection = Connection(args.connection) if args.connection else None
    plate = usual_nameplate(
        accuracy_class(standard, args.accuracy, connection), float(args.frequency)
    )
    plate = replace(plate, serial=f"addad-{args.seed:04d}")
    if args.current:
        plate = replace(plate, reference_current=args.current[0], maximum_current=args.current[1])
    if args.voltage is not None:
        plate = replace(plate, nominal_voltage=args.voltage)
    return plate if args.constant is None else replace(plate, constant=args.constant)


def _test(args: argparse.Namespace, meter: MeterUnderTest) -> TypeTestReport:
    from addad.lab.type_test_plan import paper_plan, plan_of
    from addad.lab.type_test_report import TypeTestReport
    from addad.lab.type_test_run import run_plan

    fast = args.points == "fast"
    plan = (
        paper_plan(meter.nameplate)
        if args.standard == PAPER
        else plan_of(meter.nameplate, fast=fast)
    )
    begun = time.monotonic()
    with _progress() as on_result:
        results = run_plan(meter, plan, processes=args.processes, on_result=on_result)
    return TypeTestReport(
        profile=args.standard,
        meter=meter,
        results=results,
        made=datetime.now().astimezone(),
        seconds=time.monotonic() - begun,
        fast=fast,
    )


def _write(args: argparse.Namespace, report: TypeTestReport) -> bool:
    """Write each report; False, with a word about it, when one of them could not be."""
    written: list[tuple[Path, Callable[[], None]]] = []
    if args.json:
        written.append((args.json, lambda: _write_json(args.json, report)))
    if args.html:
        written.append((args.html, lambda: _write_html(args.html, report)))
    if args.pdf:
        written.append((args.pdf, lambda: _write_pdf(args.pdf, report)))
    done = True
    for path, write in written:
        try:
            write()
        except OSError as error:
            _complain(f"{path}: {error.strerror or error}; choose another place", BAD_USE)
            done = False
        else:
            print(f"report: {path}", file=sys.stderr)
    return done


def _write_json(path: Path, report: TypeTestReport) -> None:
    from addad.lab.type_test_json import as_mapping
    from addad.lab.whole_file import write_whole

    write_whole(path, json.dumps(as_mapping(report), indent=1, ensure_ascii=False) + "\n")


def _write_html(path: Path, report: TypeTestReport) -> None:
    from addad.lab.type_test_html import page
    from addad.lab.whole_file import write_whole

    write_whole(path, page(report))


def _write_pdf(path: Path, report: TypeTestReport) -> None:
    from addad.lab.type_test_pdf import write_pdf

    write_pdf(report, path)


def _missing(args: argparse.Namespace) -> str:
    """What to install, or which folder to make, if anything lacks."""
    for module in ("numpy", "numba", "rich"):
        if importlib.util.find_spec(module) is None:
            return f"needs {module}, which is not installed: pip install 'addad[meter]'"
    if (args.html or args.pdf) and importlib.util.find_spec("matplotlib") is None:
        return "a report needs matplotlib, which is not installed: pip install 'addad[plot]'"
    outputs = [path for path in (args.html, args.pdf, args.json) if path is not None]
    for path in outputs:
        if fault := unwritable(path):
            return fault
    if len({path.resolve() for path in outputs}) < len(outputs):
        return "two reports would go to one file: give each its own"
    if args.processes is not None and args.processes < 1:
        return f"--processes {args.processes}: give 1 or more"
    return ""


@contextmanager
def _progress() -> Iterator[OnResult | None]:
    """A bar on stderr when it is a terminal, with each failure above it as it becomes known."""
    if not sys.stderr.isatty():
        with kernels_may_compile("type-test") as begun:
            yield lambda *_: begun()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TimeRemainingColumn

    columns = ("{task.description}", BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("preparing the bench (longer the first time)", total=None)
        tally = {"pass": 0, "fail": 0, "information": 0}

        def show(done: int, total: int, known: tuple[Result, ...]) -> None:
            for result in known:
                tally[result.verdict.value] += 1
                if result.verdict.value == "fail":
                    _tell_failure(console, result)
            words = f"{tally['pass']} passed, {tally['fail']} failed"
            bar.update(task, completed=done, total=total, description=words)

        yield show


def _tell_failure(console: Console, result: Result) -> None:
    from addad.lab.type_test_report import limit_text, value_text

    text = f"failed: {result.item.label}: {value_text(result)}, limit {limit_text(result)}"
    console.print(text, style="red", highlight=False, markup=False)


def _complain(text: str, code: int) -> int:
    print(f"addad type-test: {text}", file=sys.stderr)
    return code
