"""Write docs/objects.md and docs/commands.md from the code, so that they say what is true."""

import argparse
import contextlib
import io
import os
import sys
from pathlib import Path

from addad.cli.main import EXTRA, main
from addad.cosem.interface_class import Attribute
from addad.cosem.logical_device import CosemObject, LogicalDevice
from addad.host.object_models import load_model
from addad.meter.device import Meter
from addad.meter.event_codes import EVENTS
from addad.meter.objects import build_device
from addad.meter.relay import LETTERS, MODES
from addad.meter.settings import MeterSettings, Passwords
from addad.meter.storage import VolatileMemory
from addad.obis_names import name_of

DOCS = Path(__file__).resolve().parents[1] / "docs"

OBJECTS_HEAD = """\
# What the meter shows

Three clients have an association: **public** (client SAP 16, no password) sees the objects marked P and measures nothing;
**reader** (SAP 2, password) reads everything; **management** (SAP 1, password) also writes what is marked W and does what is
marked X. The server SAP is 1, the port 4059 (TCP wrapper). This page is written by `python tools/write_reference.py`.

Measuring, switching and logging have objects of their own; ports, schedules, scripts and networks come from a table: here the
residential one, which `addad meter` takes if `--model` names no other. `prepayment` adds account, credit, charge, token gateway and
arbitrator; `bench` adds an object of every other class, to try clients on. Another meter is another table.

**What acts** beside the registers, the relay, the limiter, the clock and the logs: scripts run when a client executes one, with his
rights and no more; Auto connect has the meter call (modes 101 to 104); masks, special days, the parameter monitor, the arbitrator's
outcome and compact data follow what is written; a passive calendar becomes the active one when it is told to. **What is only held
and shown** so far: what calendars, schedules and register monitors would have run, tariffs, the arbitrator's winning script, and
ports and networks, which nothing can write. The methods of Image transfer, Data protection, Sensor manager, Account, Credit, Charge
and Token gateway take their parameter and answer read-write-denied.

Energy registers show what a power cut would not take back: they never go lower, and are at most a second behind.

**Behind transformers** (`addad meter --ct 200/5 --vt 20000/100`) a meter has four objects more, class 1, which management writes (W):
1-0:0.4.2 and 1-0:0.4.5, numerator and denominator of the current transformers, 1-0:0.4.3 and 1-0:0.4.6 of the voltage transformers. All
registers, profiles, demands and the limiter then are of the network's side (primary): 10 A at the terminals of a 200/5 transformer read
400 A. Energy is multiplied as the integer it is, what a division leaves is carried, and nothing counted before a change is touched.
Registers are Wh in 64 bits; powers are shown in W instead of tenths where the ratios together exceed 60 000; they may not exceed
600 000. `--values secondary` leaves all registers at the terminals' values, for a head end that multiplies. A change takes effect at
once and is logged as event 47; write numerator and denominator in one list, so that no window is measured between. Ratios lie with
the registers in the meter's state, and another `--ct` at a later start is refused.

## Objects

| object | class | what | attributes that can be read | W | X | P |
|---|---|---|---|---|---|---|
"""

PROFILES_HEAD = """
## Columns of the profiles and logs

Buffers answer selective access by range (of the clock column) and by entry, with a choice of columns.

"""

RELAY_HEAD = """
## The relay

```mermaid
stateDiagram-v2
"""

EVENTS_HEAD = """
## Events

Codes of the event logs, IDIS numbering. A cover, a field or a failed association is an alarm: it sets its bit in the alarm
register and is pushed to the head end until that has taken it.

"""


def _device() -> LogicalDevice:
    settings = MeterSettings(Passwords(b"reader", b"management"), model=load_model())
    device = build_device(Meter(settings, VolatileMemory())).at(1)
    assert device is not None
    return device


def _object_row(shown: CosemObject, public: set[bytes]) -> str:
    attributes = shown.interface_class.attributes
    methods = shown.interface_class.methods

    def names(indices: list[int], table: dict[int, Attribute[object]]) -> str:
        return ", ".join(table[i].name for i in sorted(indices) if i != 1)

    what = name_of(shown.logical_name)
    assert what, f"{shown.logical_name} has no name in obis_names.py"
    return (
        f"| {shown.logical_name} | {shown.interface_class.class_id} | {what} "
        f"| {names(list(shown.reads), attributes)} | {names(list(shown.writes), attributes)} "
        f"| {', '.join(methods[i].name for i in sorted(shown.does))} "
        f"| {'P' if bytes(shown.logical_name) in public else ''} |\n"
    )


def objects_page() -> str:
    """The text of docs/objects.md."""
    device = _device()
    spec = device.associations[16]
    public = {
        bytes(o.logical_name) for o in device if any(spec.rights(o, r) for r in o.reads.values())
    }
    text = OBJECTS_HEAD
    text += "".join(_object_row(o, public) for o in sorted(device, key=lambda o: o.logical_name))
    text += PROFILES_HEAD + "".join(_columns(o) for o in device if 3 in o.reads and _is_profile(o))
    text += RELAY_HEAD + "".join(
        f"    {arrow.source.name} --> {arrow.target.name}: {letter} {arrow.trigger.value}\n"
        for letter, arrow in LETTERS.items()
    )
    text += "```\n\n| control mode | transitions |\n|---|---|\n"
    text += "".join(
        f"| {int(mode)} | {' '.join(letters) or 'none: always connected'} |\n"
        for mode, letters in MODES.items()
    )
    text += EVENTS_HEAD
    for log, events in EVENTS.items():
        text += f"### {log.name.capitalize()} log, 0-0:99.98.{int(log)}\n\n"
        text += "| code | event |\n|---|---|\n"
        text += "".join(f"| {code} | {words} |\n" for code, words in events.items()) + "\n"
    return text.rstrip() + "\n"


def _is_profile(shown: CosemObject) -> bool:
    return shown.interface_class.class_id == 7


def _columns(shown: CosemObject) -> str:
    from addad.cosem.classes.measurement import ProfileGeneric

    octets = shown.reads[3].encode(None)
    assert isinstance(octets, bytes)
    captured = ProfileGeneric.capture_objects.type.decode(octets)
    columns = ", ".join(str(c.logical_name) for c in captured)
    return f"- **{shown.logical_name}** {name_of(shown.logical_name)}: {columns}\n"


def commands_page() -> str:
    """The text of docs/commands.md."""
    text = (
        "# Commands\n\nExit codes: 0 done, 1 failed, 2 bad use. "
        "This page is written by `python tools/write_reference.py`.\n"
    )
    os.environ["COLUMNS"] = "100"
    for name, extra in EXTRA.items():
        shown = io.StringIO()
        with contextlib.redirect_stdout(shown), contextlib.suppress(SystemExit):
            main([name, "--help"])
        needs = (
            f"Needs `pip install 'addad[{extra}]'`." if extra else "Needs the base install only."
        )
        text += f"\n## addad {name}\n\n{needs}\n\n```\n{shown.getvalue().rstrip()}\n```\n"
    return text


def run() -> int:
    """Write both pages, or with --check say which are out of date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if out of date")
    check = parser.parse_args().check
    stale = []
    for name, page in (("objects.md", objects_page()), ("commands.md", commands_page())):
        path = DOCS / name
        if not path.exists() or path.read_text("utf-8") != page:
            stale.append(name)
            if not check:
                path.write_text(page, "utf-8")
    if check and stale:
        print(
            f"out of date: {', '.join(stale)}; run python tools/write_reference.py", file=sys.stderr
        )
    return int(check and bool(stale))


if __name__ == "__main__":
    raise SystemExit(run())
