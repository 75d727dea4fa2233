"""From the compiled loop's results to the windows that a user reads."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from addad.metrology.cycles import CURRENTS
from addad.metrology.energy import EnergyIncrement
from addad.metrology.quantities import PHASES
from addad.metrology.state import Results
from addad.metrology.window import Window, WindowFlag

_PARTIAL = int(WindowFlag.PARTIAL)
_NO_GROUPS: Mapping[str, None] = {
    "u_groups": None,
    "i_groups": None,
    "u_interharmonic_groups": None,
    "i_interharmonic_groups": None,
    "u_interharmonics": None,
    "i_interharmonics": None,
}


def windows_of(
    results: Results, first_round: int, currents: int, highest_order: int, short: bool = False
) -> list[Window]:
    """The windows of the results from `first_round` on, each of the meters that have one.

    With `short` they may be shorter than a window, and say so.
    """
    windows = []
    meters = len(results.done)
    everyone = np.arange(meters)
    rounds = int(results.done.max()) if meters > 1 else int(results.done[0])
    for r in range(first_round, first_round + rounds):
        rows = np.flatnonzero(results.done > r - first_round) if meters > 1 else everyone
        one = slice(None) if len(rows) == meters else rows
        partial, reason = _shortness(results, r, one) if short else (False, "")
        windows.append(_window(results, r, rows, one, currents, highest_order, partial, reason))
    return windows


def _window(
    results: Results,
    r: int,
    meters: NDArray[np.int64],
    rows: slice | NDArray[np.int64],
    currents: int,
    highest_order: int,
    partial: bool,
    reason: str,
) -> Window:
    """Round r of the results for the meters in `rows`.

    The fields are set at once: one by one, as a frozen object sets them, they cost more than a
    tenth of a window.
    """
    one = (r, rows)
    u, i = (*one, slice(0, PHASES)), (*one, slice(CURRENTS, CURRENTS + currents))
    p, q, s, pf = ((r, rows, k) for k in range(4))
    phases, totals, lines = results.phases, results.totals, results.lines
    groups = _groups(results, r, rows, u[-1], i[-1])
    window = object.__new__(Window)
    vars(window).update(
        meters=meters,
        index=results.number[one],
        start_s=results.start[one],
        duration_s=results.duration[one],
        cycles=results.cycles[one],
        frequency=results.frequency[one],
        u_rms=results.rms[u],
        i_rms=results.rms[i],
        u_peak=results.peaks[u],
        i_peak=results.peaks[i],
        u_line_rms=lines[u],
        i_neutral_calculated=lines[pf],
        p=phases[p],
        q=phases[q],
        s=phases[s],
        pf=phases[pf],
        p_total=totals[p],
        q_total=totals[q],
        s_total=totals[s],
        pf_total=totals[pf],
        thd_u=results.thd[u],
        thd_i=results.thd[i],
        u_harmonics=results.harmonics[u],
        i_harmonics=results.harmonics[i],
        u_phasors=results.phasors[u],
        i_phasors=results.phasors[i],
        u_angle=results.angles[u],
        i_angle=results.angles[i],
        highest_order=highest_order,
        energy=EnergyIncrement(results.energy[one]),
        flags=results.flags[one],
        **groups,
        partial=partial,
        reason=reason,
    )
    return window


def _groups(
    results: Results, r: int, rows: slice | NDArray[np.int64], u: slice, i: slice
) -> Mapping[str, NDArray[np.float64] | None]:
    """Groups and interharmonics by the names that a window has for them."""
    if not results.groups.shape[2]:
        return _NO_GROUPS
    found = results.groups[r][rows]
    return {name: found[:, k // 2, i if k % 2 else u] for k, name in enumerate(_NO_GROUPS)}


def _shortness(results: Results, r: int, rows: slice | NDArray[np.int64]) -> tuple[bool, str]:
    """Whether the meters' windows are partial, and why, in words, for each kind among them."""
    partial = bool((results.flags[r][rows] & _PARTIAL).any())
    kinds = zip(results.whole[r][rows].tolist(), results.cycles[r][rows].tolist(), strict=True)
    texts = []
    for whole, cycles in sorted(set(kinds)):
        count = "1 cycle" if cycles == 1 else f"{cycles} cycles"
        if whole and cycles == 0:
            texts.append("shorter than a cycle: the whole record")
        elif whole:
            texts.append(f"{'shorter than a window: ' if partial else ''}the whole record, {count}")
        else:
            texts.append(f"shorter than a window: over {count}")
    return partial, "; ".join(texts)
