"""Voltages of phases out of those between phases, against what a network of three wires has."""

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from addad.world.channel_map import ChannelMap, guess
from addad.world.recording import Blocks, RecordedChannel, Recording
from addad.world.star import with_star
from addad.world.waveform import Phase

RATE, COUNT = 5000.0, 500
LINES: tuple[tuple[str, Phase], ...] = (("U12", "L12"), ("U23", "L23"), ("U31", "L31"))


def _network(seed: int = 3) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Voltages (n, 3) to a neutral that wanders, and currents (n, 3) of three wires."""
    rng = np.random.default_rng(seed)
    t = np.arange(COUNT)[:, None] / RATE
    angle = np.array([0.0, -2.0, 2.2]) + rng.normal(0.0, 0.1, 3)
    u = rng.uniform(200.0, 250.0, 3) * np.cos(2 * np.pi * 50 * t + angle) + 30.0 * np.cos(40 * t)
    i = rng.uniform(1.0, 9.0, 3) * np.cos(2 * np.pi * 50 * t + angle - 0.6)
    return u, i - i.mean(axis=1, keepdims=True)


def _lines(u: NDArray[np.float64]) -> NDArray[np.float64]:
    return u - np.roll(u, -1, axis=1)


def _recording(columns: NDArray[np.float64], *channels: RecordedChannel) -> Recording:
    def read(chosen: tuple[int, ...], block_samples: int) -> Blocks:
        for begin in range(0, len(columns), block_samples):
            yield columns[None, begin : begin + block_samples, list(chosen)]

    return Recording("made", RATE, len(columns), channels, read)


def _channels(*names: tuple[str, Phase]) -> tuple[RecordedChannel, ...]:
    return tuple(RecordedChannel(name, "voltage", phase, "V", step=0.3) for name, phase in names)


CURRENTS = tuple(
    RecordedChannel(f"I{k}", "current", phase, "A") for k, phase in enumerate(("L1", "L2", "L3"), 1)
)


@pytest.mark.parametrize("places", [(0, 1, 2), *combinations(range(3), 2)])
def test_the_power_of_three_wires_is_the_truth_and_the_star_has_no_common_part(
    places: tuple[int, ...],
) -> None:
    u, i = _network()
    columns = np.hstack([_lines(u)[:, list(places)], i])
    recording = _recording(columns, *_channels(*(LINES[k] for k in places)), *CURRENTS)
    made = with_star(recording)
    found, _ = guess(made.channels)
    assert [made.channels[column or 0].name for column in found.voltages] == [
        *("U1 star", "U2 star", "U3 star")
    ]
    samples = np.concatenate([block[0] for block in made.blocks(found.columns, 64)])
    star, current = samples[:, :3], samples[:, 3:]
    np.testing.assert_allclose(star, u - u.mean(axis=1, keepdims=True), atol=1e-10)
    np.testing.assert_allclose((star * current).sum(axis=1), (u * i).sum(axis=1), atol=1e-9)
    assert "between phases" in made.notes[-1]


def test_a_voltage_named_against_the_order_is_turned() -> None:
    u, i = _network()
    columns = np.hstack([-_lines(u)[:, :2], i])
    named = _channels(("U21", "L12"), ("Ucb", "L23"))
    made = with_star(_recording(columns, *named, *CURRENTS))
    star = np.concatenate([block[0] for block in made.blocks((5, 6, 7), COUNT)])
    np.testing.assert_allclose(star, u - u.mean(axis=1, keepdims=True), atol=1e-10)


def test_a_missing_sample_is_missed_where_it_is_used() -> None:
    u, i = _network()
    columns = np.hstack([_lines(u), i])
    columns[7, 2] = np.nan
    made = with_star(_recording(columns, *_channels(*LINES), *CURRENTS))
    (block,) = made.blocks((7, 2, 6, 3), COUNT)
    assert np.isnan(block[0, 7]).tolist() == [False, True, True, False]
    assert np.isfinite(np.delete(block[0], 7, axis=0)).all()
    np.testing.assert_array_equal(block[0, 8:, 3], i[8:, 0])
    assert made.channels[6].step == pytest.approx(0.2)


def test_what_has_its_own_voltages_or_no_current_stays_as_it_is() -> None:
    u, i = _network()
    own = (RecordedChannel("U1", "voltage", "L1", "V"),)
    for channels, columns in (
        ((*_channels(*LINES), *own, *CURRENTS), np.hstack([_lines(u), u[:, :1], i])),
        (_channels(*LINES), _lines(u)),
        ((*_channels(LINES[0]), *CURRENTS), np.hstack([_lines(u)[:, :1], i])),
    ):
        recording = _recording(columns, *channels)
        assert with_star(recording) is recording
    assert guess(_channels(*LINES))[0] == ChannelMap((0, 1, 2))
