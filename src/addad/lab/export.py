"""A report as plain numbers for other programs: one mapping for JSON, one row a window for CSV.

Names carry their units; what was not measured is None, or an empty field.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import fields as dataclass_fields

from addad.lab.measure_plan import Plan
from addad.lab.report import (
    Frequency,
    ItemReport,
    PhaseReport,
    Power,
    RecordQuality,
    RecordStates,
    Report,
    Wave,
)
from addad.metrology import Window, WindowFlag
from addad.metrology.uncertainty import WindowUncertainty
from addad.metrology.uncertainty_inputs import COVERAGE_FACTOR
from addad.world.circuits import PHASES

Plain = dict[str, object]

Columns = list[tuple[str, tuple[str, int | None]]]
"""Names, and where in a window each column's value is."""

PST_SHARE = 0.0058
"""Uncertainty of Pst: its test points are met within half a percent, a rectangle at k = 2."""


def as_mapping(report: Report) -> Plain:
    """Everything in the report; angles in degrees, THD in percent, harmonics as RMS by order."""
    recording = report.recording
    return {
        "file": report.file,
        "format": recording.format,
        "start": recording.start.isoformat() if recording.start else None,
        "sample_rate_hz": recording.sample_rate,
        "sample_rate_assumed": recording.rate_assumed,
        "samples": recording.samples,
        "duration_s": recording.duration_s,
        "measured_s": report.measured_s,
        "nominal_voltage_v": report.nominal[0],
        "nominal_frequency_hz": report.nominal[1],
        "window_cycles": report.window_cycles,
        "partial": report.partial,
        "highest_harmonic": report.highest_order,
        "notes": list(report.notes),
        "findings": list(report.findings),
        "uncertainty": {
            "level_percent": 95.0,
            "coverage_factor": COVERAGE_FACTOR,
            "front_end": report.front_end or None,
            "told": report.accuracy,
        },
        **_quality(report.quality),
        **_states(report.states),
        "items": [_item(item) for item in report.items],
    }


def _quality(quality: RecordQuality | None) -> Plain:
    """The events and flicker of a record; none for many small ones."""
    if quality is None:
        return {}
    return {
        "declared_voltage_v": quality.declared,
        "declared_voltage_stated": quality.stated,
        "events": [
            {
                "number": event.number,
                "kind": event.kind,
                "start_s": event.start_s,
                "duration_s": event.duration_s,
                "cut": event.cut,
                "voltage": _number(event.voltage),
                "percent_of_declared": _number(100.0 * event.share),
                "uncertainty": {
                    "start_s": event.time_uncertainty_s,
                    "duration_s": event.time_uncertainty_s,
                    "voltage": _number(event.voltage_uncertainty),
                    "percent_of_declared": _number(
                        100.0 * event.voltage_uncertainty / quality.declared
                    ),
                },
                "phases": list(event.phases),
            }
            for event in quality.events
        ],
        "flicker": [
            {
                "start_s": start,
                "pst": [_number(value) for value in values],
                "uncertainty": {"pst": [_number(PST_SHARE * value) for value in values]},
            }
            for start, values in quality.flicker
        ],
    }


def _states(states: RecordStates | None) -> Plain:
    """The digital channels and their changes; none where the file has none."""
    if states is None:
        return {}
    return {
        "digital_channels": [
            {
                "name": channel.name,
                "phase": channel.phase,
                "circuit": channel.circuit,
                "normal": channel.normal,
                "first": first,
            }
            for channel, first in zip(states.channels, states.first, strict=True)
        ],
        "state_changes": [
            {
                "time_s": change.time_s,
                "channel": states.channels[change.channel].name,
                "number": change.channel + 1,
                "state": change.state,
            }
            for change in states.changes
        ],
        "state_changes_in_all": states.count,
    }


def csv_header(plan: Plan) -> list[str]:
    """The names of the columns of `csv_rows`; `_u95` is the uncertainty of what is so called."""
    columns = _columns(plan)
    return [name for name, _ in columns] + [f"{name}_u95" for name, _ in _uncertain(columns)]


