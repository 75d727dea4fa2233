"""From the compiled loop's results to the windows that a user reads."""

import numpy as np
from numpy.typing import NDArray

from addad.metrology.cycles import CURRENTS
from addad.metrology.energy import EnergyIncrement
from addad.metrology.harmonics import total_harmonic_distortion
from addad.metrology.quantities import (
    PHASES,
    angles_to_reference,
    apparent_power,
    phase_total,
    power_factor,
)
from addad.metrology.settings import InstrumentSettings
from addad.metrology.state import Plan, Results
from addad.metrology.window import Window, WindowFlag


def window_of(
    plan: Plan,
    settings: InstrumentSettings,
    results: Results,
    r: int,
    rows: NDArray[np.int64],
) -> Window:
    """Round r of the results for the meters in `rows`."""
    c = slice(CURRENTS, CURRENTS + settings.currents)
    u_here, i_here = plan.present[:PHASES], plan.present[c]
    both = u_here & plan.present[CURRENTS : CURRENTS + PHASES]
    flags = results.flags[r, rows]
    cycles = results.cycles[r, rows]
    u_rms = np.where(u_here, results.rms[r, rows, :PHASES], np.nan)
    i_rms = np.where(i_here, results.rms[r, rows, c], np.nan)
    fundamental = results.fundamental[r, rows]
    p = np.where(both, results.p[r, rows], np.nan)
    has_cycles = (cycles > 0)[:, None]
    q = np.where(both & has_cycles, results.q[r, rows], np.nan)
    i_of_phase = results.rms[r, rows, CURRENTS : CURRENTS + PHASES]
    s = np.where(both, apparent_power(u_rms, i_of_phase), np.nan)
    u_harmonics = np.where(u_here[:, None], results.harmonics[r, rows, :PHASES], np.nan)
    i_harmonics = np.where(i_here[:, None], results.harmonics[r, rows, c], np.nan)
    u_angle, i_angle = angles_to_reference(fundamental[:, :PHASES], fundamental[:, c])
    order = settings.highest_order
    assumed = (flags & int(WindowFlag.FREQUENCY_ASSUMED)) != 0
    p_total, q_total, s_total = phase_total(p), phase_total(q), phase_total(s)
    partial = bool((flags & int(WindowFlag.PARTIAL)).any())
    return Window(
        meters=rows,
        index=results.number[r, rows],
        start_s=results.start[r, rows] / plan.rate,
        duration_s=results.length[r, rows] / plan.rate,
        cycles=cycles,
        frequency=np.where(assumed, np.nan, results.frequency[r, rows]),
        u_rms=u_rms,
        i_rms=i_rms,
        p=p,
        q=q,
        s=s,
        pf=power_factor(p, s),
        p_total=p_total,
        q_total=q_total,
        s_total=s_total,
        pf_total=power_factor(p_total, s_total),
        thd_u=total_harmonic_distortion(u_harmonics[..., : order + 1]),
        thd_i=total_harmonic_distortion(i_harmonics[..., : order + 1]),
        u_harmonics=u_harmonics,
        i_harmonics=i_harmonics,
        u_angle=np.where(u_here & has_cycles, u_angle, np.nan),
        i_angle=np.where(i_here & has_cycles, i_angle, np.nan),
        highest_order=order,
        energy=EnergyIncrement(results.energy[r, rows]),
        flags=flags,
        partial=partial,
        reason=_reason(results.whole[r, rows], cycles, partial),
    )


def _reason(whole: NDArray[np.bool_], cycles: NDArray[np.int64], partial: bool) -> str:
    """Why a window is shorter, in words, for each kind among the meters."""
    if not (partial or whole.any()):
        return ""
    texts = []
    for is_whole, n in sorted({(bool(w), int(k)) for w, k in zip(whole, cycles, strict=True)}):
        count = "1 cycle" if n == 1 else f"{n} cycles"
        if is_whole and n == 0:
            texts.append("shorter than a cycle: the whole record")
        elif is_whole:
            texts.append(f"{'shorter than a window: ' if partial else ''}the whole record, {count}")
        else:
            texts.append(f"shorter than a window: over {count}")
    return "; ".join(texts)
