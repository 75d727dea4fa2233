"""COMTRADE configurations and the recordings they make of their data."""

import io
from pathlib import Path

import numpy as np
import pytest

from addad.errors import InputError
from addad.world.comtrade import open_combined, open_comtrade
from addad.world.comtrade_data import Layout
from addad.world.recording import UNKNOWN_STATE, Reading, Recording

CFG = """Fez Médina,bay 4,1999
4,3A,1D
1,UA,A,line 1,kV,0.5,10,0,-32767,32767,20000,100,{side}
2,IA,A,line 1,A,0.01,0,{skew},-32767,32767,400,5,{side}
3,temp,,,C,1,0,0,-32767,32767,1,1,P
1,trip,,,0
50
{rates}
06/04/2012,06:42:59.391076
06/04/2012,06:42:59.895690
{encoding}
1
"""


def _cfg(
    rates: str = "1\n1000,40", encoding: str = "ASCII", side: str = "S", skew: int = 0
) -> bytes:
    return CFG.format(rates=rates, encoding=encoding, side=side, skew=skew).encode()


def _dat(count: int = 40, period_us: int = 1000) -> bytes:
    rows = (f"{k + 1},{k * period_us},{2 * k},{-k},7,0" for k in range(count))
    return ("\r\n".join(rows) + "\r\n\x1a").encode()


def _open(cfg: bytes, dat: bytes, **reading: object) -> Recording:
    options = Reading(**reading)  # type: ignore[arg-type]
    return open_comtrade(io.BytesIO(cfg), io.BytesIO(dat), "a.cfg", options)


def test_a_configuration_tells_the_channels() -> None:
    recording = _open(_cfg(skew=25), _dat())
    assert recording.format == "COMTRADE 1999 ASCII, Fez Médina bay 4"
    assert (recording.sample_rate, recording.samples) == (1000.0, 40)
    assert recording.nominal_frequency == 50.0
    assert recording.start is not None
    assert recording.start.isoformat() == "2012-04-06T06:42:59.391076+00:00"
    voltage, current, other = recording.channels
    assert (voltage.kind, voltage.phase, voltage.unit, voltage.circuit) == (
        "voltage",
        "L1",
        "V",
        "line 1",
    )
    assert (voltage.ratio, voltage.side) == (200.0, "secondary")
    assert current.skew_s == pytest.approx(25e-6)
    assert other.kind == "other"


def test_gain_offset_and_prefix_make_volts_and_amperes() -> None:
    samples = _open(_cfg(), _dat()).waveform().samples
    assert samples[3].tolist() == pytest.approx([1e3 * (0.5 * 6 + 10), -0.03, 7.0])


def test_a_channel_sampled_later_is_brought_back_to_its_time_stamp() -> None:
    rows = []
    for k in range(400):
        u, i = (np.sin(2 * np.pi * 50 * (k / 1000 + skew)) * 30_000 for skew in (0.0, 700e-6))
        rows.append(f"{k + 1},{k * 1000},{u:.0f},{i:.0f},0,0")
    cfg = _cfg("1\n1000,400", skew=700)
    recording = _open(cfg, "\n".join(rows).encode())
    assert "700 µs" in recording.notes[-1]
    samples = recording.waveform([0, 1]).samples[50:-50]
    assert np.max(np.abs(samples[:, 1] / 0.01 - (samples[:, 0] / 1e3 - 10) / 0.5)) < 10.0
    absurd = _open(cfg.replace(b"0,700", b"0,900000"), "\n".join(rows).encode())
    assert "is ignored: IA" in absurd.notes[-1]


def test_values_are_converted_to_the_primary_side() -> None:
    primary = _open(_cfg(), _dat()).on_side("primary")
    assert primary.waveform().samples[3, 0] == pytest.approx(200 * 1e3 * 13)
    assert primary.channels[0].side == "primary"
    assert primary.on_side("secondary").waveform().samples[3, 0] == pytest.approx(13e3)
    as_written = _open(_cfg(side="P"), _dat()).on_side("primary")
    assert as_written.waveform().samples[3, 0] == pytest.approx(13e3)


def test_the_longest_of_several_rates_is_read_and_said_so() -> None:
    cfg = _cfg("2\n1000,10\n500,40")
    recording = _open(cfg, _dat())
    assert (recording.sample_rate, recording.samples) == (500.0, 30)
    assert any("section 2" in note for note in recording.notes)
    assert recording.waveform([2]).samples.shape == (30, 1)
    assert recording.waveform([1]).samples[0, 0] == pytest.approx(-0.1)
    assert recording.start is not None
    assert recording.start.microsecond == 401_076
    first = _open(cfg, _dat(), section=1)
    assert (first.sample_rate, first.samples) == (1000.0, 10)
    with pytest.raises(InputError, match="sections 1 to 2, not 3"):
        _open(cfg, _dat(), section=3)


