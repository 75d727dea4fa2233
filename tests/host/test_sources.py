"""What a meter lives on: the site and recordings, as samples that its instrument takes."""

import shutil
import wave
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from addad.errors import InputError
from addad.host import sources
from addad.host.sources import RecordingSource, SiteSource, Source, recording_source
from addad.meter.device import Block, Meter
from addad.meter.settings import MeterSettings, Passwords
from addad.meter.storage import VolatileMemory
from addad.metrology import Instrument, Window, WindowFlag
from addad.world.scenario import Conditions

NOON = datetime(2026, 6, 21, 11, 0, tzinfo=UTC)


def measured(source: Source, seconds: float, **how: object) -> list[Window]:
    instrument = Instrument(source.instrument)
    step = round(source.instrument.sample_rate / 20)
    conditions = how.get("conditions", Conditions())
    assert isinstance(conditions, Conditions)
    windows: list[Window] = []
    for _ in range(round(seconds * 20)):
        taken = source.block(
            step, connected=how.get("connected", True) is True, conditions=conditions
        )
        windows += instrument.process(taken.samples[None])
    return windows


def test_a_voltage_beyond_the_converter_is_told() -> None:
    """The front end of the house reaches 350 V; what is higher is cut off, and flagged."""
    source = SiteSource(5, NOON, pv_peak_w=0.0)
    assert 480.0 < source.instrument.voltage_limit < 500.0
    assert 240.0 < source.instrument.current_limit < 252.0
    quiet = measured(source, 1.0)
    assert not any(int(w.flags[0]) & WindowFlag.SATURATED for w in quiet)
    high = measured(source, 1.0, conditions=Conditions(voltage=(1.6, 1.0, 1.0)))
    assert all(int(w.flags[0]) & WindowFlag.SATURATED for w in high[1:])


def comtrade(folder: Path, rows: int = 2000, channels: int = 2, rate: float = 1000.0) -> Path:
    """A small COMTRADE recording: 50 Hz, 230 V and, with a second channel, 5 A."""
    time = np.arange(rows) / rate
    values = [32_500 * np.sin(2 * np.pi * 50 * time), 7_071 * np.sin(2 * np.pi * 50 * time)]
    lines = [
        "1,A,,,V,0.01,0,0,-99999,99999,1,1,P",
        "2,IA,A,,A,0.001,0,0,-99999,99999,1,1,P",
    ]
    if channels == 2:
        lines[0] = "1,VA,A,,V,0.01,0,0,-99999,99999,1,1,P"
    else:
        lines = ["1,IA,A,,A,0.001,0,0,-99999,99999,1,1,P"]
        values = values[1:]
    header = [
        "house,1,1999",
        f"{channels},{channels}A,0D",
        *lines,
        "50",
        "1",
        f"{rate},{rows}",
        "21/06/2026,11:00:00.000000",
        "21/06/2026,11:00:00.000000",
        "ASCII",
        "1",
    ]
    path = folder / "small.cfg"
    path.write_text("\r\n".join(header) + "\r\n")
    table = [
        ",".join([str(n + 1), str(round(n * 1e6 / rate)), *(str(round(v[n])) for v in values)])
        for n in range(rows)
    ]
    path.with_suffix(".dat").write_text("\r\n".join(table) + "\r\n")
    return path


# --- the site


def test_the_instrument_finds_the_sites_truth_behind_the_front_end() -> None:
    source = SiteSource(3, NOON, pv_peak_w=0.0)
    windows = measured(source, 2.0)
    assert len(windows) == 9
    truth = source.site.block(0.4, 8000).truth
    whole = [w for w in windows if 0.4 <= float(w.start_s[0]) < 1.3]
    assert np.mean([w.u_rms[0] for w in whole], axis=0) == pytest.approx(truth.u_rms, rel=1e-3)
    assert np.mean([w.p_total[0] for w in whole]) == pytest.approx(truth.p.sum(), rel=1e-2)
    assert all(int(w.flags[0]) == 0 for w in windows)


