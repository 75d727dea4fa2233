"""Every state of a link with every event."""

from itertools import product

import pytest

from addad.dlms.hdlc.states import TRANSITIONS, LinkEvent, LinkState, next_state

FROM_SERVER = {LinkEvent.UA, LinkEvent.DM, LinkEvent.FRMR}
FROM_CLIENT = {LinkEvent.SNRM, LinkEvent.DISC}
CLIENT_ONLY = {LinkState.CLEARING, LinkState.CONNECTING, LinkState.DISCONNECTING}


@pytest.mark.parametrize(
    ("state", "event"), list(product(LinkState, LinkEvent)), ids=lambda x: x.name
)
def test_each_pair_is_in_the_table_or_changes_nothing(state: LinkState, event: LinkEvent) -> None:
    assert next_state(state, event) is TRANSITIONS.get((state, event), state)


def test_every_state_leads_back_to_disconnected() -> None:
    reached = {LinkState.DISCONNECTED}
    while True:
        more = {s for (s, _), after in TRANSITIONS.items() if after in reached} | reached
        if more == reached:
            break
        reached = more
    assert reached == set(LinkState)


def test_silence_never_leaves_a_client_waiting() -> None:
    for state in CLIENT_ONLY | {LinkState.CONNECTED}:
        assert next_state(state, LinkEvent.SILENCE) is not state


def test_only_our_own_wish_or_snrm_opens_a_link() -> None:
    opening = {event for (state, event) in TRANSITIONS if state is LinkState.DISCONNECTED}
    assert opening == {LinkEvent.CLEAR, LinkEvent.CONNECT, LinkEvent.SNRM}
    for state in CLIENT_ONLY:
        assert not any((state, event) in TRANSITIONS for event in FROM_CLIENT)
    assert not any((LinkState.REJECTING, event) in TRANSITIONS for event in FROM_SERVER)
