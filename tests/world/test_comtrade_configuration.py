"""The lines of a COMTRADE configuration."""

import pytest

from addad.errors import InputError
from addad.world.comtrade_configuration import looks_like_configuration, parse_configuration

OF_1991 = (
    "station,7\n1,1A,0D\n1,VA,A,,V,1,0,0,-99,99\n60\n1\n960,2\n"
    "04/30/91,10:00:01.5\n04/30/91,10:00:02.0\nASCII\n"
)


def test_a_configuration_is_known_by_its_second_line() -> None:
    assert looks_like_configuration(OF_1991.encode())
    assert looks_like_configuration(b"x\r\n8, 8A,0D\r\n")
    assert looks_like_configuration(b"x\r\n8,8A\r\n")
    assert not looks_like_configuration(b"time,u1\n0,1\n")


def test_the_revision_of_1991_has_ten_fields_and_american_dates() -> None:
    found = parse_configuration(OF_1991, "a.cfg")
    assert found.revision == "1991"
    assert found.start is not None
    assert found.start.isoformat() == "1991-04-30T10:00:01.500000+00:00"
    assert (found.samples, found.line_frequency) == (2, 60.0)


def test_time_stamps_of_nanoseconds_and_a_multiplier() -> None:
    text = OF_1991.replace("station,7", "s,7,1999").replace("10:00:01.5", "10:00:01.500000000")
    assert parse_configuration(text + "10\n", "a.cfg").time_unit_s == pytest.approx(1e-8)
    assert parse_configuration(OF_1991 + "0.5\n", "a.cfg").time_unit_s == pytest.approx(5e-7)


def test_digital_channels_may_be_left_out_of_the_count() -> None:
    found = parse_configuration(OF_1991.replace("1,1A,0D", "1,1A"), "a.cfg")
    assert (len(found.analogs), len(found.statuses)) == (1, 0)


@pytest.mark.parametrize("rates", ["0\n", "0\n0,0\n", "0\n0,2\n"])
def test_samples_may_be_left_uncounted(rates: str) -> None:
    found = parse_configuration(OF_1991.replace("1\n960,2\n", rates), "a.cfg")
    assert found.samples == (2 if "2" in rates else None)
    assert found.encoding == "ASCII"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("VA,A,,V,1,0,0,-99,99", "VA", "line 3 has 2 fields; an analog channel has 10 or 13: num"),
        ("1,0,0,-99", "1,x,0,-99", "line 3: the offset 'x' is no number"),
        ("1,0,0,-99", "1,0,x,-99", "line 3: the skew 'x' is no number"),
        ("-99,99", "-99,high", "line 3: the largest value 'high' is no number"),
        ("\n1\n960,2", "\nmany\n960,2", "line 5: the number of sampling rates 'many' is no number"),
        ("960,2", "960", "line 6 should be a sampling rate and a last sample"),
        ("960,2", "fast,2", "line 6: the sampling rate 'fast' is no number"),
        ("960,2", "960,all", "line 6: the last sample 'all' is no number"),
        ("1\n960,2\n04", "7\n960,2\n04", "line 9: 7 sampling rates are stated"),
    ],
)
def test_a_line_at_fault_is_named_with_what_it_should_hold(
    old: str, new: str, message: str
) -> None:
    assert old in OF_1991
    with pytest.raises(InputError, match=message):
        parse_configuration(OF_1991.replace(old, new, 1), "a.cfg")


def test_where_it_breaks_off_is_told() -> None:
    with pytest.raises(InputError, match="line 2: 1 analog and 0 digital channels are stated"):
        parse_configuration("a,b\n1,1A,0D\n", "a.cfg")
    with pytest.raises(InputError, match="line 4: the line frequency and the sampling rates are"):
        parse_configuration("\n".join(OF_1991.splitlines()[:4]), "a.cfg")
