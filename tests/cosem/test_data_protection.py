"""Data protection at a server: over a ciphered association, through the octets of both ways."""

import tracemalloc
from dataclasses import replace

import pytest

from addad.cosem.association import COSTLY_MAX
from addad.cosem.classes import DisconnectControl
from addad.cosem.classes.data_protection import (
    DataProtection,
    ProtectedAction,
    ProtectedGet,
    ProtectedSet,
    RequiredProtectionBits,
)
from addad.cosem.classes.definitions import (
    EntryRestriction,
    EntryRestrictionType,
    Restriction,
    RestrictionType,
    ValueDefinition,
)
from addad.cosem.data_protection import PROTECTED_OCTETS_MAX
from addad.cosem.protected_data import (
    PROTECTED_OBJECTS_MAX,
    ask_action,
    ask_get,
    ask_set,
    asked_parameters,
    layers_of,
    parameters_of,
    read_action,
    read_get,
    read_values,
    values_octets,
)
from addad.dlms.data import NULL, Data, Tag
from addad.dlms.indications import IncidentKind
from addad.dlms.results import ActionResult, DataAccessResult
from addad.dlms.security.data_layers import (
    LayerOrder,
    ProtectedData,
    open_data,
    protect_data,
)
from addad.errors import DecodeError, SecurityError
from cosem.protection_desk import (
    CARRIED,
    HIDDEN,
    LIMIT,
    LONG,
    NAME,
    NUMBER,
    PLAIN,
    READER,
    RELAY,
    STUBBORN,
    TEXT,
    WORDS,
    Client,
    ProtectionDesk,
    whole,
)
from dlms.security.data_pair import BOTH, ORDERS, SIGNED, THIRD, A, E, party
from dlms.security.published import CLIENT, SERVER

GET, SET, INVOKE = (
    DataProtection.get_protected_attributes,
    DataProtection.set_protected_attributes,
    DataProtection.invoke_protected_method,
)
SUCCESS, DENIED = ActionResult.SUCCESS, ActionResult.READ_WRITE_DENIED
UNMATCHED, SCOPE = ActionResult.TYPE_UNMATCHED, ActionResult.SCOPE_OF_ACCESS_VIOLATED
USUAL = (LayerOrder(BOTH),)
SWITCH = DisconnectControl.remote_disconnect
NINE, NEW = NUMBER.type.encode(9), WORDS.type.encode(b"new")
SEVEN = Data(Tag.DOUBLE_LONG_UNSIGNED, 7)


@pytest.mark.parametrize("orders", ORDERS.values(), ids=ORDERS)
def test_values_come_protected_as_asked(orders: tuple[LayerOrder, ...]) -> None:
    desk = ProtectionDesk()
    client = desk.client()
    for _ in range(2):
        asked, expected = ask_get(client.security, whole(LIMIT, TEXT), orders)
        result, reply = client.act(GET, asked)
        assert result == SUCCESS
        assert b"seven" not in reply.protected_data or orders[-1].protection in (A, SIGNED)
        values = read_get(client.security, reply, expected)
        assert values == (SEVEN, Data(Tag.OCTET_STRING, b"seven"))
    assert desk.door.incidents == []


@pytest.mark.parametrize("suite", [1, 2])
@pytest.mark.parametrize("name", [name for name in ORDERS if name != "group"])
def test_values_are_set_and_a_method_is_run(name: str, suite: int) -> None:
    desk = ProtectionDesk(suite)
    client = desk.client()
    asked = ask_set(client.security, whole(LIMIT, TEXT), [NINE, NEW], ORDERS[name])
    before = desk.counters.settled
    assert client.act(SET, asked) == (SUCCESS, None)
    assert (desk.values.limit, desk.values.text) == (9, b"new")
    assert desk.counters.settled >= before + 2
    request, expected = ask_action(client.security, SWITCH.of(RELAY), b"\x0f\x00", ORDERS[name])
    result, reply = client.act(INVOKE, request)
    assert result == SUCCESS
    assert read_action(client.security, reply, expected) == NULL
    assert desk.values.done[-1] == ("switched", 0)
    assert desk.door.incidents == []


