"""Distributions: the share that does not exceed a value, flagged intervals left out."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from addad.lab import quality_distributions as distributions
from addad.metrology.power_quality.en50160 import Quantity
from quality_records import record, reported, usual_events, with_events


@pytest.mark.parametrize(
    "quantity", [Quantity.VOLTAGE, Quantity.FREQUENCY, Quantity.DISTORTION, Quantity.FLICKER]
)
def test_shares_grow_to_a_hundred(quantity: Quantity) -> None:
    axes = Figure().add_subplot()
    distributions.draw_distribution(axes, reported(record(1.0)), quantity)
    curves = [np.asarray(line.get_ydata()) for line in axes.get_lines()]
    grown = [curve for curve in curves if len(curve) > 5]
    assert len(grown) == (1 if quantity is Quantity.FREQUENCY else 3)
    assert all(curve[-1] == 100.0 and (np.diff(curve) >= 0.0).all() for curve in grown)


def test_what_has_no_values_has_no_distribution() -> None:
    every = distributions.distributions(reported(with_events(record(1.0), usual_events()[:1])))
    assert every[0] is Quantity.VOLTAGE
    assert len(every) == 4
    assert distributions.distributions(reported(record(0.0))) == ()
