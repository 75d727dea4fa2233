"""The uncertainty of powers, power factor and energy, of each phase and of their sum.

JCGM 100 (GUM). Each equation stands at its function; arrays are (m, 3) unless they say otherwise.
"""

import math
from dataclasses import dataclass

import numpy as np

from addad.metrology.quantities import PHASES
from addad.metrology.uncertainty_inputs import Uncertainty
from addad.metrology.uncertainty_terms import (
    REFERENCE_FREQUENCY,
    Floats,
    Given,
    padded,
    raised,
    rms_of,
    together,
)
from addad.metrology.window import of_phases

_QUANTUM_WH = 1e-6


@dataclass(frozen=True, slots=True)
class PowerParts:
    """What changes a quantity, by phase and by voltage or current (m, 3, 2).

    `gains` are signed standard uncertainties that may be correlated, `others` are independent
    ones; `noise` are variances; `added` is what noise adds, uncertain by the share `doubt` of it.
    """

    gains: Floats
    others: Floats
    noise: Floats
    added: Floats
    doubt: float = 0.0

    def by_phase(self, correlation: float, method: Floats) -> Uncertainty:
        """Of each phase by itself (m, 3)."""
        found = together(self.gains, self.others, self.noise, correlation, method)
        return self._raised(found, self.added)

    def in_total(self, correlation: float, method: Floats) -> Uncertainty:
        """Of the sum of the phases (m,); a phase without channels is no part of it."""
        rows = len(self.gains)
        missing = np.isnan(self.noise).all(axis=(1, 2))
        gains, others, noise, added = (
            np.nan_to_num(part).reshape(rows, -1)
            for part in (self.gains, self.others, self.noise, self.added)
        )
        found = self._raised(together(gains, others, noise, correlation, method), added)
        return Uncertainty(
            np.where(missing, np.nan, found.systematic), np.where(missing, np.nan, found.random)
        )

    def _raised(self, found: Uncertainty, added: Floats) -> Uncertainty:
        doubt = self.doubt * np.sqrt(np.square(added).sum(axis=-1))
        return raised(found, added.sum(axis=-1), doubt)


def _pair(u: Floats, i: Floats) -> Floats:
    """Something of voltages and currents (m, 3) side by side (m, 3, 2)."""
    return np.stack(np.broadcast_arrays(u, i), axis=-1)


def _phases(known: Given) -> tuple[Floats, Floats, Floats, Floats]:
    """RMS of voltages and currents and the noise of their means, (m, 3)."""
    mean_i = padded(known.of("i")[4], PHASES)
    return known.window.u_rms, padded(known.window.i_rms, PHASES), known.of("u")[4], mean_i


def _gains(known: Given, value: Floats) -> Floats:
    """A product's change by the gains of its factors (m, 3, 2)."""
    return _pair(value * known.u[0], value * padded(known.i[0], PHASES))


def _turned(known: Given, per_radian: Floats) -> Floats:
    """What delays change (m, 3, 2), for a change by `per_radian` at the fundamental."""
    frequency = np.nan_to_num(known.window.frequency)
    change = per_radian * (frequency / REFERENCE_FREQUENCY)[:, None]
    return _pair(change * known.u[1], change * padded(known.i[1], PHASES))


def of_active(known: Given) -> PowerParts:
    """dP = P (gu + gi) + Σ h Q_h (δi - δu) + U0 oi + I0 ou;  u² = σu² I²/N + σi² U²/N."""
    u, i, mean_u, mean_i = _phases(known)
    phasors = of_phases(known.window.i_phasors)
    reactive = (known.window.u_phasors * phasors.conj()).imag
    turned = np.nansum(reactive * np.arange(reactive.shape[2]), axis=2)
    offset_i = padded(known.i[2], PHASES)
    direct_u = known.window.u_phasors[:, :, 0].real
    direct_i = np.hypot(phasors[:, :, 0].real, offset_i)
    offsets = _pair(direct_i * known.u[2], direct_u * offset_i)
    return PowerParts(
        gains=_gains(known, known.window.p),
        others=np.hypot(_turned(known, turned), offsets),
        noise=np.square(_pair(mean_u * i, mean_i * u)),
        added=np.zeros_like(offsets),
    )


