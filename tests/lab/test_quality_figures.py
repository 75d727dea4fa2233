"""Figures as SVG: no head, no size of their own, names that do not collide."""

import re

from matplotlib.axes import Axes

from addad.lab.quality_figures import both, event_svg, svg
from quality_records import record, reported, usual_events, with_events


def _draw(axes: Axes) -> None:
    axes.plot([0.0, 1.0, 2.0], [0.0, 1.23456789, 0.5])
    axes.set_title("a <title>", loc="left")


def test_an_element_and_nothing_else() -> None:
    text = svg(_draw, 4.0, 2.0, "one")
    assert text.startswith("<svg")
    assert text.rstrip().endswith("</svg>")
    assert "<metadata>" not in text
    assert 'width="' not in text[: text.index(">")]
    assert not re.search(r"\d\.\d{3,}", text)


def test_the_same_drawing_is_the_same_text_and_two_have_other_names() -> None:
    assert svg(_draw, 4.0, 2.0, "one") == svg(_draw, 4.0, 2.0, "one")
    names = [set(re.findall(r'id="([^"]+)"', svg(_draw, 4.0, 2.0, salt))) for salt in "ab"]
    assert names[0]
    assert not names[0] & names[1]


def test_one_for_a_desk_and_one_for_a_hand_under_one_title() -> None:
    text = both(_draw, "x", (8.0, 2.0), (4.0, 2.0), legend=(0, 2))
    assert text.count("<svg") == 2
    assert text.count("a &lt;title&gt;") == 1
    assert "wide-only" in text
    assert "narrow-only" in text
    assert "■ L3" in text
    assert "■ L2" not in text


def test_an_event_has_voltages_over_currents() -> None:
    report = reported(with_events(record(), usual_events()[:1]))
    text = event_svg(report, report.events[0])
    assert "voltages [V]" in text
    assert "currents [A]" in text
