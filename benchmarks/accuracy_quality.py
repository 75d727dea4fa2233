"""Flicker and dips against their truth, with pqopen-lib beside them on the same samples."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from daqopen.channelbuffer import AcqBuffer
from numpy.typing import NDArray
from pqopen.eventdetector import EventController, EventDetectorLevelLow
from pqopen.powerquality import VoltageFluctuation
from pqopen.powersystem import PowerSystem

from addad.metrology import InstrumentSettings
from addad.metrology.flicker import Flickermeter, FlickerSettings
from addad.metrology.power_quality import EventKind, PowerQuality, PowerQualitySettings

RATE = 10_000.0
BLOCK = 2_000
MINUTES = 11
CHANGES = (1, 2, 7, 39, 110, 1620)
RECTANGULAR = {
    (230, 50): (2.715, 2.191, 1.450, 0.894, 0.722, 0.407, 2.343),
    (230, 60): (2.719, 2.194, 1.450, 0.895, 0.723, 0.409, 3.263),
    (120, 50): (3.178, 2.561, 1.694, 1.045, 0.844, 0.545, 3.426),
    (120, 60): (3.181, 2.564, 1.694, 1.040, 0.844, 0.548, 4.837),
}
"""dV/V [%] of Pst = 1 in the test tables of IEC 61000-4-15, by lamp [V] and mains [Hz]."""
ODD_POINT = (120, 60, 39)
"""Half a percent off its neighbours: no flickermeter meets it and the others."""
DIPS = 60
DIP_SECONDS = 2.0
DIP_LEAD = 1.0
START_US = 1_790_000_000_000_000

Floats = NDArray[np.float64]
Line = dict[str, str | float]


def modulated(lamp: int, mains: int, begin: float, seconds: float) -> Floats:
    """The seven rectangular modulations side by side (n, 7) [V]."""
    t = begin + np.arange(round(seconds * RATE)) / RATE
    carrier = math.sqrt(2.0) * lamp * np.sin(2.0 * math.pi * mains * t)
    changes = (*CHANGES, 4000 if mains == 50 else 4800)
    columns = [
        carrier * (1.0 + part / 200.0 * np.sign(np.sin(math.pi * count / 60.0 * t + 1e-9)))
        for part, count in zip(RECTANGULAR[lamp, mains], changes, strict=True)
    ]
    return np.stack(columns, axis=-1)


def flicker_errors(lamp: int, mains: int) -> Floats:
    """Our errors of Pst (7,) [%], after a minute to settle."""
    settings = FlickerSettings(RATE, float(mains), lamp, meters=7, phases=1)
    meter = Flickermeter(settings)
    for minute in range(MINUTES):
        meter.process(modulated(lamp, mains, 60.0 * minute, 60.0).T[:, :, None])
        if minute == 0:
            meter.short_term()
    return 100.0 * (meter.short_term()[:, 0] - 1.0)


def peer_flicker_errors() -> Floats:
    """The peer's errors (7,) [%]; it knows the lamp of 230 V at 50 Hz."""
    meters = [VoltageFluctuation(RATE, 230.0, 50.0) for _ in range(7)]
    place = 0
    for second in range(60 * MINUTES):
        samples = modulated(230, 50, float(second), 1.0)
        for begin in range(0, len(samples), BLOCK):
            block = samples[begin : begin + BLOCK]
            halves = np.sqrt(np.mean(block.reshape(20, -1, 7) ** 2, axis=1))
            for k, meter in enumerate(meters):
                meter.process(place, halves[:, k], block[:, k])
            place += len(block)
    pst = [meter.calc_pst(place - round(600 * RATE), place) for meter in meters]
    return 100.0 * (np.array(pst, float) - 1.0)