def of_reactive(known: Given) -> PowerParts:
    """dQ = Q (gu + gi) + P1 (δi - δu);  u² = σu² I1²/N + σi² U1²/N."""
    mean_u, mean_i = _phases(known)[2:]
    u1 = np.abs(known.window.u_phasors[:, :, 1])
    i1 = padded(np.abs(known.window.i_phasors[:, :, 1]), PHASES)
    p1 = np.sqrt(np.maximum(np.square(u1 * i1) - np.square(known.window.q), 0.0))
    return PowerParts(
        gains=_gains(known, known.window.q),
        others=_turned(known, p1),
        noise=np.square(_pair(mean_u * i1, mean_i * u1)),
        added=np.zeros((*p1.shape, 2)),
    )


def of_apparent(known: Given) -> PowerParts:
    """dS = S (gu + gi) + I dU + U dI, with what offset and noise add to U and I."""
    u, i, mean_u, mean_i = _phases(known)
    (rms_u, added_u), (rms_i, added_i) = (rms_of(known, letter) for letter in "ui")
    whole_i = padded(rms_i.systematic, PHASES)
    rest_u = np.sqrt(np.maximum(np.square(rms_u.systematic) - np.square(u * known.u[0]), 0.0))
    gain_i = padded(known.i[0], PHASES)
    rest_i = np.sqrt(np.maximum(np.square(whole_i) - np.square(i * gain_i), 0.0))
    return PowerParts(
        gains=_gains(known, known.window.s),
        others=_pair(rest_u * i, rest_i * u),
        noise=np.square(_pair(mean_u * i, mean_i * u)),
        added=_pair(added_u * i, padded(added_i, PHASES) * u),
        doubt=known.doubt,
    )


def of_factor(
    known: Given, active: PowerParts, apparent: PowerParts, pf: Floats, s: Floats
) -> PowerParts:
    """d(PF) = (dP - PF dS) / S, S and PF those of the phase or of the total.

    Noise of a current changes P by mean(u n) and its S by U mean(i n) / I, which go together:
    u² = σi²/N (U² - 2 PF P U/I + PF² U²) / S².
    """
    u, i, mean_u, mean_i = _phases(known)
    p = known.window.p
    wide = s[:, :, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        of_u = np.square(i) - 2.0 * pf * p * i / u + np.square(pf * i)
        of_i = np.square(u) - 2.0 * pf * p * u / i + np.square(pf * u)
        return PowerParts(
            gains=(active.gains - pf[:, :, None] * apparent.gains) / wide,
            others=np.hypot(active.others, pf[:, :, None] * apparent.others) / wide,
            noise=_pair(
                np.square(mean_u) * np.maximum(of_u, 0.0), np.square(mean_i) * np.maximum(of_i, 0.0)
            )
            / np.square(wide),
            added=np.abs(pf)[:, :, None] * apparent.added / wide,
            doubt=known.doubt,
        )


def of_energy(known: Given, p: Uncertainty, p_total: Uncertainty) -> Uncertainty:
    """E = P T: u²(E) = (u(P) T)² + (E c)², and a quantum's rectangle at random; [Wh] (m, 4)."""
    hours = (known.window.duration_s / 3600.0)[:, None]
    power = np.column_stack([known.window.p, known.window.p_total])
    systematic = np.column_stack([p.systematic, p_total.systematic])
    random = np.column_stack([p.random, p_total.random])
    return Uncertainty(
        hours * np.hypot(systematic, power * known.clock),
        np.hypot(hours * random, _QUANTUM_WH / math.sqrt(12.0)),
    )
