"""The words and figures of a quality report, the same on the page, on paper and in the terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from addad.lab.quality_event_words import duration, moment
from addad.lab.quality_record import WHOLE, QualityRecord
from addad.lab.quality_report import PHASE_NAMES, Item, QualityReport
from addad.metrology.power_quality import en50160 as en
from addad.metrology.power_quality.en50160 import Quantity, Requirement, Result, Verdict

_TITLES = {
    Quantity.FREQUENCY: "Power frequency",
    Quantity.VOLTAGE: "Supply voltage",
    Quantity.FLICKER: "Flicker, long-term Plt",
    Quantity.UNBALANCE: "Unbalance, u2",
    Quantity.DISTORTION: "Harmonic distortion, THD",
    Quantity.SIGNALLING: "Mains signalling",
}
_DIGITS = {
    Quantity.FREQUENCY: 3,
    Quantity.VOLTAGE: 2,
    Quantity.FLICKER: 2,
    Quantity.UNBALANCE: 2,
    Quantity.DISTORTION: 2,
    Quantity.HARMONIC: 2,
    Quantity.SIGNALLING: 2,
}
_GAPS_SHOWN = 5
_INTERVALS = {10.0: "10 s", 600.0: "10 min", 7_200.0: "2 h", 3.0: "3 s"}
_PERIODS = {en.DAY_S: "each day", en.WEEK_S: "a week", en.YEAR_S: "a year"}

METHOD = (
    "Gapless windows of ten cycles (twelve at 60 Hz), begun anew at each tenth minute of UTC, "
    "aggregated by root mean square to ten minutes and two hours; frequency over ten seconds; "
    "half-cycle RMS for events, polyphase: the method of class A of IEC 61000-4-30. The program "
    "is no type-tested instrument and claims no class.",
    "An interval into which a dip, a swell, an interruption or unusable samples fell is flagged. "
    "Flagged intervals do not count for a verdict, as their values tell of the event; how many "
    "there were, and how many of them lay beyond, stands beside each result.",
    f"An interval of which less than {100 * WHOLE:.0f} % was measured does not count either.",
    "A requirement is met when no more of the N counted values lie beyond its limit than "
    "N − ⌈share · N⌉. For limits on two sides the range shown leaves as many values out below as "
    "above.",
    f"A verdict takes {100 * en.COMPLETE:.0f} % of the period that the standard names; it gives no "
    "number itself. Before, there is none, unless so many values lie beyond that the rest of the "
    "period cannot mend it.",
    "A dip that turned into an interruption counts as the interruption alone.",
)
SUMMARY_NOTE = (
    "Measured is where the asked share of the values lies. Flagged values do not count for it."
)
SOURCES = (
    "Limits of frequency, voltage, flicker, unbalance, harmonics and THD: EN 50160:2010 as a "
    "maker's public manual prints them (Rockwell Automation 1426-UM001J).",
    "Classes of dips: the same, as printed in a public technical note (Schneider Electric "
    "7EN72-0197). Classes of swells and the limits of mains signalling are recalled, and were not "
    "checked against a second source.",
    "The standard itself was not at hand; editions after 2010 may differ.",
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the result: an item, of the harmonics the one that is nearest to its limit."""

    title: str
    item: Item
    measured: str

    @property
    def worst(self) -> Result | None:
        """Its worst phase."""
        return self.item.worst

    @property
    def limit(self) -> str:
        """The item's limit; of harmonics none of which was measured there is no one limit."""
        wanted = self.item.requirement
        if wanted.quantity is Quantity.HARMONIC and self.worst is None:
            return "by order"
        return limit(wanted)


def title(wanted: Requirement, signalling_hz: float = 0.0) -> str:
    """What an item is called."""
    if wanted.quantity is Quantity.HARMONIC:
        return f"Harmonic {wanted.order}"
    if wanted.quantity is Quantity.SIGNALLING and signalling_hz:
        return f"Mains signalling, {signalling_hz:g} Hz"
    return _TITLES[wanted.quantity]


def asked(wanted: Requirement) -> str:
    """What is asked, as `95 % of a week`."""
    if wanted.share == 1.0:
        return "always"
    return f"{100 * wanted.share:g} % of {_PERIODS[round(wanted.period_s)]}"


def interval(wanted: Requirement) -> str:
    """What one value is the mean of."""
    return _INTERVALS[wanted.interval_s]


def limit(wanted: Requirement) -> str:
    """The limit, as `≤ 8 %` or `49.5 … 50.5 Hz`."""
    unit = _unit(wanted)
    if wanted.low == -math.inf:
        return f"≤ {wanted.high:.3g}{unit}"
    return f"{wanted.low:.4g} … {wanted.high:.4g}{unit}"


def found(result: Result) -> str:
    """Where the asked share of the values lies."""
    if not result.counted:
        return "—"
    wanted = result.requirement
    digits = _DIGITS[wanted.quantity]
    unit = _unit(wanted)
    if wanted.low == -math.inf:
        return f"{result.highest:.{digits}f}{unit}"
    return f"{result.lowest:.{digits}f} … {result.highest:.{digits}f}{unit}"


