"""A value for each attribute, and where gurux-dlms has its fields."""

from dataclasses import dataclass, field
from typing import Any, TypeVar

from addad.cosem import classes as c
from addad.cosem.classes import (
    access,
    control,
    data_protection,
    definitions,
    image,
    internet,
    measurement,
    modem,
    monitoring,
    payment,
    ports,
    schedules,
    security,
)
from addad.cosem.interface_class import Attribute, InterfaceClass
from addad.dlms.clock_time import Date, DateTime, Time
from addad.dlms.data import NULL, BitString, Data, Tag
from addad.dlms.security.suite import SecuritySuite
from addad.obis import Obis
from addad.units import ScalerUnit

T = TypeVar("T")


@dataclass(frozen=True)
class Sample:
    """A value of an attribute, and what Gurux must then have under its own names."""

    attribute: Attribute[Any]
    value: Any
    fields: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Difference:
    """What Gurux writes in place of our octets, and what we read in it; None when we refuse it."""

    sample: Sample
    theirs: str
    read_as: Any


POWER = Obis.parse("1-0:1.7.0")
CLOCK = Obis.parse("0-0:1.0.0")
HDLC = Obis.parse("0-0:22.0.0")
SCRIPTS = Obis.parse("0-0:10.0.106")
POWER_TEXT, CLOCK_TEXT, SCRIPTS_TEXT = "1.0.1.7.0.255", "0.0.1.0.0.255", "0.0.10.0.106.255"
MOMENT = DateTime(2026, 1, 2, 5, 12, 30, 40, 0, -60, 0)
LATER = DateTime(2027, 2, 3, 3, 13, 31, 41, 0, -60, 0)
WINDOW = definitions.CommunicationWindow(MOMENT, LATER)
UP, DOWN = definitions.ScriptReference(SCRIPTS, 1), definitions.ScriptReference(SCRIPTS, 2)
VALUE = definitions.ValueDefinition(3, POWER, 2)
NOTHING = definitions.Restriction(definitions.RestrictionType.NONE, NULL)
CAPTURED = measurement.CaptureObject(3, POWER, 2, 0)
ADDRESSES = (bytes(15) + b"\x01", bytes(15) + b"\x02")


def number(tag: Tag, value: int) -> Data:
    return Data(tag, value)


def rows(known: type[InterfaceClass], *samples: tuple[Any, ...]) -> list[Sample]:
    """Samples of a class: a name, a value, and the fields, or the one field that is the value."""
    made = []
    for name, value, *fields in samples:
        attribute = getattr(known, name)
        if not fields:
            made.append(Sample(attribute, value))
        elif isinstance(fields[0], str):
            made.append(Sample(attribute, value, {fields[0]: value}))
        else:
            made.append(Sample(attribute, value, fields[0]))
    return made


def _registers() -> list[Sample]:
    watts = number(Tag.DOUBLE_LONG_UNSIGNED, 3000)
    unit = ScalerUnit(-1, 27)
    mask = measurement.RegisterMask(b"T1", (1, 2))
    made = rows(c.Data, ("value", number(Tag.LONG_UNSIGNED, 5), {"value": 5}))
    made += rows(c.Register, ("value", watts, {"value": 3000}), ("scaler_unit", unit, {"unit": 27}))
    made += rows(
        c.ExtendedRegister,
        ("value", watts, {"value": 3000}),
        ("scaler_unit", unit, {"unit": 27}),
        ("status", number(Tag.UNSIGNED, 3), {"status": 3}),
        ("capture_time", MOMENT),
    )
    made += rows(
        c.DemandRegister,
        ("current_average_value", watts, {"currentAverageValue": 3000}),
        ("last_average_value", watts, {"lastAverageValue": 3000}),
        ("scaler_unit", unit, {"unit": 27}),
        ("status", number(Tag.UNSIGNED, 3), {"status": 3}),
        ("capture_time", MOMENT),
        ("start_time_current", LATER),
        ("period", 900, "period"),
        ("number_of_periods", 4, "numberOfPeriods"),
    )
    return made + rows(
        c.RegisterActivation,
        (
            "register_assignment",
            (definitions.ObjectDefinition(3, POWER),),
            {
                "registerAssignment[0].objectType": 3,
                "registerAssignment[0].logicalName": POWER_TEXT,
            },
        ),
        ("mask_list", (mask,), {"maskList[0][1]": [1, 2]}),
        ("active_mask", b"T1", "activeMask"),
    )


