"""The uncertainty of every value of a window, from its calibration's and from the window itself.

JCGM 100 (GUM). Calibration stays the same from window to window (systematic); noise does not
(random). The method and its equations stand in docs/metrology.md.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from addad.errors import InputError
from addad.metrology.quantities import PHASES
from addad.metrology.sequence import NEGATIVE, POSITIVE, ZERO, components
from addad.metrology.settings import InstrumentSettings
from addad.metrology.uncertainty_inputs import (
    COVERAGE_FACTOR,
    InputUncertainty,
    Uncertainty,
    noise_of,
)
from addad.metrology.window import Window, of_phases

__all__ = ["InputUncertainty", "Uncertainty", "WindowUncertainty", "noise_of", "uncertainties"]

_REFERENCE_FREQUENCY = 50.0
_ROOT_3 = math.sqrt(3.0)
_ONE_SIDED = 1.645
"""95 % of a normal distribution lie below so many standard deviations."""
_METHOD = 2e-6
"""Standard uncertainty that the method itself adds to RMS values, powers and angles: a share, rad.

It is the same from window to window, as far as anyone knows: systematic.
"""
_METHOD_FREQUENCY = 2e-6
_QUANTUM_WH = 1e-6

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class WindowUncertainty:
    """An Uncertainty for each value of a window, under the window's name and in its shape.

    `u2` and `u0` (m,) are of the unbalance by negative and zero sequence; `active_energy` (m, 4)
    [Wh] is of the increments of L1 to L3 and of the vector sum. What has no channel is NaN.
    """

    frequency: Uncertainty
    u_rms: Uncertainty
    i_rms: Uncertainty
    p: Uncertainty
    q: Uncertainty
    s: Uncertainty
    pf: Uncertainty
    p_total: Uncertainty
    q_total: Uncertainty
    s_total: Uncertainty
    pf_total: Uncertainty
    thd_u: Uncertainty
    thd_i: Uncertainty
    u_harmonics: Uncertainty
    i_harmonics: Uncertainty
    u_angle: Uncertainty
    i_angle: Uncertainty
    u2: Uncertainty
    u0: Uncertainty
    active_energy: Uncertainty


class _Given:
    """What a window and its input give to all equations: noise, and shares by channel."""

    def __init__(
        self,
        window: Window,
        given: InputUncertainty,
        settings: InstrumentSettings,
        noise: tuple[Floats, Floats] | None,
    ) -> None:
        self.window = window
        self.correlation = given.gain_correlation
        self.clock = given.clock
        self.rate = settings.sample_rate
        self.samples = window.duration_s * settings.sample_rate
        cut = settings.voltages
        nothing = (0.0,) * len(given.gain)
        every = (given.gain, given.phase, given.offset or nothing, given.quantum or nothing)
        self.u = np.array([_padded(values[:cut], PHASES) for values in every])
        self.i = np.array([_padded(values[cut:], window.i_rms.shape[1]) for values in every])
        noise_u, noise_i = noise or noise_of(window, settings)
        self.noise_u = np.maximum(noise_u, self.u[3] / math.sqrt(12.0))
        self.noise_i = np.maximum(noise_i, self.i[3] / math.sqrt(12.0))

    def of(self, letter: str) -> tuple[Floats, Floats, Floats, Floats, Floats]:
        """RMS (m, c), shares of gain (c,), offsets (c,), noise (m, c) and that of a mean (m, c)."""
        rms = self.window.u_rms if letter == "u" else self.window.i_rms
        shares = self.u if letter == "u" else self.i
        noise = self.noise_u if letter == "u" else self.noise_i
        return rms, shares[0], shares[2], noise, noise / np.sqrt(self.samples)[:, None]


@dataclass(frozen=True, slots=True)
class _Parts:
    """What changes a quantity, by phase and by voltage or current (m, 3, 2).

    `gains` are signed standard uncertainties that may be correlated, `others` are independent
    ones; `noise` are variances; `added` is what noise adds.
    """

    gains: Floats
    others: Floats
    noise: Floats
    added: Floats

    def by_phase(self, correlation: float, method: Floats) -> Uncertainty:
        """Of each phase by itself (m, 3)."""
        found = _together(self.gains, self.others, self.noise, correlation, method)
        return _raised(found, self.added.sum(axis=-1))

    def in_total(self, correlation: float, method: Floats) -> Uncertainty:
        """Of the sum of the phases (m,); a phase without channels is no part of it."""
        rows = len(self.gains)
        missing = np.isnan(self.noise).all(axis=(1, 2))
        gains, others, noise, added = (
            np.nan_to_num(part).reshape(rows, -1)
            for part in (self.gains, self.others, self.noise, self.added)
        )
        found = _raised(_together(gains, others, noise, correlation, method), added.sum(axis=-1))
        return Uncertainty(
            np.where(missing, np.nan, found.systematic), np.where(missing, np.nan, found.random)
        )


def _together(
    gains: Floats, others: Floats, noise: Floats, correlation: float, method: Floats
) -> Uncertainty:
    """u² = (1 - r) Σ g² + r (Σ g)² + Σ o² + method², and Σ n at random, over the last axis."""
    own, common = np.square(gains).sum(axis=-1), np.square(gains.sum(axis=-1))
    systematic = (1.0 - correlation) * own + correlation * common + np.square(others).sum(axis=-1)
    return Uncertainty(np.sqrt(systematic + np.square(method)), np.sqrt(noise.sum(axis=-1)))


def _raised(found: Uncertainty, added: Floats) -> Uncertainty:
    """u² = max((b + 1.645 g) / 2, g)², g² = s² + r², for a value to which noise adds b.

    That is known, of one sign, and not taken off: 95 % of the errors are less than b + 1.645 g.
    """
    spread = found.standard
    whole = np.maximum((added + _ONE_SIDED * spread) / COVERAGE_FACTOR, spread)
    return Uncertainty(np.sqrt(np.square(whole) - np.square(found.random)), found.random)


def _padded(values: tuple[float, ...] | Floats, to: int) -> Floats:
    """Values (..., c) as (..., to), NaN where there are none."""
    array = np.asarray(values, np.float64)
    wide = np.full((*array.shape[:-1], to), np.nan)
    kept = min(to, array.shape[-1])
    wide[..., :kept] = array[..., :kept]
    return wide


def _pair(u: Floats, i: Floats) -> Floats:
    """Something of voltages and currents (m, 3) side by side (m, 3, 2)."""
    return np.stack(np.broadcast_arrays(u, i), axis=-1)


def uncertainties(
    window: Window,
    given: InputUncertainty,
    settings: InstrumentSettings,
    noise: tuple[Floats, Floats] | None = None,
) -> WindowUncertainty:
    """JCGM 100: the uncertainty of each value of a window of any number of meters.

    `given` is by the channels of `settings`; raises InputError for another number of them.
    `noise` is as of `noise_of`, where it is known from elsewhere: an unsteady window's own lines
    hold more than noise.
    """
    if len(given.gain) != len(settings.channels):
        raise InputError(
            f"uncertainties of {len(given.gain)} channels: the instrument has "
            f"{', '.join(settings.channels)}"
        )
    known = _Given(window, given, settings, noise)
    r = known.correlation
    method = _METHOD * window.s
    total = _METHOD * window.s_total
    active, reactive, apparent = _active(known), _reactive(known), _apparent(known)
    angle_u, angle_i = _angles(known)
    factor = _factor(known, active, apparent, window.pf, window.s)
    factor_total = _factor(
        known, active, apparent, window.pf_total[:, None], window.s_total[:, None]
    )
    p, p_total = active.by_phase(r, method), active.in_total(r, total)
    return WindowUncertainty(
        frequency=_frequency(known),
        u_rms=_raised(*_rms(known, "u")),
        i_rms=_raised(*_rms(known, "i")),
        p=p,
        q=reactive.by_phase(r, method),
        s=apparent.by_phase(r, method),
        pf=factor.by_phase(r, np.full_like(method, _METHOD)),
        p_total=p_total,
        q_total=reactive.in_total(r, total),
        s_total=apparent.in_total(r, total),
        pf_total=factor_total.in_total(r, np.full_like(total, _METHOD)),
        thd_u=_distortion(known, "u"),
        thd_i=_distortion(known, "i"),
        u_harmonics=_harmonics(known, "u"),
        i_harmonics=_harmonics(known, "i"),
        u_angle=angle_u,
        i_angle=angle_i,
        u2=_unbalance(known, NEGATIVE),
        u0=_unbalance(known, ZERO),
        active_energy=_energy(known, p, p_total),
    )


# --- voltages, currents, frequency


def _rms(known: _Given, letter: str) -> tuple[Uncertainty, Floats]:
    """u²(X) = (X g)² + (X0 o / X)² + (o² / 2X)², b = σ² / 2X;  at random σ²/N (1 + σ²/2X²)."""
    x, gain, offset, noise, mean = known.of(letter)
    phasors = known.window.u_phasors if letter == "u" else known.window.i_phasors
    direct = phasors[:, :, 0].real
    with np.errstate(divide="ignore", invalid="ignore"):
        shift = np.where(x > 0.0, direct * offset / x, offset)
        second = np.where(x > 0.0, np.minimum(np.square(offset) / (2.0 * x), offset), 0.0)
        added = np.where(x > 0.0, np.minimum(np.square(noise) / (2.0 * x), noise), 0.0)
        spread = mean * np.sqrt(1.0 + np.square(noise / np.maximum(x, noise)) / 2.0)
    share = np.square(gain) + _METHOD**2
    systematic = np.sqrt(np.square(x) * share + np.square(shift) + np.square(second))
    return Uncertainty(systematic, np.nan_to_num(spread) + 0.0 * x), added


def _frequency(known: _Given) -> Uncertainty:
    """u(f) = f c;  at random u² = 12 fs² / (4π² N³) Σ U² σ² / (Σ U²)², voltages weighing as U².

    That is the bound for the frequency of a sine, as it is for voltages of equal noise.
    """
    squares, sigma = np.square(known.window.u_rms), known.noise_u
    with np.errstate(divide="ignore", invalid="ignore"):
        level = np.nansum(squares * np.square(sigma), axis=1) / np.square(
            np.nansum(squares, axis=1)
        )
    variance = 12.0 * known.rate**2 / (4.0 * np.pi**2 * known.samples**3) * level
    frequency = known.window.frequency
    return Uncertainty(np.hypot(frequency * known.clock, _METHOD_FREQUENCY), np.sqrt(variance))


# --- powers


def _phases(known: _Given) -> tuple[Floats, Floats, Floats, Floats]:
    """RMS of voltages and currents and the noise of their means, (m, 3)."""
    mean_i = _padded(known.of("i")[4], PHASES)
    return known.window.u_rms, _padded(known.window.i_rms, PHASES), known.of("u")[4], mean_i


def _gains(known: _Given, value: Floats) -> Floats:
    """A product's change by the gains of its factors (m, 3, 2)."""
    return _pair(value * known.u[0], value * _padded(known.i[0], PHASES))


