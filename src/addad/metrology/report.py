"""From the compiled loop's results to the windows that a user reads."""

import numpy as np
from numpy.typing import NDArray

from addad.metrology.cycles import CURRENTS
from addad.metrology.energy import EnergyIncrement
from addad.metrology.quantities import PHASES
from addad.metrology.state import Results
from addad.metrology.window import Window, WindowFlag

_PARTIAL = int(WindowFlag.PARTIAL)


def windows_of(
    results: Results, currents: int, highest_order: int, short: bool = False
) -> list[Window]:
    """The windows of the results, round by round, each of the meters that have one.

    With `short` they may be shorter than a window, and say so.
    """
    windows = []
    meters = len(results.done)
    everyone = np.arange(meters)
    for r in range(int(results.done.max())):
        rows = np.flatnonzero(results.done > r) if meters > 1 else everyone
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
    """Round r of the results for the meters in `rows`."""
    u, i = slice(0, PHASES), slice(CURRENTS, CURRENTS + currents)
    rms, thd, angles = results.rms[r][rows], results.thd[r][rows], results.angles[r][rows]
    phases, totals = results.phases[r][rows], results.totals[r][rows]
    harmonics, phasors = results.harmonics[r][rows], results.phasors[r][rows]
    peaks, lines = results.peaks[r][rows], results.lines[r][rows]
    return Window(
        meters=meters,
        index=results.number[r][rows],
        start_s=results.start[r][rows],
        duration_s=results.duration[r][rows],
        cycles=results.cycles[r][rows],
        frequency=results.frequency[r][rows],
        u_rms=rms[:, u],
        i_rms=rms[:, i],
        u_peak=peaks[:, u],
        i_peak=peaks[:, i],
        u_line_rms=lines[:, u],
        i_neutral_calculated=lines[:, PHASES],
        p=phases[:, 0],
        q=phases[:, 1],
        s=phases[:, 2],
        pf=phases[:, 3],
        p_total=totals[:, 0],
        q_total=totals[:, 1],
        s_total=totals[:, 2],
        pf_total=totals[:, 3],
        thd_u=thd[:, u],
        thd_i=thd[:, i],
        u_harmonics=harmonics[:, u],
        i_harmonics=harmonics[:, i],
        u_phasors=phasors[:, u],
        i_phasors=phasors[:, i],
        u_angle=angles[:, u],
        i_angle=angles[:, i],
        highest_order=highest_order,
        energy=EnergyIncrement(results.energy[r][rows]),
        flags=results.flags[r][rows],
        partial=partial,
        reason=reason,
    )


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
