"""How near the instrument is to analytic truth, and pqopen-lib beside it on the same samples.

Ideal converter, 10 000 samples a second, three voltages and three currents, 60 s of each signal.
What is printed is the worst of all ten- or twelve-cycle windows of all signals named. Exit code 1
when a limit is missed.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from accuracy_class import class_errors
from accuracy_quality import quality_errors
from numpy.typing import NDArray
from pqopen_peer import peer_windows

from addad.metrology import Instrument, InstrumentSettings, Window

RATE = 10_000.0
SECONDS = 60.0
VOLTS, AMPERES = 230.0, 10.0

Floats = NDArray[np.float64]
Harmonics = dict[int, tuple[float, float]]


@dataclass(frozen=True)
class Signal:
    """Three phases of U and I [V, A rms], `lag` [deg], harmonics as (share, angle [deg]), noise
    [share of the fundamental].
    """

    frequency: float
    nominal: float = 50.0
    lag: float = 0.0
    harmonics: Harmonics = field(default_factory=dict)
    noise: float = 0.0

    @property
    def distortion(self) -> float:
        """THD as a ratio."""
        return math.sqrt(sum(part * part for part, _ in self.harmonics.values()))

    @property
    def rms_of_one(self) -> float:
        """RMS of a channel whose fundamental is one."""
        return math.hypot(1.0, self.distortion)

    @property
    def p(self) -> float:
        """Active power of a phase [W]; the harmonics of U and I are alike."""
        return VOLTS * AMPERES * (math.cos(math.radians(self.lag)) + self.distortion**2)

    @property
    def q(self) -> float:
        """Reactive power of a phase's fundamental [var]."""
        return VOLTS * AMPERES * math.sin(math.radians(self.lag))

    def samples(self, seconds: float = SECONDS) -> Floats:
        """Samples (n, 6) [V, A]."""
        t = np.arange(round(RATE * seconds)) / RATE
        rng = np.random.default_rng(7)
        columns = []
        for rms, lag in ((VOLTS, 0.0), (AMPERES, self.lag)):
            for phase in range(3):
                angle = 2.0 * math.pi * (self.frequency * t - phase / 3.0)
                wave = np.sin(angle - math.radians(lag))
                for order, (part, shift) in self.harmonics.items():
                    wave += part * np.sin(order * angle + math.radians(shift))
                wave += self.noise * rng.standard_normal(len(t)) / math.sqrt(2.0)
                columns.append(math.sqrt(2.0) * rms * wave)
        return np.stack(columns, axis=-1)


def rich(highest: int) -> Harmonics:
    """Every order from 2 on, 0.3 to 5 % of the fundamental."""
    return {
        h: (0.05 if h < 10 else 0.02 if h < 30 else 0.003, 17.0 * h % 360.0)
        for h in range(2, highest + 1)
    }


class Found(NamedTuple):
    """A signal and what both instruments made of it: windows, channels of the peer by name."""

    signal: Signal
    ours: tuple[Window, ...]
    peer: dict[str, Floats]


Error = Callable[[Found], tuple[float, float]]


class Line(NamedTuple):
    """One line of the table: `error` gives our worst and the peer's, in `unit`."""

    quantity: str
    at_most: float
    unit: str
    signals: tuple[Signal, ...]
    error: Error


def measured(signal: Signal) -> Found:
    """Both instruments over a signal."""
    samples = signal.samples()
    settings = InstrumentSettings(RATE, currents=3, nominal_frequency=signal.nominal)
    ours = Instrument(settings).process(samples[None])
    return Found(signal, ours, peer_windows(samples, RATE, signal.nominal))


def _all(found: Found, name: str) -> Floats:
    return np.concatenate([np.ravel(getattr(w, name)) for w in found.ours])


def _phases(found: Found, pattern: str) -> Floats:
    return np.concatenate([np.ravel(found.peer[pattern.format(k)]) for k in (1, 2, 3)])


def _worst(values: Floats, truth: float, scale: float) -> float:
    return float(np.max(np.abs(values - truth)) * scale)


def rms_error(found: Found) -> tuple[float, float]:
    """Of U and I [% of reading]."""
    u, i = VOLTS * found.signal.rms_of_one, AMPERES * found.signal.rms_of_one
    ours = (_all(found, "u_rms") / u, _all(found, "i_rms") / i)
    peer = (_phases(found, "U{}_rms") / u, _phases(found, "I{}_rms") / i)
    return (
        _worst(np.concatenate(ours), 1.0, 100.0),
        _worst(np.concatenate(peer), 1.0, 100.0),
    )


def power_error(found: Found) -> tuple[float, float]:
    """Of P of a phase [% of reading]."""
    p = found.signal.p
    return (
        _worst(_all(found, "p"), p, 100.0 / abs(p)),
        _worst(_phases(found, "P{}"), p, 100.0 / abs(p)),
    )


