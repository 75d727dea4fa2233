"""What is left on a disk: COMTRADE that a foreign reader takes, JSON without NaN."""

import json
from dataclasses import replace
from pathlib import Path

import comtrade
import numpy as np
import pytest

from addad.lab.quality_files import as_mapping, excerpt_of, write_waveforms
from quality_records import START, record, reported, usual_events, with_events


def test_a_foreign_reader_takes_the_waveforms(tmp_path: Path) -> None:
    report = reported(with_events(record(), usual_events()))
    files = write_waveforms(report, tmp_path / "events")
    assert sorted(files) == [1, 2, 3, 4, 5]
    configuration, data = files[1]
    assert data.name == "event-001-dip-20260601T010140Z.dat"
    read = comtrade.load(str(configuration), str(data))
    assert read.analog_channel_ids == ["U1", "U2", "U3", "I1", "I2", "I3", "IN"]
    assert read.frequency == 50.0
    assert read.station_name == "Feeder 12"
    samples = report.record.waveforms[0].samples
    assert np.array(read.analog[0]) == pytest.approx(samples[:, 0], abs=325.0 / 3e4)
    assert read.start_timestamp.timestamp() % 86_400 == pytest.approx((START + 3_699.9) % 86_400)
    since = read.trigger_timestamp - read.start_timestamp
    assert since.total_seconds() == pytest.approx(0.1, abs=1e-5)


@pytest.mark.parametrize("name", ["a,b\\n", "Цех 1, ввод", "x" * 300])
def test_names_that_the_format_does_not_like(tmp_path: Path, name: str) -> None:
    made = with_events(record(), usual_events()[:1])
    report = reported(replace(made, supply=replace(made.supply, name=name)))
    configuration, data = write_waveforms(report, tmp_path)[1]
    assert comtrade.load(str(configuration), str(data)).total_samples == 400


def test_an_event_without_waveform_writes_nothing(tmp_path: Path) -> None:
    made = replace(with_events(record(), usual_events()[:1]), waveforms=())
    report = reported(made)
    assert write_waveforms(report, tmp_path / "events") == {}
    assert excerpt_of(report, report.events[0]) is None
    assert not (tmp_path / "events").exists()


def test_json_holds_everything_and_no_nan() -> None:
    report = reported(with_events(record(signalling=True), usual_events()))
    told = as_mapping(report, {1: (Path("a.cfg"), Path("a.dat"))})
    text = json.dumps(told, allow_nan=False)
    back = json.loads(text)
    assert back["verdict"] == "conforms"
    assert len(back["items"]) == len(report.items)
    assert back["items"][0]["phases"][0]["verdict"] == "within so far"
    assert back["events"][0]["comtrade"] == "a.cfg"
    assert back["events"][1]["comtrade"] is None
    assert back["classes"]["dips"][2][0] == 1
    assert back["period"]["begin"] == "2026-06-01T00:00:00+00:00"
    assert json.dumps(as_mapping(reported(record(0.0))), allow_nan=False)
