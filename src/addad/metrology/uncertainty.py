"""The uncertainty of every value of a window, from its calibration's and from the window itself.

JCGM 100 (GUM). Calibration stays the same from window to window (systematic); noise does not
(random). The method and its equations stand in docs/metrology.md.
"""

import math
from dataclasses import dataclass

import numpy as np

from addad.errors import InputError
from addad.metrology.quantities import PHASES
from addad.metrology.sequence import NEGATIVE, POSITIVE, ZERO, components
from addad.metrology.settings import InstrumentSettings
from addad.metrology.uncertainty_inputs import InputUncertainty, Uncertainty
from addad.metrology.uncertainty_powers import (
    of_active,
    of_apparent,
    of_energy,
    of_factor,
    of_reactive,
)
from addad.metrology.uncertainty_terms import (
    METHOD,
    REFERENCE_FREQUENCY,
    Floats,
    Given,
    raised,
    raised_root,
    reaching,
    rms_of,
    together,
)
from addad.metrology.window import Window

_ROOT_2 = math.sqrt(2.0)
_ROOT_3 = math.sqrt(3.0)
_SUM_SPREAD = 2.2
"""What the median's own spread makes of the variance of (the sum of) noise beside it, as a factor.

Found by drawing chi-squares for 20 to 50 orders: of 95 % of the sums, what is left is then within.
"""
_OF_LINE, _OF_ROUND = 3.841, 2.996
"""95 % of a chi-square of one, and of one of two, are below so many times its mean."""
_NO_LESS = 1.0 + 1e-9
"""An interval that reaches down to none does so whatever the last digit of its root."""
_METHOD_FREQUENCY = 2e-6
"""What the method itself adds to a frequency [Hz], systematic too."""


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
    known = Given(window, given, settings, noise)
    r = known.correlation
    method = METHOD * window.s
    total = METHOD * window.s_total
    active, reactive, apparent = of_active(known), of_reactive(known), of_apparent(known)
    angle_u, angle_i = _angles(known)
    factor = of_factor(known, active, apparent, window.pf, window.s)
    factor_total = of_factor(
        known, active, apparent, window.pf_total[:, None], window.s_total[:, None]
    )
    p, p_total = active.by_phase(r, method), active.in_total(r, total)
    return WindowUncertainty(
        frequency=_frequency(known),
        u_rms=_rms(known, "u"),
        i_rms=_rms(known, "i"),
        p=p,
        q=reactive.by_phase(r, method),
        s=apparent.by_phase(r, method),
        pf=factor.by_phase(r, np.full_like(method, METHOD)),
        p_total=p_total,
        q_total=reactive.in_total(r, total),
        s_total=apparent.in_total(r, total),
        pf_total=factor_total.in_total(r, np.full_like(total, METHOD)),
        thd_u=_distortion(known, "u"),
        thd_i=_distortion(known, "i"),
        u_harmonics=_harmonics(known, "u"),
        i_harmonics=_harmonics(known, "i"),
        u_angle=angle_u,
        i_angle=angle_i,
        u2=_unbalance(known, NEGATIVE),
        u0=_unbalance(known, ZERO),
        active_energy=of_energy(known, p, p_total),
    )


def _frequency(known: Given) -> Uncertainty:
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


def _rms(known: Given, letter: str) -> Uncertainty:
    found, added = rms_of(known, letter)
    return raised(found, added, known.doubt * added)


def _harmonics(known: Given, letter: str) -> Uncertainty:
    """u(X_h) = X_h g;  at random σ²/N, and what noise adds to a root of three lines' squares.

    Order 0, a mean, has the offset and nothing added.
    """
    rms = known.window.u_harmonics if letter == "u" else known.window.i_harmonics
    _, gain, offset, _, mean = known.of(letter)
    noise = mean[:, :, None]
    systematic = rms * gain[:, None]
    systematic[:, :, 0] = np.hypot(systematic[:, :, 0], offset)
    plain = Uncertainty(systematic, np.broadcast_to(noise, rms.shape) + 0.0 * rms)
    spread = 1.0 + 3.0 * known.doubt**2
    found = raised_root(plain, rms, noise, 1, spread, systematic)
    found.systematic[:, :, 0] = systematic[:, :, 0]
    return found


