"""The client over an in-memory link in virtual time, and over TCP where TCP is the matter."""

import asyncio
import contextlib
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

import virtual_time
from addad import obis
from addad.cosem.classes import Clock, Data, DisconnectControl, ProfileGeneric, Register
from addad.cosem.classes.control import ControlState
from addad.cosem.server import ServerEndpoint
from addad.dlms.apdu.initiate import Conformance
from addad.dlms.apdu.notification import DataNotification
from addad.dlms.connection import ServerParameters
from addad.dlms.data import Data as AxdrData
from addad.dlms.data import Tag, decode
from addad.dlms.parameters import SERVICES
from addad.dlms.types import Boolean, DoubleLongUnsigned, LongUnsigned
from addad.dlms.wrapper import WrapperFrame
from addad.errors import (
    AccessError,
    AssociationError,
    DecodeError,
    InputError,
    LinkError,
    LocalProtocolError,
    RemoteProtocolError,
)
from addad.net.client import Client, ClientOptions, OnNotification
from addad.net.server import ServerLink, serve
from addad.net.tcp import FrameLink
from addad.units import ScalerUnit
from cosem.sample_device import (
    BROKEN,
    IMPORT_WH,
    MANAGEMENT,
    PERIOD,
    PROFILE_COLUMNS,
    READER,
    START,
    THRESHOLD_NAME,
    SampleMeter,
)
from net.memory_link import MemoryTransport, memory_pair


@asynccontextmanager
async def in_memory(
    meter: SampleMeter,
    client_sap: int = 2,
    password: bytes | None = READER,
    *,
    chunk: int | None = None,
    max_pdu: int = 0xFFFF,
    on_notification: OnNotification | None = None,
    parameters: ServerParameters | None = None,
) -> AsyncIterator[tuple[Client, MemoryTransport]]:
    """A client on a sample meter, and the meter's transport."""
    link = FrameLink("the sample meter")
    _, far = memory_pair(link, ServerLink(ServerEndpoint(meter.physical_device, parameters)))
    far.chunk = chunk
    client = Client(
        link,
        client_sap=client_sap,
        password=password,
        max_pdu=max_pdu,
        on_notification=on_notification,
    )
    async with client:
        yield client, far


def test_attributes_come_with_their_python_types() -> None:
    async def main() -> None:
        meter = SampleMeter()
        async with in_memory(meter) as (client, _):
            state = await client.get(obis.DISCONNECT_CONTROL, DisconnectControl.control_state)
            assert state is ControlState.CONNECTED
            assert await client.get(obis.DISCONNECT_CONTROL, DisconnectControl.output_state) is True
            unit = await client.get(obis.VOLTAGE_PHASES[0], Register.scaler_unit)
            assert unit == ScalerUnit(-1, 35)
            raw = await client.get(obis.ACTIVE_ENERGY_IMPORT, Register.value)
            assert raw == AxdrData(Tag.DOUBLE_LONG_UNSIGNED, IMPORT_WH)
            time = await client.get(obis.CLOCK, Clock.time)
            assert time.to_datetime() == START + timedelta(days=7)

    virtual_time.run(main())


def test_an_answer_may_come_octet_by_octet() -> None:
    async def main() -> None:
        async with in_memory(SampleMeter(), chunk=1) as (client, _):
            value = Register.value.typed(DoubleLongUnsigned)
            assert await client.get(obis.ACTIVE_ENERGY_IMPORT, value) == IMPORT_WH

    virtual_time.run(main())


def test_a_refusal_is_an_access_error_with_the_result_in_words() -> None:
    async def main() -> None:
        meter = SampleMeter()
        async with in_memory(meter, 16, None) as (client, _):
            with pytest.raises(
                AccessError, match=r"1-0:1\.8\.0 attribute 2: object undefined"
            ) as no:
                await client.get(obis.ACTIVE_ENERGY_IMPORT, Register.value)
            assert no.value.result == 4
        async with in_memory(meter) as (client, _):
            with pytest.raises(AccessError, match="read write denied"):
                await client.set(THRESHOLD_NAME, Register.value.typed(LongUnsigned), 5)
            with pytest.raises(AccessError, match="method 1: read write denied"):
                await client.action(obis.DISCONNECT_CONTROL, DisconnectControl.remote_disconnect)
            with pytest.raises(AccessError, match="other reason"):
                await client.get(BROKEN, Data.value)
            assert await client.get(obis.DEVICE_ID_1, Data.value)

    virtual_time.run(main())


def test_a_value_of_another_type_says_which_attribute() -> None:
    async def main() -> None:
        async with in_memory(SampleMeter()) as (client, _):
            with pytest.raises(DecodeError, match=r"1-0:1\.8\.0 Register\.value"):
                await client.get(obis.ACTIVE_ENERGY_IMPORT, Register.value.typed(Boolean))
            assert not client.closed

    virtual_time.run(main())


