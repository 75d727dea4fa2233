"""Plots of events: the plane of voltage tolerance, and the waveforms that were kept.

The curve of the plane is the ITI one: see `quality_tolerance`.
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
from numpy.typing import NDArray

from addad.lab.paper import FAINT, INK, LIMIT
from addad.lab.quality_event_words import duration
from addad.lab.quality_report import Columns, QualityReport, ReportedEvent
from addad.lab.quality_tolerance import outline
from addad.lab.sheet_panels import COLOURS, EVENT_COLOURS
from addad.metrology.power_quality import EventWaveform

Floats = NDArray[np.float64]

MARKERS = {"dip": "v", "swell": "^", "interruption": "s"}
_SHORTEST_S, _LONGEST_S = 2e-3, 200.0
_TOP = 150.0
_MS = 1e3
SHOWN_BEHIND_S = 0.06
SHOWN_S = 0.6
NUMBERED = 100


def draw_tolerance(axes: Axes, report: QualityReport) -> None:
    """Each dip, swell and interruption by duration and voltage, over the curve of tolerance."""
    upper, lower = (np.array(line) for line in outline(_SHORTEST_S, _LONGEST_S))
    axes.fill_between(upper[:, 0], 100.0 * upper[:, 1], _TOP, color="#f9e6e4", linewidth=0.0)
    axes.fill_between(lower[:, 0], 0.0, 100.0 * lower[:, 1], color="#faf1dd", linewidth=0.0)
    for line in (upper, lower):
        axes.plot(line[:, 0], 100.0 * line[:, 1], color=INK, linewidth=1.1)
    words = (
        (0.09, 135.0, "may damage equipment", LIMIT), (0.0026, 88.0, "tolerated", "#1f6f54"),
        (0.7, 30.0, "may stop equipment", "#8a6216"),
    )  # fmt: skip
    for x, y, text, colour in words:
        axes.text(x, y, text, color=colour, size=8.0, style="italic")
    axes.axhline(100.0, color="#aab2ba", linewidth=0.8)
    for event in report.events:
        if event.region is None or event.of_interruption or event.duration_s is None:
            continue
        x = min(max(event.duration_s, _SHORTEST_S * 1.3), _LONGEST_S * 0.8)
        y = 100.0 * event.share
        axes.plot(
            x, max(y, 1.5), marker=MARKERS[event.kind], color=EVENT_COLOURS[event.kind],
            markersize=6.5, markeredgecolor="white", markeredgewidth=0.7, clip_on=False, zorder=5,
        )  # fmt: skip
        if event.number > NUMBERED:
            continue
        axes.annotate(
            str(event.number), (x, max(y, 1.5)), xytext=(5.0, 2.0), textcoords="offset points",
            size=7.0, color=INK, zorder=6,
        )  # fmt: skip
    axes.set_xscale("log")
    axes.set_xlim(_SHORTEST_S, _LONGEST_S)
    axes.set_ylim(0.0, _TOP)
    places = [3e-3, 0.02, 0.1, 0.5, 2.0, 10.0, 60.0]
    axes.xaxis.set_major_locator(FixedLocator(places))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: _plain(x)))
    axes.set_yticks([0, 40, 70, 80, 90, 110, 120, 140])
    axes.tick_params(axis="y", labelsize=7.0)
    axes.set_title(
        "Residual or largest voltage  [% of Un]  over duration", loc="left", color=INK, pad=5
    )


def draw_waves(
    axes: Axes, event: ReportedEvent, wave: EventWaveform, channels: Columns, words: str
) -> None:
    """Some channels of an event's waveform, by the time since it began; its span is shaded."""
    times, samples = shown(event, wave)
    for column, name in reversed(channels):
        axes.plot(_MS * times, samples[:, column], color=COLOURS[name], linewidth=0.8)
    length = event.duration_s if event.duration_s is not None else times[-1]
    end = min(_MS * length, _MS * float(times[-1]))
    axes.axvspan(0.0, end, color=EVENT_COLOURS[event.kind], alpha=0.09, linewidth=0.0)
    axes.axvline(0.0, color=EVENT_COLOURS[event.kind], linewidth=0.8)
    axes.margins(x=0.0)
    axes.set_title(words, loc="left", color=FAINT, size=7.5, pad=3)


def shown(event: ReportedEvent, wave: EventWaveform) -> tuple[Floats, NDArray[np.float32]]:
    """Times [s from the event's begin] and samples of what is drawn: its begin, if it is long."""
    times = wave.start_s - event.start_utc_s + np.arange(len(wave.samples)) / wave.sample_rate
    length = event.duration_s if event.duration_s is not None else SHOWN_S
    kept = times <= min(length + SHOWN_BEHIND_S, SHOWN_S)
    return times[kept], wave.samples[kept]


def _plain(seconds: float) -> str:
    return duration(seconds) if seconds >= 1.0 else f"{_MS * seconds:g} ms"
