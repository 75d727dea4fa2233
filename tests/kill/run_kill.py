"""kill -9 of metering processes at random moments, and what must stand afterwards.

    python tests/kill/run_kill.py --runs 200

Two kinds of process die. The *model* is a meter on files in virtual time, as fast as it goes: its
energy is known to the millionth, and hundreds of commits a second are hit. The *meter* is the
command `addad meter`, watched by a client over TCP, which also moves its relay. After each kill the
data folder is opened, and what a client has seen, or has had confirmed, must be there.
"""

import argparse
import asyncio
import contextlib
import random
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import metering

from addad import obis
from addad.cosem.classes import DisconnectControl, ProfileGeneric, Register
from addad.cosem.classes.control import ControlState
from addad.errors import AddadError
from addad.host.credentials import load_or_make
from addad.host.files import DataFolder
from addad.meter.device import Meter
from addad.meter.registers import Quantity
from addad.meter.relay import Relay
from addad.meter.settings import MeterSettings
from addad.meter.storage import Condition
from addad.net.client import Client

WINDOW_S = 0.25
"""What has been sampled and is not yet a whole window: lost with the power, in any meter."""
START_TIMEOUT_S = 180.0
EARLY = 0.3
"""The share of kills that may come before anything of the process was seen."""
LOGS = (obis.EVENT_LOG_STANDARD, obis.EVENT_LOG_FRAUD, obis.EVENT_LOG_DISCONNECTOR)


@dataclass
class Report:
    """What was found over all kills."""

    kills: int = 0
    seen: int = 0
    lost_s: list[float] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        worst = max(self.lost_s, default=0.0)
        lines = [
            f"{self.kills} kills, {self.seen} states seen by a client before them",
            f"most time lost: {worst:.2f} s",
            f"{len(self.violations)} violations",
        ]
        return "\n".join(lines + self.violations[:20])


class Ledger:
    """What is known of one data folder: every row that stood in it, and the lowest energy."""

    def __init__(self, folder: Path, settings: MeterSettings, report: Report) -> None:
        self.folder = folder
        self.report = report
        self._settings = settings
        self._rows: dict[tuple[str, int], bytes] = {}
        self._imported = 0

    def wrong(self, text: str) -> None:
        """Note a violation."""
        self.report.violations.append(f"kill {self.report.kills}: {text}")

    def open(self) -> Meter | None:
        """The meter as it stands after a kill, None if its store cannot be read."""
        try:
            with DataFolder(self.folder) as files:
                meter = Meter(self._settings, files)
        except AddadError as fault:
            self.wrong(f"unreadable: {fault}")
            return None
        found = meter.store.found
        if found.condition is Condition.DAMAGED or found.lost_rows:
            self.wrong(f"{found.condition.value}, {found.lost_rows} rows lost")
        imported = meter.registers.micro(Quantity.ACTIVE_IMPORT)
        if imported < self._imported:
            self.wrong(f"import went back from {self._imported} to {imported} uWh")
        self._imported = imported
        self._compare_rows(meter)
        self._compare_relay(meter)
        return meter

    def _compare_rows(self, meter: Meter) -> None:
        tables = [p.table for p in meter.profiles]
        tables += [log.table for log in meter.notices.logs.values()]
        for table in tables:
            for sequence in range(table.first, table.next):
                row = table.row(sequence - table.first)
                if self._rows.setdefault((table.name, sequence), row) != row:
                    self.wrong(f"row {sequence} of {table.name} has changed")
            newest = max((n for name, n in self._rows if name == table.name), default=-1)
            if newest >= table.next:
                self.wrong(f"{table.name} has lost rows {table.next} to {newest}")
        load = meter.profiles.load
        energies = [load.layout.field(load.table.row(i), 2) for i in range(len(load.table))]
        if energies != sorted(energies):
            self.wrong("the load profile's energy goes back")
        for log in meter.notices.logs.values():
            rows = [log.table.row(i) for i in range(len(log.table))]
            numbers = [int.from_bytes(log.layout.field(row, 2)[1:], "big") for row in rows]
            if numbers != list(range(log.count - len(rows) + 1, log.count + 1)):
                self.wrong(f"{log.log.name}: event numbers {numbers[-5:]}, count {log.count}")

    def _compare_relay(self, meter: Meter) -> None:
        disconnector = list(meter.notices.logs.values())[2]
        told = Relay(meter.supply.relay.mode)
        told.recover(disconnector.codes())
        if len(disconnector.table) and told.state is not meter.supply.relay.state:
            self.wrong(f"relay {meter.supply.relay.state.name}, its log says {told.state.name}")


