"""The house is a table that makes sense row by row."""

from addad.world.appliances import HOUSE


def test_names_are_unique_and_every_phase_has_its_share() -> None:
    assert len({row.name for row in HOUSE}) == len(HOUSE)
    for phase in ("L1", "L2", "L3"):
        rated = sum(row.power_w for row in HOUSE if row.phase == phase)
        assert 2_000.0 < rated < 9_000.0


def test_the_house_has_resistors_motors_and_electronics() -> None:
    kinds = {row.signature.name if row.signature else "resistor" for row in HOUSE}
    assert len(kinds) >= 8


def test_only_motors_and_supplies_have_an_inrush() -> None:
    for row in HOUSE:
        assert row.inrush >= 1.0
        assert (row.inrush > 1.0) == (row.inrush_s > 0.0)
        assert row.inrush == 1.0 or row.signature is not None
