"""What is read live from a meter, and how it becomes one set of values.

The meter says its scalers and units once in an association; an object that it does not have, or
does not show, is not asked for again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast

from addad import obis
from addad.cosem.classes.control import Clock, DisconnectControl
from addad.cosem.classes.measurement import Data, Register
from addad.cosem.interface_class import Attribute
from addad.dlms.clock_time import DateTime
from addad.errors import AccessError, DecodeError
from addad.headend.link import MeterClient, elements, number
from addad.headend.payloads import Live, Phases, Relay, Site, Value, iso
from addad.headend.store.places import from_us, to_us
from addad.headend.store.readings import RegisterReading
from addad.obis import Obis
from addad.units import ScalerUnit

MAX_STORED = 2**63
CLOCK_MARGIN: Final = timedelta(minutes=15)
"""How far a meter's clock may be from ours and still be the time of its registers."""
DECIMALS: Final = 6

_TOTALS: Final = (
    obis.ACTIVE_POWER_IMPORT,
    obis.ACTIVE_POWER_EXPORT,
    obis.REACTIVE_POWER_IMPORT,
    obis.REACTIVE_POWER_EXPORT,
    obis.FREQUENCY,
    obis.ACTIVE_ENERGY_IMPORT,
    obis.ACTIVE_ENERGY_EXPORT,
    obis.PV_POWER,
)
_BY_PHASE: Final = (
    obis.VOLTAGE_PHASES,
    obis.CURRENT_PHASES,
    obis.ACTIVE_POWER_IMPORT_PHASES,
    obis.ACTIVE_POWER_EXPORT_PHASES,
    obis.REACTIVE_POWER_IMPORT_PHASES,
    obis.REACTIVE_POWER_EXPORT_PHASES,
    obis.POWER_FACTOR_PHASES,
    obis.VOLTAGE_ANGLES,
    obis.CURRENT_ANGLES,
    obis.VOLTAGE_THD_PHASES,
    obis.CURRENT_THD_PHASES,
)
LIVE_REGISTERS: Final = _TOTALS + tuple(code for phases in _BY_PHASE for code in phases)
COLLECTED: Final = (
    obis.ACTIVE_ENERGY_IMPORT,
    obis.ACTIVE_ENERGY_EXPORT,
    obis.REACTIVE_ENERGY_IMPORT,
    obis.REACTIVE_ENERGY_EXPORT,
    obis.REACTIVE_ENERGY_Q1,
    obis.REACTIVE_ENERGY_Q2,
    obis.REACTIVE_ENERGY_Q3,
    obis.REACTIVE_ENERGY_Q4,
    obis.APPARENT_ENERGY_IMPORT,
    obis.APPARENT_ENERGY_EXPORT,
    *obis.ACTIVE_ENERGY_IMPORT_PHASES,
    *obis.ACTIVE_ENERGY_EXPORT_PHASES,
)
"""The registers of energy that are kept, in the order in which they are shown."""

Item = tuple[Obis, Attribute[object]]


def item(logical_name: Obis, attribute: object) -> Item:
    """An attribute of an object, for a list of attributes of many types."""
    return logical_name, cast("Attribute[object]", attribute)


_EXTRAS: Final = (
    item(obis.DISCONNECT_CONTROL, DisconnectControl.control_state),
    item(obis.DISCONNECT_CONTROL, DisconnectControl.output_state),
    item(obis.DISCONNECT_CONTROL, DisconnectControl.control_mode),
    item(obis.MEASUREMENT_TIME, Data.value),
)


@dataclass(frozen=True)
class Readout:
    """What one association can tell: its live list, and the scalers of all registers."""

    items: tuple[Item, ...]
    registers: tuple[Obis, ...]
    scalers: Mapping[Obis, ScalerUnit]

    async def live(self, client: MeterClient, multiplier: float) -> Answers:
        """Read the live list in as few requests as the meter allows."""
        answers = await client.get_many(self.items)
        found = dict(zip(_names(self.items), answers, strict=True))
        return Answers(found, self.scalers, multiplier)

    async def stored_registers(
        self, client: MeterClient, now: datetime
    ) -> tuple[datetime, list[RegisterReading]]:
        """Read the registers that are kept, and the moment by the meter's clock, or `now`.

        A clock that is far off is not believed: a reading of another year would stay the newest.
        """
        items = [item(obis.CLOCK, Clock.time)]
        items += [item(code, Register.value) for code in self.registers]
        clock, *values = await client.get_many(items)
        readings = []
        for code, value in zip(self.registers, values, strict=True):
            raw, scaler = number(value), self.scalers[code]
            if raw is not None and -MAX_STORED < raw < MAX_STORED:
                readings.append(RegisterReading(str(code), raw, scaler.scaler, scaler.unit))
        return _moment(clock, now), readings


