"""Impossible settings are refused at once; only names of ours are ours."""

from pathlib import Path

import pytest

from addad.errors import InputError
from addad.headend.settings import HeadEndSettings


@pytest.mark.parametrize(
    "wrong",
    [
        {"web_port": -1},
        {"push_port": 65_536},
        {"live_period_ms": 1},
        {"register_period_s": 0},
        {"profile_period_s": 90_000},
    ],
)
def test_an_impossible_setting_is_named(wrong: dict[str, int]) -> None:
    with pytest.raises(InputError, match=next(iter(wrong))):
        HeadEndSettings(Path(), **wrong)  # type: ignore[arg-type]


def test_names_are_the_bind_address_localhost_and_those_given() -> None:
    names = HeadEndSettings(Path(), web_host="10.1.2.3", allowed_hosts=("HES.example",)).host_names
    assert names == {"10.1.2.3", "hes.example", "localhost", "127.0.0.1", "::1"}
    assert "0.0.0.0" not in HeadEndSettings(Path(), web_host="0.0.0.0").host_names
