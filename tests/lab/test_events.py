"""Events: a real recording beside an independent calculation, made ones beside their truth."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from addad.host.recording_files import opened
from addad.lab.events import steady_voltage
from addad.lab.measure import measure
from addad.lab.measure_plan import Request, plan
from addad.lab.report import RecordQuality
from addad.world.recording import Reading

RATE = 3200.0


def _quality(path: Path, **wishes: object) -> RecordQuality:
    with opened(path, Reading()) as recording:
        request = Request(**wishes)  # type: ignore[arg-type]
        quality = measure(plan(path.name, recording, request)).quality
    assert quality is not None
    return quality


def _csv(path: Path, envelope: NDArray[np.float64], names: str = "u1 [V],u2 [V],u3 [V]") -> Path:
    t = np.arange(len(envelope)) / RATE
    turns = 2 * np.pi / 3 * np.arange(3)
    u = np.sqrt(2) * envelope * np.sin(2 * np.pi * 50.0 * t[:, None] - turns)
    np.savetxt(path, np.column_stack([t, u]), "%.9g", ",", header=f"time [s],{names}", comments="")
    return path


@pytest.fixture(scope="module")
def relay(data_dir: Path) -> RecordQuality:
    return _quality(data_dir / "waveforms/wisp_3.cfg")


def test_the_dip_of_a_relays_record_is_that_of_an_independent_calculation(
    relay: RecordQuality, data_dir: Path
) -> None:
    """RMS of 16 samples, which are a cycle of this relay, at each sample of the .dat."""
    rows = np.frombuffer(
        (data_dir / "waveforms/wisp_3.dat").read_bytes(),
        dtype=np.dtype([("n", "<u4"), ("t", "<u4"), ("a", "<i2", 24), ("d", "<u2", 4)]),
    )
    volts = rows["a"][:, 4:7] * 0.012207
    square = np.cumsum(np.vstack([np.zeros(3), volts**2]), axis=0)
    rms = np.sqrt((square[16:] - square[:-16]) / 16.0)
    time = (rows["t"][8:-7] - rows["t"][0]) * 1e-6
    declared = np.median(rms[time < 0.4])
    low = rms.min(axis=1) < 0.9 * declared
    assert relay.declared == pytest.approx(declared, rel=2e-3)
    dip = next(event for event in relay.events if event.kind == "dip")
    assert dip.start_s == pytest.approx(time[low.argmax()], abs=0.01)
    assert dip.duration_s == pytest.approx(time[-1] - time[low.argmax()], abs=0.03)
    assert dip.voltage == pytest.approx(rms.min(), abs=2e-4 * declared)
    assert dip.share == pytest.approx(dip.voltage / relay.declared)
    assert (dip.phases, dip.cut) == (("L1", "L2", "L3"), True)
    before = (relay.time > 0.55) & (relay.time < 0.95)
    mine = rms[(time > 0.55) & (time < 0.95)]
    assert relay.lowest[before].min(axis=0) == pytest.approx(mine.min(axis=0), abs=0.01 * declared)


def test_an_interruption_is_when_all_are_gone(relay: RecordQuality) -> None:
    gone = next(event for event in relay.events if event.kind == "interruption")
    assert gone.start_s == pytest.approx(1.174, abs=0.01)
    assert [event.number for event in relay.events] == list(range(1, len(relay.events) + 1))


@pytest.mark.parametrize("volts", [230.0, 0.37, 63_500.0])
def test_a_made_dip_in_any_unit_has_its_residual_voltage_and_duration(
    tmp_path: Path, volts: float
) -> None:
    envelope = np.full((int(3 * RATE), 3), volts)
    envelope[int(1.0 * RATE) : int(1.2 * RATE), 1] *= 0.4
    quality = _quality(_csv(tmp_path / "a.csv", envelope))
    (dip,) = quality.events
    assert not quality.stated
    assert quality.declared == pytest.approx(volts, rel=1e-4)
    assert (dip.kind, dip.phases, dip.cut) == ("dip", ("L2",), False)
    assert dip.share == pytest.approx(0.4, abs=2e-4)
    assert dip.voltage == pytest.approx(0.4 * volts, rel=1e-3)
    assert (dip.start_s, dip.duration_s) == pytest.approx((1.0, 0.2), abs=0.01)


def test_a_voltage_alone_keeps_its_phase(tmp_path: Path) -> None:
    envelope = np.full((int(2 * RATE), 3), 230.0)
    envelope[int(1.0 * RATE) : int(1.1 * RATE), 2] *= 1.2
    (swell,) = _quality(_csv(tmp_path / "a.csv", envelope), map="L3=u3").events
    assert (swell.kind, swell.phases) == ("swell", ("L3",))
    assert swell.share == pytest.approx(1.2, abs=1e-3)


def test_missing_samples_are_no_dip(tmp_path: Path) -> None:
    path = _csv(tmp_path / "a.csv", np.full((int(2 * RATE), 3), 230.0))
    lines = path.read_text("utf-8").splitlines()
    for k in range(3000, 3400):
        lines[k] = lines[k].split(",")[0] + ",,,"
    path.write_text("\n".join(lines), "utf-8")
    assert _quality(path).events == ()


def test_the_nominal_voltage_stands_above_the_records_own(tmp_path: Path) -> None:
    path = _csv(tmp_path / "a.csv", np.full((int(1 * RATE), 3), 200.0))
    assert _quality(path).events == ()
    stated = _quality(path, nominal_voltage=230.0)
    assert (stated.declared, stated.stated) == (230.0, True)
    assert [event.kind for event in stated.events] == ["dip"]
    between = _quality(path, nominal_voltage=346.0)
    assert "58 % of --nominal: is that the voltage between phases? 200 V would" in between.notes[0]
    far = _quality(path, nominal_voltage=100.0)
    assert "200 % of --nominal: every cycle of it counts as a dip or a swell" in far.notes[0]


def test_a_voltage_of_another_scale_is_named_with_what_is_expected(tmp_path: Path) -> None:
    envelope = np.full((int(1 * RATE), 3), 230.0)
    envelope[:, 2] = 0.0
    path = _csv(tmp_path / "a.csv", envelope)
    odd, zero = _quality(path, scales=("u2=0.001",), nominal_voltage=230.0).notes
    assert odd.startswith("u2 (L2) has 0.23 V while steady, where 230 V is expected: is its scale")
    assert zero.startswith("u3 (L3) is zero throughout: is it connected")


def test_the_steady_voltage_is_not_that_of_a_long_interruption() -> None:
    rms = np.concatenate([np.full((40, 3), 58.7), np.full((100, 3), 0.2)])
    assert steady_voltage(rms) == pytest.approx(58.7)
    assert steady_voltage(np.linspace(80.0, 120.0, 11)[:, None]) == pytest.approx(100.0)
    assert steady_voltage(np.zeros((40, 3))) is None
    assert steady_voltage(np.empty((0, 3))) is None


def test_ten_minutes_have_their_flicker(tmp_path: Path) -> None:
    """A rectangular change of 1.459 % seven times a minute is Pst 1 at 230 V and 50 Hz."""
    rate = 1600.0
    t = np.arange(int(601 * rate)) / rate
    rectangle = np.where((t * 7.0 / 120.0) % 1.0 < 0.5, 1.0, -1.0)
    u = 325.0 * (1.0 + 0.5 * 0.01459 * rectangle) * np.sin(2 * np.pi * 50.0 * t)
    np.savez(tmp_path / "a.npz", u1=u, fs=rate)
    quality = _quality(tmp_path / "a.npz")
    ((begin, pst),) = quality.flicker
    assert begin == pytest.approx(0.0, abs=0.1)
    assert pst[0] == pytest.approx(1.0, abs=0.02)
    assert np.isnan(pst[1:]).all()
    assert quality.events == ()


@pytest.mark.parametrize("name", ["009_ref.wav", "025_ref.wav"])
def test_a_quarter_of_an_hour_of_eight_samples_a_cycle_has_no_event(
    data_dir: Path, name: str
) -> None:
    quality = _quality(data_dir / "waveforms" / name)
    assert quality.events == ()
    assert np.nanmax(quality.highest) < 1.02 * quality.declared
    assert np.nanmin(quality.lowest) > 0.97 * quality.declared
