"""`addad demo`: a house with panels, its meter, the head end and the page, on one machine."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from addad.cli.arguments import Endpoint, duration, endpoint
from addad.event_loop import run as run_loop

if TYPE_CHECKING:
    from addad.lab.demo import DemoReport, DemoSettings

_EPILOG = """\
While it runs, type an action and Enter, and it is done to the meter: open_cover, close_cover,
manual_reconnect (the push-button that closes the relay), extra_load 3000 L2, voltage_dip 0.4 L1.
Ctrl-C ends it.

examples:
  addad demo
  addad demo --for 30s
  addad demo --data my-demo --web 127.0.0.1:9000
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare `addad demo`."""
    parser = subparsers.add_parser(
        "demo",
        help="a house, its meter, the head end and the page, on this machine",
        description="Run a house in Fez, its meter, and a head end that collects it.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--for",
        dest="for_s",
        type=duration,
        default=0.0,
        metavar="SPAN",
        help="end by itself after 30s, 5min or 2h, and say what came out (0: until Ctrl-C)",
    )
    parser.add_argument(
        "--web",
        type=endpoint,
        default=Endpoint("127.0.0.1", 0),
        metavar="HOST:PORT",
        help="where the page is served (127.0.0.1, a free port)",
    )
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="keep meter and head end here (nothing is kept)"
    )
    parser.add_argument("--seed", type=int, default=1, help="which house and weather (1)")
    parser.add_argument(
        "--scene",
        metavar="YYYY-MM-DDTHH:MM",
        default="2026-06-21T13:40",
        help="the house's own time at the start, local time in Fez (2026-06-21T13:40)",
    )
    parser.add_argument(
        "--scenario",
        default="+15 open_cover, +20 close_cover",
        metavar="TEXT",
        help="what is done to the meter, as of `addad meter` (+15 open_cover, +20 close_cover)",
    )
    parser.add_argument(
        "--open",
        action="store_true",
        help="show the page without a session; changes still need one",
    )


def run(args: argparse.Namespace) -> int:
    """Run the demo; 0 after a clean end."""
    from rich.console import Console

    from addad.lab.demo import DemoSettings

    settings = DemoSettings(
        data=args.data,
        web_host=args.web.host,
        web_port=args.web.port,
        duration_s=args.for_s,
        seed=args.seed,
        scene=args.scene,
        scenario=args.scenario,
        open_view=args.open,
    )
    console = Console(highlight=False)
    console.print("Starting a house in Fez, its meter and a head end ...")
    report = run_loop(lambda: _until_stopped(settings, console.is_terminal))
    if report.address:
        _show(report, console.width)
    else:
        console.print("Stopped before the meter was ready.")
    return 0


async def _until_stopped(settings: DemoSettings, is_terminal: bool) -> DemoReport:
    from addad.lab.demo import run_demo

    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)

    def tell(text: str) -> None:
        print(f"  {text}", flush=True)

    report = await run_demo(settings, stopping, tell)
    if is_terminal:
        print(file=sys.stderr)
    return report


def _show(report: DemoReport, width: int) -> None:
    from rich.console import Console
    from rich.table import Table

    from addad.lab.demo import STAGES

    table = Table(title=f"What came out in {report.lasted_s:.0f} s", width=min(width, 100))
    table.add_column("What")
    table.add_column("Value", justify="right")
    for name, value in _measured(report.newest):
        table.add_row(name, value)
    table.add_row("live values on the page's stream", str(report.live_values))
    for name, count in report.stored.items():
        table.add_row(f"stored: {name.replace('_', ' ')}", str(count))
    table.add_row("size of the database", f"{report.database_bytes / 1000:.0f} kB")
    if report.meter_peak_mb is not None:
        table.add_row("meter process, largest size", f"{report.meter_peak_mb:.0f} MB")
    table.add_section()
    for stage in STAGES:
        if stage in report.stages_ms:
            table.add_row(f"{stage.replace('_', ' ')}, median", f"{report.stages_ms[stage]:.1f} ms")
    if report.sample_to_page_ms is not None:
        table.add_row(
            "first sample of a window to page, median", f"{report.sample_to_page_ms:.0f} ms"
        )
    Console(highlight=False).print(table)


def _measured(live: dict[str, object]) -> list[tuple[str, str]]:
    rows = []
    for name, key, unit, digits in (
        ("voltages", "u", "V", 1),
        ("currents", "i", "A", 2),
        ("power by phase, import positive", "p", "W", 0),
        ("power", "p_total", "W", 0),
        ("frequency", "f", "Hz", 3),
        ("import register", "import_wh", "Wh", 0),
        ("export register", "export_wh", "Wh", 0),
    ):
        value = live.get(key)
        numbers = value if isinstance(value, list) else [value]
        shown = [f"{n:.{digits}f}" for n in numbers if isinstance(n, int | float)]
        if shown:
            rows.append((f"measured: {name}", f"{'  '.join(shown)} {unit}"))
    return rows
