"""How the values of a week are spread, within the limits of EN 50160."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from addad.lab.paper import LIMIT
from addad.lab.quality_plots import fit_around, titled
from addad.lab.quality_report import PHASE_NAMES, QualityReport, ten_minute_values
from addad.lab.sheet_panels import COLOURS
from addad.metrology.power_quality.en50160 import Quantity

LEAST = 6
NOTE = (
    "The share of the values that does not exceed what stands below; dashed is the share asked, "
    "red the limits. Flagged intervals are left out."
)


def distributions(report: QualityReport) -> tuple[Quantity, ...]:
    """Of which quantities there are values enough for a distribution."""
    return tuple(
        quantity
        for quantity in (
            Quantity.VOLTAGE, Quantity.FREQUENCY, Quantity.DISTORTION, Quantity.UNBALANCE,
        )
        if any(result.counted >= LEAST for item in report.of(quantity) for result in item.results)
    )  # fmt: skip


def draw_distribution(axes: Axes, report: QualityReport, quantity: Quantity) -> None:
    """The share of the intervals that does not exceed a value; flagged ones left out."""
    record = report.record
    if quantity is Quantity.FREQUENCY:
        values, flagged = record.frequency.values, record.frequency.flagged
    elif quantity is Quantity.FLICKER:
        values, flagged = record.plt.values, record.plt.flagged
    else:
        values, flagged = ten_minute_values(record, quantity), record.ten.flagged
    names = {
        Quantity.FREQUENCY: ("Frequency", "Hz"), Quantity.VOLTAGE: ("Voltage", "% of Un"),
        Quantity.FLICKER: ("Plt", ""), Quantity.UNBALANCE: ("Unbalance u2", "%"),
        Quantity.DISTORTION: ("THD", "%"),
    }  # fmt: skip
    titled(axes, *names[quantity])
    one = values.shape[1] == 1
    for column in range(values.shape[1]):
        kept = np.sort(values[~flagged & np.isfinite(values[:, column]), column])
        if not len(kept):
            continue
        shares = 100.0 * np.arange(1, len(kept) + 1) / len(kept)
        step = max(1, len(kept) // 600)
        colour = "#1f7a6d" if one else COLOURS[PHASE_NAMES[column]]
        axes.plot(
            np.append(kept[::step], kept[-1]), np.append(shares[::step], 100.0), color=colour,
            linewidth=1.3,
        )  # fmt: skip
    item = report.of(quantity)[0]
    wanted = item.requirement
    axes.axhline(100.0 * wanted.share, color="#aab2ba", linewidth=0.8, linestyle=(0, (4, 3)))
    nominal = record.supply.nominal_frequency
    if quantity is Quantity.FREQUENCY:
        fit_around(axes, values, wanted.low, wanted.high, nominal, "Hz", vertical=False)
    else:
        for side in (wanted.low, wanted.high):
            if math.isfinite(side):
                axes.axvline(side, color=LIMIT, linewidth=1.1)
    axes.set_ylim(0.0, 103.0)
    axes.set_yticks([0, 50, round(100.0 * wanted.share, 1)])
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g} %"))
    if math.isinf(wanted.low):
        axes.set_xlim(left=0.0)
