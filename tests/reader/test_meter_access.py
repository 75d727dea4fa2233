"""Every mechanism and suite by `open_meter`, the counters it needs, and what it refuses."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.x509 import load_der_x509_certificate

from addad import obis
from addad.cosem.classes import Data
from addad.dlms.acse import Mechanism
from addad.dlms.data import decode
from addad.dlms.security.certificates import CertificateUse
from addad.dlms.security.counters import VolatileCounters
from addad.dlms.security.keys import KeyId, SymmetricKeys
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, Protection, SecuritySuite
from addad.dlms.types import OctetString
from addad.errors import AssociationError, InputError, RemoteProtocolError, SecurityError
from addad.net.client import Client
from addad.reader.credentials import AssociationCredentials, EllipticKeys
from addad.reader.meter_access import MeterAccess, open_meter, usual_access
from addad.reader.meter_address import MeterAddress
from addad.reader.quirks import Quirk
from cosem.sample_device import NAME
from foreign.secured_device import (
    CLIENT_TITLE,
    METER_TITLE,
    PASSWORD,
    SECRET,
    SecuredMeter,
    certificate,
    private,
    sap_of,
    symmetric_keys,
)
from net.secure_meter import HEAD_END, KEYS, METER, SecureMeter
from reader.any_server import TRANSPORTS, tcp

NAMED = Data.value.typed(OctetString())
SECRETS = {Mechanism.LOW: PASSWORD, Mechanism.HIGH_SHA256: SECRET}
PAIRS = [
    (mechanism, suite)
    for mechanism in (
        Mechanism.NONE,
        Mechanism.LOW,
        Mechanism.HIGH_GMAC,
        Mechanism.HIGH_SHA256,
        Mechanism.HIGH_ECDSA,
    )
    for suite in SecuritySuite
    if suite or mechanism is not Mechanism.HIGH_ECDSA
]


def secret_of(mechanism: Mechanism, suite: int) -> AssociationCredentials:
    elliptic = EllipticKeys()
    if suite:
        elliptic = EllipticKeys(
            signing=private("client SIGNATURE", suite),
            signing_certificate=load_der_x509_certificate(
                certificate("client", CertificateUse.SIGNATURE, suite)
            ),
            agreement=private("client AGREEMENT", suite),
            meter_signing=private("meter SIGNATURE", suite).public_key(),
            meter_agreement=private("meter AGREEMENT", suite).public_key(),
        )
    return AssociationCredentials(
        mechanism=mechanism,
        password=SECRETS.get(mechanism, b""),
        suite=SecuritySuite(suite),
        protection=AUTHENTICATED_ENCRYPTION,
        client_title=CLIENT_TITLE,
        meter_title=METER_TITLE,
        keys=symmetric_keys(suite),
        elliptic=elliptic,
    )


def secured(mechanism: Mechanism, suite: int) -> MeterAccess:
    return MeterAccess(sap_of(mechanism, suite), credentials=secret_of(mechanism, suite))


async def name(where: MeterAddress, who: MeterAccess, kept: Path | None = None) -> bytes:
    async with open_meter(where, who, counter_file=kept, timeout_s=20.0) as client:
        return await client.get(obis.LOGICAL_DEVICE_NAME, NAMED)


@pytest.mark.parametrize(("mechanism", "suite"), PAIRS)
def test_each_mechanism_and_suite(mechanism: Mechanism, suite: int, tmp_path: Path) -> None:
    async def main() -> None:
        async with tcp(SecuredMeter().physical_device) as where:
            who = secured(mechanism, suite)
            for _ in range(2):
                assert await name(where, who, tmp_path / "counters") == NAME
            dedicated = replace(who.credentials, wants_dedicated_key=True)
            again = replace(who, credentials=dedicated)
            assert await name(where, again, tmp_path / "counters") == NAME
            single = replace(who, quirks=(Quirk.NO_LISTS,))
            assert await name(where, single, tmp_path / "counters") == NAME

    asyncio.run(main())


@pytest.mark.parametrize("mechanism", [Mechanism.NONE, Mechanism.LOW])
def test_answers_of_an_earlier_run_are_refused(mechanism: Mechanism, tmp_path: Path) -> None:
    """A meter whose counters begin again answers as one would who plays recorded answers."""

    async def main() -> None:
        who, kept = secured(mechanism, 0), tmp_path / "counters"
        async with tcp(SecuredMeter().physical_device) as where:
            assert await name(where, who, kept) == NAME
        async with tcp(SecuredMeter().physical_device) as where:
            with pytest.raises(SecurityError, match="not greater"):
                await name(where, who, kept)
        async with tcp(SecuredMeter().physical_device) as where:
            assert await name(where, who, tmp_path / "others") == NAME

    asyncio.run(main())


@pytest.mark.parametrize(
    ("mechanism", "dedicated", "at_once"),
    [
        (Mechanism.NONE, False, True),
        (Mechanism.LOW, False, True),
        (Mechanism.LOW, True, False),
        (Mechanism.HIGH_GMAC, False, False),
    ],
)
def test_where_nothing_else_tells_recorded_answers_each_is_kept(
    mechanism: Mechanism, dedicated: bool, at_once: bool, tmp_path: Path
) -> None:
    secret = replace(secret_of(mechanism, 0), wants_dedicated_key=dedicated)
    for stands in (False, True):
        path = tmp_path / str(stands)
        who = MeterAccess(1, credentials=secret, pre_established=stands)
        key = KeyId.GLOBAL_UNICAST_ENCRYPTION
        who.counters(path, None).accept(key, METER_TITLE, 5)
        expected = 5 if at_once or stands else -1
        assert who.counters(path, None).last(key, METER_TITLE) == expected


@pytest.mark.parametrize(("mechanism", "suite"), [(m, s) for m, s in PAIRS if m > Mechanism.LOW])
def test_high_mechanisms_without_ciphering(
    mechanism: Mechanism, suite: int, tmp_path: Path
) -> None:
    async def main() -> None:
        async with tcp(SecuredMeter().physical_device) as where:
            secret = replace(secret_of(mechanism, suite), protection=Protection.NONE)
            who = MeterAccess(sap_of(mechanism, suite, ciphered=False), credentials=secret)
            for _ in range(2):
                assert await name(where, who, tmp_path / "counters") == NAME

    asyncio.run(main())


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_keys_over_each_transport(transport: str) -> None:
    async def main() -> None:
        async with TRANSPORTS[transport](SecureMeter().physical_device) as where:
            assert await name(where, GMAC) == NAME

    asyncio.run(main())


GMAC = MeterAccess(
    3,
    credentials=AssociationCredentials(
        Mechanism.HIGH_GMAC,
        protection=AUTHENTICATED_ENCRYPTION,
        client_title=HEAD_END,
        meter_title=METER,
        keys=KEYS,
    ),
)


def with_secret(**changes: Any) -> MeterAccess:
    return replace(GMAC, credentials=replace(GMAC.credentials, **changes))


def test_a_pre_established_association() -> None:
    async def main() -> None:
        async with tcp(SecureMeter().physical_device) as where:
            secret = replace(GMAC.credentials, mechanism=Mechanism.NONE)
            who = usual_access(102, secret)
            assert who.pre_established
            assert await name(where, who) == NAME

    asyncio.run(main())


@pytest.mark.parametrize(
    "changed",
    [
        {"keys": SymmetricKeys(bytes(15) + b"1", bytes(range(16)))},
        {"keys": SymmetricKeys(bytes(16), bytes(16))},
        {"meter_title": b"MTR00009"},
        {"client_title": b"ADD00009"},
    ],
)
def test_a_wrong_key_or_title_says_so(changed: dict[str, Any]) -> None:
    async def main() -> None:
        async with tcp(SecureMeter().physical_device) as where:
            with pytest.raises(RemoteProtocolError) as fault:
                await name(where, with_secret(**changed))
            words = str(fault.value)
            assert any(word in words for word in ("key", "title", "deciphering", "decipher"))
            assert isinstance(fault.value, AssociationError | SecurityError)

    asyncio.run(main())


def test_only_the_encryption_key() -> None:
    """What comes is deciphered, and nobody vouches for it; requests are only encrypted."""

    async def main() -> None:
        async with tcp(SecuredMeter().physical_device) as where:
            full = secret_of(Mechanism.NONE, 0)
            assert full.keys is not None
            only = replace(
                full,
                keys=SymmetricKeys(full.keys.encryption, None),
                protection=Protection.ENCRYPTION,
            )
            who = MeterAccess(sap_of(Mechanism.NONE, 0), credentials=only)
            assert await name(where, who) == NAME

    asyncio.run(main())


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"mechanism": Mechanism.HIGH_MD5, "password": b"x"}, '"allow_weak": true'),
        ({"client_title": None}, "client_title: it is missing"),
        ({"mechanism": Mechanism.HIGH_ECDSA}, "meter_signing_key: this mechanism needs one"),
        (
            {"wants_dedicated_key": True, "protection": Protection.NONE},
            "dedicated_key: it needs keys",
        ),
        (
            {
                "meter_title": None,
                "elliptic": EllipticKeys(meter_signing=private("meter SIGNATURE", 1).public_key()),
            },
            "meter_title: a key of the meter needs it",
        ),
    ],
)
def test_secrets_that_cannot_be_used_so(changed: dict[str, Any], told: str) -> None:
    async def main() -> None:
        with pytest.raises(InputError, match=told):
            async with open_meter(MeterAddress.tcp("127.0.0.1", 1), with_secret(**changed)):
                pass

    asyncio.run(main())


def test_ecdsa_without_keys_is_told() -> None:
    secret = replace(secret_of(Mechanism.HIGH_ECDSA, 1), keys=None, protection=Protection.NONE)
    with pytest.raises(InputError, match="ecdsa needs keys too"):
        MeterAccess(1, credentials=secret).parameters(VolatileCounters())


def test_weak_mechanisms_are_asked_for_when_they_are_allowed() -> None:
    for mechanism in (Mechanism.HIGH, Mechanism.HIGH_MD5, Mechanism.HIGH_SHA1):
        secret = AssociationCredentials(mechanism, b"secret", allow_weak=True)
        asked = MeterAccess(1, credentials=secret).parameters(VolatileCounters())
        assert (asked.mechanism, asked.allow_weak, asked.security) == (mechanism, True, None)


def test_no_secret_is_shown() -> None:
    shown = repr(GMAC) + str(GMAC)
    assert str(KEYS.encryption) not in shown
    assert KEYS.encryption.hex() not in shown


def test_the_public_client_is_the_default() -> None:
    async def main() -> None:
        async with tcp(SecureMeter().physical_device) as where, open_meter(where) as client:
            assert isinstance(client, Client)
            octets = await client.get_octets(Data.value.of(obis.LOGICAL_DEVICE_NAME))
            assert decode(octets).value == NAME

    asyncio.run(main())
