"""`addad headend`: collect meters, listen for their alarms, serve the page."""

from __future__ import annotations

import argparse
import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING

from addad.cli.arguments import Endpoint, endpoint
from addad.errors import InputError
from addad.event_loop import run as run_loop

if TYPE_CHECKING:
    from addad.headend.settings import HeadEndSettings

_EPILOG = """\
The first start prints a one-time link; it sets the password of the first account.

examples:
  addad headend --web 127.0.0.1:8080 --data utility
  addad headend --data utility --make-key reports --scope read
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare `addad headend`."""
    parser = subparsers.add_parser(
        "headend",
        help="run the head end: collect meters, serve the page",
        description="Run the head end until it is stopped.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--web",
        type=endpoint,
        default=Endpoint("127.0.0.1", 8080),
        metavar="HOST:PORT",
        help="where the page is served (127.0.0.1:8080); port 0 takes a free one",
    )
    parser.add_argument(
        "--data", type=Path, required=True, metavar="DIR", help="where it keeps what it knows"
    )
    parser.add_argument(
        "--push",
        type=endpoint,
        default=Endpoint("127.0.0.1", 4060),
        metavar="HOST:PORT",
        help="where it listens for meters' alarms (127.0.0.1:4060); port 0 takes a free one",
    )
    parser.add_argument(
        "--host",
        action="append",
        default=[],
        metavar="NAME",
        help="a name under which browsers may come, beside the address of --web; may be repeated",
    )
    parser.add_argument(
        "--https", action="store_true", help="browsers come over HTTPS, by a proxy in front"
    )
    parser.add_argument(
        "--open",
        action="store_true",
        help="show the pages without a session; changes still need one",
    )
    parser.add_argument("--make-key", metavar="NAME", help="print a new key for programs, and end")
    parser.add_argument(
        "--scope",
        action="append",
        choices=("read", "relay", "admin"),
        help="what the key of --make-key may do (read); may be repeated",
    )


def run(args: argparse.Namespace) -> int:
    """Run the head end until SIGINT or SIGTERM; 0 after a clean end."""
    from addad.headend.head_end import HeadEnd
    from addad.headend.settings import HeadEndSettings

    settings = HeadEndSettings(
        data=args.data,
        web_host=args.web.host,
        web_port=args.web.port,
        push_host=args.push.host,
        push_port=args.push.port,
        https=args.https,
        open_view=args.open,
        allowed_hosts=tuple(args.host),
    )
    if args.scope and args.make_key is None:
        raise InputError("--scope says what a key may do; name the key with --make-key NAME")
    if args.make_key is not None:
        head_end = HeadEnd(settings)
        try:
            print(head_end.make_api_key(args.make_key, args.scope or ["read"], "command line"))
        finally:
            head_end.close()
        return 0
    run_loop(lambda: _serve(settings))
    return 0


async def _serve(settings: HeadEndSettings) -> None:
    from addad.headend.head_end import HeadEnd
    from addad.headend.web.server import WebServer

    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    head_end = HeadEnd(settings)
    web = WebServer(head_end)
    try:
        await web.start()
        await head_end.start()
        setup = head_end.setup_path()
        if setup is not None:
            print(f"First set a password, by this one-time link: {web.url}{setup}")
        print(f"The head end serves its pages at {web.url}/")
        print(
            f"It listens for alarms at {Endpoint(settings.push_host, head_end.push_port)}",
            flush=True,
        )
        await stopping.wait()
    finally:
        await web.stop()
        await head_end.stop()
