"""Independent readers of what both our ends emit: what they read is what was meant.

The translator of gurux-dlms makes XML of an APDU; its ciphering makes an envelope of a plain APDU,
which must be ours to the octet; dlms-cosem reads APDUs into its own objects.
"""

from typing import Any
from xml.etree import ElementTree

import pytest
from gurux_dlms import GXDLMSTranslator
from gurux_dlms.AesGcmParameter import AesGcmParameter
from gurux_dlms.enums import Security, TranslatorOutputType
from gurux_dlms.GXDLMSChippering import GXDLMSChippering
from gurux_dlms.objects.enums import SecuritySuite as TheirSuite

from addad.cosem.sessions import Sessions
from addad.dlms.acse import Mechanism
from addad.dlms.connection import AssociationParameters, ClientConnection
from addad.dlms.security.framing import CipheringForm
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, Protection
from dlms.test_apdu import VECTORS
from foreign.cells import BOTH, CLIENT, COSEM, SERVER, TRANSLATOR, cell
from foreign.secured_device import (
    CLIENT_TITLE,
    METER_TITLE,
    PASSWORD,
    SECRET,
    SecuredMeter,
    made_key,
    our_client,
    sap_of,
)

CLOCK, ENERGY, RELAY = "0008 0000010000FF 02", "0003 0100010800FF 02", "0046 000060030AFF 01"
CHALLENGE = bytes(range(32))
FIRST = 0x01234567
"""The invocation counter of the first envelope; a dedicated key has its own, from 0."""


def _translated(octets: bytes) -> tuple[list[str], list[str]]:
    """The names of the elements, and the values among them, in their order."""
    xml = GXDLMSTranslator(TranslatorOutputType.SIMPLE_XML).pduToXml(octets)
    elements = list(ElementTree.fromstring(xml).iter())
    values = [one.get("Value") or one.get("Qty") for one in elements]
    return [one.tag for one in elements], [value for value in values if value]


# Our octets are the key of each row; the words are what their translator has to say of them.
MEANT = [
    ("GET normal", "C0010000080000010000FF0200", "GetRequestNormal", f"00 {CLOCK}"),
    (
        "selective access by range",
        "C001C100070100630100FF0201010204020412000809060000010000FF0F02120000"
        "090C07EA01010400000000FFC400090C07EA01020500000000FFC4000100",
        "GetRequestNormal",
        "C1 0007 0100630100FF 02 01 04 04 0008 0000010000FF 02 0000"
        " 07EA01010400000000FFC400 07EA01020500000000FFC400 00",
    ),
    (
        "selective access by entry",
        "C001C100070100630100FF02010202040600000001060000000A120001120000",
        "GetRequestNormal",
        "C1 0007 0100630100FF 02 02 04 00000001 0000000A 0001 0000",
    ),
    ("GET in blocks", "C002C100000001", "GetRequestForNextDataBlock", "C1 00000001"),
    (
        "GET with list",
        "C003C10200080000010000FF020000030100010800FF0200",
        "GetRequestWithList",
        f"C1 02 {CLOCK} {ENERGY}",
    ),
    ("GET normal", "C401C1000600000001", "GetResponseNormal", "C1 00000001"),
    ("GET normal", "C401C10104", "GetResponseNormal", "C1 UndefinedObject"),
    (
        "GET in blocks",
        "C402C1000000000100020102",
        "GetResponsewithDataBlock",
        "C1 00 00000001 0102",
    ),
    (
        "GET in blocks",
        "C402C10100000002010F",
        "GetResponsewithDataBlock",
        "C1 01 00000002 LongGetOrReadAborted",
    ),
    (
        "SET normal",
        "C101C100030100010800FF02000600000001",
        "SetRequestNormal",
        f"C1 {ENERGY} 00000001",
    ),
    (
        "SET in blocks",
        "C102C100030100010800FF020000000000010106",
        "SetRequestFirstDataBlock",
        f"C1 {ENERGY} 00 00000001 06",
    ),
    ("SET in blocks", "C103C101000000020100", "SetRequestWithDataBlock", "C1 01 00000002 00"),
    (
        "SET with list",
        "C104C10200030100010800FF020000080000010000FF020002060000000100",
        "SetRequestWithList",
        f"C1 02 {ENERGY} {CLOCK} 02 00000001",
    ),
    ("SET normal", "C501C100", "SetResponseNormal", "C1 Success"),
    ("SET in blocks", "C502C100000001", "SetResponseDataBlock", "C1 00000001"),
    (
        "SET in blocks",
        "C503C10C00000002",
        "SetResponseWithLastDataBlock",
        "C1 UnmatchedType 00000002",
    ),
    ("SET with list", "C505C10200FA", "SetResponseWithList", "C1 2 Success OtherReason"),
    (
        "ACTION normal",
        "C301C10046000060030AFF01010F00",
        "ActionRequestNormal",
        f"C1 {RELAY} 00",
    ),
    ("ACTION normal", "C701C10000", "ActionResponseNormal", "C1 Success"),
    ("ACTION normal", "C701C10001000600000001", "ActionResponseNormal", "C1 Success 00000001"),
    ("ACTION in blocks", "C704C100000001", "ActionResponseNextBlock", "C1 00000001"),
    ("DataNotification", "0F40000001001101", "NotificationBody", "40000001 01"),
    (
        "DataNotification",
        "0F000000010C07EA01010400000000FFC4001101",
        "NotificationBody",
        "00000001 07EA01010400000000FFC400 01",
    ),
    ("association", "0E010601", "ConfirmedServiceError", "01 DlmsVersionTooLow"),
    ("GET normal", "D80101", "ExceptionResponse", "ServiceNotAllowed OperationNotPossible"),
]
REQUESTS = (0xC0, 0xC1, 0xC3)


