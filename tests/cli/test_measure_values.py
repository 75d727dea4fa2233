"""Values as they are printed, each with its uncertainty."""

import dataclasses
import math

import numpy as np
import pytest

from addad.cli.measure_values import energies, frequency_line, phases_table, quantity
from addad.lab.report import Frequency, ItemReport, PhaseReport, Power, Wave

NAN = math.nan
NONE = np.empty(0)


def _item() -> ItemReport:
    voltage = Wave("u", "V", 230.1234, 1.0, 2.0, 0.0123, 0.0, NONE)
    of_voltage = Wave("u", "V", 0.0456, 0.1, 0.1, 0.0004, 0.0, NONE)
    current = Wave("i", "A", 0.0123, 1.0, 2.0, NAN, -0.5, NONE)
    of_current = Wave("i", "A", 0.00021, 0.1, 0.1, NAN, 0.001, NONE)
    power = Power(2.5, 1.3, 2.83, 0.883, Power(0.043, 0.05, 0.043, 0.0071))
    phase = PhaseReport(
        "L1", dataclasses.replace(voltage, uncertainty=of_voltage),
        dataclasses.replace(current, uncertainty=of_current), power,
    )  # fmt: skip
    frequency = Frequency(
        50.0, 49.9, 50.1, NAN, NAN, True, Frequency(1e-4, 2e-4, 3e-4, NAN, NAN, True)
    )
    energy = {"active_import_uwh": 2_500_000, "reactive_q1_uvarh": 1_000_000}
    spread = {"active_import_uwh": 4000.0, "reactive_q1_uvarh": 1000.0, "reactive_q2_uvarh": 500.0}
    return ItemReport("", 5, 0, frequency, (phase,), power, energy, 0, spread)


def test_under_each_phase_stand_its_uncertainties() -> None:
    table = phases_table(_item())
    rows = list(zip(*(column.cells for column in table.columns), strict=True))
    assert rows[0] == (
        "L1", "230.123", "0.00", "0.01230", "-28.648", "2.500", "1.300", "2.830", "0.8830",
        "1.230", "—",
    )  # fmt: skip
    assert rows[1] == (
        "±", "0.046", "", "0.00021", "0.057", "0.043", "0.050", "0.043", "0.0071", "0.040", "",
    )  # fmt: skip
    assert [row[0] for row in rows] == ["L1", "±", "total", "±"]


def test_the_frequency_has_them_at_its_extremes_too() -> None:
    text = frequency_line(_item().frequency)
    assert text == "50.00000 ± 0.00010 Hz; windows 49.90000 ± 0.00020 … 50.10000 ± 0.00030 Hz"


def test_energy_and_quantities_have_them() -> None:
    assert energies(_item(), 1.0) == (
        "energy over 1 s: import 2.5000 ± 0.0040 Wh, +Q 1.0000 ± 0.0015 varh"
    )
    assert quantity(58_947.0, "V", None, 120.0) == "58.95 ± 0.12 kV"
    assert quantity(230.0, "V", 230.0) == "230 V (100.0 %)"
    assert quantity(NAN, "V", None, 1.0) == "—"


@pytest.mark.parametrize("measured", [True, False])
def test_a_frequency_that_is_assumed_says_so(measured: bool) -> None:
    text = frequency_line(Frequency(60.0, NAN, NAN, NAN, NAN, measured))
    assert ("assumed" in text) is not measured


def test_a_value_within_its_uncertainty_of_zero_has_the_unit_of_that() -> None:
    assert quantity(1e-6, "varh", None, 0.035) == "0.000 ± 0.035 varh"
