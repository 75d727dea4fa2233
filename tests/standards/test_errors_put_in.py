"""What is put into a calibrated meter shows where theory has it, to a hundredth of a percent.

Active power of one phase, the current leading by d [rad] and larger by g, the load lagging by φ:

    e = (1 + g) cos(φ − d) / cos φ − 1

Each error is the difference between the meter with it and the same meter without, so that what
noise and crosstalk of the unit leave takes no part.
"""

import math
from dataclasses import replace
from functools import cache

import pytest

from addad.lab.type_test_bench import MeterUnderTest, measure, meter_under_test
from addad.lab.type_test_conditions import Condition, usual_nameplate
from addad.metrology.accuracy_classes import (
    EIGHT_CAPACITIVE,
    HALF_CAPACITIVE,
    HALF_INDUCTIVE,
    QUARTER_INDUCTIVE,
    UNITY,
    Energy,
    Factor,
)
from addad.metrology.accuracy_tables import accuracy_class

PLATE = usual_nameplate(accuracy_class("62053-22", "0.2S"))
FACTORS = (UNITY, HALF_INDUCTIVE, EIGHT_CAPACITIVE, QUARTER_INDUCTIVE, HALF_CAPACITIVE)
POLE_S = 1_056.57 * 33e-9
"""The time constant of a current's input: 1 kΩ and its burden of 56.57 Ω, 33 nF."""
OMEGA = 2.0 * math.pi * 50.0


def made(**put_in) -> MeterUnderTest:
    return meter_under_test(PLATE, "16-bit", seed=4, **put_in)


@cache
def clean() -> MeterUnderTest:
    return made()


def error(meter: MeterUnderTest, condition: Condition) -> float:
    count = measure(meter, condition, target=0.004).count
    assert count is not None
    return count.error


@cache
def without(condition: Condition) -> float:
    return error(clean(), condition)


def shift(meter: MeterUnderTest, condition: Condition) -> float:
    """By how much what was put in moves the error [%]."""
    return error(meter, condition) - without(condition)


def theory(factor: Factor, *, lead: float = 0.0, gain: float = 0.0) -> float:
    """The error [%] of one phase's active power."""
    lag = factor.angle(Energy.ACTIVE)
    return 100.0 * ((1.0 + gain) * math.cos(lag - lead) / math.cos(lag) - 1.0)


@pytest.mark.parametrize("factor", FACTORS, ids=str)
def test_a_lead_of_thirty_minutes(factor):
    lead = math.radians(0.5)
    meter = made(phase_error=lead)
    for share in (0.1, 1.0):
        found = shift(meter, Condition(share, factor))
        assert found == pytest.approx(theory(factor, lead=lead), abs=0.01)


@pytest.mark.parametrize("factor", FACTORS[:3], ids=str)
def test_half_a_percent_of_gain(factor):
    found = shift(made(current_error=0.005), Condition(1.0, factor))
    assert found == pytest.approx(0.5, abs=0.003)


def test_one_phase_alone_errs_and_a_third_of_it_shows_in_the_balance():
    lead = math.radians(0.5)
    meter = made(phase_error=(0.0, lead, 0.0), current_error=(0.005,))
    of_two = theory(HALF_INDUCTIVE, lead=lead)
    for phase, wanted in enumerate((0.5, of_two, 0.0)):
        alone = Condition(1.0, HALF_INDUCTIVE, loaded=(phase,))
        assert shift(meter, alone) == pytest.approx(wanted, abs=0.01)
    balanced = shift(meter, Condition(1.0, HALF_INDUCTIVE))
    assert balanced == pytest.approx((0.5 + of_two) / 3.0, abs=0.01)


