"""The page: it needs nothing beside it, is well formed, escapes names, and links the events."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from addad.lab import quality_html
from addad.lab.quality_html import Files, page
from quality_records import START, record, reported, usual_events, with_events


class Checker(HTMLParser):
    """Every element that is opened is closed in its order."""

    VOID = frozenset(("meta", "br", "link", "path", "use", "rect", "image", "line"))

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loads += [
            v or ""
            for k, v in attrs
            if k in ("src", "href") and not (v or "#").startswith(("#", "data:"))
        ]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def _checked(text: str) -> Checker:
    checker = Checker()
    checker.feed(text)
    assert checker.open == []
    return checker


def test_the_page_of_a_week_stands_alone_and_tells_everything() -> None:
    report = reported(with_events(record(signalling=True), usual_events()))
    files = {1: Files("week-events/a%20b.cfg", "week-events/a%20b.dat")}
    checker = _checked(page(report, files))
    assert set(checker.loads) == {"week-events/a%20b.cfg", "week-events/a%20b.dat"}
    words = " ".join(checker.text)
    for expected in (
        "CONFORMS", "Feeder 12", "Power frequency", "Flicker, long-term Plt", "THD",
        "Harmonics 2 to 25", "Mains signalling, 175 Hz", "70 > u ≥ 40 %", "may stop equipment",
        "Distributions", "Waveforms", "Method", "Where the limits are from",
    ):  # fmt: skip
        assert expected in words, expected


def test_names_are_escaped() -> None:
    made = record(0.02)
    supply = replace(made.supply, name="<script>x</script>", remarks=("a < b & c",))
    text = page(reported(replace(made, supply=supply)))
    assert "<script" not in text
    assert "a &lt; b &amp; c" in text


def test_a_record_of_which_nothing_was_measured_says_so() -> None:
    text = page(reported(record(0.0)))
    _checked(text)
    assert "NO VERDICT" in text
    assert "No interval that it limits was measured whole" in text
    assert "<h2>Flicker" not in text
    assert "No dip, swell, interruption or rapid voltage change" in text


def test_so_many_events_that_not_all_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality_html, "EVENTS_SHOWN", 7)
    dip = usual_events()[0]
    many = tuple(replace(dip, number=k, start_s=START + 60.0 * k) for k in range(10))
    text = page(reported(replace(record(1.0), events=many)))
    assert "3 more are not listed here" in text
