"""Foreign clients under keys on the running meter, with the credentials that it wrote for them."""

import time
from pathlib import Path

import pytest
from gurux_dlms.enums import Conformance
from gurux_dlms.objects import GXDLMSSecuritySetup
from gurux_dlms.objects.enums import GlobalKeyType

from addad import obis
from addad.dlms.acse import Mechanism
from addad.reader.credentials import AssociationCredentials, load_credentials
from addad.units import Unit
from foreign.cells import COSEM, GURUX, SERVER, cell
from foreign.cosem_secure import CosemSecureClient
from foreign.foreign_clients import DlmsCosemClient, GuruxClient, connect
from foreign.gurux_secure import GuruxSecureClient, KeyRing, gurux, take_p384
from foreign.secured_device import made_key
from host.test_process import meter_process
from net.served_meter import HOST

PUBLIC, READER, SHA256, ECDSA_1, ECDSA_2, GROUP = 16, 4, 5, 6, 7, 102
MANAGEMENT = 3
COUNTER = obis.Obis.parse("0-0:43.1.0")
START_S = 60.0
REAL = "the running meter, with the credentials that it wrote"


def _known(folder: Path, client_sap: int) -> AssociationCredentials:
    return load_credentials(folder / "credentials.json").of_client(client_sap)


def _ring(known: AssociationCredentials) -> KeyRing:
    assert known.keys is not None
    assert known.client_title is not None
    assert known.keys.authentication is not None
    return KeyRing(
        known.client_title,
        known.keys.encryption,
        known.keys.authentication,
        known.password,
        known.elliptic.signing,
        known.elliptic.meter_signing,
    )


def _is_alive(client: GuruxClient | DlmsCosemClient) -> None:
    until_s = time.monotonic() + START_S
    while True:
        try:
            voltage, unit = client.register(obis.VOLTAGE_PHASES[0])
            break
        except TypeError:  # null, until it has measured for a second
            assert time.monotonic() < until_s
            time.sleep(0.2)
    assert (200 < voltage < 260, unit) == (True, Unit.VOLT)


@cell(
    GURUX,
    SERVER,
    services=("association", "release", "GET normal", "object list", "ACTION normal"),
    transport="TCP wrapper",
    mechanism=Mechanism.HIGH_GMAC,
    suite=0,
    protections=("glo",),
    note=REAL,
)
@cell(
    GURUX,
    SERVER,
    services=("association", "release", "GET normal", "ACTION normal"),
    transport="TCP wrapper",
    mechanism=Mechanism.HIGH_SHA256,
    suite=0,
    protections=("glo",),
    note=REAL,
)
@cell(
    GURUX,
    SERVER,
    services=("association", "release", "GET normal", "ACTION normal"),
    transport="TCP wrapper",
    mechanism=Mechanism.HIGH_ECDSA,
    suite=1,
    protections=("glo",),
    note=REAL,
)
@cell(
    GURUX,
    SERVER,
    services=("association", "release", "GET normal", "ACTION normal"),
    transport="TCP wrapper",
    mechanism=Mechanism.HIGH_ECDSA,
    suite=2,
    protections=("glo",),
    note=REAL,
)
@cell(
    COSEM,
    SERVER,
    services=("association", "release", "GET normal"),
    transport="TCP wrapper",
    mechanism=Mechanism.HIGH_GMAC,
    suite=0,
    protections=("general-glo",),
    note=REAL,
)
def test_each_client_under_its_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with meter_process(tmp_path) as (process, port):
        for client_sap in (MANAGEMENT, READER, SHA256, ECDSA_1, ECDSA_2):
            known = _known(tmp_path, client_sap)
            if client_sap == ECDSA_2:
                take_p384(monkeypatch)
            with gurux(
                port, known.mechanism, known.suite, client_sap=client_sap, ring=_ring(known)
            ) as client:
                _is_alive(client)
                if client_sap == MANAGEMENT:
                    assert (70, obis.DISCONNECT_CONTROL.dotted) in client.object_list()
                if client_sap == READER:
                    with pytest.raises(PermissionError, match="3"):
                        client.switch_relay(obis.DISCONNECT_CONTROL, False)
                used = int(client.core.ciphering.invocationCounter)
        known = _known(tmp_path, READER)
        other = CosemSecureClient(port, known.suite, client_sap=READER, ring=_ring(known))
        with connect(GuruxClient, HOST, port, PUBLIC, None) as public:
            expected = int(public._read("GXDLMSData", COUNTER, 2).value)
        assert used > 1
        assert expected > 1
        other._client.client_invocation_counter = 1000
        other.open()
        _is_alive(other)
        other.close()
        assert process.poll() is None


@cell(
    GURUX,
    SERVER,
    services=("key transfer", "association"),
    transport="TCP wrapper",
    mechanism=Mechanism.HIGH_GMAC,
    suite=0,
    protections=("glo",),
    note=REAL,
)
def test_new_keys_are_used_from_the_next_association_on(tmp_path: Path) -> None:
    fresh = made_key("fresh")
    with meter_process(tmp_path) as (process, port):
        known = _known(tmp_path, MANAGEMENT)
        ring = _ring(known)
        assert known.keys is not None
        setup = GXDLMSSecuritySetup("0.0.43.0.0.255")
        options = {"client_sap": MANAGEMENT, "ring": ring}
        with gurux(port, Mechanism.HIGH_GMAC, 0, **options) as client:
            keys = [(GlobalKeyType.UNICAST_ENCRYPTION, fresh)]
            client.request(setup.globalKeyTransfer(client.core, known.keys.master, keys))
            _is_alive(client)
        options["ring"] = ring._replace(encryption=fresh)
        with gurux(port, Mechanism.HIGH_GMAC, 0, **options) as client:
            _is_alive(client)
        late = GuruxSecureClient(
            port, Mechanism.HIGH_GMAC, 0, client_sap=MANAGEMENT, ring=ring, first=5000
        )
        with pytest.raises(Exception, match=r"(?i)reject|exception|failure"):
            late.open()
        late.close()
        assert process.poll() is None


@cell(
    GURUX,
    SERVER,
    services=("GET normal",),
    transport="TCP wrapper",
    mechanism=Mechanism.NONE,
    suite=0,
    protections=("general-glo", "pre-established"),
    note=REAL,
)
def test_without_connection(tmp_path: Path) -> None:
    with meter_process(tmp_path) as (_, port):
        known = _known(tmp_path, GROUP)
        client = GuruxSecureClient(
            port, Mechanism.NONE, 0, general=True, client_sap=GROUP, ring=_ring(known)
        )
        client.core.serverSystemTitle = known.meter_title
        client.core.settings.sourceSystemTitle = known.meter_title
        client.core.negotiatedConformance |= Conformance.GENERAL_PROTECTION
        _is_alive(client)
        client.close()
