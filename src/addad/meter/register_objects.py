"""The registers of the object list: energy that was counted, and what is measured now.

One row an object: its name, COSEM type, scaler and unit, and the number behind it. Before the first
measurement, and where there is no channel, an instantaneous register holds null-data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import degrees, isfinite
from typing import Final, NamedTuple, TypeVar

from addad import obis
from addad.cosem.classes.measurement import Data, Register
from addad.cosem.cosem_object import CosemObject
from addad.dlms.types import (
    DataType,
    DoubleLongUnsigned,
    Long,
    Long64Unsigned,
    LongUnsigned,
    Nullable,
    Structure,
)
from addad.meter.device import Meter
from addad.meter.measured import MeasurementTime, Reading
from addad.meter.registers import (
    REACTIVE_EXPORT,
    REACTIVE_IMPORT,
    TOTAL,
    Quantity,
    Registers,
)
from addad.obis import Obis
from addad.units import ScalerUnit, Unit

V = TypeVar("V")


class Form(NamedTuple):
    """How an instantaneous quantity is shown: type, its lowest and highest number, scaler, unit."""

    kind: DataType[int]
    lowest: int
    highest: int
    scale: ScalerUnit

    def number(self, value: float | None) -> int | None:
        """A quantity [in the unit] as the register's number; None where there is none."""
        if value is None or not isfinite(value):
            return None
        raw = round(value * 10.0**-self.scale.scaler)
        return min(max(raw, self.lowest), self.highest)

    def coarser(self, decades: int) -> Form:
        """The same form; where it is of powers in tenths, by so many decades coarser."""
        scale = self.scale
        if not decades or scale.scaler != -1 or scale.unit not in _POWERS:
            return self
        return self._replace(scale=ScalerUnit(scale.scaler + decades, scale.unit))


_POWERS: Final = (Unit.WATT, Unit.VAR, Unit.VOLT_AMPERE)
_U16: Final = (0, 0xFFFF)
_S16: Final = (-0x7FFF, 0x7FFF)
_U32: Final = (0, 0xFFFF_FFFF)

VOLTAGE: Final = Form(DoubleLongUnsigned, *_U32, ScalerUnit(-2, Unit.VOLT))
CURRENT: Final = Form(DoubleLongUnsigned, *_U32, ScalerUnit(-3, Unit.AMPERE))
ACTIVE_POWER: Final = Form(DoubleLongUnsigned, *_U32, ScalerUnit(-1, Unit.WATT))
REACTIVE_POWER: Final = Form(DoubleLongUnsigned, *_U32, ScalerUnit(-1, Unit.VAR))
APPARENT_POWER: Final = Form(DoubleLongUnsigned, *_U32, ScalerUnit(-1, Unit.VOLT_AMPERE))
POWER_FACTOR: Final = Form(Long, *_S16, ScalerUnit(-3, Unit.COUNT))
FREQUENCY: Final = Form(LongUnsigned, *_U16, ScalerUnit(-3, Unit.HERTZ))
DISTORTION: Final = Form(DoubleLongUnsigned, *_U32, ScalerUnit(-2, Unit.PERCENTAGE))
ANGLE: Final = Form(Long, *_S16, ScalerUnit(-1, Unit.DEGREE))
PLAIN_POWER: Final = Form(DoubleLongUnsigned, *_U32, ScalerUnit(0, Unit.WATT))

_WH: Final = ScalerUnit(0, Unit.WATT_HOUR)
_VARH: Final = ScalerUnit(0, Unit.VAR_HOUR)
_VAH: Final = ScalerUnit(0, Unit.VOLT_AMPERE_HOUR)

_ENERGY: Final[tuple[tuple[Obis, ScalerUnit, tuple[Quantity, ...]], ...]] = (
    (obis.ACTIVE_ENERGY_IMPORT, _WH, (Quantity.ACTIVE_IMPORT,)),
    (obis.ACTIVE_ENERGY_EXPORT, _WH, (Quantity.ACTIVE_EXPORT,)),
    (obis.ACTIVE_ENERGY_BOTH, _WH, (Quantity.ACTIVE_IMPORT, Quantity.ACTIVE_EXPORT)),
    (obis.REACTIVE_ENERGY_IMPORT, _VARH, REACTIVE_IMPORT),
    (obis.REACTIVE_ENERGY_EXPORT, _VARH, REACTIVE_EXPORT),
    (obis.REACTIVE_ENERGY_Q1, _VARH, (Quantity.REACTIVE_Q1,)),
    (obis.REACTIVE_ENERGY_Q2, _VARH, (Quantity.REACTIVE_Q2,)),
    (obis.REACTIVE_ENERGY_Q3, _VARH, (Quantity.REACTIVE_Q3,)),
    (obis.REACTIVE_ENERGY_Q4, _VARH, (Quantity.REACTIVE_Q4,)),
    (obis.APPARENT_ENERGY_IMPORT, _VAH, (Quantity.APPARENT_IMPORT,)),
    (obis.APPARENT_ENERGY_EXPORT, _VAH, (Quantity.APPARENT_EXPORT,)),
)

Pick = Callable[[Reading], float]