def _profile(known: type[InterfaceClass]) -> list[Sample]:
    return rows(
        known,
        (
            "capture_objects",
            (CAPTURED,),
            {
                "captureObjects[0][0].logicalName": POWER_TEXT,
                "captureObjects[0][1].attributeIndex": 2,
                "captureObjects[0][1].dataIndex": 0,
            },
        ),
        ("capture_period", 900, "capturePeriod"),
        ("sort_method", measurement.SortMethod.LIFO, "sortMethod"),
        ("sort_object", CAPTURED, {"sortObjectAttributeIndex": 2, "sortObject.shortName": 0}),
        ("entries_in_use", 7, "entriesInUse"),
        ("profile_entries", 100, "profileEntries"),
    )


def _time() -> list[Sample]:
    made = rows(
        c.Clock,
        ("time", MOMENT),
        ("time_zone", -60, "timeZone"),
        ("status", 0x80, "status"),
        ("daylight_savings_begin", MOMENT),
        ("daylight_savings_end", LATER),
        ("daylight_savings_deviation", 60, "deviation"),
        ("daylight_savings_enabled", True, "enabled"),
        ("clock_base", control.ClockBase.MAINS_50_HZ, "clockBase"),
    )
    action = schedules.ActionSpecification(
        schedules.ScriptService.EXECUTE_METHOD, 3, POWER, 1, number(Tag.INTEGER, 0)
    )
    made += rows(
        c.ScriptTable,
        (
            "scripts",
            (schedules.Script(4, (action,)),),
            {
                "scripts[0].id": 4,
                "scripts[0].actions[0].type_": 2,
                "scripts[0].actions[0].target.logicalName": POWER_TEXT,
                "scripts[0].actions[0].index": 1,
                "scripts[0].actions[0].parameter": 0,
            },
        ),
    )
    day = schedules.SpecialDay(3, Date(2026, 7, 30), 9)
    made += rows(
        c.SpecialDaysTable,
        ("entries", (day,), {"entries[0].index": 3, "entries[0].dayId": 9}),
    )
    times = (schedules.ExecutionTime(Time(12, 30, 0, 0), Date(2026, 7, 30)),)
    return made + rows(
        c.SingleActionSchedule,
        (
            "executed_script",
            UP,
            {"target.logicalName": SCRIPTS_TEXT, "executedScriptSelector": 1},
        ),
        ("type", schedules.SingleActionScheduleType.SAME_TIME_WILDCARD_DATE, "type_"),
        ("execution_time", times),
    )


def _calendar(half: str, gurux: str) -> list[Sample]:
    season = schedules.SeasonProfile(b"S1", MOMENT, b"W1")
    week = schedules.WeekProfile(b"W1", 1, 2, 3, 4, 5, 6, 7)
    day = schedules.DayProfile(8, (schedules.DayProfileAction(Time(6, 0, 0, 0), SCRIPTS, 2),))
    days = f"dayProfileTable{gurux}[0]"
    weeks = f"weekProfileTable{gurux}[0]"
    return rows(
        c.ActivityCalendar,
        (f"calendar_name_{half}", b"C1"),
        (f"season_profile_{half}", (season,)),
        (
            f"week_profile_table_{half}",
            (week,),
            {f"{weeks}.monday": 1, f"{weeks}.thursday": 4, f"{weeks}.sunday": 7},
        ),
        (
            f"day_profile_table_{half}",
            (day,),
            {
                f"{days}.dayId": 8,
                f"{days}.daySchedules[0].scriptLogicalName": SCRIPTS_TEXT,
                f"{days}.daySchedules[0].scriptSelector": 2,
            },
        ),
    )


