"""kill -9 of `addad meter` between any two steps of a ciphered exchange, and what counters do then.

    python tests/kill/run_cipher_kill.py --runs 1000

An observer holds the keys of both ends and opens every message both ways, over all lives of a
meter. No counter of the meter may be sent twice under a key, none of a client be accepted twice:
after each restart old frames come again, from a stranger and inside a client's association; and the
client itself must come in at once. SE-04, SE-05, SE-06 and SE-15 of the house's rules.
"""

import argparse
import asyncio
import contextlib
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from cipher_parties import (
    ECDSA,
    GMAC,
    GROUP,
    SCRIPTS,
    SETUPS,
    SHA256,
    THRESHOLD,
    Exchange,
    Held,
    Party,
    Wishes,
)
from counter_ledger import CounterLedger, Talk, Transmission, name_of
from metering_life import Life, Nursery, Remains, write_recording
from witness_link import Moment, Plan, WitnessLink

from addad import obis
from addad.cosem.classes import Data
from addad.dlms.security.framing import CipheringForm
from addad.dlms.types import DoubleLongUnsigned
from addad.errors import AddadError, AssociationError, LinkError
from addad.net.client import Client
from addad.obis import Obis
from addad.reader.credentials import load_credentials

HERE, STRANGER = "127.0.0.1", "127.0.0.2"
TIMEOUT_S = 60.0
EARLY = 0.04
"""The share of lives that end while they begin."""
BY_COMMAND = 0.05
"""The share of lives that the command itself begins; the others take a short cut."""
WITHIN_MAX, ELSE_MAX, OLD_MAX = 6, 1, 2
"""How many frames come again: the newest under the keys in use, others; and older ones."""
SET_REQUEST = 0xC1
COUNT = Data.value.typed(DoubleLongUnsigned)


@dataclass
class Report:
    """What was found over all lives of all meters."""

    kills: Counter[str] = field(default_factory=Counter)
    scripts: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [f"{self.kills.total()} kills"]
        for counts in (self.kills, self.scripts, self.counts):
            lines += [f"  {number:7} {name}" for name, number in sorted(counts.items())]
        lines.append(f"{len(self.violations)} violations")
        return "\n".join(lines + self.violations[:20])