def extremes(result: Result) -> str:
    """Where all of them lie."""
    if not result.counted:
        return "—"
    digits = _DIGITS[result.requirement.quantity]
    return f"{result.minimum:.{digits}f} … {result.maximum:.{digits}f}"


def channel(result: Result) -> str:
    """The phase of a result, nothing where it is of all."""
    if result.requirement.quantity in (Quantity.FREQUENCY, Quantity.UNBALANCE):
        return ""
    return PHASE_NAMES[result.channel]


def verdict(wanted: Requirement, value: Verdict) -> str:
    """A verdict in words."""
    if value is Verdict.WITHIN and wanted.period_s > en.WEEK_S:
        return "within, this week"
    return value.value


def item_title(report: QualityReport, item: Item) -> str:
    """What an item of a report is called."""
    return title(item.requirement, report.record.supply.signalling_hz)


def summary(report: QualityReport) -> list[Line]:
    """The lines of the result, in the standard's order."""
    lines: list[Line] = []
    for item in report.items:
        if item.requirement.quantity is not Quantity.HARMONIC:
            worst = item.worst
            text = f"{channel(worst)} {found(worst)}".strip() if worst else "—"
            lines.append(Line(item_title(report, item), item, text))
        elif item.requirement.order == 2:
            lines.append(_harmonics(report.of(Quantity.HARMONIC)))
    return lines


def _harmonics(items: Sequence[Item]) -> Line:
    """All harmonics in one line."""
    known = [(item, item.worst) for item in items if item.worst is not None]
    if not known:
        return Line(f"Harmonics 2 to {en.ORDER_LAST}", items[0], "—")
    bad = (Verdict.FAILS, Verdict.BEYOND)
    item, worst = max(known, key=lambda row: (row[1].verdict in bad, row[1].used))
    text = f"h{item.requirement.order} {channel(worst)} {found(worst)}"
    return Line(f"Harmonics 2 to {en.ORDER_LAST}", item, text)


def flagged(result: Result) -> tuple[str, str]:
    """How many values were flagged, and which share of them all."""
    share = 100.0 * result.flagged / max(result.counted + result.flagged, 1)
    return str(result.flagged), f"{share:.2g} %"


def span(record: QualityRecord) -> str:
    """How much of a week was measured, as `3.2 of 7 days`."""
    seconds = record.measured_s
    if seconds >= 0.95 * 86_400.0:
        return f"{seconds / 86_400.0:.3g} of 7 days"
    return f"{duration(seconds)} of 7 days"


def stamp(report: QualityReport) -> tuple[str, str]:
    """The word on the report's head, and a few below it."""
    met = sum(item.verdict is Verdict.CONFORMS for item in report.items)
    judged = met + sum(item.verdict is Verdict.FAILS for item in report.items)
    if report.verdict is Verdict.FAILS:
        return "FAILS", f"{judged - met} of {judged} requirements not met"
    if report.verdict is Verdict.CONFORMS:
        return "CONFORMS", f"{met} of {judged} requirements met"
    return "NO VERDICT", span(report.record)


def headline(report: QualityReport) -> str:
    """What came of it, in one or two sentences."""
    failed = _named(report, Verdict.FAILS)
    beyond = _named(report, Verdict.BEYOND)
    missing = _named(report, Verdict.NOT_MEASURED)
    tail = f" Not measured: {missing}." if missing else ""
    if report.verdict is Verdict.FAILS:
        words = f"Not met: {failed}."
        if not report.a_week:
            words += f" Only {span(report.record)} were measured, but no rest of a week mends it."
        return words + tail
    if report.verdict is Verdict.CONFORMS:
        return f"The supply met all that EN 50160 asks of what was measured.{tail}"
    words = f"{span(report.record)}: not a verdict by EN 50160, which judges whole weeks. "
    if report.verdict is Verdict.NOT_MEASURED:
        return f"{words}No interval that it limits was measured whole."
    if beyond:
        return f"{words}Beyond the limits so far: {beyond}.{tail}"
    return f"{words}What was measured so far lies within the limits.{tail}"


def _named(report: QualityReport, value: Verdict) -> str:
    names: list[str] = []
    orders: list[int] = []
    for item in report.items:
        if item.verdict is not value:
            continue
        if item.requirement.quantity is Quantity.HARMONIC:
            orders.append(item.requirement.order)
            continue
        phases = " ".join(filter(None, (channel(r) for r in item.results if r.verdict is value)))
        name = _TITLES[item.requirement.quantity].lower().replace("thd", "THD")
        name = name.replace("plt", "Plt")
        name += f" ({asked(item.requirement)})" if _twofold(item.requirement) else ""
        counted = phases and value is not Verdict.NOT_MEASURED
        names.append(f"{name} on {phases}" if counted else name)
    if orders:
        names.append(f"harmonics {_runs(orders)}" if len(orders) > 1 else f"harmonic {orders[0]}")
    return "; ".join(names)