def test_management_writes_and_switches() -> None:
    async def main() -> None:
        meter = SampleMeter()
        async with in_memory(meter, 1, MANAGEMENT) as (client, _):
            threshold = Register.value.typed(LongUnsigned)
            await client.set(THRESHOLD_NAME, threshold, 9000)
            assert meter.threshold_w == 9000
            await client.action(obis.DISCONNECT_CONTROL, DisconnectControl.remote_disconnect)
            assert not meter.closed
            await client.action(obis.DISCONNECT_CONTROL, DisconnectControl.remote_reconnect, 0)
            assert meter.closed

    virtual_time.run(main())


@pytest.mark.parametrize("max_pdu", [64, 0xFFFF])
def test_many_attributes_come_in_few_requests_each_with_its_result(max_pdu: int) -> None:
    async def main() -> None:
        parameters = ServerParameters(max_pdu=max_pdu)
        async with in_memory(SampleMeter(), parameters=parameters) as (client, far):
            names = [obis.ACTIVE_ENERGY_IMPORT, obis.FREQUENCY, obis.VOLTAGE_PHASES[0]] * 20
            before = len(far.written)
            values = await client.get_many([(name, Register.value) for name in names])
            assert [v.value for v in values if isinstance(v, AxdrData)] == [IMPORT_WH, 2304] * 20
            assert [v.result for v in values if isinstance(v, AccessError)] == [4] * 20
            if max_pdu == 0xFFFF:
                assert len(far.written) - before < 60 * 8 + 20
            assert await client.get_many([]) == []

    virtual_time.run(main())


@pytest.mark.parametrize("max_pdu", [128, 0xFFFF])
def test_a_profile_by_range(max_pdu: int) -> None:
    async def main() -> None:
        meter = SampleMeter(rows=500)
        async with in_memory(meter, max_pdu=max_pdu) as (client, _):
            first, last = START + 96 * PERIOD, START + 192 * PERIOD
            reading = await client.read_profile(obis.LOAD_PROFILE, first, last)
            assert reading.capture_objects == PROFILE_COLUMNS
            rows = decode(reading.octets).value
            assert isinstance(rows, tuple)
            assert len(rows) == 97
            energy = PROFILE_COLUMNS[2]
            narrow = await client.read_profile(
                obis.LOAD_PROFILE,
                first,
                first,
                capture_objects=PROFILE_COLUMNS,
                columns=[energy],
            )
            assert narrow.capture_objects == (energy,)
            assert narrow.octets == bytes.fromhex("01010201") + DoubleLongUnsigned.encode(
                IMPORT_WH + 25 * 96
            )
            with pytest.raises(LocalProtocolError, match="no clock column"):
                await client.read_profile(obis.LOAD_PROFILE, first, last, capture_objects=[energy])

    virtual_time.run(main())


def test_requests_of_many_tasks_wait_their_turn() -> None:
    async def main() -> None:
        async with in_memory(SampleMeter()) as (client, _):
            value = Register.value.typed(DoubleLongUnsigned)
            tasks = [client.get(obis.ACTIVE_ENERGY_IMPORT, value) for _ in range(50)]
            assert await asyncio.gather(*tasks) == [IMPORT_WH] * 50

    virtual_time.run(main())


def test_a_wrong_password_is_an_association_error() -> None:
    async def main() -> None:
        with pytest.raises(AssociationError, match="authentication failure"):
            async with in_memory(SampleMeter(), 1, b"guess"):
                pass

    virtual_time.run(main())


def test_silence_is_a_link_error_in_its_time() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        async with in_memory(SampleMeter()) as (client, far):
            far.deaf = True
            begun_s = loop.time()
            with pytest.raises(LinkError, match="the sample meter answered nothing for 10 s"):
                await client.get(obis.CLOCK, Clock.time)
            assert loop.time() - begun_s == pytest.approx(10.0)
            assert client.closed
            with pytest.raises(LinkError):
                await client.get(obis.CLOCK, Clock.time)

    virtual_time.run(main())


def test_silence_in_mid_frame_and_in_mid_block() -> None:
    async def main() -> None:
        meter = SampleMeter(rows=2000)
        async with in_memory(meter, max_pdu=512) as (client, far):
            task = asyncio.create_task(client.get(obis.LOAD_PROFILE, ProfileGeneric.buffer))
            await asyncio.sleep(0)
            for _ in range(20):
                await asyncio.sleep(0)
            far.deaf = True
            with pytest.raises(LinkError, match="answered nothing for 10 s"):
                await task
            assert 20 < meter.profile.encoded < 2000
        link = FrameLink("it")
        _, far = memory_pair(link, Silent())
        client = Client(link)
        task2 = asyncio.create_task(client.associate())
        await asyncio.sleep(1.0)
        far.write(bytes.fromhex("0001000100100040"))
        with pytest.raises(LinkError, match="half a frame, then nothing"):
            await task2

    virtual_time.run(main())


