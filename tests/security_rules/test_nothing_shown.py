"""SE-15: no password, secret or key is in what an object says of itself, or an error does."""

import gc
import traceback
from collections.abc import Iterator

import pytest

from addad.cosem.classes import SecuritySetup
from addad.dlms import apdu as apdus
from addad.dlms.apdu.initiate import Conformance, InitiateRequest
from addad.dlms.connection import ClientConnection
from addad.dlms.security.keys import SymmetricKeys
from addad.errors import AddadError
from addad.obis import Obis
from meter.secured_desk import SecuredDesk

PASSWORDS = {1: b"a long password", 2: b"another password"}
SECURED = (3, 4, 5, 6, 7, 102)


def all_secrets(desk: SecuredDesk) -> Iterator[bytes]:
    for client_sap in SECURED:
        known = desk.credentials.of_client(client_sap)
        assert known.keys is not None
        keys = known.keys
        yield from (keys.encryption, keys.authentication or b"", keys.broadcast or b"")
        yield from (keys.master or b"", known.password)
    yield from PASSWORDS.values()


def shown(text: str, secrets: frozenset[bytes]) -> list[bytes]:
    low = text.lower()
    return [one for one in secrets if one.hex() in low or repr(one)[2:-1] in text]


def test_se_15_no_object_of_a_meter_and_its_clients_shows_a_secret() -> None:
    others = {id(thing) for thing in gc.get_objects()}
    desk = SecuredDesk()
    clients = [desk.client(client_sap).open() for client_sap in SECURED]
    secrets = frozenset(one for one in all_secrets(desk) if one)
    looked_at = 0
    for thing in gc.get_objects():
        kind = type(thing)
        if id(thing) in others or not str(kind.__module__).startswith("addad"):
            continue
        if kind.__repr__ is not object.__repr__:
            looked_at += 1
            assert shown(repr(thing), secrets) == [], kind
    assert looked_at > 100
    assert len(clients) == len(SECURED)


@pytest.mark.parametrize("client_sap", PASSWORDS)
def test_se_15_an_aarq_that_was_read_does_not_show_its_password(client_sap: int) -> None:
    desk = SecuredDesk()
    client = desk.client(client_sap, password=PASSWORDS[client_sap])
    (aarq,) = ClientConnection(client.parameters).associate()
    secrets = frozenset((PASSWORDS[client_sap],))
    assert shown(repr(client.parameters), secrets) == []
    assert shown(repr(apdus.decode(aarq)), secrets) == []


def test_se_15_an_initiate_request_does_not_show_its_dedicated_key() -> None:
    key = bytes(range(100, 116))
    assert shown(repr(InitiateRequest(Conformance(1), 100, key)), frozenset((key,))) == []


@pytest.mark.parametrize("client_sap", [*SECURED, 1, 2])
def test_se_15_no_error_shows_a_secret(client_sap: int) -> None:
    """A client with the wrong secret, or under keys of another one, and what it is told."""
    desk = SecuredDesk()
    secrets = frozenset(one for one in all_secrets(desk) if one)
    changes: dict[str, object] = {"password": b"not the secret"}
    if client_sap in SECURED:
        size = desk.credentials.of_client(client_sap).suite.key_octets
        wrong = SymmetricKeys(bytes(size), bytes(range(size)))
        changes["security"] = desk.context(client_sap, keys=wrong)
    client = desk.client(client_sap, **changes)
    try:
        client.open()
        reply = client.get(Obis.parse("0-0:43.0.0"), SecuritySetup.security_policy)
        assert "DECIPHERING" in repr(reply)
    except AddadError as fault:
        told = "".join(traceback.format_exception(fault))
        assert shown(told, secrets | {b"not the secret"}) == []
    assert shown(repr(desk.faults), secrets) == []
