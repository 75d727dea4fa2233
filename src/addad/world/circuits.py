"""Which channels of a recording belong together: the phases of one feeder or one busbar.

No standard; recorders state circuits, repeat the name of a module there, or number every channel.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from addad.world.channel_names import circuit_of
from addad.world.recording import RecordedChannel
from addad.world.waveform import ChannelKind, Phase

PHASES: tuple[Phase, Phase, Phase] = ("L1", "L2", "L3")
PAIRS: tuple[Phase, Phase, Phase] = ("L12", "L23", "L31")

_Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Circuit:
    """Channels of one kind that belong together: the columns of L1, L2, L3 and N, if there.

    `between` says that they are voltages between phases: of L12, L23, L31.
    """

    name: str
    kind: ChannelKind
    columns: tuple[int | None, int | None, int | None, int | None]
    between: bool = False

    @property
    def phases(self) -> int:
        """How many of L1, L2, L3 it has."""
        return sum(column is not None for column in self.columns[:3])


def circuits(channels: Sequence[RecordedChannel]) -> tuple[Circuit, ...]:
    """The channels of known kind by circuit, in the order of the file.

    What the file states as their circuit holds where it joins phases, else what their names have
    in common. A phase that comes again begins another circuit; where no channel of a kind has a
    phase, those of a name are L1, L2, L3 in turn.
    """
    phased = {channel.kind for channel in channels if channel.phase in (*PHASES, *PAIRS)}
    known = [
        column
        for column, channel in enumerate(channels)
        if channel.kind != "other" and (channel.phase or channel.kind not in phased)
    ]
    keys = _keys([channels[column] for column in known])
    groups: dict[tuple[_Key, int], dict[Phase, int]] = {}
    seen: Counter[tuple[_Key, Phase]] = Counter()
    for column, key in zip(known, keys, strict=True):
        phase = channels[column].phase
        turn = seen[key, phase]
        seen[key, phase] += 1
        if not phase:
            turn, place = divmod(turn, 3)
            phase = PHASES[place]
        groups.setdefault((key, turn), {})[phase] = column
    names = _names(channels, groups)
    return tuple(
        _circuit(name, channels, found) for name, found in zip(names, groups.values(), strict=True)
    )


def _circuit(name: str, channels: Sequence[RecordedChannel], found: dict[Phase, int]) -> Circuit:
    between = any(phase in PAIRS for phase in found)
    one, two, three = (found.get(phase) for phase in (PAIRS if between else PHASES))
    kind = channels[next(iter(found.values()))].kind
    return Circuit(name, kind, (one, two, three, found.get("N")), between)


def _keys(channels: Sequence[RecordedChannel]) -> list[_Key]:
    """What joins each channel with those of other phases: the narrowest that joins any."""
    choices: list[tuple[_Key, ...]] = []
    joined: dict[_Key, set[Phase]] = {}
    for channel in channels:
        rest = circuit_of(channel.name, channel.phase)
        bare = re.sub(r"\d+", "", rest).strip(" _-.")
        stated = channel.circuit
        sort = f"{channel.kind} {'between' if channel.phase in PAIRS else ''}"
        own = (
            (sort, "both", stated, rest),
            (sort, "alike", stated, bare),
            (sort, "name", rest),
            (sort, "bare", bare),
        )
        choices.append(own)
        for key in own:
            joined.setdefault(key, set()).add(channel.phase)
    return [
        next((key for key in own if len(joined[key]) > 1), own[1] if own[0][2] else own[3])
        for own in choices
    ]


def _names(
    channels: Sequence[RecordedChannel], groups: dict[tuple[_Key, int], dict[Phase, int]]
) -> list[str]:
    """What to call each: as the file states it, as its names have in common, or by them all."""
    members = [[channels[column] for column in found.values()] for found in groups.values()]
    stated = [_common(channel.circuit for channel in own) for own in members]
    rests = [_common(circuit_of(channel.name, channel.phase) for channel in own) for own in members]
    kinds = [own[0].kind for own in members]
    shared = Counter(zip(kinds, stated, strict=True))
    names = []
    for own, kind, circuit, rest in zip(members, kinds, stated, rests, strict=True):
        more = shared[kind, circuit] > 1 and rest not in circuit
        name = f"{circuit} {rest}".strip() if more else circuit or rest
        names.append(name or ", ".join(channel.name for channel in own))
    turns: Counter[tuple[ChannelKind, str]] = Counter()
    numbered = []
    for kind, name in zip(kinds, names, strict=True):
        turns[kind, name] += 1
        turn = turns[kind, name]
        numbered.append(f"{name} #{turn}" if turn > 1 else name)
    return numbered


def _common(texts: Iterable[str]) -> str:
    """What all of them say; nothing where they differ."""
    every = set(texts)
    return every.pop() if len(every) == 1 else ""
