"""SE-05, SE-06, SE-09, SE-15: the meter's setups over restarts, cuts, copies and key changes."""

from dataclasses import replace

import pytest

from addad.dlms.results import DataAccessResult
from addad.dlms.security.counters import COUNTER_WARNING, VolatileCounters
from addad.dlms.security.framing import CipheringForm
from addad.dlms.security.keys import KeyId, SymmetricKeys
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION
from addad.errors import AccessError, InputError, SecurityError, SecurityFault, StorageError
from addad.meter.counters import WINDOW
from addad.meter.security import FORMER_KEYS_S, Provision, refuse_twins
from addad.meter.storage import VolatileMemory
from meter.key_bench import (
    CLIENT,
    SERVER,
    Vault,
    asked,
    client,
    key,
    keys,
    material,
    provision,
)

FIRST, SECOND = keys("first"), keys("second")
UNICAST, BROADCAST = KeyId.GLOBAL_UNICAST_ENCRYPTION, KeyId.GLOBAL_BROADCAST_ENCRYPTION


def begun() -> Vault:
    return Vault(provision=provision(_5=b"secret"))


def again(vault: Vault) -> Vault:
    """The same memory after a restart."""
    return Vault(vault.memory, Provision("k", None, {5: b"secret"}))


def answered(vault: Vault, by, request: bytes) -> bytes:
    """What the meter's answer says to the client that asked."""
    context = vault.context()
    received = context.unprotect(request)
    return by.unprotect(context.answer(b"\xc4\x01\x00", received)).apdu


def test_a_request_is_answered_and_never_again() -> None:
    vault, by = begun(), client(FIRST)
    request = asked(by)
    assert answered(vault, by, request) == b"\xc4\x01\x00"
    assert vault.security.accepted(0) == 0
    for seen in (vault, again(vault)):
        with pytest.raises(SecurityError) as refused:
            seen.context().unprotect(request)
        assert refused.value.fault is SecurityFault.REPLAY
    assert answered(again(vault), by, asked(by))


def test_se_05_answers_after_a_restart_repeat_no_counter() -> None:
    vault, by = begun(), client(FIRST)
    for life in range(4):
        answered(vault, by, asked(by))
        assert by.counters.last(UNICAST, SERVER) == life * WINDOW
        vault = again(vault)


class Place(VolatileMemory):
    def __init__(self, name: bytes) -> None:
        super().__init__()
        self.name = name

    def identity(self, area: str) -> bytes:
        return self.name


def test_se_05_a_copy_of_the_folder_neither_sends_nor_takes_in() -> None:
    vault, by = Vault(Place(b"here"), provision()), client(FIRST)
    answered(vault, by, asked(by))
    copy = Place(b"there")
    copy.areas = {area: bytearray(octets) for area, octets in vault.memory.areas.items()}
    cloned = Vault(copy)
    with pytest.raises(SecurityError, match=r"copy.*addad meter --new-keys"):
        cloned.context().unprotect(asked(by))
    renewed = Vault(copy, Provision("k2", {0: material("second")}))
    by = client(SECOND)
    assert answered(renewed, by, asked(by))
    assert answered(Vault(copy, Provision("k2")), by, asked(by))


def test_keys_that_are_gone_or_not_those_of_the_clients_are_not_guessed() -> None:
    with pytest.raises(StorageError, match=r"gone; .*--new-keys"):
        Vault()
    vault = begun()
    with pytest.raises(StorageError, match=r"other keys.*--new-keys"):
        Vault(vault.memory, Provision("another file"))
    with pytest.raises(StorageError, match="do not open"):
        Vault(vault.memory, Provision("k"), seal=b"another")


def test_se_05_a_cut_while_the_meter_is_made_or_made_anew(traced_memory, cuts) -> None:
    memory = traced_memory()
    Vault(memory, provision())
    first = len(memory.calls)
    vault = Vault(memory, Provision("k2", {0: material("second")}))
    vault.context().unprotect(asked(client(SECOND)))
    for calls in range(1, len(memory.calls)):
        for remains in cuts(memory.calls[:calls]):
            newer = calls > first
            life = Vault(remains, Provision("k2" if newer else "k"))
            by = client(SECOND if newer else FIRST)
            assert answered(life, by, asked(by))


def test_se_06_a_changed_key_begins_at_0_and_one_that_comes_back_goes_on() -> None:
    vault, by = begun(), client(FIRST)
    answered(vault, by, asked(by))
    vault.security.change(0, replace(vault.security.setups[0].material, keys=SECOND))
    new = client(SECOND)
    answered(vault, new, asked(new))
    assert new.counters.last(UNICAST, SERVER) == 0
    vault.security.change(0, replace(vault.security.setups[0].material, keys=FIRST))
    with pytest.raises(SecurityError) as refused:
        vault.context().unprotect(asked(client(FIRST)))
    assert refused.value.fault is SecurityFault.REPLAY
    answered(vault, by, asked(by))
    assert by.counters.last(UNICAST, SERVER) == 1