@pytest.mark.parametrize(
    ("octets", "kind", "words"),
    [
        pytest.param(
            octets,
            kind,
            words,
            marks=cell(
                TRANSLATOR,
                CLIENT if bytes.fromhex(octets)[0] in REQUESTS else SERVER,
                services=(service,),
            ),
            id=f"{kind}-{octets[:12]}",
        )
        for service, octets, kind, words in MEANT
    ],
)
def test_an_apdu(octets: str, kind: str, words: str) -> None:
    ours = [value for value, written in VECTORS if written.replace(" ", "") == octets]
    assert len(ours) == 1
    names, values = _translated(ours[0].encode())
    assert kind in names
    assert values == words.split()


KEYED = (Mechanism.HIGH_GMAC, Mechanism.HIGH_ECDSA)


def _associations() -> list[Any]:
    return [
        pytest.param(
            mechanism,
            suite,
            ciphered,
            marks=cell(
                TRANSLATOR,
                BOTH,
                services=("association", "release"),
                mechanism=mechanism,
                suite=suite if ciphered or mechanism in KEYED else None,
                protections=("glo",) if ciphered else (),
            ),
            id=f"{mechanism.name.lower()}-{f'suite-{suite}' if ciphered else 'plain'}",
        )
        for mechanism, suite, ciphered in [
            (Mechanism.LOW, 0, True),
            (Mechanism.HIGH_GMAC, 0, True),
            (Mechanism.HIGH_GMAC, 0, False),
            (Mechanism.HIGH_SHA256, 2, True),
            (Mechanism.HIGH_SHA256, 0, False),
            (Mechanism.HIGH_ECDSA, 1, True),
            (Mechanism.HIGH_ECDSA, 2, True),
            (Mechanism.HIGH_ECDSA, 1, False),
        ]
    ]


NAMES = {
    Mechanism.LOW: "Low",
    Mechanism.HIGH_GMAC: "HighGmac",
    Mechanism.HIGH_SHA256: "HighSha256",
    Mechanism.HIGH_ECDSA: "HighEcdsa",
}


@pytest.mark.parametrize(("mechanism", "suite", "ciphered"), _associations())
def test_an_association(mechanism: Mechanism, suite: int, ciphered: bool) -> None:
    """Every APDU from AARQ to RLRE, of both our ends."""
    sap = sap_of(mechanism, suite, ciphered=ciphered)
    secrets = {Mechanism.LOW: PASSWORD, Mechanism.HIGH_SHA256: SECRET}
    high = mechanism > Mechanism.LOW
    client = ClientConnection(
        AssociationParameters(
            sap,
            mechanism=mechanism,
            password=secrets.get(mechanism, b""),
            security=our_client(suite),
            protection=AUTHENTICATED_ENCRYPTION if ciphered else Protection.NONE,
            challenge=CHALLENGE if high else b"",
        )
    )
    sessions = Sessions(SecuredMeter().physical_device)
    said = []

    def exchange(outgoing: tuple[bytes, ...]) -> None:
        while outgoing:
            (request,) = outgoing
            (answer,) = sessions.answer(sap, 1, request)
            said.extend((_translated(request), _translated(answer)))
            client.receive(answer)
            outgoing = client.outgoing

    exchange(client.associate())
    exchange(client.release())
    roots = [names[0] for names, _ in said]
    glo = "glo_" if ciphered else ""
    proof = [f"{glo}ActionRequest", f"{glo}ActionResponse"] if high else []
    assert roots == [
        "AssociationRequest",
        "AssociationResponse",
        *proof,
        "ReleaseRequest",
        "ReleaseResponse",
    ]
    for names, values in said[:2]:
        assert f"{glo}Initiate{'Request' if names is said[0][0] else 'Response'}" in names
        assert values[0] == ("LN_WITH_CIPHERING" if ciphered else "LN")
    assert NAMES[mechanism] in said[0][1]
    assert CLIENT_TITLE.hex().upper() in said[0][1]
    if high:
        assert CHALLENGE.hex().upper() in said[0][1]
        assert METER_TITLE.hex().upper() in said[1][1]
        assert NAMES[mechanism] in said[1][1]


