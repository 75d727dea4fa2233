"""Which channel of a recording is which phase: the guess, and the user's correction of it.

No standard; a person's `L1=U1:I1,L2=U2:I2,N=I4` always stands above the guess.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import takewhile

from addad.world.channel_names import meanings
from addad.world.circuits import PHASES, Circuit, circuits
from addad.world.recording import ChoiceError, RecordedChannel

MAX_LISTED = 12

Three = tuple[int | None, int | None, int | None]
_NONE: Three = (None, None, None)
_BY_COUNT = {1: (1, 0), 2: (1, 1), 3: (3, 0), 6: (3, 3), 7: (3, 4), 8: (4, 4)}


@dataclass(frozen=True, slots=True)
class ChannelMap:
    """The columns of a recording at L1, L2, L3, and the current in the neutral; None is absent."""

    voltages: Three = _NONE
    currents: Three = _NONE
    neutral: int | None = None

    @property
    def columns(self) -> tuple[int, ...]:
        """Every column used, in the order L1 to L3 of voltages, of currents, neutral."""
        every = (*self.voltages, *self.currents, self.neutral)
        return tuple(column for column in every if column is not None)

    @property
    def has_voltage(self) -> bool:
        """Whether any phase has its voltage."""
        return any(column is not None for column in self.voltages)

    @property
    def has_current(self) -> bool:
        """Whether any phase has its current."""
        return any(column is not None for column in self.currents)


def guess(
    channels: Sequence[RecordedChannel], circuit: str | None = None
) -> tuple[ChannelMap, tuple[str, ...]]:
    """The likeliest map, and what was passed over; ChoiceError where nothing tells.

    `circuit` is a part of the name of the feeder to take the currents of.
    """
    groups = circuits(channels)
    between = [group for group in groups if group.between]
    voltages = [g for g in groups if g.kind == "voltage" and g.phases and not g.between]
    currents = [g for g in groups if g.kind == "current" and g.phases and not g.between]
    if not voltages and not currents and not between:
        return _by_order(channels)
    notes: list[str] = []
    if between and not voltages:
        notes.append(_between_phases(channels, between[0], bool(currents)))
        voltages = [] if currents else between
    if circuit is not None:
        found, more = _by_circuit(voltages, currents, circuit)
        return found, (*notes, *more)
    voltage = max(voltages, key=lambda group: group.phases, default=None)
    beside = voltage.name if voltage else ""
    current = max(currents, key=lambda g: (g.phases, _affinity(g.name, beside)), default=None)
    for chosen, others in ((voltage, voltages), (current, currents)):
        if chosen is not None and len(others) > 1:
            notes.append(_passed_over(chosen, others))
    return _joined(voltage, current), (*notes, *_of_other_units(channels))


def _of_other_units(channels: Sequence[RecordedChannel]) -> list[str]:
    """A note for each phase whose voltage or current is passed over for its unit."""
    notes = []
    known = {(channel.kind, channel.phase) for channel in channels}
    for channel in channels:
        (told,) = meanings([channel.name], [""], [""])
        passed_over = channel.kind == "other" and channel.unit and told.kind != "other"
        if passed_over and told.phase and (told.kind, told.phase) not in known:
            plain = "V" if told.kind == "voltage" else "A"
            notes.append(
                f"{channel.name} is left out, as its unit is {channel.unit!r} and not {plain}; "
                "--map takes it"
            )
    return notes


def parse_map(channels: Sequence[RecordedChannel], text: str) -> ChannelMap:
    """The map that `L1=U1:I1,L2=U2:I2,L3=U3:I3,N=I4` writes; what it leaves out is not measured.

    A channel is a name of the file, or `#5` for its fifth; `L1=U1` is a voltage alone, `L1=:I1` a
    current alone. ChoiceError for anything else.
    """
    voltages: list[int | None] = [None, None, None]
    currents: list[int | None] = [None, None, None]
    neutral = None
    named: set[str] = set()
    for part in filter(None, (part.strip() for part in text.split(","))):
        phase, equals, names = part.partition("=")
        phase = phase.strip().upper()
        if not equals or phase not in (*PHASES, "N"):
            raise ChoiceError(f"--map: {part!r} should be like L1=U1:I1, or N=I4 for the neutral")
        if phase in named:
            raise ChoiceError(f"--map: {phase} is named twice; write its two as {phase}=U1:I1")
        named.add(phase)
        if phase == "N":
            neutral = _column(channels, names.strip().lstrip(":"))
            continue
        voltage, _, current = names.partition(":")
        index = PHASES.index(phase)
        voltages[index] = _column(channels, voltage.strip()) if voltage.strip() else None
        currents[index] = _column(channels, current.strip()) if current.strip() else None
    chosen = ChannelMap(
        (voltages[0], voltages[1], voltages[2]), (currents[0], currents[1], currents[2]), neutral
    )
    if not (chosen.has_voltage or chosen.has_current):
        raise ChoiceError("--map: names no channel of a phase; write it like L1=U1:I1")
    return chosen


def crossed(channels: Sequence[RecordedChannel], chosen: ChannelMap) -> tuple[str, ...]:
    """A note for each current that a map takes as a voltage, and each voltage as a current."""
    places = [(phase, "voltage", k) for phase, k in zip(PHASES, chosen.voltages, strict=True)]
    places += [(phase, "current", k) for phase, k in zip(PHASES, chosen.currents, strict=True)]
    notes = []
    for phase, kind, column in (*places, ("N", "current", chosen.neutral)):
        found = "other" if column is None else channels[column].kind
        if column is not None and found not in ("other", kind):
            unit = f" in {channels[column].unit}" if channels[column].unit else ""
            notes.append(
                f"--map takes {channels[column].name} as the {kind} of {phase}, but by its name "
                f"or unit it is a {found}{unit}: is the map crossed?"
            )
    return tuple(notes)


def parse_scales(channels: Sequence[RecordedChannel], texts: Sequence[str]) -> tuple[float, ...]:
    """A factor for each channel by rules such as `U*=100` or `I1=-1`: names may hold * and ?.

    Rules that fit the same channel multiply. ChoiceError for one that fits none, or no number.
    """
    factors = [1.0] * len(channels)
    for text in texts:
        pattern, equals, number = text.rpartition("=")
        try:
            factor = float(number)
        except ValueError:
            factor = 0.0
        if not equals or factor == 0.0 or not abs(factor) < 1e12:
            raise ChoiceError(f"--scale: {text!r} should be like 'U*=100' or I1=-1")
        fitting = _fitting(channels, pattern.strip())
        if not fitting:
            raise ChoiceError(
                f"--scale: no channel fits {pattern.strip()!r}; there are {listed(channels)}"
            )
        for column in fitting:
            factors[column] *= factor
    return tuple(factors)


def listed(channels: Sequence[RecordedChannel]) -> str:
    """The channels' names for a message, not too many of them."""
    names = [channel.name for channel in channels[:MAX_LISTED]]
    more = len(channels) - len(names)
    return ", ".join(names) + (f" and {more} more (--list shows all)" if more else "")


