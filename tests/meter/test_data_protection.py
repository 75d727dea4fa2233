"""Data protection in the meter: what its attributes take, what was recorded, what is durable."""

from dataclasses import replace

import pytest

from addad.cosem.classes import Data
from addad.cosem.classes.data_protection import DataProtection, KeyInfo, KeyInfoType
from addad.cosem.protected_data import (
    PROTECTED_OBJECTS_MAX,
    ask_set,
    asked_parameters,
    protected_object,
)
from addad.dlms.data import Data as Value
from addad.dlms.data import Tag
from addad.dlms.results import ActionResult, DataAccessResult
from addad.dlms.security.data_layers import LayerOrder
from addad.dlms.security.general_ciphering import KeyInfoKind
from addad.dlms.security.keys import SymmetricKeys
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION
from addad.dlms.types import OctetString
from addad.host.object_models import load_model
from addad.net.new_association import with_ephemeral_keys
from addad.obis import Obis
from meter.secured_desk import SecuredDesk
from meter.table_desk import ENERGY, TableDesk

BOTH = AUTHENTICATED_ENCRYPTION
NAME, POINT = Obis.parse("0-0:43.2.1"), Obis.parse("0-0:96.1.10")
WORDS = Data.value.typed(OctetString())
SET = DataProtection.set_protected_attributes
LISTED = (protected_object(WORDS.of(POINT)),)
KINDS = [KeyInfoKind.IDENTIFIED, KeyInfoKind.STATIC, KeyInfoKind.ONE_PASS]

TABLE = """
[[object]]
class = 30
name = "0-0:43.2.1"
writable = ["protection_object_list", "protection_parameters_get", "required_protection"]
[object.attributes]
protection_buffer = ""
protection_object_list = []
protection_parameters_get = []
protection_parameters_set = []
required_protection = 0
"""


def bench(desk: SecuredDesk) -> SecuredDesk:
    desk.settings = replace(desk.settings, model=load_model("bench"))
    desk.start()
    return desk


def test_its_attributes_take_what_means_something() -> None:
    desk = TableDesk(TABLE)
    get, objects = DataProtection.protection_parameters_get, DataProtection.protection_object_list
    one = protected_object(Data.value.of(ENERGY))
    assert desk.get(DataProtection.protection_buffer) == b""
    assert desk.set(objects, (one,) * PROTECTED_OBJECTS_MAX) == 0
    assert desk.set(objects, (one,) * (PROTECTED_OBJECTS_MAX + 1)) == DataAccessResult.OTHER_REASON
    layers = asked_parameters([LayerOrder(BOTH)])
    assert desk.set(get, layers * 3) == 0
    assert desk.get(get) == layers * 3
    assert desk.set(get, layers * 4) == DataAccessResult.OTHER_REASON
    (layer,) = layers
    wrong = KeyInfo(KeyInfoType.IDENTIFIED, Value(Tag.ENUM, 9))
    options = layer.protection_options._replace(key_info=wrong)
    unmatched = desk.set(get, (layer._replace(protection_options=options),))
    assert unmatched == DataAccessResult.TYPE_UNMATCHED
    assert desk.get(get) == layers * 3
    nobody = desk.act(SET, ask_nothing())
    assert nobody == DataAccessResult.SCOPE_OF_ACCESS_VIOLATED


def ask_nothing() -> object:
    return SET.parameter.from_data(
        Value(
            Tag.STRUCTURE,
            (Value(Tag.ARRAY, ()), Value(Tag.ARRAY, ()), Value(Tag.OCTET_STRING, b"")),
        )
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("restarted", [False, True])
def test_se_04_what_was_recorded_is_refused_for_ever(kind: KeyInfoKind, restarted: bool) -> None:
    """Recorded by the client itself: it alone can put old data into a new request."""
    desk = bench(SecuredDesk())
    client = desk.client(6).open()
    security = client.connection.security
    assert security is not None
    security.parties = with_ephemeral_keys(security.parties, security.suite)
    asked = ask_set(security, LISTED, [WORDS.type.encode(b"first")], [LayerOrder(BOTH, kind)])
    assert client.act(NAME, SET, asked) == (ActionResult.SUCCESS, None)
    assert client.set(POINT, WORDS, b"second") == DataAccessResult.SUCCESS
    desk.step()
    if restarted:
        desk.start()
    again = desk.client(6).open()
    assert again.act(NAME, SET, asked)[0] == ActionResult.READ_WRITE_DENIED
    assert again.get(POINT, WORDS) == b"second"
    assert 50 in desk.fraud()
    assert desk.faults == []


def test_a_wrong_key_inside_is_an_event_after_three() -> None:
    desk = bench(SecuredDesk())
    client = desk.client(3).open()
    stranger = desk.context(3, keys=SymmetricKeys(bytes(16), bytes(range(16))))
    for _ in range(3):
        asked = ask_set(stranger, LISTED, [WORDS.type.encode(b"no")], [LayerOrder(BOTH)])
        assert client.act(NAME, SET, asked)[0] == ActionResult.READ_WRITE_DENIED
    assert 49 in desk.fraud()
    assert client.get(POINT, WORDS) == b""


def test_without_durable_counters_nothing_is_done() -> None:
    desk = bench(SecuredDesk())
    client = desk.client(3).open()
    security = client.connection.security
    assert security is not None
    asked = ask_set(security, LISTED, [WORDS.type.encode(b"lost")], [LayerOrder(BOTH)])
    sync = desk.memory.sync
    calls = []

    def failing(area: str) -> None:
        calls.append(area)
        if len(calls) > 1:
            raise OSError(28, "full")
        sync(area)

    desk.memory.sync = failing  # type: ignore[method-assign]
    client.act(NAME, SET, asked)
    del desk.memory.sync
    assert len(calls) > 1
    assert desk.client(1, password=b"management").open().get(POINT, WORDS) == b""
