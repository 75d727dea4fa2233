"""A type test's report as one page of HTML that needs nothing beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from addad.lab.type_test_plan import Section
from addad.lab.type_test_plots import curve_svg, curves, influence_results, influence_svg
from addad.lab.type_test_reasons import reasons
from addad.lab.type_test_report import (
    NOT_TESTED,
    SIMULATED,
    TypeTestReport,
    calibration_lines,
    conditions,
    front_end_lines,
    identification,
    limit_text,
    paper_words,
    put_in,
    uncertainty_text,
    value_text,
)
from addad.lab.type_test_run import Result, Verdict

_STYLE = """
:root { --ink:#1d2430; --faint:#5d6773; --rule:#d9dde2; --good:#1f6f54; --bad:#b3261e; }
* { box-sizing:border-box; }
body { margin:0; background:#eef0f2; color:var(--ink);
  font:15px/1.5 "DejaVu Sans","Segoe UI",Helvetica,Arial,sans-serif; }
main { max-width:1180px; margin:24px auto; background:#fff; padding:44px 52px;
  border:1px solid var(--rule); }
header { display:flex; justify-content:space-between; gap:24px; align-items:flex-start;
  border-bottom:3px solid var(--ink); padding-bottom:18px; }
h1 { font-size:26px; line-height:1.2; margin:0 0 4px; }
h2 { font-size:18px; margin:38px 0 10px; padding-bottom:5px; border-bottom:1px solid var(--rule); }
h3 { font-size:14px; margin:20px 0 6px; color:var(--faint); font-weight:600; }
p { margin:6px 0; } .faint { color:var(--faint); font-size:13px; }
.stamp { border:2px solid; padding:8px 18px; font-weight:700; font-size:20px; letter-spacing:.06em;
  text-align:center; white-space:nowrap; }
.stamp small { display:block; font-weight:400; font-size:12px; letter-spacing:0; }
.pass { color:var(--good); } .fail { color:var(--bad); font-weight:700; }
td.n + td:not(.n), th.n + th:not(.n) { padding-left:14px; }
.information { color:var(--faint); }
.two { display:grid; grid-template-columns:1fr 1fr; gap:8px 40px; }
.wide { overflow-x:auto; }
table { border-collapse:collapse; width:100%; font-size:13px; }
th { text-align:left; font-weight:600; color:var(--faint); border-bottom:1.5px solid var(--ink);
  padding:4px 10px 4px 0; }
td { border-bottom:1px solid #edf0f2; padding:4px 10px 4px 0; vertical-align:top; }
td.n, th.n { text-align:right; padding-left:14px; font-variant-numeric:tabular-nums;
  white-space:nowrap; }
tr.failed td { background:#fdf2f1; }
dl { display:grid; grid-template-columns:minmax(130px,auto) 1fr; gap:3px 14px; margin:0;
  font-size:13.5px; }
dt { color:var(--faint); } dd { margin:0; overflow-wrap:anywhere; }
.plots { display:grid; grid-template-columns:repeat(auto-fill,minmax(min(100%,480px),1fr));
  gap:14px 22px; }
figure { margin:0; } svg { width:100%; height:auto; display:block; }
.notice { border-left:4px solid #b58900; background:#fdf8e7; padding:8px 14px; margin:14px 0; }
ul { margin:6px 0; padding-left:20px; font-size:13.5px; }
.sign { display:grid; grid-template-columns:repeat(3,1fr); gap:28px; margin-top:44px; }
.sign div { border-top:1px solid var(--ink); padding-top:5px; font-size:12.5px;
  color:var(--faint); }
@media (max-width:700px) {
  main { margin:0; padding:22px 16px; border:0; } header { flex-direction:column; }
  h1 { font-size:21px; } .two, .sign { grid-template-columns:1fr; }
  .sign { gap:44px; } dl { grid-template-columns:1fr; gap:0; } dd { margin-bottom:7px; }
  table { font-size:12px; } td,th { padding-right:4px; } td.n,th.n { padding-left:2px; }
  .remark, .more { display:none; } .plot-wide { min-width:640px; }
}
@media print { body { background:#fff; } main { border:0; margin:0; padding:0; }
  table, figure { break-inside:auto; } tr, figure { break-inside:avoid; } }
"""


def page(report: TypeTestReport) -> str:
    """The whole page."""
    parts = [
        _head(report),
        _notices(report),
        _overview(report),
        _summary(report),
        _reasons(report),
        *_tables(report),
        _scope(report),
        _signatures(),
    ]
    title = escape(f"Type test, {report.title}")
    return (
        "<!doctype html>\n"
        '<html lang="en"><head><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style></head>\n"
        f"<body><main>\n{''.join(parts)}</main></body></html>\n"
    )


def _head(report: TypeTestReport) -> str:
    passes, fails = report.counted(Verdict.PASS), report.counted(Verdict.FAIL)
    kind, word = ("pass", "PASSED") if report.passed else ("fail", "FAILED")
    return (
        f"<header><div><h1>Type test report</h1><p><b>{escape(report.title)}</b>{report.extent}</p>"
        f'<p class="faint">Report {escape(report.number)}, {report.made:%d %B %Y, %H:%M %Z}</p>'
        f'</div><div class="stamp {kind}">{word}<small>{passes} of {passes + fails} tests '
        "passed</small></div></header>"
    )


def _notices(report: TypeTestReport) -> str:
    said = [*put_in(report.meter), *(paper_words(report) if report.is_paper else ())]
    return "".join(f'<p class="notice">{escape(words)}</p>' for words in said)


def _overview(report: TypeTestReport) -> str:
    head = (
        "channel",
        "gain [V, A per count]",
        "offset [counts]",
        "delay [µs]",
        "lead at 50 Hz [′]",
    )
    rows = [head, *calibration_lines(report.meter)]
    calibration = (
        "calibrated" if report.meter.calibrated else "not calibrated: the drawing's ratios"
    )
    return (
        f'<div class="two"><section><h2>Meter under test</h2>{_list(identification(report))}'
        f"</section><section><h2>Reference conditions and method</h2>{_list(conditions(report))}"
        f"</section></div><h2>Front end and calibration</h2>{_list(front_end_lines(report.meter))}"
        f'<h3>Calibration: {calibration}</h3><div class="wide">{_plain_table(rows)}</div>'
        f"{_bullets(report.meter.notes)}"
    )


def _summary(report: TypeTestReport) -> str:
    rows = []
    for section, results in report.sections.items():
        fails = sum(r.verdict is Verdict.FAIL for r in results)
        verdict = "fail" if fails else "pass"
        rows.append(
            f"<tr><td>{escape(section.value)}</td><td class=n>{len(results)}</td>"
            f"<td class=n>{fails}</td><td>{_worst(results)}</td>"
            f'<td class="{verdict}">{verdict}</td></tr>'
        )
    return (
        '<h2>Summary</h2><div class="wide"><table><tr><th>part</th><th class=n>tests</th>'
        "<th class=n>failed</th><th>nearest to its limit</th><th>verdict</th></tr>"
        f"{''.join(rows)}</table></div>"
    )


def _reasons(report: TypeTestReport) -> str:
    why = reasons(report)
    return f"<h2>Why tests failed</h2>{_bullets(why)}" if why else ""


def _worst(results: list[Result]) -> str:
    judged = [r for r in results if r.item.limit and r.value == r.value]
    errors = [r for r in judged if "%" in limit_text(r)]
    if not errors:
        return "—"
    worst = max(errors, key=lambda r: (abs(r.value) + r.uncertainty) / (r.item.limit or 1.0))
    used = 100.0 * abs(worst.value) / (worst.item.limit or 1.0)
    return f"{escape(worst.item.label)}: {value_text(worst)} of {limit_text(worst)} ({used:.0f} %)"


def _tables(report: TypeTestReport) -> Iterator[str]:
    plots: dict[Section, list[str]] = {}
    for section, title, results in curves(report):
        svg = curve_svg(report, title, results)
        plots.setdefault(section, []).append(f"<figure>{svg}</figure>")
    for section, results in report.sections.items():
        yield f"<h2>{escape(section.value)}</h2>"
        if section in plots:
            yield f'<div class="plots">{"".join(plots[section])}</div>'
        if section is Section.INFLUENCE:
            svg = influence_svg(influence_results(report))
            yield f'<div class="wide"><figure class="plot-wide">{svg}</figure></div>'
        yield _table(results)


def _table(results: list[Result]) -> str:
    remarks = any(r.remark for r in results)
    head = (
        "<tr><th>test</th><th class=n>limit</th><th class=n>result</th>"
        "<th class=n>U (95 %)</th><th class='n more'>pulses</th><th class='n more'>time</th>"
        "<th>verdict</th>"
        f"{'<th class=remark>remark</th>' if remarks else ''}</tr>"
    )
    rows = "".join(_row(result, remarks) for result in results)
    star = any(r.item.special for r in results)
    note = '<p class="faint">* where a user asks for it</p>' if star else ""
    return f'<div class="wide"><table>{head}{rows}</table></div>{note}'


def _row(result: Result, remarks: bool) -> str:
    counts = [m.count for m in result.measured if m.count is not None]
    pulses = sum(c.pulses for c in counts) if counts else sum(m.pulses for m in result.measured)
    seconds = sum(m.seconds for m in result.measured)
    verdict = result.verdict.value
    star = " *" if result.item.special else ""
    last = f"<td class='remark faint'>{escape(result.remark)}</td>" if remarks else ""
    failed = ' class="failed"' if result.verdict is Verdict.FAIL else ""
    return (
        f"<tr{failed}><td>{escape(result.item.label)}{star}</td>"
        f"<td class=n>{escape(limit_text(result))}</td><td class=n>{value_text(result)}</td>"
        f"<td class=n>{uncertainty_text(result)}</td><td class='n more'>{pulses}</td>"
        f'<td class="n more">{seconds:.0f} s</td><td class="{verdict}">{verdict}</td>{last}</tr>'
    )


def _scope(report: TypeTestReport) -> str:
    sources = report.meter.nameplate.accuracy.sources
    return (
        f"<h2>What is simulated</h2>{_bullets(SIMULATED)}"
        "<h2>What software cannot test</h2><p>These tests of the standards need the meter itself, "
        f"and are not part of this report:</p>{_bullets(NOT_TESTED)}"
        f"<h2>Where the limits are from</h2>{_bullets(sources)}"
        '<p class="faint">Results hold for the unit and the settings named above.</p>'
    )


def _signatures() -> str:
    fields = ("Tested by, date", "Checked by, date", "Approved by, date")
    return f'<div class="sign">{"".join(f"<div>{field}</div>" for field in fields)}</div>'


def _list(pairs: Iterable[tuple[str, str]]) -> str:
    return f"<dl>{''.join(f'<dt>{escape(a)}</dt><dd>{escape(b)}</dd>' for a, b in pairs)}</dl>"


def _bullets(lines: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def _plain_table(rows: list[tuple[str, str, str, str, str]]) -> str:
    head = "".join(f"<th{' class=n' * bool(k)}>{escape(x)}</th>" for k, x in enumerate(rows[0]))
    body = "".join(
        "<tr>" + "".join(f"<td{' class=n' * bool(k)}>{x}</td>" for k, x in enumerate(row)) + "</tr>"
        for row in rows[1:]
    )
    return f"<table><tr>{head}</tr>{body}</table>"
