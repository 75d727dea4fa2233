"""Envelopes of pushes: every form, suite and key; what is refused, and what is said of it."""

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from addad.dlms.security.context import GeneralOptions, SecurityContext
from addad.dlms.security.counters import VolatileCounters
from addad.dlms.security.framing import CipheringForm
from addad.dlms.security.general_ciphering import KeyInfoKind
from addad.dlms.security.parties import PartyKeys, PublicKeys
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, Protection, SecuritySuite
from addad.errors import InputError, RemoteProtocolError, SecurityError, SecurityFault
from addad.reader.counter_file import CounterFile
from addad.reader.credentials import Credentials, read_credentials
from addad.reader.push_keys import PushKeys, is_whole_envelope, sender
from reader.sample_keys import private_pem, public_pem
from reader.sample_pushes import (
    AK,
    CLIENT_TITLE,
    EK,
    METER_TITLE,
    credentials,
    meter,
    notification,
    sealed,
)

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


@pytest.mark.parametrize(("form", "apdu"), FORMS, ids=[form.value for form, _ in FORMS])
@pytest.mark.parametrize("broadcast", [False, True])
def test_a_push_of_an_earlier_run_is_not_taken_again(
    form: CipheringForm, apdu: bytes, broadcast: bool, tmp_path: Path
) -> None:
    broadcast = broadcast and not form.dedicated
    octets = sealed(apdu, form, broadcast=broadcast)

    def opener() -> PushKeys:
        return PushKeys(credentials(), CounterFile(tmp_path / "counters"))

    assert opener().open(octets)[0] == apdu
    with pytest.raises(SecurityError, match="not greater") as fault:
        opener().open(octets)
    assert fault.value.fault is SecurityFault.REPLAY
    if not form.dedicated:
        assert opener().open(sealed(apdu, form, counter=2, broadcast=broadcast))[0] == apdu


def test_a_key_that_stands_twice_in_the_file_takes_a_push_once() -> None:
    entry = {"encryption_key": EK, "authentication_key": AK}
    entries = read_credentials({"push": entry, "associations": {"1": entry}}, Path())
    keys = PushKeys(entries)
    keys.open(sealed(PLAIN))
    with pytest.raises(SecurityError, match="not greater") as fault:
        keys.open(sealed(PLAIN))
    assert fault.value.fault is SecurityFault.REPLAY


def test_nothing_is_kept_of_what_was_not_verified(tmp_path: Path) -> None:
    lax = credentials(
        authentication_key=None, encryption_key_only=True, meter_title=None, dedicated_key=None
    )
    path = tmp_path / "counters"
    for _ in range(2):
        assert not PushKeys(lax, CounterFile(path)).open(sealed(PLAIN))[1].verified
    assert not path.exists()


def test_no_push_is_taken_whose_counter_cannot_be_kept(tmp_path: Path) -> None:
    keys = PushKeys(credentials(), CounterFile(tmp_path / "nowhere" / "counters"))
    with pytest.raises(InputError, match="cannot be written"):
        keys.open(sealed(PLAIN))


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
    with pytest.raises(SecurityError, match='say "suite": 1 beside its keys'):
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


def test_any_title_of_a_meter_has_its_context() -> None:
    for title in ("ff" * 8, "00" * 8):
        with pytest.raises(SecurityError, match="no key for it is given"):
            PushKeys(credentials(meter_title=title)).open(sealed(PLAIN))


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


def key_pairs(suite: int) -> tuple[dict[str, object], PartyKeys]:
    """What a credentials file holds of key pairs, and the meter's side of them."""
    curve = SecuritySuite(suite).curve
    ours, meters = ([ec.generate_private_key(curve) for _ in range(2)] for _ in range(2))
    fields: dict[str, object] = {
        "client_title": CLIENT_TITLE.hex(),
        "master_key": EK * (2 if suite == 2 else 1),
        "signing_key": private_pem(ours[0]),
        "agreement_key": private_pem(ours[1]),
        "meter_signing_key": public_pem(meters[0]),
        "meter_agreement_key": public_pem(meters[1]),
    }
    client = PublicKeys(ours[0].public_key(), ours[1].public_key())
    parties = PartyKeys(
        meters[0],
        meters[1],
        {CLIENT_TITLE: client},
        lambda: ec.generate_private_key(curve),
        lambda: bytes(SecuritySuite(suite).key_octets),
    )
    return fields, parties


def from_meter(suite: int, parties: PartyKeys) -> SecurityContext:
    keys = meter(suite).keys
    keys = replace(keys, master=bytes.fromhex(EK * (2 if suite == 2 else 1)))
    context = (SecuritySuite(suite), METER_TITLE, CLIENT_TITLE, keys, VolatileCounters(1))
    return SecurityContext(*context, parties=parties)


@pytest.mark.parametrize("suite", [1, 2])
@pytest.mark.parametrize("kind", KeyInfoKind, ids=lambda kind: kind.value)
def test_general_ciphering_with_each_kind_of_key(kind: KeyInfoKind, suite: int) -> None:
    fields, parties = key_pairs(suite)
    octets = from_meter(suite, parties).protect(
        PLAIN,
        AUTHENTICATED_ENCRYPTION,
        CipheringForm.GENERAL_CIPHERING,
        general=GeneralOptions(kind),
    )
    assert sender(octets) == METER_TITLE
    assert is_whole_envelope(octets)
    found, opened = PushKeys(credentials(suite, **fields)).open(octets)
    assert found == PLAIN
    assert opened.verified


@pytest.mark.parametrize("kind", KeyInfoKind, ids=lambda kind: kind.value)
def test_a_session_key_of_an_earlier_run_is_not_taken_again(
    kind: KeyInfoKind, tmp_path: Path
) -> None:
    fields, parties = key_pairs(1)
    octets = from_meter(1, parties).protect(
        PLAIN,
        AUTHENTICATED_ENCRYPTION,
        CipheringForm.GENERAL_CIPHERING,
        general=GeneralOptions(kind),
    )
    known, file = credentials(1, **fields), CounterFile(tmp_path / "counters")
    assert PushKeys(known, file).open(octets)[0] == PLAIN
    with pytest.raises(SecurityError) as fault:
        PushKeys(known, file).open(octets)
    assert fault.value.fault is SecurityFault.REPLAY


@pytest.mark.parametrize("suite", [1, 2])
def test_a_signature_proves_who_sent_a_push(suite: int) -> None:
    fields, parties = key_pairs(suite)
    form = CipheringForm.GENERAL_SIGNING
    octets = from_meter(suite, parties).protect(PLAIN, Protection.SIGNATURE, form)
    assert sender(octets) == METER_TITLE
    found, opened = PushKeys(credentials(suite, **fields)).open(octets)
    assert (found, opened.protection) == (PLAIN, Protection.SIGNATURE)
    assert opened.verified
    forged = octets[:-1] + bytes((octets[-1] ^ 1,))
    with pytest.raises(SecurityError, match="signature"):
        PushKeys(credentials(suite, **fields)).open(forged)
    with pytest.raises(SecurityError, match="signature key"):
        PushKeys(credentials(suite, **{**fields, "meter_signing_key": None})).open(octets)