def test_a_tenth_of_the_pole_is_0_18_percent_at_half_the_power_factor():
    lag = math.atan(OMEGA * 1.1 * POLE_S) - math.atan(OMEGA * POLE_S)
    droop = math.hypot(1.0, OMEGA * POLE_S) / math.hypot(1.0, OMEGA * 1.1 * POLE_S) - 1.0
    assert theory(HALF_INDUCTIVE, lead=-math.atan(OMEGA * 3.3e-6)) == pytest.approx(
        -0.18, abs=0.002
    )
    meter = made(pole_error=0.1)
    for factor in FACTORS:
        # the poles of a unit are drawn to two percent
        found = shift(meter, Condition(1.0, factor))
        assert found == pytest.approx(theory(factor, lead=-lag, gain=droop), rel=0.04, abs=0.002)


def test_a_skew_between_voltages_and_currents_is_a_lead():
    # U1 U2 U3 I1 I2 I3: a current is sampled three steps after its voltage
    settings = clean().settings
    slow = replace(settings.converter, skew_s=settings.converter.skew_s + 4e-6)
    meter = replace(clean(), settings=replace(settings, converter=slow))
    for factor in (UNITY, HALF_INDUCTIVE, EIGHT_CAPACITIVE):
        found = shift(meter, Condition(1.0, factor))
        assert found == pytest.approx(theory(factor, lead=OMEGA * 12e-6), abs=0.003)


def test_offsets_of_both_circuits_together_add_their_product():
    # P grows by Σ U0 I0; what undoes a transformer's lead raises I0 by 200 tan(lead), 50 Hz over
    # the quarter of a hertz at which its integral forgets
    settings = clean().settings
    worse = replace(settings.converter, offset=20.0 * settings.converter.offset)
    meter = replace(clean(), settings=replace(settings, converter=worse))
    unit, then = meter.unit(23.0).actual, clean().unit(23.0).actual
    off = [a - b for a, b in zip(unit.offset_counts, then.offset_counts, strict=True)]
    for point, share in ((0, 0.02), (1, 1.0)):
        direct = 0.0
        for k in range(3):
            curve = clean().calibration.curves[3 + k]
            raised = 1.0 + 200.0 * math.tan(curve.lead[point])
            amperes = unit.amperes_per_count[k] * off[3 + k] * raised
            direct += unit.volts_per_count[k] * off[k] * amperes
        power = 3.0 * 230.0 * 5.0 * share
        assert shift(meter, Condition(share)) == pytest.approx(100.0 * direct / power, rel=0.04)


def test_noise_widens_the_uncertainty_and_moves_nothing():
    settings = clean().settings
    loud = replace(settings.converter, noise=30.0 * settings.converter.noise)
    meter = replace(clean(), settings=replace(settings, converter=loud))
    quiet = measure(clean(), Condition(0.05), target=1.0).count
    found = measure(meter, Condition(0.05), target=1.0).count
    assert found is not None
    assert quiet is not None
    assert found.uncertainty > 2.0 * quiet.uncertainty
    assert abs(found.error - quiet.error) < found.uncertainty + quiet.uncertainty


@pytest.mark.parametrize("share", [0.02, 0.05, 1.0])
def test_fewer_bits_err_by_what_a_quantiser_leaves_of_a_sine(share):
    # a sine of A steps without noise: its fundamental is off by Σ 2/(nπA) J1(2πnA), at most
    # 2.61 times 2/(π²A^1.5); a count of eleven bits is worth 2⁵ of one of sixteen
    settings, known = clean().settings, clean().calibration
    coarse = replace(settings, converter=replace(settings.converter, bits=11))
    counts = replace(
        known,
        gain=tuple(32.0 * gain for gain in known.gain),
        offset=tuple(offset / 32.0 for offset in known.offset),
    )
    found = shift(replace(clean(), settings=coarse, calibration=counts), Condition(share))
    steps = 2.0**0.5 * 5.0 * share / counts.gain[3]
    assert 1e-5 < abs(found) < 100.0 * 2.61 * 2.0 / (math.pi**2 * steps**1.5)