def _fitting(channels: Sequence[RecordedChannel], pattern: str) -> list[int]:
    if pattern.startswith("#"):
        return [_column(channels, pattern)]
    wanted = pattern.lower()
    return [
        column
        for column, channel in enumerate(channels)
        if fnmatchcase(channel.name.lower(), wanted)
    ]


def _column(channels: Sequence[RecordedChannel], name: str) -> int:
    """The column of a channel by its name, in any case where that is clear, or by `#number`."""
    if re.fullmatch(r"#\d{1,6}", name):
        number = int(name[1:])
        if 1 <= number <= len(channels):
            return number - 1
        raise ChoiceError(f"--map: there is no channel {name}; there are {len(channels)}")
    names = [channel.name for channel in channels]
    lowered = [text.lower() for text in names]
    for wanted, texts in ((name, names), (name.lower(), lowered)):
        found = [column for column, text in enumerate(texts) if text == wanted]
        if len(found) == 1:
            return found[0]
        if len(found) > 1:
            numbers = ", ".join(f"#{column + 1}" for column in found)
            raise ChoiceError(f"--map: {len(found)} channels are named {name!r}; write {numbers}")
    raise ChoiceError(f"--map: there is no channel {name!r}; there are {listed(channels)}")


def _by_circuit(
    voltages: list[Circuit], currents: list[Circuit], text: str
) -> tuple[ChannelMap, tuple[str, ...]]:
    """The currents of the circuit so named, with the voltages that its name is nearest to."""
    fitting = [group for group in currents if text.lower() in group.name.lower()]
    exact = [group for group in fitting if text.lower() == group.name.lower()]
    fitting = exact or fitting
    if not fitting:
        names = "; ".join(group.name or "(unnamed)" for group in currents) or "none"
        raise ChoiceError(f"--circuit: no current circuit is named {text!r}; there are: {names}")
    current = fitting[0]
    voltage = max(voltages, key=lambda g: (_affinity(g.name, current.name), g.phases), default=None)
    notes = (_passed_over(current, fitting),) if len(fitting) > 1 else ()
    return _joined(voltage, current), notes


def _by_order(channels: Sequence[RecordedChannel]) -> tuple[ChannelMap, tuple[str, ...]]:
    """A guess by the number of channels alone, where no name tells anything."""
    if len(channels) not in _BY_COUNT or any(channel.unit for channel in channels):
        raise ChoiceError(
            "no channel is known as a voltage or a current; name them with "
            f"--map L1=U1:I1,… out of {listed(channels)}"
        )
    voltages, currents = _BY_COUNT[len(channels)]
    u = [k if k < min(voltages, 3) else None for k in range(3)]
    i = [voltages + k if k < min(currents, 3) else None for k in range(3)]
    neutral = voltages + 3 if currents == 4 else None
    return ChannelMap((u[0], u[1], u[2]), (i[0], i[1], i[2]), neutral), (
        "the names tell nothing: channels are taken in the order of voltages, then currents",
    )


def _joined(voltage: Circuit | None, current: Circuit | None) -> ChannelMap:
    return ChannelMap(
        voltage.columns[:3] if voltage else _NONE,
        current.columns[:3] if current else _NONE,
        current.columns[3] if current else None,
    )


def _between_phases(channels: Sequence[RecordedChannel], lines: Circuit, currents: bool) -> str:
    """What becomes of voltages between phases where there are no others."""
    columns = [column for column in lines.columns[:3] if column is not None]
    names = ", ".join(channels[column].name for column in columns)
    if currents:
        return f"{names}: between phases, no phase's own: the currents have no power"
    shown = zip(PHASES, lines.columns[:3], strict=True)
    places = ", ".join(phase for phase, column in shown if column is not None)
    return f"{names}: between phases, no phase's own; shown as {places}"


def _passed_over(chosen: Circuit, groups: list[Circuit]) -> str:
    others = [group.name or "(unnamed)" for group in groups if group is not chosen]
    more = f" and {len(others) - 3} more" if len(others) > 3 else ""
    return (
        f"{len(groups)} {chosen.kind} circuits: {chosen.name or '(unnamed)'} is taken, not "
        f"{', '.join(others[:3])}{more}; --circuit picks another, --list shows all"
    )


def _affinity(one: str, other: str) -> int:
    """How many leading characters two circuit names share; fewer than three mean nothing."""
    pairs = zip(one.lower(), other.lower(), strict=False)
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return shared if shared >= 3 else 0
