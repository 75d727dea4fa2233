"""The options of `addad read`: what they mean, and what contradicts itself."""

import argparse
from pathlib import Path

import pytest

from addad.cli.read_options import PASSWORD_VARIABLE, Order, add_arguments, order
from addad.dlms.acse import Mechanism
from addad.dlms.gateway import GatewayAddress
from addad.errors import InputError
from addad.obis import Obis
from addad.reader.meter_address import MeterAddress
from addad.reader.quirks import Quirk

WHERE = "192.0.2.7:4059"


@pytest.fixture(autouse=True)
def no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PASSWORD_VARIABLE, raising=False)


def told(*words: str) -> Order:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return order(parser.parse_intermixed_args(words))


@pytest.mark.parametrize(
    ("words", "where"),
    [
        ([WHERE], MeterAddress.tcp("192.0.2.7")),
        (["[::1]:5"], MeterAddress.tcp("::1", 5)),
        ([WHERE, "--udp"], MeterAddress.udp("192.0.2.7")),
        (
            [WHERE, "--hdlc", "--physical", "17", "--address-size", "4"],
            MeterAddress.hdlc("192.0.2.7", physical=17, address_octets=4),
        ),
        (["--serial", "/dev/ttyS0"], MeterAddress.serial("/dev/ttyS0")),
        (
            ["--serial", "/dev/ttyS0", "--mode-e", "--device-address", "1", "--baud", "19200"],
            MeterAddress.serial("/dev/ttyS0", baud=19200, mode_e=True, device_address="1"),
        ),
        (
            [WHERE, "--gateway", "3:0x01F2"],
            MeterAddress.tcp("192.0.2.7", gateway=GatewayAddress(3, b"\x01\xf2")),
        ),
        (
            [WHERE, "--udp", "--gateway", "0:12345678"],
            MeterAddress.udp("192.0.2.7", gateway=GatewayAddress(0, b"12345678")),
        ),
        (
            ["--listen", "0.0.0.0:4059", "--closed-network"],
            MeterAddress.call("0.0.0.0", closed_network=True),
        ),
    ],
)
def test_ways_to_a_meter(words: list[str], where: MeterAddress) -> None:
    assert told(*words).where == where


def test_words_that_are_objects() -> None:
    both = (Obis.parse("1-0:1.8.0"), Obis.parse("0-0:1.0.0"))
    assert told("1-0:1.8.0", "--serial", "/dev/x", "0.0.1.0.0.255").names == both
    assert told(WHERE, "1-0:1.8.0", "--client", "2", "0-0:1.0.0").names == both


def test_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    public = told(WHERE).who
    assert (public.client_sap, public.credentials.mechanism) == (16, Mechanism.NONE)
    reader = told(WHERE, "--password", "x").who
    assert (reader.client_sap, reader.server_sap) == (2, 1)
    assert (reader.credentials.mechanism, reader.credentials.password) == (Mechanism.LOW, b"x")
    monkeypatch.setenv(PASSWORD_VARIABLE, "y")
    assert told(WHERE, "--client", "1", "--server", "3").who.credentials.password == b"y"
    assert told(WHERE, "--pre-established", "--password", "").who.pre_established


def test_quirks_reach_both_ends() -> None:
    found = told(WHERE, "--quirk", "short-rows", "--quirk", "no-lists")
    assert found.who.quirks == found.choice.quirks == {Quirk.SHORT_ROWS, Quirk.NO_LISTS}


def test_a_file_without_clients_says_what_it_wants(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text("{}")
    path.chmod(0o600)
    with pytest.raises(InputError, match='no client: "reader", "management" or "associations"'):
        told(WHERE, "--credentials", str(path))


def test_clients_to_try() -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    args = parser.parse_args([WHERE, "--scan", "--clients", "1-3, 32,2"])
    assert args.clients == (1, 2, 3, 32)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("--baud 300", "--baud needs --serial"),
        ("--closed-network", "--closed-network needs --listen"),
        ("--listen 127.0.0.1:1", "--listen waits for the meter; leave 192.0.2.7:4059 away"),
        ("--mode-e", "--mode-e needs --serial"),
        ("--device-address 1", "--device-address needs --serial"),
        ("--physical 17", "--physical needs --hdlc or --serial"),
        ("--address-size 2 --udp", "--address-size needs --hdlc or --serial"),
        ("--udp --hdlc", "leave --udp away"),
        ("--hdlc --client 200", "client 200 has no HDLC address"),
        ("--hdlc --physical 17 --address-size 1", "1, 2 and 4 are possible"),
        ("--scan --all", "choose one"),
        ("--all --csv 1-0:99.1.0", "choose one"),
        ("--all 1-0:1.8.0", "--all takes no OBIS codes"),
        ("--scan 1-0:1.8.0", "--scan takes no OBIS codes"),
        ("--csv", "give one OBIS code"),
        ("--csv 1-0:99.1.0 1-0:99.2.0", "give one OBIS code"),
        ("--csv --json 1-0:99.1.0", "no --json"),
        ("--clients 1", "--clients needs --scan"),
        ("--last 5", "--last needs the OBIS code"),
        ("--last 5 --from 2026-03-01 1-0:99.1.0", "in two ways"),
        ("1-0:1.8", "is no OBIS code; write it like"),
    ],
)
def test_what_contradicts_itself(words: str, says: str) -> None:
    with pytest.raises(InputError) as fault:
        told(WHERE, *words.split())
    assert says in str(fault.value)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("--udp", "leave --udp away"),
        ("--hdlc", "leave --hdlc away"),
        ("--gateway 0:1", "leave --gateway away"),
        ("--device-address 1", "--device-address needs --mode-e"),
    ],
)
def test_what_a_serial_line_has_not(words: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        told("--serial", "/dev/x", *words.split())


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("--gateway 12345678", "write it like 0:12345678"),
        ("--gateway 300:1", "300 is no network identifier"),
        ("--gateway 0:0xZZ", "write it like"),
        ("--gateway 0:", "1 to 64 octets"),
        ("--clients 5-1", "the first before the last"),
        ("--clients 1-60000", "at most 256 clients"),
        ("--clients x", "is no SAP"),
        ("--baud 0", "too little"),
        ("--baud -1", "is no number"),
        ("--last x", "is no number"),
        ("--quirk magic", "invalid choice"),
        ("--address-size 3", "invalid choice"),
    ],
)
def test_what_cannot_be_read(words: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        told(WHERE, *words.replace(" -1", "=-1").split())
    assert stop.value.code == 2
    assert says in capsys.readouterr().err


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        told(WHERE, "--credentials", str(tmp_path / "none.json"))


@pytest.mark.parametrize("option", ["--udp", "--hdlc", "--scan", "--pre-established"])
def test_what_a_call_has_not(option: str) -> None:
    with pytest.raises(InputError, match=f"leave {option} away"):
        told("--listen", "127.0.0.1:1", option)