def test_what_came_under_the_key_of_a_group_only_reads() -> None:
    desk = ProtectionDesk()
    client = desk.client()
    asked = ask_set(client.security, whole(LIMIT), [NINE], ORDERS["group"])
    assert client.act(SET, asked) == (DENIED, None)
    assert desk.values.done == []


# --- once, and durable


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, orders in ORDERS.items()
        if name != "group" and any(order.protection & A for order in orders)
    ],
)
def test_what_was_recorded_is_refused_also_in_another_association(name: str) -> None:
    desk = ProtectionDesk()
    client = desk.client()
    asked = ask_set(client.security, whole(LIMIT), [NINE], ORDERS[name])
    assert client.act(SET, asked)[0] == SUCCESS
    for again in (client, desk.client()):
        assert again.act(SET, asked)[0] == DENIED
        assert desk.door.incidents[-1].kind is IncidentKind.REPLAYED
    assert desk.values.done == [9]


def test_counters_are_durable_before_anything_is_done() -> None:
    desk = ProtectionDesk()
    client = desk.client()
    asked = ask_set(client.security, whole(LIMIT), [NINE], USUAL)
    seen: list[tuple[int, list[object]]] = []
    settle = desk.counters.settle

    def settled() -> None:
        settle()
        seen.append((desk.counters.last(0, bytes((CLIENT[0] ^ 0x80,)) + CLIENT[1:]), []))
        seen[-1][1].extend(desk.values.done)

    desk.counters.settle = settled  # type: ignore[method-assign]
    client.act(SET, asked)
    assert [done for _, done in seen] == [[], []]
    assert [number >= 0 for number, _ in seen] == [False, True]


# --- what is forged


def altered(asked: ProtectedSet) -> list[ProtectedSet]:
    octets = asked.protected_attributes
    forged = [octets[:end] for end in range(len(octets))]
    forged += [
        octets[:at] + bytes((octets[at] ^ 1,)) + octets[at + 1 :] for at in range(len(octets))
    ]
    return [asked._replace(protected_attributes=one) for one in forged]


@pytest.mark.parametrize("name", ["both", "authenticated", "static", "signed, encrypted"])
def test_no_octet_of_the_data_can_be_altered_or_left_out(name: str) -> None:
    desk = ProtectionDesk()
    client = desk.client()
    asked = ask_set(client.security, whole(LIMIT), [NINE], ORDERS[name])
    for one in altered(asked):
        assert client.act(SET, one)[0] in (DENIED, UNMATCHED)
    assert desk.values.done == []
    assert client.act(SET, asked)[0] == SUCCESS


def test_no_octet_of_the_parameters_can_be_altered() -> None:
    """Of the octets that stand between the object list and the data, as the wire has them."""
    desk = ProtectionDesk()
    client = desk.client()
    asked = ask_set(client.security, whole(LIMIT), [NINE], ORDERS["wrapped"])
    wire = DataProtection.set_protected_attributes.parameter.encode(asked)
    first = wire.index(b"\x01\x01\x02\x02\x16\x02")
    kind = DataProtection.set_protected_attributes.parameter
    refused = 0
    for at in range(first, len(wire) - len(asked.protected_attributes) - 2):
        forged = wire[:at] + bytes((wire[at] ^ 1,)) + wire[at + 1 :]
        try:
            one = kind.decode(forged)
        except DecodeError:
            refused += 1
            continue
        assert client.act(SET, one)[0] in (DENIED, UNMATCHED)
        refused += 1
    assert refused > 70
    assert desk.values.done == []
    assert client.act(SET, asked)[0] == SUCCESS


