"""A cut at every call of the memory in a whole ciphered exchange: SE-04, SE-05, SE-06, SE-15.

In memory, so that every moment is tried: association, GET, SET, ACTION, key transfer, the first use
of new keys, the group's messages. After a power cut each write since the last sync may be there, or
not, or in part; after `kill -9` all are.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count

import pytest

from addad import obis
from addad.cosem.classes import ProfileGeneric
from addad.cosem.classes.control import Clock, Limiter
from addad.cosem.classes.security import KeyTransfer, SecuritySetup, TransferredKey
from addad.cosem.sessions import Sessions
from addad.dlms.association import State
from addad.dlms.results import ActionResult, DataAccessResult
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.counters import VolatileCounters
from addad.dlms.security.framing import CipheringForm
from addad.dlms.security.keys import KeyId, SymmetricKeys, wrap_key
from addad.dlms.types import DoubleLongUnsigned
from addad.errors import RemoteProtocolError, SecurityError
from addad.meter import associations
from addad.meter.counters import WINDOW, CounterArea
from addad.meter.device import Block, Meter
from addad.meter.objects import build_device
from addad.meter.security import SetupContext
from addad.meter.storage import VolatileMemory
from addad.obis import Obis
from kill.counter_ledger import CounterLedger, Talk, Transmission, ciphered_part, name_of
from meter.conftest import TracedMemory, memories_after_a_cut
from meter.key_bench import chance, key
from meter.secured_desk import START, Client, SecuredDesk

GMAC, SHA256, GROUP = 3, 5, 102
SETUPS = {GMAC: 0, SHA256: 2, GROUP: 5}
THRESHOLD = Limiter.threshold_normal.typed(DoubleLongUnsigned)
CHANGING = (b"\xc1", b"\xc3")
"""The first octet of a SET and of an ACTION."""
ASSOCIATION = b"\x00\x0f"
"""The class whose method 1 is pass 3 of an authentication."""
LIVES = count(1)


@dataclass(frozen=True)
class Moment:
    """What the world knew when the memory was called: frames said, answered and their counters."""

    answered: int
    sent: int
    executing: bool
    """Whether the frame that has come last, and is not answered, has had its effect."""


class Watched(TracedMemory):
    """Tells what the world knew at each call; `look` is None until the exchange begins."""

    def __init__(self) -> None:
        super().__init__()
        self.look = None
        self.moments: dict[int, Moment] = {}

    def _call(self, call) -> None:
        if self.look is not None:
            self.moments[len(self.calls)] = self.look()
        super()._call(call)


class Wire:
    """Both ways of one connection, told to the ledger."""

    def __init__(self, exchange: "Exchange", sessions: Sessions) -> None:
        self._exchange = exchange
        self._sessions = sessions
        self._talk = Talk(exchange.ledger, exchange.titles)

    def answer(self, client_sap: int, server_sap: int, apdu: bytes) -> tuple[bytes, ...]:
        exchange = self._exchange
        exchange.before = exchange.effects()
        self._talk.client_said(client_sap, apdu)
        answers = self._sessions.answer(client_sap, server_sap, apdu)
        for answer in answers:
            self._talk.meter_said(client_sap, answer)
        exchange.answered = len(exchange.ledger.records)
        return answers


class Exchange:
    """One life of a meter, with all that is said."""

    def __init__(self) -> None:
        self.memory = Watched()
        self.desk = SecuredDesk("cut", self.memory)
        known = {sap: self.desk.credentials.of_client(sap) for sap in SETUPS}
        self.titles = {sap: one.client_title for sap, one in known.items()}
        self.ledger = CounterLedger(known[GMAC].meter_title)
        for one in known.values():
            self.ledger.learn(one.keys)
        self.old = known[GMAC].keys
        self.new = replace(self.old, encryption=key("new e"), authentication=key("new a"))
        self.ledger.learn(self.new)
        self.answered = 0
        self.before = self.effects()
        self.memory.look = self.look

    def effects(self) -> tuple[object, ...]:
        """All that the exchange changes, as it stands in the meter now."""
        meter = self.desk.meter
        logs = tuple(log.count for log in meter.notices.logs.values())
        return meter.supply.limiter.rules.normal_w, logs, meter.security.setups[0].material.keys

    def look(self) -> Moment:
        """What the world knows now."""
        executing = self.effects() != self.before
        return Moment(self.answered, len(self.ledger.sent), executing)

    def client(self, client_sap: int, keys: SymmetricKeys | None = None) -> Client:
        """A client on a connection of its own, associated."""
        changes = {} if keys is None else {"security": self.security(keys)}
        if client_sap == GROUP:
            changes["form"] = CipheringForm.GENERAL_GLOBAL
        client = self.desk.client(client_sap, **changes)
        saved = Sessions(self.desk.device, on_effect=self.desk.meter.save)
        client.sessions = Wire(self, saved)
        return client.open()

    def security(self, keys: SymmetricKeys, first: int = 0) -> SecurityContext:
        """The client's end of some keys, with counters of its own."""
        context = self.desk.context(GMAC, keys=keys)
        context.counters = VolatileCounters(first=first)
        return context

    def run(self) -> None:
        """All of it."""
        client = self.client(GMAC)
        assert client.get(obis.LIMITER, THRESHOLD) == 0
        assert client.set(obis.LIMITER, THRESHOLD, 100_001) == DataAccessResult.SUCCESS
        assert client.get(obis.LIMITER, THRESHOLD) == 100_001
        reset = client.act(obis.DAILY_PROFILE, ProfileGeneric.reset, 0)
        assert reset[0] == ActionResult.SUCCESS
        pairs = (
            (TransferredKey.GLOBAL_UNICAST_ENCRYPTION, self.new.encryption),
            (TransferredKey.GLOBAL_AUTHENTICATION, self.new.authentication),
        )
        wrapped = tuple(KeyTransfer(i, wrap_key(self.old.master, fresh)) for i, fresh in pairs)
        setup = Obis.parse("0-0:43.0.0")
        assert client.act(setup, SecuritySetup.key_transfer, wrapped)[0] == ActionResult.SUCCESS
        assert client.set(obis.LIMITER, THRESHOLD, 100_002) == DataAccessResult.SUCCESS
        client = self.client(GMAC, self.new)
        assert client.set(obis.LIMITER, THRESHOLD, 100_003) == DataAccessResult.SUCCESS
        assert client.get(obis.LIMITER, THRESHOLD) == 100_003
        group = self.client(GROUP)
        group.get(obis.CLOCK, Clock.time)
        assert group.act(obis.CLOCK, Clock.shift_time, 0)[0] == ActionResult.SUCCESS
        client = self.client(SHA256)
        assert client.set(obis.LIMITER, THRESHOLD, 100_004) == DataAccessResult.SUCCESS
        assert not self.ledger.violations
        assert not self.desk.faults

    def restarted(self, memory: VolatileMemory) -> Meter:
        """Another life of the meter, on what a cut has left."""
        return Meter(self.desk.settings, memory, chance=chance(salt=b"%d" % next(LIVES)))

    def must_be_refused(self, moment: Moment, killed: bool) -> Iterator[Transmission]:
        """The frames that a restarted meter may not take in."""
        records = self.ledger.records
        for record in records[: moment.answered]:
            if record.accepted is False:
                continue
            if killed or _changes(record):
                yield record
        if moment.executing and moment.answered < len(records):
            yield records[moment.answered]

    def check_counters(self, meter: Meter, moment: Moment, *, killed: bool) -> int:
        """Nothing that was done is taken in again, and no number is sent again."""
        security = meter.security
        assert security.refusal == ""
        checked = 0
        for record in self.must_be_refused(moment, killed):
            octets = ciphered_part(record.apdu)
            if octets is None:
                continue
            with pytest.raises(SecurityError):
                SetupContext(security.setups[SETUPS[record.client_sap]]).unprotect(octets)
            checked += 1
        sent = list(self.ledger.sent)[: moment.sent]
        for setup in security.setups.values():
            for generation in setup.generations:
                name = name_of(generation.keys.encryption)
                before = max((number for of, number in sent if of == name), default=-1)
                assert generation.counters.next(KeyId.GLOBAL_UNICAST_ENCRYPTION) > before
                checked += 1
        return checked

    def check_client(self, memory: VolatileMemory, moment: Moment) -> None:
        """The genuine client comes in at once, by the new keys or else the old, and writes."""
        meter = self.restarted(memory)
        device = build_device(meter)
        meter.step(Block(START, 0.0))
        ledger = CounterLedger(self.ledger.meter_title, keys=list(self.ledger.keys))
        ledger.sent.update(list(self.ledger.sent.items())[: moment.sent])
        for keys in (self.new, self.old):
            sessions = Sessions(device, on_effect=meter.save)
            client = self.desk.client(GMAC, security=self.security(keys, first=5000))
            self.ledger, kept = ledger, self.ledger
            try:
                client.sessions = Wire(self, sessions)
                client.open()
            except RemoteProtocolError:
                continue
            finally:
                self.ledger = kept
            if client.connection.state is State.ASSOCIATED:
                assert client.set(obis.LIMITER, THRESHOLD, 7) == DataAccessResult.SUCCESS
                assert not ledger.violations
                return
        raise AssertionError("the client is locked out")


