"""What to check after a failure, by its kind."""

from dataclasses import replace
from pathlib import Path

import pytest

from addad.cli.read_cures import cured, rows_cure
from addad.cli.read_options import Order
from addad.dlms.acse import Mechanism
from addad.dlms.gateway import GatewayAddress
from addad.dlms.results import DataAccessResult
from addad.dlms.security.keys import SymmetricKeys
from addad.errors import (
    AccessError,
    AddadError,
    AssociationError,
    DecodeError,
    LinkError,
    RemoteProtocolError,
    SecurityError,
    SecurityFault,
)
from addad.reader.credentials import AssociationCredentials, Credentials
from addad.reader.meter_access import MeterAccess
from addad.reader.meter_address import MeterAddress
from addad.reader.snapshot import RowChoice

PUBLIC = Order(MeterAddress.tcp("192.0.2.7"), MeterAccess(), (), RowChoice(), Credentials({}))
KEYED = AssociationCredentials(Mechanism.HIGH_GMAC, keys=SymmetricKeys(bytes(16), bytes(16)))
BY_FILE = replace(
    PUBLIC,
    who=MeterAccess(3, credentials=KEYED),
    credentials=Credentials({3: KEYED}),
    counter_file=Path("/somewhere/keys.json.counters"),
)


def at(where: MeterAddress) -> Order:
    return replace(PUBLIC, where=where)


@pytest.mark.parametrize(
    ("fault", "told", "says"),
    [
        (AssociationError("no", 1, 13), PUBLIC, "check --client, --server and --password"),
        (AssociationError("no", 1, 2), PUBLIC, "give them by --credentials"),
        (AssociationError("no", 1, 13), BY_FILE, "keys and titles of client 3 in the credentials"),
        (SecurityError("x"), BY_FILE, "check encryption_key, authentication_key and meter_title"),
        (SecurityError("x", SecurityFault.AUTHENTICATION), BY_FILE, "check password, keys"),
        (SecurityError("x", SecurityFault.UNKNOWN_TITLE), BY_FILE, "check meter_title"),
        (SecurityError("x", SecurityFault.SIGNATURE), BY_FILE, "check signing_key"),
        (SecurityError("x", SecurityFault.POLICY), BY_FILE, "check protection"),
        (SecurityError("x", SecurityFault.REPLAY, 9), BY_FILE, "keys.json.counters beside them"),
        (LinkError("it answered nothing"), at(MeterAddress.serial("x")), "check the cable, --baud"),
        (LinkError("it answered nothing"), at(MeterAddress.hdlc("x")), "--physical"),
        (LinkError("it answered nothing"), at(MeterAddress.udp("x")), "speak UDP?"),
        (LinkError("it closed the connection"), BY_FILE, "some meters do so"),
        (LinkError("it closed the connection"), at(MeterAddress.hdlc("x")), "Leave --hdlc away"),
        (LinkError("it answered nothing"), PUBLIC, "if it is an HDLC line, say --hdlc"),
        (RemoteProtocolError("deciphering error"), BY_FILE, "check encryption_key"),
        (
            RemoteProtocolError("an APDU of the gateway itself"),
            at(MeterAddress.tcp("x", gateway=GatewayAddress(0, b"1"))),
            "is it a gateway",
        ),
    ],
)
def test_a_failure_says_what_to_check(fault: AddadError, told: Order, says: str) -> None:
    found = cured(fault, told)
    assert type(found) is type(fault)
    assert str(found).startswith(f"{fault}; ")
    assert says in str(found)


def test_what_the_error_says_besides_is_kept() -> None:
    refused = cured(AssociationError("no", 2, 13), PUBLIC)
    assert isinstance(refused, AssociationError)
    assert (refused.result, refused.diagnostic) == (2, 13)
    replay = cured(SecurityError("x", SecurityFault.REPLAY, 9), BY_FILE)
    assert isinstance(replay, SecurityError)
    assert (replay.fault, replay.expected_counter) == (SecurityFault.REPLAY, 9)


@pytest.mark.parametrize(
    "fault",
    [
        RemoteProtocolError("x"),
        LinkError("nothing listens"),
        SecurityError("x", SecurityFault.REPLAY),
        AccessError(3),
    ],
)
def test_others_stay_as_they_are(fault: AddadError) -> None:
    assert cured(fault, PUBLIC) is fault


def test_rows() -> None:
    assert rows_cure(AccessError(DataAccessResult.TYPE_UNMATCHED)) == "; try --quirk whole-buffer"
    assert rows_cure(DecodeError("row 3 has 1 of 2 columns")) == "; try --quirk short-rows"
    assert rows_cure(AccessError(3)) == rows_cure(DecodeError("x")) == ""
