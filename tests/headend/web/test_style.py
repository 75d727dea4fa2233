"""The style sheets: text is readable in both themes, and nothing knows of left or right."""

import re
from pathlib import Path

import pytest

from addad.headend.web.rendering import STATIC

SHEETS = sorted(STATIC.glob("*.css"))
TEXT_RATIO, MARK_RATIO = 4.5, 3.0
THEMES = ("light", "dark")
SURFACES = ("bg", "surface", "sunk")
TEXT = [(ink, on) for ink in ("ink", "ink-2", "ink-3") for on in SURFACES] + [
    *((colour, "surface") for colour in ("import", "export", "ok", "warn", "alarm")),
    *((colour, f"{colour}-soft") for colour in ("ok", "warn", "alarm")),
    *(("ink", f"{colour}-soft") for colour in ("ok", "warn", "alarm", "export")),
    *((colour, "surface") for colour in ("l1", "l2", "l3")),
    *((colour, "sunk") for colour in ("import", "export", "ok", "warn", "alarm")),
    ("surface", "ink"),
    ("surface", "ink-2"),
    ("surface", "alarm"),
]
MARKS = [("line-3", on) for on in ("surface", "bg")] + [("focus", on) for on in SURFACES]

_TOKEN = re.compile(r"--([a-z0-9-]+):light-dark\((#[0-9a-f]{6}),(#[0-9a-f]{6})\)")
_PHYSICAL = re.compile(
    r"(?:^|[;{\s])(?:(?:margin|padding|border|scroll-(?:margin|padding))-(?:top|right|bottom|left)"
    r"(?:-\w+)?|(?:top|right|bottom|left|width|height|(?:min|max)-(?:width|height))\s*:"
    r"|(?:text-align|float|clear)\s*:\s*(?:left|right))"
)
_FOUR_VALUES = re.compile(r"(?:margin|padding|inset|border-width|border-radius)\s*:\s*([^;}]+)")


def _tokens(theme: str) -> dict[str, str]:
    text = (STATIC / "style.css").read_text("utf-8")
    side = 2 if theme == "light" else 3
    return {found[1]: found[side] for found in _TOKEN.finditer(text)}


def _luminance(colour: str) -> float:
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_reckoned_as_for_black_on_white() -> None:
    assert _contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert _contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("theme", THEMES)
def test_text_stands_out_from_its_surface(theme: str) -> None:
    tokens = _tokens(theme)
    ratios = {pair: _contrast(tokens[pair[0]], tokens[pair[1]]) for pair in TEXT}
    assert not {pair: round(r, 2) for pair, r in ratios.items() if r < TEXT_RATIO}


@pytest.mark.parametrize("theme", THEMES)
def test_the_edges_of_controls_and_the_focus_stand_out(theme: str) -> None:
    tokens = _tokens(theme)
    ratios = {pair: _contrast(tokens[pair[0]], tokens[pair[1]]) for pair in MARKS}
    assert not {pair: round(r, 2) for pair, r in ratios.items() if r < MARK_RATIO}


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_a_style_sheet_turns_with_the_direction_of_the_script(sheet: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text("utf-8"), flags=re.DOTALL)
    rules = re.sub(r"@media[^{]*\{", "{", text)
    assert not _PHYSICAL.findall(rules)
    turned = [values.split() for values in _FOUR_VALUES.findall(rules)]
    assert not [values for values in turned if len(values) == 4 and values[1] != values[3]]


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_a_style_sheet_asks_no_other_machine(sheet: Path) -> None:
    assert not re.findall(r"@import|url\(|https?:", sheet.read_text("utf-8"))


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_every_token_that_is_used_is_defined(sheet: Path) -> None:
    defined = set(re.findall(r"(--[a-z0-9-]+):", (STATIC / "style.css").read_text("utf-8")))
    assert set(re.findall(r"var\((--[a-z0-9-]+)", sheet.read_text("utf-8"))) <= defined
