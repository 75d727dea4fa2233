"""Clock, arbitrator, relay and limiter on the wire, and their limits."""

from collections.abc import Callable

import pytest

from addad.cosem.classes.control import (
    Arbitrator,
    Clock,
    EmergencyProfile,
    Limiter,
    LimiterActions,
    RequestedActions,
)
from addad.cosem.classes.definitions import ScriptReference
from addad.cosem.interface_class import Attribute
from addad.dlms.clock_time import DateTime
from addad.dlms.data import BitString, Data, Tag, decode
from addad.dlms.results import DataAccessResult
from addad.errors import AccessError
from addad.obis import Obis

SCRIPTS = Obis.parse("0-0:10.0.106")
START = DateTime(2026, 1, 1, 4, 0, 0, 0, 0, -60, 0)


def accepts(attribute: Attribute[int]) -> Callable[[Data], list[int]]:
    def accept(data: Data) -> list[int]:
        taken: list[int] = []
        attribute.writes(taken.append).accept(data)
        return taken

    return accept


@pytest.mark.parametrize(
    ("attribute", "tag", "lowest", "highest"),
    [
        (Clock.time_zone, Tag.LONG, -720, 840),
        (Clock.daylight_savings_deviation, Tag.INTEGER, -120, 120),
    ],
)
def test_a_set_beyond_the_limits_of_the_clock_is_refused(
    attribute: Attribute[int], tag: Tag, lowest: int, highest: int
) -> None:
    accept = accepts(attribute)
    assert accept(Data(tag, lowest)) == [lowest]
    assert accept(Data(tag, highest)) == [highest]
    for outside in (lowest - 1, highest + 1):
        with pytest.raises(AccessError) as refused:
            accept(Data(tag, outside))
        assert refused.value.result == DataAccessResult.TYPE_UNMATCHED


@pytest.mark.parametrize(("seconds", "allowed"), [(900, True), (-900, True), (901, False)])
def test_a_shift_of_more_than_a_quarter_is_refused(seconds: int, allowed: bool) -> None:
    shifts: list[int] = []
    invoke = Clock.shift_time.does(shifts.append).invoke
    if allowed:
        invoke(Data(Tag.LONG, seconds))
        assert shifts == [seconds]
        return
    with pytest.raises(AccessError) as refused:
        invoke(Data(Tag.LONG, seconds))
    assert refused.value.result == DataAccessResult.TYPE_UNMATCHED
    assert not shifts


def test_the_tables_of_an_arbitrator() -> None:
    permissions = Arbitrator.permissions_table.type
    rows = (BitString.of((1, 0, 1)), BitString.of((0, 1, 1)))
    assert permissions.encode(rows) == bytes.fromhex("0102 0403a0 040360".replace(" ", ""))
    weights = Arbitrator.weightings_table.type
    octets = bytes.fromhex("0102 0102 120001 120000 0102 120064 1203e8".replace(" ", ""))
    assert weights.decode(octets) == ((1, 0), (100, 1000))
    request = RequestedActions(1, BitString.of((0, 1, 0)))
    asked: list[RequestedActions] = []
    octets = Arbitrator.request_action.parameter.encode(request)
    assert octets == bytes.fromhex("02021101040340")
    Arbitrator.request_action.does(asked.append).invoke(decode(octets))
    assert asked == [request]


def test_an_emergency_and_its_actions() -> None:
    kind = Limiter.emergency_profile.type
    octets = b"\x02\x03\x12\x00\x07\x09\x0c" + START.encode() + bytes.fromhex("0600000e10")
    assert kind.encode(EmergencyProfile(7, START, 3600)) == octets
    assert kind.decode(octets) == EmergencyProfile(7, START, 3600)
    over, under = ScriptReference(SCRIPTS, 1), ScriptReference(SCRIPTS, 2)
    actions = Limiter.actions.type
    script = "0202090600000a006aff12"
    assert actions.encode(LimiterActions(over, under)).hex() == (f"0202{script}0001{script}0002")
