import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from addad.errors import InputError
from addad.metrology.energy import (
    REGISTERS,
    SUMS,
    EnergyIncrement,
    EnergyRegister,
    EnergySettings,
    count_energy,
)

E = EnergyRegister


def counted(p, q, s, i=(10.0, 10.0, 10.0), seconds=3.6, gates=(0.02, 1.0), times=1):
    carry = np.zeros((SUMS, REGISTERS))
    total = np.zeros((SUMS, REGISTERS), np.int64)
    for _ in range(times):
        quanta = np.zeros((SUMS, REGISTERS), np.int64)
        count_energy(
            np.array(p, float), np.array(q, float), np.array(s, float), np.array(i, float),
            seconds, gates, carry, quanta,
        )  # fmt: skip
        total += quanta
    return total


@pytest.mark.parametrize(
    ("p", "q", "active", "reactive", "apparent"),
    [
        (1000, 500, E.ACTIVE_IMPORT_UWH, E.REACTIVE_Q1_UVARH, E.APPARENT_IMPORT_UVAH),
        (-1000, 500, E.ACTIVE_EXPORT_UWH, E.REACTIVE_Q2_UVARH, E.APPARENT_EXPORT_UVAH),
        (-1000, -500, E.ACTIVE_EXPORT_UWH, E.REACTIVE_Q3_UVARH, E.APPARENT_EXPORT_UVAH),
        (1000, -500, E.ACTIVE_IMPORT_UWH, E.REACTIVE_Q4_UVARH, E.APPARENT_IMPORT_UVAH),
    ],
)
def test_each_quadrant_has_its_registers(p, q, active, reactive, apparent):
    total = counted([p, 0, 0], [q, 0, 0], [1200, 0, 0])
    expected = np.zeros(REGISTERS, np.int64)
    expected[[active, reactive, apparent]] = [1_000_000, 500_000, 1_200_000]
    np.testing.assert_array_equal(total[0], expected)
    np.testing.assert_array_equal(total[3], expected)
    assert not total[1:3].any()


def test_import_and_export_are_counted_by_phase_and_netted_in_the_total():
    total = counted([1000, -1000, 500], [0, 0, 0], [1000, 1000, 500])
    np.testing.assert_array_equal(total[:, E.ACTIVE_IMPORT_UWH], [1_000_000, 0, 500_000, 500_000])
    np.testing.assert_array_equal(total[:, E.ACTIVE_EXPORT_UWH], [0, 1_000_000, 0, 0])


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
        count_energy(
            np.array([p, 0, 0]), zero, np.array([abs(p), 0, 0]), np.ones(3) * 5, seconds,
            (0.0, 0.0), carry, quanta,
        )  # fmt: skip
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
