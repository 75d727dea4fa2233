"""The process of a meter: it says where it listens, hears what is typed, ends clean."""

import asyncio
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from addad import obis
from addad.cosem.classes.internet import TCPUDPSetup
from addad.cosem.classes.measurement import Register
from addad.errors import StorageError
from addad.host.credentials import load_or_make
from addad.host.process import run_all
from addad.net.client import Client

ARGUMENTS = ("--source", "site", "--scene", "2026-06-21T12:00")


@contextmanager
def meter_process(folder: Path, *more: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A running meter and its port; killed at the end if it still runs."""
    command = (sys.executable, "-m", "addad.cli.main", "meter", "--data", str(folder))
    process = subprocess.Popen(
        [*command, "--listen", "127.0.0.1:0", *(more or ARGUMENTS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert "listens at 127.0.0.1:" in line, process.communicate()
        yield process, int(line.rpartition(":")[2])
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


async def _read(folder: Path, port: int, name: obis.Obis) -> object:
    password = load_or_make(folder).reader
    async with Client.connect("127.0.0.1", port, client_sap=2, password=password) as client:
        return (await client.get(name, Register.value)).value


def test_it_measures_answers_and_ends_clean(tmp_path: Path) -> None:
    with meter_process(tmp_path) as (process, port):
        voltage = asyncio.run(_until(tmp_path, port, obis.VOLTAGE_PHASES[0]))
        assert 20_000 < voltage < 26_000
        assert asyncio.run(_shown_port(tmp_path, port)) == port
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0
        assert "Traceback" not in errors


async def _shown_port(folder: Path, port: int) -> int:
    password = load_or_make(folder).reader
    async with Client.connect("127.0.0.1", port, client_sap=2, password=password) as client:
        return await client.get(obis.Obis.parse("0-0:25.0.0"), TCPUDPSetup.tcp_udp_port)


async def _until(folder: Path, port: int, name: obis.Obis) -> int:
    for _ in range(600):
        value = await _read(folder, port, name)
        if isinstance(value, int) and value > 0:
            return value
        await asyncio.sleep(0.1)
    raise AssertionError(f"{name} stays zero")


def test_what_is_typed_is_done_to_the_meter(tmp_path: Path) -> None:
    with meter_process(tmp_path) as (process, port):
        assert process.stdin is not None
        process.stdin.write("explode\nopen_cover\n")
        process.stdin.flush()

        async def opened() -> int:
            from addad.cosem.classes.measurement import Data

            password = load_or_make(tmp_path).reader
            async with Client.connect("127.0.0.1", port, client_sap=2, password=password) as client:
                for _ in range(600):
                    data = await client.get(obis.EVENT_COUNTER_FRAUD, Data.value)
                    if isinstance(data.value, int) and data.value > 0:
                        return data.value
                    await asyncio.sleep(0.1)
            return 0

        assert asyncio.run(opened()) >= 1
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0
        assert "explode" in errors


def test_a_port_in_use_is_told_and_nothing_hangs(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "addad.cli.main", "meter", "--data", str(tmp_path),
             "--listen", f"127.0.0.1:{port}", *ARGUMENTS],
            capture_output=True, text=True, timeout=240,
        )  # fmt: skip
    assert done.returncode == 1
    assert "in use" in done.stderr
    assert "Traceback" not in done.stderr


def test_it_plays_a_recording(tmp_path: Path, data_dir: Path) -> None:
    recording = str(data_dir / "waveforms" / "keating_1999.CFG")
    with meter_process(tmp_path, "--source", recording) as (_, port):
        frequency = asyncio.run(_until(tmp_path, port, obis.FREQUENCY))
        assert abs(frequency - 59_970) < 50


def _shown_by_read(where: str, *more: str) -> str:
    """What `addad read` prints of the serial number of a meter."""
    command = [sys.executable, "-m", "addad.cli.main", "read", where, "0-0:96.1.0", *more]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    return done.stdout + done.stderr


def test_one_meter_is_the_gateway_of_others(tmp_path: Path) -> None:
    """Each keeps its own data, keys and serial; each is read with what its own file has."""
    own, second, third = (tmp_path / name for name in ("own", "second", "third"))
    behind = (f"--behind=0:00000002={second}", f"--behind=0:0x01F2={third}")
    with meter_process(own, *ARGUMENTS, *behind) as (process, port):
        where = f"127.0.0.1:{port}"
        reached = [
            (own, (), "00000001"),
            (second, ("--gateway", "0:00000002"), "00000002"),
            (third, ("--gateway", "0:0x01F2"), "00000003"),
        ]
        for folder, way, serial in reached:
            keys = ("--credentials", str(folder / "credentials.json"), "--client", "3")
            assert serial in _shown_by_read(where, *keys, *way)
        nobody = _shown_by_read(where, "--client", "16", "--gateway", "0:00000009")
        assert "refused" in nobody
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(3)]
        assert told[2].startswith("meter 00000003 is behind it at 01f2 on network 0")
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0
        assert "Traceback" not in errors
    assert {(folder / "slot-a.bin").exists() for folder in (own, second, third)} == {True}


def test_a_meter_behind_whose_data_is_in_use_ends_the_start(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "addad.cli.main", "meter", "--data", str(tmp_path / "m"),
         "--listen", "127.0.0.1:0", f"--behind=0:1={tmp_path / 'm'}", *ARGUMENTS],
        capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert done.returncode == 1
    assert "another meter is running" in done.stderr


def test_when_one_meter_cannot_go_on_all_end_in_good_order() -> None:
    ended: list[str] = []

    class Lasting:
        async def run(self, stopping: asyncio.Event) -> None:
            await stopping.wait()
            ended.append("lasting")

    class Broken:
        async def run(self, stopping: asyncio.Event) -> None:
            raise StorageError("no disk")

    with pytest.raises(StorageError, match="no disk"):
        asyncio.run(run_all((Lasting(), Broken()), asyncio.Event()))
    assert ended == ["lasting"]
