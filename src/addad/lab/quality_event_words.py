"""The words and figures of a quality report's events; their classes are those of EN 50160."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from addad.lab.quality_report import QualityReport, ReportedEvent
from addad.metrology.power_quality import en50160 as en

_STEP_S = 0.015
"""A change of one half-cycle."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """Events by classes: a row a voltage, a column a duration."""

    title: str
    columns: Sequence[str]
    rows: Sequence[str]
    counts: Sequence[Sequence[int]]


def classes(report: QualityReport) -> tuple[Matrix, Matrix]:
    """Dips and swells by their classes."""
    levels = [f"{high:g} > u ≥ {low:g} %" for high, low in pairwise(en.DIP_LEVELS[:-1])]
    high, low = en.SWELL_LEVELS
    return (
        Matrix(
            "Dips: residual voltage", [f"≤ {end:g} s" for end in en.DIP_DURATIONS_S],
            [*levels, f"{en.DIP_LEVELS[-2]:g} % > u"], report.table.dips,
        ),
        Matrix(
            "Swells: largest voltage", [f"≤ {end:g} s" for end in en.SWELL_DURATIONS_S],
            [f"u ≥ {high:g} %", f"{high:g} > u > {low:g} %"], report.table.swells,
        ),
    )  # fmt: skip


def other_events(report: QualityReport) -> list[tuple[str, str]]:
    """What has no class, as names and counts."""
    short, long = report.table.interruptions
    return [
        ("Interruptions, up to 3 min", str(short)), ("Interruptions, longer", str(long)),
        ("Dips and swells over 60 s", str(report.table.longer)),
        ("Rapid voltage changes", str(report.table.rapid_changes)),
    ]  # fmt: skip


def caption(event: ReportedEvent) -> str:
    """What stands over an event's waveform, behind its number."""
    return (
        f"{event.kind} on {' '.join(event.phases)}, {event_voltage(event)} "
        f"({event_share(event)}), {lasted(event)}"
    )


def event_head(report: QualityReport) -> tuple[str, ...]:
    """The heads of an event's row."""
    began = "began, UTC" if report.record.supply.dated else "began after"
    return ("#", "event", began, "lasted", "voltage", "of Un", "phases", "equipment")


def event_cells(report: QualityReport, event: ReportedEvent) -> tuple[str, ...]:
    """An event's row: number, kind, begin, duration, voltage, share, phases, what it does."""
    began = moment(event.begins)
    if not report.record.supply.dated:
        began = f"{event.start_utc_s - report.record.begin_utc_s:.3f} s"
    return (
        str(event.number), event.kind, began, lasted(event),
        event_voltage(event), event_share(event), " ".join(event.phases), event_region(event),
    )  # fmt: skip


def lasted(event: ReportedEvent) -> str:
    """How long an event lasted, or at least."""
    if event.kind == "rapid change" and event.duration_s is not None and event.duration_s < _STEP_S:
        return "a step"
    return ("≥ " if event.cut else "") + duration(event.duration_s)


def event_voltage(event: ReportedEvent) -> str:
    """Residual or largest voltage; of a rapid change how far it went."""
    sign = "±" if event.kind == "rapid change" else ""
    return f"{sign}{event.voltage:.1f} V"


def event_share(event: ReportedEvent) -> str:
    """The same, in percent of the declared voltage."""
    return f"{100.0 * event.share:.1f} %"


def event_region(event: ReportedEvent) -> str:
    """Where it lies on the plane of tolerance."""
    if event.of_interruption:
        return "see the interruption"
    return event.region.value if event.region else "—"


def moment(when: datetime) -> str:
    """A moment to the millisecond."""
    return f"{when:%a %-d %b %H:%M:%S}.{when.microsecond // 1000:03d}"


def duration(seconds: float | None) -> str:
    """A time span to three digits, in the unit that fits it."""
    if seconds is None:
        return "not over"
    for unit, length in (("d", 86_400.0), ("h", 3_600.0), ("min", 60.0), ("s", 1.0)):
        if seconds >= length * 1.5 or (unit == "s" and seconds >= 1.0):
            return f"{seconds / length:.3g} {unit}"
    return f"{1e3 * seconds:.0f} ms"