def test_a_wrong_key_and_a_tag_that_does_not_verify_are_incidents() -> None:
    desk = ProtectionDesk()
    client = desk.client()
    keys = type(client.security.keys)(bytes(16), bytes(range(16)))
    stranger = party(CLIENT, SERVER, keys=keys)
    asked = ask_set(stranger, whole(LIMIT), [NINE], USUAL)
    assert client.act(SET, asked)[0] == DENIED
    (incident,) = desk.door.incidents
    assert incident.kind is IncidentKind.DECIPHERING_FAILED
    signed = ask_set(client.security, whole(LIMIT), [NINE], ORDERS["signed"])
    octets = signed.protected_attributes
    forged = signed._replace(protected_attributes=octets[:-1] + bytes((octets[-1] ^ 1,)))
    assert client.act(SET, forged)[0] == DENIED
    assert desk.door.incidents[-1].kind is IncidentKind.AUTHENTICATION_FAILED


# --- what is required


def test_less_protection_than_required_is_refused_and_told() -> None:
    desk = ProtectionDesk()
    client = desk.client()
    bits = RequiredProtectionBits
    desk.settings.bits = bits.SIGNED_REQUEST | bits.ENCRYPTED_RESPONSE
    for name in ("both", "signed"):
        enough = ORDERS[name] if name == "signed" else ORDERS["signed, encrypted"]
        asked = ask_set(client.security, whole(LIMIT), [NINE], ORDERS[name])
        result = client.act(SET, asked)[0]
        assert result == (SUCCESS if name == "signed" else DENIED)
        assert client.act(SET, ask_set(client.security, whole(LIMIT), [NINE], enough))[0] == SUCCESS
    assert desk.door.incidents[-1].kind is IncidentKind.POLICY_VIOLATED
    weak, _ = ask_get(client.security, whole(LIMIT), ORDERS["signed"])
    assert client.act(GET, weak)[0] == DENIED
    strong, _ = ask_get(client.security, whole(LIMIT), ORDERS["both"])
    assert client.act(GET, strong)[0] == SUCCESS
    invoke, _ = ask_action(client.security, SWITCH.of(RELAY), b"\x0f\x00", ORDERS["signed"])
    assert client.act(INVOKE, invoke)[0] == DENIED
    done = len(desk.values.done)
    invoke, _ = ask_action(
        client.security, SWITCH.of(RELAY), b"\x0f\x00", ORDERS["signed, encrypted"]
    )
    assert client.act(INVOKE, invoke)[0] == SUCCESS
    assert len(desk.values.done) == done + 1


def test_an_answer_with_less_protection_is_refused_by_the_client() -> None:
    desk = ProtectionDesk()
    client = desk.client()
    _, expected = ask_get(client.security, whole(LIMIT), ORDERS["signed, encrypted"])
    asked, _ = ask_get(client.security, whole(LIMIT), USUAL)
    _, reply = client.act(GET, asked)
    with pytest.raises(SecurityError, match="not protected as was asked"):
        read_get(client.security, reply, expected)


# --- who may do what


def test_an_association_may_through_the_object_what_it_may_without() -> None:
    desk = ProtectionDesk()
    reader = desk.client(READER)
    asked, _ = ask_get(reader.security, whole(LIMIT), USUAL)
    assert reader.act(GET, asked)[0] == DENIED  # a reader runs no methods at all
    desk.settings.object_list = whole(LIMIT)
    desk.settings.get = asked_parameters(USUAL)
    octets = reader.get(DataProtection.protection_buffer)
    layers = layers_of(reader.get(DataProtection.protection_parameters_get))
    opened = open_data(reader.security, ProtectedData(octets, layers))
    assert read_values(opened.octets, 1) == (SEVEN,)
    assert reader.set(DataProtection.protection_buffer, b"") == DataAccessResult.READ_WRITE_DENIED
    manager = desk.client()
    for objects in (whole(HIDDEN), whole(LIMIT, HIDDEN)):
        asked, _ = ask_get(manager.security, objects, USUAL)
        assert manager.act(GET, asked)[0] == DENIED
    unknown, _ = ask_get(manager.security, whole(type(NAME)(bytes(6))), USUAL)
    assert manager.act(GET, unknown)[0] == ActionResult.OBJECT_UNDEFINED


