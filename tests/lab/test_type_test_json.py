"""The machine's report: plain values that stand for themselves."""

import json

from addad.lab.type_test_json import SCHEMA, as_mapping
from type_test_case import short_report


def test_it_is_json_and_complete() -> None:
    report = short_report()
    found = json.loads(json.dumps(as_mapping(report), allow_nan=False))
    assert found["schema"] == SCHEMA
    assert found["verdict"] == "pass"
    assert found["meter"]["constant_pulses_per_kilo_unit_hour"] == 50_000
    assert len(found["results"]) == len(report.results)
    first = found["results"][0]
    assert {"section", "test", "limit", "value", "uncertainty", "verdict", "measured"} <= set(first)
    assert first["measured"][0]["pulses_counted"] >= 5


def test_what_failed_is_counted() -> None:
    found = as_mapping(short_report(current_error=0.005))
    assert found["verdict"] == "fail"
    assert found["put_in"]["current_error_percent"] == [0.5, 0.5, 0.5]
    assert found["counts"] == {"pass": 4, "fail": 4, "information": 0}
