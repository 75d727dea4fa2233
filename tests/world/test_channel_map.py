"""Which channel is which phase: the guess and its correction."""

import pytest

from addad.errors import InputError
from addad.world.channel_map import ChannelMap, crossed, guess, parse_map, parse_scales
from addad.world.recording import RecordedChannel


def _channels(*rows: tuple[str, str, str, str]) -> tuple[RecordedChannel, ...]:
    kinds = {"V": "voltage", "A": "current"}
    return tuple(
        RecordedChannel(name, kinds.get(unit, "other"), phase, unit, circuit)  # type: ignore[arg-type]
        for name, unit, phase, circuit in rows
    )


FEEDER = _channels(
    ("I1", "A", "L1", ""),
    ("I2", "A", "L2", ""),
    ("I3", "A", "L3", ""),
    ("I4", "A", "N", ""),
    ("U1", "V", "L1", ""),
    ("U2", "V", "L2", ""),
    ("U3", "V", "L3", ""),
    ("U4", "V", "N", ""),
)
STATION = _channels(
    *((f"U{p}_bus1", "V", f"L{p}", "bus1 VT") for p in (1, 2, 3)),
    *((f"U{p}_bus2", "V", f"L{p}", "bus2 VT") for p in (1, 2, 3)),
    ("battery", "V", "", "battery"),
    *((f"I{p}_a", "A", f"L{p}", "bus2 line A") for p in (1, 2, 3)),
    *((f"I{p}_b", "A", f"L{p}", "bus1 line B") for p in (1, 2, 3)),
)


def test_a_feeder_is_guessed_whole() -> None:
    assert guess(FEEDER) == (ChannelMap((4, 5, 6), (0, 1, 2), 3), ())


def test_currents_are_taken_from_the_bus_of_the_voltages() -> None:
    found, notes = guess(STATION)
    assert found == ChannelMap((0, 1, 2), (10, 11, 12))
    assert [note.split(":")[0] for note in notes] == ["2 voltage circuits", "2 current circuits"]
    assert "bus2 line A" in notes[1]


def test_a_circuit_brings_the_voltages_of_its_bus() -> None:
    assert guess(STATION, "line a")[0] == ChannelMap((3, 4, 5), (7, 8, 9))
    with pytest.raises(InputError, match="bus2 line A; bus1 line B"):
        guess(STATION, "line C")


def test_one_voltage_and_one_current_without_phases_are_l1() -> None:
    pair = _channels(("voltage", "V", "", ""), ("current", "A", "", ""))
    assert guess(pair)[0] == ChannelMap((0, None, None), (1, None, None))


LINES = (("U21", "V", "L12", ""), ("U32", "V", "L23", ""))


def test_voltages_between_phases_are_no_phases_voltages() -> None:
    currents = tuple((f"I{k}", "A", f"L{k}", "") for k in (1, 2, 3))
    found, notes = guess(_channels(*LINES, *currents))
    assert found == ChannelMap(currents=(2, 3, 4))
    assert notes == ("U21, U32: between phases, no phase's own: the currents have no power",)
    found, notes = guess(_channels(*LINES))
    assert found == ChannelMap((0, 1, None))
    assert notes == ("U21, U32: between phases, no phase's own; shown as L1, L2",)
    beside = tuple((f"U{k}", "V", f"L{k}", "") for k in (1, 2, 3))
    assert guess(_channels(*LINES, *beside))[0] == ChannelMap((2, 3, 4))


def test_channels_without_names_are_taken_in_order_and_said_so() -> None:
    found, notes = guess(_channels(*((f"column {k}", "", "", "") for k in range(6))))
    assert found == ChannelMap((0, 1, 2), (3, 4, 5))
    assert "order" in notes[0]
    with pytest.raises(InputError, match="--map"):
        guess(_channels(*((f"column {k}", "", "", "") for k in range(5))))


def test_a_map_is_measured_as_written() -> None:
    assert parse_map(FEEDER, "L1=U1:I1, l2=u2:#2 ,N=I4") == ChannelMap(
        (4, 5, None), (0, 1, None), 3
    )
    assert parse_map(FEEDER, "L3=U3") == ChannelMap((None, None, 6))
    assert parse_map(FEEDER, "L1=:I1") == ChannelMap(currents=(0, None, None))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("L1=U9:I1", r"no channel 'U9'; there are I1, I2"),
        ("L4=U1:I1", "should be like L1=U1:I1"),
        ("U1", "should be like L1=U1:I1"),
        ("L1=#9", "no channel #9; there are 8"),
        ("", "names no channel"),
        ("L1=U1,L1=I1", "L1 is named twice; write its two as L1=U1:I1"),
        ("N=I4", "names no channel of a phase"),
    ],
)
def test_a_map_that_fits_nothing_says_what_there_is(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_map(FEEDER, text)


def test_a_name_that_stands_twice_needs_a_number() -> None:
    twice = _channels(("U", "V", "L1", ""), ("U", "V", "L2", ""))
    with pytest.raises(InputError, match="#1, #2"):
        parse_map(twice, "L1=U")
    assert parse_map(twice, "L1=#2").voltages == (1, None, None)


def test_scales_multiply_by_pattern() -> None:
    factors = parse_scales(FEEDER, ["U*=100", "i?=-1", "#4=2"])
    assert factors == (-1.0, -1.0, -1.0, -2.0, 100.0, 100.0, 100.0, 100.0)


@pytest.mark.parametrize("text", ["U*", "U*=x", "U*=0", "U*=inf", "U*=nan", "X*=2", "=2"])
def test_a_scale_that_fits_nothing_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="--scale"):
        parse_scales(FEEDER, [text])


def test_a_current_as_a_voltage_is_told_and_a_right_map_is_not() -> None:
    notes = crossed(FEEDER, parse_map(FEEDER, "L1=#1:#5,N=#6"))
    assert [note.partition(",")[0] for note in notes] == [
        f"--map takes {FEEDER[0].name} as the voltage of L1",
        f"--map takes {FEEDER[4].name} as the current of L1",
        f"--map takes {FEEDER[5].name} as the current of N",
    ]
    assert "it is a current" in notes[0]
    assert crossed(FEEDER, parse_map(FEEDER, "L1=#5:#1")) == ()


def test_a_phase_that_is_passed_over_for_its_unit_is_told() -> None:
    rows = [("U1", "V", "L1", ""), ("U2", "V", "L2", ""), ("I1", "A", "L1", "")]
    wrong = ("I2", "furlong", "L2", "")
    assert guess(_channels(*rows, wrong))[1] == (
        "I2 is left out, as its unit is 'furlong' and not A; --map takes it",
    )
    for quiet in (
        ("temperature", "°C", "", ""),
        ("U1 angle", "deg", "L1", ""),
        ("I1", "%", "", ""),
    ):
        assert guess(_channels(*rows, quiet))[1] == ()