def test_no_rate_means_the_time_stamps() -> None:
    recording = _open(_cfg("0\n0,40"), _dat(period_us=1249))
    assert recording.sample_rate == pytest.approx(1e6 / 1249)
    assert recording.notes == ("text read as utf-8", "sampling rate by the time stamps of the data")
    with pytest.raises(InputError, match="--rate"):
        _open(_cfg("0\n0,40"), _dat(period_us=0))
    assert _open(_cfg("0\n0,40"), _dat(period_us=0), rate=800.0).sample_rate == 800.0


def test_a_wrong_count_is_refused_unless_allowed() -> None:
    with pytest.raises(InputError, match="states 40 samples, the data file holds 30; it is trunc"):
        _open(_cfg(), _dat(30))
    with pytest.raises(InputError, match="holds 60; it belongs to another recording"):
        _open(_cfg(), _dat(60))
    assert _open(_cfg(), _dat(30), allow_wrong_count=True).samples == 30
    assert _open(_cfg(), _dat(60), allow_wrong_count=True).samples == 40
    assert _open(_cfg(), _dat(41)).samples == 40


def test_a_bad_date_is_no_reason_to_refuse_the_samples() -> None:
    cfg = _cfg().replace(b"06/04/2012,06:42:59.391076", b"00/00/0000,00:00:00")
    assert _open(cfg, _dat()).start is None


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"4,3A,1D", b"4,3,1", "second line should count the channels"),
        (b"4,3A,1D", b"9,0A,9D", "0 analog channels"),
        (b"4,3A,1D", b"99999,99999A,0D", "99999 analog channels"),
        (b"0.5,10", b"half,10", "line 3: the multiplier 'half' is no number"),
        (b"0.5,10", b"nan,10", "line 3: the multiplier 'nan' is no finite number"),
        (b"0.5,10", b"0,10", "multiplier of 'UA' is zero"),
        (b"2,IA,A,line 1,A,0.01", b"2,IA", "line 4 has 9 fields"),
        (b"1000,40", b"1000,0", "sample 0 cannot follow"),
        (b"1000,40", b"-5,40", "cannot follow"),
        (b"1\n1000", b"5000\n1000", "counts 5000 sampling rates"),
        (b"ASCII", b"MORSE", "encoding 'MORSE'"),
    ],
)
def test_a_damaged_configuration_names_its_line(old: bytes, new: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        _open(_cfg().replace(old, new, 1), _dat())


def test_every_truncation_of_the_configuration_is_a_clear_error_or_a_recording() -> None:
    octets = _cfg()
    opened = 0
    for length in range(len(octets)):
        try:
            _open(octets[:length], _dat())
            opened += 1
        except InputError as error:
            assert str(error).startswith(("a.cfg:", "a sampling rate"))  # noqa: PT017
    assert opened < 90  # only the dates and what follows them can be missed


FORMS = ["ASCII", "BINARY", "BINARY32", "FLOAT32"]


def _binary(encoding: str, count: int = 40) -> bytes:
    layout = Layout(encoding, ((1.0, 0.0),) * 3, 1)
    rows = np.zeros(count, dtype=layout.row())
    k = np.arange(count)
    rows["number"], rows["time"] = k + 1, 1000 * k
    rows["analog"] = np.stack([2 * k, -k, np.full(count, 7)], axis=-1)
    return rows.tobytes()


def _combined(encoding: str, cut: int = 0) -> bytes:
    data = _dat() if encoding == "ASCII" else _binary(encoding)
    size = "" if encoding == "ASCII" else f": {len(data)}"
    head = f"--- file type: CFG ---\r\n{_cfg(encoding=encoding).decode()}--- file type: INF ---\r\n"
    head += "[public]\r\nany=thing\r\n--- file type: HDR ---\r\nfree text\r\n"
    octets = f"{head}--- file type: DAT {encoding}{size} ---\r\n".encode() + data
    return octets[: len(octets) - cut]


@pytest.mark.parametrize("encoding", FORMS)
def test_one_file_or_two_give_the_same_samples(encoding: str) -> None:
    dat = _dat() if encoding == "ASCII" else _binary(encoding)
    two = _open(_cfg(encoding=encoding), dat)
    one = open_combined(io.BytesIO(_combined(encoding)), "a.cff", Reading())
    assert two.format == one.format == f"COMTRADE 1999 {encoding}, Fez Médina bay 4"
    assert np.array_equal(one.waveform().samples, two.waveform().samples)
    assert two.waveform().samples[3].tolist() == pytest.approx([13e3, -0.03, 7.0])


def test_a_combined_file_that_is_cut_off_says_how() -> None:
    cut = io.BytesIO(_combined("BINARY", cut=100))
    with pytest.raises(InputError, match=r"states 640 octets and holds 540; it is truncated"):
        open_combined(cut, "a.cff", Reading())
    held = open_combined(cut, "a.cff", Reading(allow_wrong_count=True))
    assert held.samples == 33
    with pytest.raises(InputError, match="states 40 samples, the data file holds"):
        open_combined(io.BytesIO(_combined("ASCII", cut=50)), "a.cff", Reading())


@pytest.mark.parametrize("encoding", ["ASCII", "BINARY"])
def test_1991_may_leave_it_to_the_data_how_they_are_written(encoding: str) -> None:
    old = (
        b"station,7\n4,3A,1D\n1,UA,A,,V,1,0,0,-99,99\n2,IA,A,,A,1,0,0,-99,99\n"
        b"3,x,,,,1,0,0,-99,99\n1,trip,0\n60\n1\n960,40\n04/30/91,10:00:01.5\n04/30/91,10:00:02.0\n"
    )
    dat = _dat() if encoding == "ASCII" else _binary(encoding)
    recording = _open(old, dat)
    assert recording.format == f"COMTRADE 1991 {encoding}, station 7"
    assert recording.waveform().samples[5].tolist() == [10.0, -5.0, 7.0]
    uncounted = old.replace(b"1\n960,40\n", b"0\n")
    assert _open(uncounted, dat).samples == 40
    assert _open(uncounted, dat).sample_rate == pytest.approx(1000.0)


def test_a_channel_that_reaches_that_far_has_no_marker_of_missing_values() -> None:
    rows = b"\n".join(b"%d,%d,99999,1,7,0" % (k + 1, 1000 * k) for k in range(40))
    assert np.isnan(_open(_cfg(), rows).waveform([0]).samples).all()
    wide = _cfg().replace(b"-32767,32767,20000", b"-999999,999999,20000")
    assert _open(wide, rows).waveform([0]).samples[0, 0] == pytest.approx(1e3 * (49999.5 + 10))


def test_2013_tells_the_zone_and_the_clock() -> None:
    cfg = _cfg() + b"-5h30,-5h30\nF,1\n"
    recording = _open(cfg, _dat())
    assert recording.start is not None
    assert recording.start.isoformat() == "2012-04-06T06:42:59.391076-05:30"
    assert recording.notes[-2:] == (
        "the recorder's clock was not reliable (time quality F)",
        "a leap second was inserted in the record",
    )


@pytest.mark.parametrize(
    ("page", "told"), [("cp1251", "cp1251"), ("cp866", "cp866"), ("gb18030", "gb18030")]
)
def test_channels_are_known_by_names_in_their_own_page(page: str, told: str) -> None:
    names = ("母线A相电压", "线路A相电流") if page == "gb18030" else ("Напряжение A", "Ток фазы A")
    text = _cfg().decode().replace("UA,A,line 1,kV", f"{names[0]},A,line 1,kV")
    text = text.replace("IA,A,", f"{names[1]},A,").replace("Fez Médina", "Fez")
    for encoding in (None, page):
        recording = _open(text.encode(page), _dat(), encoding=encoding)
        assert tuple(c.name for c in recording.channels[:2]) == names
        assert recording.notes[0] == f"text read as {told}"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_in_any_way_and_begin_with_a_mark(end: str) -> None:
    text = "\ufeff" + _cfg().decode().replace("\n", end)
    assert _open(text.encode(), _dat()).samples == 40


@pytest.mark.parametrize(
    ("stem", "suffixes", "rate", "channel", "rms"),
    [
        ("keating_1999", (".CFG", ".DAT"), 30707.244140625, "U1", 348.95104),
        ("keating_1999", (".CFG", ".DAT"), 30707.244140625, "I4", 1.52228),
        ("wisp_2", (".cfg", ".dat"), 1200.0, "Ua_1СШ-110_ТН_110кВ", 58938.72),
        ("wisp_2", (".cfg", ".dat"), 1200.0, "Ic_2СШ-110_ВЛ_ВЛ1", 221.0991),
        ("wisp_3", (".cfg", ".dat"), 800.2143, "F5-VA", None),
    ],
)
def test_real_recordings(
    data_dir: Path,
    stem: str,
    suffixes: tuple[str, str],
    rate: float,
    channel: str,
    rms: float | None,
) -> None:
    paths = [data_dir / "waveforms" / (stem + suffix) for suffix in suffixes]
    with paths[0].open("rb") as cfg, paths[1].open("rb") as dat:
        recording = open_comtrade(cfg, dat, paths[0].name, Reading())
        column = [c.name for c in recording.channels].index(channel)
        samples = recording.waveform([column]).samples[:, 0]
    assert recording.sample_rate == pytest.approx(rate, rel=1e-6)
    if rms is not None:
        assert np.sqrt(np.mean(samples**2)) == pytest.approx(rms, rel=1e-4)


def _digital(
    encoding: str, digitals: int, lines: list[str], count: int = 40
) -> tuple[bytes, bytes]:
    """A record whose channel k (from 0) is 1 from sample k + 1 on; channel 0 blinks."""
    head = ["Fez,bay 4,1999", f"{1 + digitals},1A,{digitals}D", "1,UA,A,,V,1,0,0,-9,9,1,1,S"]
    tail = ["50", "1", f"1000,{count}", *["06/04/2012,06:42:59.391076"] * 2, encoding, "1", ""]
    states = (np.arange(count)[:, None] > np.arange(digitals)).astype(np.uint8)
    states[:, 0] = np.arange(count) % 2
    if encoding == "ASCII":
        rows = [f"{k + 1},{k},5,{','.join(map(str, row))}" for k, row in enumerate(states)]
        data = "\n".join([*rows, ""]).encode()
    else:
        layout = Layout(encoding, ((1.0, 0.0),), digitals)
        table = np.zeros(count, layout.row())
        table["number"] = np.arange(1, count + 1)
        for k in range(digitals):
            table["digital"][:, k // 16] |= states[:, k].astype(np.uint16) << (k % 16)
        data = table.tobytes()
    return "\n".join([*head, *lines, *tail]).encode(), data


@pytest.mark.parametrize("encoding", ["ASCII", "BINARY", "BINARY32", "FLOAT32"])
@pytest.mark.parametrize("block", [7, 1000])
def test_digital_channels_are_read_in_every_encoding(encoding: str, block: int) -> None:
    lines = [f"{k + 1},trip {k},,bay,{k % 2}" for k in range(19)]
    cfg, dat = _digital(encoding, 19, lines)
    recording = _open(cfg, dat)
    states = np.concatenate(list(recording.states(block)))
    assert states.shape == (40, 19)
    assert states[:4, 0].tolist() == [0, 1, 0, 1]
    assert [int(column.argmax()) for column in states[:, 1:].T] == list(range(2, 20))
    assert (recording.statuses[18].name, recording.statuses[17].normal) == ("trip 18", 1)
    whole = io.BytesIO(
        b"--- file type: CFG ---\n" + cfg + b"--- file type: DAT " + encoding.encode()
        + f": {len(dat)} ---\n".encode() + dat
    )  # fmt: skip
    combined = open_combined(whole, "a.cff", Reading())
    assert np.array_equal(np.concatenate(list(combined.states())), states)


def test_digital_lines_of_1991_and_damaged_ones_are_taken() -> None:
    cfg, dat = _digital("ASCII", 3, ["1,start,1", "2,trip,B,bay 7,0,more", "3"])
    statuses = _open(cfg, dat).statuses
    assert [s.name for s in statuses] == ["start", "trip", "3"]
    assert [s.normal for s in statuses] == [1, 0, None]
    assert (statuses[1].phase, statuses[1].circuit) == ("B", "bay 7")


def test_a_state_that_is_missing_is_unknown() -> None:
    cfg, dat = _digital("ASCII", 1, ["1,trip,,,0"])
    lines = dat.split(b"\n")
    lines[3] = lines[3][:-1]
    states = np.concatenate(list(_open(cfg, b"\n".join(lines)).states()))[:, 0]
    assert states[:6].tolist() == [0, 1, 0, UNKNOWN_STATE, 0, 1]


@pytest.mark.parametrize("counts", ["1000998,999A,999999D", "999999,1A,999999D", "9,1A,70000D"])
def test_more_digital_channels_than_can_be_are_refused_before_anything_is_held(counts: str) -> None:
    cfg, dat = _digital("ASCII", 1, ["1,trip,,,0"])
    with pytest.raises(
        InputError, match=r"digital channels; up to 65536|analog channels|no COMTRADE configuration"
    ):
        _open(cfg.replace(b"2,1A,1D", counts.encode()), dat)


def test_a_section_has_its_own_states() -> None:
    cfg, dat = _digital("BINARY", 5, [f"{k},trip,,,0" for k in range(5)])
    recording = _open(cfg.replace(b"1\n1000,40", b"2\n1000,30\n500,40"), dat, section=2)
    assert np.concatenate(list(recording.states())).shape == (10, 5)


def test_without_a_rate_it_is_that_between_the_jumps_of_its_stamps() -> None:
    cfg = _cfg("0\n0,40")
    rows = [line.split(",") for line in _dat().decode().splitlines()[:40]]
    for k, row in enumerate(rows):
        row[1] = str(1000 * k + (500_000 if k >= 20 else 0))
    recording = _open(cfg, "\n".join(",".join(row) for row in rows).encode() + b"\n")
    assert recording.sample_rate == pytest.approx(1000.0)
    assert recording.jumps == (20,)
