"""From the gathered numbers of a record to its report: by phase, in total, in words.

Power factor is the record's P ÷ S, both as means over its windows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from addad.lab.averages import Mean, Totals
from addad.lab.averages_uncertainty import Spread, Spreads
from addad.lab.report import PHASE_NAMES, Frequency, ItemReport, PhaseReport, Power, Wave
from addad.metrology import EnergyRegister, WindowFlag
from addad.metrology.energy import SUMS
from addad.world.channel_map import ChannelMap
from addad.world.recording import Recording

FLAG_WORDS: Mapping[WindowFlag, str] = {
    WindowFlag.NO_VOLTAGE: "no voltage to measure the frequency from, in some window",
    WindowFlag.DC_ONLY: "direct voltage only, in some window",
    WindowFlag.FREQUENCY_OUT_OF_RANGE: "the frequency is far from its nominal value",
    WindowFlag.UNSTEADY: "voltage or frequency changed within a window: its frequency is left out",
    WindowFlag.GAP: "samples are missing: measured is the longest stretch that is whole",
    WindowFlag.SATURATED: "samples beyond 10 MV or 10 MA were cut to that",
    WindowFlag.SAMPLE_RATE_OFF: "the time stamps run at another rate than the samples are said to",
    WindowFlag.CLOCK_JUMP: "the time stamps jump: a window over such a place is no measurement",
    WindowFlag.MISSING_L1: "the voltage of L1 was missing for some time",
    WindowFlag.MISSING_L2: "the voltage of L2 was missing for some time",
    WindowFlag.MISSING_L3: "the voltage of L3 was missing for some time",
}


def item_reports(
    recording: Recording, channels: ChannelMap, totals: Totals, spreads: Spreads
) -> tuple[ItemReport, ...]:
    """The report of each item that could be measured."""
    names = recording.items or ("",)
    return tuple(
        _item(k, names[k], recording, channels, _Found(totals, spreads))
        for k in range(len(names))
        if totals.windows[k] > 0
    )


def words(reasons: Mapping[str, int], windows: int) -> str:
    """Why windows were shorter than whole ones, in a sentence; empty if none was."""
    if not reasons:
        return ""
    told = "; ".join(dict.fromkeys(reasons))
    if windows == 1:
        return f"the record is {told}" if told.startswith(("shorter", "not")) else told
    return f"the last of {windows} windows is {told}"


def flag_words(flags: int) -> list[str]:
    """What the windows said, in words."""
    return [text for flag, text in FLAG_WORDS.items() if flags & flag]


def without_frequency(items: Sequence[ItemReport]) -> tuple[str, ...]:
    """What it means where no frequency was found: no fundamental, so no distortion of it."""
    if not any(math.isnan(item.frequency.mean) for item in items):
        return ()
    return (
        "no frequency was found, so THD is not told, and Q and angles are of the nominal "
        "frequency: is the sampling rate right (--rate)?",
    )


@dataclass(frozen=True)
class _Found:
    """What a record's windows came to, and how far that may be off."""

    totals: Totals
    spreads: Spreads


def _item(
    k: int, name: str, recording: Recording, channels: ChannelMap, found: _Found
) -> ItemReport:
    phases = [
        PhaseReport(
            phase,
            _wave("u", k, p, channels.voltages[p], recording, found),
            _wave("i", k, p, channels.currents[p], recording, found),
            _power(k, p, found)
            if channels.voltages[p] is not None and channels.currents[p] is not None
            else None,
        )
        for p, phase in enumerate(PHASE_NAMES[:3])
    ]
    if channels.neutral is not None:
        neutral = _wave("i", k, 3, channels.neutral, recording, found)
        phases.append(PhaseReport("N", None, neutral, None))
    measured = any(phase.power is not None for phase in phases)
    energy, spread = found.totals.energy[k, SUMS - 1], found.spreads.energy[k]
    totals = found.totals
    return ItemReport(
        name=name,
        windows=int(totals.windows[k]),
        skipped=int(totals.skipped[k]),
        frequency=_frequency(k, recording, found),
        phases=tuple(phase for phase in phases if phase.voltage or phase.current),
        total=_power(k, None, found) if measured else None,
        energy_uwh={register.name.lower(): int(energy[register]) for register in EnergyRegister}
        if measured
        else None,
        flags=int(totals.flags[k]),
        energy_uncertainty_uwh={
            register.name.lower(): float(spread[register]) for register in EnergyRegister
        }
        if measured
        else None,
    )


