"""A relay command is done only after the state was read back; every step is audited."""

import asyncio
from typing import Any

import pytest
from headend_bench import SERIAL, Bench, FakeMeter, registration

from addad.cosem.classes.control import ControlMode, ControlState
from addad.errors import InputError
from addad.headend.head_end import HeadEnd
from addad.headend.store import audit, orders
from addad.headend.store.orders import CommandPending, RelayCommand, TooManyDisconnects

DIGITS = SERIAL[-4:]


async def _switch(bench: Bench, action: str, wait_s: float = 120.0) -> RelayCommand:
    """Ask for a switch, wait for its outcome, give the command as stored."""
    head = bench.open()
    await head.register_meter(registration(), "test")
    await head.start()
    await asyncio.sleep(1)
    collector = head.collector_at("FEZ-0001")
    assert collector is not None
    step = await head.commands.request(
        collector.placement, action, "unpaid bill 7", DIGITS, "amina"
    )
    assert step["step"] == "requested"
    await asyncio.sleep(wait_s)
    (order,) = orders.commands_at(head.office.store, "FEZ-0001")
    outcomes = [
        row.entry.outcome
        for row in audit.page(head.office.store)
        if row.entry.action == f"relay.{action}"
    ]
    assert outcomes[-1] == "requested"
    assert outcomes[0] == order.step
    assert audit.verify(head.office.store).intact
    await head.stop()
    return order


def _run(bench: Bench, action: str) -> RelayCommand:
    found: list[RelayCommand] = []

    async def main() -> None:
        found.append(await _switch(bench, action))

    bench.run(main())
    return found[0]


def test_a_disconnection_is_confirmed_by_the_state_read_back(bench: Bench) -> None:
    order = _run(bench, "disconnect")
    assert (order.step, order.message, order.who) == ("confirmed", "Disconnected", "amina")
    assert bench.meters[4059].state == ControlState.DISCONNECTED
    assert bench.meters[4059].actions == [(1, 1)]


@pytest.mark.parametrize(
    ("mode", "state"),
    [
        (ControlMode.MODE_1, ControlState.READY_FOR_RECONNECTION),
        (ControlMode.MODE_2, ControlState.CONNECTED),
        (ControlMode.MODE_4, ControlState.CONNECTED),
        (ControlMode.MODE_6, ControlState.READY_FOR_RECONNECTION),
    ],
)
def test_a_reconnection_ends_where_the_mode_lets_it(
    bench: Bench, mode: ControlMode, state: ControlState
) -> None:
    bench.meters[4059].mode = mode
    bench.meters[4059].state = ControlState.DISCONNECTED
    order = _run(bench, "reconnect")
    assert order.step == "confirmed"
    assert bench.meters[4059].state == state


def test_a_relay_that_does_not_follow_is_a_failure(bench: Bench) -> None:
    bench.meters[4059].obeys = False
    order = _run(bench, "disconnect")
    assert order.step == "failed"
    assert "did not follow" in order.message


def test_a_link_that_breaks_after_the_command_is_read_back_later(bench: Bench) -> None:
    bench.meters[4059].drops_after_action = True
    order = _run(bench, "disconnect")
    assert (order.step, order.message) == ("confirmed", "Disconnected")
    assert len(bench.meters[4059].actions) == 1


def test_nothing_is_sent_to_another_meter_at_the_address(bench: Bench) -> None:
    async def main() -> None:
        head = bench.open()
        await head.register_meter(registration(), "test")
        await head.start()
        await asyncio.sleep(1)
        bench.meters[4059].name = "ADD0000000009999"
        collector = head.collector_at("FEZ-0001")
        assert collector is not None
        await head.commands.request(collector.placement, "disconnect", "why", DIGITS, "amina")
        await asyncio.sleep(60)
        (order,) = orders.commands_at(head.office.store, "FEZ-0001")
        assert order.step == "failed"
        assert "Nothing was sent" in order.message
        assert bench.meters[4059].actions == []
        await head.stop()

    bench.run(main())


def test_a_silent_meter_ends_a_command_as_failed(bench: Bench) -> None:
    async def main() -> None:
        head = bench.open()
        await head.register_meter(registration(), "test")
        await head.start()
        await asyncio.sleep(1)
        collector = head.collector_at("FEZ-0001")
        assert collector is not None
        bench.meters[4059].silent = True
        await head.commands.request(collector.placement, "disconnect", "why", DIGITS, "amina")
        await asyncio.sleep(120)
        (order,) = orders.commands_at(head.office.store, "FEZ-0001")
        assert order.step == "failed"
        await head.stop()

    bench.run(main())


