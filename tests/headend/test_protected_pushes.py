"""A meter's process pushes under its keys to a head end's process: once, whoever sends it again."""

import asyncio
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from test_push_door import plain

from addad.cli.main import main
from addad.errors import LinkError
from addad.headend.store import Store, events
from addad.net.push import send_push
from host.test_process import ARGUMENTS, meter_process

HEADER_OCTETS = 8
SERIAL = "00000001"


class Recorder:
    """Stands between a meter and a head end, and writes down what is pushed."""

    def __init__(self) -> None:
        self.pushed: list[bytes] = []
        self.target = 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._server.close()

    def _serve(self) -> None:
        while True:
            try:
                meter, _ = self._server.accept()
            except OSError:
                return
            with meter, socket.create_connection(("127.0.0.1", self.target)) as head_end:
                octets = b""
                while piece := meter.recv(4096):
                    octets += piece
                head_end.sendall(octets)
                head_end.shutdown(socket.SHUT_WR)
                try:
                    while head_end.recv(4096):
                        pass
                except OSError:
                    continue
                self.pushed.append(octets)


@contextmanager
def head_end_process(folder: Path, told: list[str]) -> Iterator[int]:
    """A head end and its port for pushes; killed at the end, and what it told is in `told`."""
    ports = ("--web", "127.0.0.1:0", "--push", "127.0.0.1:0")
    process = subprocess.Popen(
        [sys.executable, "-m", "addad.cli.main", "headend", "--data", str(folder), *ports],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        line = next((one for one in lines if "for alarms" in one), "")
        assert line, process.communicate()
        yield int(line.rpartition(":")[2])
    finally:
        process.kill()
        told.append(process.communicate()[1])


def refused(port: int, apdu: bytes) -> None:
    with pytest.raises(LinkError):
        asyncio.run(send_push("127.0.0.1", port, apdu))


def register(data: Path, port: int, credentials: Path) -> None:
    where = ["--service-point", "SP-1", f"127.0.0.1:{port}"]
    keys = ["--credentials", str(credentials), "--push-keys"]
    assert main(["register", "--data", str(data), *where, *keys]) == 0


def texts(data: Path) -> list[str]:
    store = Store(data / "headend.db")
    try:
        return [one.event.text for one in events.events_at(store, "SP-1")]
    finally:
        store.close()


def until(condition: object) -> None:
    assert callable(condition)
    for _ in range(600):
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("it does not come")


def other_keys(credentials: Path, to: Path) -> Path:
    content = json.loads(credentials.read_text())
    content["push"]["encryption_key"] = bytes(range(16)).hex()
    to.write_text(json.dumps(content))
    to.chmod(0o600)
    return to


def test_from_meter_to_head_end(tmp_path: Path) -> None:
    meter, data, told = tmp_path / "meter", tmp_path / "utility", list[str]()
    recorder = Recorder()
    order = (*ARGUMENTS, "--push-keys", "--push", f"127.0.0.1:{recorder.port}")
    with meter_process(meter, *order) as (process, port):
        credentials = meter / "credentials.json"
        register(data, port, credentials)
        with head_end_process(data, told) as recorder.target:
            assert process.stdin is not None
            process.stdin.write("open_cover\n")
            process.stdin.flush()
            until(lambda: recorder.pushed and "Fraud attempt" in texts(data))
        count = texts(data).count("Fraud attempt")
        apdu = recorder.pushed[-1][HEADER_OCTETS:]
        with head_end_process(data, told) as push_port:
            refused(push_port, apdu)
            refused(push_port, plain(name=SERIAL))
            until(lambda: "A push without protection was refused" in texts(data))
        register(data, port, other_keys(credentials, tmp_path / "other.json"))
        with head_end_process(data, told) as push_port:
            refused(push_port, apdu)
    recorder.close()
    assert texts(data).count("Fraud attempt") == count
    assert "is not greater than" in told[1]
    assert f"a plain push in the name of meter {SERIAL}" in told[1]
    # which key is said by what comes out of it: now and then, with keys of chance, the other one
    assert "key is wrong, or" in told[2] or "title is wrong, or" in told[2]