def _twofold(wanted: Requirement) -> bool:
    return wanted.quantity in (Quantity.FREQUENCY, Quantity.VOLTAGE)


def _runs(orders: list[int]) -> str:
    """2, 3, 4, 7 as `2–4, 7`."""
    runs: list[list[int]] = []
    for order in orders:
        if runs and order == runs[-1][1] + 1:
            runs[-1][1] = order
        else:
            runs.append([order, order])
    return ", ".join(f"{a}" if a == b else f"{a}–{b}" for a, b in runs)


def _unit(wanted: Requirement) -> str:
    if wanted.quantity in (Quantity.VOLTAGE, Quantity.SIGNALLING):
        return " % of Un"
    return f" {wanted.unit}" if wanted.unit else ""


def unmeasured(report: QualityReport) -> list[tuple[str, str]]:
    """Why what was not measured was not: names of items, and the reason that they share."""
    reasons: dict[str, list[str]] = {}
    for item in report.items:
        if item.why and item.verdict is Verdict.NOT_MEASURED:
            name = _TITLES.get(item.requirement.quantity, "Harmonics")
            if item.requirement.order > report.record.supply.highest_order:
                name = f"Harmonics above order {report.record.supply.highest_order}"
            if name not in reasons.setdefault(item.why, []):
                reasons[item.why].append(name)
    return [("; ".join(names), why) for why, names in reasons.items()]


def period(record: QualityRecord) -> str:
    """From when to when, in UTC."""
    if not record.supply.dated:
        return f"{duration(record.end_utc_s - record.begin_utc_s)} of an unknown time"
    begin, end = (datetime.fromtimestamp(t, UTC) for t in (record.begin_utc_s, record.end_utc_s))
    if record.end_utc_s - record.begin_utc_s < 60.0:
        return f"{begin:%A %-d %B %Y, %H:%M:%S} UTC"
    if record.end_utc_s - record.begin_utc_s < 3_600.0:
        return f"{begin:%A %-d %B %Y, %H:%M:%S} to {end:%H:%M:%S} UTC"
    return f"{begin:%A %-d %B %Y, %H:%M} to {end:%A %-d %B %Y, %H:%M} UTC"


def identification(report: QualityReport) -> list[tuple[str, str]]:
    """The supply, and what it was measured with, as names and values."""
    supply = report.record.supply
    phases = " ".join(PHASE_NAMES[phase] for phase in supply.phases)
    nominal = f"Un = {supply.declared:.6g} V, {supply.nominal_frequency:g} Hz; phases {phases}"
    network = "an island" if supply.island else "joined to an interconnected network"
    watched = f"{supply.signalling_hz:g} Hz" if supply.signalling_hz else "none watched"
    return [
        *supply.details,
        *(("Note", note) for note in supply.notes),
        ("Nominal values", nominal),
        ("Network is", network),
        ("Sampling", f"{supply.sample_rate:g} S/s; harmonics to order {supply.highest_order}"),
        ("Lamp of the flickermeter", f"{supply.lamp} V"),
        ("Mains signalling", watched),
    ]


def coverage(report: QualityReport) -> list[tuple[str, str]]:
    """What was measured of the intervals, as names and values."""
    record = report.record
    ten = record.ten
    whole = int((ten.coverage >= WHOLE).sum())
    expected = max(round((record.end_utc_s - record.begin_utc_s) / 600.0), 1)
    flagged = int((ten.flagged & (ten.coverage >= WHOLE)).sum())
    return [
        ("Measured", span(record)),
        *([("Missing", _missing(record))] if len(record.gaps) else []),
        ("10 min", f"{whole} whole intervals of {expected} in this time"),
        ("Flagged", f"{flagged} ({100.0 * flagged / max(whole, 1):.2f} % of them)"),
        ("10 s", f"{len(record.frequency.start)} values of the frequency"),
        ("2 h", f"{_known(report)} values of Plt"),
    ]


def _missing(record: QualityRecord) -> str:
    """How much is missing in between, and when."""
    total = duration(float((record.gaps[:, 1] - record.gaps[:, 0]).sum()))
    if not record.supply.dated:
        return f"{total} in {len(record.gaps)} gaps"
    longest = record.gaps[np.argsort(record.gaps[:, 0] - record.gaps[:, 1])[:_GAPS_SHOWN]]
    spans = [
        f"{moment(datetime.fromtimestamp(begin, UTC))[:-4]} for {duration(end - begin)}"
        for begin, end in sorted(longest.tolist())
    ]
    more = len(record.gaps) - len(spans)
    rest = f" and {more} shorter ones" if more else ""
    return f"{total}: {', '.join(spans)}{rest}"


def _known(report: QualityReport) -> int:
    return int(np.isfinite(report.record.plt.values).any(axis=1).sum())
