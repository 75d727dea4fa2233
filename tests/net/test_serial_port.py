"""A serial port as a transport: what is no port, what is missing, what does not fit at once."""

import asyncio
import importlib
from pathlib import Path

import pytest

from addad.dlms.mode_e import START, LineSettings
from addad.errors import InputError, LinkError
from addad.net import serial_port
from addad.net.serial_port import open_port
from net.paced_line import paced_line


def test_a_file_that_is_no_port_is_told_in_words(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(LinkError, match=r"serial port .*file: Inappropriate ioctl for device$"):
        open_port(str(file), LineSettings(9600))


def test_without_pyserial_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> object:
        raise ImportError(name)

    monkeypatch.setattr(serial_port.importlib, "import_module", missing)
    with pytest.raises(InputError, match=r"addad\[serial\]"):
        open_port("/dev/null", START)
    monkeypatch.undo()
    assert importlib.import_module("serial")


def test_a_transport_sends_more_than_the_port_takes_at_once() -> None:
    async def main() -> None:
        async with paced_line() as line:
            transport = open_port(line.near, START)
            transport.set_protocol(asyncio.Protocol())
            transport.write(bytes(20_000))
            assert transport.get_write_buffer_size() > 0
            transport.abort()
            assert transport.is_closing()
            transport.write(b"late")
            assert transport.get_write_buffer_size() == 0
            with pytest.raises(LinkError):
                transport.configure(START)

    asyncio.run(main())