PLAIN = {
    "request": bytes.fromhex("C001C100030100010800FF0200"),
    "response": bytes.fromhex("C401C1000600000001"),
    "set": bytes.fromhex("C101C100030100010800FF02000600000001"),
    "action": bytes.fromhex("C301C10046000060030AFF01010F00"),
}
FORMS = {
    CipheringForm.GLOBAL: "glo",
    CipheringForm.DEDICATED: "ded",
    CipheringForm.GENERAL_GLOBAL: "general-glo",
    CipheringForm.GENERAL_DEDICATED: "general-ded",
}
PROTECTIONS = {
    AUTHENTICATED_ENCRYPTION: (Security.AUTHENTICATION_ENCRYPTION, ()),
    Protection.AUTHENTICATION: (Security.AUTHENTICATION, ("authenticated only",)),
    Protection.ENCRYPTION: (Security.ENCRYPTION, ("encrypted only",)),
}


@pytest.mark.parametrize(
    ("suite", "form", "protection"),
    [
        pytest.param(
            suite,
            form,
            protection,
            marks=cell(TRANSLATOR, CLIENT, suite=suite, protections=(name, *more)),
            id=f"{suite}-{'-'.join((name, *more))}",
        )
        for suite in (0, 1, 2)
        for form, name in FORMS.items()
        for protection, (_, more) in PROTECTIONS.items()
    ],
)
@pytest.mark.parametrize("apdu", PLAIN.values(), ids=PLAIN)
def test_an_envelope_is_theirs_to_the_octet(
    suite: int, form: CipheringForm, protection: Protection, apdu: bytes
) -> None:
    context = our_client(suite, FIRST)
    if form.dedicated:
        context.dedicated_key = made_key("dedicated", suite)
    ours = context.protect(apdu, protection, form)
    counter = 0 if form.dedicated else FIRST
    key = made_key("dedicated" if form.dedicated else "encryption", suite)
    parameters = AesGcmParameter(ours[0], CLIENT_TITLE, key, made_key("authentication", suite))
    parameters.security = PROTECTIONS[protection][0]
    parameters.securitySuite = TheirSuite(suite)
    parameters.invocationCounter = counter
    assert bytes(GXDLMSChippering.encryptAesGcm(parameters, apdu)) == ours


@pytest.mark.parametrize(
    "suite",
    [
        pytest.param(
            n,
            marks=cell(TRANSLATOR, CLIENT, suite=n, protections=("general-glo", "broadcast key")),
        )
        for n in (0, 1, 2)
    ],
)
def test_an_envelope_under_the_broadcast_key(suite: int) -> None:
    context = our_client(suite, FIRST)
    apdu = PLAIN["set"]
    form = CipheringForm.GENERAL_GLOBAL
    ours = context.protect(apdu, AUTHENTICATED_ENCRYPTION, form, broadcast=True)
    key = made_key("broadcast", suite)
    parameters = AesGcmParameter(ours[0], CLIENT_TITLE, key, made_key("authentication", suite))
    parameters.security = Security.AUTHENTICATION_ENCRYPTION
    parameters.securitySuite = TheirSuite(suite)
    parameters.invocationCounter = FIRST
    parameters.broadcast = True
    assert bytes(GXDLMSChippering.encryptAesGcm(parameters, apdu)) == ours


@pytest.mark.parametrize(
    ("octets", "name", "expected"),
    [
        pytest.param(
            octets,
            name,
            expected,
            marks=cell(
                COSEM,
                CLIENT if bytes.fromhex(octets)[0] in REQUESTS else SERVER,
                services=(service,),
            ),
            id=f"{name}-{octets[:10]}",
        )
        for service, octets, name, expected in [
            ("GET normal", "C401C1000600000001", "GetResponseNormal", b"\6\0\0\0\1"),
            ("GET normal", "C401C10104", "GetResponseNormalWithError", 4),
            ("GET in blocks", "C402C1000000000100020102", "GetResponseWithBlock", b"\1\2"),
            ("SET normal", "C501C100", "SetResponseNormal", 0),
            ("ACTION normal", "C701C10000", "ActionResponseNormal", 0),
            (
                "ACTION normal",
                "C701C10001000600000001",
                "ActionResponseNormalWithData",
                b"\6\0\0\0\1",
            ),
            ("GET normal", "C0010000080000010000FF0200", "GetRequestNormal", None),
            ("GET in blocks", "C002C100000001", "GetRequestNext", 1),
            ("SET normal", "C101C100030100010800FF02000600000001", "SetRequestNormal", None),
            ("ACTION normal", "C301C10046000060030AFF01010F00", "ActionRequestNormal", None),
        ]
    ],
)
def test_an_apdu_for_dlms_cosem(octets: str, name: str, expected: object) -> None:
    """What it reads it also writes again as it was."""
    from dlms_cosem.connection import XDlmsApduFactory

    read = XDlmsApduFactory.apdu_from_bytes(bytes.fromhex(octets))
    assert type(read).__name__ == name
    found = next(
        (
            getattr(read, field)
            for field in ("data", "error", "result", "status", "block_number")
            if hasattr(read, field)
        ),
        None,
    )
    if expected is not None:
        assert (bytes(found) if isinstance(expected, bytes) else int(found)) == expected
    if name != "GetResponseNormal":  # it cannot write that one
        assert bytes(read.to_bytes()).hex().upper() == octets
