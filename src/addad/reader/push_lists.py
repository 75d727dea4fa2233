"""What makers mean by values that they push without a name or without a unit, as tables.

No standard has these: each list is what meters of that maker were seen to send and what their
operators publish. A list is recognised by the version that its values begin with and by how many
values have no name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from types import MappingProxyType
from typing import Final, TypeAlias

from addad import obis
from addad.obis import Obis
from addad.units import ScalerUnit, Unit

Scales: TypeAlias = Mapping[tuple[int, int], ScalerUnit]
"""Scaler and unit by the groups C and D of an OBIS code."""


class Kind(Enum):
    """What stands at a place."""

    TEXT = auto()
    """A string, or octets that are one."""
    NUMBER = auto()
    """A double-long-unsigned, the type of all numbers in these lists."""
    CLOCK = auto()
    """Octets that are a date-time."""


@dataclass(frozen=True, slots=True)
class Place:
    """A value without a name: what it is called, and what it must look like."""

    logical_name: Obis
    kind: Kind = Kind.NUMBER


@dataclass(frozen=True, slots=True)
class PushList:
    """One maker's list: `version` is how its version begins, empty where it tells none.

    `places` are its values without a name, in order; `named` says whether others stand beside them
    that have one. `scales` are for values without a unit.
    """

    name: str
    version: str = ""
    places: tuple[Place, ...] = ()
    named: bool = False
    scales: Scales = field(default_factory=lambda: MappingProxyType({}))


LIST_VERSION: Final = Obis.parse("1-1:0.2.129")
"""The version of a list in Norway and Sweden; group B may differ."""
DEVICE_ID_2: Final = Obis.parse("0-0:96.1.1")
METER_TYPE: Final = Obis.parse("0-0:96.1.7")

_COUNT: Final = int(Unit.COUNT)
_PHASES: Final = (0, 20, 40, 60)


def _electricity(power: int, energy: int, current: int, voltage: int, factor: int) -> Scales:
    """The powers of ten of W and var, Wh and varh, A, V and power factors, by OBIS groups."""
    scales: dict[tuple[int, int], ScalerUnit] = {}
    for phase in _PHASES:
        for c, watt, watt_hour in (
            (1, Unit.WATT, Unit.WATT_HOUR),
            (2, Unit.WATT, Unit.WATT_HOUR),
            (3, Unit.VAR, Unit.VAR_HOUR),
            (4, Unit.VAR, Unit.VAR_HOUR),
        ):
            scales[phase + c, 7] = ScalerUnit(power, watt)
            scales[phase + c, 8] = ScalerUnit(energy, watt_hour)
        scales[phase + 13, 7] = ScalerUnit(factor, _COUNT)
        if phase:
            scales[phase + 11, 7] = ScalerUnit(current, Unit.AMPERE)
            scales[phase + 12, 7] = ScalerUnit(voltage, Unit.VOLT)
    return MappingProxyType(scales)


def _numbers(names: Iterable[Obis]) -> tuple[Place, ...]:
    return tuple(Place(name) for name in names)


_POWERS: Final = (
    obis.ACTIVE_POWER_IMPORT,
    obis.ACTIVE_POWER_EXPORT,
    obis.REACTIVE_POWER_IMPORT,
    obis.REACTIVE_POWER_EXPORT,
)
_ENERGIES: Final = (
    obis.ACTIVE_ENERGY_IMPORT,
    obis.ACTIVE_ENERGY_EXPORT,
    obis.REACTIVE_ENERGY_IMPORT,
    obis.REACTIVE_ENERGY_EXPORT,
)
_CLOCK: Final = Place(obis.CLOCK, Kind.CLOCK)
_VERSION: Final = Place(LIST_VERSION, Kind.TEXT)
_KAIFA_HEAD: Final = (
    _VERSION,
    Place(obis.DEVICE_ID_1, Kind.TEXT),
    Place(METER_TYPE, Kind.TEXT),
    *_numbers(_POWERS),
)
_KAIFA_ONE_PHASE: Final = (
    *_KAIFA_HEAD,
    *_numbers((obis.CURRENT_PHASES[0], obis.VOLTAGE_PHASES[0])),
)
_KAIFA_THREE_PHASES: Final = (
    *_KAIFA_HEAD,
    *_numbers(obis.CURRENT_PHASES),
    *_numbers(obis.VOLTAGE_PHASES),
)
_KAIFA_HOURLY: Final = (_CLOCK, *_numbers(_ENERGIES))
_KAIFA: Final = _electricity(power=0, energy=0, current=-3, voltage=-1, factor=-3)
_KAMSTRUP: Final = _electricity(power=0, energy=1, current=-2, voltage=0, factor=-2)

PUSH_LISTS: Final[tuple[PushList, ...]] = (
    PushList("Kaifa, list 1", "", _numbers(_POWERS[:1]), False, _KAIFA),
    PushList("Kaifa, list 2, one phase", "KFM", _KAIFA_ONE_PHASE, False, _KAIFA),
    PushList("Kaifa, list 2, three phases", "KFM", _KAIFA_THREE_PHASES, False, _KAIFA),
    PushList("Kaifa, list 3, one phase", "KFM", (*_KAIFA_ONE_PHASE, *_KAIFA_HOURLY), False, _KAIFA),
    PushList(
        "Kaifa, list 3, three phases", "KFM", (*_KAIFA_THREE_PHASES, *_KAIFA_HOURLY), False, _KAIFA
    ),
    PushList("Kaifa, Sweden", "KFM", (), True, _KAIFA),
    PushList("Kamstrup", "Kamstrup_V", (_VERSION,), True, _KAMSTRUP),
    PushList("Netz NÖ", "", (_CLOCK, Place(obis.DEVICE_ID_1, Kind.TEXT)), True),
    PushList("a clock before all", "", (_CLOCK,), True),
)
"""All lists that are known, the first that fits is taken."""
