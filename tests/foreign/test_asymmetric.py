"""Where no peer has the service: its arithmetic still takes part, by the layout of the documents.

Signatures, points of the curves, AES-GCM and the wrapping of keys are those of gurux-dlms, which
are its own and in plain Python; how the octets stand is written here once more.
"""

import hashlib
from typing import Any

import pytest
from gurux_dlms.ecdsa._GXShamirs import _GXShamirs
from gurux_dlms.ecdsa.GXCurve import GXCurve
from gurux_dlms.ecdsa.GXEccPoint import GXEccPoint
from gurux_dlms.ecdsa.GXEcdsa import GXEcdsa
from gurux_dlms.ecdsa.GXPrivateKey import GXPrivateKey
from gurux_dlms.ecdsa.GXPublicKey import GXPublicKey
from gurux_dlms.enums import DataType, Security
from gurux_dlms.GXDLMSChipperingStream import GXDLMSChipperingStream
from gurux_dlms.objects import GXDLMSSecuritySetup
from gurux_dlms.secure import GXDLMSSecureClient

from addad.dlms.acse import Mechanism
from addad.dlms.security.context import GeneralOptions
from addad.dlms.security.framing import CipheringForm
from addad.dlms.security.general_ciphering import KeyInfoKind
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, Protection
from foreign.cells import BOTH, CLIENT, GURUX, SERVER, cell
from foreign.gurux_secure import gurux, own_ring, take_p384
from foreign.secured_device import (
    CLIENT_TITLE,
    METER_TITLE,
    SecuredMeter,
    made_key,
    our_client,
    private,
    setup_name,
)
from net.served_meter import served

GET = bytes.fromhex("C001C100030100010800FF0200")
OURS = "its arithmetic, in the layout that the test writes"
ALGORITHM = bytes.fromhex("6085740508 03".replace(" ", ""))
SIZES = {1: 32, 2: 48}


def _octets(number: int, suite: int) -> bytes:
    return int(number).to_bytes(SIZES[suite], "big")


def _their_key(name: str, suite: int) -> Any:
    scalar = private(name, suite).private_numbers().private_value
    return GXPrivateKey.fromRawBytes(_octets(scalar, suite))


def _their_point(name: str, suite: int) -> Any:
    return GXPublicKey.fromRawBytes(b"\4" + _point(name, suite))


def _point(name: str, suite: int) -> bytes:
    numbers = private(name, suite).public_key().public_numbers()
    return _octets(numbers.x, suite) + _octets(numbers.y, suite)


def _shared(scalar: int, point: bytes, suite: int) -> bytes:
    """The coordinate x of a multiple of a point, by their arithmetic."""
    half = SIZES[suite]
    x, y = (int.from_bytes(part, "big") for part in (point[:half], point[half:]))
    product = GXEccPoint(0, 0)
    curve = GXCurve(_their_key("client SIGNATURE", suite).scheme)
    _GXShamirs.pointMulti(curve, product, GXEccPoint(x, y), scalar)
    return _octets(product.x, suite)


def _derived(secret: bytes, number: int, parties: bytes, suite: int) -> bytes:
    hashed = hashlib.sha256 if suite == 1 else hashlib.sha384
    octets = b"\0\0\0\1" + secret + ALGORITHM + bytes((number,)) + parties
    return hashed(octets).digest()[: 16 if suite == 1 else 32]


