"""CSV recordings in the dialects of the field."""

import contextlib
import io

import numpy as np
import pytest

from addad.errors import InputError
from addad.world.csv_text import open_csv
from addad.world.recording import Reading, Recording

T = np.arange(400) / 4000
U = 325 * np.sin(2 * np.pi * 50 * T)
I = 10 * np.sin(2 * np.pi * 50 * T - 0.5)  # noqa: E741


def _rows(delimiter: str, comma: bool = False, time: bool = True, scale: float = 1.0) -> str:
    columns = ([T * scale] if time else []) + [U, I]
    lines = (delimiter.join(f"{value:.6f}" for value in row) for row in zip(*columns, strict=True))
    text = "\n".join(lines) + "\n"
    return text.replace(".", ",") if comma else text


def _open(text: str | bytes, **reading: object) -> Recording:
    octets = text if isinstance(text, bytes) else text.encode()
    return open_csv(io.BytesIO(octets), "a.csv", Reading(**reading))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("time,u1 [V],i1 [A]\n" + _rows(","), ["u1", "i1"]),
        ("t [ms];U_L1 [V];I_L1 [A]\r\n" + _rows(";", comma=True, scale=1e3), ["U_L1", "I_L1"]),
        ("Time\tChannel A\tChannel B\n(ms)\t(V)\t(A)\n\n" + _rows("\t", scale=1e3), None),
        ("# scope of the lab\n# 2024\n\nTime (s);V;A\n" + _rows(";"), None),
        (_rows(","), ["column 2", "column 3"]),
        (_rows(" "), ["column 2", "column 3"]),
        ("Zeit;Spannung;Strom\n" + _rows(";", comma=True), ["Spannung", "Strom"]),
        ('"Time, s","U, ""L1"" [V]","I ""L1"" [A]"\n' + _rows(","), ['U, "L1"', 'I "L1"']),
        ('"t";"half a quote;"I"\n' + _rows(";"), None),
        ("Temps (µs);Tension (V);Intensité (A)\n" + _rows(";", scale=1e6), None),
    ],
)
def test_a_dialect_is_found_out(text: str, names: list[str] | None) -> None:
    recording = _open(text)
    assert recording.sample_rate == pytest.approx(4000.0, rel=1e-6)
    assert recording.samples == 400
    assert names is None or [channel.name for channel in recording.channels] == names
    found = np.concatenate([block[0] for block in recording.blocks([0, 1], 150)])
    assert np.allclose(found, np.column_stack([U, I]), atol=1e-6)


def test_units_and_phases_come_from_the_heading() -> None:
    recording = _open("t [s],u1 [kV],i_n [mA]\n" + _rows(","))
    assert [(c.kind, c.phase, c.unit) for c in recording.channels] == [
        ("voltage", "L1", "V"),
        ("current", "N", "A"),
    ]
    assert np.allclose(recording.waveform().samples[:, 0], 1e3 * U, atol=1e-2)
    assert np.allclose(recording.waveform().samples[:, 1], 1e-3 * I, atol=1e-5)


def test_without_a_time_column_the_rate_must_be_given() -> None:
    text = "u,i\n" + _rows(",", time=False)
    with pytest.raises(InputError, match="--rate"):
        _open(text)
    assert _open(text, rate=4000.0).sample_rate == 4000.0


def test_a_rate_given_stands_above_the_time_column() -> None:
    assert _open("time,u,i\n" + _rows(","), rate=5000.0).sample_rate == 5000.0


def test_dates_give_the_rate_and_the_start() -> None:
    stamps = [f"2024-05-01T10:00:00.{k * 250:06d}" for k in range(400)]
    rows = "\n".join(f"{stamp},{value:.3f}" for stamp, value in zip(stamps, U, strict=True))
    recording = _open("timestamp,u1\n" + rows)
    assert recording.sample_rate == pytest.approx(4000.0)
    assert recording.start is not None
    assert recording.start.isoformat() == "2024-05-01T10:00:00+00:00"