def _association(known: type[InterfaceClass]) -> list[Sample]:
    context = access.XDLMSContextInfo(
        BitString(bytes.fromhex("007e1f"), 24), 1200, 1100, 6, 0, b"\x01\x02"
    )
    made = rows(
        known,
        (
            "associated_partners_id",
            access.AssociatedPartners(16, 1),
            {"clientSAP": 16, "serverSAP": 1},
        ),
        (
            "xdlms_context_info",
            context,
            {
                "xDLMSContextInfo.maxReceivePduSize": 1200,
                "xDLMSContextInfo.maxSendPduSize": 1100,
                "xDLMSContextInfo.dlmsVersionNumber": 6,
            },
        ),
        ("secret", b"12345678", "secret"),
        ("association_status", access.AssociationStatus.ASSOCIATED, "associationStatus"),
    )
    element = access.ObjectListElement(3, 0, POWER, access.AccessRightsList((), ()))
    made += rows(
        known,
        (
            "object_list",
            (element,),
            {"objectList[0].logicalName": POWER_TEXT, "objectList[0].version": 0},
        ),
    )
    if known.version == 0:
        name = bytes.fromhex("60857405080101")
        made += rows(
            known,
            ("application_context_name", name, {"applicationContextName.contextId": 1}),
            (
                "authentication_mechanism_name",
                bytes.fromhex("60857405080205"),
                {"authenticationMechanismName.mechanismId": 5},
            ),
        )
    if known.version >= 1:
        made += rows(known, ("security_setup_reference", POWER))
    if known.version >= 2:
        user = access.User(7, "Bob")
        made += rows(
            known,
            ("user_list", (user,), {"userList[0][0]": 7, "userList[0][1]": "Bob"}),
            ("current_user", user, {"currentUser[0]": 7, "currentUser[1]": "Bob"}),
        )
    return made


def _access() -> list[Sample]:
    made = [
        sample
        for known in (c.AssociationLNV0, c.AssociationLN, c.AssociationLNV2, c.AssociationLNV3)
        for sample in _association(known)
    ]
    device = access.LogicalDeviceAddress(1, b"ADD0001")
    return made + rows(
        c.SAPAssignment,
        ("sap_assignment_list", (device,), {"sapAssignmentList[0][0]": 1}),
    )


def _image() -> list[Sample]:
    held = image.ImageToActivate(1000, b"fw", b"\x81\x82")
    first = "imageActivateInfo[0]"
    return rows(
        c.ImageTransfer,
        ("image_block_size", 200, "imageBlockSize"),
        ("image_transferred_blocks_status", BitString.of((1, 0, 1, 1, 0))),
        ("image_first_not_transferred_block_number", 1, "imageFirstNotTransferredBlockNumber"),
        ("image_transfer_enabled", True, "imageTransferEnabled"),
        (
            "image_transfer_status",
            image.ImageTransferStatus.VERIFICATION_FAILED,
            "imageTransferStatus",
        ),
        (
            "image_to_activate_info",
            (held,),
            {f"{first}.size": 1000, f"{first}.identification": b"fw"},
        ),
    )


def _ports() -> list[Sample]:
    made = []
    for known in (c.IECLocalPortSetupV0, c.IECLocalPortSetup):
        made += rows(
            known,
            ("default_mode", ports.LocalPortMode.HDLC, "defaultMode"),
            ("default_baud", ports.BaudRate.BAUD_300, "defaultBaudrate"),
            ("prop_baud", ports.BaudRate.BAUD_9600, "proposedBaudrate"),
            ("response_time", ports.ResponseTime.MS_200, "responseTime"),
            ("device_addr", b"12345678", {"deviceAddress": "12345678"}),
            ("pass_p1", b"one", {"password1": "one"}),
            ("pass_p2", b"two", {"password2": "two"}),
            ("pass_w5", b"five", {"password5": "five"}),
        )
    for known, octets in ((c.IECHDLCSetupV0, 128), (c.IECHDLCSetup, 1024)):
        made += rows(
            known,
            ("comm_speed", ports.BaudRate.BAUD_19200, "communicationSpeed"),
            ("window_size_transmit", 2, "windowSizeTransmit"),
            ("window_size_receive", 3, "windowSizeReceive"),
            ("max_info_field_length_transmit", octets, "maximumInfoLengthTransmit"),
            ("max_info_field_length_receive", octets - 1, "maximumInfoLengthReceive"),
            ("inter_octet_time_out", 25, "interCharachterTimeout"),
            ("inactivity_time_out", 120, "inactivityTimeout"),
            ("device_address", 17, "deviceAddress"),
        )
    return made


