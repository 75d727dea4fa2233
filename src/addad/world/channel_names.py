"""What a recorder's name and unit for a channel tell: voltage or current, which phase, which unit.

No standard governs names; these are the habits of relays, meters and laboratories in the field.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from addad.world.waveform import ChannelKind, Phase


class Meaning(NamedTuple):
    """What a channel is; stored values times `factor` are in `unit` (V, A, or as written)."""

    kind: ChannelKind
    phase: Phase
    unit: str
    factor: float


_PREFIXES = {"": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "m": 1e-3, "u": 1e-6, "µ": 1e-6, "μ": 1e-6}
_UNIT = re.compile(r"(?P<prefix>[kKmMuµμ]?)(?P<unit>(?i:V|A|volts?|amp(?:ere)?s?))")
_CYRILLIC_UNIT = str.maketrans("АВкКмМ", "AVkKmM")
_CYRILLIC_PHASE = str.maketrans("АВС", "ABC")
_PHASES: dict[str, Phase] = {
    **dict.fromkeys(("1", "A", "R", "L1", "AN", "AG", "1N", "RN"), "L1"),
    **dict.fromkeys(("2", "B", "S", "L2", "BN", "BG", "2N", "SN"), "L2"),
    **dict.fromkeys(("3", "C", "T", "L3", "CN", "CG", "3N", "TN"), "L3"),
    **dict.fromkeys(("4", "N", "G", "E", "0", "NG"), "N"),
}
_PAIRS: dict[str, Phase] = {
    **dict.fromkeys(("12", "21", "AB", "BA", "RS", "SR"), "L12"),
    **dict.fromkeys(("23", "32", "BC", "CB", "ST", "TS"), "L23"),
    **dict.fromkeys(("31", "13", "CA", "AC", "TR", "RT"), "L31"),
}
_PHASE = r"(?:L|ph|phase)?[ _-]?(?P<phase>[123][Nn]?|[ABCabc][NGng]?|[RST][N]?|[rst]|[4NnGg0])"
_SYMBOL = re.compile(
    rf"(?:^|(?<=[^A-Za-z0-9])|(?<=3))(?P<letter>[UVEIuvei])[ _-]?{_PHASE}?(?=$|[^A-Za-z0-9])"
)
_NUMBERED_SYMBOL = re.compile(
    r"(?:^|(?<=[^A-Za-z]))(?P<letter>[UVIuvi])(?P<phase>[ABCNabcn])(?=$|[^A-Za-z])"
)
_PAIR_SYMBOL = re.compile(
    r"(?:^|(?<=[^A-Za-z]))[UVEuve][ _-]?L?(?P<one>[1-3ABCabcRSTrst])[ _-]?L?"
    r"(?P<other>[1-3ABCabcRSTrst])(?=$|[^A-Za-z0-9])"
)
_VOLTAGE = re.compile(r"(?i)\b(?:volt(?:age|s)?|tension|spannung|u_?rms)|напряж")
_CURRENT = re.compile(
    r"(?i)\b(?:curr(?:ent)?|courant|intensit\w*|strom|amp(?:ere)?s?)|ток|^A[ _-](?=L[123N]|N)\b"
)
_WORD_PHASE = re.compile(
    r"(?:^|[^A-Za-z0-9])(?:L|[Pp]h(?:ase)?[ _-]?)(?P<phase>[123ABCN])(?=$|[^A-Za-z0-9])"
)
_TRAILING_PHASE = re.compile(r"[ _.-](?P<phase>[123ABCNabcn])$")
_BRACKET = re.compile(r"[\[(](?P<unit>[^\])]{1,12})[\])]\s*$")
_UNIT_TAIL = re.compile(r"[ _](?P<unit>[kmuµ]?[VAva])$")
_DERIVED = re.compile(r"(?i)\b(?:mag(?:nitude)?|ang(?:le)?|rms|freq\w*|thd|power|temp\w*)\b")


def split_unit(name: str) -> tuple[str, str]:
    """A heading's name and the unit in brackets behind it: `u1 [V]` → (`u1`, `V`)."""
    found = _BRACKET.search(name)
    return (name[: found.start()].strip(), found["unit"].strip()) if found else (name.strip(), "")


