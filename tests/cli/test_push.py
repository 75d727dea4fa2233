"""`addad push` on captures: tables, JSON, missing keys, noise, bad use."""

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from addad.cli import main as cli
from reader.sample_pushes import (
    AK,
    EK,
    METER_TITLE,
    in_hdlc,
    in_mbus,
    in_wrapper,
    notification,
    sealed,
)

Printed = pytest.CaptureFixture[str]
APDU = notification().encode()


@pytest.fixture(autouse=True)
def only_push(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other commands need extras; the base install has `push`."""
    monkeypatch.setattr(cli, "EXTRA", {"push": ""})


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"push": {"encryption_key": EK, "authentication_key": AK}}))
    path.chmod(0o600)
    return path


def capture(folder: Path, octets: bytes) -> str:
    path = folder / "capture"
    path.write_bytes(octets)
    return str(path)


def run(*arguments: str | Path) -> int:
    return cli.main(["push", *map(str, arguments)])


def typed(octets: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(octets)))


def lines(printed: Printed) -> list[Any]:
    return [json.loads(line) for line in printed.readouterr().out.splitlines()]


def test_a_push_is_a_table(tmp_path: Path, capsys: Printed) -> None:
    assert run(capture(tmp_path, in_hdlc(APDU))) == 0
    shown = capsys.readouterr()
    assert shown.out.splitlines() == [
        "2026-03-01T12:30:05+01:00  hdlc  not ciphered",
        "object      name        value",
        "1-0:32.7.0  Voltage L1  230.4 V",
    ]
    assert shown.err == ""


def test_hexadecimal_text_in_any_writing_is_the_same(tmp_path: Path, capsys: Printed) -> None:
    octets = in_mbus(APDU)
    for text in (
        octets.hex(),
        octets.hex(" ").upper() + "\r\n",
        octets.hex(":"),
        "\n\n" + octets.hex("-", 5).replace("-", "\n"),
        "\n".join(octets.hex()[at : at + 7] for at in range(0, 2 * len(octets), 7)),
    ):
        assert run(capture(tmp_path, text.encode())) == 0
        assert "230.4 V" in capsys.readouterr().out


@pytest.mark.parametrize(("octets", "said"), [("7FC00000", "nan"), ("FF800000", "-inf")])
def test_a_number_that_is_none_is_text_in_json(
    tmp_path: Path, capsys: Printed, octets: str, said: str
) -> None:
    apdu = f"0F000000010002030906010020 0700FF17{octets}02020FFF1623"
    assert run(capture(tmp_path, in_wrapper(bytes.fromhex(apdu))), "--json") == 0
    out = capsys.readouterr().out
    assert "NaN" not in out
    assert "Infinity" not in out
    (value,) = json.loads(out)["values"]
    assert (value["value"], value["unit"], value["raw"]) == (said, "V", said)


def test_a_ciphered_push_with_its_keys(tmp_path: Path, keys: Path, capsys: Printed) -> None:
    path = capture(tmp_path, in_wrapper(sealed(APDU)))
    assert run(path, "--credentials", keys) == 0
    shown = capsys.readouterr().out
    assert f"wrapper  from {METER_TITLE.hex()} (ADD)  counter 1  verified" in shown
    assert run(path, "--credentials", keys, "--json", "--again") == 0
    (push,) = lines(capsys)
    assert push == {
        "moment": "2026-03-01T12:30:05+01:00",
        "carriage": "wrapper",
        "ciphered": {
            "system_title": METER_TITLE.hex(),
            "invocation_counter": 1,
            "verified": True,
        },
        "list": "",
        "quirks": [],
        "values": [{"logical_name": "1-0:32.7.0", "value": 230.4, "unit": "V", "raw": 2304}],
    }


def shell(*arguments: str | Path) -> tuple[int, str, str]:
    """`addad push` in a process of its own."""
    command = [sys.executable, "-m", "addad.cli.main", "push", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    return done.returncode, done.stdout, done.stderr


def test_a_recorded_push_is_refused_after_a_restart(tmp_path: Path, keys: Path) -> None:
    path = capture(tmp_path, in_wrapper(sealed(APDU, counter=7)))
    code, shown, told = shell(path, "--credentials", keys)
    assert (code, told) == (0, "")
    assert "230.4 V" in shown
    kept = keys.with_name("keys.json.counters")
    assert kept.stat().st_mode & 0o777 == 0o600
    code, shown, told = shell(path, "--credentials", keys)
    assert (code, shown) == (1, "")
    assert "invocation counter 7 is not greater than 7; it came before" in told
    before = kept.read_bytes()
    code, shown, _ = shell(path, "--credentials", keys, "--again")
    assert (code, kept.read_bytes()) == (0, before)
    path = capture(tmp_path, in_wrapper(sealed(APDU, counter=8)))
    assert shell(path, "--credentials", keys)[0] == 0


def test_counters_are_kept_where_it_is_said(tmp_path: Path, keys: Path, capsys: Printed) -> None:
    path, other = capture(tmp_path, sealed(APDU)), tmp_path / "other"
    assert run(path, "--credentials", keys, "--counters", other) == 0
    assert run(path, "--credentials", keys, "--counters", other) == 1
    assert run(path, "--credentials", keys) == 0
    assert run(path, "--credentials", keys, "--again", "--counters", other) == 2
    assert "no use" in capsys.readouterr().err


def test_counters_that_were_damaged_are_told_and_nothing_is_read(
    tmp_path: Path, keys: Path, capsys: Printed
) -> None:
    path, kept = capture(tmp_path, sealed(APDU, counter=5)), keys.with_name("keys.json.counters")
    assert run(path, "--credentials", keys) == 0
    kept.write_text(kept.read_text().replace(": 6", ": 4"))
    capsys.readouterr()
    assert run(path, "--credentials", keys) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "damaged" in shown.err


def test_without_keys_it_says_whose_are_missing(tmp_path: Path, capsys: Printed) -> None:
    assert run(capture(tmp_path, in_hdlc(sealed(APDU)))) == 1
    told = capsys.readouterr().err
    assert f"system title {METER_TITLE.hex()}" in told
    assert "--credentials" in told


def test_what_was_not_verified_says_so(tmp_path: Path, capsys: Printed) -> None:
    keys = tmp_path / "lax.json"
    keys.write_text(json.dumps({"push": {"encryption_key": EK, "encryption_key_only": True}}))
    keys.chmod(0o600)
    assert run(capture(tmp_path, sealed(APDU)), "--credentials", keys) == 0
    assert "NOT verified: it may be forged" in capsys.readouterr().out


def test_pushes_among_noise_and_one_that_cannot_be_read(
    tmp_path: Path, keys: Path, capsys: Printed
) -> None:
    octets = b"\xff" * 9 + in_hdlc(APDU) + in_hdlc(b"\x0f\x00") + in_hdlc(sealed(APDU))
    assert run(capture(tmp_path, octets), "--credentials", keys, "--json") == 1
    shown = capsys.readouterr()
    assert len(shown.out.splitlines()) == 2
    assert "octets were part of no frame" in shown.err
    assert "hdlc: 4 octets wanted" in shown.err


def test_standard_input_is_read_as_it_comes(
    monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    typed(in_hdlc(APDU) * 100, monkeypatch)
    assert run("-", "--json") == 0
    assert len(lines(capsys)) == 100
    typed(b"", monkeypatch)
    assert run("-") == 1
    assert "no push is in standard input" in capsys.readouterr().err


def test_makers_lists_and_quirks_are_told(tmp_path: Path, data_dir: Path, capsys: Printed) -> None:
    frames = json.loads((data_dir / "frames.json").read_text("utf-8"))
    texts = {frame["name"]: frame["hex"].encode() for frame in frames}
    assert run(capture(tmp_path, texts["hdlc_kaifa_ma304h3e"])) == 0
    shown = capsys.readouterr().out
    assert "by the maker's list: Kaifa, list 2, three phases" in shown
    assert "odd: tagged date time" in shown
    assert run(capture(tmp_path, texts["raw_energomera"]), "--json") == 0
    (push,) = lines(capsys)
    assert push["values"][1] == {
        "logical_name": "0-0:42.0.0",
        "class_id": 1,
        "attribute": 2,
        "value": "EMR0222173608710",
    }
    for name, text in texts.items():
        assert run(capture(tmp_path, text)) in (0, 1), name


def test_bad_use_is_told_in_one_line(
    tmp_path: Path, keys: Path, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    good = capture(tmp_path, in_hdlc(APDU))
    keys.chmod(0o644)
    typed(b"7e a0 07", monkeypatch)
    for arguments, code, told in (
        (("/no/such",), 2, "/no/such cannot be read: No such file"),
        (("nul\0",), 2, "cannot be read"),
        ((tmp_path,), 2, "cannot be read"),
        ((good, "--credentials", keys), 2, "chmod 600"),
        ((good, "--credentials", tmp_path / "none"), 2, "none cannot be read"),
        (("-",), 1, "no whole hdlc frame"),
    ):
        assert run(*arguments) == code
        shown = capsys.readouterr()
        assert told in shown.err
        assert shown.out == ""
        assert shown.err.startswith("addad push: ")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"these are no digits at all", "not one of hexadecimal digits"),
        (b"7ea00", "half an octet"),
        (b"7e" * 3000 + b"zz", "goes on otherwise"),
    ],
)
def test_a_text_that_is_none_is_bad_use(
    content: bytes, told: str, tmp_path: Path, capsys: Printed
) -> None:
    assert run(capture(tmp_path, content)) == 2
    assert told in capsys.readouterr().err


def test_a_carriage_that_is_not_known_is_bad_use(capsys: Printed) -> None:
    with pytest.raises(SystemExit) as stop:
        run("x", "--carriage", "pigeon")
    assert stop.value.code == 2
    assert "m-bus" in capsys.readouterr().err