_TOTALS: Final[tuple[tuple[Obis, Form, Pick], ...]] = (
    (obis.ACTIVE_POWER_IMPORT, ACTIVE_POWER, lambda r: r.p_total),
    (obis.ACTIVE_POWER_BOTH, ACTIVE_POWER, lambda r: abs(r.p_total)),
    (obis.ACTIVE_POWER_IMPORT_MEAN, PLAIN_POWER, lambda r: r.p_total),
    (obis.ACTIVE_POWER_EXPORT, ACTIVE_POWER, lambda r: -r.p_total),
    (obis.REACTIVE_POWER_IMPORT, REACTIVE_POWER, lambda r: r.q_total),
    (obis.REACTIVE_POWER_EXPORT, REACTIVE_POWER, lambda r: -r.q_total),
    (obis.APPARENT_POWER_IMPORT, APPARENT_POWER, lambda r: r.s_total if r.p_total >= 0 else 0.0),
    (obis.APPARENT_POWER_EXPORT, APPARENT_POWER, lambda r: r.s_total if r.p_total < 0 else 0.0),
    (obis.POWER_FACTOR, POWER_FACTOR, lambda r: r.pf_total),
    (obis.FREQUENCY, FREQUENCY, lambda r: r.frequency),
)

PhasePick = Callable[[Reading, int], float]

_PHASES: Final[tuple[tuple[tuple[Obis, ...], Form, PhasePick], ...]] = (
    (obis.VOLTAGE_PHASES, VOLTAGE, lambda r, n: r.u_rms[n]),
    (obis.CURRENT_PHASES, CURRENT, lambda r, n: r.i_rms[n]),
    (obis.POWER_FACTOR_PHASES, POWER_FACTOR, lambda r, n: r.pf[n]),
    (obis.ACTIVE_POWER_IMPORT_PHASES, ACTIVE_POWER, lambda r, n: r.p[n]),
    (obis.ACTIVE_POWER_EXPORT_PHASES, ACTIVE_POWER, lambda r, n: -r.p[n]),
    (obis.REACTIVE_POWER_IMPORT_PHASES, REACTIVE_POWER, lambda r, n: r.q[n]),
    (obis.REACTIVE_POWER_EXPORT_PHASES, REACTIVE_POWER, lambda r, n: -r.q[n]),
    (obis.VOLTAGE_THD_PHASES, DISTORTION, lambda r, n: 100.0 * r.thd_u[n]),
    (obis.CURRENT_THD_PHASES, DISTORTION, lambda r, n: 100.0 * r.thd_i[n]),
    (obis.VOLTAGE_ANGLES, ANGLE, lambda r, n: degrees(r.u_angle[n])),
    (obis.CURRENT_ANGLES, ANGLE, lambda r, n: degrees(r.i_angle[n])),
)

_TIME: Final = Structure(MeasurementTime, Long64Unsigned, Long64Unsigned, Long64Unsigned)


def register_objects(meter: Meter) -> Iterator[CosemObject]:
    """All registers of energy and of instantaneous quantities."""
    for name, scale, quantities in _ENERGY:
        yield _counted(meter.registers, name, scale, quantities, TOTAL)
    for phase, name in enumerate(obis.ACTIVE_ENERGY_IMPORT_PHASES):
        yield _counted(meter.registers, name, _WH, (Quantity.ACTIVE_IMPORT,), phase)
    for phase, name in enumerate(obis.ACTIVE_ENERGY_EXPORT_PHASES):
        yield _counted(meter.registers, name, _WH, (Quantity.ACTIVE_EXPORT,), phase)
    for name, form, pick in _TOTALS:
        yield _measured(meter, name, form, pick)
    for names, form, phase_pick in _PHASES:
        for phase, name in enumerate(names):
            yield _measured(meter, name, form, _of_phase(phase_pick, phase))
    yield _measured(meter, obis.NEUTRAL_CURRENT, CURRENT, _neutral)
    yield _register(
        obis.PV_POWER,
        PLAIN_POWER.scale,
        Nullable(PLAIN_POWER.kind),
        lambda: PLAIN_POWER.number(meter.measured.pv_power),
    )
    times = Data.value.typed(_TIME).reads(lambda: meter.measured.time)
    yield CosemObject(Data, obis.MEASUREMENT_TIME, times)


def _register(
    name: Obis, scale: ScalerUnit, kind: DataType[V], source: Callable[[], V]
) -> CosemObject:
    return CosemObject(
        Register,
        name,
        Register.value.typed(kind).reads(source),
        Register.scaler_unit.reads(lambda: scale),
    )


def _counted(
    registers: Registers,
    name: Obis,
    scale: ScalerUnit,
    quantities: tuple[Quantity, ...],
    channel: int,
) -> CosemObject:
    return _register(
        name, scale, Long64Unsigned, lambda: registers.shown(*quantities, channel=channel)
    )


def _measured(meter: Meter, name: Obis, form: Form, pick: Pick) -> CosemObject:
    def now() -> Form:
        return form.coarser(meter.measured.transformers.power_decades)

    def number() -> int | None:
        reading = meter.measured.reading
        return None if reading is None else now().number(pick(reading))

    return CosemObject(
        Register,
        name,
        Register.value.typed(Nullable(form.kind)).reads(number),
        Register.scaler_unit.reads(lambda: now().scale),
    )


def _of_phase(pick: PhasePick, phase: int) -> Pick:
    return lambda reading: pick(reading, phase)


def _neutral(reading: Reading) -> float:
    return reading.i_rms[3] if len(reading.i_rms) > 3 else float("nan")
