"""The texts of the service point's script: each is in the block that catalogues are made from."""

import re

import pytest

from addad.headend.commands import WORDS
from addad.headend.event_words import ALARM_BITS, EVENTS
from addad.headend.readout import COLLECTED
from addad.headend.web.rendering import STATIC, TEMPLATES
from addad.obis_names import name_of

MODULES = sorted(path for path in STATIC.glob("*.js") if path.name not in ("theme.js", "list.js"))
MAX_LINES = 250
_CALL = re.compile(r"\b(?:t|parts)\(")
_TEXT = re.compile(r"'((?:[^'\\\n]|\\.)*)'")
_PAIR = re.compile(r'^  "(?P<english>[^"]+)": _\("(?P<message>[^"]+)"\),$', re.MULTILINE)


def _block() -> dict[str, str]:
    text = (TEMPLATES / "_words.html").read_text("utf-8")
    return {found["english"]: found["message"] for found in _PAIR.finditer(text)}


def _translated(script: str) -> set[str]:
    """The literals inside the brackets of each `t(…)` and `parts(…)`."""
    found = set()
    for call in _CALL.finditer(script):
        depth, end = 1, call.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(script[end], 0)
            end += 1
        found |= set(_TEXT.findall(script[call.end() : end]))
    return {text for text in found if re.search(r"[A-Za-z]{2}", text) and text not in ("Wh", "kW")}


def test_the_block_translates_each_text_as_itself() -> None:
    block = _block()
    assert len(block) > 200
    assert all(english == message for english, message in block.items())


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_what_a_script_translates_is_in_the_block(module: str) -> None:
    script = (STATIC / module).read_text("utf-8")
    assert _translated(script) <= _block().keys()
    assert len(script.splitlines()) < MAX_LINES


_OUTCOMES = (
    "The head end stopped before the outcome was known; look at the state",
    "Nothing was sent: the meter does not answer",
    "The state could not be read back; the relay may have switched",
    *(f"The relay did not follow. State: {state}" for state in WORDS.values()),
)


def _told() -> set[str]:
    meanings = [
        one for group in (EVENTS, ALARM_BITS) for log in group.values() for one in log.values()
    ]
    return (
        {one.text for one in meanings} | {name_of(code) for code in COLLECTED} | set(WORDS.values())
    )


def test_what_the_head_end_tells_is_in_the_block() -> None:
    assert _told() | set(_OUTCOMES) <= _block().keys()


def test_no_text_of_the_block_is_left_from_before() -> None:
    named = {text for path in MODULES for text in _TEXT.findall(path.read_text("utf-8"))}
    told = _told() | set(_OUTCOMES)
    assert not {text for text in _block() if text not in named | told and "{n}" not in text} - {
        "not asked yet",
        "the meter does not answer",
    }