def _dialling() -> list[Sample]:
    made = []
    for answer in (c.AutoAnswer, c.AutoAnswerV2):
        made += rows(
            answer,
            ("mode", 2, "mode"),
            ("listening_window", (WINDOW,)),
            ("status", modem.AutoAnswerStatus.LOCKED, "status"),
            ("number_of_calls", 3, "numberOfCalls"),
            (
                "number_of_rings",
                modem.NumberOfRings(2, 5),
                {"numberOfRingsInListeningWindow": 2, "numberOfRingsOutListeningWindow": 5},
            ),
        )
    for connect in (c.AutoConnect, c.AutoConnectV1, c.AutoConnectV2):
        made += rows(
            connect,
            ("mode", modem.AutoConnectMode.PERMANENT, "mode"),
            ("repetitions", 3, "repetitions"),
            ("repetition_delay", 60, "repetitionDelay"),
            ("calling_window", (WINDOW,)),
            ("destination_list", (b"head.end:4059",), {"destinations[0]": "head.end:4059"}),
        )
    return made


def _mobile() -> list[Sample]:
    less, more = modem.QualityOfService(1, 2, 3, 4, 5), modem.QualityOfService(6, 7, 8, 9, 10)
    made = rows(
        c.GPRSModemSetup,
        ("apn", b"internet", {"apn": "internet"}),
        ("pin_code", 1234, "pinCode"),
        (
            "quality_of_service",
            modem.QualityOfServices(less, more),
            {
                "defaultQualityOfService.precedence": 1,
                "defaultQualityOfService.delay": 2,
                "requestedQualityOfService.reliability": 8,
                "requestedQualityOfService.peakThroughput": 9,
                "requestedQualityOfService.meanThroughput": 10,
            },
        ),
    )
    wide = modem.CellInfo(70_000, 2, 20, 1, 604, 3, 3000)
    for known in (c.GSMDiagnostic, c.GSMDiagnosticV1, c.GSMDiagnosticV2):
        cell: tuple[int, ...] = modem.CellInfoV0(7, 2, 20, 1) if known.version == 0 else wide
        made += rows(
            known,
            ("status", modem.GSMStatus.ROAMING, "status"),
            ("cs_attachment", modem.CSAttachment.ACTIVE, "circuitSwitchStatus"),
            ("ps_status", modem.PSStatus.HSDPA, "packetSwitchStatus"),
            (
                "cell_info",
                cell,
                {
                    "cellInfo.cellId": cell[0],
                    "cellInfo.locationId": 2,
                    "cellInfo.signalQuality": 20,
                    "cellInfo.ber": 1,
                },
            ),
            (
                "adjacent_cells",
                (modem.AdjacentCell(9, 15),),
                {"adjacentCells[0].cellId": 9, "adjacentCells[0].signalQuality": 15},
            ),
            ("capture_time", MOMENT),
        )
    return made


def _pushed(known: type[InterfaceClass]) -> tuple[Any, ...]:
    if known.version == 0:
        return (CAPTURED,)
    if known.version == 1:
        return (definitions.RestrictedObject(3, POWER, 2, 0, NOTHING),)
    return (internet.PushObject(3, POWER, 2, 0, NOTHING),)


