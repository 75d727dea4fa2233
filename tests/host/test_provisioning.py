"""Keys for both ends of each association: all different, and readable by the reader."""

from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from addad.cosem.security_material import named_keys
from addad.dlms.security.certificates import Certificate, CertificateEntity, CertificateUse
from addad.dlms.security.suite import SecuritySuite
from addad.errors import InputError
from addad.host.provisioning import KeyLedger, client_title, provision, server_title
from addad.meter.associations import PASSWORDS, TABLES
from addad.meter.key_store import Chance
from addad.reader.credentials import read_credentials

NOW = datetime(2026, 5, 10, tzinfo=UTC)
_numbers = count(1)


def chance(octets=None) -> Chance:
    def fresh(size: int) -> bytes:
        return next(_numbers).to_bytes(size, "big")

    return Chance(
        bytes(32), octets or fresh, lambda curve: ec.derive_private_key(next(_numbers), curve)
    )


def test_what_the_clients_get_fits_what_the_meter_gets() -> None:
    made = provision(TABLES["all"], "42", chance(), NOW)
    known = read_credentials({"associations": made.entries}, Path())
    for row in TABLES["all"]:
        if row.setup is None:
            continue
        client, meter = known.of_client(row.client_sap), made.setups[row.setup.number]
        assert client.keys is not None
        assert (client.keys.encryption, client.keys.authentication) == (
            meter.keys.encryption,
            meter.keys.authentication,
        )
        assert (client.keys.broadcast, client.keys.master) == (
            meter.keys.broadcast,
            meter.keys.master,
        )
        assert (client.client_title, client.meter_title) == (meter.client_title, meter.server_title)
        assert (client.mechanism, client.suite) == (row.mechanism, meter.suite)
    assert known.of_client(5).password


def test_every_key_is_unique_within_a_meter_and_in_a_fleet() -> None:
    ledger = KeyLedger()
    first = provision(TABLES["all"], "1", chance(), NOW, ledger)
    second = provision(TABLES["all"], "2", chance(), NOW, ledger)
    keys = [
        key
        for made in (first, second)
        for setup in made.setups.values()
        for key in named_keys(setup.keys).values()
    ]
    assert len(set(keys)) == len(keys) == 56


def test_provisioning_refuses_duplicates() -> None:
    with pytest.raises(InputError, match="every key is unique"):
        provision(TABLES["high"], "1", chance(bytes), NOW)
    ledger = KeyLedger()
    ledger.claim("meter 1", [b"k" * 16])
    with pytest.raises(InputError, match="meter 2 would get a key that meter 1 has"):
        ledger.claim("meter 2", [b"k" * 16])
    assert "kkk" not in repr(ledger)


def test_se_09_the_title_of_a_meter_is_its_letters_and_serial() -> None:
    assert server_title("00000042") == b"ADD" + (42).to_bytes(5, "big")
    assert server_title("A1234") != server_title("A1235")
    assert server_title("9" * 13)[:3] == b"ADD"
    assert len(server_title("9" * 13)) == 8
    assert client_title(102) == b"ADC\0\0\0\0\x66"


def test_certificates_are_the_authoritys_and_name_their_owners() -> None:
    made = provision(TABLES["all"], "42", chance(), NOW)
    for number, suite in ((3, SecuritySuite.SUITE_1), (4, SecuritySuite.SUITE_2)):
        setup = made.setups[number]
        authority = made.authorities[suite].certificate
        assert len(setup.certificates) == 5
        for kept in setup.certificates[1:]:
            certificate = Certificate.read(kept.octets)
            certificate.verify(authority, NOW)
            certificate.need(kept.use, suite)
            meter = kept.entity is CertificateEntity.SERVER
            assert certificate.title == (setup.server_title if meter else setup.client_title)
        own = setup.private_keys[CertificateUse.AGREEMENT].public_key().public_numbers()
        held = setup.certificate_of(CertificateEntity.SERVER, CertificateUse.AGREEMENT)
        assert held is not None
        assert Certificate.read(held).public_key.public_numbers() == own


def test_a_meter_with_passwords_alone_gets_no_keys() -> None:
    made = provision(PASSWORDS, "1", chance(), NOW)
    assert (made.setups, made.entries, made.authorities) == ({}, {}, {})
