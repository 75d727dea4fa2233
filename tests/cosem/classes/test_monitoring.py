"""Monitors of registers, parameters and sensors."""

import pytest

from addad.cosem.classes import monitoring as m
from addad.cosem.classes.definitions import ActionSet, ScriptReference, ValueDefinition
from addad.dlms.clock_time import DateTime
from addad.dlms.data import Data, Tag
from addad.errors import DecodeError
from addad.obis import Obis

POWER = Obis.parse("1-0:1.7.0")
SCRIPTS = Obis.parse("0-0:10.0.106")
VALUE = "0203 120003 0906 0100010700ff 0f02"


def octets(text: str) -> bytes:
    return bytes.fromhex(text.replace(" ", ""))


def test_thresholds_are_of_the_monitored_type() -> None:
    kind = m.RegisterMonitor.thresholds.type
    watts = (Data(Tag.DOUBLE_LONG_UNSIGNED, 3000), Data(Tag.DOUBLE_LONG_UNSIGNED, 6000))
    wire = octets("0102 0600000bb8 0600001770")
    assert kind.encode(watts) == wire
    assert kind.decode(wire) == watts
    assert m.RegisterMonitor.monitored_value.type.decode(octets(VALUE)) == (3, POWER, 2)


def test_one_set_of_actions_for_each_threshold() -> None:
    up, down = ScriptReference(SCRIPTS, 1), ScriptReference(SCRIPTS, 0)
    kind = m.RegisterMonitor.actions.type
    script = "0202 0906 00000a006aff "
    wire = octets("0101 0202" + script + "120001" + script + "120000")
    assert kind.encode((ActionSet(up, down),)) == wire
    assert kind.decode(wire) == (ActionSet(up, down),)


def test_a_changed_parameter_and_the_list() -> None:
    changed = m.ChangedParameter(3, POWER, 2, Data(Tag.UNSIGNED, 5))
    wire = octets("0204 120003 0906 0100010700ff 0f02 1105")
    assert m.ParameterMonitor.changed_parameter.type.encode(changed) == wire
    assert m.ParameterMonitorV1.parameter_list.type.decode(octets("0101" + VALUE)) == (
        ValueDefinition(3, POWER, 2),
    )
    with pytest.raises(DecodeError):
        m.ParameterMonitor.add_parameter.parameter.decode(wire)


def test_the_time_of_a_change_in_both_forms() -> None:
    moment = DateTime(2026, 1, 1, 4, 12, 0, 0, 0, -60, 0)
    kind = m.ParameterMonitor.capture_time.type
    assert kind.encode(moment) == b"\x09\x0c" + moment.encode()
    assert kind.decode(b"\x19" + moment.encode()) == moment


def test_a_sensor_names_its_processed_value() -> None:
    assert m.Sensor.processed_value.type.decode(octets(VALUE)) == (3, POWER, 2)
