"""What will be measured of a recording: guessed, corrected, or refused."""

import warnings
from pathlib import Path

import numpy as np
import pytest

from addad.errors import InputError
from addad.host.recording_files import opened
from addad.lab.measure import measure
from addad.lab.measure_plan import Plan, Request, plan, stretches_of
from addad.world.recording import ChoiceError

RATE = 4_000.0


def _planned(path: Path, request: Request | None = None) -> Plan:
    with opened(path) as recording:
        return plan(path.name, recording, request or Request())


def test_a_scale_makes_volts_of_full_scale(data_dir: Path) -> None:
    path = data_dir / "waveforms/025_ref.wav"
    with opened(path) as recording:
        plain = plan(path.name, recording, Request())
        scaled = plan(path.name, recording, Request(scales=("U*=2000",)))
        block, volts = (next(iter(each.blocks())) for each in (plain, scaled))
    np.testing.assert_allclose(volts[0, :, 0], 2000.0 * block[0, :, 0])
    channel = plain.channels.voltages[0]
    assert channel is not None
    assert plain.recording.channels[channel].unit == "full scale"
    assert any("uncalibrated" in note for note in plain.notes)
    assert scaled.recording.channels[channel].unit == "V"
    assert not any("uncalibrated" in note for note in scaled.notes)


def test_intervals_are_no_waveforms(data_dir: Path) -> None:
    with pytest.raises(InputError, match="these are no waveforms"):
        _planned(data_dir / "interval/ausgrid_customer12_2011-2012_30min.csv")


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (Request(map="L1=U7"), "no channel 'U7'"),
        (Request(scales=("x=2",)), "no channel fits"),
        (Request(nominal_frequency=400.0), "50Hz and 60Hz"),
        (Request(circuit="line 9"), "no current circuit"),
    ],
)
def test_a_wish_that_cannot_be_met_is_told_apart(
    tmp_path: Path, request_: Request, message: str
) -> None:
    path = tmp_path / "a.csv"
    t = np.arange(400) / RATE
    rows = np.column_stack([t, 325.0 * np.cos(2 * np.pi * 50 * t), np.cos(2 * np.pi * 50 * t)])
    np.savetxt(path, rows, "%.9g", ",", header="time [s],u1 [V],i1 [A]", comments="")
    with pytest.raises(ChoiceError, match=message):
        _planned(path, request_)


def test_the_nominal_frequency_is_seen_in_the_samples(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    t = np.arange(4000) / RATE
    rows = np.column_stack([t, 170.0 * np.cos(2 * np.pi * 59.9 * t)])
    np.savetxt(path, rows, "%.9g", ",", header="time,u1", comments="")
    wanted = _planned(path)
    assert wanted.nominal[1] == 60.0
    assert any("60 Hz" in note for note in wanted.notes)


def test_balanced_phases_do_not_hide_their_frequency(tmp_path: Path) -> None:
    angle = 2.0 * np.pi * (50.01 * np.arange(8_000) / 4_000.0 - np.arange(3)[:, np.newaxis] / 3.0)
    noise = np.random.default_rng(7).normal(0.0, 0.01, (3, 8_000))
    waves = 325.0 * np.sin(angle) + noise
    np.savez(tmp_path / "house.npz", U1=waves[0], U2=waves[1], U3=waves[2], fs=4_000)
    assert _planned(tmp_path / "house.npz").nominal[1] == 50.0


def test_samples_that_are_missing_are_counted_between_stretches() -> None:
    samples = np.arange(16.0).reshape(8, 2)
    good = np.array([False, True, True, False, False, True, True, True])
    found = [(len(part), missing) for part, missing in stretches_of(samples, good)]
    assert found == [(0, 1), (2, 0), (0, 2), (3, 0)]
    assert [len(part) for part, _ in stretches_of(samples, np.ones(8, np.bool_))] == [8]
    assert list(stretches_of(samples[:0], good[:0])) == []


@pytest.mark.parametrize(("scale", "name"), [("u1=1e6", "u1"), ("i1=1e8", "i1")])
def test_a_scale_that_is_wrong_names_the_channel_and_what_is_measured(
    tmp_path: Path, scale: str, name: str
) -> None:
    path = tmp_path / "a.csv"
    t = np.arange(400) / RATE
    rows = np.column_stack([t, 325.0 * np.cos(2 * np.pi * 50 * t), np.cos(2 * np.pi * 50 * t)])
    np.savetxt(path, rows, "%.9g", ",", header="time [s],u1 [V],i1 [A]", comments="")
    with pytest.raises(InputError, match=rf"{name} has samples of .* at most 2e\+07 .*--scale"):
        _planned(path, Request(scales=(scale,)))


def test_a_few_samples_that_no_channel_measures_are_missing_and_raise_nothing(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.csv"
    t = np.arange(4_000) / RATE
    rows = np.column_stack([t, 325.0 * np.cos(2 * np.pi * 50 * t), np.cos(2 * np.pi * 50 * t)])
    rows[1_000:1_003, 1:] = 1e300
    np.savetxt(path, rows, "%.9g", ",", header="time [s],u1 [V],i1 [A]", comments="")
    with opened(path) as recording, warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        report = measure(plan(path.name, recording, Request()))
    (phase,) = report.items[0].phases
    assert phase.voltage is not None
    assert phase.voltage.rms == pytest.approx(325.0 / np.sqrt(2.0), rel=1e-3)


@pytest.mark.parametrize("frequency", [16.7, 400.0])
def test_a_supply_of_another_frequency_is_not_called_one_of_50_hz(
    tmp_path: Path, frequency: float
) -> None:
    t = np.arange(8_000) / RATE
    np.savez(tmp_path / "a.npz", fs=RATE, u1=325.0 * np.sin(2 * np.pi * frequency * t))
    (note,) = (n for n in _planned(tmp_path / "a.npz").notes if "spectrum" in n)
    assert note.startswith("the strongest line of its spectrum lies at ")
    assert float(note.split()[8]) == pytest.approx(frequency, rel=0.01)
    assert "0 Hz is assumed; is the sampling rate right" in note


def test_times_that_are_no_seconds_make_no_rate_that_is_measured(tmp_path: Path) -> None:
    days = np.arange(400) / RATE / 86_400.0
    rows = np.column_stack([days, 325.0 * np.cos(2 * np.pi * 50 * np.arange(400) / RATE)])
    np.savetxt(tmp_path / "a.csv", rows, "%.12g", ",", header="time,u1 [V]", comments="")
    with pytest.raises(InputError, match="if its times are no seconds, state the rate with --rate"):
        _planned(tmp_path / "a.csv")
