"""Records of a supply's quality that are made, not measured: a week as wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime

import numpy as np

from addad.lab.quality_record import QualityRecord, Series, Supply, TenMinutes
from addad.lab.quality_report import QualityReport, report
from addad.metrology.power_quality import EventKind, EventWaveform, VoltageEvent

START = datetime(2026, 6, 1, tzinfo=UTC).timestamp()
DECLARED = 230.0
RATE = 1_000.0


def record(days: float = 7.0, *, signalling: bool = False, seed: int = 1) -> QualityRecord:
    """An unremarkable supply, within all limits, for so many days from a Monday on."""
    rng = np.random.default_rng(seed)
    count = int(days * 144)
    ten = START + 600.0 * np.arange(count)
    day = 2.0 * np.pi * np.arange(count) / 144.0
    level = 1.01 - 0.015 * np.cos(day[:, None] + [0.0, 0.4, 0.9])
    voltage = DECLARED * (level + 0.004 * rng.standard_normal((count, 3)))
    harmonics = np.zeros((count, 3, 51), np.float32)
    harmonics[:, :, 1] = 1.0
    for order, share in {3: 0.8, 5: 2.1, 7: 1.2, 9: 0.3, 11: 0.7, 13: 0.4}.items():
        harmonics[:, :, order] = share / 100.0 * (1.0 + 0.1 * rng.standard_normal((count, 3)))
    hours = int(days * 12)
    seconds = int(days * 8_640)
    watched = int(days * 28_800) if signalling else 0
    supply = Supply(
        name="Feeder 12", declared=DECLARED, nominal_frequency=50.0, sample_rate=RATE,
        highest_order=50, signalling_hz=175.0 if signalling else 0.0,
        details=(("Point of measurement", "busbar"),),
    )  # fmt: skip
    return QualityRecord(
        supply=supply,
        begin_utc_s=START,
        end_utc_s=START + days * 86_400.0,
        gaps=np.empty((0, 2)),
        ten=TenMinutes(
            start=ten,
            coverage=np.ones(count),
            flagged=np.zeros(count, np.bool_),
            voltage=voltage,
            lowest=voltage * 0.99,
            highest=voltage * 1.01,
            unbalance=np.tile([0.006, 0.004], (count, 1)),
            harmonics=harmonics,
            pst=np.abs(0.3 + 0.05 * rng.standard_normal((count, 3))),
            power=np.full(count, 500.0),
        ),
        plt=_series(START + 7_200.0 * np.arange(hours), 0.35, 3),
        frequency=Series(
            START + 10.0 * np.arange(seconds),
            50.0 + 0.015 * rng.standard_normal((seconds, 1)),
            np.zeros(seconds, np.bool_),
        ),
        signalling=_series(START + 3.0 * np.arange(watched), 0.8, 3),
        events=(),
        waveforms=(),
    )


def _series(start: np.ndarray, value: float, width: int) -> Series:
    count = len(start)
    return Series(start, np.full((count, width), value), np.zeros(count, np.bool_))


def with_events(made: QualityRecord, events: Sequence[VoltageEvent]) -> QualityRecord:
    """The same with events, their waveforms, and their intervals flagged."""
    flagged = made.ten.flagged.copy()
    waves = []
    for event in events:
        flagged[int((event.start_s - START) // 600.0)] = True
        times = np.arange(int(0.4 * RATE)) / RATE
        angle = 2.0 * np.pi * (50.0 * times[:, None] - np.arange(3) / 3.0)
        factor = np.where((times > 0.1) & (times < 0.3), event.voltage / DECLARED, 1.0)[:, None]
        u = np.sqrt(2.0) * DECLARED * factor * np.sin(angle)
        samples = np.column_stack([u, 0.01 * u, 0.01 * u.sum(axis=1)]).astype(np.float32)
        waves.append(EventWaveform(event, event.start_s - 0.1, RATE, samples))
    return replace(
        made, events=tuple(events), waveforms=tuple(waves), ten=replace(made.ten, flagged=flagged)
    )


def usual_events() -> list[VoltageEvent]:
    """A dip, a swell, an interruption with the dip that it grew from, a rapid change."""
    rows = (
        (EventKind.DIP, 3_700.0, 0.2, 120.0, (1,)),
        (EventKind.SWELL, 90_000.0, 0.4, 262.0, (2,)),
        (EventKind.DIP, 200_000.0, 20.0, 1.0, (1, 2, 3)),
        (EventKind.INTERRUPTION, 200_000.0, 19.9, 1.0, (1, 2, 3)),
        (EventKind.RAPID_CHANGE, 400_000.0, 3.0, 14.0, (3,)),
    )
    return [
        VoltageEvent(k, kind, START + at, lasts, volts, phases)
        for k, (kind, at, lasts, volts, phases) in enumerate(rows, 1)
    ]


def reported(made: QualityRecord) -> QualityReport:
    """Its report, made at a certain time."""
    return report(made, datetime(2026, 6, 9, 8, 0, tzinfo=UTC), "0.1.0")


def with_gap(made: QualityRecord, begin_s: float, length_s: float) -> QualityRecord:
    """The same with nothing measured for a while."""
    gap = np.array([[START + begin_s, START + begin_s + length_s]])

    def cut(values: Series, lasts: float) -> Series:
        kept = (values.start + lasts <= gap[0, 0]) | (values.start >= gap[0, 1])
        return Series(values.start[kept], values.values[kept], values.flagged[kept])

    ten = made.ten
    kept = (ten.start + 600.0 <= gap[0, 0]) | (ten.start >= gap[0, 1])
    return replace(
        made,
        gaps=gap,
        ten=TenMinutes(**{f.name: getattr(ten, f.name)[kept] for f in fields(TenMinutes)}),
        plt=cut(made.plt, 7_200.0),
        frequency=cut(made.frequency, 10.0),
        signalling=cut(made.signalling, 3.0),
    )
