"""A small meter without measurement: enough objects to try clients, rights and profiles on.

`SampleMeter().physical_device` has one logical device at SAP 1 with the usual associations: public
(16), reader (2, password `READER`), management (1, password `MANAGEMENT`).
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from addad import obis
from addad.cosem.classes import Clock, Data, DisconnectControl, ProfileGeneric, Register
from addad.cosem.classes.control import ControlMode, ControlState
from addad.cosem.classes.measurement import CaptureObject, SortMethod
from addad.cosem.cosem_object import CosemObject
from addad.cosem.logical_device import LogicalDevice
from addad.cosem.physical_device import PhysicalDevice
from addad.cosem.profile_rows import select_rows
from addad.cosem.rights import usual_associations
from addad.dlms.clock_time import DateTime
from addad.dlms.types import (
    DateTimeOctets,
    DoubleLongUnsigned,
    LongUnsigned,
    OctetString,
    Unsigned,
)
from addad.errors import AccessError
from addad.units import ScalerUnit, Unit

NAME = b"ADD0000000000001"
READER = b"reader-12345678"
MANAGEMENT = b"manage-12345678"
START = datetime(2026, 3, 1, tzinfo=UTC)
PERIOD = timedelta(minutes=15)
IMPORT_WH = 1_234_567
VOLTAGE_DV = 2304
BROKEN = obis.Obis.parse("0-0:96.1.9")
THRESHOLD_NAME = obis.Obis.parse("0-0:128.17.0")
"""A register that the management client may write."""
SECRET_OF_FAULT = "the stack trace stays at home"
PROFILE_COLUMNS = (
    CaptureObject(8, obis.CLOCK, 2),
    CaptureObject(1, obis.PROFILE_STATUS_LOAD, 2),
    CaptureObject(3, obis.ACTIVE_ENERGY_IMPORT, 2),
    CaptureObject(3, obis.ACTIVE_ENERGY_EXPORT, 2),
)


class SampleProfile:
    """Quarter hours from `START`: energy rises by 25 Wh and 10 Wh a row."""

    capture_objects = PROFILE_COLUMNS

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.encoded = 0

    @property
    def in_order(self) -> bool:
        return True

    def times_s(self) -> Sequence[int]:
        first = int(START.timestamp())
        return range(first, first + 900 * self.rows, 900)

    def cells(self, index: int) -> list[bytes]:
        moment = DateTime.from_datetime(START + index * PERIOD)
        return [
            DateTimeOctets.encode(moment),
            Unsigned.encode(0),
            DoubleLongUnsigned.encode(IMPORT_WH + 25 * index),
            DoubleLongUnsigned.encode(10 * index),
        ]

    def encode_row(self, index: int, columns: Sequence[int] | None) -> bytes:
        self.encoded += 1
        cells = self.cells(index)
        chosen = cells if columns is None else [cells[c] for c in columns]
        return bytes((2, len(chosen))) + b"".join(chosen)


class SampleMeter:
    """A relay that can be switched, a threshold that can be set, registers that stand still."""

    def __init__(self, rows: int = 96 * 4) -> None:
        self.closed = True
        self.threshold_w = 6000
        self.mode = ControlMode.MODE_2
        self.profile = SampleProfile(rows)
        self.faults: list[Exception] = []
        self.device = LogicalDevice(
            NAME,
            self.objects(),
            usual_associations(reader_password=READER, management_password=MANAGEMENT),
            on_fault=lambda _name, fault: self.faults.append(fault),
        )
        self.physical_device = PhysicalDevice([self.device])

    def control_state(self) -> ControlState:
        return ControlState.CONNECTED if self.closed else ControlState.DISCONNECTED

    def switch(self, closed: bool) -> None:
        self.closed = closed

    def set_threshold(self, power_w: int) -> None:
        if power_w > 30_000:
            raise AccessError(2)
        self.threshold_w = power_w

    def fault(self) -> int:
        raise RuntimeError(SECRET_OF_FAULT)

    def objects(self) -> list[CosemObject]:
        wh, dv = ScalerUnit(0, Unit.WATT_HOUR), ScalerUnit(-1, Unit.VOLT)
        energy = Register.value.typed(DoubleLongUnsigned)
        threshold = Register.value.typed(LongUnsigned)
        buffer = ProfileGeneric.buffer.streams(lambda s: select_rows(self.profile, s))
        now = DateTime.from_datetime(START + timedelta(days=7))
        return [
            CosemObject(Clock, obis.CLOCK, Clock.time.reads(lambda: now)),
            CosemObject(
                Data,
                obis.DEVICE_ID_1,
                Data.value.typed(OctetString()).reads(lambda: b"00000001"),
            ),
            CosemObject(
                Register,
                obis.ACTIVE_ENERGY_IMPORT,
                energy.reads(lambda: IMPORT_WH),
                Register.scaler_unit.reads(lambda: wh),
            ),
            CosemObject(
                Register,
                obis.VOLTAGE_PHASES[0],
                threshold.reads(lambda: VOLTAGE_DV),
                Register.scaler_unit.reads(lambda: dv),
            ),
            CosemObject(
                Register,
                THRESHOLD_NAME,
                threshold.reads(lambda: self.threshold_w),
                threshold.writes(self.set_threshold),
                Register.scaler_unit.reads(lambda: ScalerUnit(0, Unit.WATT)),
            ),
            CosemObject(Data, BROKEN, Data.value.typed(Unsigned).reads(self.fault)),
            CosemObject(
                ProfileGeneric,
                obis.LOAD_PROFILE,
                buffer,
                ProfileGeneric.capture_objects.reads(lambda: PROFILE_COLUMNS),
                ProfileGeneric.capture_period.reads(lambda: 900),
                ProfileGeneric.sort_method.reads(lambda: SortMethod.FIFO),
                ProfileGeneric.sort_object.reads(lambda: PROFILE_COLUMNS[0]),
                ProfileGeneric.entries_in_use.reads(lambda: self.profile.rows),
                ProfileGeneric.profile_entries.reads(lambda: 17_760),
            ),
            CosemObject(
                DisconnectControl,
                obis.DISCONNECT_CONTROL,
                DisconnectControl.output_state.reads(lambda: self.closed),
                DisconnectControl.control_state.reads(self.control_state),
                DisconnectControl.control_mode.reads(lambda: self.mode),
                DisconnectControl.remote_disconnect.does(lambda _: self.switch(False)),
                DisconnectControl.remote_reconnect.does(lambda _: self.switch(True)),
            ),
        ]
