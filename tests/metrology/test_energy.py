import itertools
import os
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from addad.errors import InputError
from addad.metrology import Instrument, InstrumentSettings
from addad.metrology.energy import (
    REGISTERS,
    SUMS,
    EnergyIncrement,
    EnergyRegister,
    EnergySettings,
    SummationLaw,
    count_energy,
)
from addad.metrology.kernels import kernel

E = EnergyRegister


def counted(
    p, q, s, i=(10.0, 10.0, 10.0), seconds=3.6, gates=(0.02, 1.0), times=1,
    law=SummationLaw.VECTOR, fundamental=None,
):  # fmt: skip
    carry = np.zeros((SUMS, REGISTERS))
    total = np.zeros((SUMS, REGISTERS), np.int64)
    for _ in range(times):
        quanta = np.zeros((SUMS, REGISTERS), np.int64)
        phases = np.array([p, q, s, p if fundamental is None else fundamental], float)
        count_energy(phases, np.array(i, float), seconds, (*gates, int(law)), carry, quanta)
        total += quanta
    return total


@pytest.mark.parametrize(
    ("p", "q", "active", "reactive", "apparent"),
    [
        (1000, 500, 0, E.REACTIVE_Q1_UVARH, 6),
        (-1000, 500, 1, E.REACTIVE_Q2_UVARH, 7),
        (-1000, -500, 1, E.REACTIVE_Q3_UVARH, 7),
        (1000, -500, 0, E.REACTIVE_Q4_UVARH, 6),
    ],
)
def test_each_quadrant_has_its_registers(p, q, active, reactive, apparent):
    total = counted([p, 0, 0], [q, 0, 0], [1250, 0, 0], fundamental=[0.9 * p, 0, 0])
    expected = np.zeros(REGISTERS, np.int64)
    expected[[active, reactive, apparent]] = [1_000_000, 500_000, 1_250_000]
    expected[[8 + active, E.NONACTIVE_UVARH]] = [900_000, 750_000]
    np.testing.assert_array_equal(total[0], expected)
    np.testing.assert_array_equal(total[3], expected)
    assert not total[1:3].any()


def test_import_and_export_are_counted_by_phase_and_netted_in_the_total():
    total = counted([1000, -1000, 500], [0, 0, 0], [1000, 1000, 500])
    np.testing.assert_array_equal(total[:, E.ACTIVE_IMPORT_UWH], [1_000_000, 0, 500_000, 500_000])
    np.testing.assert_array_equal(total[:, E.ACTIVE_EXPORT_UWH], [0, 1_000_000, 0, 0])


@pytest.mark.parametrize(
    ("law", "active", "reactive"),
    [
        (SummationLaw.VECTOR, (500_000, 0), (300_000, 0, 0, 0)),
        (SummationLaw.ARITHMETIC, (1_500_000, 1_000_000), (500_000, 0, 200_000, 0)),
        (SummationLaw.ABSOLUTE, (2_500_000, 0), (700_000, 0, 0, 0)),
        (SummationLaw.FERRARIS, (500_000, 0), (300_000, 0, 0, 0)),
    ],
)
def test_each_summation_law_makes_its_total(law, active, reactive):
    total = counted([1000, -1000, 500], [400, -200, 100], [1100, 1050, 520], law=law)
    assert tuple(total[3, [E.ACTIVE_IMPORT_UWH, E.ACTIVE_EXPORT_UWH]]) == active
    assert tuple(total[3, E.REACTIVE_Q1_UVARH : E.REACTIVE_Q4_UVARH + 1]) == reactive
    assert total[3, [E.APPARENT_IMPORT_UVAH, E.APPARENT_EXPORT_UVAH]].sum() == 2_670_000
    assert tuple(total[:3, E.ACTIVE_EXPORT_UWH]) == (0, 1_000_000, 0)


def test_the_disc_of_ferraris_does_not_run_backwards():
    total = counted([-1000, 200, 0], [0, 0, 0], [1000, 200, 0], law=SummationLaw.FERRARIS)
    assert not total[3, [0, 1, 6, 7, 8, 9]].any()
    balance = counted([-1000, 200, 0], [0, 0, 0], [1000, 200, 0])
    assert balance[3, E.ACTIVE_EXPORT_UWH] == balance[3, E.FUNDAMENTAL_EXPORT_UWH] == 800_000


