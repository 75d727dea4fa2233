"""The plan of a class: every load point and influence of its table, each against its limit."""

from dataclasses import replace

import pytest

from addad.lab.type_test_conditions import Condition, Waveform, usual_nameplate
from addad.lab.type_test_plan import PlannedTest, Rule, Section, paper_plan, plan_of
from addad.metrology.accuracy_classes import Influence
from addad.metrology.accuracy_tables import CLASSES, accuracy_class


@pytest.mark.parametrize("one", CLASSES, ids=lambda c: f"{c.standard}-{c.name}-{c.connection}")
def test_every_load_point_has_a_limit_and_every_influence_a_test(one: object) -> None:
    plate = usual_nameplate(one)  # type: ignore[arg-type]
    plan = plan_of(plate)
    assert all(item.limit is not None for item in plan)
    assert len({(i.section, i.label) for i in plan}) == len(plan)
    tested = {item.curve for item in plan if item.section is Section.INFLUENCE}
    assert tested == {row.influence.value for row in plate.accuracy.influences}
    rules = {item.rule for item in plan}
    assert {Rule.ERROR, Rule.START, Rule.NO_LOAD, Rule.CONSTANT, Rule.SPREAD} <= rules


def test_class_02s_goes_from_a_hundredth_of_in_to_imax() -> None:
    plan = plan_of(usual_nameplate(accuracy_class("62053-22", "0.2S")))
    labels = [i.label for i in plan if i.section is Section.BALANCED]
    assert labels[0] == "0.01 In, cos φ 1"
    assert "Imax, cos φ 0.25 inductive" in labels
    assert sum(i.section is Section.SINGLE_PHASE for i in plan) == 18


def test_only_direct_meters_bear_a_direct_current() -> None:
    direct = plan_of(usual_nameplate(accuracy_class("62053-21", "1")))
    through = plan_of(usual_nameplate(accuracy_class("62053-22", "0.5S")))
    assert any(i.curve == Influence.DC_AND_EVEN for i in direct)
    assert not any(i.curve == Influence.DC_AND_EVEN for i in through)


def test_the_directives_temperatures_have_a_load_of_each_row() -> None:
    plan = plan_of(usual_nameplate(accuracy_class("MI-003", "C")))
    found = {i.label: i.limit for i in plan if i.section is Section.TEMPERATURE}
    for celsius, below, beyond, single in (
        ("-10", 1.3, 1.0, 1.3), ("+40", 1.3, 1.0, 1.3), ("-25", 1.7, 1.3, 1.7),
        ("+55", 1.7, 1.3, 1.7), ("-40", 2.0, 1.5, 2.0), ("+70", 2.0, 1.5, 2.0),
    ):  # fmt: skip
        assert found[f"{celsius} °C, 0.01 In, cos φ 1"] == below
        assert found[f"{celsius} °C, 0.05 In, cos φ 1"] == beyond
        assert found[f"{celsius} °C, In, cos φ 0.5 inductive"] == beyond
        assert found[f"{celsius} °C, Imax, cos φ 1"] == beyond
        assert found[f"{celsius} °C, L1, In, cos φ 1"] == single
    assert len(found) == 30
    temperatures = {i.conditions[0].temperature for i in plan if i.section is Section.TEMPERATURE}
    assert temperatures == {-40.0, -25.0, -10.0, 40.0, 55.0, 70.0}


def test_a_fast_plan_keeps_each_kind_of_test_that_a_verdict_needs() -> None:
    plate = usual_nameplate(accuracy_class("62053-22", "0.2S"))
    fast, every = plan_of(plate, fast=True), plan_of(plate)
    assert len(fast) < 0.6 * len(every)
    alone = [i.conditions[0] for i in fast if i.section is Section.SINGLE_PHASE]
    assert {c.loaded for c in alone} == {(0,), (1,), (2,)}
    assert {i.curve for i in fast if i.section is Section.INFLUENCE} == {
        i.curve for i in every if i.section is Section.INFLUENCE
    }