def _turned(known: _Given, per_radian: Floats) -> Floats:
    """What delays change (m, 3, 2), for a change by `per_radian` at the fundamental."""
    frequency = np.nan_to_num(known.window.frequency)
    change = per_radian * (frequency / _REFERENCE_FREQUENCY)[:, None]
    return _pair(change * known.u[1], change * _padded(known.i[1], PHASES))


def _active(known: _Given) -> _Parts:
    """dP = P (gu + gi) + Σ h Q_h (δi - δu) + U0 oi + I0 ou;  u² = σu² I²/N + σi² U²/N."""
    u, i, mean_u, mean_i = _phases(known)
    phasors = of_phases(known.window.i_phasors)
    reactive = (known.window.u_phasors * phasors.conj()).imag
    turned = np.nansum(reactive * np.arange(reactive.shape[2]), axis=2)
    offset_i = _padded(known.i[2], PHASES)
    direct_u = known.window.u_phasors[:, :, 0].real
    direct_i = np.hypot(phasors[:, :, 0].real, offset_i)
    offsets = _pair(direct_i * known.u[2], direct_u * offset_i)
    return _Parts(
        gains=_gains(known, known.window.p),
        others=np.hypot(_turned(known, turned), offsets),
        noise=np.square(_pair(mean_u * i, mean_i * u)),
        added=np.zeros_like(offsets),
    )