class Lane:
    """One meter and its clients, through many lives."""

    def __init__(
        self, folder: Path, nursery: Nursery, chance: random.Random, report: Report
    ) -> None:
        self._folder = folder
        self._nursery = nursery
        self._chance = chance
        self._report = report
        self._wishes = Wishes()
        self._parties: dict[int, Party] = {}
        self._ledger = CounterLedger(b"")
        self._remains: Remains | None = None
        self._port = 0

    async def run(self, kills: int) -> None:
        """So many kills, and a last life in which all is looked at once more."""
        await self._commission()
        script = "gmac"
        while self._ledger.run < kills:
            self._ledger.run += 1
            life = await self._begin()
            if self._chance.random() < EARLY:
                await asyncio.sleep(self._chance.uniform(0.0, 0.2))
                self._report.kills["while it starts"] += 1
            elif await self._listening(life):
                await self._look(SCRIPTS[script][0])
                script = self._chance.choice(list(SCRIPTS))
                self._report.scripts[script] += 1
                await self._act_until_killed(life, script)
            await self._end(life)
        life = await self._begin()
        if await self._listening(life):
            for client_sap in (GMAC, SHA256, ECDSA):
                await self._look(client_sap)
        await self._end(life)
        ledger, report = self._ledger, self._report
        report.violations += ledger.violations
        report.counts.update(ledger.counts)
        report.counts["keys"] += len({key for key, _ in ledger.sent})
        report.counts["counters accepted once"] += len(ledger.taken)
        wishes = self._wishes
        report.counts.update(SET=wishes.sets, ACTION=wishes.actions)
        report.counts["key transfers"] += wishes.transfers

    # --- lives

    async def _commission(self) -> None:
        write_recording(self._folder / "one-phase.csv")
        life = await self._begin(by_command=True)
        await life.port()
        known = load_credentials(self._folder / "meter" / "credentials.json")
        self._parties = {sap: Party(sap, known.of_client(sap)) for sap in SETUPS}
        self._ledger.meter_title = known.of_client(GMAC).meter_title or b""
        for party in self._parties.values():
            self._ledger.learn(party.held[0].keys)
        await self._end(life)

    async def _begin(self, *, by_command: bool | None = None) -> Life:
        if by_command is None:
            by_command = self._chance.random() < BY_COMMAND
        arguments = ["--source", str(self._folder / "one-phase.csv"), "--listen", f"{HERE}:0"]
        arguments += ["--data", str(self._folder / "meter")]
        return await self._nursery.start(self._folder / "out.txt", arguments, by_command=by_command)

    async def _listening(self, life: Life) -> bool:
        try:
            self._port = await life.port()
        except TimeoutError as fault:
            self._ledger.wrong(f"it does not start again: {fault}")
            return False
        return True

    async def _end(self, life: Life) -> None:
        if not life.killed and life.ended:
            self._ledger.wrong("the process had ended by itself")
        life.kill()
        await life.gone()
        try:
            self._remains = Remains.read(self._folder / "meter")
        except (AddadError, AssertionError) as fault:
            self._ledger.wrong(f"its counters cannot be read: {fault!r}")
            return
        if self._remains.area.refusal:
            self._ledger.wrong(self._remains.area.refusal)
        else:
            self._compare_with_disk(self._remains)

    def _compare_with_disk(self, remains: Remains) -> None:
        """What was accepted is written, and what was sent lies below what will be sent."""
        ledger = self._ledger
        for party in self._parties.values():
            for held in party.held[-3:]:
                key = held.keys.encryption
                taken = [n for name, n in ledger.taken if name == name_of(key)]
                if taken and remains.last(key, party.title) < max(taken):
                    ledger.wrong(f"counter {max(taken)} of {party.client_sap} is forgotten")
                sent = [n for name, n in ledger.sent if name == name_of(key)]
                if sent and remains.next(key) <= max(sent):
                    ledger.wrong(f"the next counter is not above {max(sent)}")
                ledger.counts["counters compared with the disk"] += len(taken) + len(sent)

    # --- connections

    async def _link(self, plan: Plan | None = None, source: str = HERE) -> WitnessLink:
        titles = {sap: party.title for sap, party in self._parties.items()}
        talk = Talk(self._ledger, titles)
        loop = asyncio.get_running_loop()
        _, link = await loop.create_connection(
            lambda: WitnessLink(talk, plan), HERE, self._port, local_addr=(source, 0)
        )
        return link

    async def _associated(self, party: Party, held: Held) -> tuple[Client, WitnessLink] | None:
        """A client that is in, or None when these keys do not open."""
        link = await self._link()
        client = Client(link, parameters=party.parameters(held), timeout_s=TIMEOUT_S)
        try:
            await client.associate()
        except AssociationError:
            link.close()
            return None
        return client, link

    async def _enter(self, party: Party) -> tuple[Client, WitnessLink] | None:
        """The client comes in by the keys that are in force, and knows afterwards which they are.

        While it does not know, the old ones must do, unless the new ones have been used.
        """
        if party.unsure and self._chance.random() < 0.5:
            old = await self._associated(party, party.held[-2])
            if old is None:
                self._ledger.wrong(f"client {party.client_sap}: the old keys are not good")
            else:
                await old[0].close()
        entered = await self._associated(party, party.held[-1])
        if entered is None and party.unsure:
            party.held.pop()
            entered = await self._associated(party, party.held[-1])
        party.unsure = False
        if entered is None:
            self._ledger.wrong(f"client {party.client_sap} is locked out")
        return entered

    # --- after a restart

    async def _look(self, client_sap: int) -> None:
        """What stood before the kill stands, and nothing that was said before is taken again."""
        try:
            await self._replay_from_afar()
            for sap in {GMAC, client_sap} - {GROUP}:
                await self._look_as(self._parties[sap])
            await self._ask_for_the_group()
            await self._read_counter()
        except AddadError as fault:
            self._ledger.wrong(f"after the restart: {fault!r}")

    async def _look_as(self, party: Party) -> None:
        entered = await self._enter(party)
        if entered is None:
            return
        client, link = entered
        value = await client.get(obis.LIMITER, THRESHOLD)
        self._compare_value(value)
        before = value, await client.get(obis.EVENT_COUNTER_STANDARD, COUNT)
        for sent in self._worth_replaying(party):
            if await self._replayed(link, sent):
                self._ledger.wrong(f"counter {sent.seen and sent.seen.counter} taken in again")
        after = (
            await client.get(obis.LIMITER, THRESHOLD),
            await client.get(obis.EVENT_COUNTER_STANDARD, COUNT),
        )
        if before != after:
            self._ledger.wrong(f"replays have changed {before} to {after}")
        await client.close()

    def _compare_value(self, value: int) -> None:
        """The value is the one that was confirmed, or one whose SET was accepted unheard."""
        wishes, ledger = self._wishes, self._ledger
        if wishes.asked is None:
            if value != wishes.value:
                ledger.wrong(f"the value is {value}, confirmed was {wishes.value}")
            return
        sent = next((r for r in ledger.records if _sets(r, wishes.asked)), None)
        if sent is None:
            if value != wishes.value:
                ledger.wrong(f"the value is {value}, confirmed was {wishes.value}")
        elif value == wishes.asked:
            ledger.counts["SETs done whose answer was lost"] += 1
            if self._is_spent(sent) is False:
                ledger.wrong("a SET was done, and its counter not kept")
        elif value != wishes.value:
            ledger.wrong(f"the value is {value}, neither {wishes.value} nor {wishes.asked}")
        elif sent.accepted:
            ledger.wrong("a SET was answered, and is not kept")
        else:
            ledger.counts["SETs not done"] += 1
        wishes.value, wishes.asked = value, None

    def _is_spent(self, sent: Transmission) -> bool | None:
        """Whether the killed meter had written that it accepted this frame.

        None for one under a dedicated key, which has ended with its connection.
        """
        party, seen = self._parties[sent.client_sap], sent.seen
        if seen is None or self._remains is None:
            return None
        for held in party.held:
            if name_of(held.keys.encryption) == seen.key:
                return seen.counter <= self._remains.last(held.keys.encryption, party.title)
        return None

    def _worth_replaying(self, party: Party) -> list[Transmission]:
        """The newest frames under the keys in use, one under others, and older ones."""
        mine = [
            r
            for r in self._ledger.records
            if r.client_sap == party.client_sap and not r.replay and r.run < self._ledger.run
        ]
        key = name_of(party.held[-1].keys.encryption)
        same = [r for r in mine if r.seen is not None and r.seen.key == key]
        others = [r for r in mine if r.seen is None or r.seen.key != key]
        old = self._chance.sample(same[:-WITHIN_MAX], min(OLD_MAX, len(same[:-WITHIN_MAX])))
        return same[-WITHIN_MAX:] + others[-ELSE_MAX:] + old

    async def _replayed(self, link: WitnessLink, sent: Transmission) -> bool:
        """Send a frame again as it was; whether it is taken."""
        link.replaying = True
        try:
            link.send(sent.client_sap, 1, sent.apdu)
            await link.receive(TIMEOUT_S)
        finally:
            link.replaying = False
        return bool(self._ledger.records[-1].accepted)

    async def _replay_from_afar(self) -> None:
        """A stranger sends what needs no association: old AARQs, and what was for the group.

        What the meter never got may be taken in once, and then no more.
        """
        ledger, link = self._ledger, await self._link(source=STRANGER)
        said = [r for r in ledger.records if not r.replay and r.run < ledger.run]
        opening = [r for r in said if r.apdu[0] == 0x60]
        group = [r for r in said if r.client_sap == GROUP]
        chosen = opening[-3:] + group[-4:]
        for older in (opening[:-3], group[:-4]):
            chosen += self._chance.sample(older, min(OLD_MAX, len(older)))
        for sent in chosen:
            spent = self._is_spent(sent)
            for again in range(2):
                taken = await self._replayed(link, sent)
                if taken and (spent or again):
                    ledger.wrong(f"counter {sent.seen and sent.seen.counter} is taken in again")
                if taken:
                    ledger.counts["frames taken in once, at their replay"] += 1
        link.close()

    async def _ask_for_the_group(self) -> None:
        party = self._parties[GROUP]
        link = await self._link()
        client = Client(link, parameters=party.parameters(party.held[-1]), timeout_s=TIMEOUT_S)
        await client.get(obis.EVENT_COUNTER_STANDARD, COUNT)
        link.close()

    async def _read_counter(self) -> None:
        """The public client is told of no counter below one that was accepted."""
        party = self._parties[GMAC]
        name = Obis.parse(f"0-0:43.1.{SETUPS[GMAC]}")
        async with Client.connect(HERE, self._port, timeout_s=TIMEOUT_S) as client:
            told = await client.get(name, COUNT)
        key = name_of(party.held[-1].keys.encryption)
        taken = max((n for of, n in self._ledger.taken if of == key), default=0)
        if told < taken:
            self._ledger.wrong(f"a public client is told {told}, accepted was {taken}")

    # --- until the end

    async def _act_until_killed(self, life: Life, script: str) -> None:
        client_sap, steps, act = SCRIPTS[script]
        party, chance = self._parties[client_sap], self._chance
        if party.unsure:  # settle it first, so that there are at most two sets of keys
            entered = await self._enter(party)
            if entered is not None:
                await entered[0].close()
        moment = chance.choice(list(Moment))
        plan = Plan(
            chance.randrange(steps), moment, chance.random(), life.kill, self._folder / "meter"
        )
        form = CipheringForm.GENERAL_GLOBAL if script == "general" else CipheringForm.GLOBAL
        exchange = Exchange(party, self._wishes, self._ledger.learn, chance)
        try:
            link = await self._link(plan)
            client = Client(
                link,
                parameters=party.parameters(party.held[-1], form),
                dedicated=script == "dedicated",
                timeout_s=TIMEOUT_S,
            )
            if client_sap != GROUP:
                await client.associate()
            await act(exchange, client)
        except AddadError as fault:
            if not plan.done:
                self._ledger.wrong(f"{script}, before the kill: {fault!r}")
            elif not isinstance(fault, LinkError):
                self._ledger.wrong(f"{script}, at the kill: {fault!r}")
        self._report.kills[moment.value if plan.done else "after all frames"] += 1
        with contextlib.suppress(UnboundLocalError):
            await asyncio.sleep(0.002 if plan.done else 0)  # what the dead meter had sent comes in
            link.close()
            await link.wait_closed()