def test_without_keys_there_is_no_protected_data() -> None:
    desk = ProtectionDesk()
    client = desk.client(PLAIN)
    outside = party(CLIENT, SERVER)
    asked, _ = ask_get(outside, whole(LIMIT), USUAL)
    assert client.act(GET, asked)[0] == DENIED
    written = ask_set(outside, whole(LIMIT), [NINE], USUAL)
    assert client.act(SET, written)[0] == DENIED
    assert desk.values.done == []


def test_the_object_does_not_reach_itself_or_another_of_its_kind() -> None:
    desk = ProtectionDesk()
    desk.settings.object_list = whole(LIMIT)
    desk.settings.get = asked_parameters(USUAL)
    client = desk.client()
    buffer = (replace_object(whole(LIMIT)[0], 30, NAME, 2),)
    asked, _ = ask_get(client.security, buffer, USUAL)
    assert client.act(GET, asked)[0] == SCOPE
    written = ask_set(client.security, buffer, [b"\x09\x00"], USUAL)
    assert client.act(SET, written)[0] == SCOPE
    request, _ = ask_action(client.security, GET.of(NAME), GET.parameter.encode(asked), USUAL)
    assert client.act(INVOKE, request)[0] == SCOPE


def replace_object(one: object, class_id: int, name: object, index: int) -> object:
    return one._replace(class_id=class_id, logical_name=name, attribute_index=index)  # type: ignore[attr-defined]


def test_a_third_party_signs_for_itself_and_the_client_carries_it() -> None:
    desk = ProtectionDesk()
    desk.settings.bits = RequiredProtectionBits.SIGNED_REQUEST
    client, third = desk.client(), party(THIRD, SERVER)
    asked = ask_set(third, whole(LIMIT), [NINE], ORDERS["one-pass"])
    assert client.act(SET, asked)[0] == DENIED  # not signed
    asked = ask_set(third, whole(LIMIT), [NINE], ORDERS["signed"])
    assert client.act(SET, asked)[0] == SUCCESS
    desk.settings.bits = RequiredProtectionBits(0)
    orders = (LayerOrder(BOTH, ORDERS["one-pass"][0].key_info, recipient=THIRD),)
    wanted, expected = ask_get(third, whole(TEXT), orders)
    _, reply = client.act(GET, wanted)
    (value,) = read_get(third, reply, expected)
    assert value.value == b"seven"
    with pytest.raises(SecurityError):
        read_get(client.security, reply, expected)


# --- all or none


def test_what_is_refused_in_the_middle_leaves_all_as_it_was() -> None:
    desk = ProtectionDesk()
    client = desk.client()
    cases = [
        (whole(LIMIT, STUBBORN, TEXT), [NINE, NINE, NEW], ActionResult.HARDWARE_FAULT),
        (whole(LIMIT, TEXT), [NINE, NINE], UNMATCHED),
        (whole(LIMIT, LONG), [NINE, NEW], DENIED),
        (whole(HIDDEN, LIMIT), [NEW, NINE], DENIED),
    ]
    for objects, values, expected in cases:
        asked = ask_set(client.security, objects, values, USUAL)
        assert client.act(SET, asked)[0] in (expected, ActionResult.OTHER_REASON)
        assert (desk.values.limit, desk.values.text) == (7, b"seven")
    asked = ask_set(client.security, whole(LIMIT, HIDDEN), [NINE, NEW], USUAL)
    assert client.act(SET, asked)[0] == SUCCESS
    assert (desk.values.limit, desk.values.hidden) == (9, b"new")