def test_the_same_seed_and_time_give_the_same_samples() -> None:
    one, two = (SiteSource(3, NOON, pv_peak_w=0.0) for _ in range(2))
    pieces = [one.block(n, connected=True).samples for n in (10, 390, 801)]
    whole = two.block(1201, connected=True).samples
    # noise is drawn block by block: all but it is the same
    assert np.concatenate(pieces) == pytest.approx(whole, abs=0.05)


def test_an_open_relay_stops_every_current_and_a_dip_is_seen() -> None:
    source = SiteSource(3, NOON, pv_peak_w=0.0)
    dipped = measured(source, 1.0, connected=False, conditions=Conditions(voltage=(0.4, 1.0, 1.0)))
    last = dipped[-1]
    assert np.all(last.i_rms[0, :3] < 0.01)
    assert last.u_rms[0, 0] == pytest.approx(0.4 * last.u_rms[0, 1], rel=0.02)
    assert np.all(last.energy.total == 0)


def test_without_panels_there_is_no_word_of_an_inverter() -> None:
    assert SiteSource(3, NOON, pv_peak_w=0.0).block(80, connected=True).pv_power_w is None


def test_panels_feed_at_noon_and_not_behind_an_open_relay() -> None:
    source = SiteSource(3, NOON)
    closed = source.block(800, connected=True).pv_power_w
    opened = source.block(16_000, connected=False).pv_power_w
    assert closed is not None
    assert closed > 100.0
    assert opened is not None
    assert opened < closed


# --- recordings


def test_a_feeder_at_60_hz_loops_without_a_seam(data_dir: Path) -> None:
    source = recording_source(data_dir / "waveforms" / "keating_1999.CFG")
    assert source.instrument.nominal_frequency == 60.0
    assert not source.instrument.absent
    windows = measured(source, 4.0)
    assert len(windows) >= 18
    for window in windows:
        assert int(window.flags[0]) == 0
        assert window.frequency[0] == pytest.approx(59.97, abs=0.01)
        assert window.u_rms[0] == pytest.approx([348.951, 352.224, 345.953], rel=1e-4)
        assert window.i_rms[0, :3] == pytest.approx([126.108, 151.832, 166.696], rel=1e-4)


def test_a_relay_opens_in_a_recording_too(data_dir: Path) -> None:
    source = recording_source(data_dir / "waveforms" / "keating_1999.CFG")
    last = measured(source, 1.0, connected=False)[-1]
    assert np.all(last.i_rms[0] == 0.0)
    assert last.u_rms[0] == pytest.approx([348.951, 352.224, 345.953], rel=1e-4)


