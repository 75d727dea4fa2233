"""Which channels belong together, by what recorders of the field write."""

from hypothesis import given
from hypothesis import strategies as st

from addad.world.channel_names import meanings
from addad.world.circuits import Circuit, circuits
from addad.world.recording import RecordedChannel
from addad.world.waveform import ChannelKind, Phase


def _recorded(*rows: tuple[str, str, str, str]) -> tuple[RecordedChannel, ...]:
    """Channels as a file of rows (name, unit, stated phase, stated circuit) has them."""
    names, units, phases, stated = ([row[k] for row in rows] for k in range(4))
    told = meanings(names, units, phases)
    return tuple(
        RecordedChannel(name, m.kind, m.phase, m.unit, circuit)
        for name, m, circuit in zip(names, told, stated, strict=True)
    )


def _columns(found: tuple[Circuit, ...]) -> list[tuple[str, tuple[int | None, ...]]]:
    return [(circuit.name, circuit.columns) for circuit in found]


def test_a_phase_that_comes_again_is_another_circuit() -> None:
    found = circuits(_recorded(*(("feeder", "A", phase, "") for phase in "ABAB")))
    assert _columns(found) == [
        ("feeder", (0, 1, None, None)),
        ("feeder #2", (2, 3, None, None)),
    ]


def test_names_with_the_phase_before_the_circuit_join() -> None:
    found = circuits(_recorded(*((f"I{p} feeder {k}", "A", "", "") for k in (2, 5) for p in "ABC")))
    assert _columns(found) == [
        ("feeder 2", (0, 1, 2, None)),
        ("feeder 5", (3, 4, 5, None)),
    ]


def test_a_line_protection_with_its_far_end() -> None:
    rows = [(f"{q}{p.lower()}{place}", "V" if q == "U" else "A", p, "")
            for place in ("1", "对侧", "2") for q in "UI" for p in "ABC"]  # fmt: skip
    found = circuits(_recorded(*rows, ("3I0", "A", "N", "")))
    assert _columns(found) == [
        ("1", (0, 1, 2, None)),
        ("1", (3, 4, 5, None)),
        ("对侧", (6, 7, 8, None)),
        ("对侧", (9, 10, 11, None)),
        ("2", (12, 13, 14, None)),
        ("2", (15, 16, 17, None)),
        ("3I0", (None, None, None, 18)),
    ]


def test_the_number_of_each_input_is_no_circuit() -> None:
    rows = [("I1", "A", "7", "1"), ("I2", "A", "8", "2"), ("I3", "A", "9", "3")]
    rows += [("U21", "V", "0", "105"), ("U32", "V", "1", "106")]
    found = circuits(_recorded(*rows))
    assert _columns(found) == [
        ("I1, I2, I3", (0, 1, 2, None)),
        ("U21, U32", (3, 4, None, None)),
    ]
    assert [circuit.between for circuit in found] == [False, True]


def test_one_name_of_a_module_for_all_feeders_is_no_circuit() -> None:
    rows = [
        (f"40{k}#{n} feeder {k} {p}相1", "A", p, "TCTR") for k in "12" for n, p in enumerate("ABC")
    ]
    rows += [("4019#11 feeder 2 residual", "A", "N", "TCTR")]
    found = circuits(_recorded(*rows))
    assert [circuit.columns for circuit in found if circuit.phases] == [
        (0, 1, 2, None),
        (3, 4, 5, None),
    ]


def test_channels_of_one_name_without_phases_are_taken_in_turn() -> None:
    found = circuits(_recorded(*(("channel", "V", "", "") for _ in range(7))))
    assert [circuit.columns for circuit in found] == [
        (0, 1, 2, None),
        (3, 4, 5, None),
        (6, None, None, None),
    ]


_TEXTS = st.sampled_from(
    ["", "1", "2", "A", "b", "N", "ia", "UB", "U12", "VCA", "bus", "相", "3U0", " ", "_", "x 7"]
)
_KINDS: tuple[ChannelKind, ...] = ("voltage", "current", "other")
_ALL: tuple[Phase, ...] = ("L1", "L2", "L3", "N", "L12", "L23", "L31", "")


@given(
    st.lists(
        st.builds(
            RecordedChannel,
            name=st.lists(_TEXTS, max_size=3).map("".join),
            kind=st.sampled_from(_KINDS),
            phase=st.sampled_from(_ALL),
            circuit=_TEXTS,
        ),
        max_size=40,
    )
)
def test_no_channel_stands_twice_and_names_differ(channels: list[RecordedChannel]) -> None:
    found = circuits(channels)
    taken = [column for circuit in found for column in circuit.columns if column is not None]
    assert len(taken) == len(set(taken))
    assert all(channels[column].kind != "other" for column in taken)
    phased = {c.kind for c in channels if c.phase not in ("", "N")}
    assert set(taken) == {
        column
        for column, c in enumerate(channels)
        if c.kind != "other" and (c.phase or c.kind not in phased)
    }
