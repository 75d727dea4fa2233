"""The transports that the clients of gurux-dlms reach by its frames: UDP, a serial line, mode E."""

import asyncio
import time

import pytest
import serial

from addad import obis
from addad.cosem.hdlc_server import HdlcEndpoint
from addad.dlms import mode_e
from addad.dlms.acse import Mechanism
from addad.dlms.mode_e import MeterSignOn
from addad.net.serial import serve_serial
from addad.units import Unit
from cosem.sample_device import IMPORT_WH, MANAGEMENT, PERIOD, START
from foreign.cells import GURUX, SERVER, cell
from foreign.gurux_secure import LINK_UDP, gurux
from foreign.secured_device import SecuredMeter
from foreign.served_udp import served_udp
from net.paced_line import PacedLine, paced_line

ENERGY = (IMPORT_WH, Unit.WATT_HOUR)
ANSWER_S = 60.0
SEVEN_BITS = bytes(octet & 0x7F for octet in range(256))
USUAL = ("association", "release", "GET normal", "selective access by range")
PLAIN = {"ciphered": False, "password": MANAGEMENT, "client_sap": 1}


class SerialLine:
    """A serial port with the three things that their client does with a socket.

    A pseudo-terminal has no parity: the meter makes its parity bits, and here they are dropped.
    """

    def __init__(self, port: str, baud: int) -> None:
        self.port = serial.Serial(port, baud, timeout=ANSWER_S)

    def sendall(self, octets: bytes) -> None:
        self.port.write(octets)

    def recv(self, count: int) -> bytes:
        first = bytes(self.port.read(1))
        return first + bytes(self.port.read(min(count, self.port.in_waiting)))

    def close(self) -> None:
        self.port.close()

    def sign_on(self, address: str, line: PacedLine) -> bytes:
        """Mode E, as the clients of gurux-dlms do it above their package; what the meter said."""
        self.port.baudrate = 300
        self.port.write(f"/?{address}!\r\n".encode())
        identification = bytes(self.port.read_until(b"\n")).translate(SEVEN_BITS)
        code = identification[4:5]
        chosen = b"\x062" + code + b"2\r\n"
        self.port.write(chosen)
        while chosen not in b"".join(octets for _, octets in line.carried):
            time.sleep(0.005)
        self.port.baudrate = {b"5": 9600}[code]
        assert self.port.read(6).translate(SEVEN_BITS) == chosen
        return identification


@pytest.mark.parametrize(
    ("mechanism", "suite", "options"),
    [
        pytest.param(
            mechanism,
            suite,
            options,
            marks=cell(
                GURUX,
                SERVER,
                services=USUAL,
                transport="UDP wrapper",
                mechanism=mechanism,
                suite=None if options else suite,
                protections=() if options else ("glo",),
            ),
            id=f"{mechanism.name.lower()}-suite-{suite}",
        )
        for mechanism, suite, options in [
            (Mechanism.LOW, 0, PLAIN),
            (Mechanism.HIGH_GMAC, 0, {}),
            (Mechanism.HIGH_SHA256, 2, {}),
            (Mechanism.HIGH_ECDSA, 1, {}),
        ]
    ],
)
def test_over_udp(mechanism: Mechanism, suite: int, options: dict[str, object]) -> None:
    meter = SecuredMeter()
    with (
        served_udp(meter.physical_device) as port,
        gurux(port, mechanism, suite, link=LINK_UDP, **options) as client,
    ):
        assert client.register(obis.ACTIVE_ENERGY_IMPORT) == ENERGY
        rows = client.profile(obis.LOAD_PROFILE, START, START + 9 * PERIOD)
        assert [row[2] for row in rows] == [IMPORT_WH + 25 * n for n in range(10)]
        client.release()
        assert sum(meter.device.open_count.values()) == 0


def _lines(transport: str) -> object:
    return pytest.mark.parametrize(
        ("mechanism", "options"),
        [
            pytest.param(
                mechanism,
                options,
                marks=cell(
                    GURUX,
                    SERVER,
                    services=("association", "release", "GET normal"),
                    transport=transport,
                    mechanism=mechanism,
                    suite=None if options else 0,
                    protections=() if options else ("glo",),
                    note="its package has no sign-on; the test does it, by the octets"
                    if transport == "mode E"
                    else "",
                ),
                id=mechanism.name.lower(),
            )
            for mechanism, options in ((Mechanism.LOW, PLAIN), (Mechanism.HIGH_GMAC, {}))
        ],
    )


def _read(line: SerialLine, mechanism: Mechanism, options: dict[str, object]) -> None:
    with gurux(0, mechanism, 0, line=line, **options) as client:
        assert client.register(obis.ACTIVE_ENERGY_IMPORT) == ENERGY


@_lines("HDLC over a serial line")
def test_over_a_serial_line(mechanism: Mechanism, options: dict[str, object]) -> None:
    async def main() -> None:
        endpoint = HdlcEndpoint(SecuredMeter().physical_device, time.monotonic)
        async with paced_line() as line, await serve_serial(line.far, endpoint):
            port = SerialLine(line.near, 9600)
            await asyncio.to_thread(_read, port, mechanism, options)

    asyncio.run(main())


@_lines("mode E")
def test_after_a_sign_on(
    mechanism: Mechanism, options: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    # the two ends are two threads: a busy machine lets neither have the other's rate in time
    monkeypatch.setattr(mode_e, "SWITCH_PAUSE_S", 1.5)

    def sign_on_and_read(line: PacedLine) -> None:
        port = SerialLine(line.near, 300)
        assert port.sign_on("12345678", line) == b"/ADD5\\2addad\r\n"
        _read(port, mechanism, options)

    async def main() -> None:
        endpoint = HdlcEndpoint(SecuredMeter().physical_device, time.monotonic)
        sign_on = MeterSignOn("ADD5\\2addad", "12345678")
        async with paced_line() as line, await serve_serial(line.far, endpoint, sign_on=sign_on):
            await asyncio.to_thread(sign_on_and_read, line)

    asyncio.run(main())
