"""The words of a report: what was asked and found, and that less than a week is no verdict."""

from dataclasses import replace

import numpy as np

from addad.lab import quality_words as words
from addad.metrology.power_quality.en50160 import Quantity
from quality_records import DECLARED, record, reported, usual_events, with_events, with_gap


def test_what_is_asked_and_found() -> None:
    report = reported(record(signalling=True))
    lines = {line.title: line for line in words.summary(report)}
    assert list(lines) == [
        "Power frequency", "Supply voltage", "Flicker, long-term Plt", "Unbalance, u2",
        "Harmonic distortion, THD", "Harmonics 2 to 25", "Mains signalling, 175 Hz",
    ]  # fmt: skip
    voltage = report.of(Quantity.VOLTAGE)
    assert [words.asked(i.requirement) for i in voltage] == ["95 % of a week", "always"]
    assert words.limit(voltage[0].requirement) == "90 … 110 % of Un"
    assert words.limit(report.of(Quantity.DISTORTION)[0].requirement) == "≤ 8 %"
    assert words.interval(report.of(Quantity.FLICKER)[0].requirement) == "2 h"
    assert lines["Unbalance, u2"].measured == "0.60 %"
    assert lines["Harmonics 2 to 25"].measured.startswith("h5 L")


def test_a_week_that_conforms() -> None:
    report = reported(record(signalling=True))
    assert words.stamp(report) == ("CONFORMS", "31 of 31 requirements met")
    assert words.headline(report) == "The supply met all that EN 50160 asks of what was measured."


def test_what_fails_is_named_with_its_phases_and_orders() -> None:
    made = record()
    harmonics = made.ten.harmonics.copy()
    harmonics[:, :, [15, 16, 17, 21]] = 0.03
    voltage = made.ten.voltage.copy()
    voltage[:, 1] = 0.8 * DECLARED
    report = reported(replace(made, ten=replace(made.ten, harmonics=harmonics, voltage=voltage)))
    text = words.headline(report)
    assert text.startswith(
        "Not met: supply voltage (95 % of a week) on L2; supply voltage (always)"
    )
    assert "harmonics 15–17, 21" in text
    assert "Not measured: mains signalling" in text
    assert words.stamp(report)[0] == "FAILS"


def test_a_part_of_a_week_is_no_verdict_and_says_so() -> None:
    report = reported(record(2.0))
    assert words.stamp(report) == ("NO VERDICT", "2 of 7 days")
    assert "not a verdict by EN 50160, which judges whole weeks" in words.headline(report)
    low = np.full_like(report.record.ten.voltage, 0.8 * DECLARED)
    ten = replace(report.record.ten, voltage=low)
    assert words.stamp(reported(replace(report.record, ten=ten)))[0] == "FAILS"
    assert "no rest of a week" in words.headline(reported(replace(report.record, ten=ten)))


def test_what_is_missing_is_told_with_its_times() -> None:
    made = with_gap(record(), 86_400.0, 43_200.0)
    told = dict(words.coverage(reported(made)))
    assert told["Measured"] == "6.5 of 7 days"
    assert told["Missing"] == "12 h: Tue 2 Jun 00:00:00 for 12 h"
    assert told["10 min"] == "936 whole intervals of 1008 in this time"
    many = np.array([[i * 60.0, i * 60.0 + 1.0] for i in range(9)]) + made.begin_utc_s
    assert (
        "and 4 shorter ones" in dict(words.coverage(reported(replace(made, gaps=many))))["Missing"]
    )
    undated = replace(made, supply=replace(made.supply, dated=False))
    assert dict(words.coverage(reported(undated)))["Missing"] == "12 h in 1 gaps"


def test_flags_are_told() -> None:
    report = reported(with_events(record(), usual_events()))
    assert dict(words.coverage(report))["Flagged"] == "4 (0.40 % of them)"
    worst = report.of(Quantity.VOLTAGE)[0].worst
    assert worst is not None
    assert words.flagged(worst) == ("4", "0.4 %")


def test_why_something_is_not_measured_is_told_once() -> None:
    told = {why: names for names, why in words.unmeasured(reported(record()))}
    assert told == {"no carrier was watched (--signalling)": "Mains signalling"}


def test_periods() -> None:
    week = record()
    assert words.period(week) == "Monday 1 June 2026, 00:00 to Monday 8 June 2026, 00:00 UTC"
    assert words.period(replace(week, end_utc_s=week.begin_utc_s + 1_200.0)).endswith(
        "00:20:00 UTC"
    )
    assert words.period(replace(week, end_utc_s=week.begin_utc_s + 2.0)).endswith("00:00:00 UTC")
    undated = replace(week, supply=replace(week.supply, dated=False))
    assert words.period(undated) == "7 d of an unknown time"


def test_the_supply_is_named_with_how_it_was_read() -> None:
    made = record()
    supply = replace(made.supply, notes=("text read as cp1251",), island=True, phases=(0, 1))
    told = words.identification(reported(replace(made, supply=supply)))
    assert ("Note", "text read as cp1251") in told
    assert ("Network is", "an island") in told
    assert ("Nominal values", "Un = 230 V, 50 Hz; phases L1 L2") in told


def test_harmonics_none_of_which_was_measured_have_no_one_limit() -> None:
    lines = {line.title: line.limit for line in words.summary(reported(record(0.0)))}
    assert lines["Harmonics 2 to 25"] == "by order"
    assert lines["Harmonic distortion, THD"] == "≤ 8 %"
    lines = {line.title: line.limit for line in words.summary(reported(record()))}
    assert lines["Harmonics 2 to 25"] == "≤ 6 %"
