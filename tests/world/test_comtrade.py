"""COMTRADE configurations and the recordings they make of their data."""

import io
from pathlib import Path

import numpy as np
import pytest

from addad.errors import InputError
from addad.world.comtrade import looks_like_configuration, open_comtrade, parse_configuration
from addad.world.recording import Reading, Recording

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
    assert "section 2" in recording.notes[-1]
    assert recording.waveform([2]).samples.shape == (30, 1)
    assert recording.waveform([1]).samples[0, 0] == pytest.approx(-0.1)
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


def test_the_revision_of_1991_has_ten_fields_and_american_dates() -> None:
    text = (
        "station,7\n1,1A,0D\n1,VA,A,,V,1,0,0,-99,99\n60\n1\n960,2\n"
        "04/30/91,10:00:01.5\n04/30/91,10:00:02.0\nASCII\n"
    )
    found = parse_configuration(text, "a.cfg")
    assert found.revision == "1991"
    assert found.start is not None
    assert found.start.isoformat() == "1991-04-30T10:00:01.500000+00:00"
    assert (found.samples, found.line_frequency) == (2, 60.0)


def test_a_bad_date_is_no_reason_to_refuse_the_samples() -> None:
    cfg = _cfg().replace(b"06/04/2012,06:42:59.391076", b"00/00/0000,00:00:00")
    assert _open(cfg, _dat()).start is None


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"4,3A,1D", b"4,3,1", "second line should count the channels"),
        (b"4,3A,1D", b"9,0A,9D", "0 analog channels"),
        (b"4,3A,1D", b"99999,99999A,0D", "99999 analog channels"),
        (b"0.5,10", b"half,10", "line 3: 'half' is no number"),
        (b"0.5,10", b"nan,10", "line 3: 'nan' is no finite number"),
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


def test_a_configuration_is_known_by_its_second_line() -> None:
    assert looks_like_configuration(_cfg())
    assert not looks_like_configuration(b"time,u1\n0,1\n")


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
