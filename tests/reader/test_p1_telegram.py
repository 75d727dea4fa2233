"""P1 telegrams: their CRC, their lines, their moments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addad.dlms import data
from addad.errors import DecodeError
from addad.reader.p1_telegram import checksum, read_telegram, telegram_values
from addad.reader.push_values import PushedValue

LINES = (
    "/Lux5\\253663629_D\r\n\r\n0-0:1.0.0(180730102122S)\r\n0-0:42.0.0(5341)\r\n"
    "1-0:1.8.0(000006.695*kWh)\r\n1-0:31.7.0(003*A)\r\n0-0:17.0.0(77.376)\r\n"
    "0-1:24.2.1(180130100000W)(00012.5*m3)\r\n1-0:2.7.0(-00.250*kW)\r\nnonsense\r\n"
    "0-0:999.1.0(1)\r\n0-0:96.13.0()\r\n!"
)


def telegram(lines: str = LINES) -> bytes:
    octets = lines.encode()
    return octets + f"{checksum(octets):04X}\r\n".encode()


def by_name() -> dict[str, PushedValue]:
    values = telegram_values(read_telegram(telegram()))
    return {str(value.logical_name): value for value in values}


def test_the_checksum_is_crc_16_arc() -> None:
    assert checksum(b"123456789") == 0xBB3D


def test_each_line_is_a_value() -> None:
    values = by_name()
    assert {name: (v.value, v.unit) for name, v in values.items()} == {
        "0-0:1.0.0": ("2018-07-30T10:21:22+02:00", ""),
        "0-0:42.0.0": ("5341", ""),
        "1-0:1.8.0": (6695.0, "Wh"),
        "1-0:31.7.0": (3.0, "A"),
        "0-0:17.0.0": ("77.376", ""),
        "0-1:24.2.1": ("00012.5*m3", ""),
        "1-0:2.7.0": (-250.0, "W"),
        "0-0:96.13.0": ("", ""),
    }


def test_a_day_that_is_none_stays_text() -> None:
    (value,) = telegram_values("0-0:1.0.0(189930102122W)")
    assert value.value == "189930102122W"


def test_an_altered_or_cut_telegram_is_refused() -> None:
    whole = telegram()
    for size in range(len(whole) - 2):
        with pytest.raises(DecodeError):
            read_telegram(whole[:size])
    for place in range(1, len(whole) - 6):
        altered = whole[:place] + bytes((whole[place] ^ 1,)) + whole[place + 1 :]
        with pytest.raises(DecodeError):
            read_telegram(altered)


def test_too_many_lines_are_refused() -> None:
    with pytest.raises(DecodeError, match="lines"):
        read_telegram(telegram("/A\r\n" + "\r\n" * 300 + "!"))


@pytest.mark.parametrize("end", ["\r", "\n", "\x85", "\v"])
def test_lines_are_counted_however_they_end(end: str) -> None:
    lines = f"/A{end}" + f"1-0:1.8.0(1*Wh){end}" * 300 + "!"
    signed = lines.encode("latin-1")
    with pytest.raises(DecodeError, match="lines"):
        read_telegram(signed + f"{checksum(signed):04X}".encode())


def test_a_number_that_no_long64_holds_stays_text() -> None:
    (largest,) = telegram_values("1-0:1.8.0(000999999999.999999999*kWh)")
    assert (largest.value, largest.unit) == (999999999999.999999, "Wh")
    assert data.decode(data.encode(largest.data)) == largest.data
    (beyond,) = telegram_values("1-0:1.8.0(-999999999999999.123456789*kWh)")
    assert (beyond.value, beyond.unit) == ("-999999999999999.123456789*kWh", "")


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    for value in telegram_values(text):
        assert value.value is not None
