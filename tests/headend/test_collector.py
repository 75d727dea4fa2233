"""A meter is kept in contact: rows fill gaps once, trouble of one holds up no other."""

import asyncio
from datetime import timedelta

import pytest
from headend_bench import NOON, PERIOD_S, SERIAL, Bench, FakeMeter, registration

from addad import obis
from addad.cosem.classes.control import ControlState
from addad.errors import StorageError
from addad.headend.head_end import HeadEnd
from addad.headend.store import events, readings

QUARTER = timedelta(seconds=PERIOD_S)
MIDNIGHT = NOON.replace(hour=0, minute=0, second=0)


def _stored(head: HeadEnd, meter_id: int = 1) -> list[int]:
    parts = readings.rows_between(head.office.store, meter_id, "1-0:99.1.0", 0, 2**40)
    return [int(at) for part in parts for at in part.at_s]


def test_an_outage_of_the_head_end_is_filled_without_doubles(bench: Bench) -> None:
    meter = bench.meters[4059]
    meter.fill(MIDNIGHT - timedelta(hours=6), NOON - QUARTER)

    async def collect(for_s: float) -> HeadEnd:
        head = bench.open()
        if not head.summary()["meters"]:
            await head.register_meter(registration(), "test")
        await head.start()
        await asyncio.sleep(for_s)
        await head.stop()
        return head

    async def first() -> None:
        head = await collect(30)
        assert _stored(head) == [int(at.timestamp()) for at in sorted(meter.rows)]

    async def second() -> None:
        meter.fill(MIDNIGHT - timedelta(hours=6), NOON + timedelta(hours=50))
        head = await collect(30)
        expected = [int(at.timestamp()) for at in sorted(meter.rows) if at <= bench.now()]
        assert set(_stored(head)) >= set(expected)
        assert len(_stored(head)) == len(set(_stored(head)))

    bench.run(first())
    bench.start = NOON + timedelta(hours=40)
    bench.run(second())


def test_rows_that_come_late_are_found_by_reading_the_day_again(bench: Bench) -> None:
    meter = bench.meters[4059]
    meter.fill(NOON - timedelta(hours=3), NOON)
    late = sorted(meter.rows)[4]
    kept = meter.rows.pop(late)

    async def main() -> None:
        head = bench.open()
        await head.register_meter(registration(), "test")
        await head.start()
        await asyncio.sleep(60)
        assert int(late.timestamp()) not in _stored(head)
        meter.rows[late] = kept
        await asyncio.sleep(3700)
        assert int(late.timestamp()) in _stored(head)
        await head.stop()

    bench.run(main())


def test_live_values_come_four_times_a_second_only_while_somebody_watches(bench: Bench) -> None:
    async def main() -> None:
        head = bench.open()
        await head.register_meter(registration(), "test")
        await head.start()
        await asyncio.sleep(1)
        watching = head.watch("FEZ-0001")
        told: list[bytes] = []

        async def read() -> None:
            async for frame in watching.frames():
                told.append(frame)

        reader = asyncio.create_task(read())
        await asyncio.sleep(10)
        live = [frame for frame in told if frame.startswith(b"event: live")]
        assert 36 <= len(live) <= 42
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)
        state = head.office.board.state("FEZ-0001", bench.now())
        await asyncio.sleep(60)
        points = state.show(int(bench.now().timestamp()))["history"]["at"]
        assert sum(at > (bench.now() - timedelta(seconds=50)).timestamp() for at in points) <= 6
        assert state.latest is not None
        assert state.latest["u"] == [230.1] * 3
        assert state.latest["p_total"] == -1500.0
        assert state.latest["import_wh"] == 5000
        assert state.relay == {"state": 1, "output": True, "mode": 4}
        await head.stop()

    bench.run(main())