def test_se_06_only_the_counter_of_the_key_that_changed_begins_anew() -> None:
    vault, by = begun(), client(FIRST)
    answered(vault, by, asked(by))
    other = replace(FIRST, broadcast=key("new"))
    vault.security.change(0, replace(vault.security.setups[0].material, keys=other))
    with pytest.raises(SecurityError):
        vault.context().unprotect(asked(client(other)))
    assert answered(vault, by, asked(by))


def test_se_06_a_counter_beyond_two_thousand_million_is_an_event() -> None:
    vault = begun()
    by = client(FIRST, VolatileCounters(COUNTER_WARNING - 1))
    answered(vault, by, asked(by))
    assert vault.noted == []
    answered(vault, by, asked(by))
    answered(vault, by, asked(by))
    assert vault.noted == [230]


def test_se_09_only_the_provisioned_title_is_believed() -> None:
    vault = begun()
    stranger = client(FIRST, title=b"EVIL\0\0\0\1")
    with pytest.raises(SecurityError) as refused:
        vault.context().unprotect(asked(stranger))
    assert refused.value.fault is SecurityFault.UNKNOWN_TITLE
    by = client(FIRST)
    assert answered(vault, by, asked(by))


def changed() -> tuple[Vault, object, object]:
    vault, old, new = begun(), client(FIRST), client(SECOND)
    answered(vault, old, asked(old))
    vault.security.change(0, replace(vault.security.setups[0].material, keys=SECOND))
    return vault, old, new


def test_se_15_the_old_key_is_good_until_the_new_one_is_used() -> None:
    vault, old, new = changed()
    assert vault.noted == [48]
    assert answered(vault, old, asked(old))
    assert answered(again(vault), old, asked(old))
    assert answered(vault, new, asked(new))
    for seen in (vault, again(vault)):
        with pytest.raises(SecurityError) as refused:
            seen.context().unprotect(asked(old))
        assert refused.value.fault is SecurityFault.DECIPHERING
    assert vault.security.setups[0].material.former is None


def test_se_15_the_old_key_is_good_for_a_day_at_most() -> None:
    vault, old, new = changed()
    vault.wait(FORMER_KEYS_S - 1)
    assert answered(vault, old, asked(old))
    vault.wait(1)
    with pytest.raises(SecurityError):
        vault.context().unprotect(asked(old))
    assert answered(vault, new, asked(new))


def test_se_15_the_answer_to_a_change_goes_out_under_the_old_key() -> None:
    vault, old = begun(), client(FIRST)
    context = vault.context()
    received = context.unprotect(asked(old))
    vault.security.change(0, replace(vault.security.setups[0].material, keys=SECOND))
    answer = context.answer(b"\xc7\x01\x00\x00", received)
    assert old.unprotect(answer).apdu == b"\xc7\x01\x00\x00"


def test_se_15_a_dedicated_key_is_no_use_of_the_new_ones() -> None:
    vault, old = begun(), client(FIRST)
    context = vault.context()
    context.dedicated_key = old.dedicated_key = key("dedicated")
    vault.security.change(0, replace(vault.security.setups[0].material, keys=SECOND))
    sent = old.protect(b"\xc0\x01\x00", AUTHENTICATED_ENCRYPTION, CipheringForm.DEDICATED)
    assert context.unprotect(sent).apdu == b"\xc0\x01\x00"
    assert answered(vault, old, asked(old))


def test_se_15_a_dedicated_key_goes_on_under_the_new_authentication_key() -> None:
    vault, old, new = begun(), client(FIRST), client(SECOND)
    context = vault.context()
    context.dedicated_key = old.dedicated_key = new.dedicated_key = key("dedicated")
    vault.security.change(0, replace(vault.security.setups[0].material, keys=SECOND))

    def asks(end, counter: int) -> bytes:
        end.begin_dedicated(key("dedicated"), VolatileCounters(counter))
        return end.protect(b"\xc0\x01\x00", AUTHENTICATED_ENCRYPTION, CipheringForm.DEDICATED)

    for counter, end in enumerate((new, old, new)):
        assert context.unprotect(asks(end, counter)).apdu == b"\xc0\x01\x00"
        answer = b"\xc4\x01\x00\x00\x00"
        sent = context.protect(answer, AUTHENTICATED_ENCRYPTION, CipheringForm.DEDICATED)
        assert end.unprotect(sent).apdu == answer
    assert answered(vault, client(SECOND), asked(client(SECOND)))
    for end in (old, new):
        if end is new:
            assert context.unprotect(asks(end, 9)).apdu == b"\xc0\x01\x00"
            continue
        with pytest.raises(SecurityError) as refused:
            context.unprotect(asks(end, 8))
        assert refused.value.fault is SecurityFault.DECIPHERING


def test_se_15_a_new_broadcast_key_is_used_by_a_broadcast() -> None:
    vault, old = begun(), client(FIRST)
    other = replace(FIRST, broadcast=key("new"))
    vault.security.change(0, replace(vault.security.setups[0].material, keys=other))
    vault.context().unprotect(asked(old))
    vault.context().unprotect(asked(old, broadcast=True))
    vault.context().unprotect(asked(client(other), broadcast=True))
    with pytest.raises(SecurityError):
        vault.context().unprotect(asked(old, broadcast=True))


