"""The state table: every pair of state and event, for both ends."""

import itertools

import pytest

from addad.dlms.association import TRANSITIONS, AssociationState, Event, State
from addad.errors import LocalProtocolError, RemoteProtocolError

ALLOWED = {
    State.IDLE: {Event.AARQ: State.ASSOCIATING, Event.ESTABLISHED: State.ASSOCIATED},
    State.ASSOCIATING: {
        Event.ACCEPTED: State.ASSOCIATED,
        Event.CHALLENGED: State.PENDING,
        Event.REFUSED: State.IDLE,
    },
    State.PENDING: {
        Event.ACCEPTED: State.ASSOCIATED,
        Event.REFUSED: State.IDLE,
        Event.RLRQ: State.RELEASING,
    },
    State.ASSOCIATED: {Event.REQUEST: State.SERVING, Event.RLRQ: State.RELEASING},
    State.SERVING: {
        Event.BLOCK: State.SERVING,
        Event.RESPONSE: State.ASSOCIATED,
        Event.RLRQ: State.RELEASING,
    },
    State.RELEASING: {Event.RLRE: State.IDLE},
}


@pytest.mark.parametrize(("state", "event"), [*itertools.product(State, Event)])
def test_every_pair(state: State, event: Event) -> None:
    wanted = State.IDLE if event is Event.ABORT else ALLOWED[state].get(event)
    association = AssociationState()
    association.state = state
    assert association.allows(event) is (wanted is not None)
    if wanted is None:
        with pytest.raises(LocalProtocolError):
            association.local(event)
        with pytest.raises(RemoteProtocolError):
            association.remote(event)
        assert association.state is state
        return
    association.local(event)
    assert association.state is wanted
    association.state = state
    association.remote(event)
    assert association.state is wanted


def test_every_state_is_reached_and_left() -> None:
    assert set(TRANSITIONS) == set(State)
    assert {after for row in TRANSITIONS.values() for after in row.values()} == set(State)
    assert {event for row in TRANSITIONS.values() for event in row} == set(Event)


def test_a_request_is_only_possible_when_associated() -> None:
    assert [s for s, row in TRANSITIONS.items() if Event.REQUEST in row] == [State.ASSOCIATED]
    after = {row[Event.REFUSED] for row in TRANSITIONS.values() if Event.REFUSED in row}
    assert after == {State.IDLE}