def meanings(names: Sequence[str], units: Sequence[str], phases: Sequence[str]) -> list[Meaning]:
    """What each channel is, by its unit, its stated phase and its name, seen beside its siblings.

    `voltage_v` alone ends in a unit, beside `voltage_b` and `voltage_c` it would end in a phase.
    A number is a stated phase only where another channel states another: recorders also write
    the input's number there, or 1 beside every name.
    """
    lowered = {name.lower() for name in names}
    numbers = {phase.strip() for phase in phases} & {"1", "2", "3"}
    if len(numbers) < 2:
        phases = ["" if phase.strip().isdecimal() else phase for phase in phases]
    result = []
    for name, unit, phase in zip(names, units, phases, strict=True):
        tail = None if unit else _UNIT_TAIL.search(name)
        stem = name[: tail.start()] if tail else ""
        sibling = any(f"{stem}_{letter}".lower() in lowered for letter in "bc")
        if tail and stem and not sibling:
            result.append(_meaning(stem, tail["unit"].replace("v", "V").replace("a", "A"), phase))
        else:
            result.append(_meaning(name, unit, phase))
    return _with_siblings(names, result)


def _with_siblings(names: Sequence[str], told: list[Meaning]) -> list[Meaning]:
    """The same, with the phases of names that differ in nothing but an A, B and C behind words."""
    families: dict[tuple[str, str, str], dict[str, int]] = {}
    for index, (name, meaning) in enumerate(zip(names, told, strict=True)):
        if meaning.kind == "other" or meaning.phase:
            continue
        for letters in ("ABC", "abc", "RST"):
            for letter in letters:
                stem = re.sub(rf"{letter}(?![A-Za-z0-9])", "\0", name)
                if stem != name:
                    families.setdefault((meaning.kind, letters, stem), {})[letter] = index
    result = list(told)
    for found in families.values():
        if len(found) == 3:
            for letter, index in found.items():
                result[index] = result[index]._replace(phase=_PHASES[letter.upper()])
    return result


def unit_of(text: str) -> tuple[str, float]:
    """The plain unit and the factor to it: `kV` → (`V`, 1000.0); others as written, 1."""
    written = text.strip().translate(_CYRILLIC_UNIT)
    found = _UNIT.fullmatch(written)
    if found is None:
        return text.strip(), 1.0
    return found["unit"][0].upper(), _PREFIXES[found["prefix"]]


def circuit_of(name: str, phase: Phase) -> str:
    """A channel's name without what tells its quantity and its phase: `Ia_bus 1` → `bus 1`."""
    latin = name.translate(_CYRILLIC_PHASE)
    for pattern in _TOKENS.get(phase, ()):
        found = pattern.search(latin)
        if found:
            name = name[: found.start()] + " " + name[found.end() :]
            break
    else:
        for ending in reversed(list(_ENDINGS[phase].finditer(latin)) if phase in _ENDINGS else []):
            name = name[: ending.start()] + name[ending.end() :]
    return " ".join(name.split()).strip(" _-.")


def _token_patterns(letters: str) -> tuple[re.Pattern[str], ...]:
    """How names tell a phase that is written by one of these letters, the surest first."""
    one = f"(?:L?[{letters}])"
    return tuple(
        re.compile(pattern)
        for pattern in (
            rf"(?:^3?|(?<=[^A-Za-z0-9])3|(?<=[^A-Za-z]))[UVEIuvei][ _-]?(?:ph|phase)?[ _-]?{one}"
            r"[NnGg]?(?![A-Za-z])",
            rf"(?i:\bph(?:ase)?|фаз[аыеу])[ _-]?{one}(?![A-Za-z0-9])",
            rf"{one}(?:相|[ _-]?(?i:phase))",
            rf"(?:^|(?<=[^A-Za-z0-9]))L{letters[0]}N?(?![A-Za-z0-9])",
            rf"(?:^|(?<=[^A-Za-z0-9])){one}(?=$|[^A-Za-z0-9])",
        )
    )


