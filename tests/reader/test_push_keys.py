"""Envelopes of pushes: every form, suite and key; what is refused, and what is said of it."""

from pathlib import Path

import pytest

from addad.dlms.security.framing import CipheringForm
from addad.dlms.security.suite import Protection
from addad.errors import RemoteProtocolError, SecurityError, SecurityFault
from addad.reader.credentials import Credentials, read_credentials
from addad.reader.push_keys import PushKeys, is_whole_envelope, sender
from reader.sample_pushes import AK, EK, METER_TITLE, credentials, notification, sealed

PLAIN = notification().encode()
EVENT = bytes.fromhex("C200000100010800FF0206")  # a tag that has a glo- and a ded- form
FORMS = (
    (CipheringForm.GENERAL_GLOBAL, PLAIN),
    (CipheringForm.GENERAL_DEDICATED, PLAIN),
    (CipheringForm.GLOBAL, EVENT),
    (CipheringForm.DEDICATED, EVENT),
)


@pytest.mark.parametrize("suite", [0, 1, 2])
@pytest.mark.parametrize(("form", "apdu"), FORMS, ids=[form.value for form, _ in FORMS])
def test_each_form_and_suite_is_opened(form: CipheringForm, apdu: bytes, suite: int) -> None:
    found, opened = PushKeys(credentials(suite)).open(sealed(apdu, form, suite=suite))
    assert found == apdu
    assert (opened.title, opened.counter) == (METER_TITLE, 0 if form.dedicated else 1)
    assert opened.verified


def test_under_the_broadcast_key() -> None:
    octets = sealed(PLAIN, broadcast=True)
    assert PushKeys(credentials()).open(octets)[0] == PLAIN
    with pytest.raises(SecurityError, match="no broadcast encryption key"):
        PushKeys(credentials(broadcast_key=None)).open(octets)


def test_authenticated_and_not_encrypted() -> None:
    octets = sealed(PLAIN, protection=Protection.AUTHENTICATION)
    found, opened = PushKeys(credentials()).open(octets)
    assert (found, opened.protection) == (PLAIN, Protection.AUTHENTICATION)


def test_a_counter_is_not_taken_twice_nor_one_before_it() -> None:
    keys = PushKeys(credentials())
    keys.open(sealed(PLAIN, counter=7))
    for counter in (7, 6):
        with pytest.raises(SecurityError, match="not greater than 7") as fault:
            keys.open(sealed(PLAIN, counter=counter))
        assert fault.value.fault is SecurityFault.REPLAY
    assert keys.open(sealed(PLAIN, counter=8))[1].counter == 8


def test_a_forged_push_changes_nothing() -> None:
    keys = PushKeys(credentials())
    forged = bytearray(sealed(PLAIN, counter=0xFFFF0000))
    forged[-1] ^= 1
    with pytest.raises(SecurityError):
        keys.open(bytes(forged))
    assert keys.open(sealed(PLAIN))[0] == PLAIN


def test_without_any_key_the_title_is_told() -> None:
    for keys in (PushKeys(), PushKeys(Credentials({}))):
        with pytest.raises(SecurityError, match=f"{METER_TITLE.hex()}.*no key") as fault:
            keys.open(sealed(PLAIN))
        assert fault.value.fault is SecurityFault.KEY


def test_keys_of_another_meter_are_not_tried() -> None:
    keys = PushKeys(credentials(meter_title="4144440000000009"))
    with pytest.raises(SecurityError, match="no key for it is given"):
        keys.open(sealed(PLAIN))


def test_entries_are_tried_until_one_fits() -> None:
    wrong = {"encryption_key": AK, "authentication_key": EK}
    right = {"encryption_key": EK, "authentication_key": AK}
    entries = read_credentials({"push": wrong, "associations": {"1": right}}, Path())
    assert PushKeys(entries).open(sealed(PLAIN))[0] == PLAIN
    only_wrong = read_credentials({"push": wrong}, Path())
    with pytest.raises(SecurityError, match="wrong") as fault:
        PushKeys(only_wrong).open(sealed(PLAIN))
    assert fault.value.fault is SecurityFault.DECIPHERING


def test_a_suite_that_is_not_the_meters_is_told() -> None:
    with pytest.raises(SecurityError, match="suite 1 where suite 0"):
        PushKeys(credentials()).open(sealed(PLAIN, suite=1))


def test_encryption_alone_needs_the_explicit_choice() -> None:
    octets = sealed(PLAIN, protection=Protection.ENCRYPTION)
    with pytest.raises(SecurityError, match="encryption_key_only") as fault:
        PushKeys(credentials()).open(octets)
    assert fault.value.fault is SecurityFault.POLICY
    lax = credentials(authentication_key=None, encryption_key_only=True)
    for protection in (Protection.ENCRYPTION, Protection.ENCRYPTION | Protection.AUTHENTICATION):
        found, opened = PushKeys(lax).open(sealed(PLAIN, protection=protection))
        assert found == PLAIN
        assert not opened.verified


def test_the_sender_is_told_without_a_key() -> None:
    assert sender(sealed(PLAIN)) == METER_TITLE
    assert sender(sealed(EVENT, CipheringForm.GLOBAL)) is None
    assert sender(PLAIN) is None


def test_an_envelope_is_whole_or_not() -> None:
    octets = sealed(PLAIN)
    assert is_whole_envelope(octets)
    assert not is_whole_envelope(PLAIN)
    assert not is_whole_envelope(b"")
    assert not is_whole_envelope(octets + b"\0")
    assert not any(is_whole_envelope(octets[:size]) for size in range(len(octets)))


def test_any_cut_or_altered_envelope_is_refused() -> None:
    octets = sealed(PLAIN)
    keys = PushKeys(credentials())
    for place in range(len(octets)):
        altered = octets[:place] + bytes((octets[place] ^ 0x21,)) + octets[place + 1 :]
        for wrong in (octets[:place], altered):
            with pytest.raises(RemoteProtocolError):
                keys.open(wrong)


def test_keys_are_not_shown() -> None:
    assert "00" not in repr(PushKeys(credentials()))