def _reactive(known: _Given) -> _Parts:
    """dQ = Q (gu + gi) + P1 (δi - δu);  u² = σu² I1²/N + σi² U1²/N."""
    mean_u, mean_i = _phases(known)[2:]
    u1 = np.abs(known.window.u_phasors[:, :, 1])
    i1 = _padded(np.abs(known.window.i_phasors[:, :, 1]), PHASES)
    p1 = np.sqrt(np.maximum(np.square(u1 * i1) - np.square(known.window.q), 0.0))
    return _Parts(
        gains=_gains(known, known.window.q),
        others=_turned(known, p1),
        noise=np.square(_pair(mean_u * i1, mean_i * u1)),
        added=np.zeros((*p1.shape, 2)),
    )


def _apparent(known: _Given) -> _Parts:
    """dS = S (gu + gi) + I dU + U dI, with what offset and noise add to U and I."""
    u, i, mean_u, mean_i = _phases(known)
    (rms_u, added_u), (rms_i, added_i) = (_rms(known, letter) for letter in "ui")
    whole_i = _padded(rms_i.systematic, PHASES)
    rest_u = np.sqrt(np.maximum(np.square(rms_u.systematic) - np.square(u * known.u[0]), 0.0))
    gain_i = _padded(known.i[0], PHASES)
    rest_i = np.sqrt(np.maximum(np.square(whole_i) - np.square(i * gain_i), 0.0))
    return _Parts(
        gains=_gains(known, known.window.s),
        others=_pair(rest_u * i, rest_i * u),
        noise=np.square(_pair(mean_u * i, mean_i * u)),
        added=_pair(added_u * i, _padded(added_i, PHASES) * u),
    )


