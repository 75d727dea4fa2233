"""JSON survives a code page that lacks its letters."""

import io
import json

import pytest

from addad.cli.json_text import JsonList, print_document, print_json


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "ascii"])
def test_any_code_page_carries_every_letter(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    octets = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(octets, encoding, write_through=True))
    print_json({"unit": "°", "channel": "Ua_1СШ"}, 1)
    assert json.loads(octets.getvalue().decode(encoding)) == {"unit": "°", "channel": "Ua_1СШ"}


def test_where_they_fit_letters_stay_readable(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"unit": "°"}, 2)
    assert capsys.readouterr().out == '{\n  "unit": "°"\n}\n'


def test_what_does_not_print_is_escaped_and_reads_the_same(
    capsys: pytest.CaptureFixture[str],
) -> None:
    name = "\x1b[2J\x9b1m\u202e\x7f\U000e0001 é\n"
    print_json({"name": [name]}, 2)
    shown = capsys.readouterr().out
    assert all(line.isprintable() for line in shown.split("\n"))
    assert "é" in shown
    assert json.loads(shown) == {"name": [name]}


@pytest.mark.parametrize("octets", [1, 1 << 24])
@pytest.mark.parametrize("entries", [[], [1], [{"a": [1, {"b": "ü\x1b\n"}]}, [], "Σ"]])
def test_a_list_that_is_kept_as_text_is_printed_like_any_other(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    entries: list[object],
    octets: int,
) -> None:
    monkeypatch.setattr("addad.cli.json_text.MEMORY_OCTETS", octets)
    objects = JsonList()
    for entry in entries:
        objects.append(entry)
    assert len(objects) == len(entries)
    print_document({"head": {"x": None}, "objects": objects, "more": [1]})
    kept = capsys.readouterr().out
    print_json({"head": {"x": None}, "objects": entries, "more": [1]}, 2)
    assert kept == capsys.readouterr().out
