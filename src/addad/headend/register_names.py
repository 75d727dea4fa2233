"""What the registers that are collected are called, in English, for the catalogue."""

from __future__ import annotations

from typing import Final

from addad import obis
from addad.obis import Obis

_PHASES = ("L1", "L2", "L3")

COLLECTED: Final[dict[Obis, str]] = {
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
    **{
        code: f"Active energy import {phase}"
        for code, phase in zip(obis.ACTIVE_ENERGY_IMPORT_PHASES, _PHASES, strict=True)
    },
    **{
        code: f"Active energy export {phase}"
        for code, phase in zip(obis.ACTIVE_ENERGY_EXPORT_PHASES, _PHASES, strict=True)
    },
}


def name_of(logical_name: str) -> str:
    """The English name of a register; its logical name where there is none."""
    return COLLECTED.get(Obis.parse(logical_name), logical_name)
