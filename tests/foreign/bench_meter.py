"""The meter of the table `bench` with keys, and for each attribute of it another value to write."""

from dataclasses import replace
from typing import Any, Final

from addad.cosem.classes import CLASSES, control, definitions, internet, measurement, modem
from addad.cosem.classes import schedules as s
from addad.cosem.classes.data_protection import RequiredProtectionBits
from addad.cosem.classes.payment import (
    ChargePerUnitScaling,
    ChargeTableElement,
    Currency,
    CurrencyUnit,
    UnitCharge,
)
from addad.cosem.classes.tables import CaptureMethod, TableCellDefinition
from addad.cosem.interface_class import Attribute
from addad.cosem.protected_data import asked_parameters
from addad.dlms.clock_time import Date, DateTime, Time
from addad.dlms.data import NULL, BitString, Data, Tag
from addad.dlms.security.data_layers import LayerOrder
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION
from addad.host.object_models import load_model
from addad.meter.device import Block
from addad.obis import Obis
from meter.conftest import reading
from meter.secured_desk import SecuredDesk

ISSUE: Final = {
    *(1, 3, 4, 5, 6, 7, 8, 9, 11, 15, 17, 18, 19, 20, 21, 22, 23, 28, 29, 30, 40, 41, 42, 43, 45),
    *(47, 48, 61, 62, 63, 64, 65, 67, 68, 70, 71, 111, 112, 113, 115),
}
"""The classes that a meter is to have."""
PASSWORD: Final = b"management"
ENERGY, EXPORT, CLOCK = (Obis.parse(text) for text in ("1-0:1.8.0", "1-0:2.8.0", "0-0:1.0.0"))
SCRIPTS, COMPACT = Obis.parse("0-0:10.0.106"), Obis.parse("0-0:66.0.1")
MOMENT = DateTime(2027, 3, 1, None, 6, 0, 0, 0, -60, 0)
WINDOW = definitions.CommunicationWindow(MOMENT, replace(MOMENT, hour=8))
SCRIPT, NO_SCRIPT = definitions.ScriptReference(SCRIPTS, 1), definitions.ScriptReference(SCRIPTS, 0)
ACTION = definitions.ActionSet(SCRIPT, SCRIPT)
WATCHED = definitions.ValueDefinition(71, Obis.parse("0-0:17.0.0"), 6)
NONE = definitions.Restriction(definitions.RestrictionType.NONE, NULL)
TIMES = (s.ExecutionTime(Time(6, 0, 0, 0), Date(2027, 3, 1)),)
TCP = internet.SendDestination(
    internet.TransportService.TCP, b"127.0.0.1:4061", internet.MessageType.A_XDR
)


def number(tag: Tag, value: int) -> Data:
    return Data(tag, value)


def bits(text: str) -> BitString:
    return BitString.of(int(one) for one in text)