def reactive_error(found: Found) -> tuple[float, float]:
    """Of the fundamental's Q [% of S]; the peer's has no sign that is documented."""
    scale = 100.0 / (VOLTS * AMPERES)
    q = found.signal.q
    peer = _phases(found, "Q{}_H1")
    return _worst(_all(found, "q"), q, scale), _worst(np.abs(peer), abs(q), scale)


def frequency_error(found: Found) -> tuple[float, float]:
    """Of f [mHz]."""
    f = found.signal.frequency
    return (
        _worst(_all(found, "frequency"), f, 1e3),
        _worst(found.peer["Freq"], f, 1e3),
    )


def harmonic_error(found: Found) -> tuple[float, float]:
    """Of any order from 2 to 50 [% of reading], of the peer as far as it goes."""
    truth = np.array([part for _, (part, _) in sorted(found.signal.harmonics.items())])
    ours = np.concatenate([w.u_harmonics[0, :, 2:51] / VOLTS for w in found.ours])
    ours_i = np.concatenate([w.i_harmonics[0, :, 2:51] / AMPERES for w in found.ours])
    peer = np.concatenate([found.peer[f"U{k}_H_rms"][:, 2:51] / VOLTS for k in (1, 2, 3)])
    reached = truth[: peer.shape[1]]
    return (
        _worst(np.concatenate([ours, ours_i]) / truth, 1.0, 100.0),
        _worst(peer / reached, 1.0, 100.0),
    )


def thd_error(found: Found) -> tuple[float, float]:
    """Of THD where there is none [percentage points]."""
    ours = np.concatenate([_all(found, name) for name in ("thd_u", "thd_i")])
    return _worst(ours, 0.0, 100.0), _worst(_phases(found, "U{}_THD"), 0.0, 1.0)


def _at(frequencies: tuple[float, ...], lags: tuple[float, ...] = (0.0,)) -> tuple[Signal, ...]:
    return tuple(Signal(f, lag=lag, harmonics=rich(20)) for f in frequencies for lag in lags)


_WIDE = (42.5, 47.5, 50.01, 52.5, 57.5)
_HARMONIC = tuple(Signal(f, harmonics=rich(50)) for f in (47.5, 50.0, 50.01, 52.5)) + tuple(
    Signal(f, nominal=60.0, harmonics=rich(50)) for f in (57.0, 60.0, 63.0)
)
LINES = (
    Line("U, I at 42.5-57.5 Hz, 20 harmonics, any PF", 0.001, "%",
         _at(_WIDE, (0.0, 60.0, -60.0, 84.2608, 180.0)), rms_error),
    Line("P at PF 1", 0.002, "%", _at(_WIDE), power_error),
    Line("P at PF 0.5", 0.002, "%", _at(_WIDE, (60.0, -60.0)), power_error),
    Line("P at PF 0.1", 0.01, "%", _at(_WIDE, (84.2608, -84.2608)), power_error),
    Line("Q of the fundamental", 0.002, "% of S", _at(_WIDE, (0.0, 30.0, 84.2608, -60.0)),
         reactive_error),
    Line("f, clean", 0.01, "mHz", _at(_WIDE), frequency_error),
    Line("f, 60 dB noise, three voltages", 0.2, "mHz",
         tuple(Signal(f, noise=1e-3) for f in (47.5, 50.01, 52.5)), frequency_error),
    Line("each harmonic, h2-h50, 47.5-52.5 and 57-63 Hz", 0.1, "%", _HARMONIC, harmonic_error),
    Line("THD of a clean signal", 0.001, "points",
         tuple(Signal(f) for f in (47.5, 48.78, 50.0, 50.01, 52.5)), thd_error),
)  # fmt: skip


def errors() -> Iterator[dict[str, str | float]]:
    """Each line's worst errors; a signal is measured once, whatever lines ask for it."""
    made: dict[str, Found] = {}
    for line in LINES:
        for signal in line.signals:
            if repr(signal) not in made:
                made[repr(signal)] = measured(signal)
        # numpy's maximum, for which what is no number is the worst
        worst = np.max([line.error(made[repr(signal)]) for signal in line.signals], axis=0)
        ours, peer = map(float, worst)
        yield {
            "quantity": line.quantity,
            "ours": ours,
            "peer": peer,
            "at_most": line.at_most,
            "unit": line.unit,
        }


def _text(peer: float) -> str:
    """The peer's error, or that it has no such quantity."""
    return f"{'-':>12}" if math.isnan(peer) else f"{peer:12.3g}"


def main() -> int:
    """Print the table; 0 if every limit is kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one line of JSON for each quantity")
    as_json = parser.parse_args().json
    missed = 0
    if not as_json:
        print(f"{'quantity':52} {'ours':>12} {'pqopen-lib':>12} {'at most':>9}")
    for line in itertools.chain(errors(), quality_errors(), class_errors()):
        over = not float(line["ours"]) <= float(line["at_most"])
        missed += over
        if as_json:
            print(json.dumps(line))
            continue
        print(
            f"{line['quantity']:52} {line['ours']:12.3g} {_text(float(line['peer']))}"
            f" {line['at_most']:>9} {line['unit']}{'  MISSED' if over else ''}"
        )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