def test_values_and_objects_must_fit() -> None:
    desk = ProtectionDesk()
    client = desk.client()
    for octets in (values_octets([NINE]), NINE, b"\x01\x02" + NINE * 2, values_octets([NINE] * 3)):
        made = protect_data(client.security, octets, USUAL)
        asked = ProtectedSet(whole(LIMIT, TEXT), parameters_of(made.layers), made.octets)
        assert client.act(SET, asked)[0] == UNMATCHED
    for objects in ((), whole(LIMIT) * (PROTECTED_OBJECTS_MAX + 1)):
        asked = ProtectedGet(objects, asked_parameters(USUAL))
        assert client.act(GET, asked)[0] == SCOPE
    assert client.act(GET, ProtectedGet(whole(LIMIT), ()))[0] == UNMATCHED
    assert client.act(GET, ProtectedGet(whole(LIMIT), asked_parameters(USUAL * 4)))[0] == UNMATCHED
    too_long, _ = ask_get(client.security, whole(LONG), USUAL)
    assert client.act(GET, too_long)[0] == ActionResult.OTHER_REASON
    part = whole(LIMIT)[0]._replace(data_index=1)
    asked, _ = ask_get(client.security, (part,), USUAL)
    assert client.act(GET, asked)[0] == SCOPE
    made = ask_set(client.security, (part,), [NINE], USUAL)
    assert client.act(SET, made)[0] == SCOPE
    ends = EntryRestrictionType.to_data(EntryRestriction(1, 2))
    restricted = part._replace(data_index=0, restriction=Restriction(RestrictionType.ENTRY, ends))
    asked, _ = ask_get(client.security, (restricted,), USUAL)
    assert client.act(GET, asked)[0] == SCOPE
    assert desk.values.done == []


def test_one_request_does_but_a_few_of_these() -> None:
    desk = ProtectionDesk()
    client = desk.client()
    asked = [ask_get(client.security, whole(LIMIT), USUAL)[0] for _ in range(COSTLY_MAX + 2)]
    results = [result for result, _ in client.act_all(GET, asked)]
    assert results == [SUCCESS] * COSTLY_MAX + [ActionResult.TEMPORARY_FAILURE] * 2


# --- the buffer


def test_the_buffer_is_made_when_it_is_read_and_tells_how() -> None:
    desk = ProtectionDesk()
    client = desk.client()
    assert client.get(DataProtection.protection_buffer) == b""
    desk.settings.object_list = whole(LIMIT, TEXT)
    desk.settings.get = asked_parameters(ORDERS["three"])
    assert client.get(DataProtection.protection_parameters_get) == desk.settings.get
    for text in (b"one", b"two"):
        desk.values.text = text
        octets = client.get(DataProtection.protection_buffer)
        applied = client.get(DataProtection.protection_parameters_get)
        opened = open_data(client.security, ProtectedData(octets, layers_of(applied)))
        assert read_values(opened.octets, 2)[1].value == text
    desk.settings.get = asked_parameters(USUAL)
    assert client.get(DataProtection.protection_parameters_get) == desk.settings.get
    desk.settings.bits = RequiredProtectionBits.SIGNED_RESPONSE
    refused = client.get(DataProtection.protection_buffer)
    assert refused == DataAccessResult.READ_WRITE_DENIED


def test_writing_the_buffer_sets_its_objects() -> None:
    desk = ProtectionDesk()
    client = desk.client()
    made = protect_data(client.security, values_octets([NINE, NEW]), ORDERS["signed, encrypted"])
    buffer = DataProtection.protection_buffer
    desk.settings.object_list = whole(LIMIT, TEXT)
    assert client.set(buffer, made.octets) == DataAccessResult.TYPE_UNMATCHED
    desk.settings.set = parameters_of(made.layers)
    assert client.set(buffer, made.octets[:-1]) == DataAccessResult.READ_WRITE_DENIED
    assert desk.values.done == []
    assert client.set(buffer, made.octets) == DataAccessResult.SUCCESS
    assert desk.values.done == [9, b"new"]
    assert client.set(buffer, made.octets) == DataAccessResult.READ_WRITE_DENIED


