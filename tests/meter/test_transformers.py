"""Ratios of transformers: how they are written, and readings of the other side."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addad.errors import InputError
from addad.meter.measured import Reading
from addad.meter.transformers import Ratio, TransformerRatios, Transformers

RATIOS = TransformerRatios(Ratio(200, 5), Ratio(20_000, 100))


def at_terminals(energy: list[int]) -> Reading:
    return Reading(
        start_s=0.0,
        duration_s=0.2,
        frequency=50.0,
        u_rms=[57.7] * 3,
        i_rms=[4.0, 4.0, 4.0, 0.5],
        p=[200.0] * 3,
        q=[-10.0] * 3,
        pf=[0.9] * 3,
        p_total=600.0,
        q_total=-30.0,
        s_total=690.0,
        pf_total=0.9,
        thd_u=[0.02] * 3,
        thd_i=[0.1] * 3,
        u_angle=[0.0] * 3,
        i_angle=[0.4] * 3,
        energy=energy,
        flags=0,
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("200", "write a ratio in whole numbers, as 200/5"),
        ("200/5 A", "whole numbers"),
        ("200/0", "both parts are 1 to"),
        ("5/200", "primary first, as in 200/5"),
        ("99999999/1", "both parts are 1 to 10000000"),
    ],
)
def test_a_ratio_that_cannot_be_is_refused_in_words(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        Ratio.parse(text)


def test_a_ratio_is_written_as_on_the_nameplate() -> None:
    assert Ratio.parse(" 200/5 ") == Ratio(200, 5)
    assert str(Ratio(200, 5)) == "200/5"
    with pytest.raises(InputError, match="together at most 600000"):
        TransformerRatios(Ratio(5000, 1), Ratio(400_000, 100))


def test_a_reading_becomes_that_of_the_primary_side_and_keeps_its_ratios() -> None:
    shown = Transformers(RATIOS).shown(at_terminals([7] * 32))
    assert shown.u_rms == pytest.approx([11_540.0] * 3)
    assert shown.i_rms == pytest.approx([160.0] * 3 + [20.0])
    assert shown.p_total == pytest.approx(600.0 * 8000)
    assert shown.s_total == pytest.approx(690.0 * 8000)
    assert (shown.pf, shown.thd_i, shown.i_angle) == ([0.9] * 3, [0.1] * 3, [0.4] * 3)
    assert shown.energy == [56_000] * 32
    for direct in (None, TransformerRatios(Ratio(200, 5), primary=False)):
        reading = at_terminals([7] * 32)
        assert Transformers(direct).shown(reading) is reading


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=20))
def test_no_quantum_is_lost_in_the_division(quanta: list[int]) -> None:
    before = Transformers(TransformerRatios(Ratio(100, 3)))
    for count, each in enumerate(quanta):
        shown = before.shown(at_terminals([each] * 32)).energy[0]
        after = Transformers(None)
        after.restore(before.snapshot())
        before = after
        quanta[count] = shown - each * 100 // 3
    assert all(rest in (0, 1) for rest in quanta)
    assert sum(quanta) <= len(quanta)


def test_a_state_is_kept_and_what_is_none_is_refused() -> None:
    kept = Transformers(RATIOS)
    assert str(kept) == "behind 200/5 and 20000/100, with primary values"
    again = Transformers(None)
    again.restore(kept.snapshot())
    assert again.ratios == RATIOS
    again.restore([])
    assert str(again) == "connected directly"
    for wrong in ([1, 1], [0, 1, 1, 1, 1, *[0] * 32]):
        with pytest.raises(ValueError, match="ratio"):
            again.restore(wrong)


def test_powers_are_shown_coarser_where_they_would_not_fit() -> None:
    assert Transformers(RATIOS).power_decades == 0
    assert Transformers(TransformerRatios(Ratio(1000, 5), Ratio(110_000, 100))).power_decades == 1
