"""Each mechanism with each suite, and each form of ciphering, with both foreign clients."""

import pytest
from gurux_dlms.enums import Authentication
from gurux_dlms.GXDLMSSettings import GXDLMSSettings
from gurux_dlms.GXSecure import GXSecure
from gurux_dlms.secure import GXDLMSSecureClient

from addad import obis
from addad.cosem.sessions import Sessions
from addad.dlms import apdu as apdus
from addad.dlms.acse import Aare, Mechanism
from addad.dlms.connection import AssociationParameters, ClientConnection
from addad.dlms.security.certificates import CertificateUse
from addad.dlms.security.hls import Passes, Prover, prove, verify
from addad.units import Unit
from cosem.sample_device import IMPORT_WH, PERIOD, START
from foreign.cells import CLIENT, COSEM, GURUX, SERVER, cell
from foreign.cosem_secure import dlms_cosem
from foreign.gurux_secure import LINK_HDLC, GuruxSecureClient, gurux, take_p384
from foreign.secured_device import (
    CLIENT_TITLE,
    METER_TITLE,
    PASSWORD,
    SECRET,
    SecuredMeter,
    certificate,
    made_key,
    our_client,
    sap_of,
)
from net.served_hdlc import served_hdlc
from net.served_meter import served

ENERGY = (IMPORT_WH, Unit.WATT_HOUR)
USUAL = ("association", "release", "GET normal", "ACTION normal", "selective access by range")
P384 = "its choice of P-384 is repaired by the test: it names P-256 twice"
TWO_FLAGS = "two octets 7E side by side in a frame stop its search for flags; none come here"
NO_CERTIFICATE = "it sends no certificate in AARQ, and so gets none in AARE, which it cannot read"


def _mechanisms() -> list[object]:
    cases = []
    for mechanism in (
        Mechanism.NONE,
        Mechanism.LOW,
        Mechanism.HIGH_GMAC,
        Mechanism.HIGH_SHA256,
        Mechanism.HIGH_ECDSA,
    ):
        for suite in (0, 1, 2):
            ecdsa = mechanism is Mechanism.HIGH_ECDSA
            if ecdsa and suite == 0:
                continue  # suite 0 has no signatures
            mark = cell(
                GURUX,
                SERVER,
                services=USUAL,
                transport="TCP wrapper",
                mechanism=mechanism,
                suite=suite,
                protections=("glo",),
                note=(P384 if suite == 2 else NO_CERTIFICATE) if ecdsa else "",
            )
            name = f"{mechanism.name.lower()}-suite-{suite}"
            cases.append(pytest.param(mechanism, suite, marks=mark, id=name))
    return cases