def _push(known: type[InterfaceClass]) -> list[Sample]:
    destination = internet.SendDestination(
        internet.TransportService.UDP, b"head.end:4059", internet.MessageType.XML
    )
    made = rows(
        known,
        (
            "push_object_list",
            _pushed(known),
            {
                "pushObjectList[0][0].logicalName": POWER_TEXT,
                "pushObjectList[0][1].attributeIndex": 2,
            },
        ),
        (
            "send_destination_and_method",
            destination,
            {"service": 1, "destination": "head.end:4059", "message": 1},
        ),
        ("communication_window", (WINDOW,)),
        ("randomisation_start_interval", 30, "randomisationStartInterval"),
        ("number_of_retries", 3, "numberOfRetries"),
    )
    if known.version < 2:
        made += rows(known, ("repetition_delay", 60, "repetitionDelay"))
    if known.version >= 1:
        wrapped = data_protection.WrappedKeyType.to_data(data_protection.WrappedKey(0, b"k" * 24))
        key = data_protection.KeyInfo(data_protection.KeyInfoType.WRAPPED, wrapped)
        options = data_protection.ProtectionOptions(b"\x81", b"\x82", b"\x83", b"\x84", key)
        layer = data_protection.ProtectionParameters(
            data_protection.ProtectionType.DIGITAL_SIGNATURE, options
        )
        made += rows(
            known,
            ("port_reference", HDLC),
            ("push_client_sap", 16, "pushClientSAP"),
            ("push_protection_parameters", (layer,)),
        )
    if known.version >= 2:
        made += rows(
            known,
            (
                "repetition_delay",
                internet.RepetitionDelay(60, 200, 3600),
                {
                    "repetitionDelay2.min": 60,
                    "repetitionDelay2.exponent": 200,
                    "repetitionDelay2.max": 3600,
                },
            ),
            (
                "push_operation_method",
                internet.PushOperationMethod.CONFIRMED,
                "pushOperationMethod",
            ),
            ("confirmation_parameters", internet.ConfirmationParameters(MOMENT, 3600)),
            ("last_confirmation_date_time", LATER),
        )
    return made


def _internet() -> list[Sample]:
    made = [
        sample
        for known in (c.PushSetup, c.PushSetupV1, c.PushSetupV2, c.PushSetupV3)
        for sample in _push(known)
    ]
    made += rows(
        c.TCPUDPSetup,
        ("tcp_udp_port", 4059, "port"),
        ("ip_reference", HDLC, {"ipReference": "0.0.22.0.0.255"}),
        ("mss", 1400, "maximumSegmentSize"),
        ("nb_of_sim_conn", 4, "maximumSimultaneousConnections"),
        ("inactivity_time_out", 180, "inactivityTimeout"),
    )
    option = internet.IPOption(0x83, 3, b"\x81\x82\x83")
    made += rows(
        c.IPv4Setup,
        ("dl_reference", HDLC, {"dataLinkLayerReference": "0.0.22.0.0.255"}),
        ("ip_address", 0xC0A80001, {"ipAddress": "192.168.0.1"}),
        ("ip_options", (option,), {"ipOptions[0].length": 3}),
        ("subnet_mask", 0xFFFFFF00, {"subnetMask": "255.255.255.0"}),
        ("gateway_ip_address", 0xC0A800FE, {"gatewayIPAddress": "192.168.0.254"}),
        ("use_dhcp_flag", True, "useDHCP"),
        ("primary_dns_address", 0x08080808, {"primaryDNSAddress": "8.8.8.8"}),
        ("secondary_dns_address", 0x08080404, {"secondaryDNSAddress": "8.8.4.4"}),
    )
    made += rows(c.MACAddressSetup, ("mac_address", bytes.fromhex("8081828384fe")))
    discovery = internet.NeighborDiscovery(3, 4000, 300)
    return made + rows(
        c.IPv6Setup,
        ("dl_reference", HDLC, {"dataLinkLayerReference": "0.0.22.0.0.255"}),
        ("address_config_mode", internet.AddressConfigMode.MANUAL, "addressConfigMode"),
        ("unicast_ipv6_addresses", ADDRESSES, {"unicastIPAddress[1]": "::2"}),
        ("multicast_ipv6_addresses", ADDRESSES, {"multicastIPAddress[1]": "::2"}),
        ("gateway_ipv6_addresses", ADDRESSES, {"gatewayIPAddress[1]": "::2"}),
        ("primary_dns_address", ADDRESSES[0], {"primaryDNSAddress": "::1"}),
        ("secondary_dns_address", ADDRESSES[1], {"secondaryDNSAddress": "::2"}),
        ("traffic_class", 46, "trafficClass"),
        (
            "neighbor_discovery_setup",
            (discovery,),
            {
                "neighborDiscoverySetup[0].maxRetry": 3,
                "neighborDiscoverySetup[0].retryWaitTime": 4000,
                "neighborDiscoverySetup[0].sendPeriod": 300,
            },
        ),
    )