def _sets(record: Transmission, value: int) -> bool:
    """Whether a frame was to write this value, which no other frame has."""
    plain = b"" if record.seen is None else record.seen.plain
    return plain[:1] == bytes((SET_REQUEST,)) and plain[-4:] == value.to_bytes(4, "big")


async def run(options: argparse.Namespace, root: Path) -> Report:
    """All kills, in lanes beside each other; each lane is one meter."""
    report = Report()
    nursery = Nursery(options.command)
    lanes = []
    for lane in range(min(options.lanes, options.runs)):
        folder = root / f"lane-{lane}"
        folder.mkdir()
        share = options.runs // options.lanes + (lane < options.runs % options.lanes)
        chance = random.Random(f"{options.seed} {lane}")
        lanes.append(Lane(folder, nursery, chance, report).run(share))
    try:
        await asyncio.gather(*lanes)
    finally:
        await nursery.close()
    return report


def main() -> int:
    """0 when nothing was violated."""
    addad = str(Path(sys.executable).with_name("addad"))
    parser = argparse.ArgumentParser(description="kill -9 between steps of ciphered exchanges")
    parser.add_argument("--runs", type=int, default=1000, help="kills of `addad meter`")
    parser.add_argument("--lanes", type=int, default=2, help="meters beside each other")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--command", nargs="+", default=[addad, "meter"])
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="addad-kill-") as root:
        report = asyncio.run(run(options, Path(root)))
    print(f"{report}\n({time.monotonic() - began:.0f} s, seed {options.seed})")
    return 1 if report.violations else 0


if __name__ == "__main__":
    raise SystemExit(main())
