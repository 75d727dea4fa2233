import pytest

from addad.errors import InputError
from addad.metrology import InstrumentSettings
from addad.metrology.settings import plan_of


@pytest.mark.parametrize(
    ("sample_rate", "nominal", "highest"),
    [
        (10_000.0, 50.0, 50),
        (4_000.0, 50.0, 36),
        (800.0, 50.0, 7),
        (400.0, 50.0, 3),
        (960.0, 60.0, 7),
    ],
)
def test_the_highest_order_is_0_45_of_the_sampling_rate(sample_rate, nominal, highest):
    settings = InstrumentSettings(sample_rate=sample_rate, nominal_frequency=nominal)
    assert settings.highest_order == highest


def test_windows_are_ten_cycles_at_50_and_twelve_at_60_hertz():
    assert InstrumentSettings(sample_rate=8000.0).window_cycles == 10
    assert InstrumentSettings(sample_rate=8000.0, nominal_frequency=60.0).window_cycles == 12


def test_columns_are_voltages_then_currents():
    settings = InstrumentSettings(sample_rate=8000.0, voltages=2, currents=3, absent={"I2"})
    assert settings.channels == ("U1", "U2", "I1", "I2", "I3")
    assert plan_of(settings).present.tolist() == [
        True, True, False, False, True, False, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"sample_rate": 299.0}, "sampling rate"),
        ({"sample_rate": float("nan")}, "sampling rate"),
        ({"nominal_frequency": 55.0}, "nominal"),
        ({"meters": 0}, "meters"),
        ({"voltages": 0}, "voltages"),
        ({"currents": 5}, "currents"),
        ({"harmonics": 51}, "harmonics"),
        ({"absent": frozenset({"U4"})}, "U4"),
        ({"voltage_limit": 0.0}, "voltage_limit.*at most 1e"),
        ({"current_limit": float("nan")}, "current_limit"),
        ({"minimum_voltage": -1.0}, "minimum_voltage"),
    ],
)
def test_settings_that_cannot_be_are_refused_with_what_to_give(change, word):
    with pytest.raises(InputError, match=word):
        InstrumentSettings(**{"sample_rate": 8000.0, **change})
