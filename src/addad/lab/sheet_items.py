"""The sheet of many records: every appliance's voltage-current trajectory beside its numbers.

A trajectory is a fingerprint: a heater is a line, a motor an ellipse, a switched supply an S.
"""

from __future__ import annotations

import math

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure
from numpy.typing import NDArray

from addad.lab.measure_plan import Plan
from addad.lab.report import ItemReport, Report
from addad.lab.sheet_panels import FAINT, INK, RULE, prefixed

Floats = NDArray[np.float64]

MAX_ITEMS = 192
MAX_SAMPLES = 20_000


def draw_items(figure: Figure, plan: Plan, report: Report) -> None:
    """A small panel an item, coloured by its label where the file has labels."""
    shown = report.items[:MAX_ITEMS]
    samples = _first_samples(plan)
    figure.text(0.03, 0.951, report.file, size=19, weight="bold", color=INK, va="bottom")
    more = f", the first {len(shown)} drawn" if len(shown) < len(report.items) else ""
    figure.text(
        0.03, 0.927,
        f"{len(report.items)} records of {prefixed(report.recording.duration_s, 's')}{more}  ·  "
        f"{report.recording.sample_rate:.6g} S/s"
        f"{' assumed' if report.recording.rate_assumed else ''}  ·  voltage across, current up, "
        "each to its own scale; active power and THD of the current beneath",
        size=9.5, color=FAINT, va="bottom",
    )  # fmt: skip
    names = list(plan.recording.items)
    classes = sorted({_label(item.name) for item in shown}, key=lambda text: (len(text), text))
    colours = colormaps["tab20"](np.linspace(0.0, 1.0, 20))
    columns = math.ceil(math.sqrt(len(shown) * 13.2 / 9.4))
    rows = math.ceil(len(shown) / columns)
    grid = figure.add_gridspec(
        rows, columns, left=0.03, right=0.975, top=0.905, bottom=0.035, wspace=0.16, hspace=0.42
    )
    for k, item in enumerate(shown):
        axes = figure.add_subplot(grid[k // columns, k % columns])
        axes.set_xticks([])
        axes.set_yticks([])
        axes.grid(visible=False)
        for spine in axes.spines.values():
            spine.set_visible(True)
            spine.set_color(RULE)
        colour = colours[classes.index(_label(item.name)) % 20]
        record = samples[names.index(item.name)]
        voltage, current = record[:, 0], record[:, 3]
        if np.any(current) and np.any(voltage):
            axes.plot(voltage, current, color=colour, linewidth=1.2)
        else:
            axes.plot(voltage if np.any(voltage) else current, color=colour, linewidth=1.2)
        axes.margins(0.1)
        axes.set_title(item.name, size=6.5, color=INK, pad=2, loc="left")
        axes.set_xlabel(_numbers(item), size=6, color=FAINT, labelpad=2)


def _first_samples(plan: Plan) -> Floats:
    """The first samples of every item (items, n, 7)."""
    pieces: list[Floats] = []
    held = 0
    for block in plan.blocks():
        pieces.append(block[:, : max(0, MAX_SAMPLES - held)])
        held += block.shape[1]
        if held >= MAX_SAMPLES:
            break
    return np.concatenate(pieces, axis=1)


def _label(name: str) -> str:
    """What stands in brackets behind an item's number."""
    return name.partition("(")[2].rstrip(")") or "all"


def _numbers(item: ItemReport) -> str:
    phase = item.phases[0]
    wave = phase.current or phase.voltage
    if wave is None:
        return ""
    first = prefixed(phase.power.p, "W", 3) if phase.power else prefixed(wave.rms, wave.unit, 3)
    return f"{first} · {100 * wave.thd:.3g} %" if math.isfinite(wave.thd) else first
