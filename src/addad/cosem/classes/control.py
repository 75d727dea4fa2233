"""Interface classes for time and control: Clock, Arbitrator, Disconnect control, Limiter.

Blue Book: classes 8, 68, 70 and 71 (version 0); UTC = local time + deviation.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final, NamedTuple

from addad.cosem.classes.definitions import (
    ScriptReference,
    ScriptReferences,
    ScriptReferenceType,
    ValueDefinitionType,
)
from addad.cosem.interface_class import Attribute, InterfaceClass, Method
from addad.dlms.clock_time import DateTime
from addad.dlms.data import BitString
from addad.dlms.types import (
    AnyData,
    Array,
    BitStringType,
    Boolean,
    DateTimeOctets,
    DoubleLongUnsigned,
    Enum,
    Integer,
    Limited,
    Long,
    LongUnsigned,
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
    """The meter's clock. `time_zone` and the deviations are in minutes, `shift_time` in seconds.

    A time zone is -720 to 840, a deviation -120 to 120, a shift -900 to 900; a SET or ACTION with
    another value is refused with `type-unmatched`.
    """

    class_id, version = 8, 0

    time = Attribute(2, DateTimeOctets)
    time_zone = Attribute(3, Limited(Long, -720, 840))
    status = Attribute(4, Unsigned)
    daylight_savings_begin = Attribute(5, DateTimeOctets)
    daylight_savings_end = Attribute(6, DateTimeOctets)
    daylight_savings_deviation = Attribute(7, Limited(Integer, -120, 120))
    daylight_savings_enabled = Attribute(8, Boolean)
    clock_base = Attribute(9, Enum(ClockBase))
    adjust_to_quarter = Method(1)
    adjust_to_measuring_period = Method(2)
    adjust_to_minute = Method(3)
    adjust_to_preset_time = Method(4)
    preset_adjusting_time = Method(5, PresetTimeType)
    shift_time = Method(6, Limited(Long, -900, 900))


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


class RequestedActions(NamedTuple):
    """Which actions an actor asks for, one bit for each of the arbitrator's actions."""

    request_actor: int
    request_action_list: BitString


RequestedActionsType: Final = Structure(RequestedActions, Unsigned, BitStringType)


class Arbitrator(InterfaceClass):
    """Which of several actors' requests is carried out: permissions, then weights.

    The tables have a row for each actor and in it a bit or weight for each action.
    """

    class_id, version = 68, 0

    actions = Attribute(2, ScriptReferences)
    permissions_table = Attribute(3, Array(BitStringType))
    weightings_table = Attribute(4, Array(Array(LongUnsigned)))
    most_recent_requests_table = Attribute(5, Array(BitStringType))
    last_outcome = Attribute(6, Unsigned)
    request_action = Method(1, RequestedActionsType)
    reset = Method(2)


class EmergencyProfile(NamedTuple):
    """When the emergency threshold holds; `duration` is in seconds."""

    emergency_profile_id: int
    emergency_activation_time: DateTime
    emergency_duration: int


EmergencyProfileType: Final = Structure(
    EmergencyProfile, LongUnsigned, DateTimeOctets, DoubleLongUnsigned
)


class LimiterActions(NamedTuple):
    """What to run when the value has been over, and under, its threshold for long enough."""

    action_over_threshold: ScriptReference
    action_under_threshold: ScriptReference


class Limiter(InterfaceClass):
    """A value's threshold, normal or in an emergency; durations are in seconds.

    The thresholds have the type of the monitored value.
    """

    class_id, version = 71, 0

    monitored_value = Attribute(2, ValueDefinitionType)
    threshold_active = Attribute(3, AnyData)
    threshold_normal = Attribute(4, AnyData)
    threshold_emergency = Attribute(5, AnyData)
    min_over_threshold_duration = Attribute(6, DoubleLongUnsigned)
    min_under_threshold_duration = Attribute(7, DoubleLongUnsigned)
    emergency_profile = Attribute(8, EmergencyProfileType)
    emergency_profile_group_id_list = Attribute(9, Array(LongUnsigned))
    emergency_profile_active = Attribute(10, Boolean)
    actions = Attribute(11, Structure(LimiterActions, ScriptReferenceType, ScriptReferenceType))
