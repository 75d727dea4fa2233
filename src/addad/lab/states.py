"""The digital channels of a record: which state each was in at first, and when it changed.

A state that is not known is taken to be as it was before.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from addad.lab.report import RecordStates, StateChange
from addad.world.recording import UNKNOWN_STATE, Recording

MAX_CHANGES = 10_000

States = NDArray[np.uint8]


def filled(states: States, before: States) -> States:
    """States (n, k) with each unknown one as the last known before it; `before` (k,) the first."""
    unknown = states == UNKNOWN_STATE
    if not unknown.any():
        return states
    rows = np.concatenate([before[np.newaxis], states])
    known = np.where(rows != UNKNOWN_STATE, np.arange(len(rows))[:, np.newaxis], 0)
    latest = np.maximum.accumulate(known, axis=0)
    return np.take_along_axis(rows, latest, axis=0)[1:]


def find_states(recording: Recording) -> RecordStates | None:
    """How the digital channels of a record went; None for one without any.

    Changes beyond MAX_CHANGES are counted only.
    """
    if not recording.statuses:
        return None
    changes: list[StateChange] = []
    first: States | None = None
    before = np.zeros(len(recording.statuses), np.uint8)
    position = count = 0
    for block in recording.states():
        known = filled(block, before)
        if first is None:
            first = before = known[0]
        previous = np.concatenate([before[np.newaxis], known[:-1]])
        changed = known != previous
        by_row = np.cumsum(np.count_nonzero(changed, axis=1))
        count += int(by_row[-1])
        room = MAX_CHANGES - len(changes)
        rows, columns = np.nonzero(changed[: int(np.searchsorted(by_row, room)) + 1 if room else 0])
        changes += [
            StateChange((position + row) / recording.sample_rate, column, int(known[row, column]))
            for row, column in zip(rows[:room].tolist(), columns[:room].tolist(), strict=True)
        ]
        before = known[-1]
        position += len(block)
    begun = () if first is None else tuple(int(state) for state in first)
    return RecordStates(recording.statuses, begun, tuple(changes), count)
