"""The page: it needs nothing beside it, and says verdict, limits, scope and signatures."""

import re
from dataclasses import replace
from html.parser import HTMLParser

from addad.lab.type_test_html import page
from type_test_case import short_report


class Checker(HTMLParser):
    """Every element that is opened is closed in its order."""

    VOID = frozenset(("meta", "br", "link", "path", "use", "rect", "image"))

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loads += [
            v or "" for k, v in attrs if k in ("src", "href") and not (v or "#").startswith("#")
        ]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


def test_the_page_stands_alone_and_is_well_formed() -> None:
    checker = Checker()
    checker.feed(page(short_report()))
    assert checker.open == []
    assert checker.loads == []


def test_it_has_what_a_laboratory_hands_on() -> None:
    text = page(short_report())
    for words in (
        "PASSED", "IEC 62053-22, class 0.2S", "Meter under test", "Calibration", "U (95 %)",
        "What software cannot test", "Where the limits are from", "Approved by", "<svg",
    ):  # fmt: skip
        assert words in text, words


def test_failures_stand_out() -> None:
    text = page(short_report(current_error=0.005))
    assert "FAILED" in text
    assert len(re.findall('<tr class="failed">', text)) == 4
    assert "put in on purpose" in text


def test_the_papers_profile_has_its_claim() -> None:
    text = page(replace(short_report(), profile="NM-06.4.001"))
    assert "paper&#x27;s claim" in text or "paper's claim" in text
    assert "NM 06.4.001" in text