# --- methods


def test_a_method_that_is_refused_is_told_and_one_that_returns_is_answered() -> None:
    desk = ProtectionDesk()
    client = desk.client()
    request, _ = ask_action(client.security, SWITCH.of(LIMIT), b"\x0f\x00", USUAL)
    assert client.act(INVOKE, request)[0] == ActionResult.OBJECT_CLASS_INCONSISTENT
    request, _ = ask_action(client.security, SWITCH.of(RELAY), b"\x09\x00", USUAL)
    assert client.act(INVOKE, request)[0] == UNMATCHED
    made = protect_data(client.security, b"\xff", USUAL)
    request = ProtectedAction(
        ValueDefinition(70, RELAY, 1), parameters_of(made.layers), made.octets
    )
    assert client.act(INVOKE, request)[0] == UNMATCHED
    assert desk.values.done == []


def test_what_cannot_be_answered_is_not_done() -> None:
    """The server has no key to sign with, and a signed request asks for a signed answer."""
    desk = ProtectionDesk()
    client = desk.client()
    spec = desk.device.at(1).associations[1]  # type: ignore[union-attr]
    context = spec.secured.context  # type: ignore[union-attr]
    context.parties = replace(context.parties, signature=None)
    client = desk.client()
    request, _ = ask_action(client.security, SWITCH.of(RELAY), b"\x0f\x00", ORDERS["signed"])
    assert client.act(INVOKE, request)[0] == DENIED
    assert desk.values.done == []


def test_encryption_alone_does_what_its_request_proves() -> None:
    desk = ProtectionDesk()
    client = desk.client()
    asked = ask_set(client.security, whole(LIMIT), [NINE], (LayerOrder(E),))
    assert client.act(SET, asked)[0] == SUCCESS
    assert desk.values.limit == 9


def test_in_a_plain_association_the_layers_are_all_there_is() -> None:
    """Its setup has keys, its messages go in plain: a signature alone proves too little there."""
    desk = ProtectionDesk()
    client, outside = desk.client(CARRIED), party(CLIENT, SERVER)
    for orders in ((LayerOrder(E),), ORDERS["signed"], ORDERS["encrypted, signed"]):
        asked = ask_set(outside, whole(LIMIT), [NINE], orders)
        assert client.act(SET, asked)[0] == DENIED
        assert desk.door.incidents[-1].kind is IncidentKind.POLICY_VIOLATED
    asked = ask_set(outside, whole(LIMIT), [NINE], USUAL)
    assert client.act(SET, asked)[0] == SUCCESS
    assert client.act(SET, asked)[0] == DENIED
    assert desk.values.done == [9]
    wanted, expected = ask_get(outside, whole(TEXT), USUAL)
    _, reply = client.act(GET, wanted)
    assert read_get(outside, reply, expected)[0].value == b"seven"


def test_fz_05_a_request_of_2_kib_costs_no_mib() -> None:
    desk = ProtectionDesk()
    client = desk.client()
    desk.values.text = bytes(PROTECTED_OCTETS_MAX - 8)
    asked = [ask_get(client.security, whole(TEXT), USUAL)[0] for _ in range(COSTLY_MAX)]
    (request,) = client.connection.action(
        [(GET.of(NAME), GET.parameter.encode(one)) for one in asked]
    )
    assert len(request) < 2048
    tracemalloc.start()
    client.sessions.answer(client.sap, 1, request)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20


def test_who_reads_the_wire_sees_no_value() -> None:
    desk = ProtectionDesk()
    client: Client = desk.client()
    asked = ask_set(client.security, whole(TEXT), [NEW], USUAL)
    assert b"new" not in SET.parameter.encode(asked)
