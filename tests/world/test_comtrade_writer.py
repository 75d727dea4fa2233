"""Recordings written as COMTRADE: we read them again, and so does a foreign reader."""

import io
import warnings
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import comtrade
import numpy as np
import pytest

from addad.errors import InputError
from addad.world.comtrade import open_combined, open_comtrade
from addad.world.comtrade_writer import Excerpt, Revision, written_comtrade
from addad.world.recording import Reading, RecordedChannel, StatusChannel

START = datetime(2026, 11, 22, 14, 3, 0, 250_000, timezone(timedelta(hours=5, minutes=30)))
CHANNELS = (
    RecordedChannel("U L1, напряжение", "voltage", "L1", "V", "feeder 1", 1100.0, "secondary"),
    RecordedChannel("I 1", "current", "L1", "A", "feeder 1", 80.0, "primary"),
    RecordedChannel("母线 temp", "other", "", "°C"),
    RecordedChannel("nothing", "current", "N", ""),
)

STATUSES = (
    StatusChannel("52A open", "A", "feeder 1", 1),
    *(StatusChannel(f"trip {k}", "", "", 0) for k in range(18)),
)


def _excerpt(count: int = 500, start: datetime | None = START) -> Excerpt:
    angle = 2 * np.pi * 50 * np.arange(count) / 6400.0
    samples = np.stack(
        [81.6 * np.sin(angle), -0.0123 * np.cos(angle), 20 + 0.0 * angle, 0.0 * angle], axis=-1
    )
    states = ((np.arange(count)[:, None] // 7 + np.arange(len(STATUSES))) % 2).astype(np.uint8)
    return Excerpt(
        CHANNELS, samples, 6400.0, 50.0, start, 0.02, "Süd", "bay 4", STATUSES, states
    )  # fmt: skip


@pytest.mark.parametrize(("revision", "bits"), [("1999", 16), ("2013", 32)])
def test_what_is_written_is_read_again(revision: Revision, bits: int) -> None:
    excerpt = _excerpt()
    files = written_comtrade(excerpt, revision)
    two = open_comtrade(io.BytesIO(files.configuration), io.BytesIO(files.data), "a.cfg", Reading())
    one = open_combined(io.BytesIO(files.combined("words\non it")), "a.cff", Reading())
    for found in (two, one):
        assert (found.sample_rate, found.samples, found.nominal_frequency) == (6400.0, 500, 50.0)
        assert found.channels[0].step == pytest.approx(
            np.abs(excerpt.samples[:, 0]).max() / (2 ** (bits - 1) - 1)
        )
        assert replace(found.channels[0], step=0.0) == RecordedChannel(
            "U L1  напряжение", "voltage", "L1", "V", "feeder 1", 1100.0, "secondary"
        )
        assert found.statuses == STATUSES
        assert np.array_equal(np.concatenate(list(found.states())), excerpt.states)
        assert found.channels[1].side == "primary"
        assert [c.unit for c in found.channels] == ["V", "A", "°C", "A"]
        error = np.abs(found.waveform().samples - excerpt.samples).max(axis=0)
        assert np.all(error <= np.abs(excerpt.samples).max(axis=0) * 0.51 / 2 ** (bits - 1))
    assert two.start is not None
    # 1999 states no zone
    assert two.start.replace(tzinfo=None) == START.replace(tzinfo=None)
    assert (two.start == START) == (revision == "2013")


@pytest.mark.parametrize("revision", ["1999", "2013"])
@pytest.mark.parametrize("suffix", ["cfg", "cff"])
def test_a_foreign_reader_takes_what_is_written(
    tmp_path: Path, revision: Revision, suffix: str
) -> None:
    excerpt = _excerpt()
    files = written_comtrade(excerpt, revision)
    if suffix == "cff":
        (tmp_path / "a.cff").write_bytes(files.combined("words"))
    else:
        (tmp_path / "a.cfg").write_bytes(files.configuration)
        (tmp_path / "a.dat").write_bytes(files.data)
    foreign = comtrade.Comtrade(use_double_precision=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        foreign.load(str(tmp_path / f"a.{suffix}"))
    assert (foreign.rev_year, foreign.station_name, foreign.rec_dev_id) == (
        revision, "Süd", "bay 4",
    )  # fmt: skip
    assert foreign.analog_channel_ids[2] == "母线 temp"
    assert foreign.analog_phases == ["A", "A", "", "N"]
    assert [channel.uu for channel in foreign.cfg.analog_channels] == ["V", "A", "°C", "A"]
    assert foreign.cfg.sample_rates == [[6400.0, 500]]
    assert foreign.start_timestamp == START.replace(tzinfo=None)
    assert foreign.trigger_time == pytest.approx(0.02)
    assert foreign.time[499] == pytest.approx(499 / 6400.0)
    full = 2.0**15 if revision == "1999" else 2.0**31
    assert foreign.status_channel_ids == [status.name for status in STATUSES]
    assert np.array_equal(np.array(foreign.status).T, excerpt.states)
    assert [channel.y for channel in foreign.cfg.status_channels][:3] == [1, 0, 0]
    for k in range(4):
        error = np.abs(np.array(foreign.analog[k]) - excerpt.samples[:, k]).max()
        assert error <= np.abs(excerpt.samples[:, k]).max() * 0.51 / full


@pytest.mark.parametrize("name", ["keating_1999.CFG", "wisp_2.cfg", "wisp_3.cfg"])
def test_a_foreign_reader_reads_real_recordings_as_we_do(data_dir: Path, name: str) -> None:
    path = data_dir / "waveforms" / name
    data = path.with_suffix(".DAT" if path.suffix == ".CFG" else ".dat")
    foreign = comtrade.Comtrade(ignore_warnings=True, use_double_precision=True)
    foreign.load(str(path), str(data), encoding="cp1251")
    with path.open("rb") as configuration, data.open("rb") as values:
        ours = open_comtrade(configuration, values, name, Reading())
        columns = [k for k, c in enumerate(ours.channels) if c.kind != "other" and not c.skew_s][:8]
        samples = ours.waveform(columns).samples
    for k, column in enumerate(columns):
        units = {"kV": 1e3, "V": 1.0, "A": 1.0, "volt": 1.0, "ampere": 1.0}
        factor = units[foreign.cfg.analog_channels[column].uu.strip()]
        theirs = np.array(foreign.analog[column])[: ours.samples] * factor
        assert np.allclose(samples[:, k], theirs, rtol=1e-9, atol=1e-9)


def test_a_missing_sample_is_missing_again() -> None:
    excerpt = _excerpt()
    excerpt.samples[7, 0] = np.nan
    for revision in ("1999", "2013"):
        files = written_comtrade(excerpt, revision)
        read = open_combined(io.BytesIO(files.combined()), "a.cff", Reading())
        assert np.argwhere(np.isnan(read.waveform().samples)).tolist() == [[7, 0]]


def test_without_a_start_the_clock_is_not_to_be_trusted() -> None:
    files = written_comtrade(_excerpt(start=None))
    read = open_combined(io.BytesIO(files.combined()), "a.cff", Reading())
    assert read.start == datetime(1970, 1, 1, tzinfo=UTC)
    assert "not reliable" in read.notes[-1]


def test_a_record_of_hours_has_time_stamps_that_fit() -> None:
    samples = np.zeros((5000, 1))
    excerpt = Excerpt(CHANNELS[:1], samples, 1.0, 50.0, START)
    files = written_comtrade(excerpt)
    assert files.configuration.splitlines()[-3] == b"10"
    rows = np.frombuffer(files.data, dtype="<u4").reshape(5000, -1)
    assert rows[-1, 1] == 499_900_000


def test_states_must_fit_their_samples() -> None:
    excerpt = _excerpt()
    for states in (None, np.zeros((499, len(STATUSES)), np.uint8)):
        with pytest.raises(InputError, match="no 500 states of 19 digital channels"):
            written_comtrade(replace(excerpt, states=states))


def test_nothing_is_no_recording() -> None:
    with pytest.raises(InputError, match="nothing to write: 0 samples"):
        written_comtrade(Excerpt(CHANNELS, np.empty((0, 4)), 6400.0, 50.0))
    huge = np.broadcast_to(np.zeros(4), (1 << 27, 4))
    with pytest.raises(InputError, match="choose a shorter excerpt"):
        written_comtrade(Excerpt(CHANNELS, huge, 6400.0, 50.0))