@pytest.fixture
def exchange(monkeypatch: pytest.MonkeyPatch) -> Exchange:
    rows = [associations.PUBLIC_ROW]
    rows += [row for row in associations.SECURED_ROWS if row.client_sap in SETUPS]
    monkeypatch.setitem(associations.TABLES, "cut", tuple(rows))
    return Exchange()


def cut_everywhere(exchange: Exchange) -> tuple[int, int]:
    """How many cuts there were, and how many counters were looked at."""
    exchange.run()
    calls, moments = exchange.memory.calls, exchange.memory.moments
    moments[len(calls)] = exchange.look()
    cuts = checked = 0
    for at, moment in moments.items():
        for remains in memories_after_a_cut(calls[:at]):
            checked += exchange.check_counters(exchange.restarted(remains), moment, killed=False)
            cuts += 1
        killed = _applied(calls[:at])
        checked += exchange.check_counters(exchange.restarted(killed), moment, killed=True)
    return cuts, checked


def test_se_05_a_cut_at_any_call_of_an_exchange_repeats_no_counter(exchange: Exchange) -> None:
    cuts, checked = cut_everywhere(exchange)
    assert cuts > 300
    assert checked > 2000


def test_a_meter_that_does_not_wait_for_its_disk_is_found_out(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CounterArea, "settle", lambda area: None)
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        cut_everywhere(exchange)


