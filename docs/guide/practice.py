"""A meter to practise on: `python practice.py` serves it until Ctrl-C. The guide's blocks read it.

TCP and UDP at port 4059, HDLC over TCP at 4060. Clients: 16 public; 2 reader and 1 management, with
passwords; 3 with keys (suite 0, mechanism 5); 102 with keys, without association. Behind the same
TCP port, as behind a gateway, it stands once more as meter 07 of network 1.
"""

import asyncio
import contextlib
import secrets
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from addad import obis
from addad.cosem.classes import Clock, Data, DisconnectControl, ProfileGeneric, Register
from addad.cosem.classes.control import ControlState
from addad.cosem.classes.measurement import CaptureObject
from addad.cosem.cosem_object import CosemObject
from addad.cosem.gateway import GatewaySessions
from addad.cosem.hdlc_server import HdlcEndpoint
from addad.cosem.logical_device import Doorkeeper, LogicalDevice
from addad.cosem.physical_device import PhysicalDevice
from addad.cosem.profile_rows import select_rows
from addad.cosem.rights import (
    AssociationSpec,
    SecuredBy,
    group_rights,
    management_rights,
    usual_associations,
)
from addad.cosem.server import ServerEndpoint
from addad.cosem.sessions import Sessions
from addad.dlms.acse import Mechanism
from addad.dlms.clock_time import DateTime
from addad.dlms.gateway import GatewayAddress
from addad.dlms.results import DataAccessResult
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.counters import VolatileCounters
from addad.dlms.security.keys import KeyId, SymmetricKeys
from addad.dlms.security.suite import SecuritySuite
from addad.dlms.types import DateTimeOctets, DoubleLongUnsigned, LongUnsigned, OctetString
from addad.errors import AccessError, LinkError
from addad.net.hdlc_server import serve_hdlc
from addad.net.invocation_counter import INVOCATION_COUNTER
from addad.net.server import serve
from addad.net.udp_server import serve_udp
from addad.obis import Obis
from addad.units import ScalerUnit, Unit

HOST, PORT, HDLC_PORT = "127.0.0.1", 4059, 4060
NAME = b"ADDPRACTICE00001"
METER_TITLE, CLIENT_TITLE = b"ADDMTR01", b"ADDHES01"
KEYS = SymmetricKeys(
    bytes.fromhex("000102030405060708090a0b0c0d0e0f"),
    authentication=bytes.fromhex("d0d1d2d3d4d5d6d7d8d9dadbdcdddedf"),
    broadcast=bytes.fromhex("0f0e0d0c0b0a09080706050403020100"),
)
BEHIND_A_GATEWAY = GatewayAddress(1, b"\x07")
THRESHOLD = Obis.parse("0-0:128.17.0")
NOON = datetime(2026, 6, 21, 12, tzinfo=UTC)
COLUMNS = (
    CaptureObject(8, obis.CLOCK, 2),
    CaptureObject(3, obis.ACTIVE_ENERGY_IMPORT, 2),
    CaptureObject(3, obis.ACTIVE_ENERGY_EXPORT, 2),
)


class LoadProfile:
    """A week of quarter hours up to noon: 25 Wh in and 10 Wh out in each."""

    capture_objects = COLUMNS
    rows = 7 * 96
    in_order = True

    def times_s(self) -> Sequence[int]:
        """When each row was captured."""
        last = int(NOON.timestamp())
        return range(last - 900 * (self.rows - 1), last + 1, 900)

    def encode_row(self, index: int, columns: Sequence[int] | None) -> bytes:
        """One row, of these columns or of all."""
        moment = DateTime.from_datetime(datetime.fromtimestamp(self.times_s()[index], UTC))
        cells = (
            DateTimeOctets.encode(moment),
            DoubleLongUnsigned.encode(1_000_000 + 25 * index),
            DoubleLongUnsigned.encode(10 * index),
        )
        chosen = cells if columns is None else [cells[column] for column in columns]
        return bytes((2, len(chosen))) + b"".join(chosen)


class Challenges(Doorkeeper):
    """High level security needs octets that nobody can foresee."""

    def challenge(self) -> bytes:
        """New ones at each call."""
        return secrets.token_bytes(32)