def test_se_15_a_forged_message_tries_all_keys_and_changes_nothing() -> None:
    vault, old, _ = changed()
    context = vault.context()
    before = context.keys
    forged = bytearray(asked(client(FIRST, VolatileCounters(50))))
    forged[-1] ^= 1
    with pytest.raises(SecurityError) as refused:
        context.unprotect(bytes(forged))
    assert refused.value.fault is SecurityFault.DECIPHERING
    assert context.keys is before
    assert answered(vault, old, asked(old))


def test_se_15_a_cut_at_a_change_leaves_one_whole_setup(traced_memory, cuts) -> None:
    memory = traced_memory()
    vault = Vault(memory, provision())
    begin = len(memory.calls)
    vault.security.change(0, replace(vault.security.setups[0].material, keys=SECOND))
    vault.context().unprotect(asked(client(SECOND)))
    for calls in range(begin, len(memory.calls) + 1):
        for remains in cuts(memory.calls[:calls]):
            stands = Vault(remains).security.setups[0].material
            assert (stands.keys, stands.former) in ((FIRST, None), (SECOND, FIRST), (SECOND, None))


def test_se_15_a_change_that_cannot_be_kept_changes_nothing(traced_memory) -> None:
    memory = traced_memory()
    vault = Vault(memory, provision())
    memory._fails_at = len(memory.calls)
    with pytest.raises(AccessError) as refused:
        vault.security.change(0, replace(vault.security.setups[0].material, keys=SECOND))
    assert refused.value.result == DataAccessResult.HARDWARE_FAULT
    assert vault.noted == []
    by = client(FIRST)
    assert answered(vault, by, asked(by))


def test_se_15_former_keys_end_even_if_that_cannot_be_kept(traced_memory) -> None:
    memory = traced_memory()
    vault = Vault(memory, provision())
    vault.security.change(0, replace(vault.security.setups[0].material, keys=SECOND))
    vault.context().unprotect(asked(client(SECOND)))
    memory._fails_at, memory._failures = len(memory.calls), 10**6
    vault.wait(FORMER_KEYS_S)
    assert vault.security.setups[0].material.former is None


def test_each_key_is_used_once_in_a_meter() -> None:
    with pytest.raises(InputError, match=r"security setup 1.*used once"):
        Provision("k", {0: material("same"), 1: material("same")})
    twin = SymmetricKeys(key("a"), key("b"), key("a"))
    with pytest.raises(InputError, match="global_broadcast"):
        refuse_twins({0: replace(material(), keys=twin)})
    vault = Vault(provision=Provision("k", {0: material("first"), 1: material("second")}))
    with pytest.raises(AccessError):
        vault.security.change(0, replace(vault.security.setups[0].material, keys=SECOND))


def test_a_secret_that_a_client_changed_is_kept_until_another_is_given() -> None:
    vault = begun()
    assert (vault.security.secret(5), vault.security.secret(9)) == (b"secret", b"")
    vault.security.change_secret(5, b"changed")
    vault.security.change_secret(5, b"changed")
    assert vault.noted == [47]
    assert again(vault).security.secret(5) == b"changed"
    other = Vault(vault.memory, Provision("k", None, {5: b"secret", 2: b"password"}))
    assert (other.security.secret(5), other.security.secret(2)) == (b"changed", b"password")
    given = Vault(vault.memory, Provision("k", None, {5: b"given anew"}))
    assert given.security.secret(5) == b"given anew"


def test_a_setup_without_a_client_learns_its_title_and_counts_nothing_yet() -> None:
    setup = replace(material(), client_title=None)
    vault = Vault(provision=Provision("k", {0: setup}))
    assert (vault.security.accepted(0), vault.security.accepted(0, BROADCAST)) == (0, 0)


def test_what_was_accepted_is_shown_by_key() -> None:
    vault, by = begun(), client(FIRST, VolatileCounters(7))
    vault.context().unprotect(asked(by))
    vault.context().unprotect(asked(by))
    vault.context().unprotect(asked(by, broadcast=True))
    assert (vault.security.accepted(0), vault.security.accepted(0, BROADCAST)) == (8, 7)
    assert vault.security.setups[0].material.client_title == CLIENT


def test_se_15_who_lost_the_answers_to_two_changes_is_still_let_in() -> None:
    """He does not know whether the first change was done, and makes another with other keys."""
    vault, old, first = changed()
    third = keys("third")
    vault.security.change(0, replace(vault.security.setups[0].material, keys=third))
    assert answered(vault, old, asked(old))
    assert answered(again(vault), old, asked(old))
    with pytest.raises(SecurityError):
        vault.context().unprotect(asked(first))
    assert answered(vault, client(third), asked(client(third)))
    with pytest.raises(SecurityError):
        vault.context().unprotect(asked(old))
