"""The bench: a calibrated meter is right, and what is put in on purpose shows where it must."""

import math
from dataclasses import replace

import pytest

from addad.errors import InputError
from addad.lab.type_test_bench import (
    FRONT_ENDS,
    MeterUnderTest,
    front_end_settings,
    measure,
    meter_under_test,
    usual_front_end,
    watch,
)
from addad.lab.type_test_conditions import Condition, Waveform, usual_nameplate
from addad.metrology.accuracy_classes import HALF_INDUCTIVE, Connection
from addad.metrology.accuracy_tables import accuracy_class

PLATE = usual_nameplate(accuracy_class("62053-22", "0.2S"))


@pytest.fixture(scope="module")
def meter() -> MeterUnderTest:
    return meter_under_test(PLATE, "16-bit", seed=3)


def error(meter: MeterUnderTest, condition: Condition) -> float:
    count = measure(meter, condition, target=0.05).count
    assert count is not None
    return count.error


@pytest.mark.parametrize(
    "condition",
    [
        Condition(1.0),
        Condition(1.0, HALF_INDUCTIVE),
        Condition(1.0, waveform=Waveform.FIFTH),
        Condition(1.0, HALF_INDUCTIVE, export=True),
        Condition(1.0, missing=(0,)),
    ],
    ids=("unity", "lag", "harmonics", "back", "missing"),
)
def test_a_calibrated_meter_is_right(meter: MeterUnderTest, condition: Condition) -> None:
    assert abs(error(meter, condition)) < 0.03


def test_an_uncalibrated_one_is_not() -> None:
    plain = meter_under_test(PLATE, "16-bit", seed=3, calibrate=False)
    assert abs(error(plain, Condition(1.0, HALF_INDUCTIVE))) > 0.1


def test_a_phase_error_shows_at_low_power_factors_only() -> None:
    minutes_30 = math.radians(0.5)
    meter = meter_under_test(PLATE, "16-bit", seed=3, phase_error=minutes_30)
    assert abs(error(meter, Condition(1.0))) < 0.03
    # P of cos(60° − 0.5°): the current leads, so an inductive load counts too much.
    expected = 100.0 * (math.cos(math.radians(59.5)) / 0.5 - 1.0)
    assert error(meter, Condition(1.0, HALF_INDUCTIVE)) == pytest.approx(expected, abs=0.03)


def test_a_gain_error_shows_everywhere() -> None:
    meter = meter_under_test(PLATE, "16-bit", seed=3, current_error=0.005)
    assert error(meter, Condition(1.0)) == pytest.approx(0.5, abs=0.03)
    assert error(meter, Condition(0.2, HALF_INDUCTIVE)) == pytest.approx(0.5, abs=0.08)


def test_errors_of_single_phases_are_put_into_those() -> None:
    meter = meter_under_test(PLATE, "16-bit", seed=3, current_error=(0.0, 0.01))
    assert error(meter, Condition(1.0, loaded=(1,))) == pytest.approx(1.0, abs=0.03)
    assert error(meter, Condition(1.0)) == pytest.approx(1.0 / 3.0, abs=0.03)


def test_a_coil_has_room_for_the_harmonics_of_the_test() -> None:
    plate = usual_nameplate(accuracy_class("62053-21", "1"))
    coil = meter_under_test(plate, "rogowski", seed=3)
    strongest = Condition(0.5 * plate.maximum_share, waveform=Waveform.FIFTH)
    assert abs(error(coil, strongest)) < 0.05


@pytest.mark.parametrize(
    ("standard", "name", "connection", "usual"),
    [
        ("62053-22", "0.2S", None, "16-bit"),
        ("62053-21", "1", None, "dc-tolerant"),
        ("MI-003", "B", Connection.DIRECT, "dc-tolerant"),
        ("MI-003", "C", Connection.DIRECT, "rogowski"),
        ("62053-23", "2", None, "dc-tolerant"),
    ],
)
def test_each_class_has_a_usual_front_end(
    standard: str, name: str, connection: Connection | None, usual: str
) -> None:
    plate = usual_nameplate(accuracy_class(standard, name, connection))
    assert usual_front_end(plate) == usual


def test_a_coil_has_forgotten_the_switching_on() -> None:
    coil = meter_under_test(PLATE, "rogowski", seed=1)
    for share in (1.0, 2.0):
        assert abs(error(coil, Condition(share, HALF_INDUCTIVE))) < 0.003
    assert coil.settling_s == 8.0


def test_a_pole_that_is_not_there_cannot_err() -> None:
    with pytest.raises(InputError, match="no filter"):
        meter_under_test(PLATE, "ideal", seed=3, pole_error=0.1)


def test_bursts_are_counted_over_whole_patterns() -> None:
    ideal = meter_under_test(PLATE, "ideal", seed=3)
    assert abs(error(ideal, Condition(0.5, waveform=Waveform.BURST))) < 0.05


def test_it_starts_and_does_not_creep(meter: MeterUnderTest) -> None:
    started = watch(meter, Condition(PLATE.accuracy.start), 50.0)
    assert started.pulses == 2
    assert watch(meter, Condition(0.0, volts=1.15), 20.0).register_pulses == 0.0


@pytest.mark.parametrize("name", FRONT_ENDS)
def test_every_front_end_takes_the_largest_current(name: str) -> None:
    settings = front_end_settings(name, PLATE)
    assert settings.channels == 7


@pytest.mark.parametrize("name", FRONT_ENDS)
def test_every_front_end_fits_its_nameplate(name: str) -> None:
    large = replace(PLATE, nominal_voltage=690.0, reference_current=200.0, maximum_current=1000.0)
    meter = meter_under_test(large, name, seed=3)
    assert abs(error(meter, Condition(large.maximum_share, volts=1.1))) < 0.05


def test_rare_pulses_are_waited_for() -> None:
    rare = meter_under_test(replace(PLATE, constant=500), "ideal", seed=3)
    found = measure(rare, Condition(0.1), target=0.05)
    assert found.count is not None
    assert found.count.pulses >= 5
    assert abs(found.count.error) < 0.01


def test_an_unknown_front_end_is_told_with_those_there_are() -> None:
    with pytest.raises(InputError, match="16-bit"):
        front_end_settings("12-bit", PLATE)
