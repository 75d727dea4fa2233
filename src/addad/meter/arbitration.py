"""Whose request is carried out: permissions, then the sum of weights.

Blue Book: class 68, Arbitrator. Actors and actions are counted from 1, the outcome 0 is none; that
first number stands in no source that was read. What the winning script does is not run here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from addad.cosem.classes.control import Arbitrator, RequestedActions
from addad.cosem.interface_class import Binding
from addad.dlms.data import BitString
from addad.meter.stored_objects import LIST_MAX, StoredObject, Trait, refusal

NO_ACTION: Final = 0
_REQUESTS = Arbitrator.most_recent_requests_table
_OUTCOME = Arbitrator.last_outcome


def bits_of(string: BitString) -> list[bool]:
    """The bits in order, the first one first."""
    octets, size = string
    return [bool(octets[place // 8] & 0x80 >> place % 8) for place in range(size)]


def outcome(
    permissions: Sequence[BitString],
    weightings: Sequence[Sequence[int]],
    requests: Sequence[BitString],
) -> int:
    """The number of the action with the highest weight; 0 where none or two have it."""
    weights: dict[int, int] = {}
    for allowed, weighting, asked in zip(permissions, weightings, requests, strict=False):
        columns = zip(bits_of(allowed), weighting, bits_of(asked), strict=False)
        for number, (may, weight, wants) in enumerate(columns, start=1):
            if may and wants:
                weights[number] = weights.get(number, 0) + weight
    heaviest = max(weights.values(), default=0)
    winners = [number for number, weight in weights.items() if weight == heaviest]
    return winners[0] if heaviest and len(winners) == 1 else NO_ACTION


def nothing_asked(actors: int, actions: int) -> tuple[BitString, ...]:
    """A request of nothing from each actor."""
    return (BitString(bytes(-(-actions // 8)), actions),) * actors


def _check_size(_stored: StoredObject, table: tuple[object, ...]) -> None:
    if len(table) > LIST_MAX:
        raise refusal(f"no more than {LIST_MAX} rows")


def _behaviour(stored: StoredObject) -> Iterator[Binding]:
    def fresh() -> list[BitString]:
        """The requests, as many as there are actors and actions now."""
        actions = len(stored.value(Arbitrator.actions))
        actors = len(stored.value(Arbitrator.permissions_table))
        known = [one for one in stored.value(_REQUESTS) if one.size == actions]
        return [*known, *nothing_asked(actors, actions)][:actors]

    def request_action(asked: RequestedActions) -> None:
        requests = fresh()
        actor = asked.request_actor
        if not 1 <= actor <= len(requests):
            raise refusal(f"there is no actor {actor}")
        if asked.request_action_list.size != len(stored.value(Arbitrator.actions)):
            raise refusal("one bit for each action is wanted")
        requests[actor - 1] = asked.request_action_list
        permissions = stored.value(Arbitrator.permissions_table)
        weightings = stored.value(Arbitrator.weightings_table)
        stored.put(_REQUESTS, tuple(requests))
        stored.put(_OUTCOME, outcome(permissions, weightings, requests))

    def reset(_: int) -> None:
        actors = len(stored.value(Arbitrator.permissions_table))
        actions = len(stored.value(Arbitrator.actions))
        stored.put(_REQUESTS, nothing_asked(actors, actions))
        stored.put(_OUTCOME, NO_ACTION)

    yield Arbitrator.request_action.does(request_action)
    yield Arbitrator.reset.does(reset)


ARBITRATOR = Trait(
    _behaviour,
    {
        Arbitrator.actions.index: _check_size,
        Arbitrator.permissions_table.index: _check_size,
        Arbitrator.weightings_table.index: _check_size,
    },
)
