"""What is stated of the instrument, and what is said of what is not."""

import math

import pytest

from addad.lab.measure_accuracy import UNSTATED, parse_accuracy
from addad.world.recording import ChoiceError

ALL = (True,) * 7


def test_limits_become_standard_uncertainties_of_rectangles() -> None:
    stated = parse_accuracy("U=0.2%/10min, I=0.5%/30′,I2=1%,IN=3000ppm/5mrad,clock=20ppm")
    given = stated.inputs((0.0,) * 7, 50.0)
    root = math.sqrt(3.0)
    assert given.gain == pytest.approx([x / root for x in (*[2e-3] * 3, 5e-3, 1e-2, 5e-3, 3e-3)])
    minute = math.pi / 10800.0
    angles = (*[10 * minute] * 3, 30 * minute, 0.0, 30 * minute, 5e-3)
    assert given.phase == pytest.approx([x / root for x in angles])
    assert given.clock == pytest.approx(20e-6 / root)
    at_sixty = stated.inputs((0.0,) * 7, 60.0)
    assert at_sixty.phase[0] == pytest.approx(given.phase[0] * 50.0 / 60.0)


def test_what_is_not_stated_is_said() -> None:
    assert "nobody stated it" in UNSTATED.told(ALL, powered=True)
    half = parse_accuracy("U=0.2%/10min,I1=1%").told(
        (True, False, False, True, True, False, False), True
    )
    assert half.endswith("not stated, and not in it: I2, angle of I1, clock")
    whole = parse_accuracy("U=0.2%/10min,I=1%/30min,clock=1ppm").told(ALL, powered=True)
    assert "not stated" not in whole
    assert "angle" not in parse_accuracy("U=1%,clock=1ppm").told(
        (True, *[False] * 6), powered=False
    )


@pytest.mark.parametrize(
    "text",
    ["", "U", "U=0.2", "U=-1%", "U=nan%", "U=150%", "U=1%/200deg", "X=1%", "U=1%,U=2%", "U4=1%",
     "clock=1%/3min", "U=1%,,I=1%", "U=1%/3", "U=" + "9" * 400 + "%"],
)  # fmt: skip
def test_what_is_no_accuracy_is_refused_with_its_form(text: str) -> None:
    with pytest.raises(ChoiceError, match="--accuracy"):
        parse_accuracy(text)
