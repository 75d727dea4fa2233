"""`addad meter`: a meter on a site or a recording, reachable over DLMS/COSEM."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from addad.cli.arguments import Endpoint, duration, endpoint, meter_behind, positive_number
from addad.errors import InputError

if TYPE_CHECKING:
    from addad.host.commission import Order
    from addad.host.ports import Listening
    from addad.meter.transformers import TransformerRatios

LIVED_MAX_S: Final = 7 * 86_400.0

_EPILOG = """\
While it runs, a line on standard input is something done to the meter, at once:
  open_cover, close_cover, manual_reconnect, manual_disconnect, apply_magnet, remove_magnet,
  voltage_dip 0.4 L1, voltage_return, extra_load 3000 L2, remove_load
The same words make a scenario: --scenario "+30 open_cover, +60 close_cover, 19:00 extra_load 4000".

examples:
  addad meter --listen 127.0.0.1:4059 --data meter-1 --source site
  addad meter --hdlc 127.0.0.1:4060 --udp 127.0.0.1:4059 --data meter-1
  addad meter --listen 127.0.0.1:0 --data meter-2 --source feeder.cfg --serial 00000002
  addad meter --data meter-3 --ct 200/5 --vt 20000/100
  addad meter --data meter-1 --group 239.1.2.3:4059 --interface 127.0.0.1
  addad meter --data meter-1 --behind 0:00000002=meter-2 --behind 0:0x01F2=meter-3
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare `addad meter`."""
    parser = subparsers.add_parser(
        "meter",
        help="run a meter: a DLMS/COSEM server on a site or a recording",
        description="Run a meter: it measures, counts, keeps and answers until it is stopped.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--listen",
        type=endpoint,
        default=Endpoint("127.0.0.1", 4059),
        metavar="HOST:PORT",
        help="where clients reach it (127.0.0.1:4059); port 0 takes a free one",
    )
    _add_ports(parser)
    parser.add_argument(
        "--data", type=Path, required=True, metavar="DIR", help="where it keeps what it counts"
    )
    parser.add_argument(
        "--source",
        default="site",
        metavar="site|FILE",
        help="what it measures: the house in Fez (site), or a recording played in a loop",
    )
    parser.add_argument(
        "--serial",
        default="",
        help="of a fresh meter, up to 13 letters and digits (00000001); then it stays",
    )
    parser.add_argument(
        "--seed", type=int, default=1, help="which house, appliances and weather (1)"
    )
    parser.add_argument(
        "--scene",
        metavar="YYYY-MM-DDTHH:MM",
        help="the house's own time at the start, local time in Fez (the computer's time)",
    )
    parser.add_argument(
        "--lived",
        type=duration,
        default=0.0,
        metavar="SPAN",
        help="a fresh meter has been in the house for 12h (at most 168h), and has counted (0)",
    )
    parser.add_argument(
        "--push", type=endpoint, metavar="HOST:PORT", help="the head end that is told of alarms"
    )
    parser.add_argument(
        "--contracted-power",
        type=positive_number,
        metavar="W",
        help="open the relay when more is imported for the time of --over",
    )
    parser.add_argument(
        "--over", type=positive_number, default=30, metavar="S", help="for how long (30)"
    )
    parser.add_argument(
        "--scenario", default="", metavar="TEXT|FILE", help="what is done to the meter, and when"
    )
    parser.add_argument(
        "--model",
        default="residential",
        metavar="NAME|FILE",
        help="which objects it has beside those that measure: residential (as it is), prepayment,"
        " bench, or a table of yours in TOML",
    )
    _add_transformers(parser)
    _add_security(parser)


def _add_ports(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--udp", type=endpoint, metavar="HOST:PORT", help="and by datagrams, with the same wrapper"
    )
    parser.add_argument(
        "--group",
        type=endpoint,
        metavar="ADDRESS:PORT",
        help="and hear a multicast group or broadcast address by datagrams; nothing is answered",
    )
    parser.add_argument(
        "--interface",
        default="0.0.0.0",
        metavar="ADDRESS",
        help="which of its own addresses joins the multicast group (the system's choice)",
    )
    parser.add_argument(
        "--hdlc", type=endpoint, metavar="HOST:PORT", help="and by HDLC frames over TCP"
    )
    parser.add_argument("--line", default="", metavar="DEVICE", help="and by HDLC on a serial line")
    parser.add_argument(
        "--baud",
        type=int,
        choices=(300, 600, 1200, 2400, 4800, 9600, 19200),
        default=9600,
        help="of the serial line (9600)",
    )
    parser.add_argument(
        "--mode-e",
        action="store_true",
        help="the serial line waits for a sign-on at 300 baud, and offers --baud",
    )
    parser.add_argument(
        "--behind",
        type=meter_behind,
        action="append",
        default=[],
        metavar="NETWORK:ADDRESS=DIR",
        help="a further meter on a data folder of its own, for which this one is the gateway, over "
        "TCP and UDP; may be repeated",
    )


def _add_transformers(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "transformers", "of a fresh meter; then they stay, and a management client changes them"
    )
    group.add_argument(
        "--ct", default="", metavar="200/5", help="ratio of the current transformers before it"
    )
    group.add_argument(
        "--vt", default="", metavar="20000/100", help="ratio of the voltage transformers before it"
    )
    group.add_argument(
        "--values",
        choices=("primary", "secondary"),
        default="primary",
        help="what registers show: the network's values (primary), or those at the terminals, "
        "which the reader multiplies",
    )


def _add_security(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--security",
        choices=("all", "high", "passwords"),
        default="all",
        help="which clients it knows: with passwords and with keys (all), only with keys and "
        "certificates (high), or only with passwords",
    )
    parser.add_argument(
        "--new-keys",
        action="store_true",
        help="make all keys anew: for a copied data folder, or when they are lost",
    )
    parser.add_argument(
        "--seal-key",
        type=Path,
        metavar="FILE",
        help="the key under which the meter's own keys are sealed (DIR/seal.key)",
    )
    parser.add_argument(
        "--push-keys",
        action="store_true",
        help="what is pushed goes under the keys that credentials.json has for pushes",
    )
    parser.add_argument("--password-reader", default="", help="replaces the one kept in DIR")
    parser.add_argument("--password-management", default="", help="replaces the one kept in DIR")


def run(args: argparse.Namespace) -> int:
    """Run the meter until SIGINT or SIGTERM; 0 after a clean end."""
    from addad.cli.patience import kernels_may_compile
    from addad.host.commission import commission
    from addad.host.ports import Ports
    from addad.host.process import run_meter

    if args.mode_e and not args.line:
        raise InputError("--mode-e is for a serial line; name it with --line")
    ports = Ports(
        args.listen,
        args.udp,
        args.hdlc,
        args.line,
        args.baud,
        args.mode_e,
        args.group,
        args.interface,
    )
    if args.lived > LIVED_MAX_S:
        raise InputError(f"--lived is at most {LIVED_MAX_S / 3600:.0f}h")
    with kernels_may_compile("meter"):
        meter = commission(_order(args))

    def started(listening: Listening) -> None:
        serial = meter.meter.settings.identity.serial
        print(f"meter {serial} listens at {Endpoint(args.listen.host, listening.tcp)}")
        if listening.udp is not None:
            print(f"by datagrams at {Endpoint(args.udp.host, listening.udp)}")
        if listening.group is not None:
            print(f"it hears the group {Endpoint(args.group.host, listening.group)}")
        if listening.hdlc is not None:
            print(f"by HDLC at {Endpoint(args.hdlc.host, listening.hdlc)}")
        if args.line:
            print(f"by HDLC on {args.line}{', after a sign-on in mode E' * args.mode_e}")
        print(f"its passwords and keys are in {args.data / 'credentials.json'}")
        folders = dict(args.behind)
        for address, other in meter.behind.items():
            serial, kept = other.meter.settings.identity.serial, folders[address]
            print(f"meter {serial} is behind it at {address}: {kept / 'credentials.json'}")
        sys.stdout.flush()
        for each in (meter, *meter.behind.values()):
            if refusal := each.meter.security.refusal:
                print(f"clients with keys are refused: {refusal}", file=sys.stderr, flush=True)

    run_meter(meter, ports, started, actions=sys.stdin)
    return 0


def _order(args: argparse.Namespace) -> Order:
    from addad.host.commission import Order

    scenario: str = args.scenario
    if scenario and "\n" not in scenario and " " not in scenario.strip():
        try:
            scenario = Path(scenario).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as fault:
            why = fault.strerror if isinstance(fault, OSError) else fault
            raise InputError(
                f"--scenario {scenario}: no file that can be read ({why}); an action has a time "
                "before it, as in '+30 open_cover'"
            ) from fault
    return Order(
        data=args.data,
        source=args.source,
        serial=args.serial,
        seed=args.seed,
        scene=args.scene,
        push=str(args.push) if args.push else "",
        push_keys=args.push_keys,
        contracted_power_w=round(args.contracted_power or 0),
        over_s=max(1, round(args.over)),
        lived_s=args.lived,
        scenario=scenario,
        password_reader=args.password_reader,
        password_management=args.password_management,
        security=args.security,
        new_keys=args.new_keys,
        seal_key=args.seal_key,
        model=args.model,
        behind=tuple(args.behind),
        transformers=_transformers(args),
    )


def _transformers(args: argparse.Namespace) -> TransformerRatios | None:
    from addad.meter.transformers import Ratio, TransformerRatios

    if not args.ct and not args.vt:
        if args.values == "secondary":
            raise InputError("--values secondary needs --ct or --vt: without them all is one side")
        return None
    current, voltage = (Ratio.parse(text or "1/1") for text in (args.ct, args.vt))
    return TransformerRatios(current, voltage, args.values == "primary")
