"""AR-01 and AR-02: permissions count, then weights; a tie is no action."""

from collections.abc import Iterable

import pytest

from addad.cosem.classes.control import Arbitrator, RequestedActions
from addad.dlms.data import BitString
from addad.dlms.results import DataAccessResult
from addad.meter.arbitration import nothing_asked, outcome
from meter.table_desk import TableDesk

TABLE = """
[[object]]
class = 68
name = "0-0:96.3.20"
writable = ["permissions_table", "weightings_table"]
[object.attributes]
actions = [["0-0:10.0.106", 1], ["0-0:10.0.106", 2]]
permissions_table = ["11", "10"]
weightings_table = [[5, 5], [9, 9]]
most_recent_requests_table = ["00", "00"]
last_outcome = 0
"""


def bits(text: Iterable[str]) -> BitString:
    return BitString.of(int(one) for one in text)


@pytest.mark.parametrize(
    ("permissions", "requests", "number"),
    [
        ("11 11", "10 00", 1),
        ("11 11", "01 00", 2),
        ("11 11", "01 10", 1),
        ("11 01", "01 10", 2),
        ("11 11", "11 00", 0),
        ("00 00", "11 11", 0),
        ("11 11", "00 00", 0),
        ("11 11", "11 01", 2),
    ],
)
def test_ar_01_02_the_heaviest_permitted_action_wins(
    permissions: str, requests: str, number: int
) -> None:
    allowed, asked = ([bits(one) for one in text.split()] for text in (permissions, requests))
    assert outcome(allowed, [(5, 5), (9, 9)], asked) == number


def test_requests_are_kept_and_give_an_outcome() -> None:
    desk = TableDesk(TABLE)
    assert desk.act(Arbitrator.request_action, RequestedActions(1, bits("01"))) == 0
    assert desk.get(Arbitrator.last_outcome) == 2
    assert desk.act(Arbitrator.request_action, RequestedActions(2, bits("11"))) == 0
    assert desk.get(Arbitrator.last_outcome) == 1
    assert desk.get(Arbitrator.most_recent_requests_table) == (bits("01"), bits("11"))
    assert desk.act(Arbitrator.reset) == 0
    assert desk.get(Arbitrator.last_outcome) == 0
    assert desk.get(Arbitrator.most_recent_requests_table) == nothing_asked(2, 2)


@pytest.mark.parametrize(("actor", "asked"), [(0, "01"), (3, "01"), (1, "0"), (1, "010")])
def test_a_request_of_another_shape_is_refused(actor: int, asked: str) -> None:
    desk = TableDesk(TABLE)
    request = RequestedActions(actor, bits(asked))
    assert desk.act(Arbitrator.request_action, request) == DataAccessResult.OTHER_REASON
    assert desk.get(Arbitrator.last_outcome) == 0


def test_tables_of_other_sizes_are_met_without_a_fault() -> None:
    desk = TableDesk(TABLE)
    assert desk.set(Arbitrator.permissions_table, (bits("1"),) * 3) == 0
    assert desk.set(Arbitrator.weightings_table, ((7,),)) == 0
    assert desk.act(Arbitrator.request_action, RequestedActions(3, bits("11"))) == 0
    assert desk.get(Arbitrator.last_outcome) == 0
