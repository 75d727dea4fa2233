"""Samples of a three-phase supply for the instrument's own tests."""

import numpy as np
import pytest


@pytest.fixture
def supply():
    """Samples (1, n, 6 or 7) [V, A] of 230 V and `i` A lagging by `lag` rad, from sample 0."""

    def make(sample_rate, seconds, frequency=50.0, i=10.0, lag=0.0, u=230.0, neutral=False):
        n = round(sample_rate * seconds)
        angle = 2 * np.pi * frequency * np.arange(n) / sample_rate
        turns = [2 * np.pi * k / 3 for k in range(3)]
        columns = [np.sqrt(2) * u * np.sin(angle - t) for t in turns]
        columns += [np.sqrt(2) * i * np.sin(angle - t - lag) for t in turns]
        if neutral:
            columns.append(np.zeros(n))
        return np.stack(columns, axis=-1)[None]

    return make
