"""Whatever a client sends: the meter lives, measures, answers the others, and changes nothing.

A few seconds of `hostile_campaign` against a process, and each single trick with its right answer.
"""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from addad import obis
from addad.cosem.classes import Clock, Data, DisconnectControl, ProfileGeneric, PushSetup, Register
from addad.cosem.classes.control import ControlState
from addad.cosem.server import ServerEndpoint
from addad.dlms import apdu as apdus
from addad.dlms import data as axdr
from addad.dlms.acse import Aare
from addad.dlms.apdu.access import AccessGet, AccessRequest, AccessResponse
from addad.dlms.apdu.action import ActionRequest, ActionRequestWithList, ActionResponse
from addad.dlms.apdu.descriptors import AttributeDescriptor
from addad.dlms.apdu.exception import ExceptionResponse
from addad.dlms.apdu.get import GetRequest, GetRequestNext, GetResponse, GetResponseBlock
from addad.dlms.apdu.set import SetRequestBlock, SetRequestFirstBlock, SetResponseLastBlock
from addad.dlms.results import ActionResult, AssociationResult, DataAccessResult
from addad.dlms.wrapper import WrapperFrame
from addad.meter.device import Meter
from addad.meter.objects import build_device
from addad.meter.row_table import RowTable
from net.hostile_campaign import fraud_events, run, running_meter, standing
from net.hostile_frames import INVOKE, aarq, ranges, requests, spoil
from net.real_meter import MANAGEMENT, READER, lived_meter

PASSWORDS = {16: None, 2: READER, 1: MANAGEMENT}
SECONDS = 3.0
MEMORY_KB = 64 * 1024
SPOILED = 20_000


class Bench:
    """The real meter in memory, one connection to it, and every fault that it reported."""

    def __init__(self, rows: int = 40) -> None:
        self.meter: Meter = lived_meter(rows)
        self.faults: list[str] = []
        self.device = build_device(self.meter, lambda text, fault: self.faults.append(text))
        self.endpoint = ServerEndpoint(self.device)

    def send(self, client_sap: int, octets: bytes, server_sap: int = 1) -> bytes:
        """The APDU that answers, empty if none."""
        self.endpoint.receive(WrapperFrame(client_sap, server_sap, octets).encode())
        return (self.endpoint.answer() or b"")[8:]

    def ask(self, client_sap: int, request: apdus.Apdu) -> apdus.Apdu:
        return apdus.decode(self.send(client_sap, request.encode()))  # type: ignore[attr-defined]

    def open(self, client_sap: int, **more: int) -> None:
        aare = apdus.decode(self.send(client_sap, aarq(client_sap, PASSWORDS[client_sap], **more)))
        assert isinstance(aare, Aare)
        assert aare.result == AssociationResult.ACCEPTED

    def standing(self) -> tuple[object, ...]:
        """What no attacker may change."""
        meter = self.meter
        relay, notices = meter.supply.relay, meter.notices
        return (
            relay.snapshot(), meter.supply.limiter.snapshot(), meter.clock.snapshot(),
            meter.registers.snapshot(), [p.snapshot() for p in meter.profiles],
            [log.snapshot() for log in notices.logs.values()], notices.destination,
            notices.alarms.snapshot(), notices.queue.retries, notices.queue.delay_s,
        )  # fmt: skip


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_campaign_leaves_a_running_meter_as_it_was(tmp_path: Path) -> None:
    with running_meter(tmp_path) as meter:
        before, memory_kb = asyncio.run(standing(meter)), meter.memory_kb
        campaign = asyncio.run(run(meter, SECONDS, seed=1))
        assert meter.process.poll() is None
        assert asyncio.run(standing(meter)) == before
        assert campaign.memory_kb - memory_kb < MEMORY_KB
        assert campaign.broken == []
        assert campaign.windows == sorted(campaign.windows)
        assert campaign.windows[-1] > campaign.windows[0]
        assert campaign.sent["wrong passwords"] > 3
        assert asyncio.run(fraud_events(meter)) == 1
        told = meter.log.read_text()
    assert "Traceback" not in told
    assert "internal fault" not in told
    assert "stood still" not in told
    assert len(told.splitlines()) <= sum(campaign.sent.values())


@pytest.mark.parametrize("client_sap", [16, 2])
def test_spoiled_requests_are_answered_and_change_nothing(bench: Bench, client_sap: int) -> None:
    random = Random(client_sap)
    logical = bench.device.at(1)
    assert logical is not None
    right = requests(logical)
    before = bench.standing()
    for request in right:
        bench.open(client_sap)
        bench.send(client_sap, request)
    for number in range(SPOILED):
        if number % 20 == 0:
            bench.open(client_sap, max_pdu=random.choice((12, 100, 0xFFFF)))
        bench.send(client_sap, spoil(random, random.choice(right), right))
    after = bench.standing()
    assert after[:5] + after[6:] == before[:5] + before[6:]
    assert bench.faults == []