@kernel
def lived(p, q, s, current, law, seconds, totals):
    """Count the seconds of `p`, `q`, `s` (seconds, 3) over and over."""
    carry, quanta = np.zeros((SUMS, REGISTERS)), np.zeros((SUMS, REGISTERS), np.int64)
    phases = np.empty((4, 3))
    for second in range(seconds):
        n = second % len(p)
        phases[0], phases[1], phases[2], phases[3] = p[n], q[n], s[n], p[n]
        count_energy(phases, current, 1.0, (0.02, 1.0, law), carry, quanta)
        totals += quanta


YEAR_S = 365 * 86_400


@pytest.mark.parametrize(
    ("law", "seconds"),
    [
        (SummationLaw.VECTOR, YEAR_S),
        (SummationLaw.ARITHMETIC, YEAR_S // 20),
        (SummationLaw.ABSOLUTE, YEAR_S // 20),
        (SummationLaw.FERRARIS, YEAR_S // 20),
    ],
)
def test_a_year_in_four_quadrants_is_conserved_to_the_quantum(law, seconds):
    rng = np.random.default_rng(8)
    # whole milliwatts over a day and a half: the exact sums are integers
    p = np.round(rng.normal(300.0, 2500.0, (131_071, 3)), 3)
    q = np.round(rng.normal(100.0, 800.0, (131_071, 3)), 3)
    p[np.abs(p) < 1.0], q[np.abs(q) < 1.0] = 2.5, -2.5
    s = np.hypot(p, q)
    totals = np.zeros((SUMS, REGISTERS), np.int64)
    lived(p, q, s, np.full(3, 5.0), int(law), seconds, totals)
    times = np.full(len(p), seconds // len(p), np.int64)
    times[: seconds % len(p)] += 1
    milli_p = np.round(p * 1000).astype(np.int64)
    milli_q = np.round(q * 1000).astype(np.int64)

    def quanta(milli):
        """Millionths of a unit-hour of so many milliunit-seconds, exactly."""
        return Fraction(int(milli), 1000) * 1_000_000 / 3600

    for phase in range(3):
        bought = quanta((times * milli_p[:, phase].clip(min=0)).sum())
        sold = quanta((times * (-milli_p[:, phase]).clip(min=0)).sum())
        assert abs(int(totals[phase, E.ACTIVE_IMPORT_UWH]) - bought) <= 1
        assert abs(int(totals[phase, E.ACTIVE_EXPORT_UWH]) - sold) <= 1
        first = (milli_p[:, phase] >= 0) & (milli_q[:, phase] > 0)
        inductive = quanta((times * milli_q[:, phase] * first).sum())
        assert abs(int(totals[phase, E.REACTIVE_Q1_UVARH]) - inductive) <= 1
    balance = milli_p.sum(axis=1)
    wanted = {
        SummationLaw.VECTOR: (balance.clip(min=0), (-balance).clip(min=0)),
        SummationLaw.ARITHMETIC: (
            milli_p.clip(min=0).sum(axis=1),
            (-milli_p).clip(min=0).sum(axis=1),
        ),
        SummationLaw.ABSOLUTE: (np.abs(milli_p).sum(axis=1), 0 * balance),
        SummationLaw.FERRARIS: (balance.clip(min=0), 0 * balance),
    }[law]
    for register, values in zip((E.ACTIVE_IMPORT_UWH, E.ACTIVE_EXPORT_UWH), wanted, strict=True):
        # three registers' fractions lie below the arithmetic total
        assert abs(int(totals[3, register]) - quanta((times * values).sum())) <= 3


CUTS = int(os.environ.get("ADDAD_CUTS", "200"))
"""How many cuts of the same samples are compared; ten thousand take a minute on a quiet machine."""


def test_however_a_stream_is_cut_it_counts_the_same():
    rate = 1_000.0
    t = np.arange(1_100) / rate
    rng = np.random.default_rng(9)
    columns = [325 * np.sin(2 * np.pi * (50.3 * t - k / 3)) for k in range(3)]
    columns += [
        np.linspace(-9, 9, len(t)) * np.sin(2 * np.pi * (50.3 * t - k / 3) - 0.5) for k in range(3)
    ]
    samples = (np.stack(columns, axis=-1) + rng.normal(0, 0.05, (len(t), 6)))[None]
    settings = InstrumentSettings(rate, currents=3)

    def registers(cuts):
        instrument = Instrument(settings)
        found = np.zeros((SUMS, REGISTERS), np.int64)
        for begin, end in itertools.pairwise([0, *cuts, len(t)]):
            for window in instrument.process(samples[:, begin:end]):
                found += window.energy.quanta[0]
        for window in instrument.flush():
            found += window.energy.quanta[0]
        return found

    whole = registers([])
    assert whole[:3, E.ACTIVE_IMPORT_UWH].all()
    assert whole[:3, E.ACTIVE_EXPORT_UWH].all()
    for _ in range(CUTS):
        cuts = np.sort(rng.integers(1, len(t), rng.integers(1, 8)))
        assert np.array_equal(registers(cuts.tolist()), whole)


def test_below_the_start_current_nothing_is_counted():
    assert not counted([4.6] * 3, [0] * 3, [4.6] * 3, i=[0.019] * 3).any()
    assert counted([4.6] * 3, [0] * 3, [4.6] * 3, i=[0.021] * 3).any()


def test_without_load_nothing_is_counted():
    assert not counted([0.9] * 3, [-0.9] * 3, [50] * 3).any()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e300])
def test_what_is_no_number_or_no_power_counts_nothing(bad):
    total = counted([bad, 1000, 1000], [0, 0, 0], [bad, 1000, 1000])
    assert not total[0].any()
    assert total[3, E.ACTIVE_IMPORT_UWH] == 2_000_000


@given(
    powers=st.lists(st.floats(-1e5, 1e5), min_size=1, max_size=30),
    seconds=st.floats(0.15, 0.25),
)
def test_no_quantum_is_lost_and_no_register_goes_back(powers, seconds):
    carry = np.zeros((SUMS, REGISTERS))
    total = np.zeros((SUMS, REGISTERS), np.int64)
    exact = 0.0
    zero = np.zeros(3)
    for p in powers:
        quanta = np.zeros((SUMS, REGISTERS), np.int64)
        phases = np.array([[p, 0, 0], zero, [abs(p), 0, 0], [p, 0, 0]])
        count_energy(phases, np.ones(3) * 5, seconds, (0.0, 0.0, 0), carry, quanta)
        assert quanta.min() >= 0
        total += quanta
        exact += p * seconds / 3600 * 1e6
    net = total[0, E.ACTIVE_IMPORT_UWH] - total[0, E.ACTIVE_EXPORT_UWH]
    assert net == pytest.approx(exact, abs=1.0 + 1e-6)


def test_an_increment_is_read_by_register():
    quanta = np.arange(2 * SUMS * REGISTERS).reshape(2, SUMS, REGISTERS)
    increment = EnergyIncrement(quanta)
    np.testing.assert_array_equal(increment.total, quanta[:, 3])
    np.testing.assert_array_equal(increment.of(E.REACTIVE_Q3_UVARH), quanta[:, :, 4])


@pytest.mark.parametrize("field", ["start_current", "no_load_power"])
@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf])
def test_gates_that_cannot_be_are_refused(field, bad):
    with pytest.raises(InputError, match=field):
        EnergySettings(**{field: bad})


