"""A meter that answers from a table, a clock that is set, a head end on a fresh folder."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import virtual_time
from addad import obis
from addad.cosem.classes.control import ControlMode, ControlState
from addad.cosem.classes.measurement import CaptureObject
from addad.dlms import data as axdr
from addad.dlms.apdu.descriptors import AttributeDescriptor, RangeSelection
from addad.dlms.clock_time import DateTime
from addad.dlms.data import Data, Tag
from addad.errors import AccessError, LinkError
from addad.headend.head_end import HeadEnd
from addad.headend.inventory import Registration, ServicePoint
from addad.headend.link import Target
from addad.headend.readout import COLLECTED, LIVE_REGISTERS
from addad.headend.settings import HeadEndSettings
from addad.obis import Obis
from addad.units import ScalerUnit, Unit

NOON = datetime(2026, 11, 22, 12, 0, 30, tzinfo=UTC)
PERIOD_S = 900
NAME = "ADD0000000001234"
SERIAL = "00001234"
CLOCK_COLUMN = CaptureObject(8, obis.CLOCK, 2, 0)
LOAD_COLUMNS = (
    CLOCK_COLUMN,
    CaptureObject(1, obis.PROFILE_STATUS_LOAD, 2, 0),
    CaptureObject(3, obis.ACTIVE_ENERGY_IMPORT, 2, 0),
    CaptureObject(3, obis.ACTIVE_ENERGY_EXPORT, 2, 0),
)
LOG_COLUMNS = (CLOCK_COLUMN, CaptureObject(1, obis.EVENT_CODE_FRAUD, 2, 0))


@dataclass
class FakeMeter:
    """What a meter shows; tests change it. Energies in Wh, `rows` by end of interval."""

    name: str = NAME
    serial: str = SERIAL
    import_wh: int = 5000
    export_wh: int = 700
    state: ControlState = ControlState.CONNECTED
    mode: ControlMode = ControlMode.MODE_4
    obeys: bool = True
    drops_after_action: bool = False
    silent: bool = False
    absent: bool = False
    garbage_profile: bool = False
    rows: dict[datetime, tuple[int, int, int]] = field(default_factory=dict)
    events: list[tuple[datetime, int]] = field(default_factory=list)
    asked: list[tuple[Obis, datetime, datetime]] = field(default_factory=list)
    actions: list[tuple[int, int]] = field(default_factory=list)
    clock_off: timedelta = timedelta(0)
    connections: int = 0
    refused: set[Obis] = field(default_factory=set)

    def fill(self, first: datetime, last: datetime, start_wh: int = 0) -> None:
        """Rows from `first` to `last`, 100 Wh in and 10 Wh out an interval."""
        at, count = first, 0
        while at <= last:
            self.rows[at] = (0, start_wh + count * 100, count * 10)
            at, count = at + timedelta(seconds=PERIOD_S), count + 1


class FakeClient:
    """An association with a `FakeMeter`."""

    def __init__(self, meter: FakeMeter, target: Target, now: Callable[[], datetime]) -> None:
        self.meter, self.target, self.now = meter, target, now

    async def get(self, logical_name: Obis, attribute: Any) -> Any:
        await self._answering()
        value = self._value(logical_name, attribute.index)
        if isinstance(value, AccessError):
            raise value
        return value

    async def get_many(self, items: Sequence[tuple[Obis, Any]]) -> list[Any]:
        await self._answering()
        return [self._value(name, attribute.index) for name, attribute in items]

    async def get_octets(self, descriptor: AttributeDescriptor) -> bytes:
        await self._answering()
        selection = descriptor.selection
        assert isinstance(selection, RangeSelection)
        first, last = (_moment(end) for end in (selection.from_value, selection.to_value))
        self.meter.asked.append((descriptor.logical_name, first, last))
        if descriptor.logical_name == obis.LOAD_PROFILE:
            if self.meter.garbage_profile:
                return b"\x01\x01\x02\x01\x11\x00"
            rows = [
                (_stamp(at), _unsigned(row[0]), _long(row[1]), _long(row[2]))
                for at, row in sorted(self.meter.rows.items())
                if first <= at <= last
            ]
        else:
            rows = [
                (_stamp(at), _unsigned(code))
                for at, code in self.meter.events
                if first <= at <= last
            ]
        return axdr.encode(Data(Tag.ARRAY, tuple(Data(Tag.STRUCTURE, tuple(row)) for row in rows)))

    async def action(self, logical_name: Obis, method: Any, parameter: Any) -> Any:
        await self._answering()
        meter = self.meter
        meter.actions.append((self.target.client_sap, method.index))
        if self.target.client_sap != 1:
            raise AccessError(3)
        if meter.obeys:
            closes = meter.mode in (2, 4, 7)
            on = ControlState.CONNECTED if closes else ControlState.READY_FOR_RECONNECTION
            meter.state = ControlState.DISCONNECTED if method.index == 1 else on
        if meter.drops_after_action:
            meter.drops_after_action = False
            raise LinkError("the link broke")

    async def _answering(self) -> None:
        await asyncio.sleep(0.01)
        if self.meter.silent:
            await asyncio.sleep(1e6)

    def _value(self, name: Obis, index: int) -> Any:
        meter = self.meter
        if name in meter.refused:
            return AccessError(4)
        if name == obis.DISCONNECT_CONTROL:
            return {2: meter.state == 1, 3: meter.state, 4: meter.mode}[index]
        if name == obis.LOGICAL_DEVICE_NAME:
            return Data(Tag.OCTET_STRING, meter.name.encode())
        if name == obis.DEVICE_ID_1:
            return Data(Tag.OCTET_STRING, meter.serial.encode())
        if name == obis.CLOCK:
            return DateTime.from_datetime(self.now() + meter.clock_off)
        if name == obis.LOAD_PROFILE:
            return {3: LOAD_COLUMNS, 4: PERIOD_S}[index]
        if name == obis.EVENT_LOG_FRAUD:
            return LOG_COLUMNS
        if name in LIVE_REGISTERS or name in COLLECTED:
            return self._register(name, index)
        return AccessError(4)

    def _register(self, name: Obis, index: int) -> Any:
        if index == 3:
            return ScalerUnit(-1, Unit.VOLT) if name[2] in (32, 52, 72) else ScalerUnit(0, 27)
        values = {
            obis.ACTIVE_ENERGY_IMPORT: self.meter.import_wh,
            obis.ACTIVE_ENERGY_EXPORT: self.meter.export_wh,
            obis.ACTIVE_POWER_IMPORT: 0,
            obis.ACTIVE_POWER_EXPORT: 1500,
            **dict.fromkeys(obis.VOLTAGE_PHASES, 2301),
        }
        return _long(values.get(name, 1))


@dataclass
class Bench:
    """A head end, its folder, meters by port, and the clock that both go by."""

    folder: Path
    meters: dict[int, FakeMeter]
    start: datetime = NOON
    loop: asyncio.AbstractEventLoop | None = None

    def now(self) -> datetime:
        """The bench's clock: runs with the virtual loop when there is one, else stands."""
        passed_s = self.loop.time() if self.loop else 0.0
        return self.start + timedelta(seconds=passed_s)

    def run(self, main: Coroutine[Any, Any, None]) -> None:
        """Run a test in virtual time, on this clock."""

        async def on_clock() -> None:
            self.loop = asyncio.get_running_loop()
            await main

        try:
            virtual_time.run(on_clock())
        finally:
            self.start, self.loop = self.now(), None

    @asynccontextmanager
    async def connect(self, target: Target) -> AsyncIterator[FakeClient]:
        meter = self.meters.get(target.port)
        if meter is None or meter.absent:
            raise LinkError(f"cannot connect to {target.host}:{target.port}: refused")
        meter.connections += 1
        yield FakeClient(meter, target, self.now)

    def open(self, **settings: Any) -> HeadEnd:
        """A head end on the folder."""
        base = {"push_port": 0, "web_port": 0, **settings}
        made = HeadEndSettings(self.folder, **base)
        return HeadEnd(made, connect=self.connect, now=self.now)


def registration(port: int = 4059, place: str = "FEZ-0001", **changes: Any) -> Registration:
    """A meter at a place, installed at the start of the day before."""
    fields: dict[str, Any] = {
        "serial": SERIAL,
        "reader_password": "reads",
        "management_password": "manages",
        "start_import_wh": 0,
        "start_export_wh": 0,
        "installed_from": NOON.replace(hour=0, minute=0, second=0) - timedelta(days=1),
        "multiplier": Fraction(1),
    }
    point = ServicePoint(place, "House in Fez", time_zone="Africa/Casablanca")
    return Registration(point, "127.0.0.1", port, **{**fields, **changes})


def _stamp(at: datetime) -> Data:
    return Data(Tag.OCTET_STRING, DateTime.from_datetime(at).encode())


def _moment(data: Data) -> datetime:
    value = data.value
    moment = DateTime.decode(value) if isinstance(value, bytes) else value
    return moment.to_datetime()


def _unsigned(value: int) -> Data:
    return Data(Tag.UNSIGNED, value)


def _long(value: int) -> Data:
    return Data(Tag.LONG64_UNSIGNED, value)