@dataclass(frozen=True)
class Answers:
    """One answer to the live list, by (object, attribute)."""

    found: Mapping[tuple[Obis, int], object]
    scalers: Mapping[Obis, ScalerUnit]
    multiplier: float

    def value(self, code: Obis) -> Value:
        """A register's value in its unit, None when the meter did not give it."""
        raw, scaler = number(self.found.get((code, 2))), self.scalers.get(code)
        return None if raw is None or scaler is None else scaler.scaled(raw)

    def net(self, plus: Obis, minus: Obis) -> Value:
        """Import less export, multiplied; one of them suffices."""
        imported, exported = self.value(plus), self.value(minus)
        if imported is None and exported is None:
            return None
        return round(((imported or 0.0) - (exported or 0.0)) * self.multiplier, DECIMALS)

    def relay(self) -> Relay | None:
        """The relay's state, as far as it was read."""
        state = self.found.get((obis.DISCONNECT_CONTROL, 3))
        output = self.found.get((obis.DISCONNECT_CONTROL, 2))
        mode = number(self.found.get((obis.DISCONNECT_CONTROL, 4)))
        if not isinstance(state, int) or not isinstance(output, bool):
            return None
        return Relay(state=int(state), output=output, mode=mode)

    def window_us(self) -> tuple[int, int, int] | None:
        """Begin and end of what was measured and when it was worked out, in µs since 1970 UTC."""
        parts = elements(self.found.get((obis.MEASUREMENT_TIME, 2)))
        times = [number(part) for part in parts[:3]]
        if len(times) != 3 or any(time is None or not 0 < time < 2**53 for time in times):
            return None
        start, end, processed = (time or 0 for time in times)
        return start, end, processed

    def as_live(self, received: datetime, energy: tuple[int | None, int | None]) -> Live:
        """The set of values as it is told; `energy` is the service point's index [Wh]."""
        p_total = self.net(obis.ACTIVE_POWER_IMPORT, obis.ACTIVE_POWER_EXPORT)
        q_total = self.net(obis.REACTIVE_POWER_IMPORT, obis.REACTIVE_POWER_EXPORT)
        pv_w, window = self.value(obis.PV_POWER), self.window_us()
        site = None
        if pv_w is not None and p_total is not None:
            site = Site(pv_w=pv_w, load_w=round(pv_w + p_total, DECIMALS))
        return Live(
            at=iso(received),
            measured_at=None if window is None else iso(from_us(window[1])),
            u=self._phases(obis.VOLTAGE_PHASES),
            i=self._phases(obis.CURRENT_PHASES),
            p=self._net_phases(obis.ACTIVE_POWER_IMPORT_PHASES, obis.ACTIVE_POWER_EXPORT_PHASES),
            q=self._net_phases(
                obis.REACTIVE_POWER_IMPORT_PHASES, obis.REACTIVE_POWER_EXPORT_PHASES
            ),
            pf=self._phases(obis.POWER_FACTOR_PHASES),
            f=self.value(obis.FREQUENCY),
            p_total=p_total,
            q_total=q_total,
            u_angle=self._phases(obis.VOLTAGE_ANGLES),
            i_angle=self._phases(obis.CURRENT_ANGLES),
            thd_u=self._phases(obis.VOLTAGE_THD_PHASES),
            thd_i=self._phases(obis.CURRENT_THD_PHASES),
            import_wh=energy[0],
            export_wh=energy[1],
            relay=self.relay(),
            site=site,
            stages_ms={} if window is None else _stages_ms(window, to_us(received)),
        )

    def _phases(self, codes: Sequence[Obis]) -> Phases:
        return [self.value(code) for code in codes]

    def _net_phases(self, plus: Sequence[Obis], minus: Sequence[Obis]) -> Phases:
        return [self.net(a, b) for a, b in zip(plus, minus, strict=True)]


async def prepare(client: MeterClient) -> Readout:
    """Ask a meter once what it has of what is read live and kept."""
    wanted = tuple(dict.fromkeys((*LIVE_REGISTERS, *COLLECTED)))
    units = await client.get_many([(code, Register.scaler_unit) for code in wanted])
    scalers = {
        code: unit
        for code, unit in zip(wanted, units, strict=True)
        if isinstance(unit, ScalerUnit) and -20 <= unit.scaler <= 20
    }
    extras = await client.get_many(_EXTRAS)
    shown = [
        one
        for one, answer in zip(_EXTRAS, extras, strict=True)
        if not isinstance(answer, AccessError)
    ]
    items = [item(code, Register.value) for code in LIVE_REGISTERS if code in scalers]
    kept = tuple(code for code in COLLECTED if code in scalers)
    return Readout((*items, *shown), kept, scalers)


def _names(items: Sequence[Item]) -> list[tuple[Obis, int]]:
    return [(code, attribute.index) for code, attribute in items]


def _stages_ms(window: tuple[int, int, int], received_us: int) -> dict[str, float]:
    start, end, processed = window
    return {
        "acquisition": (end - start) / 1000,
        "processing": (processed - end) / 1000,
        "protocol": (received_us - processed) / 1000,
    }


def _moment(clock: object, now: datetime) -> datetime:
    if isinstance(clock, DateTime):
        try:
            at = clock.to_datetime()
        except DecodeError:
            return now
        return at if abs(at - now) <= CLOCK_MARGIN else now
    return now
