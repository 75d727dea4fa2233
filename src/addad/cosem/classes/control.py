"""Interface classes for time and control: Clock, Disconnect control.

Blue Book: classes 8 and 70 (version 0); UTC = local time + deviation.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from addad.cosem.interface_class import Attribute, InterfaceClass, Method
from addad.dlms.clock_time import DateTime
from addad.dlms.types import (
    Boolean,
    DateTimeOctets,
    Enum,
    Integer,
    Long,
    Structure,
    Unsigned,
)


class ClockBase(IntEnum):
    """What drives the clock."""

    NOT_DEFINED = 0
    INTERNAL_CRYSTAL = 1
    MAINS_50_HZ = 2
    MAINS_60_HZ = 3
    GPS = 4
    RADIO = 5


class PresetTime(NamedTuple):
    """A time to be set later by `adjust_to_preset_time`, and when that is allowed."""

    preset_time: DateTime
    validity_interval_start: DateTime
    validity_interval_end: DateTime


PresetTimeType = Structure(PresetTime, DateTimeOctets, DateTimeOctets, DateTimeOctets)


class Clock(InterfaceClass):
    """The meter's clock. `time_zone` and the deviations are in minutes, `shift_time` in seconds."""

    class_id, version = 8, 0

    time = Attribute(2, DateTimeOctets)
    time_zone = Attribute(3, Long)
    status = Attribute(4, Unsigned)
    daylight_savings_begin = Attribute(5, DateTimeOctets)
    daylight_savings_end = Attribute(6, DateTimeOctets)
    daylight_savings_deviation = Attribute(7, Integer)
    daylight_savings_enabled = Attribute(8, Boolean)
    clock_base = Attribute(9, Enum(ClockBase))
    adjust_to_quarter = Method(1)
    adjust_to_measuring_period = Method(2)
    adjust_to_minute = Method(3)
    adjust_to_preset_time = Method(4)
    preset_adjusting_time = Method(5, PresetTimeType)
    shift_time = Method(6, Long)


class ControlState(IntEnum):
    """Where the supply relay stands, and whether a person may close it."""

    DISCONNECTED = 0
    CONNECTED = 1
    READY_FOR_RECONNECTION = 2


class ControlMode(IntEnum):
    """Which transitions are allowed; the table of letters is the meter's own."""

    MODE_0 = 0
    MODE_1 = 1
    MODE_2 = 2
    MODE_3 = 3
    MODE_4 = 4
    MODE_5 = 5
    MODE_6 = 6
    MODE_7 = 7


class DisconnectControl(InterfaceClass):
    """The supply relay: `output_state` is true while it is closed."""

    class_id, version = 70, 0

    output_state = Attribute(2, Boolean)
    control_state = Attribute(3, Enum(ControlState))
    control_mode = Attribute(4, Enum(ControlMode))
    remote_disconnect = Method(1)
    remote_reconnect = Method(2)
