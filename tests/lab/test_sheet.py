"""The sheet of a recording: whole, and without one text over another."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from addad.host.recording_files import opened
from addad.lab.measure import measure
from addad.lab.measure_plan import Request, plan
from addad.lab.sheet import compose, draw, excerpt
from addad.world.recording import Reading
from lab.collisions import assert_nothing_collides, texts_of, undrawn_of

RECORDINGS = [
    ("keating_1999.CFG", None),
    ("wisp_2.cfg", None),
    ("wisp_3.dat", None),
    ("009_ref.wav", None),
    ("plaid_125.npz", None),
    ("plaid_125.npz", 7),
]


def _sheet(path: Path, item: int | None = None, request: Request | None = None) -> Figure:
    with opened(path, Reading(item=item)) as recording:
        wanted = plan(path.name, recording, request or Request())
        return compose(wanted, measure(wanted))


@pytest.mark.parametrize(("name", "item"), RECORDINGS)
def test_no_text_stands_on_another(data_dir: Path, name: str, item: int | None) -> None:
    assert_nothing_collides(_sheet(data_dir / "waveforms" / name, item))


def test_current_alone_has_a_sheet_too(data_dir: Path) -> None:
    figure = _sheet(
        data_dir / "waveforms/keating_1999.CFG", request=Request(map="L1=:I1,L2=:I2,L3=:I3")
    )
    assert_nothing_collides(figure)
    assert not any("Voltage" in text.get_text() for text in texts_of(figure))


def test_the_sheet_tells_what_was_measured(data_dir: Path) -> None:
    told = " ".join(t.get_text() for t in texts_of(_sheet(data_dir / "waveforms/keating_1999.CFG")))
    for words in (
        "keating_1999.CFG",
        "59.9711 Hz",
        "± 0.0027 Hz",
        "143.64 kW",
        "± 0.47 kW",
        "whole record",
        "L1 1.33 ± 0.1",
        "the front end not stated",
    ):
        assert words in told


def test_a_sheet_is_a_png(data_dir: Path, tmp_path: Path) -> None:
    path = data_dir / "waveforms/keating_1999.CFG"
    with opened(path) as recording:
        wanted = plan(path.name, recording, Request())
        draw(wanted, measure(wanted), tmp_path / "out.png")
        with pytest.raises(OSError, match="No such file"):
            draw(wanted, measure(wanted), tmp_path / "none" / "out.png")
    assert (tmp_path / "out.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_an_excerpt_is_the_record_from_its_time_on(data_dir: Path) -> None:
    path = data_dir / "waveforms/wisp_3.cfg"
    with opened(path) as recording:
        wanted = plan(path.name, recording, Request())
        times, samples = excerpt(wanted, 0.5, 0.1)
        whole = np.concatenate([block[0] for block in wanted.blocks()])
    first = round(times[0] * recording.sample_rate)
    assert times[0] == pytest.approx(0.5, abs=2 / recording.sample_rate)
    assert np.array_equal(samples, whole[first : first + len(samples)])
    assert len(samples) == pytest.approx(0.1 * recording.sample_rate, abs=2)


def test_between_voltages_and_currents_there_is_room(data_dir: Path) -> None:
    figure = _sheet(data_dir / "waveforms/wisp_2.cfg")
    texts = texts_of(figure)
    title = next(text for text in texts if text.get_text().startswith("Current, "))
    voltage = next(axes for axes in figure.axes if axes.get_title("left").startswith("Voltage, "))
    undrawn = undrawn_of(figure)
    ticks = [tick for tick in voltage.get_yticklabels() if tick not in undrawn]
    lowest = min(tick.get_window_extent().y0 for tick in ticks)
    assert lowest - title.get_window_extent().y1 > 3.0


def test_a_name_with_dollars_is_no_formula(tmp_path: Path) -> None:
    t = np.arange(4_000) / 4_000.0
    path = tmp_path / "a$\\frac$.npz"
    np.savez(path, fs=4_000.0, u1=325.0 * np.sin(2.0 * np.pi * 50.0 * t))
    figure = _sheet(path)
    figure.draw_without_rendering()
    assert path.name in {text.get_text() for text in texts_of(figure)}
