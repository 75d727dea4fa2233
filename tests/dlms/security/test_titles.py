"""Whose system title is believed: the provisioned one, or the first that is learned."""

import pytest

from addad.dlms.security.titles import SystemTitles
from addad.errors import DecodeError, LocalProtocolError, SecurityError, SecurityFault

OWN, PEER, OTHER = b"ABC\0\0\0\0\1", b"ABC\0\0\0\0\2", b"ABC\0\0\0\0\3"


def test_SE_09_a_provisioned_title_is_the_only_one() -> None:
    titles = SystemTitles(OWN, PEER)
    titles.learn(PEER)
    assert titles.sender(None) == titles.sender(PEER) == titles.known_peer() == PEER
    for refused in (OTHER, OWN):
        for take in (titles.learn, titles.sender):
            with pytest.raises(SecurityError) as caught:
                take(refused)
            assert caught.value.fault is SecurityFault.UNKNOWN_TITLE
    assert titles.peer == PEER


def test_an_open_end_believes_the_first_and_none_after_it() -> None:
    titles = SystemTitles(OWN, None)
    for ask in (titles.known_peer, lambda: titles.sender(None), lambda: titles.sender(OWN)):
        with pytest.raises(SecurityError):
            ask()
    assert titles.sender(OTHER) == OTHER
    assert titles.peer is None, "a title on one envelope is not learned"
    titles.learn(PEER)
    with pytest.raises(SecurityError, match="changed"):
        titles.sender(OTHER)


def test_what_is_no_title_is_refused() -> None:
    with pytest.raises(DecodeError):
        SystemTitles(OWN, None).learn(b"short")
    for own, peer in ((b"short", None), (OWN, b"short"), (OWN, OWN)):
        with pytest.raises(LocalProtocolError):
            SystemTitles(own, peer)