def _pair_patterns(one: str, other: str) -> tuple[re.Pattern[str], ...]:
    both = f"(?:L?[{one}][ _-]?L?[{other}]|L?[{other}][ _-]?L?[{one}])"
    return (re.compile(rf"(?:^|(?<=[^A-Za-z]))[UVEuve][ _-]?{both}(?![A-Za-z])"),)


_LETTERS = {"L1": "1AaRr", "L2": "2BbSs", "L3": "3CcTt", "N": "4NnGg0OoEe"}
_ENDINGS = {
    phase: re.compile(rf"[{letters}](?![A-Za-z0-9])")
    for phase, letters in (("L1", "1AR"), ("L2", "2BS"), ("L3", "3CT"), ("N", "4NG0"))
}
_TOKENS: dict[str, tuple[re.Pattern[str], ...]] = {
    **{phase: _token_patterns(letters) for phase, letters in _LETTERS.items()},
    "L12": _pair_patterns("1AaRr", "2BbSs"),
    "L23": _pair_patterns("2BbSs", "3CcTt"),
    "L31": _pair_patterns("3CcTt", "1AaRr"),
}


def _meaning(name: str, unit: str, phase: str) -> Meaning:
    plain, factor = unit_of(unit)
    if _DERIVED.search(name.replace("_", " ")):
        return Meaning("other", "", plain, factor)
    symbol = _SYMBOL.search(name) or _NUMBERED_SYMBOL.search(name)
    kind: ChannelKind = "other"
    if plain in ("V", "A"):
        kind = "voltage" if plain == "V" else "current"
    elif not plain:
        kind = _kind_by_name(name, symbol)
    return Meaning(kind, _phase(name, symbol, phase), plain, factor)


def _kind_by_name(name: str, symbol: re.Match[str] | None) -> ChannelKind:
    if _VOLTAGE.search(name):
        return "voltage"
    if _CURRENT.search(name):
        return "current"
    if symbol is None:
        return "voltage" if _pair(name) else "other"
    return "current" if symbol["letter"] in "iI" else "voltage"


def _phase(name: str, symbol: re.Match[str] | None, stated: str) -> Phase:
    written = stated.strip().translate(_CYRILLIC_PHASE).upper()
    if len(written) == 2 and written[0] in "UVI":
        written = written[1]
    if written in _PAIRS:
        return _PAIRS[written]
    if written in _PHASES:
        return _PHASES[written]
    if symbol is not None and symbol["phase"]:
        return _PHASES.get(symbol["phase"].upper(), "")
    between = _pair(name)
    if between:
        return between
    for pattern in (_WORD_PHASE, _TRAILING_PHASE):
        found = pattern.search(name)
        if found:
            return _PHASES.get(found["phase"].upper(), "")
    return ""


def turned(name: str) -> bool:
    """Whether a voltage between phases is named against their order: U21, Uba, Uac."""
    found = _PAIR_SYMBOL.search(name.translate(_CYRILLIC_PHASE))
    written = (found["one"] + found["other"]).upper() if found else ""
    return written in ("21", "BA", "SR", "32", "CB", "TS", "13", "AC", "RT")


def _pair(name: str) -> Phase:
    """The two phases that a voltage's name says it is between: `Uab`, `U12`, `VL1L2`."""
    found = _PAIR_SYMBOL.search(name.translate(_CYRILLIC_PHASE))
    return _PAIRS.get((found["one"] + found["other"]).upper(), "") if found else ""