class Silent(asyncio.Protocol):
    """Takes everything, says nothing."""


@pytest.mark.parametrize(
    ("octets", "message"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "does not speak DLMS/COSEM"),
        (WrapperFrame(1, 16, b"\xff\x00").encode(), "breaks the protocol"),
        (WrapperFrame(1, 16, bytes.fromhex("c401c100")).encode(), "breaks the protocol"),
        (WrapperFrame(7, 16, b"\x61\x00").encode(), "a frame from 7 to 16"),
    ],
)
def test_garbage_is_the_meters_fault_and_ends_the_link(octets: bytes, message: str) -> None:
    async def main() -> None:
        link = FrameLink("10.0.0.7:4059")
        _, far = memory_pair(link, Silent())
        client = Client(link)
        task = asyncio.create_task(client.associate())
        await asyncio.sleep(1.0)
        far.write(octets)
        with pytest.raises(RemoteProtocolError, match=message) as fault:
            await task
        assert "10.0.0.7:4059" in str(fault.value)
        assert client.closed

    virtual_time.run(main())


def test_a_meter_that_hangs_up_is_a_link_error() -> None:
    async def main() -> None:
        async with in_memory(SampleMeter()) as (client, far):
            task = asyncio.create_task(client.get(obis.CLOCK, Clock.time))
            far.deaf = True
            await asyncio.sleep(1.0)
            far.close()
            with pytest.raises(LinkError, match="closed the connection"):
                await task

    virtual_time.run(main())


def test_notifications_between_request_and_answer_are_handed_on() -> None:
    seen: list[DataNotification] = []

    async def main() -> None:
        async with in_memory(SampleMeter(), on_notification=seen.append) as (client, far):
            push = DataNotification(5, None, AxdrData(Tag.UNSIGNED, 1))
            far.write(WrapperFrame(1, 2, push.encode()).encode())
            assert await client.get(obis.DISCONNECT_CONTROL, DisconnectControl.output_state)
            assert seen == [push]

    virtual_time.run(main())


def test_a_request_that_is_given_up_ends_the_link() -> None:
    async def main() -> None:
        async with in_memory(SampleMeter()) as (client, far):
            far.deaf = True
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(1.0):
                    await client.get(obis.CLOCK, Clock.time)
            assert client.closed

    virtual_time.run(main())


def test_the_association_is_released_and_the_link_closed_at_the_end() -> None:
    async def main() -> None:
        meter = SampleMeter()
        async with in_memory(meter) as (client, far):
            assert meter.device.open_count[2] == 1
        assert client.closed
        await asyncio.sleep(0.1)
        assert meter.device.open_count[2] == 0
        assert far.is_closing()

    virtual_time.run(main())


def test_over_tcp_and_many_clients_at_once() -> None:
    async def main() -> None:
        meter = SampleMeter()
        async with await serve(
            lambda: ServerEndpoint(meter.physical_device), "127.0.0.1", 0
        ) as server:

            async def one(client_sap: int, password: bytes) -> bool:
                async with Client.connect(
                    "127.0.0.1", server.port, client_sap=client_sap, password=password
                ) as client:
                    return await client.get(obis.DISCONNECT_CONTROL, DisconnectControl.output_state)

            clients = [one(2, READER) for _ in range(20)] + [one(1, MANAGEMENT) for _ in range(20)]
            assert await asyncio.gather(*clients) == [True] * 40

    asyncio.run(main())


def test_nothing_listens_says_so() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

        async def main() -> None:
            async with Client.connect("127.0.0.1", port, timeout_s=60.0):
                pass

        with pytest.raises(LinkError, match=f"nothing listens at 127.0.0.1:{port}; is the meter"):
            asyncio.run(main())


def test_a_name_that_is_none_says_so() -> None:
    async def main() -> None:
        async with Client.connect("no.such.host.invalid", 4059, timeout_s=5.0):
            pass

    with pytest.raises(LinkError, match=r"no\.such\.host\.invalid:4059"):
        asyncio.run(main())


