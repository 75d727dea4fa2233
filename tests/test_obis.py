"""OBIS codes: every way a person writes one, and every way that is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addad import obis
from addad.errors import InputError
from addad.obis import Obis


@pytest.mark.parametrize(
    "text", ["1-0:1.8.0*255", "1-0:1.8.0", "1.0.1.8.0.255", "1.8.0", " 1-0:1.8.0 ", "1.8.0*255"]
)
def test_the_usual_notations_mean_the_same(text: str) -> None:
    assert Obis.parse(text) == bytes((1, 0, 1, 8, 0, 255)) == obis.ACTIVE_ENERGY_IMPORT


@pytest.mark.parametrize(
    "text",
    ["", "1.8", "1-0:1.8.256", "a.b.c", "1.0.1.8.0.256", "1-0:1.8.0*", "١.٨.٠", "1.8.0.0.0.0.0"],
)
def test_what_is_no_code_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InputError, match="OBIS"):
        Obis.parse(text)


@given(st.binary(min_size=6, max_size=6))
def test_text_and_octets_are_one(octets: bytes) -> None:
    code = Obis(octets)
    assert Obis.parse(str(code)) == code == Obis.parse(code.dotted)


def test_a_code_has_six_octets() -> None:
    with pytest.raises(InputError):
        Obis(b"12345")


def test_no_two_names_share_a_code() -> None:
    single = [v for v in vars(obis).values() if isinstance(v, Obis)]
    many = [c for v in vars(obis).values() if isinstance(v, tuple) for c in v]
    assert len(set(single + many)) == len(single + many)