def test_gaps_in_time_are_told() -> None:
    lines = _rows(",").splitlines()
    recording = _open("time,u,i\n" + "\n".join(lines[:200] + lines[300:]))
    assert any("gaps" in note for note in recording.notes)


@pytest.mark.parametrize("dated", [False, True])
def test_a_jump_of_time_spoils_no_rate_and_is_told(dated: bool) -> None:
    """Half a second in the middle would be a rate, and a frequency, five times too low."""
    moments = T + np.where(np.arange(400) >= 250, 0.5, 0.0)
    day = np.datetime64("2024-05-01T10:00:00")
    texts = [
        f"{day + np.timedelta64(round(m * 1e6), 'us')}" if dated else f"{m:.6f}" for m in moments
    ]
    rows = "\n".join(f"{text},{value:.3f}" for text, value in zip(texts, U, strict=True))
    recording = _open("time,u1\n" + rows)
    assert recording.sample_rate == pytest.approx(4000.0)
    assert recording.jumps == (250,)
    assert any("+0.5 s at sample 250" in note for note in recording.notes)


def test_a_rate_stated_against_the_time_column_is_told() -> None:
    recording = _open("time,u,i\n" + _rows(","), rate=3960.0)
    assert recording.sample_rate == 3960.0
    assert recording.rate_off
    assert any("--rate states 3960" in note and "+1.01 %" in note for note in recording.notes)
    assert not _open("time,u,i\n" + _rows(","), rate=4001.0).rate_off


def test_a_line_of_white_space_is_no_row() -> None:
    recording = _open(b"3 1\n5 2\n5 7\n\x00\t\x00\n", rate=1000.0)
    assert recording.waveform().samples.shape[0] == recording.samples


def test_a_missing_value_is_nan_and_a_word_names_its_line() -> None:
    lines = ("time,u,i\n" + _rows(",")).splitlines()
    lines[120] = lines[120].rsplit(",", 1)[0] + ","
    assert np.isnan(_open("\n".join(lines)).waveform([1]).samples[119, 0])
    lines[200] = "0.05,oops,1.0"
    with pytest.raises(InputError, match="line 201: 'oops' in column 2 is no number"):
        _open("\n".join(lines)).waveform([0])


def test_a_row_cut_off_names_its_line() -> None:
    with pytest.raises(InputError, match="line 401 has 2 fields"):
        _open(("time,u,i\n" + _rows(","))[:-15]).waveform([1])


@pytest.mark.parametrize(
    ("octets", "message"),
    [
        (b"Dear reader,\nthis is a letter.\n" * 20, "not a recording"),
        (b"\n\n\n", "not a recording"),
        (b"1" * 100_000, "longer than"),
        (b"0.1;2.5\r" * 10_000, "CR alone"),
        (b"time\n" + b"\n".join(b"%.3f" % (k / 1e3) for k in range(50)), "no column but the time"),
        ("naïve\n".encode("cp1252") * 50, "not a recording"),
    ],
)
def test_what_is_no_recording_is_refused(octets: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        _open(octets)


def test_a_long_file_is_read_block_by_block() -> None:
    recording = _open("time,u,i\n" + _rows(","))
    assert [block.shape for block in recording.blocks([1], 128)] == [
        (1, 128, 1),
        (1, 128, 1),
        (1, 128, 1),
        (1, 16, 1),
    ]


@pytest.mark.parametrize(
    "text", ["1" * 60_000 + "e\n", "u" + " " * 60_000 + ",x\n1,2\n3,4\n5,6\n", "[" * 60_000 + "\n"]
)
def test_a_line_made_to_be_slow_is_read_at_once(text: str) -> None:
    """Each took minutes: every way to divide the line was tried."""
    with contextlib.suppress(InputError):
        _open(text, rate=1000.0)