def _wave(
    letter: str, k: int, p: int, column: int | None, recording: Recording, found: _Found
) -> Wave | None:
    if column is None:
        return None
    values, spreads = found.totals.quantities, found.spreads.quantities
    rms, within = values[f"{letter}_rms"], spreads[f"{letter}_rms"]
    harmonics = values[f"{letter}_harmonics"].value[k, p]
    distortion = values[f"{letter}_distortion"].value[k, p]
    fundamental = harmonics[1]
    known = recording.rate_assumed or np.isfinite(values["frequency"].value[k])
    channel = recording.channels[column]
    name, unit = channel.name, channel.unit or ("V" if letter == "u" else "A")
    thd = spreads[f"thd_{letter}"].value[k, p]
    return Wave(
        channel=name,
        unit=unit,
        rms=float(rms.value[k, p]),
        lowest=float(rms.lowest[k, p]),
        highest=float(rms.highest[k, p]),
        thd=float(distortion / fundamental) if known and fundamental > 0.0 else np.nan,
        angle=float(found.totals.angles[letter][k, p]),
        harmonics=harmonics,
        uncertainty=Wave(
            channel=name,
            unit=unit,
            rms=float(within.value[k, p]),
            lowest=float(within.lowest[k, p]),
            highest=float(within.highest[k, p]),
            thd=float(thd) if known and fundamental > 0.0 else np.nan,
            angle=float(spreads[f"{letter}_angle"].value[k, p]),
            harmonics=spreads[f"{letter}_harmonics"].value[k, p],
        ),
    )


def _power(k: int, p: int | None, found: _Found) -> Power:
    def of(table: Mapping[str, Mean] | Mapping[str, Spread], name: str) -> float:
        return float(table[name].value[k, p] if p is not None else table[f"{name}_total"].value[k])

    values, spreads = found.totals.quantities, found.spreads.quantities
    active, reactive, apparent = (of(values, name) for name in "pqs")
    factor = active / apparent if apparent > 0.0 else np.nan
    within = Power(of(spreads, "p"), of(spreads, "q"), of(spreads, "s"), of(spreads, "pf"))
    return Power(active, reactive, apparent, factor, within)


def _frequency(k: int, recording: Recording, found: _Found) -> Frequency:
    values, spread = found.totals.quantities["frequency"], found.spreads.quantities["frequency"]
    ten = found.totals.ten_seconds
    if recording.rate_assumed:
        assumed = recording.sample_rate / recording.samples
        nan = float("nan")
        return Frequency(assumed, nan, nan, nan, nan, measured=False)
    measured = bool(np.isfinite(values.value[k]))
    within_10s = float(found.spreads.ten_seconds[k])
    return Frequency(
        mean=float(values.value[k]),
        lowest=float(values.lowest[k]),
        highest=float(values.highest[k]),
        lowest_10s=float(ten.lowest[k]),
        highest_10s=float(ten.highest[k]),
        measured=measured,
        uncertainty=Frequency(
            mean=float(spread.value[k]),
            lowest=float(spread.lowest[k]),
            highest=float(spread.highest[k]),
            lowest_10s=within_10s if np.isfinite(ten.lowest[k]) else np.nan,
            highest_10s=within_10s if np.isfinite(ten.highest[k]) else np.nan,
            measured=measured,
        ),
    )