def test_frames_of_other_meters_whole_and_spoiled_change_nothing(
    bench: Bench, data_dir: Path
) -> None:
    random = Random(3)
    frames = json.loads((data_dir / "frames.json").read_text("utf-8"))
    others = [bytes.fromhex(frame["hex"])[:0xFFFF] for frame in frames]
    before = bench.standing()
    for client_sap in (16, 2):
        bench.open(client_sap)
        for number in range(40 * len(others)):
            octets = others[number % len(others)]
            cut = octets[random.randrange(len(octets)) :]
            bench.send(client_sap, cut if number < len(others) else spoil(random, cut, others))
    assert bench.standing() == before
    assert bench.faults == []


def test_spoiled_requests_of_management_never_break_the_meter(bench: Bench) -> None:
    random = Random(1)
    logical = bench.device.at(1)
    assert logical is not None
    right = requests(logical)
    for number in range(SPOILED):
        if number % 20 == 0:
            bench.open(1)
        bench.send(1, spoil(random, random.choice(right), right))
    assert bench.faults == []
    assert bench.meter.save() is None
    bench.open(1)
    answer = bench.ask(1, GetRequest(INVOKE, Clock.time.of(obis.CLOCK)))
    assert isinstance(answer, GetResponse)
    assert isinstance(answer.result, bytes)


@pytest.mark.parametrize("client_sap", [16, 2])
@pytest.mark.parametrize("parameter", [b"\x0f\x00", b"\x16\x01", b"\x02\x00", None])
def test_the_relay_obeys_management_only(
    bench: Bench, client_sap: int, parameter: bytes | None
) -> None:
    opens = DisconnectControl.remote_disconnect.of(obis.DISCONNECT_CONTROL)
    bench.open(client_sap)
    answer = bench.ask(client_sap, ActionRequest(INVOKE, opens, parameter))
    assert isinstance(answer, ActionResponse)
    assert answer.outcome.result in (
        ActionResult.READ_WRITE_DENIED,
        ActionResult.OBJECT_UNDEFINED,
    )
    if parameter is not None:
        many = ActionRequestWithList(INVOKE, (opens,) * 9, (parameter,) * 9)
        results = {outcome.result for outcome in bench.ask(client_sap, many).outcomes}  # type: ignore[attr-defined]
        assert results == {answer.outcome.result}
    assert bench.meter.supply.relay.state is ControlState.CONNECTED


@pytest.mark.parametrize("parameter", [b"\x16\x00", b"\x02\x00", b"\x12\x00\x00", b"\x09\x00"])
def test_a_parameter_of_the_wrong_type_opens_nothing(bench: Bench, parameter: bytes) -> None:
    opens = DisconnectControl.remote_disconnect.of(obis.DISCONNECT_CONTROL)
    bench.open(1)
    answer = bench.ask(1, ActionRequest(INVOKE, opens, parameter))
    assert answer.outcome.result == ActionResult.TYPE_UNMATCHED  # type: ignore[attr-defined]
    assert bench.meter.supply.relay.closed


