"""The instrument on real recordings, beside the figures stored with them."""

import json
import wave

import numpy as np
import pytest

from addad.metrology import Instrument, InstrumentSettings, WindowFlag


def entry(data_dir, name):
    manifest = json.loads((data_dir / "MANIFEST.json").read_text("utf-8"))
    return next(e for e in manifest if name in e["file"])


def keating(data_dir):
    """Channels of the ION7650's COMTRADE record by name."""
    lines = (data_dir / "waveforms/keating_1999.CFG").read_text("latin-1").splitlines()
    rows = (data_dir / "waveforms/keating_1999.DAT").read_text("latin-1").splitlines()
    counts = np.array([r.split(",")[2:] for r in rows if r.count(",") > 5], float)
    named = {}
    for k, line in enumerate(lines[2:10]):
        part = line.split(",")
        named[part[1]] = counts[:, k] * float(part[5]) + float(part[6])
    return named


def test_a_record_of_four_cycles_is_measured_whole(data_dir):
    known = entry(data_dir, "keating_1999")
    channels = keating(data_dir)
    names = ("U1", "U2", "U3", "I1", "I2", "I3", "I4")
    samples = np.stack([channels[n] for n in names], axis=-1)[None]
    instrument = Instrument(InstrumentSettings(sample_rate=known["fs"], nominal_frequency=60.0))
    assert instrument.process(samples) == ()
    (window,) = instrument.flush()
    assert window.partial
    assert window.reason == "shorter than a window: the whole record, 4 cycles"
    assert window.duration_s[0] == pytest.approx(2048 / known["fs"])
    rms = {c["ch"]: c["rms"] for c in known["measured"]}
    found = dict(zip(names, [*window.u_rms[0], *window.i_rms[0]], strict=True))
    for name in names:
        assert found[name] == pytest.approx(rms[name], rel=1e-5)
    assert window.frequency[0] == pytest.approx(59.97, abs=0.01)
    thd = {c["ch"]: c["thd40_pct"] for c in known["measured"]}
    for phase in range(3):
        assert 100 * window.thd_u[0, phase] == pytest.approx(thd[f"U{phase + 1}"], rel=0.03)


@pytest.mark.parametrize("name", ["009_ref.wav", "025_ref.wav"])
def test_a_quarter_of_an_hour_of_mains_from_a_400_hertz_recording(data_dir, name):
    known = entry(data_dir, name)["measured"]
    with wave.open(str(data_dir / "waveforms" / name)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768.0
    settings = InstrumentSettings(sample_rate=400.0, voltages=1, currents=0)
    instrument = Instrument(settings)
    windows = [*instrument.process(samples[None, :, None]), *instrument.flush()]
    seconds = np.array([w.duration_s[0] for w in windows])
    squares = np.array([w.u_rms[0, 0] ** 2 for w in windows])
    assert np.sqrt(np.average(squares, weights=seconds)) == pytest.approx(known["rms_fs"], rel=1e-5)
    frequency = np.array([w.frequency[0] for w in windows[:-1]])
    tens = frequency[: len(frequency) // 50 * 50].reshape(-1, 50).mean(axis=1)
    assert tens.mean() == pytest.approx(known["f10s_mean"], abs=1e-3)
    assert tens.min() == pytest.approx(known["f10s_min"], abs=5e-3)
    assert tens.max() == pytest.approx(known["f10s_max"], abs=5e-3)
    assert windows[0].highest_order == 3


def test_single_cycles_of_appliances_are_measured_whole_as_a_fleet(data_dir):
    with np.load(data_dir / "waveforms/plaid_125.npz", allow_pickle=False) as file:
        u, i = file["voltage_v"], file["current_a"]
    settings = InstrumentSettings(
        sample_rate=30_000.0, meters=len(u), nominal_frequency=60.0, voltages=1, currents=1
    )
    instrument = Instrument(settings)
    instrument.process(np.stack([u, i], axis=-1))
    (window,) = instrument.flush()
    assert window.reason == "shorter than a window: the whole record, 1 cycle"
    assert np.all(window.flags & int(WindowFlag.FREQUENCY_ASSUMED))
    np.testing.assert_allclose(window.p[:, 0], np.mean(u * i, axis=1), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(window.i_rms[:, 0], np.sqrt(np.mean(i * i, axis=1)), rtol=1e-5)
