"""The panels of a sheet."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from addad.lab.report import Course, PhaseReport, Wave
from addad.lab.sheet_panels import COLOURS, draw_course, draw_harmonics, draw_waves, prefixed


def _phase(harmonics: list[float], unit: str = "V") -> PhaseReport:
    values = np.array([0.0, *harmonics])
    wave = Wave("U1", unit, harmonics[0], 0.0, 0.0, 0.1, 0.0, values)
    return PhaseReport("L1", wave, None, None)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (58_940.0, "V", "58.940 kV"),
        (230.0, "V", "230.00 V"),
        (0.0634, "A", "63.400 mA"),
        (-10.288, "W", "−10.288 W"),
        (0.5213, "var", "0.5213 var"),
        (0.36895, "full scale", "0.369 FS"),
        (float("nan"), "V", "—"),
        (0.0, "A", "0 A"),
    ],
)
def test_values_have_a_prefix_that_suits(value: float, unit: str, text: str) -> None:
    assert prefixed(value, unit) == text


def test_bars_are_percent_of_the_fundamental() -> None:
    axes = Figure().add_subplot()
    draw_harmonics(axes, [_phase([200.0, 2.0, 10.0])], "u", 3)
    assert [bar.get_height() for bar in axes.patches] == pytest.approx([1.0, 5.0])
    assert axes.get_ylim()[1] > 5.0


def test_without_a_fundamental_there_are_no_bars() -> None:
    axes = Figure().add_subplot()
    draw_harmonics(axes, [_phase([0.0, 1.0])], "u", 2)
    assert not axes.patches
    assert "no fundamental" in axes.texts[0].get_text()


def test_waves_are_drawn_in_the_colour_of_their_phase() -> None:
    axes = Figure().add_subplot()
    times = np.arange(100) / 1000
    samples = np.zeros((100, 7))
    samples[:, 0] = 5000.0 * np.sin(times)
    draw_waves(axes, [_phase([200.0])], "u", times, samples, last=True)
    line = axes.lines[0]
    assert line.get_color() == COLOURS["L1"]
    assert np.allclose(line.get_xdata(), times * 1e3)
    assert "V" in axes.get_title(loc="left")


def test_an_event_is_marked_and_shown_from_zero() -> None:
    axes = Figure().add_subplot()
    times = np.arange(50) / 50
    rms = np.full((50, 7), 230.0)
    draw_course(axes, [_phase([230.0])], Course(times, times, times, times, rms), 0.5)
    assert axes.get_ylim()[0] <= 0.0
    assert any(list(line.get_xdata()) == [0.5, 0.5] for line in axes.lines)