def _set_blocks(
    bench: Bench, target: AttributeDescriptor, value: bytes, third: int
) -> DataAccessResult:
    """Write a value in blocks, the third of which has this number; how it ended."""
    size = -(-len(value) // 3)
    parts = [value[at : at + size] for at in range(0, len(value), size)]
    bench.ask(1, SetRequestFirstBlock(INVOKE, target, False, 1, parts[0]))
    bench.ask(1, SetRequestBlock(INVOKE, False, 2, parts[1]))
    answer = bench.ask(1, SetRequestBlock(INVOKE, True, third, parts[2]))
    assert isinstance(answer, SetResponseLastBlock)
    return answer.result


DESTINATION = axdr.Data(
    axdr.Tag.STRUCTURE,
    (
        axdr.Data(axdr.Tag.ENUM, 0),
        axdr.Data(axdr.Tag.OCTET_STRING, b"elsewhere:4059"),
        axdr.Data(axdr.Tag.ENUM, 0),
    ),
)


@pytest.mark.parametrize(
    ("spoiling", "third", "result"),
    [
        (lambda octets: octets, 3, DataAccessResult.SUCCESS),
        (lambda octets: octets, 4, DataAccessResult.DATA_BLOCK_NUMBER_INVALID),
        (lambda octets: octets, 2, DataAccessResult.DATA_BLOCK_NUMBER_INVALID),
        (lambda octets: octets[:-1], 3, DataAccessResult.TYPE_UNMATCHED),
        (lambda octets: octets + b"\x00", 3, DataAccessResult.TYPE_UNMATCHED),
        (lambda octets: octets[:-1] + b"\x07", 3, DataAccessResult.TYPE_UNMATCHED),
    ],
)
def test_a_write_that_fails_in_its_third_block_changes_nothing(
    bench: Bench, spoiling: Callable[[bytes], bytes], third: int, result: DataAccessResult
) -> None:
    bench.open(1)
    target = PushSetup.send_destination_and_method.of(obis.PUSH_SETUP_ALARM)
    before = bench.standing()
    assert _set_blocks(bench, target, spoiling(axdr.encode(DESTINATION)), third) == result
    done = result is DataAccessResult.SUCCESS
    assert bench.meter.notices.destination == ("elsewhere:4059" if done else "")
    assert (bench.standing() == before) is not done


@pytest.mark.parametrize(
    "target",
    [
        Register.value.of(obis.ACTIVE_ENERGY_IMPORT),
        ProfileGeneric.buffer.of(obis.LOAD_PROFILE),
        Data.value.of(obis.EVENT_COUNTER_FRAUD),
    ],
)
def test_blocks_for_what_is_read_only_are_denied(bench: Bench, target: AttributeDescriptor) -> None:
    bench.open(1)
    before = bench.standing()
    value = axdr.encode(axdr.Data(axdr.Tag.OCTET_STRING, bytes(100)))
    assert _set_blocks(bench, target, value, 3) == DataAccessResult.READ_WRITE_DENIED
    assert bench.standing() == before


def test_absurd_selections_are_answered_and_the_next_request_too(bench: Bench) -> None:
    bench.open(2)
    sizes = []
    for selection in ranges():
        request = GetRequest(INVOKE, ProfileGeneric.buffer.of(obis.LOAD_PROFILE, selection))
        answer = bench.ask(2, request)
        assert isinstance(answer, GetResponse)
        if isinstance(answer.result, bytes):
            rows = axdr.decode(answer.result).value
            assert isinstance(rows, tuple)
            sizes.append(len(rows))
    assert set(sizes) == {0, 40}
    assert bench.faults == []


def test_what_nobody_asked_for_has_its_answer(bench: Bench) -> None:
    short_names = bytes.fromhex("601DA109060760857405080102BE10040E01000000065F1F0400001C03FFFF")
    refused = apdus.decode(bench.send(16, short_names))
    assert isinstance(refused, Aare)
    assert refused.result == AssociationResult.REJECTED_PERMANENT
    bench.open(16)
    bench.open(16)  # a second AARQ begins anew
    answer = bench.ask(16, GetRequestNext(INVOKE, 1))
    assert isinstance(answer, GetResponseBlock)
    assert answer.contents == DataAccessResult.NO_LONG_GET_IN_PROGRESS
    for client_sap, server_sap in ((77, 1), (16, 2), (0, 0), (0xFFFF, 0xFFFF)):
        stranger = bench.send(client_sap, b"\xc0\x01\xc1\x00\x08\x00\x00\x01\x00\x00\xff\x02\x00",
                              server_sap)  # fmt: skip
        assert isinstance(apdus.decode(stranger), ExceptionResponse)


def test_a_long_profile_with_a_wrong_block_number_ends_and_can_begin_again() -> None:
    bench = Bench(rows=2000)
    bench.open(2, max_pdu=1000)
    whole = GetRequest(INVOKE, ProfileGeneric.buffer.of(obis.LOAD_PROFILE))
    for wrong in (0, 2, 0xFFFFFFFF):
        first = bench.ask(2, whole)
        assert isinstance(first, GetResponseBlock)
        assert not first.last
        ended = bench.ask(2, GetRequestNext(INVOKE, wrong))
        assert isinstance(ended, GetResponseBlock)
        assert (ended.last, ended.contents) == (True, DataAccessResult.DATA_BLOCK_NUMBER_INVALID)


def test_what_an_access_refuses_for_its_length_costs_no_more_than_what_it_gives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A profile that is too long, 150 times in one request, held the meter for most of a second."""
    bench = Bench(6000)
    bench.open(2)
    made, row = 0, RowTable.row

    def counted(table: RowTable, index: int) -> bytes:
        nonlocal made
        made += 1
        return row(table, index)

    monkeypatch.setattr(RowTable, "row", counted)
    long = AccessGet(ProfileGeneric.buffer.of(obis.LOAD_PROFILE))
    short = AccessGet(ProfileGeneric.entries_in_use.of(obis.LOAD_PROFILE))
    items = (short, *(long,) * 150, short)
    reply = bench.ask(2, AccessRequest(0x40000001, None, items, (b"\0",) * len(items)))
    assert isinstance(reply, AccessResponse)
    other = DataAccessResult.OTHER_REASON
    assert [one.result for one in reply.results] == [0, *[other] * 150, 0]
    assert made < 12_000
