"""The response of lamp and eye."""

import numpy as np
import pytest

from addad.metrology.lamp import LAMPS, lamp_sections

RATE = 1_000.0


def response(sections, hertz):
    z = np.exp(-2j * np.pi * hertz / RATE)
    over = sections[:, 0] + sections[:, 1] * z + sections[:, 2] * z * z
    under = 1 + sections[:, 3] * z + sections[:, 4] * z * z
    return np.abs(over / under)


@pytest.mark.parametrize("volts", LAMPS)
def test_the_eye_is_keenest_at_nine_hertz(volts):
    sections = lamp_sections(volts, 50.0, RATE)
    hertz = np.arange(0.5, 35.0, 0.1)
    seen = [np.prod(response(sections[:6], f)) for f in hertz]
    assert hertz[int(np.argmax(seen))] == pytest.approx(8.8, abs=0.5)
    assert np.prod(response(sections[:6], 0.0001)) < 1e-4
    assert np.prod(response(sections[:6], 100.0)) < 1e-3 * max(seen)


def test_the_low_pass_falls_to_three_decibels_at_its_corner():
    for nominal, corner in ((50.0, 35.0), (60.0, 42.0)):
        sections = lamp_sections(230, nominal, RATE)
        assert np.prod(response(sections[1:4], corner)) == pytest.approx(np.sqrt(0.5), rel=1e-6)


def test_the_response_is_that_of_the_formula():
    sections, lamp = lamp_sections(230, 50.0, RATE), LAMPS[230]
    scale = None
    for hertz in (0.5, 2.0, 8.8, 15.0):
        s = 2j * np.pi * hertz
        first = 2 * np.pi * lamp.first
        wanted = abs(
            lamp.gain * first * s / (s * s + 4 * np.pi * lamp.damping * s + first**2)
            * (1 + s / (2 * np.pi * lamp.second))
            / (1 + s / (2 * np.pi * lamp.third))
            / (1 + s / (2 * np.pi * lamp.fourth))
        )  # fmt: skip
        found = np.prod(response(sections[4:6], hertz))
        scale = scale or found / wanted
        assert found / wanted == pytest.approx(scale, rel=2e-3)