class PracticeMeter:
    """What the objects show and change."""

    def __init__(self) -> None:
        self.closed = True
        self.threshold_w = 6000
        self.ahead = timedelta()
        self.counters = VolatileCounters()  # a meter that is one keeps them: see security.md

    def now(self) -> DateTime:
        """Always noon, plus what the clock was set ahead."""
        return DateTime.from_datetime(NOON + self.ahead)

    def set_clock(self, moment: DateTime) -> None:
        """Show this time from now on."""
        self.ahead = moment.to_datetime() - NOON

    def switch(self, closed: bool) -> None:
        """Open or close the relay."""
        self.closed = closed

    def set_threshold(self, power_w: int) -> None:
        """Take another threshold, up to 30 kW."""
        if power_w > 30_000:
            raise AccessError(DataAccessResult.TYPE_UNMATCHED)
        self.threshold_w = power_w

    def accepted(self) -> int:
        """The last invocation counter that the head end used."""
        return max(self.counters.last(KeyId.GLOBAL_UNICAST_ENCRYPTION, CLIENT_TITLE), 0)

    def objects(self) -> list[CosemObject]:
        """The table: which object shows what."""
        state, energy = DisconnectControl.control_state, Register.value.typed(DoubleLongUnsigned)
        number, profile = Register.value.typed(LongUnsigned), LoadProfile()
        wh, relay = ScalerUnit(0, Unit.WATT_HOUR), DisconnectControl

        def relay_state() -> ControlState:
            return ControlState.CONNECTED if self.closed else ControlState.DISCONNECTED

        return [
            CosemObject(
                Clock, obis.CLOCK, Clock.time.reads(self.now), Clock.time.writes(self.set_clock)
            ),
            CosemObject(
                Data,
                obis.DEVICE_ID_1,
                Data.value.typed(OctetString()).reads(lambda: b"PRACTICE-1"),
            ),
            CosemObject(
                Data,
                INVOCATION_COUNTER,
                Data.value.typed(DoubleLongUnsigned).reads(self.accepted),
            ),
            CosemObject(
                Register,
                obis.ACTIVE_ENERGY_IMPORT,
                energy.reads(lambda: 1_016_775),
                Register.scaler_unit.reads(lambda: wh),
            ),
            CosemObject(
                Register,
                obis.ACTIVE_ENERGY_EXPORT,
                energy.reads(lambda: 6_710),
                Register.scaler_unit.reads(lambda: wh),
            ),
            CosemObject(
                Register,
                obis.VOLTAGE_PHASES[0],
                number.reads(lambda: 2304),
                Register.scaler_unit.reads(lambda: ScalerUnit(-1, Unit.VOLT)),
            ),
            CosemObject(
                Register,
                THRESHOLD,
                number.reads(lambda: self.threshold_w),
                number.writes(self.set_threshold),
                Register.scaler_unit.reads(lambda: ScalerUnit(0, Unit.WATT)),
            ),
            CosemObject(
                relay,
                obis.DISCONNECT_CONTROL,
                relay.output_state.reads(lambda: self.closed),
                state.reads(relay_state),
                relay.remote_disconnect.does(lambda _: self.switch(False)),
                relay.remote_reconnect.does(lambda _: self.switch(True)),
            ),
            CosemObject(
                ProfileGeneric,
                obis.LOAD_PROFILE,
                ProfileGeneric.buffer.streams(lambda selection: select_rows(profile, selection)),
                ProfileGeneric.capture_objects.reads(lambda: COLUMNS),
                ProfileGeneric.capture_period.reads(lambda: 900),
                ProfileGeneric.entries_in_use.reads(lambda: profile.rows),
                ProfileGeneric.profile_entries.reads(lambda: profile.rows),
            ),
        ]

    def device(self) -> PhysicalDevice:
        """The meter as its clients see it."""
        context = SecurityContext(
            SecuritySuite.SUITE_0, METER_TITLE, CLIENT_TITLE, KEYS, self.counters
        )
        secured = SecuredBy(Obis.parse("0-0:43.0.0"), context)
        associations = [
            *usual_associations(reader_password=b"reader-1", management_password=b"manage-1"),
            AssociationSpec(
                3,
                Obis.parse("0-0:40.0.4"),
                management_rights,
                Mechanism.HIGH_GMAC,
                secured=secured,
                ciphered=True,
            ),
            AssociationSpec(
                102,
                Obis.parse("0-0:40.0.5"),
                group_rights,
                secured=secured,
                ciphered=True,
                pre_established=True,
            ),
        ]
        logical = LogicalDevice(NAME, self.objects(), associations, doorkeeper=Challenges())
        return PhysicalDevice([logical])


async def main(tcp: int = PORT, udp: int = PORT, hdlc: int = HDLC_PORT) -> None:
    """Serve until cancelled."""
    device = PracticeMeter().device()

    def endpoint() -> ServerEndpoint:
        behind = {BEHIND_A_GATEWAY: lambda: Sessions(device)}
        return ServerEndpoint(GatewaySessions(behind, own=Sessions(device)))

    async with (
        await serve(endpoint, HOST, tcp),
        await serve_udp(lambda: ServerEndpoint(device), HOST, udp),
        await serve_hdlc(lambda: HdlcEndpoint(device, time.monotonic), HOST, hdlc),
    ):
        print(f"meter at {HOST}: TCP and UDP {tcp}, HDLC {hdlc}; Ctrl-C ends it")  # noqa: T201
        await asyncio.Event().wait()


def run(tcp: int = PORT, udp: int = PORT, hdlc: int = HDLC_PORT) -> None:
    """Serve until Ctrl-C; ends with a line when a port is taken."""
    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(main(tcp, udp, hdlc))
    except LinkError as fault:
        sys.exit(str(fault))


if __name__ == "__main__":
    run()