@pytest.mark.parametrize(
    ("q", "register"), [(500, E.REACTIVE_Q1_UVARH), (-500, E.REACTIVE_Q4_UVARH)]
)
def test_reactive_power_alone_is_of_the_importing_quadrants(q, register):
    expected = np.zeros(REGISTERS, np.int64)
    expected[[register, E.APPARENT_IMPORT_UVAH, E.NONACTIVE_UVARH]] = 500_000
    total = counted([0, 0, 0], [q, 0, 0], [500, 0, 0])
    np.testing.assert_array_equal(total[0], expected)
    np.testing.assert_array_equal(total[3], expected)


def test_what_is_at_a_gate_counts():
    assert counted([4.6] * 3, [0] * 3, [4.6] * 3, i=[0.02] * 3)[:3, E.ACTIVE_IMPORT_UWH].all()
    at_the_gate = counted([1.0] * 3, [0] * 3, [1.0] * 3, gates=(0.02, 1.0))
    assert at_the_gate[0, E.ACTIVE_IMPORT_UWH] == 1_000


def test_turned_transformers_save_nothing_of_the_fundamental_either():
    powers = [1000, -1000, 500]
    total = counted(powers, [0, 0, 0], [1000, 1000, 500], law=SummationLaw.ABSOLUTE)
    assert total[3, E.FUNDAMENTAL_IMPORT_UWH] == 2_500_000
    assert total[3, E.FUNDAMENTAL_EXPORT_UWH] == 0


def test_a_power_that_no_line_carries_counts_nothing_in_any_register():
    total = counted([1e15, 0, 0], [-1e15, 0, 0], [1e15, 0, 0], seconds=0.2)
    assert not total.any()
    assert counted([1e14, 0, 0], [0, 0, 0], [1e14, 0, 0], seconds=0.2)[0, E.ACTIVE_IMPORT_UWH] > 0
