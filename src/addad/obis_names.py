"""What the OBIS codes of a residential electricity meter are called, in English.

IEC 62056-6-1 structure; the names are the house's own words for its table of objects.
"""

from __future__ import annotations

from typing import Final

from addad import obis
from addad.obis import Obis

_PHASES: Final = ("L1", "L2", "L3")


def _by_phase(codes: tuple[Obis, ...], name: str) -> dict[Obis, str]:
    return {code: f"{name} {phase}" for code, phase in zip(codes, _PHASES, strict=True)}


def _account(codes: tuple[Obis, ...], subject: str) -> dict[Obis, str]:
    kept = ("openings", "last one", "last duration", "time in all")
    return {code: f"{subject}: {what}" for code, what in zip(codes, kept, strict=True)}


_OTHERS: Final = {
    "0-0:2.1.0": "Auto connect: whom the meter calls",
    "0-0:2.2.0": "Auto answer",
    "0-0:10.0.0": "Scripts: global reset",
    "0-0:10.0.1": "Scripts: end of the billing period",
    "0-0:10.0.100": "Scripts: tariff",
    "0-0:10.0.107": "Scripts: image activation",
    "0-0:10.0.108": "Scripts: push",
    "0-0:11.0.0": "Special days",
    "0-0:13.0.0": "Activity calendar",
    "0-0:14.0.1": "Register activation: energy",
    "0-0:15.0.0": "Schedule: end of the billing period",
    "0-0:15.0.1": "Schedule: disconnection",
    "0-0:15.0.2": "Schedule: image activation",
    "0-0:15.0.4": "Schedule: push",
    "0-0:16.0.1": "Supervision monitor 1: current L1",
    "0-0:16.0.2": "Supervision monitor 2: current L2",
    "0-0:16.0.3": "Supervision monitor 3: current L3",
    "0-0:16.2.0": "Parameter monitor",
    "0-0:19.0.0": "Prepayment account",
    "0-0:19.10.0": "Credit: tokens",
    "0-0:19.20.0": "Charge: consumption",
    "0-0:19.40.0": "Token gateway",
    "0-0:20.0.0": "Optical port",
    "0-0:22.0.0": "HDLC port",
    "0-0:24.0.1": "Status mapping of the errors",
    "0-0:25.0.0": "TCP and UDP",
    "0-0:25.1.0": "IPv4",
    "0-0:25.2.0": "MAC address",
    "0-0:25.4.0": "GPRS modem",
    "0-0:25.6.0": "GSM diagnostic",
    "0-0:25.7.0": "IPv6",
    **{f"0-0:40.0.{number}": f"Association {number}" for number in range(4, 10)},
    **{f"0-0:43.0.{number}": f"Security setup {number}" for number in range(7)},
    **{
        f"0-0:43.1.{number}": f"Invocation counter of security setup {number}"
        for number in range(7)
    },
    **{
        f"0-1:43.1.{number}": f"Invocation counter of security setup {number}, broadcast key"
        for number in range(7)
    },
    "0-0:43.2.1": "Data protection",
    "0-0:44.0.0": "Image transfer",
    "0-0:66.0.1": "Compact data: energy",
    "0-0:67.0.1": "Sensor: voltage L1",
    "0-0:96.1.10": "Metering point",
    "0-0:96.3.20": "Arbitrator of the supply",
    "0-0:96.13.0": "Message to the consumer, at the port",
    "0-0:96.13.1": "Message to the consumer, on the display",
    "0-0:96.14.0": "Tariff in use",
    "1-0:81.7.255": "Angles, as a table",
}
"""Objects that tables of objects have, or other makers' meters."""