def _security() -> list[Sample]:
    made = []
    policies: dict[type[InterfaceClass], Any] = {
        c.SecuritySetupV0: security.SecurityPolicyV0.AUTHENTICATED_AND_ENCRYPTED,
        c.SecuritySetup: security.SecurityPolicy.AUTHENTICATED_REQUEST
        | security.SecurityPolicy.ENCRYPTED_RESPONSE,
    }
    for known, policy in policies.items():
        made += rows(
            known,
            ("security_policy", policy, "securityPolicy"),
            ("security_suite", SecuritySuite.SUITE_1, "securitySuite"),
            ("client_system_title", b"CLIENT01", "clientSystemTitle"),
            ("server_system_title", b"SERVER01", "serverSystemTitle"),
        )
    return made


def _monitors() -> list[Sample]:
    thresholds = (number(Tag.LONG_UNSIGNED, 3000), number(Tag.LONG_UNSIGNED, 6000))
    made = rows(
        c.RegisterMonitor,
        ("thresholds", thresholds, {"thresholds": [3000, 6000]}),
        (
            "monitored_value",
            VALUE,
            {"monitoredValue.logicalName": POWER_TEXT, "monitoredValue.attributeIndex": 2},
        ),
    )
    changed = monitoring.ChangedParameter(3, POWER, 2, number(Tag.UNSIGNED, 5))
    for known in (c.ParameterMonitor, c.ParameterMonitorV1):
        made += rows(
            known,
            (
                "changed_parameter",
                changed,
                {
                    "changedParameter.target.logicalName": POWER_TEXT,
                    "changedParameter.attributeIndex": 2,
                    "changedParameter.value": 5,
                },
            ),
            ("capture_time", MOMENT),
            ("parameter_list", (VALUE,), {"parameters[0].attributeIndex": 2}),
        )
    return made


def _supply() -> list[Sample]:
    made = rows(
        c.DisconnectControl,
        ("output_state", True, "outputState"),
        ("control_state", control.ControlState.READY_FOR_RECONNECTION, "controlState"),
        ("control_mode", control.ControlMode.MODE_4, "controlMode"),
    )
    watts = number(Tag.LONG_UNSIGNED, 3000)
    return made + rows(
        c.Limiter,
        (
            "monitored_value",
            VALUE,
            {"monitoredValue.logicalName": POWER_TEXT, "monitoredAttributeIndex": 2},
        ),
        ("threshold_active", watts, {"thresholdActive": 3000}),
        ("threshold_normal", watts, {"thresholdNormal": 3000}),
        ("threshold_emergency", watts, {"thresholdEmergency": 3000}),
        ("min_over_threshold_duration", 30, "minOverThresholdDuration"),
        ("min_under_threshold_duration", 60, "minUnderThresholdDuration"),
        (
            "emergency_profile",
            control.EmergencyProfile(7, MOMENT, 3600),
            {"emergencyProfile.id": 7, "emergencyProfile.duration": 3600},
        ),
        ("emergency_profile_group_id_list", (7, 9), {"emergencyProfileGroupIDs": [7, 9]}),
        ("emergency_profile_active", True, "emergencyProfileActive"),
        (
            "actions",
            control.LimiterActions(UP, DOWN),
            {"actionOverThreshold.scriptSelector": 1, "actionUnderThreshold.scriptSelector": 2},
        ),
    )


