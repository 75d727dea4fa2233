"""Recordings: their declared voltage and what has to be said of it, gaps, real files."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from addad.errors import InputError
from addad.host.recording_files import opened
from addad.lab.measure_plan import Plan, Request, plan
from addad.lab.quality_record import QualityRecord
from addad.lab.quality_recording import measure_recording, prepared
from addad.lab.quality_report import KIND_WORDS
from addad.world.recording import Reading

RATE = 1_000.0


@contextmanager
def _planned(path: Path, request: Request | None = None, **reading: float) -> Iterator[Plan]:
    with opened(path, Reading(**reading)) as recording:  # type: ignore[arg-type]
        yield plan(path.name, recording, request or Request())


def _npz(path: Path, volts: float = 230.0, seconds: float = 4.0, **more: object) -> Path:
    t = np.arange(round(seconds * RATE)) / RATE
    u = {
        f"u{k + 1}": volts * np.sqrt(2.0) * np.sin(2.0 * np.pi * (50.0 * t - k / 3.0))
        for k in range(3)
    }
    np.savez(path, fs=RATE, **{**u, **more})  # type: ignore[arg-type]
    return path


@pytest.mark.parametrize(
    ("volts", "nominal", "declared", "words"),
    [
        (231.0, None, 230.0, "is assumed"),
        (238.0, None, 230.0, "is assumed"),
        (58.7, None, 57.74, "is assumed"),
        (126.0, None, 127.0, "is assumed"),
        (231.0, 240.0, 240.0, ""),
        (170.0, None, 170.0, "record's own voltage"),
    ],
)
def test_the_declared_voltage(
    tmp_path: Path, volts: float, nominal: float | None, declared: float, words: str
) -> None:
    request = Request(nominal_voltage=nominal)
    with _planned(_npz(tmp_path / "a.npz", volts), request) as wanted:
        _, supply = prepared(wanted)
    assert supply.declared == pytest.approx(declared, rel=1e-3)
    assert words in " ".join(supply.remarks)
    assert not supply.dated


def test_samples_that_are_missing_are_a_gap(tmp_path: Path) -> None:
    path = _npz(tmp_path / "a.npz", seconds=6.0)
    with np.load(path) as held:
        arrays = dict(held)
    arrays["u2"][2_000:3_400] = np.nan
    arrays["u1"][3_400:3_500] = 1e20
    np.savez(path, **arrays)
    with _planned(path, Request(nominal_voltage=230.0, nominal_frequency=50.0)) as wanted:
        record = measure_recording(*prepared(wanted))
    assert record.gaps == pytest.approx(np.array([[2.0, 3.5]]))
    assert record.measured_s == pytest.approx(4.5)


def test_the_first_seconds_alone(tmp_path: Path) -> None:
    told: list[tuple[float, float]] = []
    with _planned(_npz(tmp_path / "a.npz")) as wanted:
        record = measure_recording(*prepared(wanted), 2.5, lambda *done: told.append(done))
    assert record.end_utc_s == pytest.approx(2.5)
    assert told[-1] == (2_500.0, 2_500.0)
    assert record.supply.notes[-1] == "only the first 2.5 s of 4 s are measured"


def test_what_is_no_supply(tmp_path: Path) -> None:
    t = np.arange(4_000) / RATE
    np.savez(tmp_path / "i.npz", fs=RATE, i1=np.sin(2 * np.pi * 50.0 * t))
    with _planned(tmp_path / "i.npz") as wanted, pytest.raises(InputError, match="no channel is"):
        prepared(wanted)
    small = _npz(tmp_path / "small.npz", volts=0.2)
    with _planned(small) as wanted, pytest.raises(InputError, match="--scale"):
        prepared(wanted)
    path = _npz(tmp_path / "dead.npz", volts=0.0)
    request = Request(nominal_frequency=50.0)
    with _planned(path, request) as wanted, pytest.raises(InputError, match="no voltage lives"):
        prepared(wanted)


def test_sixty_hertz_is_told_and_a_low_voltage_has_its_lamp(tmp_path: Path) -> None:
    with _planned(_npz(tmp_path / "a.npz", 120.0)) as wanted:
        _, supply = prepared(replace(wanted, nominal=(None, 60.0)))
    assert supply.lamp == 120
    assert any("EN 50160 is for 50 Hz" in remark for remark in supply.remarks)


def _measured(path: Path, request: Request | None = None, **reading: float) -> QualityRecord:
    with _planned(path, request, **reading) as wanted:
        return measure_recording(*prepared(wanted))


def test_the_dips_of_real_recordings(data_dir: Path) -> None:
    folder = data_dir / "waveforms"
    relay = _measured(folder / "wisp_3.cfg")
    assert [KIND_WORDS[e.kind] for e in relay.events] == ["dip", "swell", "interruption"]
    assert relay.supply.declared == 57.74
    assert relay.supply.dated
    busbar = _measured(folder / "wisp_2.cfg")
    assert len(busbar.events) == len(busbar.waveforms) == 14
    assert busbar.supply.declared == pytest.approx(69_125.0, rel=1e-3)
    assert "text read as cp1251" in busbar.supply.notes


def test_short_real_recordings_are_measured(data_dir: Path) -> None:
    folder = data_dir / "waveforms"
    feeder = _measured(folder / "keating_1999.CFG")
    assert feeder.supply.declared == 347.0
    assert feeder.measured_s == pytest.approx(0.0667, abs=1e-3)
    appliance = _measured(folder / "plaid_125.npz", item=3, rate=30_000.0)
    assert appliance.supply.declared == 120.0
    with _planned(folder / "plaid_125.npz") as wanted, pytest.raises(InputError, match="--rate"):
        prepared(wanted)


def test_fractions_of_full_scale_are_taken_for_the_declared_voltage(data_dir: Path) -> None:
    with _planned(data_dir / "waveforms" / "009_ref.wav") as wanted:
        record = measure_recording(*prepared(wanted), 660.0)
    assert "fractions of full scale" in record.supply.remarks[0]
    assert np.nanmean(record.ten.voltage[0, 0]) == pytest.approx(230.0, rel=2e-3)
    assert len(record.frequency.start) == 66
    assert 49.9 < record.frequency.values.min() < record.frequency.values.max() < 50.1


def test_what_times_without_a_zone_are_taken_for_is_told(data_dir: Path, tmp_path: Path) -> None:
    with _planned(data_dir / "waveforms/wisp_3.cfg") as wanted:
        _, supply = prepared(wanted)
    assert dict(supply.details)["Times"].endswith("those without a time zone are taken as UTC")
    with _planned(_npz(tmp_path / "a.npz")) as wanted:
        assert "Times" not in dict(prepared(wanted)[1].details)
