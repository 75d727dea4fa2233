"""What `addad measure` prints of a record's events and findings."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Protocol

from rich import box
from rich.table import Table

from addad.lab.measure_rounding import with_uncertainty
from addad.lab.report import RecordEvent, RecordQuality, RecordStates

MAX_EVENTS = 20
SHORTEST_S = 0.008
"""Half a cycle at 60 Hz, about: an event is one half-cycle value at least."""

Span = Callable[[float], str]


class Quantity(Protocol):
    """Writes a voltage, with its uncertainty where it is given."""

    def __call__(self, value: float, within: float = math.nan) -> str:
        """As `230.1 ± 0.2 V`."""


def events_table(quality: RecordQuality, span: Span, quantity: Quantity) -> Table:
    """A row an event: when, how long, what was left of the voltage, on which phases."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("#", "event", "begins", "lasts", "voltage", "of declared", "phases"):
        table.add_column(heading, justify="left" if heading in ("event", "phases") else "right")
    for event in quality.events[:MAX_EVENTS]:
        table.add_row(
            str(event.number),
            event.kind,
            f"{event.start_s:.3f} s",
            _lasts(event, span),
            _voltage(event, quantity),
            _share(event, quality.declared),
            " ".join(event.phases),
        )
    return table


def against(quality: RecordQuality, quantity: Quantity) -> str:
    """The voltage that events are told against, and whose word it is."""
    by = "--nominal" if quality.stated else "the record's own while steady; --nominal states it"
    return f"events against {quantity(quality.declared)} ({by})"


def states_told(states: RecordStates) -> Iterable[str]:
    """The changes of the digital channels, a line each, in the order of time."""
    changed = len({change.channel for change in states.changes})
    if not states.changes:
        yield f"none of {len(states.channels)} digital channels changes"
        return
    kept = len(states.changes)
    least = "at least " if states.count > kept else ""
    yield f"{least}{changed} of {len(states.channels)} digital channels change:"
    for change in states.changes[:MAX_EVENTS]:
        yield f"{change.time_s:9.4f} s  {states.channels[change.channel].name} goes {change.state}"
    if states.count > MAX_EVENTS:
        listed = f"the first {kept}" if states.count > kept else "them"
        yield f"and {states.count - MAX_EVENTS} more changes; --json lists {listed}"


def event_notes(quality: RecordQuality, quantity: Quantity) -> Iterable[str]:
    """What to know about the events."""
    if not quality.events:
        yield f"no {against(quality, quantity)}"
        return
    if len(quality.events) > MAX_EVENTS:
        yield (
            f"{len(quality.events) - MAX_EVENTS} more events; --json lists all, --trends draws all"
        )
    if math.isfinite(quality.events[0].time_uncertainty_s):
        within = 1e3 * quality.events[0].time_uncertainty_s
        yield f"events begin, and last, within ± {within:.1f} ms (half a cycle) of what is told"
    if any(event.cut for event in quality.events):
        yield "≥: the record ended, or samples are missing, while the event lasted"


def _lasts(event: RecordEvent, span: Span) -> str:
    """A duration; below half a cycle it only says that it is that short."""
    if event.duration_s < SHORTEST_S and not event.cut:
        return f"< {span(SHORTEST_S)}"
    return ("≥ " if event.cut else "") + span(event.duration_s)


def _voltage(event: RecordEvent, quantity: Quantity) -> str:
    return ("±" if event.kind == "rapid change" else "") + quantity(
        event.voltage, event.voltage_uncertainty
    )


def _share(event: RecordEvent, declared: float) -> str:
    within = 100.0 * event.voltage_uncertainty / declared
    return f"{with_uncertainty(100.0 * event.share, within) or f'{100.0 * event.share:.2f}'} %"
