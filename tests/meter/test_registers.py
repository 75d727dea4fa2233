"""Registers count in millionths, show whole units and never go back."""

import pytest

from addad.meter.registers import REACTIVE_IMPORT, TOTAL, Quantity, Registers


def increment(**by_name: int) -> list[int]:
    """32 increments; the names are those of `Quantity`, on the total."""
    values = [0] * 32
    for name, value in by_name.items():
        values[TOTAL * 8 + Quantity[name]] = value
    return values


def test_millionths_are_carried_into_whole_units() -> None:
    registers = Registers()
    for _ in range(3):
        registers.add(increment(ACTIVE_IMPORT=400_000))
    assert registers.whole(Quantity.ACTIVE_IMPORT) == 1
    assert registers.micro(Quantity.ACTIVE_IMPORT) == 1_200_000
    assert registers.whole(Quantity.ACTIVE_EXPORT) == 0


def test_a_sum_of_quadrants_is_cut_once() -> None:
    registers = Registers()
    registers.add(increment(REACTIVE_Q1=600_000, REACTIVE_Q2=600_000))
    assert registers.whole(*REACTIVE_IMPORT) == 1


def test_each_phase_has_its_own() -> None:
    registers = Registers()
    registers.add([n * 1_000_000 for n in range(32)])
    assert [registers.whole(Quantity.ACTIVE_EXPORT, channel=c) for c in range(4)] == [1, 9, 17, 25]


@pytest.mark.parametrize("bad", [increment(ACTIVE_IMPORT=-1), [0] * 31, []])
def test_nothing_lowers_a_register(bad: list[int]) -> None:
    registers = Registers()
    registers.add([5] * 32)
    before = registers.snapshot()
    with pytest.raises(ValueError, match="increment"):
        registers.add(bad)
    assert registers.snapshot() == before


def test_lifting_never_lowers() -> None:
    registers = Registers()
    registers.add(increment(ACTIVE_IMPORT=7_500_000))
    registers.raise_to(5, Quantity.ACTIVE_IMPORT)
    assert registers.micro(Quantity.ACTIVE_IMPORT) == 7_500_000
    registers.raise_to(9, Quantity.ACTIVE_IMPORT)
    assert registers.whole(Quantity.ACTIVE_IMPORT) == 9


def test_clients_are_shown_what_is_durable_and_never_a_number_that_a_cut_would_lower() -> None:
    registers = Registers()
    registers.add(increment(ACTIVE_IMPORT=5_000_000))
    assert registers.shown(Quantity.ACTIVE_IMPORT) == 5
    registers.snapshot()
    registers.mark_durable()
    registers.add(increment(ACTIVE_IMPORT=5_000_000))
    assert registers.shown(Quantity.ACTIVE_IMPORT) == 5
    assert registers.whole(Quantity.ACTIVE_IMPORT) == 10
    kept = registers.snapshot()
    registers.mark_durable()
    assert registers.shown(Quantity.ACTIVE_IMPORT) == 10
    again = Registers()
    again.restore(kept)
    again.add(increment(ACTIVE_IMPORT=5_000_000))
    assert again.shown(Quantity.ACTIVE_IMPORT) == 10
    registers.add(increment(ACTIVE_IMPORT=5_000_000))
    registers.mark_lost()
    assert registers.shown(Quantity.ACTIVE_IMPORT) == 15


def test_no_register_is_seen_lower_when_the_memory_comes_back_while_energy_flows() -> None:
    registers = Registers()
    registers.snapshot()
    registers.mark_durable()
    registers.mark_lost()
    seen = 0
    for recovering in (False, True, True, True):
        registers.snapshot()
        registers.add(increment(ACTIVE_IMPORT=5_000_000))  # while the commit is being written
        assert registers.shown(Quantity.ACTIVE_IMPORT) >= seen
        seen = registers.shown(Quantity.ACTIVE_IMPORT)
        if recovering:
            registers.mark_durable()
        assert registers.shown(Quantity.ACTIVE_IMPORT) >= seen
        seen = registers.shown(Quantity.ACTIVE_IMPORT)
    assert seen == 15


def test_what_is_kept_comes_back_exactly_and_nothing_else_does() -> None:
    registers = Registers()
    registers.add(range(32))
    again = Registers()
    again.restore(registers.snapshot())
    assert again.snapshot() == registers.snapshot()
    for bad in ([0] * 31, [-1] * 32, ["x"] * 32):
        with pytest.raises(ValueError):  # noqa: PT011 - int() words it in its own way
            again.restore(bad)
