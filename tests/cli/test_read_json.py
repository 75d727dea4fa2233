"""JSON of `addad read` for what the sample meters do not show."""

import json

from addad import obis
from addad.cli.read_json import (
    answer_json,
    association_json,
    full_json,
    meter_json,
    object_json,
    reading_json,
)
from addad.cosem.classes.access import AccessRightsList, ObjectListElement
from addad.dlms.acse import Mechanism
from addad.dlms.apdu.initiate import Conformance
from addad.dlms.data import Data, Tag
from addad.dlms.parameters import Negotiated
from addad.dlms.security.keys import SymmetricKeys
from addad.dlms.security.suite import Protection
from addad.errors import AccessError, InputError
from addad.reader.credentials import AssociationCredentials
from addad.reader.meter_access import MeterAccess
from addad.reader.meter_address import MeterAddress
from addad.reader.scan import Quantity, Reading, unread
from addad.reader.snapshot import ObjectReading
from addad.reader.survey import Answer, Welcome
from addad.units import ScalerUnit

UNKNOWN = ObjectListElement(9999, 0, obis.DEVICE_ID_1, AccessRightsList((), ()))
PROFILE = ObjectListElement(7, 1, obis.LOAD_PROFILE, AccessRightsList((), ()))
AGREED = Negotiated(Conformance.GET | Conformance.ACCESS, 1024)


def test_an_unknown_class_has_numbers_and_types() -> None:
    inner = (Data(Tag.LONG_UNSIGNED, 5), Data(Tag.OCTET_STRING, b"\x00\xff"))
    value = Data(Tag.STRUCTURE, (*inner, Data(Tag.ARRAY, ())))
    reading = Reading(9999, obis.DEVICE_ID_1, 4, "attribute 4", value)
    assert object_json(UNKNOWN, reading) == {
        "logical_name": "0-0:96.1.0",
        "class_id": 9999,
        "version": 0,
        "class": "class 9999",
        "name": object_json(UNKNOWN)["name"],
        "type": "structure",
        "value": [
            {"type": "long-unsigned", "value": 5},
            {"type": "octet-string", "value": "00ff"},
            {"type": "array", "value": []},
        ],
    }


def test_what_was_not_read_says_why() -> None:
    assert reading_json(UNKNOWN, unread(UNKNOWN, 2, "hung up")) == {"fault": "hung up"}
    refused = full_json(ObjectReading(PROFILE, (), profile_fault=AccessError(3, "denied")))
    assert refused["attributes"] == {"buffer": {"attribute": 2, "refused": "denied"}}
    other = full_json(ObjectReading(PROFILE, (), profile_fault=InputError("no clock")))
    assert other["attributes"] == {"buffer": {"attribute": 2, "fault": "no clock"}}


def test_numbers_that_json_has_not_are_text() -> None:
    infinite = Quantity(float("inf"), "V", float("inf"), ScalerUnit(0, 35))
    reading = Reading(3, obis.FREQUENCY, 2, "value", 0, quantity=infinite)
    assert json.loads(json.dumps(reading_json(PROFILE, reading), allow_nan=False)) == {
        "value": "inf",
        "unit": "V",
        "raw": "inf",
        "scaler": 0,
    }
    plain = Reading(3, obis.FREQUENCY, 2, "value", Data(Tag.FLOAT32, float("nan")))
    assert reading_json(PROFILE, plain) == {"value": "nan"}


def test_the_association_tells_no_secret() -> None:
    keys = SymmetricKeys(bytes(range(16)), bytes(16))
    secret = AssociationCredentials(
        Mechanism.HIGH_GMAC, b"geheim", protection=Protection.ENCRYPTION, keys=keys
    )
    shown = association_json(MeterAccess(3, 1, secret), AGREED, 3)
    assert isinstance(shown, dict)
    assert shown["mechanism"] == "high_gmac"
    assert shown["protection"] == ["encryption"]
    assert shown["services"] == ["access", "get"]
    assert (shown["verified"], shown["association_version"]) == (True, 3)
    assert keys.encryption.hex() not in json.dumps(shown)
    assert "geheim" not in json.dumps(shown)
    public = association_json(MeterAccess(), AGREED, None)
    assert isinstance(public, dict)
    assert (public["suite"], public["protection"], public["verified"]) == (None, [], False)


def test_a_meter_and_an_answer() -> None:
    meter = meter_json(MeterAddress.hdlc("192.0.2.7"), [])
    assert isinstance(meter, dict)
    assert (meter["transport"], meter["logical_device_name"]) == ("hdlc", None)
    answer = answer_json(Answer(1, 1, Welcome.KNOWN, "more"))
    assert isinstance(answer, dict)
    assert (answer["answer"], answer["reason"], answer["services"]) == ("known", "more", [])
