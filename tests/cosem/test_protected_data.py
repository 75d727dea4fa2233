"""Parameters and layers, values and octets, and what a client asks and reads."""

import pytest

from addad.cosem.classes import Data as DataClass
from addad.cosem.classes.data_protection import (
    AgreedKey,
    AgreedKeyType,
    DataProtection,
    KeyInfo,
    KeyInfoType,
    ProtectionOptions,
    ProtectionParameters,
    ProtectionType,
    WrappedKey,
    WrappedKeyType,
)
from addad.cosem.protected_data import (
    ask_get,
    ask_set,
    asked_parameters,
    layers_of,
    orders_of,
    parameters_of,
    protected_object,
    read_values,
    values_octets,
)
from addad.dlms.apdu.descriptors import EntrySelection
from addad.dlms.data import Data, Tag
from addad.dlms.security.data_layers import LayerOrder, protect_data
from addad.dlms.security.general_ciphering import KeyInfoKind
from addad.errors import DecodeError, LocalProtocolError
from addad.obis import Obis
from dlms.security.data_pair import BOTH, ORDERS, SIGNED, THIRD, pair
from dlms.security.published import CLIENT, SERVER

NAME = Obis.parse("0-0:96.1.0")
ENUM = Data(Tag.ENUM, 0)


def parameters(info: KeyInfo, title: bytes = CLIENT) -> ProtectionParameters:
    options = ProtectionOptions(b"\x01", title, SERVER, b"", info)
    return ProtectionParameters(ProtectionType.AUTHENTICATION_AND_ENCRYPTION, options)


@pytest.mark.parametrize("orders", ORDERS.values(), ids=ORDERS)
def test_layers_are_parameters_and_back_over_the_wire(orders: tuple[LayerOrder, ...]) -> None:
    client, _ = pair()
    layers = protect_data(client, b"\x00", orders).layers
    kind = DataProtection.protection_parameters_get.type
    assert layers_of(kind.decode(kind.encode(parameters_of(layers)))) == layers


@pytest.mark.parametrize("orders", ORDERS.values(), ids=ORDERS)
def test_orders_are_parameters_and_back(orders: tuple[LayerOrder, ...]) -> None:
    named = tuple([order._replace(transaction_id=b"\x09", recipient=THIRD) for order in orders])
    for title in (b"", SERVER):
        assert orders_of(asked_parameters(named, title), SERVER) == named
    with pytest.raises(DecodeError):
        orders_of(asked_parameters(named, CLIENT), SERVER)


def test_an_identified_key_may_stand_in_a_structure() -> None:
    plain = parameters(KeyInfo(KeyInfoType.IDENTIFIED, ENUM))
    wrapped = parameters(KeyInfo(KeyInfoType.IDENTIFIED, Data(Tag.STRUCTURE, (ENUM,))))
    assert layers_of([wrapped]) == layers_of([plain])
    assert parameters_of(layers_of([wrapped])) == (plain,)


def test_key_information_that_means_nothing_is_refused() -> None:
    agreed = [AgreedKey(b"\x03", b""), AgreedKey(b"", b""), AgreedKey(b"\x02", b"key")]
    wrong = [
        KeyInfo(KeyInfoType.IDENTIFIED, Data(Tag.ENUM, 2)),
        KeyInfo(KeyInfoType.IDENTIFIED, Data(Tag.UNSIGNED, 0)),
        KeyInfo(KeyInfoType.IDENTIFIED, Data(Tag.STRUCTURE, (ENUM, ENUM))),
        KeyInfo(KeyInfoType.WRAPPED, WrappedKeyType.to_data(WrappedKey(1, b"k"))),
        KeyInfo(KeyInfoType.WRAPPED, ENUM),
        KeyInfo(KeyInfoType.AGREED, ENUM),
        *[KeyInfo(KeyInfoType.AGREED, AgreedKeyType.to_data(one)) for one in agreed],
    ]
    for info in wrong:
        with pytest.raises(DecodeError):
            layers_of([parameters(info)])


def test_who_asks_makes_no_keys_for_who_answers() -> None:
    given = KeyInfo(KeyInfoType.WRAPPED, WrappedKeyType.to_data(WrappedKey(0, b"k" * 24)))
    with pytest.raises(DecodeError):
        orders_of([parameters(given, b"")], SERVER)


def test_values_are_one_structure() -> None:
    octets = values_octets([b"\x11\x05", b"\x00"])
    assert octets == b"\x02\x02\x11\x05\x00"
    assert read_values(octets, 2) == (Data(Tag.UNSIGNED, 5), Data(Tag.NULL_DATA, None))
    for count, other in ((1, octets), (3, octets), (2, b"\x01" + octets[1:]), (2, octets + b"\0")):
        with pytest.raises(DecodeError):
            read_values(other, count)


def test_what_a_client_cannot_ask() -> None:
    client, _ = pair()
    one = protected_object(DataClass.value.of(NAME))
    order = (LayerOrder(BOTH),)
    with pytest.raises(LocalProtocolError):
        protected_object(DataClass.value.of(NAME, EntrySelection(1)))
    with pytest.raises(LocalProtocolError):
        ask_get(client, (), order)
    with pytest.raises(LocalProtocolError):
        ask_get(client, (one,) * 33, order)
    with pytest.raises(LocalProtocolError):
        ask_set(client, (one,), (), order)


def test_each_layer_asked_for_has_a_transaction_of_its_own() -> None:
    client, _ = pair()
    one = protected_object(DataClass.value.of(NAME))
    orders = (LayerOrder(SIGNED), LayerOrder(BOTH, KeyInfoKind.STATIC, transaction_id=b"mine"))
    asked, expected = ask_get(client, (one,), orders)
    names = [options.transaction_id for _, options in asked.protection_parameters]
    assert names == [order.transaction_id for order in expected.orders] == [bytes(8), b"mine"]
    again, _ = ask_get(client, (one,), orders)
    assert again.protection_parameters[0] != asked.protection_parameters[0]
