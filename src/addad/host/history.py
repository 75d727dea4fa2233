"""A past for a new meter: hours of the site in seconds, so that a demonstration has its day.

This is a shortcut, and no measurement: of each minute one second of the site is drawn, and its
truth, not the instrument's reading of it, is counted as the mean power of that minute. What lasts
less than a minute is therefore caught or missed by luck, and sums over hours come out within a few
percent of the site's own. All that follows from it is as ever: energy in quanta by the
instrument's own rules, registers, profiles and their boundaries. The limiter sleeps meanwhile: a
minute is too coarse to cut anybody off.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from addad.meter.device import Block, Inputs, Meter
from addad.meter.measured import Reading
from addad.metrology.energy import (
    METER_REGISTERS,
    REGISTERS,
    SUMS,
    EnergySettings,
    count_energy,
)
from addad.world.site import Site
from addad.world.truth import SiteState

PIECE_S: Final = 60
"""Boundaries of all profiles fall between two pieces: a capture period is whole minutes."""
_SPREAD: Final = (math.sqrt(5.0) - 1.0) / 2.0
"""Of each piece another second, evenly spread: what repeats every few minutes is not missed."""
_PHASES: Final = 3
_SLACK_S: Final = 1.0


def live_through(
    meter: Meter, site: Site, begin: datetime, end: datetime, energy: EnergySettings | None = None
) -> None:
    """Let `meter` live on `site` from `begin` to `end`, both aware and of the meter's own time.

    At `end` the site stands at its start (its sample 0), from where the live stream goes on. A
    meter that has never been stepped powers up at `begin`; one that has, stands there already, so
    that a second call makes up for the time that the first one took. Nothing is written: the
    meter's next checkpoint holds it all. ValueError for a meter restored from its memory, which
    has a past, or a `begin` or `end` that does not fit.
    """
    if begin > end:
        raise ValueError(f"a life from {begin} to {end} runs backwards")
    if not meter.clock.started:
        if meter.clock.last_alive is not None or any(len(each.table) for each in meter.profiles):
            raise ValueError("this meter has a past of its own; only a new one is given another")
        meter.step(Block(begin, 0.0))
    elif abs((meter.clock.time - begin).total_seconds()) > _SLACK_S:
        raise ValueError(f"the meter stands at {meter.clock.time}, not at {begin}")
    limiter = meter.supply.limiter
    rules = limiter.rules
    limiter.configure(rules._replace(normal_w=0, emergency_w=0))
    try:
        _live(meter, site, begin.astimezone(UTC), end.astimezone(UTC), energy or EnergySettings())
    finally:
        limiter.configure(rules)


def _live(
    meter: Meter, site: Site, begin: datetime, end: datetime, settings: EnergySettings
) -> None:
    counter = _Counter(settings)
    now = begin
    while now < end:
        piece = math.floor(now.timestamp()) // PIECE_S
        last, now = now, min(datetime.fromtimestamp((piece + 1) * PIECE_S, UTC), end)
        length_s = (now - last).total_seconds()
        drawn_s = (last - end).total_seconds() + (piece * _SPREAD) % 1.0 * length_s
        closed = meter.supply.relay.closed
        truth = _second(site, drawn_s, connected=closed)
        reading = counter.reading(truth, (last - end).total_seconds(), length_s)
        inputs = Inputs(contact_closed=closed, pv_power_w=float(truth.pv_w.sum()))
        meter.step(Block(now, length_s, readings=(reading,), inputs=inputs))


def _second(site: Site, drawn_s: float, *, connected: bool) -> SiteState:
    """The truth of the whole second of the site's time that holds `drawn_s` after its start."""
    start = site.start.astimezone(UTC)
    moment = (start + timedelta(seconds=drawn_s)).replace(microsecond=0)
    start_s = (moment - start).total_seconds()
    return site.block(start_s, round(site.sample_rate), connected=connected).truth


class _Counter:
    """Truth in, readings out, the fractions of a quantum carried from one to the next."""

    def __init__(self, settings: EnergySettings) -> None:
        self._gates = (settings.start_current, settings.no_load_power, int(settings.summation))
        self._carry = np.zeros((SUMS, REGISTERS))

    def reading(self, truth: SiteState, start_s: float, duration_s: float) -> Reading:
        """What an instrument without error would have read for so long [s]."""
        p, q = truth.p, truth.q1
        s = truth.u_rms * truth.i_rms[:_PHASES]
        quanta = np.zeros((SUMS, REGISTERS), np.int64)
        # a house without error has no harmonic power to speak of: its P is the fundamental's
        counts = np.stack([p, q, s, p])
        count_energy(counts, truth.i_rms, duration_s, self._gates, self._carry, quanta)
        p_total, q_total, s_total = float(p.sum()), float(q.sum()), float(s.sum())
        return Reading(
            start_s=start_s,
            duration_s=duration_s,
            frequency=truth.frequency,
            u_rms=truth.u_rms.tolist(),
            i_rms=truth.i_rms.tolist(),
            p=p.tolist(),
            q=q.tolist(),
            pf=[_power_factor(*each) for each in zip(p.tolist(), s.tolist(), strict=True)],
            p_total=p_total,
            q_total=q_total,
            s_total=s_total,
            pf_total=_power_factor(p_total, s_total),
            thd_u=truth.thd_u.tolist(),
            thd_i=truth.thd_i.tolist(),
            u_angle=truth.u_angle.tolist(),
            i_angle=truth.i_angle.tolist(),
            energy=quanta[:, :METER_REGISTERS].reshape(-1).tolist(),
            flags=0,
        )


def _power_factor(p: float, s: float) -> float:
    """P/S with the sign of P; not a number without apparent power."""
    return p / s if s > 0.0 else math.nan