LAYERS = asked_parameters([LayerOrder(AUTHENTICATED_ENCRYPTION)])
OTHER_VALUES: Final[dict[tuple[int, str], Any]] = {
    (6, "register_assignment"): (
        definitions.ObjectDefinition(3, ENERGY),
        definitions.ObjectDefinition(3, EXPORT),
        definitions.ObjectDefinition(3, Obis.parse("1-0:3.8.0")),
    ),
    (6, "mask_list"): (measurement.RegisterMask(b"\x01", (1,)),),
    (11, "entries"): (s.SpecialDay(1, Date(None, 5, 1), 2),),
    (20, "calendar_name_passive"): b"SUMMER",
    (20, "season_profile_passive"): (s.SeasonProfile(b"S", MOMENT, b"W"),),
    (20, "week_profile_table_passive"): (s.WeekProfile(b"W", 1, 1, 1, 1, 1, 1, 1),),
    (20, "day_profile_table_passive"): (
        s.DayProfile(1, (s.DayProfileAction(Time(6, 0, 0, 0), SCRIPTS, 1),)),
    ),
    (20, "activate_passive_calendar_time"): MOMENT,
    (21, "thresholds"): (number(Tag.DOUBLE_LONG_UNSIGNED, 16_000),),
    (21, "actions"): (ACTION,),
    (22, "executed_script"): definitions.ScriptReference(SCRIPTS, 2),
    (22, "execution_time"): TIMES,
    (29, "mode"): modem.AutoConnectMode.ON_INVOCATION,
    (29, "repetitions"): 5,
    (29, "repetition_delay"): 90,
    (29, "calling_window"): (WINDOW,),
    (29, "destination_list"): (b"head.end:4059",),
    (40, "send_destination_and_method"): TCP,
    (40, "number_of_retries"): 7,
    (40, "repetition_delay"): internet.RepetitionDelay(33, 100, 33),
    (61, "table_cell_definition"): TableCellDefinition(3, Obis.parse("1-0:81.7.0"), (0, 10), 2),
    (62, "capture_objects"): (
        definitions.RestrictedObject(62, COMPACT, 4, 0, NONE),
        definitions.RestrictedObject(3, EXPORT, 2, 0, NONE),
    ),
    (62, "template_id"): 2,
    (62, "capture_method"): CaptureMethod.INVOKE,
    (65, "parameter_list"): (WATCHED,),
    (68, "actions"): (SCRIPT,),
    (68, "permissions_table"): (bits("1"),),
    (68, "weightings_table"): ((3,),),
    (70, "control_mode"): control.ControlMode.MODE_5,
    (71, "threshold_normal"): number(Tag.DOUBLE_LONG_UNSIGNED, 9000),
    (71, "threshold_emergency"): number(Tag.DOUBLE_LONG_UNSIGNED, 3000),
    (71, "min_over_threshold_duration"): 45,
    (71, "min_under_threshold_duration"): 15,
    (71, "emergency_profile"): control.EmergencyProfile(4, MOMENT, 60),
    (71, "emergency_profile_group_id_list"): (4,),
    (71, "actions"): control.LimiterActions(NO_SCRIPT, NO_SCRIPT),
    (111, "clearance_threshold"): 5,
    (30, "protection_object_list"): (definitions.RestrictedObject(3, ENERGY, 2, 0, NONE),),
    (30, "protection_parameters_get"): LAYERS,
    (30, "protection_parameters_set"): LAYERS,
    (30, "required_protection"): RequiredProtectionBits.SIGNED_REQUEST,
    (111, "currency"): Currency("EUR", -2, CurrencyUnit.MONETARY),
    (111, "max_provision"): 6,
    (111, "max_provision_period"): 7,
    (112, "priority"): 2,
    (112, "warning_threshold"): 100,
    (112, "limit"): -100,
    (112, "preset_credit_amount"): 500,
    (112, "period"): MOMENT,
    (113, "priority"): 2,
    (113, "unit_charge_passive"): UnitCharge(
        ChargePerUnitScaling(0, -2),
        definitions.ValueDefinition(3, ENERGY, 2),
        (ChargeTableElement(b"\x01", 15),),
    ),
    (113, "unit_charge_activation_time"): MOMENT,
    (113, "period"): 3600,
}
"""Another value for each attribute that may be written, by class and name."""


def bench_meter() -> SecuredDesk:
    """A meter with every object of the bench, that has measured for an hour."""
    desk = SecuredDesk()
    desk.settings = replace(desk.settings, model=load_model("bench"))
    desk.start()
    for _ in range(60):
        desk.step(60.0)
        desk.meter.step(Block(desk.now, 0.0, readings=(reading(3000.0, 60.0),)))
    return desk


def other_value(attribute: Attribute[Any], octets: bytes) -> Any:
    """A value that the attribute may have, and has not now; None where the table has none."""
    known = OTHER_VALUES.get((attribute.owner.class_id, attribute.name))
    if known is not None or attribute.owner.class_id != 1:
        return known
    data = attribute.type.decode(octets)
    if data.tag == Tag.OCTET_STRING:
        return Data(Tag.OCTET_STRING, b"another")
    return None


def class_of(class_id: int, version: int) -> Any:
    """The class that an object list names."""
    return CLASSES[class_id, version]
