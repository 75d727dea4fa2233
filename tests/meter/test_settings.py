"""Settings that cannot be meant are refused where they are made."""

import pytest

from addad.errors import InputError
from addad.meter.settings import Identity, MeterSettings, Passwords, PushSettings


def test_the_logical_device_name_is_maker_and_serial_in_sixteen_octets() -> None:
    assert Identity("42", "ADD").logical_device_name == b"ADD0000000000042"
    assert len(Identity("1234567890ABC").logical_device_name) == 16


@pytest.mark.parametrize("serial", ["", "12345678901234", "12-34", "é"])
def test_serials(serial: str) -> None:
    with pytest.raises(InputError, match="serial"):
        Identity(serial)


@pytest.mark.parametrize("maker", ["", "AD", "ADDA", "add", "ÄDD"])
def test_makers(maker: str) -> None:
    with pytest.raises(InputError, match="maker"):
        Identity("1", maker)


def test_an_empty_password_is_refused_and_none_is_ever_shown() -> None:
    for pair in ((b"", b"x"), (b"x", b"")):
        with pytest.raises(InputError, match="password"):
            Passwords(*pair)
    assert "secret-word" not in repr(MeterSettings(Passwords(b"secret-word", b"secret-word")))


@pytest.mark.parametrize("to", ["head-end", "a..b:1", "host:0"])
def test_a_destination_that_nothing_can_reach_is_refused(to: str) -> None:
    with pytest.raises(InputError, match="push"):
        PushSettings(destination=to)