def test_the_papers_plan_has_its_seven_points() -> None:
    plan = paper_plan(usual_nameplate(accuracy_class("62053-21", "1")))
    assert [item.label for item in plan] == [
        "0.05 Ib, cos φ 1",
        "0.1 Ib, cos φ 1",
        "Ib, cos φ 1",
        "Imax, cos φ 1",
        "0.1 Ib, cos φ 0.5 inductive",
        "Ib, cos φ 0.5 inductive",
        "Imax, cos φ 0.5 inductive",
    ]


def test_the_no_load_test_lasts_as_long_as_the_formula_asks() -> None:
    plan = plan_of(usual_nameplate(accuracy_class("62053-22", "0.2S")))
    (item,) = (i for i in plan if i.rule is Rule.NO_LOAD)
    assert item.seconds == pytest.approx(60.0 * 900e6 / (50_000 * 3 * 230 * 10))


def _influences(standard: str, name: str) -> dict[str, PlannedTest]:
    plan = plan_of(usual_nameplate(accuracy_class(standard, name)))
    return {i.label: i for i in plan if i.section is Section.INFLUENCE}


@pytest.mark.parametrize(
    ("label", "changed"),
    [
        ("voltage −10 %, Ib, cos φ 1", {"volts": 0.9}),
        ("voltage +10 %, Ib, cos φ 1", {"volts": 1.1}),
        ("frequency −2 %, Ib, cos φ 0.5 inductive", {"frequency": 0.98}),
        ("frequency +2 %, Ib, cos φ 0.5 inductive", {"frequency": 1.02}),
        ("reversed phase sequence, 0.1 Ib, cos φ 1", {"reversed_sequence": True}),
        ("voltage of L2 missing, Ib, cos φ 1", {"missing": (1,)}),
        ("voltage of L1 and L3 missing, Ib, cos φ 1", {"missing": (0, 2)}),
        (
            "5th harmonic, 10 % in voltage, 40 % in current, 0.5 Imax, cos φ 1",
            {"waveform": Waveform.FIFTH},
        ),
        ("half-wave rectified current, Imax/√2, cos φ 1", {"waveform": Waveform.HALF_WAVE}),
        ("current phase-fired at 90°, 0.5 Ib, cos φ 1", {"waveform": Waveform.PHASE_FIRED}),
        (
            "current in bursts, two cycles on, two off, 0.5 Ib, cos φ 1",
            {"waveform": Waveform.BURST},
        ),
    ],
)
def test_an_influence_is_what_its_name_says_against_the_reference(
    label: str, changed: dict[str, object]
) -> None:
    item = _influences("62053-21", "1")[label]
    influenced, plain = item.conditions
    assert influenced == replace(plain, **changed)  # type: ignore[arg-type]
    assert plain == Condition(plain.share, plain.factor)


def test_an_influence_is_tested_at_the_current_of_its_row() -> None:
    found = _influences("62053-21", "1")
    shares = {i.curve: {c.share for c in i.conditions} for i in found.values()}
    assert shares[Influence.HARMONICS] == {8.0}
    assert list(shares[Influence.DC_AND_EVEN]) == [pytest.approx(16.0 / 2.0**0.5)]
    assert shares[Influence.ODD_HARMONICS] == {0.5}
    currents = {i.conditions[0].share for i in found.values() if i.curve == Influence.VOLTAGE}
    assert currents == {0.05, 0.1, 1.0, 16.0}


def test_temperatures_are_ten_kelvins_to_either_side() -> None:
    items = [i for i in _influences("62053-22", "0.2S").values() if i.rule is Rule.COEFFICIENT]
    assert {tuple(c.temperature for c in i.conditions) for i in items} == {(33.0, 13.0)}


def test_start_no_load_and_repeatability_are_as_they_are_called() -> None:
    plan = plan_of(usual_nameplate(accuracy_class("62053-22", "0.2S")))
    (start,) = (i for i in plan if i.rule is Rule.START)
    pulse = 3.6e6 / (50_000 * 3 * 230 * 5 * 0.001)
    assert (start.limit, start.seconds) == (pytest.approx(3 * pulse), pytest.approx(3 * pulse))
    assert start.conditions == (Condition(0.001),)
    (empty,) = (i for i in plan if i.rule is Rule.NO_LOAD)
    assert empty.conditions == (Condition(0.0, volts=1.15),)
    assert {len(set(i.conditions)) for i in plan if i.rule is Rule.SPREAD} == {5}