def _distortion(known: Given, letter: str) -> Uncertainty:
    """At random u² = v (T + 6.6 (H - 1) v)/d² + v d², T = d² - 6 (H - 1) v, v = σ²/(N X1²).

    A gain that is the same for all orders cancels.
    """
    window = known.window
    thd, phasors = (
        (window.thd_u, window.u_phasors) if letter == "u" else (window.thd_i, window.i_phasors)
    )
    orders = window.highest_order - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        noise = known.of(letter)[4] / np.abs(phasors[:, :, 1])
        v = np.square(noise)
        rest = np.maximum(np.square(thd) - 6.0 * orders * v, 0.0)
        own = v * (rest + 3.0 * orders * _SUM_SPREAD * v) / np.square(thd)
    of_first = noise * thd
    random = np.sqrt(own + np.square(of_first))
    return raised_root(Uncertainty(0.0 * random, random), thd, noise, orders, _SUM_SPREAD, of_first)


def _angles(known: Given) -> tuple[Uncertainty, Uncertainty]:
    """φ = arg X1 - arg R1 to the reference R: u² = (δ² + δr²)(f/50)²;  at random v + vr.

    v = σ²/(N X1²). The reference, whose angle is zero by definition, has no uncertainty.
    """
    window = known.window
    angle = np.hstack([window.u_angle, window.i_angle])
    first = np.abs(np.hstack([window.u_phasors[:, :, 1], window.i_phasors[:, :, 1]]))
    delay = np.hstack([known.u[1], known.i[1]]) * (window.frequency / REFERENCE_FREQUENCY)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        noise = np.hstack([known.of("u")[4], known.of("i")[4]]) / first
    reference = np.argmax(angle == 0.0, axis=1)[:, None]
    systematic, random = (
        np.hypot(part, np.take_along_axis(part, reference, axis=1)) for part in (delay, noise)
    )
    systematic = np.where(np.isnan(angle), np.nan, np.hypot(systematic, METHOD))
    for part in (systematic, random):
        np.put_along_axis(part, reference, np.where(np.isnan(angle[:, :1]), np.nan, 0.0), axis=1)
    return (
        Uncertainty(systematic[:, :PHASES], random[:, :PHASES]),
        Uncertainty(systematic[:, PHASES:], random[:, PHASES:]),
    )


def _unbalance(known: Given, sequence: int) -> Uncertainty:
    """k = |X| / |X+| from U_k (1 + g_k + j δ_k) + noise: dk / k = Re(dX / X - dX+ / X+).

    What is across X adds u²/2k, as a rectangle, and no more than u. An interval reaches down to
    none where 5 % or more of supplies without any unbalance would be read as k or above.
    """
    u1 = known.window.u_phasors[:, :, 1]
    found = components(u1)
    parts = components(u1[:, :, None] * np.eye(PHASES))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.abs(found[:, sequence] / found[:, POSITIVE])
        change = (
            parts[:, :, sequence] / found[:, sequence, None]
            - parts[:, :, POSITIVE] / found[:, POSITIVE, None]
        ) * ratio[:, None]
        shares = np.square(known.of("u")[4] / np.abs(u1))
    delay = known.u[1] * (known.window.frequency / REFERENCE_FREQUENCY)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        gains, delays = change * known.u[0], 1j * change * delay
        noise = np.square(np.abs(change)) * shares
        along, across, between = (
            together(gain, turn, noise, known.correlation, 0 * ratio)
            for gain, turn in (
                (gains.real, delays.real),
                (gains.imag, delays.imag),
                ((gains.real + gains.imag) / _ROOT_2, (delays.real + delays.imag) / _ROOT_2),
            )
        )
        second = np.minimum(np.square(across.standard) / (2.0 * ratio), across.standard)
        none = ratio <= _longest(along.standard, across.standard, between.standard)
    near = Uncertainty(np.hypot(along.systematic, second / _ROOT_3), along.random)
    return reaching(near, np.where(none, ratio * _NO_LESS, 0.0))


def _longest(along: Floats, across: Floats, between: Floats) -> Floats:
    """95 % of a length in two directions are below this, of its u in three: 0, 90 and 45 degrees.

    Its square is a sum of two chi-squares, taken as one of n = (Σ a²)² / Σ a⁴ degrees.
    """
    x, y = np.square(along), np.square(across)
    size = x + y
    degrees = np.square(size) / (x * x + y * y + 2.0 * np.square(np.square(between) - size / 2.0))
    limit: Floats = size * (_OF_LINE + (degrees - 1.0) * (_OF_ROUND - _OF_LINE))
    return np.sqrt(limit)