NAMES: Final[dict[Obis, str]] = {
    **{Obis.parse(code): name for code, name in _OTHERS.items()},
    obis.CLOCK: "Clock",
    obis.BILLING_PROFILE: "Billing profile",
    obis.LOAD_PROFILE: "Load profile",
    obis.DAILY_PROFILE: "Daily profile",
    obis.CURRENT_ASSOCIATION: "Current association",
    obis.PUBLIC_ASSOCIATION: "Association of the public client",
    obis.READER_ASSOCIATION: "Association of the reader",
    obis.MANAGEMENT_ASSOCIATION: "Association of the management client",
    obis.SAP_ASSIGNMENT: "Logical devices and their SAPs",
    obis.LOGICAL_DEVICE_NAME: "Logical device name",
    obis.DEVICE_ID_1: "Serial number",
    obis.FIRMWARE_ID: "Firmware",
    obis.DISCONNECT_CONTROL: "Supply relay",
    obis.PROFILE_STATUS_LOAD: "Status of the load profile",
    obis.PROFILE_STATUS_DAILY: "Status of the daily profile",
    obis.EVENT_CODE_STANDARD: "Last event, standard log",
    obis.EVENT_CODE_FRAUD: "Last event, fraud log",
    obis.EVENT_CODE_DISCONNECTOR: "Last event, disconnector log",
    obis.EVENT_COUNTER_STANDARD: "Events counted, standard log",
    obis.EVENT_COUNTER_FRAUD: "Events counted, fraud log",
    obis.EVENT_COUNTER_DISCONNECTOR: "Events counted, disconnector log",
    obis.EVENT_LOG_STANDARD: "Standard event log",
    obis.EVENT_LOG_FRAUD: "Fraud event log",
    obis.EVENT_LOG_DISCONNECTOR: "Disconnector event log",
    obis.ERROR_REGISTER: "Error register",
    obis.ALARM_REGISTER_1: "Alarm register 1",
    obis.ALARM_REGISTER_2: "Alarm register 2",
    obis.ALARM_FILTER_1: "Alarm filter 1",
    obis.ALARM_FILTER_2: "Alarm filter 2",
    obis.ALARM_DESCRIPTOR_1: "Alarm descriptor 1",
    obis.ALARM_DESCRIPTOR_2: "Alarm descriptor 2",
    obis.PUSH_SETUP_ALARM: "Push of alarms",
    obis.LIMITER: "Limiter: contracted power",
    obis.DISCONNECT_SCRIPTS: "Scripts: disconnect control",
    obis.MEASUREMENT_TIME: "When the newest window began, ended, was processed",
    obis.ACTIVE_ENERGY_IMPORT: "Active energy import",
    obis.ACTIVE_ENERGY_EXPORT: "Active energy export",
    obis.REACTIVE_ENERGY_IMPORT: "Reactive energy import",
    obis.REACTIVE_ENERGY_EXPORT: "Reactive energy export",
    obis.REACTIVE_ENERGY_Q1: "Reactive energy, quadrant 1",
    obis.REACTIVE_ENERGY_Q2: "Reactive energy, quadrant 2",
    obis.REACTIVE_ENERGY_Q3: "Reactive energy, quadrant 3",
    obis.REACTIVE_ENERGY_Q4: "Reactive energy, quadrant 4",
    obis.APPARENT_ENERGY_IMPORT: "Apparent energy import",
    obis.APPARENT_ENERGY_EXPORT: "Apparent energy export",
    **_by_phase(obis.ACTIVE_ENERGY_IMPORT_PHASES, "Active energy import"),
    **_by_phase(obis.ACTIVE_ENERGY_EXPORT_PHASES, "Active energy export"),
    obis.ACTIVE_DEMAND_IMPORT: "Average active power import",
    obis.ACTIVE_DEMAND_EXPORT: "Average active power export",
    obis.MAXIMUM_DEMAND_IMPORT: "Maximum active power import",
    obis.MAXIMUM_DEMAND_EXPORT: "Maximum active power export",
    **_by_phase(obis.CURRENT_DEMAND_PHASES, "Average current"),
    obis.ACTIVE_POWER_IMPORT: "Active power import",
    obis.ACTIVE_ENERGY_BOTH: "Active energy, import and export",
    obis.ACTIVE_POWER_BOTH: "Active power, import or export",
    obis.CLOCK_SHIFT_LIMIT: "How far the clock may be shifted without being called adjusted",
    obis.ACTIVE_POWER_IMPORT_MEAN: "Active power import, mean of the newest window",
    obis.ACTIVE_POWER_EXPORT: "Active power export",
    obis.REACTIVE_POWER_IMPORT: "Reactive power import",
    obis.REACTIVE_POWER_EXPORT: "Reactive power export",
    obis.APPARENT_POWER_IMPORT: "Apparent power import",
    obis.APPARENT_POWER_EXPORT: "Apparent power export",
    obis.POWER_FACTOR: "Power factor",
    obis.FREQUENCY: "Frequency",
    obis.NEUTRAL_CURRENT: "Current in the neutral",
    obis.CURRENT_RATIO_NUMERATOR: "Ratio of the current transformers, numerator",
    obis.VOLTAGE_RATIO_NUMERATOR: "Ratio of the voltage transformers, numerator",
    obis.CURRENT_RATIO_DENOMINATOR: "Ratio of the current transformers, denominator",
    obis.VOLTAGE_RATIO_DENOMINATOR: "Ratio of the voltage transformers, denominator",
    obis.PV_POWER: "Power of the inverter, as it reports",
    **_by_phase(obis.CURRENT_PHASES, "Current"),
    **_by_phase(obis.VOLTAGE_PHASES, "Voltage"),
    **_by_phase(obis.POWER_FACTOR_PHASES, "Power factor"),
    **_by_phase(obis.ACTIVE_POWER_IMPORT_PHASES, "Active power import"),
    **_by_phase(obis.ACTIVE_POWER_EXPORT_PHASES, "Active power export"),
    **_by_phase(obis.REACTIVE_POWER_IMPORT_PHASES, "Reactive power import"),
    **_by_phase(obis.REACTIVE_POWER_EXPORT_PHASES, "Reactive power export"),
    **_by_phase(obis.VOLTAGE_THD_PHASES, "Total harmonic distortion of the voltage"),
    **_by_phase(obis.CURRENT_THD_PHASES, "Total harmonic distortion of the current"),
    **_by_phase(obis.VOLTAGE_ANGLES, "Angle to the voltage of L1, voltage"),
    **_by_phase(obis.CURRENT_ANGLES, "Angle to the voltage of L1, current"),
    **_account(obis.COVER_ACCOUNT, "Meter cover"),
    **_account(obis.TERMINAL_COVER_ACCOUNT, "Terminal cover"),
    **_account(obis.STRONG_FIELD_ACCOUNT, "Strong DC field"),
}


def name_of(logical_name: bytes) -> str:
    """The English name of an object; empty where the table has none."""
    return NAMES.get(Obis(logical_name), "")
