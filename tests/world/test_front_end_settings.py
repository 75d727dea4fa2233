"""The drawings: full scales that fit, what may be changed of them, and what cannot be."""

import math

import pytest

from addad.world.front_end import FrontEnd
from addad.world.front_end_converter import Converter
from addad.world.front_end_rogowski import RogowskiCoil
from addad.world.front_end_settings import FrontEndSettings
from addad.world.front_end_transformers import CurrentTransformer, Unit


def test_impossible_front_ends_are_refused() -> None:
    with pytest.raises(ValueError, match="bits"):
        FrontEndSettings(converter=Converter(bits=33))
    with pytest.raises(ValueError, match="currents"):
        FrontEndSettings(currents=5)
    for rate in (0.0, math.inf, math.nan):
        with pytest.raises(ValueError, match="more than 0"):
            FrontEndSettings(sample_rate=rate)


@pytest.mark.parametrize("maximum_current", [1.2, 10.0, 80.0])
@pytest.mark.parametrize("preset", [FrontEndSettings.sixteen_bit, FrontEndSettings.twenty_four_bit])
def test_full_scale_is_five_quarters_of_the_largest_peak(
    preset: type[FrontEndSettings], maximum_current: float
) -> None:
    drawing = preset(maximum_current=maximum_current)
    volts = drawing.current.gain(Unit()) * maximum_current * math.sqrt(2.0)
    assert 1.25 * volts == pytest.approx(drawing.converter.full_scale)


def test_a_coil_keeps_room_for_the_slope_of_harmonics() -> None:
    drawing = FrontEndSettings.twenty_four_bit().rogowski()
    assert isinstance(drawing.current, RogowskiCoil)
    plain, coil = (
        abs(FrontEnd(s).response(50.0)[3]) for s in (FrontEndSettings.twenty_four_bit(), drawing)
    )
    assert plain / coil == pytest.approx(2.5, rel=0.02)
    assert FrontEndSettings().rogowski(drawing.current).current is drawing.current


def test_dc_tolerant_transformers_lead_more_and_a_coil_stays_as_it_is() -> None:
    plain = FrontEndSettings.twenty_four_bit()
    tolerant = plain.dc_tolerant().current
    assert isinstance(tolerant, CurrentTransformer)
    assert isinstance(plain.current, CurrentTransformer)
    assert tolerant.lead > 10.0 * plain.current.lead
    coil = plain.rogowski()
    assert coil.dc_tolerant() is coil
