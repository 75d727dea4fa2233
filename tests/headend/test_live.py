"""What is known now: contact by its table, history without bridged gaps, medians of the stages."""

from datetime import timedelta
from typing import Any

import pytest
from headend_bench import NOON

from addad.headend import live
from addad.headend.live import LiveBoard, PlaceState


def _live(p_total: float | None, **stages_ms: float) -> Any:
    return {
        "at": "2026-11-22T12:00:30Z",
        "p_total": p_total,
        "q_total": 0.0,
        "u": [230.0] * 3,
        "i": [1.0] * 3,
        "relay": {"state": 1, "output": True, "mode": 4},
        "site": None,
        "stages_ms": stages_ms,
    }


@pytest.mark.parametrize("state", [live.OK, live.STALE, live.NONE])
@pytest.mark.parametrize("happening", ["answered", "late", "lost"])
def test_every_pair_of_the_contact_table_is_decided(state: str, happening: str) -> None:
    place = PlaceState(NOON)
    place.contact["state"] = state
    place.contact_after(happening, NOON)
    wanted = {"answered": live.OK, "lost": live.NONE}
    expected = live.NONE if state == live.NONE else live.STALE
    assert place.contact["state"] == wanted.get(happening, expected)


def test_since_is_when_the_contact_changed_not_when_its_reason_did() -> None:
    place = PlaceState(NOON)
    assert place.contact_after("lost", NOON + timedelta(minutes=1), "refused") is not None
    assert place.contact["since"] == "2026-11-22T12:00:30Z"
    assert place.contact_after("lost", NOON + timedelta(minutes=2), "refused") is None
    assert place.contact_after("answered", NOON + timedelta(minutes=3)) is not None
    assert place.contact["since"] == "2026-11-22T12:03:30Z"


def test_history_is_one_point_a_second_for_ten_minutes_with_gaps_empty() -> None:
    place = PlaceState(NOON)
    for quarter in range(4 * 900):
        place.take(_live(float(quarter)), quarter // 4)
    place.take(_live(-1.0), 1000)
    shown = place.show(1000)["history"]
    assert shown["at"][0] == 401
    assert shown["p_total"][0] == 401 * 4.0
    assert shown["at"][-2:] == [900, 1000]
    assert shown["p_total"][-2:] == [None, -1.0]
    assert len(shown["at"]) == len(shown["u3"]) == len(shown["pv_w"])


def test_nothing_known_is_shown_as_nothing() -> None:
    place = LiveBoard().state("A", NOON)
    shown = place.show(0)
    assert shown["latest"] is None
    assert shown["history"]["at"] == []
    place.take(_live(1.0), 5)
    place.forget_live()
    assert place.show(6)["latest"] is None
    assert place.relay is not None


def test_medians_of_the_stages() -> None:
    place = PlaceState(NOON)
    for number in range(101):
        place.take(_live(0.0, acquisition=200.0, protocol=float(number)), number)
    assert place.stage_medians_ms() == {"acquisition": 200.0, "protocol": 50.0}