def _account() -> list[Sample]:
    link = payment.CreditChargeConfiguration(POWER, CLOCK, BitString.of((1, 0, 0, 0, 0, 0, 0, 0)))
    share = payment.TokenGatewayConfiguration(POWER, 80)
    first = "creditChargeConfigurations[0]"
    return rows(
        c.Account,
        (
            "account_mode_and_status",
            payment.AccountModeAndStatus(
                payment.PaymentMode.PREPAYMENT, payment.AccountStatus.CLOSED
            ),
            {"paymentMode": 2, "accountStatus": 3},
        ),
        ("current_credit_in_use", 1, "currentCreditInUse"),
        ("current_credit_status", BitString.of((1, 0, 1, 0, 0, 0, 0, 0))),
        ("available_credit", 100, "availableCredit"),
        ("amount_to_clear", -7, "amountToClear"),
        ("clearance_threshold", 8, "clearanceThreshold"),
        ("aggregated_debt", 9, "aggregatedDebt"),
        ("credit_reference_list", (POWER,), {"creditReferences[0]": POWER_TEXT}),
        ("charge_reference_list", (POWER,), {"chargeReferences[0]": POWER_TEXT}),
        (
            "credit_charge_configuration",
            (link,),
            {f"{first}.creditReference": POWER_TEXT, f"{first}.chargeReference": CLOCK_TEXT},
        ),
        (
            "token_gateway_configuration",
            (share,),
            {"tokenGatewayConfigurations[0].tokenProportion": 80},
        ),
        ("account_activation_time", MOMENT),
        ("account_closure_time", LATER),
        (
            "currency",
            payment.Currency("MAD", -2, payment.CurrencyUnit.MONETARY),
            {"currency.name": "MAD", "currency.scale": -2, "currency.unit": 2},
        ),
        ("low_credit_threshold", 5, "lowCreditThreshold"),
        ("next_credit_available_threshold", 6, "nextCreditAvailableThreshold"),
        ("max_provision", 7, "maxProvision"),
        ("max_provision_period", 8, "maxProvisionPeriod"),
    )


def _payment() -> list[Sample]:
    bits = BitString.of((0, 1, 0, 0, 0, 0, 0, 0))
    made = rows(
        c.Credit,
        ("current_credit_amount", 100, "currentCreditAmount"),
        ("credit_type", payment.CreditType.EMERGENCY, "type_"),
        ("priority", 2, "priority"),
        ("warning_threshold", 3, "warningThreshold"),
        ("limit", -4, "limit"),
        ("credit_configuration", bits),
        ("credit_status", payment.CreditStatus.IN_USE, "status"),
        ("preset_credit_amount", 5, "presetCreditAmount"),
        ("credit_available_threshold", 6, "creditAvailableThreshold"),
        ("period", MOMENT),
    )
    price = payment.UnitCharge(
        payment.ChargePerUnitScaling(3, -2),
        VALUE,
        (payment.ChargeTableElement(b"\x81", 117),),
    )

    def charged(path: str) -> dict[str, object]:
        return {
            f"{path}.chargePerUnitScaling.commodityScale": 3,
            f"{path}.chargePerUnitScaling.priceScale": -2,
            f"{path}.commodity.index": 2,
            f"{path}.chargeTables[0].chargePerUnit": 117,
        }

    made += rows(
        c.Charge,
        ("total_amount_paid", 100, "totalAmountPaid"),
        ("charge_type", payment.ChargeType.PAYMENT_EVENT_BASED, "chargeType"),
        ("priority", 2, "priority"),
        ("unit_charge_active", price, charged("unitChargeActive")),
        ("unit_charge_passive", price, charged("unitChargePassive")),
        ("unit_charge_activation_time", MOMENT),
        ("period", 3600, "period"),
        ("charge_configuration", bits),
        ("last_collection_time", LATER),
        ("last_collection_amount", 5, "lastCollectionAmount"),
        ("total_amount_remaining", 6, "totalAmountRemaining"),
        ("proportion", 7, "proportion"),
    )
    status = payment.TokenStatus(payment.TokenStatusCode.VALIDATION_FAILURE, bits)
    return made + rows(
        c.TokenGateway,
        ("token", b"\x81\x82", "token"),
        ("token_time", MOMENT),
        ("token_description", (b"A", b"B")),
        ("token_delivery_method", payment.TokenDelivery.MANUAL, "deliveryMethod"),
        ("token_status", status, {"statusCode": 6}),
    )


