"""What was measured of a supply's quality over days: intervals as arrays, events, waveforms.

A week takes some megabytes, mostly harmonics and the waveforms of events. The intervals are those
of IEC 61000-4-30.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from addad.metrology.power_quality import EventWaveform, VoltageEvent

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Bools = NDArray[np.bool_]

PHASES = 3
CURRENTS = 4
ORDERS = 51
WHOLE = 0.99
"""An interval of less coverage does not count."""


@dataclass(frozen=True, slots=True)
class Supply:
    """Whose quality it is, and how it is measured.

    `details` are names and values that a report shows. `declared` [V] is the nominal voltage that
    limits are shares of, `phases` those that have a voltage (0 to 2). `signalling_hz` is 0 where
    none is watched. `remarks` are what a reader has to know, `notes` how a recording was read.
    `dated` is false where it is not known when it began.
    """

    name: str
    declared: float
    nominal_frequency: float
    sample_rate: float
    highest_order: int
    phases: tuple[int, ...] = (0, 1, 2)
    currents: tuple[int, ...] = (0, 1, 2, 3)
    signalling_hz: float = 0.0
    lamp: int = 230
    island: bool = False
    details: tuple[tuple[str, str], ...] = ()
    remarks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    dated: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class TenMinutes:
    """The ten-minute intervals, by their begin [s since 1970, UTC].

    Voltages [V] are (n, 3): the mean, and the lowest and highest half-cycle value. `unbalance` is
    u2 and u0, (n, 2); `harmonics` (n, 3, 51) are shares of the fundamental; `pst` (n, 3);
    `power` [W] is the total. NaN is what was not measured.
    """

    start: Floats
    coverage: Floats
    flagged: Bools
    voltage: Floats
    lowest: Floats
    highest: Floats
    unbalance: Floats
    harmonics: Singles
    pst: Floats
    power: Floats

    def distortion(self, highest: int) -> Floats:
        """THD (n, 3) over the orders 2 to `highest`, as a share of the fundamental."""
        squares = self.harmonics[:, :, 2 : highest + 1].astype(np.float64) ** 2
        known = np.isfinite(self.harmonics[:, :, 1])
        return np.asarray(np.where(known, np.sqrt(np.nansum(squares, axis=2)), math.nan))


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Values (n, channels) of other intervals, by their begin [s since 1970, UTC]."""

    start: Floats
    values: Floats
    flagged: Bools


@dataclass(frozen=True, slots=True, eq=False)
class QualityRecord:
    """All of it, from `begin_utc_s` to `end_utc_s`, but for the `gaps` (k, 2) in between.

    `plt` (n, 3) are long-term flicker by two hours, `frequency` (n, 1) [Hz] that of ten seconds,
    `signalling` (n, 3) [V] that of 150 or 180 cycles. Events begin at seconds since 1970, and so do
    the waveforms, whose columns are U1 to U3, I1 to I4 as far as there are any.
    """

    supply: Supply
    begin_utc_s: float
    end_utc_s: float
    gaps: Floats
    ten: TenMinutes
    plt: Series
    frequency: Series
    signalling: Series
    events: tuple[VoltageEvent, ...]
    waveforms: tuple[EventWaveform, ...]

    @property
    def measured_s(self) -> float:
        """How much of it was measured [s]."""
        return self.end_utc_s - self.begin_utc_s - float((self.gaps[:, 1] - self.gaps[:, 0]).sum())

    @property
    def days(self) -> float:
        """How long it is [days]."""
        return (self.end_utc_s - self.begin_utc_s) / 86_400.0


def joined(records: Sequence[QualityRecord]) -> QualityRecord:
    """Records of stretches that follow one another, as one."""
    first = records[0]
    ten = {
        f.name: np.concatenate([getattr(r.ten, f.name) for r in records])
        for f in fields(TenMinutes)
    }
    return QualityRecord(
        supply=first.supply,
        begin_utc_s=first.begin_utc_s,
        end_utc_s=records[-1].end_utc_s,
        gaps=np.concatenate([r.gaps for r in records]),
        ten=TenMinutes(**ten),
        plt=_joined([r.plt for r in records]),
        frequency=_joined([r.frequency for r in records]),
        signalling=_joined([r.signalling for r in records]),
        events=tuple(event for r in records for event in r.events),
        waveforms=tuple(waveform for r in records for waveform in r.waveforms),
    )


def _joined(series: Sequence[Series]) -> Series:
    return Series(
        np.concatenate([s.start for s in series]),
        np.concatenate([s.values for s in series]),
        np.concatenate([s.flagged for s in series]),
    )
