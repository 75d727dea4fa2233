"""The supply in a recording: its voltages and currents, and what they are held against.

Channels are chosen as `addad measure` chooses them. EN 50160 wants a declared voltage: the user's,
else the usual one that the record is near, else the record's own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from addad.errors import InputError
from addad.lab.events import steady_voltage
from addad.lab.measure_plan import Plan, Stretch, stretches_of
from addad.lab.quality_event_words import duration
from addad.lab.quality_record import QualityRecord, Supply
from addad.lab.quality_run import QualityRun, instrument_of
from addad.lab.trends import CycleRms

USUAL_V = (230.0, 120.0, 400.0, 100.0, 110.0, 63.5, 57.74, 277.0, 127.0, 347.0, 20_000.0)
"""The nearest is taken, but 230 V, which is what 220 V and 240 V have become, before any other."""
_NEAR = 0.12
_SMALLEST_V, _LARGEST_V = 1.0, 1e9
"""What a supply may have: a smaller one wants a factor, samples of more are no measurement."""
_LOOK_S = 60.0
_LAMP_120_BELOW_V = 150.0

OnProgress = Callable[[float, float], None]


def prepared(wanted: Plan, signalling_hz: float = 0.0, island: bool = False) -> tuple[Plan, Supply]:
    """How a recording is measured in volts, and its supply; InputError for one that has none."""
    recording, channels = wanted.recording, wanted.channels
    if not channels.has_voltage:
        raise InputError("the quality of a supply is that of its voltages, and no channel is one")
    if recording.rate_assumed:
        raise InputError("the file does not say its sampling rate; state it with --rate")
    if len(recording.items) > 1:
        raise InputError(f"the file holds {len(recording.items)} records; choose one with --item")
    phases = tuple(k for k in range(3) if channels.voltages[k] is not None)
    lanes = (*channels.currents, channels.neutral)
    currents = tuple(k for k, column in enumerate(lanes) if column is not None)
    wanted, declared, remarks = _in_volts(wanted, phases)
    frequency = wanted.nominal[1]
    names = ", ".join(
        recording.channels[column].name for column in channels.voltages if column is not None
    )
    if frequency != 50.0:
        remarks.append(
            "EN 50160 is for 50 Hz; its limits are applied to this supply as shares, as a guide."
        )
    if recording.start is None:
        remarks.append(
            "The recording does not say when it began: its ten-minute intervals are not those of "
            "UTC, and times count from its begin."
        )
    details = [("Recording", f"{wanted.file}, {recording.format}"), ("Voltages", names)]
    if recording.start is not None:
        details.append(("Times", "the recording's; those without a time zone are taken as UTC"))
    low = declared < _LAMP_120_BELOW_V and frequency == 60.0
    supply = Supply(
        name=wanted.file,
        declared=declared,
        nominal_frequency=frequency,
        sample_rate=recording.sample_rate,
        highest_order=1,
        phases=phases,
        currents=currents,
        signalling_hz=signalling_hz,
        lamp=120 if low else 230,
        island=island,
        details=tuple(details),
        remarks=tuple(remarks),
        notes=wanted.notes,
        dated=recording.start is not None,
    )
    return wanted, replace(supply, highest_order=instrument_of(supply).highest_order)


def measure_recording(
    wanted: Plan, supply: Supply, seconds: float = math.inf, on_progress: OnProgress | None = None
) -> QualityRecord:
    """The record of a recording, or of its first `seconds`."""
    recording = wanted.recording
    start = recording.start.timestamp() if recording.start else 0.0
    last = recording.samples
    if math.isfinite(seconds):
        last = min(last, max(round(seconds * recording.sample_rate), 1))
    if last < recording.samples:
        lengths = (duration(count / recording.sample_rate) for count in (last, recording.samples))
        supply = replace(
            supply, notes=(*supply.notes, "only the first {} of {} are measured".format(*lengths))
        )
    run = QualityRun(supply, start)
    for stretch in _stretches(wanted, supply, last):
        run.take(stretch)
        if on_progress is not None:
            done = (run.now_utc_s - start) * recording.sample_rate
            on_progress(done, float(last))
    return run.finish()


def _stretches(wanted: Plan, supply: Supply, last: int) -> Iterator[Stretch]:
    """The samples in stretches of good voltages, and how many are missing behind them."""
    columns = [*supply.phases, *(3 + lane for lane in supply.currents)]
    voltages = len(supply.phases)
    taken = 0
    for block in wanted.blocks():
        samples = np.ascontiguousarray(block[0][: last - taken][:, columns])
        taken += len(samples)
        good = (np.abs(samples[:, :voltages]) <= _LARGEST_V).all(axis=1)
        yield from stretches_of(samples, good)
        if taken >= last:
            return


def _in_volts(wanted: Plan, phases: tuple[int, ...]) -> tuple[Plan, float, list[str]]:
    """The plan with its voltages in volts, the declared voltage, and what has to be said of it."""
    stated = wanted.nominal[0]
    columns = [column for column in wanted.channels.voltages if column is not None]
    in_volts = all(wanted.recording.channels[column].unit != "full scale" for column in columns)
    if stated is not None and in_volts:
        return wanted, stated, []
    own = _own(wanted, phases)
    if own is None or not own > 0.0:
        raise InputError(
            "no voltage lives in this recording for a whole cycle; state the nominal one: --nominal"
        )
    if not in_volts:
        declared = stated or USUAL_V[0]
        gains = list(wanted.gains)
        for column in columns:
            gains[column] *= declared / own
        remark = (
            f"The recording is in fractions of full scale. Its own voltage while steady is taken "
            f"for Un = {declared:g} V: how far it is from the declared one cannot be told. --scale "
            "states how many volts a fraction is."
        )
        return replace(wanted, gains=tuple(gains)), declared, [remark]
    if own < _SMALLEST_V:
        raise InputError(
            f"the voltages of this recording are of {own:.3g} V; "
            "--scale 'U*=…' states by what to multiply them"
        )
    usual = _usual(own)
    if usual is not None:
        remark = f"Un = {usual:g} V is assumed, as the record is near it; --nominal states it."
        return wanted, usual, [remark]
    remark = (
        f"Un = {own:.5g} V is the record's own voltage while steady: how far it is from the "
        "declared one cannot be told. --nominal states it."
    )
    return wanted, own, [remark]


def _usual(own: float) -> float | None:
    """The usual voltage that this one is near, if it is near any."""
    near = [v for v in USUAL_V if abs(own / v - 1.0) < _NEAR]
    return USUAL_V[0] if USUAL_V[0] in near else min(near, key=lambda v: abs(own - v), default=None)


def _own(wanted: Plan, phases: tuple[int, ...]) -> float | None:
    """The voltage of the record's first minute while it was steady [V]."""
    rate = wanted.recording.sample_rate
    cycles = CycleRms(rate, wanted.nominal[1], min(wanted.recording.samples, int(_LOOK_S * rate)))
    held = 0
    for block in wanted.blocks():
        part = block[0][: int(_LOOK_S * rate) - held]
        if not len(part):
            break
        cycles.add(part)
        held += len(part)
    return steady_voltage(cycles.rows()[1][:, list(phases)])
