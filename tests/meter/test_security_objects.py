"""Security setup and invocation counters as clients see them, over the octets of both ways."""

from itertools import count

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from addad import obis
from addad.cosem.classes import Data as DataClass
from addad.cosem.classes import SecuritySetup
from addad.cosem.classes.security import (
    CertificateType,
    KeyAgreement,
    KeyTransfer,
    SecurityPolicy,
    TransferredKey,
)
from addad.dlms.apdu.exception import ExceptionResponse
from addad.dlms.connection import State
from addad.dlms.results import ActionResult
from addad.dlms.security.certificate_authority import CertificateRequest
from addad.dlms.security.certificates import CertificateUse
from addad.dlms.security.counters import VolatileCounters
from addad.dlms.security.key_agreement import agree_ephemeral, read_ephemeral, sign_ephemeral
from addad.dlms.security.keys import KeyId, SymmetricKeys, wrap_key
from addad.dlms.security.suite import SecuritySuite
from addad.errors import AddadError
from addad.meter.event_codes import Log
from addad.obis import Obis
from meter.secured_desk import SecuredDesk, make_context

SETUP_0, SETUP_3 = Obis.parse("0-0:43.0.0"), Obis.parse("0-0:43.0.3")
_scalars = count(50_000)


def test_a_counter_tells_the_public_client_what_was_accepted_last() -> None:
    desk = SecuredDesk()
    public = desk.client(16).open()
    counter = Obis.parse("0-0:43.1.0")
    assert public.get(counter, DataClass.value).value == 0
    client = desk.client(3).open()
    for _ in range(3):
        client.get(obis.LOGICAL_DEVICE_NAME, DataClass.value)
    accepted = public.get(counter, DataClass.value).value
    assert accepted == desk.counters[3].next(KeyId.GLOBAL_UNICAST_ENCRYPTION) - 1
    lost = make_context(desk.credentials.of_client(3), VolatileCounters(accepted + 1))
    assert desk.client(3, security=lost).open().connection.state is State.ASSOCIATED


def test_a_setup_shows_titles_suite_and_policy() -> None:
    desk = SecuredDesk()
    client = desk.client(7).open()
    name = Obis.parse("0-0:43.0.4")
    setup = SecuritySetup
    assert client.get(name, setup.security_suite) is SecuritySuite.SUITE_2
    assert client.get(name, setup.security_policy) == SecurityPolicy(0x6C)
    assert client.get(name, setup.client_system_title) == b"ADC\0\0\0\0\7"
    assert client.get(name, setup.server_system_title)[:3] == b"ADD"
    assert len(client.get(name, setup.certificates)) == 5


def test_se_15_a_transferred_key_is_answered_under_the_old_one_and_used_next() -> None:
    desk = SecuredDesk()
    client = desk.client(3).open()
    keys = desk.made.setups[0].keys
    fresh = (b"E" * 16, b"A" * 16)
    transfers = tuple(
        KeyTransfer(TransferredKey(number), wrap_key(keys.master, key))
        for number, key in zip((0, 2), fresh, strict=True)
    )
    result, _ = client.act(SETUP_0, SecuritySetup.key_transfer, transfers)
    assert result is ActionResult.SUCCESS
    standard = desk.meter.notices.logs[Log.STANDARD]
    assert next(iter(standard.codes())) == 48
    assert client.get(obis.LOGICAL_DEVICE_NAME, DataClass.value).value
    new = SymmetricKeys(*fresh, keys.broadcast, keys.master)
    context = make_context(desk.credentials.of_client(3), VolatileCounters(), keys=new)
    assert desk.client(3, security=context).open().connection.state is State.ASSOCIATED
    refused = client.get(obis.LOGICAL_DEVICE_NAME, DataClass.value)
    assert isinstance(refused, ExceptionResponse)
    desk.start()
    context = make_context(desk.credentials.of_client(3), VolatileCounters(100), keys=new)
    assert desk.client(3, security=context).open().connection.state is State.ASSOCIATED


def test_keys_are_agreed_on_over_the_wire() -> None:
    desk = SecuredDesk()
    client = desk.client(6).open()
    known = desk.credentials.of_client(6)
    suite, key_id = SecuritySuite.SUITE_1, KeyId.GLOBAL_UNICAST_ENCRYPTION
    own = ec.derive_private_key(next(_scalars), suite.curve)
    asked = KeyAgreement(
        TransferredKey.GLOBAL_UNICAST_ENCRYPTION,
        sign_ephemeral(known.elliptic.signing, own.public_key(), key_id),
    )
    result, (answer,) = client.act(SETUP_3, SecuritySetup.key_agreement, (asked,))
    assert result is ActionResult.SUCCESS
    other = read_ephemeral(suite, known.elliptic.meter_signing, answer.key_data, key_id)
    agreed = agree_ephemeral(suite, key_id, own, other, known.client_title, known.meter_title)
    old = known.keys
    new = SymmetricKeys(agreed, old.authentication, old.broadcast, old.master)
    context = make_context(known, VolatileCounters(), keys=new)
    again = desk.client(6, security=context).open()
    assert again.get(obis.LOGICAL_DEVICE_NAME, DataClass.value).value


def test_a_new_signature_key_of_the_meter_is_certified_and_used() -> None:
    desk = SecuredDesk()
    setup = SecuritySetup
    client = desk.client(6).open()
    kind = CertificateType.DIGITAL_SIGNATURE
    assert client.act(SETUP_3, setup.generate_key_pair, kind)[0] is ActionResult.SUCCESS
    _, request = client.act(SETUP_3, setup.generate_certificate_request, kind)
    authority = desk.made.authorities[SecuritySuite.SUITE_1]
    issued = authority.issue(
        CertificateRequest.read(request),
        CertificateUse.SIGNATURE,
        99,
        authority.certificate.parsed.not_valid_before_utc,
        authority.certificate.parsed.not_valid_after_utc,
    )
    assert client.act(SETUP_3, setup.import_certificate, issued)[0] is ActionResult.SUCCESS
    with pytest.raises(AddadError):  # this client believes the former key of the meter
        desk.client(6).open()


def test_no_object_gives_a_key_to_anybody() -> None:
    desk = SecuredDesk()
    secrets = [desk.meter.security.secret(sap) for sap in (1, 2, 5)]
    for setup in desk.made.setups.values():
        keys = setup.keys
        secrets += [keys.encryption, keys.authentication, keys.broadcast, keys.master]
    logical = desk.device.at(1)
    assert logical is not None
    for item in logical:
        for reads in item.reads.values():
            octets = reads.encode(None)
            whole = octets if isinstance(octets, bytes) else b"".join(octets)
            assert not [secret for secret in secrets if secret in whole]
    stored = b"".join(map(bytes, desk.memory.areas.values()))
    assert not [secret for secret in secrets if secret in stored]
