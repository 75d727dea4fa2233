"""Channels sampled one after another, brought back to one instant."""

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from addad.world.skew import aligned

RATE = 1200.0
N = 3000


def _wave(delay: float, frequency: float) -> NDArray[np.float64]:
    return np.sin(2 * np.pi * frequency * (np.arange(N) + delay) / RATE)


def _cut(samples: NDArray[np.float64], sizes: list[int]) -> Iterator[NDArray[np.float64]]:
    start = 0
    for size in sizes:
        yield samples[np.newaxis, start : start + size]
        start += size


@pytest.mark.parametrize("frequency", [50.0, 250.0, 450.0])
@pytest.mark.parametrize("delay", [0.3132, 1.0092, -0.5])
@pytest.mark.parametrize("sizes", [[N], [1, 2, 40, 957, 2000], [100] * 30])
def test_a_channel_sampled_later_comes_back(
    frequency: float, delay: float, sizes: list[int]
) -> None:
    samples = np.column_stack([_wave(0.0, frequency), _wave(delay, frequency)])
    found = np.concatenate(list(aligned(_cut(samples, sizes), [0.0, delay])), axis=1)[0]
    assert found.shape == (N, 2)
    assert np.array_equal(found[:, 0], samples[:, 0])
    assert np.max(np.abs(found[40:-40, 1] - _wave(0.0, frequency)[40:-40])) < 1e-3


def test_without_skew_the_blocks_pass_untouched() -> None:
    blocks = [np.ones((1, 5, 2)), np.zeros((1, 3, 2))]
    assert [id(b) for b in aligned(iter(blocks), [0.0, 1e-6])] == [id(b) for b in blocks]


def test_a_skew_of_many_samples_is_none() -> None:
    with pytest.raises(ValueError, match="beyond"):
        list(aligned(iter([np.ones((1, 5, 1))]), [40.0]))