def test_a_dip_of_a_line_comes_round_again(data_dir: Path) -> None:
    source = recording_source(data_dir / "waveforms" / "wisp_3.cfg")
    assert source.instrument.nominal_frequency == 50.0
    loop_s = source.loop_samples / source.instrument.sample_rate
    windows = measured(source, 3.0 * loop_s)
    dips = [float(w.start_s[0]) // loop_s for w in windows if w.u_rms[0, 1] < 20.0]
    assert {0.0, 1.0, 2.0} <= set(dips)
    sound = [w for w in windows if w.u_rms[0, 1] > 58.0]
    assert np.nanmax([w.i_rms[0, 0] for w in sound]) == pytest.approx(0.13, abs=0.01)


def test_a_meter_lives_on_a_voltage_alone(data_dir: Path, caplog: pytest.LogCaptureFixture) -> None:
    source = recording_source(data_dir / "waveforms" / "009_ref.wav")
    assert "no volts" in caplog.text
    settings = source.instrument
    assert settings.sample_rate == 400.0
    assert settings.absent == {"U2", "U3", "I1", "I2", "I3", "I4"}
    meter = Meter(
        MeterSettings(Passwords(b"reader", b"management")),
        VolatileMemory(),
        Instrument(settings),
        settings.sample_rate,
    )
    for _ in range(40):
        meter.step(Block(NOON, 0.05, source.block(20, connected=True).samples))
    reading = meter.measured.reading
    assert reading is not None
    assert reading.frequency == pytest.approx(50.0, abs=0.05)
    assert reading.u_rms[0] == pytest.approx(0.369, abs=0.02)
    assert np.isnan(reading.i_rms[0])
    assert sum(reading.energy) == 0


def test_a_long_record_of_mains_joins_at_a_whole_cycle(data_dir: Path) -> None:
    source = recording_source(data_dir / "waveforms" / "009_ref.wav")
    source.block(source.loop_samples - 200, connected=True)
    for window in measured(source, 2.0):
        assert not int(window.flags[0]) & int(WindowFlag.NO_VOLTAGE)
        assert window.frequency[0] == pytest.approx(50.0, abs=0.3)


def test_a_60_hz_voltage_is_known_from_its_samples(tmp_path: Path) -> None:
    samples = np.sin(2 * np.pi * 60.0 * np.arange(8000) / 1000.0) * 20_000
    with wave.open(str(tmp_path / "mains.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(1000)
        file.writeframes(samples.astype("<i2").tobytes())
    source = recording_source(tmp_path / "mains.wav")
    assert source.instrument.nominal_frequency == 60.0
    assert measured(source, 1.0)[-1].frequency[0] == pytest.approx(60.0, abs=1e-3)


def test_a_small_recording_counts_its_energy(tmp_path: Path) -> None:
    source = recording_source(comtrade(tmp_path))
    assert source.instrument.absent == {"U2", "U3", "I2", "I3", "I4"}
    window = measured(source, 5.0)[-1]
    assert window.p_total[0] == pytest.approx(325.0 * 7.071 / 2.0, rel=1e-3)


# --- what a meter cannot live on


def refused(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        recording_source(path)
    return str(caught.value)


def test_a_recording_without_a_voltage_is_refused(tmp_path: Path) -> None:
    message = refused(comtrade(tmp_path, channels=1))
    assert "small.cfg" in message
    assert "voltage" in message


def test_a_recording_too_long_for_a_loop_says_how_much_is_possible(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "LOOP_VALUES_MAX", 2_000)
    assert "cut it to 1 s" in refused(comtrade(tmp_path))


def test_a_missing_companion_is_named(tmp_path: Path) -> None:
    path = comtrade(tmp_path)
    path.with_suffix(".dat").unlink()
    assert "small.dat" in refused(path)


def test_a_truncated_recording_is_refused(data_dir: Path, tmp_path: Path) -> None:
    for name in ("keating_1999.CFG", "keating_1999.DAT"):
        shutil.copy(data_dir / "waveforms" / name, tmp_path)
    data = tmp_path / "keating_1999.DAT"
    data.write_bytes(data.read_bytes()[: data.stat().st_size // 2])
    assert "keating_1999" in refused(tmp_path / "keating_1999.CFG")


def test_a_collection_of_records_is_refused(data_dir: Path) -> None:
    assert "a meter plays one" in refused(data_dir / "waveforms" / "plaid_125.npz")


def test_a_file_that_does_not_say_its_rate_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "bare.npz", voltage_v=np.sin(np.arange(3000) / 20.0))
    message = refused(tmp_path / "bare.npz")
    assert "rate" in message


def test_samples_too_slow_for_a_cycle_are_refused(tmp_path: Path) -> None:
    assert "give 300 Hz" in refused(comtrade(tmp_path, rate=200.0))


def test_what_is_no_recording_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_bytes(b"\x00\x01 not samples \x00")
    assert "not a recording" in refused(tmp_path / "notes.txt")
    assert "cannot be read" in refused(tmp_path / "absent.wav")
    assert "cannot be read" in refused(tmp_path)


def test_a_source_is_a_source(tmp_path: Path) -> None:
    taken = recording_source(comtrade(tmp_path)).block(7, connected=True)
    assert isinstance(recording_source(comtrade(tmp_path)), RecordingSource)
    assert taken.samples.shape == (7, 7)
    assert taken.pv_power_w is None
