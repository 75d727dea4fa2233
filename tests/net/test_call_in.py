"""Meters that call in: nobody is believed before a key has proven it, and nobody blocks another."""

import asyncio
import logging

import pytest

from addad import obis
from addad.cosem.classes import DisconnectControl, ProfileGeneric
from addad.cosem.server import ServerEndpoint
from addad.dlms.acse import Mechanism
from addad.dlms.parameters import AssociationParameters
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.counters import VolatileCounters
from addad.dlms.security.keys import SymmetricKeys
from addad.dlms.security.suite import Protection, SecuritySuite
from addad.errors import InputError, LinkError
from addad.net.call_in import CallInListener, proves
from addad.net.call_out import CallOut
from addad.net.client import Client, ClientOptions
from cosem.sample_device import NAME, READER, SampleMeter

LOW: ClientOptions = {"client_sap": 2, "password": READER}
STATE = DisconnectControl.output_state


class HeadEnd:
    """Keeps what meters that proved themselves said."""

    def __init__(self) -> None:
        self.known: dict[bytes, ClientOptions] = {NAME: LOW}
        self.read: list[tuple[bytes, bool]] = []

    def access(self, name: bytes) -> ClientOptions | None:
        return self.known.get(name)

    async def on_meter(self, name: bytes, client: Client) -> None:
        self.read.append((name, await client.get(obis.DISCONNECT_CONTROL, STATE)))


def called(listener: CallInListener, meter: SampleMeter) -> CallOut:
    return CallOut(lambda: ServerEndpoint(meter.physical_device), [f"127.0.0.1:{listener.port}"])


def said(caplog: pytest.LogCaptureFixture) -> str:
    return "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("addad"))


def test_a_meter_that_calls_on_a_closed_network_is_read() -> None:
    async def main() -> None:
        head_end, meter = HeadEnd(), SampleMeter()
        async with CallInListener(
            head_end.access, head_end.on_meter, closed_network=True
        ) as listener:
            await listener.listen("127.0.0.1", 0)
            await called(listener, meter).call()
            assert head_end.read == [(NAME, True)]
            assert not any(meter.device.open_count.values())
            assert listener.unproven == 0

    asyncio.run(main())