def _factor(known: _Given, active: _Parts, apparent: _Parts, pf: Floats, s: Floats) -> _Parts:
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
        return _Parts(
            gains=(active.gains - pf[:, :, None] * apparent.gains) / wide,
            others=np.hypot(active.others, pf[:, :, None] * apparent.others) / wide,
            noise=_pair(
                np.square(mean_u) * np.maximum(of_u, 0.0), np.square(mean_i) * np.maximum(of_i, 0.0)
            )
            / np.square(wide),
            added=np.abs(pf)[:, :, None] * apparent.added / wide,
        )


def _energy(known: _Given, p: Uncertainty, p_total: Uncertainty) -> Uncertainty:
    """E = P T: u²(E) = (u(P) T)² + (E c)², and a quantum's rectangle at random; [Wh] (m, 4)."""
    hours = (known.window.duration_s / 3600.0)[:, None]
    power = np.column_stack([known.window.p, known.window.p_total])
    systematic = np.column_stack([p.systematic, p_total.systematic])
    random = np.column_stack([p.random, p_total.random])
    return Uncertainty(
        hours * np.hypot(systematic, power * known.clock),
        np.hypot(hours * random, _QUANTUM_WH / math.sqrt(12.0)),
    )


# --- harmonics, distortion, unbalance


def _harmonics(known: _Given, letter: str) -> Uncertainty:
    """u²(X_h) = (X_h g)², b = X_h - sqrt(X_h² - 6 σ²/N);  at random σ²/N.

    A subgroup has three lines with 2 σ²/N of noise each, which add b. Order 0, a mean, has the
    offset instead.
    """
    rms = known.window.u_harmonics if letter == "u" else known.window.i_harmonics
    _, gain, offset, _, mean = known.of(letter)
    added = rms - np.sqrt(np.maximum(np.square(rms) - 6.0 * np.square(mean)[:, :, None], 0.0))
    added[:, :, 0] = 0.0
    systematic = rms * gain[:, None]
    systematic[:, :, 0] = np.hypot(systematic[:, :, 0], offset)
    random = np.broadcast_to(mean[:, :, None], rms.shape) + 0.0 * rms
    return _raised(Uncertainty(systematic, random), added)