async def run_model(folder: Path, kills: int, chance: random.Random, report: Report) -> None:
    """Kill the process in virtual time, and compare with what its energy must be."""
    ledger = Ledger(folder, metering.SETTINGS, report)
    program = str(Path(metering.__file__))
    start, base_uwh = 0, 0
    for _ in range(kills):
        process = await asyncio.create_subprocess_exec(
            sys.executable, program, str(folder), str(start), stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        if chance.random() > EARLY:
            await process.stdout.readline()
            await asyncio.sleep(chance.uniform(0.0, 0.25))
        else:
            await asyncio.sleep(chance.uniform(0.0, 0.5))
        if not _kill(process):
            ledger.wrong(f"the process had ended by itself ({process.returncode})")
        lines = (await process.stdout.read()).splitlines(keepends=True)
        await process.wait()
        report.kills += 1
        whole = [line for line in lines if line.endswith(b"\n")]
        report.seen += len(whole)
        meter = ledger.open()
        if meter is None or meter.clock.last_alive is None:
            continue
        since = meter.clock.last_alive - metering.START
        reached = max(start, round(since.total_seconds() / metering.STEP_S))
        base_uwh += sum(map(metering.increment_uwh, range(start + 1, reached + 1)))
        if meter.registers.micro(Quantity.ACTIVE_IMPORT) != base_uwh:
            ledger.wrong("the registers are not those of the moment that was kept")
        if whole:
            step, shown, *rows = map(int, whole[-1].split())
            _compare_seen(ledger, meter, shown, rows)
            report.lost_s.append(max(0.0, (step - reached) * metering.STEP_S))
        start = reached + chance.choice((0, 1, 10, 1000))


def _kill(process: asyncio.subprocess.Process) -> bool:
    """SIGKILL; False if there was nothing left to kill."""
    try:
        process.kill()
    except ProcessLookupError:
        return False
    return True


def _compare_seen(ledger: Ledger, meter: Meter, shown_wh: int, rows: list[int]) -> None:
    """What a client has seen must be there: energy [Wh], and the next sequence numbers."""
    if meter.registers.whole(Quantity.ACTIVE_IMPORT) < shown_wh:
        ledger.wrong(f"a client saw {shown_wh} Wh")
    tables = [meter.profiles.load.table]
    tables += [log.table for log in meter.notices.logs.values()]
    for table, seen in zip(tables, rows, strict=True):
        if table.next < seen:
            ledger.wrong(f"a client saw {seen} rows of {table.name}, {table.next} are left")


class Witness:
    """A client of the running meter: remembers what it saw and what was confirmed."""

    def __init__(self) -> None:
        self.import_wh = 0
        self.entries = [0, 0, 0, 0]
        self.relay: set[ControlState] = set()
        self.seen = 0

    async def watch(self, host: str, port: int, password: bytes, chance: random.Random) -> None:
        """Read and switch until the meter is dead."""
        control = obis.DISCONNECT_CONTROL
        async with Client.connect(host, port, client_sap=1, password=password) as client:
            while True:
                energy = await client.get(obis.ACTIVE_ENERGY_IMPORT, Register.value)
                assert isinstance(energy.value, int)
                self.import_wh = max(self.import_wh, energy.value)
                names = (obis.LOAD_PROFILE, *LOGS)
                self.entries = [
                    await client.get(name, ProfileGeneric.entries_in_use) for name in names
                ]
                state = await client.get(control, DisconnectControl.control_state)
                self.relay = {state}
                self.seen += 1
                if chance.random() < 0.1:
                    await self._switch(client, state)

    async def _switch(self, client: Client, state: ControlState) -> None:
        opens = state is not ControlState.DISCONNECTED
        goal = ControlState.DISCONNECTED if opens else ControlState.READY_FOR_RECONNECTION
        method = (
            DisconnectControl.remote_disconnect if opens else DisconnectControl.remote_reconnect
        )
        self.relay = {state, goal}
        await client.action(obis.DISCONNECT_CONTROL, method, 0)
        self.relay = {goal}


async def run_meter(
    folder: Path, kills: int, chance: random.Random, report: Report, command: list[str]
) -> None:
    """Kill the running meter under a client's eyes."""
    passwords = load_or_make(folder)
    ledger = Ledger(folder, MeterSettings(passwords=passwords), report)
    for _ in range(kills):
        process = await asyncio.create_subprocess_exec(
            *command,
            "--listen",
            "127.0.0.1:0",
            "--data",
            str(folder),
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), START_TIMEOUT_S)
        host, _, port = line.decode().split()[-1].rpartition(":")
        witness, early = Witness(), chance.random() < EARLY
        watching = asyncio.create_task(witness.watch(host, int(port), passwords.management, chance))
        while not (early or witness.seen or watching.done()):
            await asyncio.sleep(0.005)
        await asyncio.sleep(chance.uniform(0.05, 2.5))
        if not _kill(process):
            ledger.wrong(f"the process had ended by itself ({process.returncode})")
        killed = datetime.now(UTC)
        await process.wait()
        with contextlib.suppress(AddadError, asyncio.IncompleteReadError):
            await asyncio.wait_for(watching, START_TIMEOUT_S)
        report.kills += 1
        report.seen += witness.seen
        meter = ledger.open()
        if meter is None:
            continue
        _compare_witness(ledger, meter, witness)
        alive = meter.clock.last_alive
        if alive is not None:
            report.lost_s.append((killed - alive).total_seconds() + WINDOW_S)


