"""From the gathered numbers of a record to its report: by phase, in total, in words.

Power factor is the record's P ÷ S, both as means over its windows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from addad.lab.averages import Mean, Totals
from addad.lab.report import PHASE_NAMES, Frequency, ItemReport, PhaseReport, Power, Wave
from addad.metrology import EnergyRegister, WindowFlag
from addad.world.channel_map import ChannelMap
from addad.world.recording import Recording

FLAG_WORDS: Mapping[WindowFlag, str] = {
    WindowFlag.NO_VOLTAGE: "no voltage to measure the frequency from, in some window",
    WindowFlag.DC_ONLY: "direct voltage only, in some window",
    WindowFlag.FREQUENCY_OUT_OF_RANGE: "the frequency is far from its nominal value",
    WindowFlag.UNSTEADY: "voltage or frequency changed within a window: its frequency is left out",
    WindowFlag.SATURATED: "samples beyond 10 MV or 10 MA were cut to that",
    WindowFlag.MISSING_L1: "the voltage of L1 was missing for some time",
    WindowFlag.MISSING_L2: "the voltage of L2 was missing for some time",
    WindowFlag.MISSING_L3: "the voltage of L3 was missing for some time",
}


def item_reports(
    recording: Recording, channels: ChannelMap, totals: Totals
) -> tuple[ItemReport, ...]:
    """The report of each item that could be measured."""
    names = recording.items or ("",)
    return tuple(
        _item(k, names[k], recording, channels, totals)
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


def _item(
    k: int, name: str, recording: Recording, channels: ChannelMap, totals: Totals
) -> ItemReport:
    phases = [
        PhaseReport(
            phase,
            _wave("u", k, p, channels.voltages[p], recording, totals),
            _wave("i", k, p, channels.currents[p], recording, totals),
            _power(k, p, totals)
            if channels.voltages[p] is not None and channels.currents[p] is not None
            else None,
        )
        for p, phase in enumerate(PHASE_NAMES[:3])
    ]
    if channels.neutral is not None:
        neutral = _wave("i", k, 3, channels.neutral, recording, totals)
        phases.append(PhaseReport("N", None, neutral, None))
    measured = any(phase.power is not None for phase in phases)
    return ItemReport(
        name=name,
        windows=int(totals.windows[k]),
        skipped=int(totals.skipped[k]),
        frequency=_frequency(k, recording, totals),
        phases=tuple(phase for phase in phases if phase.voltage or phase.current),
        total=_power(k, None, totals) if measured else None,
        energy_uwh={
            register.name.lower(): int(totals.energy[k, 3, register]) for register in EnergyRegister
        }
        if measured
        else None,
        flags=int(totals.flags[k]),
    )


def _wave(
    letter: str, k: int, p: int, column: int | None, recording: Recording, totals: Totals
) -> Wave | None:
    if column is None:
        return None
    found = totals.quantities
    rms: Mean = found[f"{letter}_rms"]
    harmonics = found[f"{letter}_harmonics"].value[k, p]
    distortion = found[f"{letter}_distortion"].value[k, p]
    fundamental = harmonics[1]
    known = recording.rate_assumed or np.isfinite(found["frequency"].value[k])
    channel = recording.channels[column]
    return Wave(
        channel=channel.name,
        unit=channel.unit or ("V" if letter == "u" else "A"),
        rms=float(rms.value[k, p]),
        lowest=float(rms.lowest[k, p]),
        highest=float(rms.highest[k, p]),
        thd=float(distortion / fundamental) if known and fundamental > 0.0 else np.nan,
        angle=float(totals.angles[letter][k, p]),
        harmonics=harmonics,
    )


def _power(k: int, p: int | None, totals: Totals) -> Power:
    found = totals.quantities
    active, reactive, apparent = (
        float(found[name].value[k, p] if p is not None else found[f"{name}_total"].value[k])
        for name in ("p", "q", "s")
    )
    factor = active / apparent if apparent > 0.0 else float("nan")
    return Power(active, reactive, apparent, factor)


def _frequency(k: int, recording: Recording, totals: Totals) -> Frequency:
    found = totals.quantities["frequency"]
    ten = totals.ten_seconds
    if recording.rate_assumed:
        assumed = recording.sample_rate / recording.samples
        nan = float("nan")
        return Frequency(assumed, nan, nan, nan, nan, measured=False)
    return Frequency(
        mean=float(found.value[k]),
        lowest=float(found.lowest[k]),
        highest=float(found.highest[k]),
        lowest_10s=float(ten.lowest[k]),
        highest_10s=float(ten.highest[k]),
        measured=bool(np.isfinite(found.value[k])),
    )