SAME: list[Sample] = [
    *_registers(),
    *_profile(c.ProfileGenericV0),
    *_profile(c.ProfileGeneric),
    *_time(),
    *_calendar("active", "Active"),
    *_calendar("passive", "Passive"),
    *rows(c.ActivityCalendar, ("activate_passive_calendar_time", MOMENT)),
    *_access(),
    *_image(),
    *_ports(),
    *_dialling(),
    *_mobile(),
    *_internet(),
    *_security(),
    *_monitors(),
    *_supply(),
    *_account(),
    *_payment(),
]


def _names() -> list[Difference]:
    """Gurux writes names as arcs in every version, without the country when it has read octets."""
    arcs = "0207 1100 1100 120000 1105 1108 11{:02x} 11{:02x}"
    made = []
    for known in (c.AssociationLN, c.AssociationLNV2, c.AssociationLNV3):
        context = Sample(
            known.application_context_name,
            bytes.fromhex("60857405080101"),
            {"applicationContextName.contextId": 1},
        )
        mechanism = Sample(
            known.authentication_mechanism_name,
            bytes.fromhex("60857405080205"),
            {"authenticationMechanismName.mechanismId": 5},
        )
        for sample, arc, last in ((context, 1, 1), (mechanism, 2, 5)):
            read_as = b"\x00\x80\x00\x05\x08" + bytes((arc, last))
            made.append(Difference(sample, arcs.format(arc, last), read_as))
    return made


_SET = "0202 0906 00000a006aff 12{:04x}"
DIFFERENT: list[Difference] = [
    *_names(),
    # the array of action sets under the tag of a structure; other sources have an array
    Difference(
        Sample(
            c.RegisterMonitor.actions,
            (definitions.ActionSet(UP, DOWN),),
            {"actions[0].actionUp.scriptSelector": 1, "actions[0].actionDown.scriptSelector": 2},
        ),
        "0201 0202" + _SET.format(1) + _SET.format(2),
        None,
    ),
    # addresses of four octets cut to two
    Difference(
        Sample(
            c.IPv4Setup.multicast_ip_address,
            (0xE0000001, 0xC0A80001),
            {"multicastIPAddress[0]": "224.0.0.1"},
        ),
        "0102 120001 120001",
        None,
    ),
    # the weekday of a date is lost
    Difference(
        Sample(
            c.SpecialDaysTable.entries,
            (schedules.SpecialDay(3, Date(2026, 7, 30, 4), 9),),
            {"entries[0].dayId": 9},
        ),
        "0101 0203 120003 0905 07ea071eff 1109",
        (schedules.SpecialDay(3, Date(2026, 7, 30), 9),),
    ),
    Difference(
        Sample(
            c.SingleActionSchedule.execution_time,
            (schedules.ExecutionTime(Time(12, 30, 0, 0), Date(2026, 7, 30, 4)),),
        ),
        "0101 0202 0904 0c1e0000 0905 07ea071eff",
        (schedules.ExecutionTime(Time(12, 30, 0, 0), Date(2026, 7, 30)),),
    ),
    # bits are filled up to whole octets
    Difference(
        Sample(c.Account.current_credit_status, BitString.of((1, 0, 1))),
        "0408a0",
        BitString.of((1, 0, 1, 0, 0, 0, 0, 0)),
    ),
]

UNWRITTEN: tuple[Attribute[Any], ...] = (
    # a buffer is written from the objects that it captures, not from the attribute
    c.ProfileGenericV0.buffer,
    c.ProfileGeneric.buffer,
    # an operator is read, and cannot be written again
    c.GSMDiagnostic.operator,
    c.GSMDiagnosticV1.operator,
    c.GSMDiagnosticV2.operator,
    # certificates are written from those of the ciphering, which has none here
    c.SecuritySetup.certificates,
    # versions that are known by number, without the attributes that they add
    c.AutoAnswerV2.list_of_allowed_callers,
    c.ParameterMonitorV1.parameter_list_name,
    c.ParameterMonitorV1.hash_algorithm_id,
    c.ParameterMonitorV1.parameter_value_digest,
    c.ParameterMonitorV1.parameter_values,
)
"""What the peer cannot write from what it has read."""