def test_a_password_is_not_handed_to_whoever_calls(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        head_end, meter = HeadEnd(), SampleMeter()
        async with CallInListener(head_end.access, head_end.on_meter) as listener:
            await listener.listen("127.0.0.1", 0)
            await called(listener, meter).call()
        assert not head_end.read
        assert meter.device.open_count.get(2, 0) == 0

    with caplog.at_level(logging.WARNING):
        asyncio.run(main())
    assert "proves nothing of the meter" in said(caplog)


def test_a_meter_that_is_not_known_is_sent_away(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        head_end, meter = HeadEnd(), SampleMeter()
        head_end.known.clear()
        async with CallInListener(
            head_end.access, head_end.on_meter, closed_network=True
        ) as listener:
            await listener.listen("127.0.0.1", 0)
            await called(listener, meter).call()
        assert not head_end.read

    with caplog.at_level(logging.WARNING):
        asyncio.run(main())
    assert "no meter named ADD0000000000001 is known" in said(caplog)


def test_who_says_nothing_has_no_more_than_its_time(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        head_end = HeadEnd()
        async with CallInListener(
            head_end.access, head_end.on_meter, proof_timeout_s=0.2
        ) as listener:
            await listener.listen("127.0.0.1", 0)
            reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
            async with asyncio.timeout(60.0):
                while await reader.read(1000):
                    pass
            writer.close()
            assert listener.unproven == 0

    with caplog.at_level(logging.WARNING):
        asyncio.run(main())
    assert "did not prove in time who it is" in said(caplog)


@pytest.mark.parametrize(
    "octets",
    [b"GET / HTTP/1.1\r\n\r\n", b"\x00\x01\x00\x01\x00\x10\xff\xff", bytes(9)],
)
def test_garbage_and_long_announcements_end_the_call_with_one_line(
    octets: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        head_end = HeadEnd()
        async with CallInListener(head_end.access, head_end.on_meter) as listener:
            await listener.listen("127.0.0.1", 0)
            reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
            writer.write(octets)
            async with asyncio.timeout(60.0):
                try:
                    while await reader.read(1000):
                        pass
                except ConnectionError:
                    pass
            writer.close()

    with caplog.at_level(logging.WARNING):
        asyncio.run(main())
    assert len(said(caplog).splitlines()) == 1


def test_silent_callers_never_keep_out_a_meter() -> None:
    async def main() -> None:
        head_end, meter = HeadEnd(), SampleMeter()
        async with CallInListener(
            head_end.access, head_end.on_meter, closed_network=True, unproven_max=5
        ) as listener:
            await listener.listen("127.0.0.1", 0)
            silent = [await asyncio.open_connection("127.0.0.1", listener.port) for _ in range(20)]
            await asyncio.sleep(0.05)
            assert listener.unproven <= 5
            await called(listener, meter).call()
            assert head_end.read == [(NAME, True)]
            for _, writer in silent:
                writer.close()

    asyncio.run(main())


def test_a_fault_of_the_caller_of_us_ends_one_call_only(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        head_end, meter = HeadEnd(), SampleMeter()

        async def fail(name: bytes, client: Client) -> None:
            raise RuntimeError("the store is full")

        async with CallInListener(head_end.access, fail, closed_network=True) as listener:
            await listener.listen("127.0.0.1", 0)
            await called(listener, meter).call()
            await called(listener, meter).call()

    with caplog.at_level(logging.WARNING):
        asyncio.run(main())
    assert said(caplog).count("the store is full") == 2


def test_a_long_frame_is_taken_once_the_meter_is_known() -> None:
    async def main() -> None:
        sizes: list[int] = []

        async def read(name: bytes, client: Client) -> None:
            reading = await client.get_octets(ProfileGeneric.buffer.of(obis.LOAD_PROFILE))
            sizes.append(len(reading))

        head_end, meter = HeadEnd(), SampleMeter(rows=500)
        async with CallInListener(head_end.access, read, closed_network=True) as listener:
            await listener.listen("127.0.0.1", 0)
            await called(listener, meter).call()
        assert sizes[0] > 10_000

    asyncio.run(main())


def test_which_associations_prove_the_meter() -> None:
    keys = SymmetricKeys(bytes(16), bytes(16))

    def options(
        mechanism: Mechanism, dedicated: bool = False, unverified: bool = False
    ) -> ClientOptions:
        context = SecurityContext(
            SecuritySuite.SUITE_0,
            b"ADD00001",
            None,
            keys,
            VolatileCounters(),
            unverified=unverified,
        )
        asked = AssociationParameters(1, 1, mechanism, security=context)
        return {"parameters": asked, "dedicated": dedicated}

    assert proves(options(Mechanism.HIGH_GMAC))
    assert proves(options(Mechanism.LOW, dedicated=True))
    assert not proves(options(Mechanism.LOW))
    assert not proves(options(Mechanism.HIGH_GMAC, unverified=True))
    assert not proves(LOW)
    encrypted = options(Mechanism.LOW, dedicated=True)["parameters"]
    assert encrypted is not None
    bare = AssociationParameters(
        1, 1, Mechanism.LOW, security=encrypted.security, protection=Protection.ENCRYPTION
    )
    assert not proves({"parameters": bare, "dedicated": True})


def test_a_port_that_cannot_be_had_says_why() -> None:
    async def main() -> None:
        listener = CallInListener(HeadEnd().access, HeadEnd().on_meter)
        with pytest.raises(InputError, match="no TCP port"):
            await listener.listen("127.0.0.1", 70_000)
        with pytest.raises(LinkError, match=r"no address of this machine|cannot listen"):
            await listener.listen("203.0.113.1", 0)
        with pytest.raises(InputError, match="no host name"):
            await listener.listen("a..b", 0)
        await listener.close()

    asyncio.run(main())
