"""What a quality report leaves on a disk: the waveforms of its events as COMTRADE, and JSON.

COMTRADE (IEEE C37.111) is written in its form of 1999, which every reader has.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from addad.lab import quality_words as words
from addad.lab.quality_report import (
    Item,
    QualityReport,
    ReportedEvent,
    current_columns,
    voltage_columns,
    waveform_of,
)
from addad.lab.whole_file import write_whole
from addad.metrology.power_quality.en50160 import Result
from addad.world.comtrade_writer import Excerpt, written_comtrade
from addad.world.recording import RecordedChannel
from addad.world.waveform import Phase

Json = dict[str, object]


def write_waveforms(report: QualityReport, folder: Path) -> dict[int, tuple[Path, Path]]:
    """Write a .cfg and a .dat for each event's waveform; OSError when that cannot be.

    Gives the files by the numbers of the events.
    """
    files: dict[int, tuple[Path, Path]] = {}
    for event in report.events:
        cut = excerpt_of(report, event)
        if cut is None:
            continue
        written = written_comtrade(cut, "1999")
        folder.mkdir(parents=True, exist_ok=True)
        configuration, data = folder / f"{event.stem}.cfg", folder / f"{event.stem}.dat"
        write_whole(configuration, written.configuration)
        write_whole(data, written.data)
        files[event.number] = configuration, data
    return files


def excerpt_of(report: QualityReport, event: ReportedEvent) -> Excerpt | None:
    """An event's waveform as it is written; None where none was kept."""
    wave = waveform_of(report.record, event)
    if wave is None or not len(wave.samples):
        return None
    voltages, currents = voltage_columns(report.record), current_columns(report.record)
    channels = [
        RecordedChannel(f"U{n.removeprefix('L')}", "voltage", _phase(n), "V") for _, n in voltages
    ]
    channels += [
        RecordedChannel(f"I{n.removeprefix('L')}", "current", _phase(n), "A") for _, n in currents
    ]
    return Excerpt(
        channels=tuple(channels),
        samples=wave.samples.astype(np.float64),
        sample_rate=wave.sample_rate,
        nominal_frequency=report.record.supply.nominal_frequency,
        start=datetime.fromtimestamp(wave.start_s, UTC),
        trigger_s=max(0.0, event.start_utc_s - wave.start_s),
        station=report.record.supply.name,
        recorder=f"event {event.number}: {event.kind}",
    )


def _phase(name: str) -> Phase:
    known: dict[str, Phase] = {"L1": "L1", "L2": "L2", "L3": "L3"}
    return known.get(name, "N")


def as_mapping(report: QualityReport, files: dict[int, tuple[Path, Path]] | None = None) -> Json:
    """All of a report for programs: numbers in the units of their limits, None for no value."""
    record = report.record
    supply = record.supply
    kept = files or {}
    return {
        "report": "EN 50160",
        "made": report.made.isoformat(timespec="seconds"),
        "software": f"addad {report.version}",
        "verdict": report.verdict.value,
        "words": words.headline(report),
        "supply": {
            "name": supply.name,
            "declared_voltage_v": supply.declared,
            "nominal_frequency_hz": supply.nominal_frequency,
            "sample_rate_hz": supply.sample_rate,
            "highest_order": supply.highest_order,
            "signalling_hz": supply.signalling_hz or None,
            "island": supply.island,
            "remarks": list(supply.remarks),
            "notes": list(supply.notes),
        },
        "period": {
            "dated": supply.dated,
            "begin": _moment(record.begin_utc_s),
            "end": _moment(record.end_utc_s),
            "gaps": [[_moment(begin), _moment(end)] for begin, end in record.gaps.tolist()],
            "days": round(record.days, 6),
            "measured_s": record.measured_s,
            "ten_minute_intervals": len(record.ten.start),
            "flagged": int(record.ten.flagged.sum()),
        },
        "items": [_item(report, item) for item in report.items],
        "classes": {
            "dips": [list(row) for row in report.table.dips],
            "swells": [list(row) for row in report.table.swells],
            "interruptions_up_to_3_min": report.table.interruptions[0],
            "interruptions_longer": report.table.interruptions[1],
            "over_60_s": report.table.longer,
            "rapid_changes": report.table.rapid_changes,
        },
        "events": [_event(event, kept.get(event.number)) for event in report.events],
    }


def _item(report: QualityReport, item: Item) -> Json:
    wanted = item.requirement
    return {
        "item": words.item_title(report, item),
        "order": wanted.order or None,
        "asked": words.asked(wanted),
        "share": wanted.share,
        "low": _number(wanted.low),
        "high": wanted.high,
        "unit": wanted.unit,
        "verdict": item.verdict.value,
        "why": item.why or None,
        "phases": [_result(result) for result in item.results],
    }


def _result(result: Result) -> Json:
    return {
        "phase": words.channel(result) or None,
        "lowest": _number(result.lowest),
        "highest": _number(result.highest),
        "minimum": _number(result.minimum),
        "maximum": _number(result.maximum),
        "of_limit": _number(result.used),
        "counted": result.counted,
        "beyond": result.beyond,
        "flagged": result.flagged,
        "flagged_beyond": result.flagged_beyond,
        "verdict": result.verdict.value,
    }


def _event(event: ReportedEvent, files: tuple[Path, Path] | None) -> Json:
    return {
        "number": event.number,
        "kind": event.kind,
        "begins": event.begins.isoformat(timespec="milliseconds"),
        "duration_s": event.duration_s,
        "cut_off": event.cut,
        "voltage_v": event.voltage,
        "share": event.share,
        "phases": list(event.phases),
        "equipment": event.region.value if event.region else None,
        "comtrade": str(files[0]) if files else None,
    }


def _moment(utc_s: float) -> str:
    return datetime.fromtimestamp(utc_s, UTC).isoformat()


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
