"""When the meter calls, and whom: windows that recur, and the table's settings as they stand."""

from datetime import UTC, datetime

import pytest

from addad.cosem.classes.definitions import CommunicationWindow
from addad.cosem.classes.modem import AutoConnectMode, AutoConnectV1
from addad.dlms.clock_time import DateTime
from addad.meter.attribute_store import AttributeStore
from addad.meter.calling import Calling, CallSettings, are_destinations, in_window
from addad.meter.clock import MeterClock
from addad.meter.object_model import ObjectModel
from addad.obis import Obis

NAME = Obis.parse("0-0:2.1.0")
TABLE = """
[[object]]
class = 29
version = 1
name = "0-0:2.1.0"
[object.attributes]
mode = "permanent"
repetitions = 2
repetition_delay = 90
calling_window = [["****-**-**T06:00:00", "****-**-**T08:00:00"]]
destination_list = ["head.end:4059"]
"""
SUNDAY = datetime(2026, 6, 21, 7, 30, tzinfo=UTC)


def window(start: DateTime, end: DateTime) -> CommunicationWindow:
    return CommunicationWindow(start, end)


def daily(first: int, last: int, weekday: int | None = None) -> CommunicationWindow:
    start = DateTime(None, None, None, weekday, first, 0, 0)
    return window(start, DateTime(None, None, None, weekday, last, 0, 0))


@pytest.mark.parametrize(
    ("when", "inside"),
    [
        (daily(7, 8), True),
        (daily(8, 9), False),
        (daily(6, 7), False),
        (daily(22, 8), True),
        (daily(22, 7), False),
        (daily(7, 8, weekday=7), True),
        (daily(7, 8, weekday=1), False),
        (window(DateTime(2026, 6, 21), DateTime(2026, 6, 22)), True),
        (window(DateTime(2026, 6, 20), DateTime(2026, 6, 21)), False),
        (window(DateTime(None, 12, 1), DateTime(None, 7, 1)), True),
        (window(DateTime(None, None, None), DateTime(None, None, None)), True),
    ],
)
def test_windows_recur_by_what_they_leave_open(when: CommunicationWindow, inside: bool) -> None:
    assert in_window(when, SUNDAY) is inside


def test_the_settings_are_the_tables_until_a_client_writes_others() -> None:
    model, store, clock = ObjectModel.parse(TABLE), AttributeStore(), MeterClock()
    model.declare(store)
    calling = Calling(model, store, clock)
    settings = calling.settings
    assert (settings.mode, settings.repetitions) == (AutoConnectMode.PERMANENT, 2)
    assert (settings.repetition_delay_s, settings.destinations) == (90, ("head.end:4059",))
    assert settings.ever
    store.write(NAME, 6, AutoConnectV1.destination_list.type.encode(()))
    assert not calling.settings.ever
    clock.advance(SUNDAY.replace(hour=6), 0.0)  # 07:00 by the meter's zone
    assert calling.in_window()
    clock.advance(SUNDAY.replace(hour=8), 7200.0)
    assert not calling.in_window()
    store.write(NAME, 5, AutoConnectV1.calling_window.type.encode(()))
    assert calling.in_window()


def test_without_an_auto_connect_nobody_is_called() -> None:
    calling = Calling(ObjectModel(), AttributeStore(), MeterClock())
    assert calling.settings == CallSettings()
    assert not calling.settings.ever


@pytest.mark.parametrize(
    ("written", "good"),
    [((), True), ((b"a:1", b"[::1]:4059"), True), ((b"a",), False), ((b"a:1",) * 17, False)],
)
def test_destinations(written: tuple[bytes, ...], good: bool) -> None:
    assert are_destinations(written) is good