def _compare_witness(ledger: Ledger, meter: Meter, witness: Witness) -> None:
    if meter.registers.whole(Quantity.ACTIVE_IMPORT) < witness.import_wh:
        ledger.wrong(f"a client read {witness.import_wh} Wh")
    tables = [meter.profiles.load.table]
    tables += [log.table for log in meter.notices.logs.values()]
    for table, entries in zip(tables, witness.entries, strict=True):
        if len(table) < entries:
            ledger.wrong(f"a client read {entries} rows of {table.name}, {len(table)} are left")
    if witness.relay and meter.supply.relay.state not in witness.relay:
        states = " or ".join(state.name for state in witness.relay)
        ledger.wrong(f"relay {meter.supply.relay.state.name}, a client was told {states}")


async def run(options: argparse.Namespace, root: Path) -> list[Report]:
    """All kills of both kinds, each kind in lanes beside each other."""
    reports = []
    for kind, kills in (("model", options.model), ("meter", options.runs)):
        report = Report()
        lanes = []
        for lane in range(min(options.lanes, kills)):
            share = kills // options.lanes + (lane < kills % options.lanes)
            chance = random.Random(f"{options.seed} {kind} {lane}")
            folder = root / f"{kind}-{lane}"
            folder.mkdir()
            if kind == "model":
                lanes.append(run_model(folder, share, chance, report))
            else:
                lanes.append(run_meter(folder, share, chance, report, options.command))
        began = time.monotonic()
        await asyncio.gather(*lanes)
        worst = max(report.lost_s, default=0.0)
        if worst > options.loss_max:
            report.violations.append(f"{worst:.2f} s were lost")
        if report.seen < report.kills:
            report.violations.append("a client saw too little to be a witness")
        if kills:
            took = time.monotonic() - began
            print(f"{kind}: {report}\n({took:.0f} s, seed {options.seed})\n", flush=True)
        reports.append(report)
    return reports


def main() -> int:
    """0 when nothing was violated."""
    addad = str(Path(sys.executable).with_name("addad"))
    parser = argparse.ArgumentParser(description="kill -9 of metering processes")
    parser.add_argument("--runs", type=int, default=200, help="kills of `addad meter`")
    parser.add_argument("--model", type=int, help="kills of the model (as many as runs)")
    parser.add_argument("--lanes", type=int, default=2, help="processes beside each other")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--command", nargs="+", default=[addad, "meter", "--source", "site"])
    parser.add_argument("--loss-max", type=float, default=1.0, metavar="S", help="bound (1.0)")
    options = parser.parse_args()
    if options.model is None:
        options.model = options.runs
    with tempfile.TemporaryDirectory(prefix="addad-kill-") as root:
        reports = asyncio.run(run(options, Path(root)))
    return 1 if any(report.violations for report in reports) else 0


if __name__ == "__main__":
    raise SystemExit(main())
