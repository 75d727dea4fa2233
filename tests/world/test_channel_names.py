"""What names and units of channels tell."""

import pytest

from addad.world.channel_names import circuit_of, meanings, split_unit, unit_of
from addad.world.waveform import Phase


@pytest.mark.parametrize(
    ("name", "unit", "phase", "kind", "told", "plain", "factor"),
    [
        ("U1", "volt", "V1", "voltage", "L1", "V", 1.0),
        ("I4", "ampere", "I4", "current", "N", "A", 1.0),
        ("F6-VB", "V", "B", "voltage", "L2", "V", 1.0),
        ("F4-IG", "A", "G", "current", "N", "A", 1.0),
        ("Ua_1СШ-110_ТН_110кВ", "kV", "A", "voltage", "L1", "V", 1e3),
        ("Ток фазы С", "А", "С", "current", "L3", "A", 1.0),
        ("Напряжение", "кВ", "В", "voltage", "L2", "V", 1e3),
        ("V_L1", "", "", "voltage", "L1", "", 1.0),
        ("u2", "V", "", "voltage", "L2", "V", 1.0),
        ("UL3", "", "", "voltage", "L3", "", 1.0),
        ("Van", "", "", "voltage", "L1", "", 1.0),
        ("I_N", "", "", "current", "N", "", 1.0),
        ("i_b", "mA", "", "current", "L2", "A", 1e-3),
        ("Phase A Voltage", "", "", "voltage", "L1", "", 1.0),
        ("voltage_v", "", "", "voltage", "", "V", 1.0),
        ("current_a", "", "", "current", "", "A", 1.0),
        ("SRC 1  Vag Mag", "kV", "_", "other", "", "V", 1e3),
        ("SRC 1  Vag Angle", "deg", "_", "other", "", "deg", 1.0),
        ("Uab", "V", "", "voltage", "L12", "V", 1.0),
        ("U32", "V", "", "voltage", "L23", "V", 1.0),
        ("VL3L1", "", "", "voltage", "L31", "", 1.0),
        ("voltage", "kV", "BC", "voltage", "L23", "V", 1e3),
        ("Uca_bus 2", "", "", "voltage", "L31", "", 1.0),
        ("Ia1", "A", "", "current", "L1", "A", 1.0),
        ("LINE1IC", "kA", "", "current", "L3", "A", 1e3),
        ("A L2", "", "", "current", "L2", "", 1.0),
        ("A N", "", "", "current", "N", "", 1.0),
        ("V L1N", "", "", "voltage", "L1", "", 1.0),
        ("A status", "", "", "other", "", "", 1.0),
        ("Ub对侧", "V", "", "voltage", "L2", "V", 1.0),
        ("3U0", "V", "", "voltage", "N", "V", 1.0),
        ("Man_Close_Cmd", "V", "", "voltage", "", "V", 1.0),
        ("temperature", "", "", "other", "", "", 1.0),
        ("Index", "", "", "other", "", "", 1.0),
    ],
)
def test_names_of_the_field(
    name: str, unit: str, phase: str, kind: str, told: str, plain: str, factor: float
) -> None:
    assert meanings([name], [unit], [phase]) == [(kind, told, plain, factor)]


def test_a_tail_is_a_phase_when_its_siblings_are_there() -> None:
    names = ["current_a", "current_b", "current_c"]
    assert [m.phase for m in meanings(names, [""] * 3, [""] * 3)] == ["L1", "L2", "L3"]


def test_names_that_differ_in_a_letter_behind_words_are_phases() -> None:
    names = ["HVSA ", "HVSB ", "HVSC ", "HVSA  -HCS1A ", "HVSB  -HCS1B ", "HVSC  -HCS1C ", "DELTA"]
    told = meanings(names, ["V"] * 3 + ["A"] * 3 + ["V"], [""] * 7)
    assert [m.phase for m in told] == ["L1", "L2", "L3", "L1", "L2", "L3", ""]
    told = meanings(["NODEA", "NODEB"], ["V", "V"], ["", ""])
    assert [m.phase for m in told] == ["", ""]


def test_the_number_of_an_input_is_no_phase() -> None:
    names, units = ["Ua", "Ub", "Uc", "Id"], ["V", "V", "V", "A"]
    told = meanings(names, units, ["1", "1", "1", "1"])
    assert [m.phase for m in told] == ["L1", "L2", "L3", ""]
    told = meanings(["I1", "I2", "I3", "U21"], ["A", "A", "A", "V"], ["7", "8", "9", "0"])
    assert [m.phase for m in told] == ["L1", "L2", "L3", "L12"]
    told = meanings(["x", "y", "z"], ["V", "V", "V"], ["1", "2", "3"])
    assert [m.phase for m in told] == ["L1", "L2", "L3"]


@pytest.mark.parametrize(
    ("name", "phase", "rest"),
    [
        ("Ia", "L1", ""),
        ("Ia2", "L1", "2"),
        ("F5-VA", "L1", "F5"),
        ("Ub_1СШ-110", "L2", "1СШ-110"),
        ("3U0", "N", ""),
        ("S1) BUS10UC", "L3", "S1) BUS10"),
        ("Ток фазы С ввод 1", "L3", "Ток ввод 1"),
        ("测量电压A相 2", "L1", "测量电压 2"),
        ("IA feeder", "L1", "feeder"),
        ("Phase B Voltage", "L2", "Voltage"),
        ("Vab line", "L12", "line"),
        ("battery", "", "battery"),
        ("HVSB  -HCS1B", "L2", "HVS -HCS1"),
        ("BUSA", "L1", "BUS"),
        ("A L1", "L1", "A"),
    ],
)
def test_a_name_without_its_phase_is_its_circuit(name: str, phase: Phase, rest: str) -> None:
    assert circuit_of(name, phase) == rest


def test_a_unit_in_brackets_is_split_off() -> None:
    assert split_unit("u1 [V]") == ("u1", "V")
    assert split_unit("Channel A (mV)") == ("Channel A", "mV")
    assert split_unit("plain") == ("plain", "")


@pytest.mark.parametrize(
    ("text", "plain", "factor"),
    [
        ("kV", "V", 1e3),
        ("MV", "V", 1e6),
        ("mV", "V", 1e-3),
        ("Amps", "A", 1.0),
        ("pu", "pu", 1.0),
        ("UV", "UV", 1.0),
        ("\u212aV", "\u212aV", 1.0),
        ("ka", "A", 1e3),
    ],
)
def test_units_come_down_to_volts_and_amperes(text: str, plain: str, factor: float) -> None:
    assert unit_of(text) == (plain, factor)