class Dip:
    """A rectangular dip of some phases, drawn from `seed`."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.frequency = rng.uniform(49.5, 50.5)
        self.start_s = DIP_LEAD + rng.uniform(0.0, 0.02)
        self.duration_s = rng.uniform(0.06, 0.6)
        self.depth = float(rng.choice([0.05, 0.2, 0.4, 0.7, 0.85]))
        self.phases = ((0,), (1,), (2,), (0, 1), (0, 1, 2))[int(rng.integers(5))]

    def samples(self) -> Floats:
        """Three voltages and currents (n, 6)."""
        t = np.arange(round(DIP_SECONDS * RATE)) / RATE
        inside = (t >= self.start_s) & (t < self.start_s + self.duration_s)
        columns = []
        for rms in (230.0, 5.0):
            for k in range(3):
                wave = math.sqrt(2.0) * rms * np.sin(2.0 * math.pi * (self.frequency * t - k / 3.0))
                dips = rms == 230.0 and k in self.phases
                columns.append(wave * np.where(inside & dips, self.depth, 1.0))
        return np.stack(columns, axis=-1)


def our_dip(dip: Dip) -> tuple[float, float]:
    """Residual voltage [V] and duration [s] as we find them."""
    settings = PowerQualitySettings(InstrumentSettings(RATE, currents=3))
    analyser = PowerQuality(settings, START_US / 1e6)
    samples = dip.samples()
    events = []
    for begin in range(0, len(samples), BLOCK):
        events += analyser.process(samples[begin : begin + BLOCK]).events
    (found,) = (e for e in events if e.kind is EventKind.DIP and e.duration_s is not None)
    return found.voltage, float(found.duration_s or 0.0)


def peer_dip(dip: Dip) -> tuple[float, float]:
    """The lowest residual voltage and longest duration of the peer's detectors."""
    buffers = [AcqBuffer(size=32 * BLOCK) for _ in range(6)]
    times = AcqBuffer(size=32 * BLOCK, dtype=np.int64)
    system = PowerSystem(zcd_channel=buffers[0], input_samplerate=RATE)
    for phase in range(3):
        system.add_phase(u_channel=buffers[phase], i_channel=buffers[3 + phase])
    system.enable_rms_trapz_rule()
    system._update_calc_channels()
    events = EventController(times, RATE)
    for phase in range(3):
        channel = system._phases[phase]._calc_channels["one_period_ovlp"]["voltage"]["trms"]
        events.add_event_detector(EventDetectorLevelLow(207.0, 4.6, channel))
    samples = dip.samples()
    found = []
    for begin in range(0, len(samples), BLOCK):
        for channel, buffer in enumerate(buffers):
            buffer.put_data(samples[begin : begin + BLOCK, channel])
        place = np.arange(begin, begin + BLOCK)
        times.put_data(START_US + (place * (1e6 / RATE)).astype(np.int64))
        system.process()
        # what begins with the first blocks is the peer's settling
        found += [e for e in events.process() if (e.start_ts - START_US / 1e6) > 0.5]
    ended = [e for e in found if e.stop_ts is not None]
    if not ended:
        return math.nan, math.nan
    return (
        min(float(e.extrem_value) for e in ended),
        max(float(e.stop_ts) for e in ended) - min(float(e.start_ts) for e in ended),
    )


def quality_errors() -> Iterator[Line]:
    """Lines of the accuracy table for flicker and dips."""
    peer = float(np.max(np.abs(peer_flicker_errors())))
    counted: list[float] = []
    odd = math.nan
    for lamp, mains in RECTANGULAR:
        errors = np.abs(flicker_errors(lamp, mains))
        for count, error in zip((*CHANGES, 4000), errors, strict=True):
            if (lamp, mains, count) == ODD_POINT:
                odd = float(error)
            else:
                counted.append(float(error))
    worst = float(np.max(counted))
    yield _line("Pst, both lamps, both frequencies, 27 of 28 points", worst, peer, 0.2, "%")
    yield _line("Pst, 120 V, 60 Hz, 39 changes/min (see docs)", odd, math.nan, 0.5, "%")
    dips = [Dip(seed) for seed in range(DIPS)]
    ours = np.max([_dip_errors(dip, *our_dip(dip)) for dip in dips], axis=0)
    # of the peer those count that it found
    theirs = np.nanmax([_dip_errors(dip, *peer_dip(dip)) for dip in dips], axis=0)
    for k, (name, at_most, unit) in enumerate(
        (("residual voltage", 0.02, "% of Udin"), ("duration", 0.5, "cycles"))
    ):
        quantity = f"dip, {name} ({DIPS} random dips)"
        yield _line(quantity, float(ours[k]), float(theirs[k]), at_most, unit)


def _dip_errors(dip: Dip, volts: float, seconds: float) -> tuple[float, float]:
    """Of the residual voltage [% of Udin] and of the duration [cycles]."""
    return (
        abs(volts / 230.0 - dip.depth) * 100.0,
        abs(seconds - dip.duration_s) * dip.frequency,
    )


def _line(quantity: str, ours: float, peer: float, at_most: float, unit: str) -> Line:
    return {"quantity": quantity, "ours": ours, "peer": peer, "at_most": at_most, "unit": unit}
