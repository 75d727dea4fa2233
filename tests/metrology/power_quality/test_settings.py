"""What a power-quality instrument is told."""

import pytest

from addad.errors import InputError
from addad.metrology.power_quality.settings import PowerQualitySettings
from addad.metrology.settings import InstrumentSettings


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"declared_voltage": 0.0}, "give 1 V to 1 MV"),
        ({"dip": 1.2}, "interruption < dip < 1 < swell < 2"),
        ({"swell": float("nan")}, "interruption < dip < 1 < swell < 2"),
        ({"hysteresis": 0.2}, "hysteresis 0.2: give 0 to 0.1"),
        ({"rapid_change": 0.0}, "more than 0"),
        ({"signalling_hz": 4_000.0}, "up to 3000 Hz"),
        ({"lamp": 110}, "give 230 or 120"),
        ({"instrument": InstrumentSettings(8_000.0, meters=2)}, "that of one"),
    ],
)
def test_what_cannot_be_is_said(wrong, words):
    with pytest.raises(InputError, match=words):
        PowerQualitySettings(**{"instrument": InstrumentSettings(8_000.0), **wrong})


def test_the_usual_thresholds_are_those_of_the_standards():
    usual = PowerQualitySettings(InstrumentSettings(8_000.0))
    assert (usual.dip, usual.swell, usual.interruption, usual.hysteresis) == (0.9, 1.1, 0.05, 0.02)
    assert (usual.rapid_change, usual.lamp, usual.declared_voltage) == (0.05, 230, 230.0)