@pytest.fixture
def suite(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """A suite in which their signatures work."""
    if request.param == 2:
        take_p384(monkeypatch)
    chosen: int = request.param
    return chosen


def _suites(ours: str, services: tuple[str, ...] = (), **more: Any) -> Any:
    params = [
        pytest.param(n, marks=cell(GURUX, ours, services=services, suite=n, note=OURS, **more))
        for n in (1, 2)
    ]
    return pytest.mark.parametrize("suite", params, indirect=True)


@_suites(
    SERVER,
    ("key agreement", "ACTION normal"),
    transport="TCP wrapper",
    mechanism=Mechanism.HIGH_GMAC,
    protections=("glo",),
)
def test_a_key_agreed_with_our_security_setup(suite: int) -> None:
    """Their client, signatures and points; the meter then has the key that the test derives."""
    meter = SecuredMeter()
    ephemeral = _point("client ephemeral", suite)
    signature = GXEcdsa(_their_key("client SIGNATURE", suite)).sign(b"\0" + ephemeral)
    data = ephemeral + bytes(signature)
    body = (
        b"\1\1\2\2\x16\0\x09" + (b"\x81" if len(data) > 127 else b"") + bytes((len(data),)) + data
    )
    setup = GXDLMSSecuritySetup(setup_name(suite).dotted)
    with (
        served(meter.physical_device) as port,
        gurux(port, Mechanism.HIGH_GMAC, suite, ring=own_ring(suite)) as client,
    ):
        reply = client.request(client.core.method(setup, 3, body, DataType.ARRAY)).value
    ((key_id, answer),) = reply
    assert int(key_id) == 0
    size = 2 * SIZES[suite]
    theirs, proof = bytes(answer[:size]), bytes(answer[size:])
    verifier = GXEcdsa(_their_point("meter SIGNATURE", suite))
    assert verifier.verify(proof, b"\0" + theirs)
    scalar = private("client ephemeral", suite).private_numbers().private_value
    secret = _shared(scalar, theirs, suite)
    expected = _derived(secret, suite - 1, CLIENT_TITLE + METER_TITLE, suite)
    assert meter.setups[suite].material.keys.encryption == expected


@_suites(BOTH, protections=("general-signing",))
def test_a_signed_apdu(suite: int) -> None:
    octets = our_client(suite).protect(GET, Protection.SIGNATURE, CipheringForm.GENERAL_SIGNING)
    fields = [b"", CLIENT_TITLE, METER_TITLE, b"", b"", GET]
    covered = b"".join(bytes((len(one),)) + one for one in fields)
    size = 2 * SIZES[suite]
    assert octets[:-size] == b"\xdf" + covered + bytes((size,))
    assert GXEcdsa(_their_point("client SIGNATURE", suite)).verify(octets[-size:], covered)
    signature = bytes(GXEcdsa(_their_key("meter SIGNATURE", suite)).sign(_answer(covered)))
    back = b"\xdf" + _answer(covered) + bytes((size,)) + signature
    assert our_client(suite).unprotect(back).apdu == GET


def _answer(covered: bytes) -> bytes:
    """The same in the other direction."""
    there, back = b"\x08" + CLIENT_TITLE, b"\x08" + METER_TITLE
    return covered.replace(there + back, back + there)


KINDS = {
    KeyInfoKind.IDENTIFIED: "general-ciphering, identified key",
    KeyInfoKind.WRAPPED: "general-ciphering, wrapped key",
    KeyInfoKind.ONE_PASS: "general-ciphering, one-pass agreement",
    KeyInfoKind.STATIC: "general-ciphering, static agreement",
}


@pytest.mark.parametrize(
    ("kind", "suite"),
    [
        pytest.param(
            kind,
            n,
            marks=cell(GURUX, CLIENT, suite=n, protections=(name,), note=OURS),
            id=f"{name.split(', ')[1]}-{n}",
        )
        for kind, name in KINDS.items()
        for n in (1, 2)
        if (kind, n) != (KeyInfoKind.WRAPPED, 2)  # it wraps keys of 16 octets only
    ],
    indirect=["suite"],
)
def test_a_generally_ciphered_apdu(kind: KeyInfoKind, suite: int) -> None:
    transaction = bytes(range(1, 9))
    options = GeneralOptions(kind, transaction_id=transaction)
    octets = our_client(suite).protect(
        GET, AUTHENTICATED_ENCRYPTION, CipheringForm.GENERAL_CIPHERING, general=options
    )
    fields = (transaction, CLIENT_TITLE, METER_TITLE, b"", b"")
    header = b"".join(bytes((len(one),)) + one for one in fields)
    assert octets.startswith(b"\xdd" + header + b"\1")
    key_info = octets[2 + len(header) :]
    key, info = _key(kind, suite, key_info, transaction)
    content = octets[2 + len(header) + info :]
    assert content[0] == len(content) - 1
    control, counter, rest = content[1:2], content[2:6], content[6:]
    assert control == bytes((0x30 + suite,))
    authenticated = control + made_key("authentication", suite) + header
    stream = GXDLMSChipperingStream(
        Security.AUTHENTICATION_ENCRYPTION,
        True,
        key,
        authenticated,
        CLIENT_TITLE + counter,
        None,
    )
    stream.write(GET)
    assert bytes(stream.flushFinalBlock()) + bytes(stream.tag) == rest


def _key(kind: KeyInfoKind, suite: int, key_info: bytes, transaction: bytes) -> tuple[bytes, int]:
    """The key of a message that its key-info names, and the size of the key-info."""
    algorithm, size = suite - 1, 2 * SIZES[suite]
    if kind is KeyInfoKind.IDENTIFIED:
        assert key_info[:2] == b"\0\0"
        return made_key("encryption", suite), 2
    if kind is KeyInfoKind.WRAPPED:
        assert key_info[:3] == b"\1\0\x18"
        key = made_key("session", suite)
        wrapped = GXDLMSSecureClient.encrypt(made_key("master", suite), key)
        assert bytes(wrapped) == key_info[3:27]
        return key, 27
    own = private("meter AGREEMENT", suite).private_numbers().private_value
    if kind is KeyInfoKind.STATIC:
        assert key_info[:4] == b"\2\1\2\0"
        secret = _shared(own, _point("client AGREEMENT", suite), suite)
        parties = CLIENT_TITLE + b"\x08" + transaction + METER_TITLE
        return _derived(secret, algorithm, parties, suite), 4
    assert key_info[:5] == bytes((2, 1, 1, 0x81, 2 * size))
    point, signature = key_info[5 : 5 + size], key_info[5 + size : 5 + 2 * size]
    assert GXEcdsa(_their_point("client SIGNATURE", suite)).verify(signature, point)
    secret = _shared(own, point, suite)
    return _derived(secret, algorithm, CLIENT_TITLE + METER_TITLE, suite), 5 + 2 * size