def _distortion(known: _Given, letter: str) -> Uncertainty:
    """b = d - sqrt(d² - 6 (H - 1) v);  at random v (1 + d² + 3 (H - 1) v / d²).

    v = σ²/(N X1²); a gain that is the same for all orders cancels.
    """
    window = known.window
    thd, phasors = (
        (window.thd_u, window.u_phasors) if letter == "u" else (window.thd_i, window.i_phasors)
    )
    orders = window.highest_order - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        v = np.square(known.of(letter)[4] / np.abs(phasors[:, :, 1]))
        added = thd - np.sqrt(np.maximum(np.square(thd) - 6.0 * orders * v, 0.0))
        second = np.minimum(3.0 * orders * v / np.square(thd), 1.0)
    random = np.sqrt(v * (1.0 + np.square(thd) + second))
    return _raised(Uncertainty(0.0 * random, random), added)


def _angles(known: _Given) -> tuple[Uncertainty, Uncertainty]:
    """φ = arg X1 - arg R1 to the reference R: u² = (δ² + δr²)(f/50)²;  at random v + vr.

    v = σ²/(N X1²). The reference, whose angle is zero by definition, has no uncertainty.
    """
    window = known.window
    angle = np.hstack([window.u_angle, window.i_angle])
    first = np.abs(np.hstack([window.u_phasors[:, :, 1], window.i_phasors[:, :, 1]]))
    delay = np.hstack([known.u[1], known.i[1]]) * (window.frequency / _REFERENCE_FREQUENCY)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        noise = np.hstack([known.of("u")[4], known.of("i")[4]]) / first
    reference = np.argmax(angle == 0.0, axis=1)[:, None]
    systematic, random = (
        np.hypot(part, np.take_along_axis(part, reference, axis=1)) for part in (delay, noise)
    )
    systematic = np.where(np.isnan(angle), np.nan, np.hypot(systematic, _METHOD))
    for part in (systematic, random):
        np.put_along_axis(part, reference, np.where(np.isnan(angle[:, :1]), np.nan, 0.0), axis=1)
    return (
        Uncertainty(systematic[:, :PHASES], random[:, :PHASES]),
        Uncertainty(systematic[:, PHASES:], random[:, PHASES:]),
    )


def _unbalance(known: _Given, sequence: int) -> Uncertainty:
    """k = |X| / |X+| from U_k (1 + g_k + j δ_k) + noise: dk / k = Re(dX / X - dX+ / X+).

    What is across X adds u²/2k, as a rectangle.
    """
    u1 = known.window.u_phasors[:, :, 1]
    found = components(u1)
    parts = components(u1[:, :, None] * np.eye(PHASES))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.abs(found[:, sequence] / found[:, POSITIVE])[:, None]
        change = (
            parts[:, :, sequence] / found[:, sequence, None]
            - parts[:, :, POSITIVE] / found[:, POSITIVE, None]
        ) * ratio
        shares = np.square(known.of("u")[4] / np.abs(u1))
    ratio = ratio[:, 0]
    delay = known.u[1] * (known.window.frequency / _REFERENCE_FREQUENCY)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        gains, delays = change.real * known.u[0], change.imag * delay
        along = _together(
            gains, delays, np.square(np.abs(change)) * shares, known.correlation, 0 * ratio
        )
        across = _together(
            change.imag * known.u[0], change.real * delay, 0 * shares, known.correlation, 0 * ratio
        )
        second = (np.square(across.systematic) + np.square(along.random)) / (2.0 * ratio)
    return Uncertainty(np.hypot(along.systematic, second / _ROOT_3), along.random)
