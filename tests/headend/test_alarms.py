"""A push becomes an event on the page, once, and the meter's own log is read at once."""

import asyncio
from datetime import datetime, timedelta, timezone

import pytest
from headend_bench import NAME, NOON, SERIAL, Bench, registration

from addad.dlms.apdu.notification import DataNotification
from addad.dlms.clock_time import DateTime
from addad.dlms.data import Data, Tag
from addad.errors import LinkError
from addad.headend.alarms import MAX_ALARMS_PER_HOUR, MAX_WAITING, alarms_in
from addad.headend.store import events, readings
from addad.net.push import send_push
from addad.net.push_reader import ReceivedPush

FRAUD = 1 << 13


def push(
    name: str = NAME, bits: int = FRAUD, bits_2: int = 0, at: datetime = NOON
) -> DataNotification:
    """What the house's meter pushes: device name, clock, both alarm descriptors."""
    body = Data(
        Tag.STRUCTURE,
        (
            Data(Tag.OCTET_STRING, name.encode()),
            Data(Tag.OCTET_STRING, DateTime.from_datetime(at).encode()),
            Data(Tag.DOUBLE_LONG_UNSIGNED, bits),
            Data(Tag.DOUBLE_LONG_UNSIGNED, bits_2),
        ),
    )
    return DataNotification(1, None, body)


def test_bits_become_alarms_with_severity_and_words() -> None:
    found = alarms_in(push(bits=FRAUD | 1, bits_2=1 << 31).body.value, NOON)  # type: ignore[arg-type]
    assert [(one.code, one.severity, one.text) for one in found] == [
        (0, "warning", "Clock invalid"),
        (13, "alarm", "Fraud attempt"),
        (63, "alarm", "Disconnect/reconnect failure"),
    ]
    assert found[1].detail == "alarm descriptor 1 = 00002001"


@pytest.mark.parametrize("name", [NAME, SERIAL])
def test_a_push_is_stored_once_told_and_followed_up_in_the_log(bench: Bench, name: str) -> None:
    async def main() -> None:
        head = bench.open(event_period_s=3600)
        await head.register_meter(registration(), "test")
        await head.start()
        await asyncio.sleep(30)
        subscription = head.watch("FEZ-0001")
        bench.meters[4059].events.append((NOON - timedelta(seconds=3), 44))
        for _ in range(3):
            head._alarms.take(ReceivedPush("somewhere", push(name)))
        await asyncio.sleep(2)
        found = events.events_at(head.office.store, "FEZ-0001")
        assert [(one.event.log, one.event.code) for one in found] == [("fraud", 44), ("alarm", 13)]
        assert found[1].event.at == NOON
        told = [message.kind for message in subscription._queue]
        assert told.count("event") == 2
        await head.stop()

    bench.run(main())


def test_a_push_of_an_unknown_meter_stores_nothing(bench: Bench) -> None:
    async def main() -> None:
        head = bench.open()
        await head.register_meter(registration(), "test")
        await head.start()
        await asyncio.sleep(5)
        head._alarms.take(ReceivedPush("somewhere", push("ADD0000000009999")))
        await asyncio.sleep(1)
        assert events.count_events(head.office.store) == 0
        await head.stop()

    bench.run(main())


def test_a_flood_is_refused_not_kept(bench: Bench) -> None:
    async def main() -> None:
        head = bench.open()
        await head.register_meter(registration(), "test")
        await head._take_stock()
        for _ in range(MAX_WAITING):
            head._alarms.take(ReceivedPush("somewhere", push()))
        with pytest.raises(LinkError):
            head._alarms.take(ReceivedPush("somewhere", push()))
        with pytest.raises(LinkError):
            head._alarms.security_of(bytes(8), "somewhere")
        await head.stop()

    bench.run(main())


def test_an_alarm_outside_of_all_calendars_is_of_now(bench: Bench) -> None:
    early = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))

    async def main() -> None:
        head = bench.open()
        await head.register_meter(registration(), "test")
        await head.start()
        await asyncio.sleep(1)
        head._alarms.take(ReceivedPush("somewhere", push(at=early)))
        await asyncio.sleep(1)
        (found,) = events.events_at(head.office.store, "FEZ-0001")
        assert bench.now() - found.event.at < timedelta(seconds=5)
        await head.stop()

    bench.run(main())


def test_a_push_comes_over_tcp(bench: Bench) -> None:
    async def main() -> None:
        head = bench.open()
        await head.register_meter(registration(), "test")
        await head.start()
        await send_push("127.0.0.1", head.push_port, push().encode())
        for _ in range(1200):
            await asyncio.sleep(0.05)
            if events.count_events(head.office.store):
                break
        (found,) = events.events_at(head.office.store, "FEZ-0001")
        assert found.event.text == "Fraud attempt"
        await head.stop()

    asyncio.run(main())


def test_a_flood_in_a_meters_name_neither_fills_the_store_nor_stops_collecting(
    bench: Bench,
) -> None:
    meter = bench.meters[4059]
    meter.fill(NOON - timedelta(hours=30), NOON)

    async def main() -> None:
        head = bench.open(register_period_s=10)
        await head.register_meter(registration(), "test")
        await head.start()
        head.watch("FEZ-0001")
        for second in range(120):
            for part in range(5):
                at = NOON + timedelta(seconds=second, milliseconds=100 * part)
                head._alarms.take(ReceivedPush("somewhere", push(bits=0x3F03, at=at)))
                await asyncio.sleep(0.02)
        store = head.office.store
        assert events.count_events(store) == MAX_ALARMS_PER_HOUR
        assert readings.count_rows(store) == 121
        newest, _ = readings.latest_registers(store, 1)
        assert newest is not None
        assert bench.now() - newest < timedelta(seconds=30)
        live = head.office.board.state("FEZ-0001", bench.now()).latest
        assert live is not None
        assert bench.now() - datetime.fromisoformat(live["at"]) < timedelta(seconds=2)
        bench.meters[4059].events.append((NOON, 44))
        head._alarms.take(ReceivedPush("somewhere", push()))
        await asyncio.sleep(2)
        assert events.count_events(store) == MAX_ALARMS_PER_HOUR + 1
        await head.stop()

    bench.run(main())