def test_a_silent_meter_becomes_stale_then_lost_and_holds_up_no_other(bench: Bench) -> None:
    bench.meters[4060] = FakeMeter(name="ADD0000000005678", serial="00005678")
    contacts: list[str] = []

    async def main() -> None:
        head = bench.open()
        await head.register_meter(registration(), "test")
        await head.register_meter(registration(4060, "FEZ-0002", serial="00005678"), "test")
        await head.start()
        await asyncio.sleep(5)
        bench.meters[4059].silent = True
        for _ in range(200):
            await asyncio.sleep(0.5)
            state = head.office.board.state("FEZ-0001", bench.now()).contact["state"]
            if not contacts or contacts[-1] != state:
                contacts.append(state)
        other = head.office.board.state("FEZ-0002", bench.now())
        assert other.contact["state"] == "ok"
        bench.meters[4059].silent = False
        await asyncio.sleep(130)
        state = head.office.board.state("FEZ-0001", bench.now())
        assert state.contact["state"] == "ok"
        await head.stop()

    bench.run(main())
    assert contacts[0] == "ok"
    assert "none" in contacts


def test_an_absent_meter_is_asked_ever_more_rarely(bench: Bench) -> None:
    bench.meters[4059].absent = True

    async def main() -> None:
        head = bench.open()
        await head.register_meter(registration(), "test")
        await head.start()
        await asyncio.sleep(100)
        contact = head.office.board.state("FEZ-0001", bench.now()).contact
        assert contact["state"] == "none"
        assert "refused" in contact["reason"]
        bench.meters[4059].absent = False
        await asyncio.sleep(65)
        contact = head.office.board.state("FEZ-0001", bench.now()).contact
        assert contact["state"] == "ok"
        await head.stop()

    bench.run(main())


def test_another_meter_at_the_address_is_not_believed(bench: Bench) -> None:
    meter = bench.meters[4059]
    meter.fill(NOON - timedelta(hours=1), NOON)

    async def main() -> None:
        head = bench.open()
        await head.register_meter(registration(), "test")
        meter.name = "ADD0000000009999"
        await head.start()
        await asyncio.sleep(30)
        contact = head.office.board.state("FEZ-0001", bench.now()).contact
        assert contact["state"] == "none"
        assert "another meter" in contact["reason"]
        assert _stored(head) == []
        await head.stop()

    bench.run(main())


def test_a_profile_of_garbage_is_told_and_live_values_go_on(bench: Bench) -> None:
    bench.meters[4059].garbage_profile = True

    async def main() -> None:
        head = bench.open()
        await head.register_meter(registration(), "test")
        await head.start()
        await asyncio.sleep(30)
        state = head.office.board.state("FEZ-0001", bench.now())
        assert state.contact["state"] == "ok"
        assert "cannot be read" in state.contact["reason"]
        assert state.latest is not None
        assert bench.meters[4059].connections <= 2
        await head.stop()

    bench.run(main())