def csv_rows(plan: Plan, window: Window, found: WindowUncertainty) -> Iterator[list[str]]:
    """A row for each of some windows; a field that was not measured is empty."""
    columns = _columns(plan)
    expanded = [(place, getattr(found, place[0]).expanded) for _, place in _uncertain(columns)]
    items = plan.recording.items or ("",)
    for row in range(len(window.meters)):
        known = plan.recording.rate_assumed or math.isfinite(window.frequency[row])
        fields = []
        for _, (attribute, phase) in columns:
            if attribute == "item":
                fields.append(items[int(window.meters[row])])
            elif attribute == "flags":
                flags = WindowFlag(int(window.flags[row]))
                fields.append("|".join(flag.name.lower() for flag in flags if flag.name))
            elif attribute in ("thd_u", "thd_i") and not known:
                fields.append("")
            else:
                value = getattr(window, attribute)[row]
                fields.append(_field(value if phase is None else value[phase]))
        for (attribute, phase), of in expanded:
            value = of[row] if phase is None else of[row, phase]
            there = known or attribute not in ("thd_u", "thd_i", "frequency")
            fields.append(f"{value:.3g}" if there and math.isfinite(value) else "")
        yield fields


def _uncertain(columns: Columns) -> Columns:
    """Those of the columns that are measured."""
    kept = {each.name for each in dataclass_fields(WindowUncertainty)}
    return [(name, place) for name, place in columns if place[0] in kept]


def _columns(plan: Plan) -> Columns:
    columns: Columns = []
    if plan.recording.items:
        columns.append(("item", ("item", None)))
    for name in ("index", "start_s", "duration_s", "cycles", "frequency"):
        columns.append(
            ({"index": "window", "frequency": "frequency_hz"}.get(name, name), (name, None))
        )
    chosen = plan.channels
    u = [p for p in range(3) if chosen.voltages[p] is not None]
    i = [p for p in range(3) if chosen.currents[p] is not None]
    powered = [p for p in u if p in i]
    quantities = [("u_rms", u, "v"), ("i_rms", i, "a"), ("p", powered, "w"), ("q", powered, "var")]
    quantities += [("s", powered, "va"), ("pf", powered, ""), ("thd_u", u, ""), ("thd_i", i, "")]
    for attribute, phases, unit in quantities:
        base = attribute.removesuffix("_rms")
        tail = f"_{unit}" if unit else ""
        columns += [(f"{base}_{PHASES[p].lower()}{tail}", (attribute, p)) for p in phases]
        if attribute == "i_rms" and chosen.neutral is not None:
            columns.append(("i_n_a", (attribute, 3)))
        if powered and attribute in ("p", "q", "s", "pf"):
            columns.append((f"{base}_total{tail}", (f"{attribute}_total", None)))
    return [*columns, ("flags", ("flags", None))]


def _field(value: float) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return ""
    return f"{value:.9g}" if isinstance(value, float) else str(value)


def _item(item: ItemReport) -> Plain:
    return {
        "name": item.name,
        "windows": item.windows,
        "windows_left_out": item.skipped,
        "frequency_hz": _frequency(item.frequency),
        "phases": {phase.phase: _phase(phase) for phase in item.phases},
        "total": _power(item.total),
        "energy": item.energy_uwh,
        "energy_uncertainty": item.energy_uncertainty_uwh,
        "flags": [flag.name for flag in WindowFlag(item.flags) if flag.name],
    }


def _frequency(frequency: Frequency, inner: bool = False) -> Plain:
    """Its values, and their uncertainty under the same names."""
    return {
        "mean": _number(frequency.mean),
        "lowest": _number(frequency.lowest),
        "highest": _number(frequency.highest),
        "lowest_10s": _number(frequency.lowest_10s),
        "highest_10s": _number(frequency.highest_10s),
        **(
            {}
            if inner
            else {
                "measured": frequency.measured,
                "uncertainty": _frequency(frequency.uncertainty, inner=True)
                if frequency.uncertainty
                else None,
            }
        ),
    }


def _phase(phase: PhaseReport) -> Plain:
    return {
        "voltage": _wave(phase.voltage),
        "current": _wave(phase.current),
        "power": _power(phase.power),
    }


def _wave(wave: Wave | None) -> Plain | None:
    if wave is None:
        return None
    named = {"channel": wave.channel, "unit": wave.unit}
    within = {"uncertainty": _amounts(wave.uncertainty)} if wave.uncertainty else {}
    return {**named, **_amounts(wave), **within}


def _amounts(wave: Wave) -> Plain:
    return {
        "rms": _number(wave.rms),
        "lowest": _number(wave.lowest),
        "highest": _number(wave.highest),
        "thd_percent": _number(100.0 * wave.thd),
        "angle_degrees": _number(math.degrees(wave.angle)),
        "harmonics": [_number(float(value)) for value in wave.harmonics],
    }


def _power(power: Power | None) -> Plain | None:
    if power is None:
        return None
    return {
        "p_w": _number(power.p),
        "q_var": _number(power.q),
        "s_va": _number(power.s),
        "pf": _number(power.pf),
        **({"uncertainty": _power(power.uncertainty)} if power.uncertainty else {}),
    }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
