"""A file of secrets: its schema, its refusals by field, and that it keeps them to itself."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from addad.dlms.acse import Mechanism
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, Protection, SecuritySuite
from addad.errors import InputError
from addad.host.credentials import load_or_make
from addad.reader.credentials import (
    AssociationCredentials,
    Credentials,
    load_credentials,
    read_credentials,
)
from reader.sample_keys import private_pem, public_pem

EK, AK = "000102030405060708090A0B0C0D0E0F", "D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"
TITLE = "4D4D4D0000BC614E"
KEYS = {"encryption_key": EK, "authentication_key": AK}


def load(folder: Path, content: object) -> Credentials:
    path = folder / "credentials.json"
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_text(text, "utf-8")
    path.chmod(0o600)
    return load_credentials(path)


def entry(folder: Path, **fields: Any) -> AssociationCredentials:
    return load(folder, {"associations": {"1": fields}}).of_client(1)


def test_passwords_of_a_meter_are_those_of_its_clients(tmp_path: Path) -> None:
    passwords = load_or_make(tmp_path)
    found = load_credentials(tmp_path / "credentials.json")
    assert found.of_client(1).password == passwords.management
    assert found.of_client(2).password == passwords.reader
    assert found.of_client(2).mechanism is Mechanism.LOW
    assert found.of_client(16) == AssociationCredentials()
    assert found.for_pushes == ()


def test_a_ciphered_association(tmp_path: Path) -> None:
    found = entry(
        tmp_path,
        mechanism="gmac",
        client_title=TITLE,
        meter_title="4d 4d 4d 00 00 00 00 01",
        dedicated_key=True,
        broadcast_key=AK,
        **KEYS,
    )
    assert found.mechanism is Mechanism.HIGH_GMAC
    assert found.keys is not None
    assert not found.encryption_key_only
    assert found.keys.authentication == bytes.fromhex(AK)
    assert found.keys.encryption == bytes(range(16))
    assert (found.keys.broadcast, found.keys.master) == (bytes.fromhex(AK), None)
    assert found.client_title == bytes.fromhex(TITLE)
    assert found.meter_title == bytes.fromhex("4D4D4D0000000001")
    assert found.protection == AUTHENTICATED_ENCRYPTION
    assert (found.wants_dedicated_key, found.dedicated_key) == (True, None)


def test_the_protection_may_be_chosen(tmp_path: Path) -> None:
    only = entry(tmp_path, protection=["authentication"], **KEYS)
    assert only.protection == Protection.AUTHENTICATION
    assert entry(tmp_path, protection=[], **KEYS).protection == Protection.NONE


def test_what_is_said_on_purpose(tmp_path: Path) -> None:
    weak = entry(tmp_path, mechanism="md5", password="x", allow_weak=True)
    assert (weak.mechanism, weak.allow_weak) == (Mechanism.HIGH_MD5, True)
    only = entry(tmp_path, encryption_key=EK, encryption_key_only=True, protection=["encryption"])
    assert (only.protection, only.encryption_key_only) == (Protection.ENCRYPTION, True)
    counted = entry(tmp_path, invocation_counter="0-0:43.1.3", **KEYS)
    assert str(counted.invocation_counter) == "0-0:43.1.3"


def test_a_dedicated_key_may_be_known(tmp_path: Path) -> None:
    found = entry(tmp_path, suite=2, dedicated_key=EK + AK)
    assert found.suite is SecuritySuite.SUITE_2
    assert found.wants_dedicated_key
    assert found.dedicated_key == bytes.fromhex(EK + AK)


def test_a_mechanism_is_a_word_or_a_number(tmp_path: Path) -> None:
    for mechanism in ("sha256", "SHA256", 6):
        found = entry(tmp_path, mechanism=mechanism, password={"hex": "00ff"})
        assert (found.mechanism, found.password) == (Mechanism.HIGH_SHA256, b"\0\xff")
    assert entry(tmp_path, password="12345678").mechanism is Mechanism.LOW


def test_an_entry_goes_before_the_short_form_and_titles_before_the_common_one(
    tmp_path: Path,
) -> None:
    found = load(
        tmp_path,
        {
            "meter_title": TITLE,
            "management": "short",
            "reader": "r",
            "associations": {"1": {"password": "long", "meter_title": "00" * 8}},
        },
    )
    assert found.of_client(1).password == b"long"
    assert found.of_client(1).meter_title == bytes(8)
    assert found.of_client(2).meter_title == bytes.fromhex(TITLE)


def test_only_the_encryption_key_is_an_explicit_choice(tmp_path: Path) -> None:
    with pytest.raises(InputError, match='"encryption_key_only": true'):
        load(tmp_path, {"push": {"encryption_key": EK}})
    found = load(tmp_path, {"push": {"encryption_key": EK, "encryption_key_only": True}}).push
    assert found is not None
    assert found.keys is not None
    assert (found.encryption_key_only, found.protection) == (True, Protection.NONE)


def test_keys_for_pushes_are_those_of_push_first(tmp_path: Path) -> None:
    found = load(tmp_path, {"push": KEYS, "associations": {"1": KEYS, "16": {}}, "reader": "r"})
    assert found.for_pushes == (found.push, found.of_client(1))


@pytest.mark.parametrize(("suite", "curve"), [(1, ec.SECP256R1()), (2, ec.SECP384R1())])
def test_elliptic_keys_are_pem_text_or_files(
    suite: int, curve: ec.EllipticCurve, tmp_path: Path
) -> None:
    ours, theirs = (ec.generate_private_key(curve) for _ in range(2))
    beside = tmp_path / "ours.pem"
    beside.write_text(private_pem(ours))
    beside.chmod(0o600)
    found = entry(
        tmp_path,
        mechanism="ecdsa",
        suite=suite,
        signing_key="ours.pem",
        agreement_key=private_pem(theirs),
        meter_signing_key=public_pem(theirs),
    ).elliptic
    assert found.signing is not None
    assert found.signing.private_numbers() == ours.private_numbers()
    assert found.agreement is not None
    assert found.meter_signing is not None
    assert found.meter_signing.public_numbers() == theirs.public_key().public_numbers()
    assert found.meter_agreement is None
    beside.chmod(0o644)
    with pytest.raises(InputError, match=r"associations\.1\.signing_key: .*chmod 600"):
        entry(tmp_path, mechanism="ecdsa", suite=suite, signing_key="ours.pem")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"mechanism": "hls"}, r"associations\.1\.mechanism: one of none, low"),
        ({"mechanism": True}, "mechanism: one of"),
        ({"mechanism": "low"}, "password: this mechanism needs one"),
        ({"mechanism": "gmac"}, "gmac needs encryption_key and authentication_key"),
        ({"mechanism": "ecdsa", "suite": 1}, "signing_key: this mechanism needs one"),
        ({"password": 5}, "password: text"),
        ({"password": {"hex": "0"}}, "password: text"),
        ({"suite": 3}, "suite: a number from 0 to 2"),
        ({"suite": True}, "suite: a number"),
        ({"suite": 2, **KEYS}, "encryption_key: 64 hexadecimal digits"),
        ({"encryption_key": EK[2:]}, "encryption_key: 32 hexadecimal digits"),
        ({"encryption_key": 7}, "encryption_key: 32 hexadecimal digits"),
        ({"authentication_key": AK}, "encryption_key: it is missing"),
        ({"encryption_key_only": True}, "encryption_key: it is missing"),
        ({"encryption_key_only": 1, **KEYS}, "encryption_key_only: true or false"),
        ({"encryption_key_only": True, **KEYS}, "encryption_key_only: an authentication_key"),
        ({"client_title": TITLE, "meter_title": TITLE}, "client_title: it is the meter's"),
        ({"dedicated_key": EK[2:]}, "dedicated_key: 32 hexadecimal digits"),
        ({"dedicated_key": 1}, "dedicated_key: true or false"),
        ({"client_title": "4D4D"}, "client_title: 16 hexadecimal digits"),
        ({"protection": ["encryption"]}, "protection: it needs encryption_key"),
        ({"protection": "encryption", **KEYS}, "protection: a list of some of"),
        ({"protection": [[]], **KEYS}, "protection: a list of some of"),
        ({"protection": ["signature"], **KEYS}, "protection: a signature needs"),
        ({"signing_key": "x"}, "signing_key: suite 0 knows no such keys"),
        ({"suite": 1, "signing_key": "none.pem"}, "signing_key: it is neither PEM text nor"),
        ({"suite": 1, "signing_key": "nul\0"}, "signing_key: it is neither PEM text nor"),
        ({"suite": 1, "meter_signing_key": "none.pem"}, "meter_signing_key: it is neither"),
        ({"suite": 1, "signing_key": 3}, "signing_key: PEM text"),
        ({"suite": 1, "signing_key": "-----BEGIN X"}, "signing_key: a private key as PEM"),
        ({"suite": 1, "meter_agreement_key": "-----BEGIN X"}, "meter_agreement_key: a certificate"),
        ({"suite": 1, "signing_certificate": "-----BEGIN X"}, "signing_certificate: a certificate"),
        (
            {"encryption_key": EK, "encryption_key_only": True, "protection": ["authentication"]},
            "protection: authentication needs authentication_key",
        ),
        ({"invocation_counter": 5}, "invocation_counter: an OBIS code is wanted"),
        ({"invocation_counter": "43.1"}, "invocation_counter: an OBIS code is wanted"),
        ({"allow_weak": "yes"}, "allow_weak: true or false"),
        ({"authentification_key": AK}, "no field 'authentification_key'"),
    ],
)
def test_a_malformed_field_is_named(fields: dict[str, Any], told: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=told) as fault:
        entry(tmp_path, **fields)
    assert AK not in str(fault.value)
    assert EK[2:] not in str(fault.value)


def test_a_key_on_another_curve_or_with_a_passphrase_is_refused(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    with pytest.raises(InputError, match="a private key on the curve secp256r1"):
        entry(tmp_path, suite=1, signing_key=private_pem(key))
    with pytest.raises(InputError, match="a key on the curve secp256r1"):
        entry(tmp_path, suite=1, meter_signing_key=public_pem(key))
    with pytest.raises(InputError, match="without a passphrase"):
        entry(tmp_path, suite=2, signing_key=private_pem(key, b"secret"))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "no JSON"),
        ("{", r"no JSON in UTF-8 \(line 1\)"),
        ("[" * 50_000, "no JSON"),
        ('{"reader": "a", "reader": "b"}', "stands twice"),
        ("[]", "an object with fields"),
        ({"readers": "x"}, "no field 'readers'"),
        ({"associations": []}, "associations: an object"),
        ({"associations": {"1": 5}}, "associations.1: an object"),
        ({"associations": {"-1": {}}}, "the name is a client SAP"),
        ({"associations": {"65536": {}}}, "the name is a client SAP"),
        ({"push": "x"}, "push: an object"),
        ({"reader": 5}, "reader: text"),
    ],
)
def test_a_malformed_file_is_told(content: object, told: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=told) as fault:
        load(tmp_path, content)
    assert "credentials.json" in str(fault.value)


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    load(tmp_path, {})
    path = tmp_path / "credentials.json"
    path.chmod(0o644)
    with pytest.raises(InputError, match=f"chmod 600 {path}"):
        load_credentials(path)


def test_no_secret_is_ever_shown(tmp_path: Path) -> None:
    content = {
        "associations": {
            "1": {"mechanism": "sha256", "password": "geheim", "dedicated_key": EK, **KEYS}
        }
    }
    found = read_credentials(content, tmp_path)
    shown = f"{found!r} {found} {found.of_client(1)!r} {found.of_client(1).keys!r}"
    assert "geheim" not in shown
    assert repr(bytes(range(16))) not in shown
    assert EK.lower() not in shown.lower()
