"""Data in layers of protection: every kind of key, every kind of protection, and what is forged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addad.dlms import data as axdr
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.counters import VolatileCounters
from addad.dlms.security.data_layers import (
    DataLayer,
    LayerOrder,
    OpenedData,
    ProtectedData,
    answer_data,
    open_data,
    protect_data,
)
from addad.dlms.security.framing import CipheringForm
from addad.dlms.security.general_ciphering import KeyInfoKind, read_general_ciphered
from addad.dlms.security.keys import KeyId, SymmetricKeys
from addad.dlms.security.suite import Protection
from addad.errors import DecodeError, LocalProtocolError, SecurityError, SecurityFault
from dlms.security.data_pair import BOTH, ORDERS, SIGNED, THIRD, A, E, pair, party
from dlms.security.published import CLIENT, SERVER

DATA = bytes.fromhex("0202110112 0003".replace(" ", ""))
UNICAST = KeyId.GLOBAL_UNICAST_ENCRYPTION
REFUSED = (SecurityError, DecodeError)


def fault(end: SecurityContext, data: ProtectedData) -> SecurityFault:
    with pytest.raises(SecurityError) as caught:
        open_data(end, data)
    return caught.value.fault


@pytest.mark.parametrize("suite", [1, 2])
@pytest.mark.parametrize("orders", ORDERS.values(), ids=ORDERS)
def test_what_is_protected_is_opened_and_answered_alike(
    orders: tuple[LayerOrder, ...], suite: int
) -> None:
    client, server = pair(suite)
    for _ in range(3):
        made = protect_data(client, DATA, orders)
        opened = open_data(server, made)
        assert opened.octets == DATA
        assert opened.protection == max_protection(orders)
        assert opened.broadcast == any(order.broadcast for order in orders)
        answer = answer_data(server, b"\x00", made.layers)
        expected = [
            order._replace(transaction_id=layer.transaction_id)
            for order, layer in zip(orders, made.layers, strict=True)
        ]
        assert open_data(client, answer, expected).octets == b"\x00"


def max_protection(orders: tuple[LayerOrder, ...]) -> Protection:
    protection = Protection.NONE
    for order in orders:
        protection |= order.protection
    return protection


def test_encryption_alone_hides_and_proves_nothing_of_who_encrypted() -> None:
    client, server = pair(0)
    made = protect_data(client, DATA, [LayerOrder(E)])
    assert DATA not in made.octets
    assert open_data(server, made) == OpenedData(DATA, E, False)


def test_the_octets_are_those_of_the_envelopes_without_what_stands_in_the_parameters() -> None:
    client, server = pair()
    apdu = bytes.fromhex("c001c100080000010000ff0200")
    envelope = client.protect(apdu, BOTH, CipheringForm.GENERAL_CIPHERING)
    message = read_general_ciphered(envelope)
    header, ciphered = message.header, message.ciphered
    assert message.key_info is not None
    layer = DataLayer(BOTH, header.transaction_id, CLIENT, SERVER, b"", message.key_info)
    octets = ciphered.control_octet + ciphered.counter + ciphered.body
    assert open_data(server, ProtectedData(octets, (layer,))).octets == apdu
    signed = protect_data(client, apdu, [LayerOrder(SIGNED, transaction_id=b"\x07")])
    general = bytes((0xDF, 1, 7, 8)) + CLIENT + b"\x08" + SERVER + bytes(2) + signed.octets
    assert server.unprotect(general).apdu == apdu


@pytest.mark.parametrize("orders", ORDERS.values(), ids=ORDERS)
def test_data_are_taken_once(orders: tuple[LayerOrder, ...]) -> None:
    client, server = pair()
    made = protect_data(client, DATA, orders)
    open_data(server, made)
    if max_protection(orders) & A:
        assert fault(server, made) is SecurityFault.REPLAY
    else:  # a signature is no proof against replay, and nothing proves who encrypted
        assert open_data(server, made).octets == DATA


def test_data_are_taken_once_also_in_another_association() -> None:
    counters = VolatileCounters()
    made = protect_data(party(CLIENT, SERVER), DATA, ORDERS["three"])
    open_data(party(SERVER, CLIENT, counters=counters), made)
    later = party(SERVER, CLIENT, counters=counters)
    assert fault(later, made) is SecurityFault.REPLAY


def test_data_stand_beside_the_apdus_that_carry_them() -> None:
    """They are made first, and so have the smaller counter; an APDU comes first to be opened."""
    client, server = pair()
    early = protect_data(client, DATA, [LayerOrder(BOTH)])
    for _ in range(3):
        server.unprotect(client.protect(b"\xc0\x01\xc1", BOTH, CipheringForm.GLOBAL))
    assert open_data(server, early).octets == DATA


def test_data_are_no_apdu_and_an_apdu_is_no_data() -> None:
    """The same key, the same counters: what is authenticated tells them apart."""
    client, server = pair()
    sealed = client.protect(DATA, BOTH, CipheringForm.GENERAL_GLOBAL)
    inner = sealed[-(len(DATA) + 17) :]
    layer = protect_data(client, DATA, [LayerOrder(BOTH)]).layers[0]
    assert fault(server, ProtectedData(inner, (layer,))) is SecurityFault.DECIPHERING


@pytest.mark.parametrize("orders", ORDERS.values(), ids=ORDERS)
def test_no_octet_can_be_altered_or_left_out(orders: tuple[LayerOrder, ...]) -> None:
    client, server = pair()
    made = protect_data(client, DATA, orders)
    octets = made.octets
    forged = [octets[:end] for end in range(len(octets))]
    forged += [
        octets[:at] + bytes((octets[at] ^ bit,)) + octets[at + 1 :]
        for at in range(len(octets))
        for bit in (1, 0x80)
    ]
    for one in (*forged, octets + b"\0"):
        with pytest.raises(REFUSED):
            open_data(server, made._replace(octets=one))
    assert open_data(server, made).octets == DATA


@pytest.mark.parametrize("orders", ORDERS.values(), ids=ORDERS)
def test_no_field_of_a_layer_can_be_altered(orders: tuple[LayerOrder, ...]) -> None:
    client, server = pair()
    made = protect_data(client, DATA, orders)
    for number, layer in enumerate(made.layers):
        if layer.protection == E:
            continue
        data = layer.key_info.data
        other = KeyId.GLOBAL_BROADCAST_ENCRYPTION if layer.key_info.key != 1 else UNICAST
        changed = [
            layer._replace(protection=A if layer.protection != A else BOTH),
            layer._replace(protection=SIGNED if layer.protection != SIGNED else BOTH),
            layer._replace(transaction_id=layer.transaction_id + b"\0"),
            layer._replace(originator=THIRD),
            layer._replace(originator=SERVER),
            layer._replace(originator=b"short"),
            layer._replace(recipient=THIRD),
            layer._replace(recipient=b""),
            layer._replace(other_information=b"?"),
            layer._replace(other_information=bytes(65)),
            layer._replace(key_info=layer.key_info._replace(key=other)),
        ]
        if layer.key_info.key is None:
            changed.pop()
        for at in range(len(data)):
            altered = data[:at] + bytes((data[at] ^ 1,)) + data[at + 1 :]
            changed.append(layer._replace(key_info=layer.key_info._replace(data=altered)))
        for one in changed:
            layers = (*made.layers[:number], one, *made.layers[number + 1 :])
            with pytest.raises(REFUSED):
                open_data(server, made._replace(layers=layers))
    assert open_data(server, made).octets == DATA


def test_layers_come_off_in_their_order_only() -> None:
    client, server = pair()
    made = protect_data(client, DATA, ORDERS["three"])
    for layers in (made.layers[::-1], made.layers[:-1], made.layers * 2, ()):
        with pytest.raises(REFUSED):
            open_data(server, made._replace(layers=layers))
    assert open_data(server, made).octets == DATA


@pytest.mark.parametrize("name", ["signed, encrypted", "three", "twice one key"])
def test_without_its_first_layer_there_is_no_value_inside(name: str) -> None:
    client, server = pair()
    made = protect_data(client, DATA, ORDERS[name])
    opened = open_data(server, made._replace(layers=made.layers[1:]))
    assert opened.protection == max_protection(ORDERS[name][1:])
    with pytest.raises(DecodeError):
        axdr.decode(opened.octets)


def test_nothing_is_taken_as_used_until_all_layers_are_off() -> None:
    client, server = pair()
    made = protect_data(client, DATA, ORDERS["signed, encrypted"])
    without = party(SERVER, CLIENT, counters=server.counters)
    without.parties = type(without.parties)()
    assert fault(without, made) is SecurityFault.SIGNATURE
    assert open_data(server, made).octets == DATA


def test_a_wrong_key_says_so() -> None:
    client, _ = pair()
    made = protect_data(client, DATA, [LayerOrder(BOTH)])
    other = SymmetricKeys(bytes(16), bytes(range(16)))
    assert fault(party(SERVER, CLIENT, keys=other), made) is SecurityFault.DECIPHERING
    group = protect_data(client, DATA, ORDERS["group"])
    wrapped = protect_data(client, DATA, ORDERS["wrapped"])
    for lacking in (group, wrapped):
        assert fault(party(SERVER, CLIENT, keys=other), lacking) is SecurityFault.KEY


def test_an_answer_has_the_layers_that_were_ordered() -> None:
    client, server = pair()
    order = LayerOrder(BOTH, transaction_id=b"\x01")
    answers = [
        [LayerOrder(A, transaction_id=b"\x01")],
        [LayerOrder(BOTH, transaction_id=b"\x02")],
        [LayerOrder(BOTH, KeyInfoKind.WRAPPED, transaction_id=b"\x01")],
        [order, LayerOrder(SIGNED)],
    ]
    for orders in answers:
        made = protect_data(server, DATA, orders)
        with pytest.raises(SecurityError, match="not protected as was asked"):
            open_data(client, made, [order])
    assert open_data(client, protect_data(server, DATA, [order]), [order]).octets == DATA


def test_a_third_party_speaks_for_itself_with_a_certificate_only() -> None:
    server, third = party(SERVER, CLIENT), party(THIRD, SERVER)
    for name in ("one-pass", "static", "signed"):
        assert open_data(server, protect_data(third, DATA, ORDERS[name])).octets == DATA
    assert fault(server, protect_data(third, DATA, ORDERS["both"])) is SecurityFault.UNKNOWN_TITLE


def test_what_cannot_be_ordered() -> None:
    client, _ = pair()
    for orders in ((), (LayerOrder(BOTH),) * 4, (LayerOrder(BOTH | SIGNED),)):
        with pytest.raises(LocalProtocolError):
            protect_data(client, DATA, orders)
    with pytest.raises(LocalProtocolError):
        protect_data(client, DATA, [LayerOrder(A, KeyInfoKind.WRAPPED, broadcast=True)])
    bare = party(CLIENT, None, 0)
    with pytest.raises(SecurityError):
        protect_data(bare, DATA, [LayerOrder(BOTH)])


def test_nothing_secret_is_shown() -> None:
    client, server = pair()
    made = protect_data(client, DATA, [LayerOrder(A)])
    assert repr(made) == "ProtectedData(24 octets, 1 layers)"
    assert DATA.hex() not in repr(open_data(server, made))


@given(st.binary(max_size=300), st.integers(0, len(ORDERS) - 1))
def test_any_octets_are_opened_or_refused(octets: bytes, which: int) -> None:
    client, server = pair(0 if which < 4 else 1)
    orders = list(ORDERS.values())[which]
    if client.suite or which < 3:
        layers = protect_data(client, DATA, orders).layers
        with pytest.raises(REFUSED):
            open_data(server, ProtectedData(octets, layers))
