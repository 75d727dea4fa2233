"""Voltages of phases out of those between phases: against the star point that these have.

A network of three wires has no neutral to measure against; its analysers take the point whose
voltages to the three phases add up to zero: U1 = (U12 − U31) / 3, and so on around. The power of
the three together is the network's, whatever the point; what a single phase has is against it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from addad.world.channel_names import turned
from addad.world.circuits import PHASES, Circuit, circuits
from addad.world.recording import Blocks, RecordedChannel, Recording

_STAR = np.array([[1.0, 0.0, -1.0], [-1.0, 1.0, 0.0], [0.0, -1.0, 1.0]]) / 3.0
"""U1, U2, U3 of U12, U23, U31."""

Floats = NDArray[np.float64]


class _Star(NamedTuple):
    """Weights (3, sources) of the columns that the voltages of a star are made of."""

    sources: tuple[int, ...]
    weights: Floats


def with_star(recording: Recording) -> Recording:
    """The recording with three channels more for each circuit of voltages between phases.

    Where a voltage of a phase is recorded, or no current to go with it, or one voltage between
    phases alone, it stays as it is.
    """
    groups = [group for group in circuits(recording.channels) if group.phases]
    own = any(group.kind == "voltage" and not group.between for group in groups)
    current = any(group.kind == "current" for group in groups)
    between = [g for g in groups if g.kind == "voltage" and g.between and g.phases > 1]
    if own or not current or not between:
        return recording
    stars = [_star(recording, group) for group in between]
    made = [
        _channel(recording, star, phase, number)
        for number, star in enumerate(stars)
        for phase in range(3)
    ]
    names = ", ".join(recording.channels[column].name for column in stars[0].sources)
    note = (
        f"{names} are between phases: U1, U2, U3 are against their star point, and the power of "
        "all phases is that of three wires; --map L1=…,L2=…,L3=… measures them as they are"
    )
    return replace(
        recording,
        channels=(*recording.channels, *made),
        reader=_Reader(recording, tuple(stars)),
        notes=(*recording.notes, note),
    )


def _star(recording: Recording, group: Circuit) -> _Star:
    weights = _STAR.copy()
    missing = [place for place in range(3) if group.columns[place] is None]
    for place in missing:  # the three add up to zero
        weights -= weights[:, place : place + 1]
    places = [place for place in range(3) if place not in missing]
    sources = tuple(column for column in group.columns[:3] if column is not None)
    signs = [-1.0 if turned(recording.channels[column].name) else 1.0 for column in sources]
    return _Star(sources, weights[:, places] * np.array(signs))


def _channel(recording: Recording, star: _Star, phase: int, number: int) -> RecordedChannel:
    sources = [recording.channels[column] for column in star.sources]
    steps = np.array([source.step for source in sources])
    return replace(
        sources[0],
        name=f"U{phase + 1} star{f' {number + 1}' if number else ''}",
        phase=PHASES[phase],
        circuit=f"star of {' '.join(source.name for source in sources)}",
        skew_s=0.0,
        step=float(np.abs(star.weights[phase]) @ steps),
    )


class _Reader:
    """Reads the recorded channels, and makes the others of them."""

    def __init__(self, recording: Recording, stars: tuple[_Star, ...]) -> None:
        self._recording = recording
        self._stars = stars

    def __call__(self, columns: tuple[int, ...], block_samples: int) -> Blocks:
        recorded = len(self._recording.channels)
        needed: dict[int, int] = {}
        for column in columns:
            made = column >= recorded
            for source in self._stars[(column - recorded) // 3].sources if made else (column,):
                needed.setdefault(source, len(needed))
        weights = np.zeros((len(needed), len(columns)))
        for place, column in enumerate(columns):
            if column < recorded:
                weights[needed[column], place] = 1.0
                continue
            star, phase = divmod(column - recorded, 3)
            rows = [needed[source] for source in self._stars[star].sources]
            weights[rows, place] = self._stars[star].weights[phase]
        for block in self._recording.blocks(tuple(needed), block_samples):
            yield self._made(block, weights)

    def _made(self, block: Floats, weights: Floats) -> Floats:
        """Sums of few columns, so that a missing sample is missed only where it is used."""
        out = np.empty((*block.shape[:2], weights.shape[1]))
        for place, column in enumerate(weights.T):
            used = np.flatnonzero(column)
            out[:, :, place] = block[:, :, used] @ column[used]
        return out