@pytest.mark.parametrize(
    ("action", "reason", "confirm"),
    [
        ("explode", "why", DIGITS),
        ("disconnect", "  ", DIGITS),
        ("disconnect", "why", "9999"),
        ("disconnect", "why", ""),
        ("disconnect", "x" * 500, DIGITS),
    ],
)
def test_a_command_that_is_not_meant_reaches_nothing(
    bench: Bench, action: str, reason: str, confirm: str
) -> None:
    async def main() -> None:
        head = bench.open()
        await head.register_meter(registration(), "test")
        await head.start()
        await asyncio.sleep(1)
        collector = head.collector_at("FEZ-0001")
        assert collector is not None
        with pytest.raises(InputError):
            await head.commands.request(collector.placement, action, reason, confirm, "amina")
        assert orders.commands_at(head.office.store, "FEZ-0001") == []
        assert bench.meters[4059].actions == []
        await head.stop()

    bench.run(main())


def test_one_command_at_a_time(bench: Bench) -> None:
    async def main() -> None:
        head, placement = await _begun(bench)
        request = head.commands.request
        both = await asyncio.gather(
            request(placement, "disconnect", "one", DIGITS, "amina"),
            request(placement, "disconnect", "two", DIGITS, "omar"),
            return_exceptions=True,
        )
        refused = [one for one in both if isinstance(one, CommandPending)]
        assert len(refused) == 1
        await asyncio.sleep(30)
        assert len(bench.meters[4059].actions) == 1
        await head.stop()

    bench.run(main())


def test_one_person_cuts_a_bounded_number_of_supplies_an_hour(bench: Bench) -> None:
    async def main() -> None:
        head, placement = await _begun(bench)
        for _ in range(orders.MAX_DISCONNECTS_PER_HOUR):
            bench.meters[4059].state = ControlState.CONNECTED
            await head.commands.request(placement, "disconnect", "why", DIGITS, "amina")
            await asyncio.sleep(20)
        with pytest.raises(TooManyDisconnects):
            await head.commands.request(placement, "disconnect", "why", DIGITS, "amina")
        await head.commands.request(placement, "disconnect", "why", DIGITS, "omar")
        await asyncio.sleep(20)
        await head.commands.request(placement, "reconnect", "paid", DIGITS, "amina")
        await asyncio.sleep(3600)
        await head.commands.request(placement, "disconnect", "why", DIGITS, "amina")
        await asyncio.sleep(20)
        await head.stop()

    bench.run(main())


def test_a_stopped_head_end_leaves_no_command_open(bench: Bench) -> None:
    async def first() -> None:
        head, placement = await _begun(bench)
        bench.meters[4059].silent = True
        await head.commands.request(placement, "disconnect", "why", DIGITS, "amina")
        await head.stop()

    async def second() -> None:
        bench.meters[4059].silent = False
        head = bench.open()
        await head.start()
        (order,) = orders.commands_at(head.office.store, "FEZ-0001")
        assert order.step == "failed"
        assert "before the outcome was known" in order.message
        await head.stop()

    bench.run(first())
    bench.run(second())


async def _begun(bench: Bench) -> tuple[HeadEnd, Any]:
    head = bench.open()
    await head.register_meter(registration(), "test")
    await head.start()
    await asyncio.sleep(1)
    collector = head.collector_at("FEZ-0001")
    assert collector is not None
    return head, collector.placement


def test_a_meter_may_be_exchanged_while_another_keeps_its_relay(bench: Bench) -> None:
    bench.meters[4060] = FakeMeter(name="ADD0000000005678", serial="00005678")

    async def main() -> None:
        head, _ = await _begun(bench)
        await head.register_meter(
            registration(4060, serial="00005678", installed_from=None, start_import_wh=None), "t"
        )
        await asyncio.sleep(5)
        collector = head.collector_at("FEZ-0001")
        assert collector is not None
        assert collector.placement.meter.serial == "00005678"
        await head.commands.request(collector.placement, "disconnect", "why", "5678", "amina")
        await asyncio.sleep(10)
        assert bench.meters[4060].state == ControlState.DISCONNECTED
        assert bench.meters[4059].state == ControlState.CONNECTED
        await head.stop()

    bench.run(main())