@pytest.mark.parametrize(("mechanism", "suite"), _mechanisms())
def test_ciphered_with_gurux(
    mechanism: Mechanism, suite: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if (mechanism, suite) == (Mechanism.HIGH_ECDSA, 2):
        take_p384(monkeypatch)
    meter = SecuredMeter()
    password = PASSWORD if mechanism is Mechanism.LOW else None
    with (
        served(meter.physical_device) as port,
        gurux(port, mechanism, suite, password=password) as client,
    ):
        _use(meter, client)


def _use(meter: SecuredMeter, client: GuruxSecureClient) -> None:
    """Read, read a profile, act, release: and our end says that it is released."""
    assert client.register(obis.ACTIVE_ENERGY_IMPORT) == ENERGY
    rows = client.profile(obis.LOAD_PROFILE, START, START + 9 * PERIOD)
    assert [row[2] for row in rows] == [IMPORT_WH + 25 * n for n in range(10)]
    client.switch_relay(obis.DISCONNECT_CONTROL, False)
    assert not meter.closed
    assert sum(meter.device.open_count.values()) == 1
    client.release()
    assert sum(meter.device.open_count.values()) == 0


@pytest.mark.parametrize(
    ("mechanism", "suite"),
    [
        pytest.param(
            mechanism,
            suite,
            marks=cell(
                GURUX,
                SERVER,
                services=USUAL,
                transport="TCP wrapper",
                mechanism=mechanism,
                suite=suite,
                note="the application context without ciphering",
            ),
        )
        for mechanism, suite in [
            (Mechanism.HIGH_GMAC, 0),
            (Mechanism.HIGH_GMAC, 2),
            (Mechanism.HIGH_SHA256, 0),
            (Mechanism.HIGH_ECDSA, 1),
        ]
    ],
)
def test_proven_but_not_ciphered(mechanism: Mechanism, suite: int) -> None:
    meter = SecuredMeter()
    with (
        served(meter.physical_device) as port,
        gurux(port, mechanism, suite, ciphered=False) as client,
    ):
        _use(meter, client)


def _form(suite: int, protections: tuple[str, ...], **options: object) -> object:
    mark = cell(
        GURUX,
        SERVER,
        services=USUAL,
        transport="TCP wrapper",
        mechanism=Mechanism.HIGH_GMAC,
        suite=suite,
        protections=protections,
    )
    return pytest.param(suite, options, marks=mark, id=f"{'-'.join(protections)}-{suite}")


@pytest.mark.parametrize(
    ("suite", "options"),
    [
        *(_form(n, ("ded",), dedicated=True) for n in (0, 1, 2)),
        *(_form(n, ("general-glo",), general=True) for n in (0, 1, 2)),
        *(_form(n, ("general-ded",), general=True, dedicated=True) for n in (0, 1, 2)),
        _form(0, ("glo", "authenticated only"), security="AUTHENTICATION"),
        _form(2, ("glo", "authenticated only"), security="AUTHENTICATION"),
        _form(1, ("general-glo", "authenticated only"), general=True, security="AUTHENTICATION"),
    ],
)
def test_forms_of_ciphering(suite: int, options: dict[str, object]) -> None:
    meter = SecuredMeter()
    with (
        served(meter.physical_device) as port,
        gurux(port, Mechanism.HIGH_GMAC, suite, **options) as client,
    ):
        _use(meter, client)


@cell(
    GURUX,
    SERVER,
    services=("association", "GET normal"),
    transport="TCP wrapper",
    mechanism=Mechanism.HIGH_SHA256,
    suite=0,
    protections=("glo", "encrypted only"),
)
def test_what_is_only_encrypted_is_read_and_not_obeyed() -> None:
    meter = SecuredMeter()
    with (
        served(meter.physical_device) as port,
        gurux(port, Mechanism.HIGH_SHA256, 0, security="ENCRYPTION") as client,
    ):
        assert client.register(obis.ACTIVE_ENERGY_IMPORT) == ENERGY
        with pytest.raises(Exception, match="Service not allowed"):
            client.switch_relay(obis.DISCONNECT_CONTROL, False)
    assert meter.closed


@pytest.mark.parametrize(
    ("mechanism", "suite"),
    [
        pytest.param(
            mechanism,
            suite,
            marks=cell(
                GURUX,
                SERVER,
                services=USUAL,
                transport="HDLC over TCP",
                mechanism=mechanism,
                suite=suite,
                protections=("glo",),
            ),
        )
        for mechanism, suite in [
            (Mechanism.HIGH_GMAC, 0),
            (Mechanism.HIGH_GMAC, 2),
            (Mechanism.HIGH_SHA256, 1),
            (Mechanism.HIGH_ECDSA, 1),
        ]
    ],
)
def test_ciphered_over_hdlc(mechanism: Mechanism, suite: int) -> None:
    meter = SecuredMeter()
    with (
        served_hdlc(meter.physical_device) as port,
        gurux(port, mechanism, suite, link=LINK_HDLC) as client,
    ):
        _use(meter, client)


@pytest.mark.parametrize(
    ("suite", "hdlc"),
    [
        pytest.param(
            suite,
            hdlc,
            marks=cell(
                COSEM,
                SERVER,
                services=USUAL,
                transport="HDLC over TCP" if hdlc else "TCP wrapper",
                mechanism=Mechanism.HIGH_GMAC,
                suite=suite,
                protections=("general-glo",),
                note=TWO_FLAGS if hdlc else "",
            ),
            id=f"{'hdlc' if hdlc else 'wrapper'}-suite-{suite}",
        )
        for suite in (0, 1, 2)
        for hdlc in (False, True)
    ],
)
def test_gmac_with_dlms_cosem(suite: int, hdlc: bool) -> None:
    meter = SecuredMeter()
    with (
        (served_hdlc if hdlc else served)(meter.physical_device) as port,
        dlms_cosem(port, suite, hdlc=hdlc) as client,
    ):
        assert client.register(obis.ACTIVE_ENERGY_IMPORT) == ENERGY
        count = 21 if hdlc else 91
        rows = client.profile(obis.LOAD_PROFILE, START, START + (count - 1) * PERIOD)
        assert [row[2] for row in rows] == [IMPORT_WH + 25 * n for n in range(count)]
        client.switch_relay(obis.DISCONNECT_CONTROL, False)
    assert not meter.closed
    assert sum(meter.device.open_count.values()) == 0


@pytest.mark.parametrize("wrong", ["blockCipherKey", "authenticationKey", "systemTitle"])
def test_a_wrong_key_or_title_opens_nothing(wrong: str) -> None:
    meter = SecuredMeter()
    with served(meter.physical_device) as port:
        client = GuruxSecureClient(port, Mechanism.HIGH_GMAC, 0)
        setattr(client.core.ciphering, wrong, b"ANOTHER1" * (1 if wrong == "systemTitle" else 2))
        if wrong == "systemTitle":
            client.core.ciphering.blockCipherKey = made_key("another")
        with pytest.raises(Exception, match=r"(?i)reject|exception|failure"):
            client.open()
        client.close()
    assert sum(meter.device.open_count.values()) == 0


@pytest.mark.parametrize("certified", [False, True])
def test_the_meters_certificate_comes_where_the_clients_does(certified: bool) -> None:
    client = ClientConnection(
        AssociationParameters(
            sap_of(Mechanism.HIGH_ECDSA, 1),
            mechanism=Mechanism.HIGH_ECDSA,
            security=our_client(1),
            challenge=bytes(range(40)),
            certificate=certificate("client", CertificateUse.SIGNATURE, 1) if certified else None,
        )
    )
    sessions = Sessions(SecuredMeter().physical_device)
    (request,) = client.associate()
    (answer,) = sessions.answer(sap_of(Mechanism.HIGH_ECDSA, 1), 1, request)
    aare = apdus.decode(answer)
    assert isinstance(aare, Aare)
    own = certificate("meter", CertificateUse.SIGNATURE, 1)
    assert aare.responding_ae_qualifier == (own if certified else None)
    assert client.receive(answer) is None
    assert client.outgoing


TO_SERVER, TO_CLIENT = bytes(range(40, 72)), bytes(range(100, 132))
PASSES = Passes(CLIENT_TITLE, METER_TITLE, TO_SERVER, TO_CLIENT)
OLD = (Mechanism.HIGH, Mechanism.HIGH_MD5, Mechanism.HIGH_SHA1, Mechanism.HIGH_SHA256)


@pytest.mark.parametrize(
    "mechanism",
    [
        pytest.param(m, marks=cell(GURUX, CLIENT, mechanism=m, services=("association",)))
        for m in OLD
    ],
)
@pytest.mark.parametrize("prover", Prover)
def test_proofs_are_theirs(mechanism: Mechanism, prover: Prover) -> None:
    """What our client proves, and takes as proof, is what the code of gurux-dlms computes."""
    settings = GXDLMSSettings(prover is Prover.SERVER, None)
    settings.authentication = Authentication(int(mechanism))
    secret = SECRET
    if mechanism is Mechanism.HIGH_SHA256:
        secret += PASSES.message(prover)
    elif mechanism is Mechanism.HIGH:
        secret = SECRET[:16]
    cipher = GXDLMSSecureClient().ciphering
    theirs = bytes(GXSecure.secure(settings, cipher, 0, PASSES.challenge(prover), secret))
    own = SECRET if mechanism is not Mechanism.HIGH else SECRET[:16]
    assert prove(mechanism, prover, PASSES, secret=own) == theirs
    verify(mechanism, prover, PASSES, theirs, secret=own)