def test_a_meter_that_begins_again_at_its_window_is_found_out(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    careful = CounterArea.next

    def careless(area: CounterArea, fingerprint: bytes) -> int:
        for (_, key_of, _), record in area._records.items():
            if key_of == fingerprint and record.used == record.limit == record.value == WINDOW:
                record.used = 0
        return careful(area, fingerprint)

    monkeypatch.setattr(CounterArea, "next", careless)
    with pytest.raises(AssertionError, match="next"):
        cut_everywhere(exchange)


def test_se_15_after_a_cut_at_any_call_the_client_comes_in_at_once(exchange: Exchange) -> None:
    exchange.run()
    calls, moments = exchange.memory.calls, dict(exchange.memory.moments)
    exchange.memory.look = None
    for at, moment in moments.items():
        exchange.check_client(_applied(calls[:at]), moment)
        exchange.check_client(next(memories_after_a_cut(calls[:at])), moment)


def _changes(record: Transmission) -> bool:
    """Whether a frame is a SET or ACTION, other than a proof: that answers one challenge only."""
    plain = b"" if record.seen is None else record.seen.plain
    return plain[:1] in CHANGING and plain[3:5] != ASSOCIATION


def _applied(calls: list) -> VolatileMemory:
    memory = VolatileMemory()
    for call in calls:
        if call.kind == "write":
            memory.write(call.area, call.offset, call.octets)
        elif call.kind == "replace":
            memory.replace(call.area, call.octets)
    return memory