def test_a_full_disk_is_told_and_live_values_go_on(bench: Bench, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    bench.meters[4059].fill(NOON - timedelta(hours=1), NOON)

    def full(*_: object) -> int:
        raise StorageError("the disk is full: free some space")

    async def main() -> None:
        head = bench.open()
        await head.register_meter(registration(), "test")
        with monkeypatch.context() as patch:
            patch.setattr(readings, "save_rows", full)
            await head.start()
            await asyncio.sleep(30)
            state = head.office.board.state("FEZ-0001", bench.now())
            assert state.contact["state"] == "ok"
            assert "disk is full" in state.contact["reason"]
        await asyncio.sleep(70)
        assert len(_stored(head)) == 5
        assert state.contact["reason"] == ""
        await head.stop()

    bench.run(main())


def test_events_of_the_logs_are_stored_once_and_told(bench: Bench) -> None:
    meter = bench.meters[4059]
    meter.events = [(NOON - timedelta(minutes=5), 44), (NOON - timedelta(minutes=4), 45)]

    async def main() -> None:
        head = bench.open()
        await head.register_meter(registration(), "test")
        await head.start()
        await asyncio.sleep(200)
        found = events.events_at(head.office.store, "FEZ-0001")
        fraud = [one.event for one in found if one.event.log == "fraud"]
        assert [(one.code, one.severity, one.text) for one in fraud] == [
            (45, "good", "Meter cover closed"),
            (44, "alarm", "Meter cover removed"),
        ]
        await head.stop()

    bench.run(main())


def test_registers_are_kept_by_the_meters_clock(bench: Bench) -> None:
    async def main() -> None:
        head = bench.open()
        await head.register_meter(registration(), "test")
        await head.start()
        await asyncio.sleep(5)
        at, found = readings.latest_registers(head.office.store, 1)
        assert at is not None
        assert abs(at - bench.now()) < timedelta(seconds=10)
        values = {one.logical_name: one.value for one in found}
        assert values[str(obis.ACTIVE_ENERGY_IMPORT)] == 5000
        await asyncio.sleep(1000)
        later, _ = readings.latest_registers(head.office.store, 1)
        assert later is not None
        assert later - at > timedelta(minutes=10)
        await head.stop()

    bench.run(main())


def test_the_serial_confirms_a_meter_registered_unseen(bench: Bench) -> None:
    bench.meters[4059].absent = True

    async def main() -> None:
        head = bench.open()
        registered = await head.register_meter(registration(), "test")
        assert registered["meter_serial"] == SERIAL
        assert registered["logical_device_name"] == ""
        bench.meters[4059].absent = False
        await head.start()
        await asyncio.sleep(5)
        assert head.office.board.state("FEZ-0001", bench.now()).contact["state"] == "ok"
        bench.meters[4059].serial = "other"
        await head.stop()

    bench.run(main())


def test_a_fault_of_ours_is_told_and_tried_again(bench: Bench, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    async def main() -> None:
        head = bench.open()
        await head.register_meter(registration(), "test")
        with monkeypatch.context() as patch:
            patch.setattr("addad.headend.collector.prepare", lambda _: 1 / 0)
            await head.start()
            await asyncio.sleep(10)
            contact = head.office.board.state("FEZ-0001", bench.now()).contact
            assert contact["state"] == "none"
            assert "head end's log" in contact["reason"]
        await asyncio.sleep(30)
        assert head.office.board.state("FEZ-0001", bench.now()).contact["state"] == "ok"
        await head.stop()

    bench.run(main())


def test_a_relay_that_moves_has_its_log_read_at_once(bench: Bench) -> None:
    meter = bench.meters[4059]

    async def main() -> None:
        head = bench.open(event_period_s=3600)
        await head.register_meter(registration(), "test")
        await head.start()
        await asyncio.sleep(30)
        meter.state = ControlState.READY_FOR_RECONNECTION
        meter.events = [(bench.now(), 64)]
        await asyncio.sleep(12)
        assert events.count_events(head.office.store) == 1
        await head.stop()

    bench.run(main())


@pytest.mark.parametrize("years", [-56, -1, 1, 174])
def test_a_clock_that_lies_never_makes_a_reading_stay_the_newest(bench: Bench, years: int) -> None:
    async def main() -> None:
        head = bench.open(register_period_s=60)
        await head.register_meter(registration(), "test")
        meter = bench.meters[4059]
        meter.clock_off = timedelta(days=365 * years)
        await head.start()
        await asyncio.sleep(100)
        meter.clock_off, meter.import_wh = timedelta(0), 9000
        await asyncio.sleep(200)
        at, found = readings.latest_registers(head.office.store, 1)
        assert at is not None
        assert abs(bench.now() - at) < timedelta(minutes=3)
        values = {one.logical_name: one.value for one in found}
        assert values[str(obis.ACTIVE_ENERGY_IMPORT)] == 9000
        await head.stop()

    bench.run(main())


def test_an_event_from_tomorrow_hides_none_of_today(bench: Bench) -> None:
    meter = bench.meters[4059]
    meter.events = [(NOON + timedelta(hours=20), 44)]

    async def main() -> None:
        head = bench.open()
        await head.register_meter(registration(), "test")
        await head.start()
        await asyncio.sleep(30)
        meter.events.append((bench.now(), 45))
        await asyncio.sleep(90)
        codes = [one.event.code for one in events.events_at(head.office.store, "FEZ-0001")]
        assert sorted(codes) == [44, 45]
        await head.stop()

    bench.run(main())


def test_a_day_with_too_many_rows_is_told_and_live_values_go_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.meters[4059].fill(NOON - timedelta(hours=3), NOON)
    monkeypatch.setattr("addad.headend.store.blocks.MAX_ROWS", 5)

    async def main() -> None:
        head = bench.open()
        await head.register_meter(registration(), "test")
        await head.start()
        await asyncio.sleep(30)
        state = head.office.board.state("FEZ-0001", bench.now())
        assert state.contact["state"] == "ok"
        assert "at most 5 rows" in state.contact["reason"]
        assert bench.meters[4059].connections == 2
        await head.stop()

    bench.run(main())
