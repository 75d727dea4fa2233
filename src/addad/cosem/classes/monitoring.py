"""Interface classes that watch values: Register monitor, Parameter monitor, Sensor manager.

Blue Book: classes 21, 65 (versions 0 and 1) and 67.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from addad.cosem.classes.definitions import ActionSetType, ValueDefinitionType
from addad.cosem.classes.measurement import ScalerUnitType
from addad.cosem.interface_class import Attribute, InterfaceClass, Method
from addad.dlms.data import Data
from addad.dlms.types import (
    AnyData,
    Array,
    DateTimeOctets,
    EnumCode,
    Integer,
    LogicalName,
    LongUnsigned,
    OctetString,
    Structure,
)
from addad.obis import Obis


class RegisterMonitor(InterfaceClass):
    """What is run when a value crosses a threshold: one action set for each threshold.

    The thresholds have the type of the monitored value.
    """

    class_id, version = 21, 0

    thresholds = Attribute(2, Array(AnyData))
    monitored_value = Attribute(3, ValueDefinitionType)
    actions = Attribute(4, Array(ActionSetType))


class ChangedParameter(NamedTuple):
    """Which parameter was changed last, and to what."""

    class_id: int
    logical_name: Obis
    attribute_index: int
    attribute_value: Data


ChangedParameterType: Final = Structure(
    ChangedParameter, LongUnsigned, LogicalName, Integer, AnyData
)


class ParameterMonitor(InterfaceClass):
    """Which parameters are watched, and what was changed last.

    `capture_time` is written as an octet-string; one source has a date-time under its own tag,
    which is read too.
    """

    class_id, version = 65, 0

    changed_parameter = Attribute(2, ChangedParameterType)
    capture_time = Attribute(3, DateTimeOctets)
    parameter_list = Attribute(4, Array(ValueDefinitionType))
    add_parameter = Method(1, ValueDefinitionType)
    delete_parameter = Method(2, ValueDefinitionType)


class ParameterMonitorV1(ParameterMonitor):
    """Which parameters are watched, what was changed last, and a digest over all of them.

    `parameter_values` is a structure with a field for each parameter of the list. The codes of the
    hash algorithm stand in no source, and are kept as numbers.
    """

    class_id, version = 65, 1

    parameter_list_name = Attribute(5, OctetString())
    hash_algorithm_id = Attribute(6, EnumCode)
    parameter_value_digest = Attribute(7, OctetString())
    parameter_values = Attribute(8, AnyData)


class Sensor(InterfaceClass):
    """The class Sensor manager: who a sensor is, its raw value, and what is made of it.

    The codes of output type and sealing method stand in no source, and are kept as numbers; the
    elements of thresholds and actions are those of a register monitor.
    """

    class_id, version = 67, 0

    serial_number = Attribute(2, OctetString())
    metrological_identification = Attribute(3, OctetString())
    output_type = Attribute(4, EnumCode)
    adjustment_method = Attribute(5, OctetString())
    sealing_method = Attribute(6, EnumCode)
    raw_value = Attribute(7, AnyData)
    scaler_unit = Attribute(8, ScalerUnitType)
    status = Attribute(9, AnyData)
    capture_time = Attribute(10, DateTimeOctets)
    raw_value_thresholds = Attribute(11, Array(AnyData))
    raw_value_actions = Attribute(12, Array(ActionSetType))
    processed_value = Attribute(13, ValueDefinitionType)
    processed_value_thresholds = Attribute(14, Array(AnyData))
    processed_value_actions = Attribute(15, Array(ActionSetType))
    reset = Method(1)