def test_the_cable_needs_no_numpy() -> None:
    code = (
        "import sys, addad.net, addad.net.client, addad.net.server, addad.net.push, "
        "addad.cosem.server, addad.reader.scan, addad.reader.profile, addad.cli.read; "
        "assert not {'numpy', 'numba', 'rich'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("max_pdu", [64, 0xFFFF])
def test_many_are_written_and_run_each_with_its_result(max_pdu: int) -> None:
    async def main() -> None:
        meter = SampleMeter()
        parameters = ServerParameters(max_pdu=max_pdu)
        async with in_memory(meter, 1, MANAGEMENT, parameters=parameters) as (client, _):
            threshold = Register.value.typed(LongUnsigned)
            ends = await client.set_many(
                [
                    (THRESHOLD_NAME, threshold, 7000),
                    (THRESHOLD_NAME, threshold, 40_000),
                    (obis.FREQUENCY, threshold, 1),
                ]
            )
            assert [None if end is None else end.result for end in ends] == [None, 2, 4]
            assert meter.threshold_w == 7000
            method = DisconnectControl.remote_disconnect
            done = await client.action_many(
                [(obis.DISCONNECT_CONTROL, method, 0), (obis.FREQUENCY, method, 0)]
            )
            assert done[0] is None
            assert isinstance(done[1], AccessError)
            assert not meter.closed
            assert await client.set_many([]) == []
            assert await client.action_many([]) == []

    virtual_time.run(main())


def test_long_lists_of_writes_and_methods_are_cut_to_what_small_apdus_name() -> None:
    async def main() -> None:
        meter = SampleMeter()
        parameters = ServerParameters(
            max_pdu=64, conformance=SERVICES & ~Conformance.GENERAL_BLOCK_TRANSFER
        )
        async with in_memory(meter, 1, MANAGEMENT, parameters=parameters) as (client, _):
            threshold = Register.value.typed(LongUnsigned)
            items = [(THRESHOLD_NAME, threshold, 7000 + number) for number in range(30)]
            assert await client.set_many(items) == [None] * 30
            assert meter.threshold_w == 7029
            method = DisconnectControl.remote_disconnect
            assert await client.action_many([(obis.DISCONNECT_CONTROL, method, 0)] * 30) == (
                [None] * 30
            )

    virtual_time.run(main())


@pytest.mark.parametrize("options", [{"password": "text"}, {"client_sap": -1}, {"max_pdu": -1}])
def test_a_connection_is_closed_when_an_option_of_the_client_is_refused(
    options: ClientOptions,
) -> None:
    async def main() -> None:
        endpoint = ServerEndpoint(SampleMeter().physical_device)
        async with await serve(lambda: endpoint, "127.0.0.1", 0) as server:
            with pytest.raises(LocalProtocolError):
                async with Client.connect("127.0.0.1", server.port, **options):
                    pass
            async with asyncio.timeout(30):
                while server.connections:
                    await asyncio.sleep(0.01)
        link = FrameLink("the sample meter")
        memory_pair(link, ServerLink(endpoint))
        with pytest.raises(LocalProtocolError):
            async with Client.over(link, **options):
                pass
        assert link.closed

    asyncio.run(main())


def test_a_client_is_told_what_comes_by_a_function_that_is_called() -> None:
    async def later(_: object) -> None:
        pass

    async def main() -> None:
        with pytest.raises(InputError, match="called here and not awaited"):
            Client(FrameLink("the sample meter"), on_notification=later)  # type: ignore[arg-type]

    asyncio.run(main())


def test_an_association_may_be_opened_again_on_the_same_link() -> None:
    async def main() -> None:
        meter = SampleMeter()
        link = FrameLink("the meter")
        memory_pair(link, ServerLink(ServerEndpoint(meter.physical_device)))
        client = Client(link, client_sap=2, password=READER)
        for _ in range(3):
            await client.associate()
            assert await client.get(obis.DISCONNECT_CONTROL, DisconnectControl.output_state)
            await client.release()
            assert meter.device.open_count[2] == 0
        assert not client.closed
        await client.close()

    virtual_time.run(main())


def test_one_program_reads_fifty_meters_at_once() -> None:
    async def main() -> None:
        async with contextlib.AsyncExitStack() as stack:
            ports = []
            for number in range(50):
                meter = SampleMeter(rows=8)
                meter.threshold_w = 1000 + number
                device = meter.physical_device
                server = await serve(lambda d=device: ServerEndpoint(d), "127.0.0.1", 0)  # type: ignore[misc]
                ports.append((await stack.enter_async_context(server)).port)

            async def read(port: int) -> int:
                async with Client.connect(
                    "127.0.0.1", port, client_sap=2, password=READER
                ) as client:
                    return await client.get(THRESHOLD_NAME, Register.value.typed(LongUnsigned))

            found = await asyncio.gather(*(read(port) for port in ports))
            assert found == [1000 + number for number in range(50)]

    asyncio.run(main())
