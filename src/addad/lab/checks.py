"""The checks that each measurement of a recording makes, beside its values.

A check sees every window and says what it finds; its sentences stand in the report as findings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from addad.lab.report import Check, Report
from addad.metrology import Window
from addad.metrology.wiring import Wiring
from addad.world.channel_map import ChannelMap

_LINES_MAX = 12


def checks(channels: ChannelMap, items: int) -> tuple[Check, ...]:
    """Those for a record of these channels, of `items` records that are measured together."""
    powered = any(
        u is not None and i is not None
        for u, i in zip(channels.voltages, channels.currents, strict=True)
    )
    return (WiringCheck(items),) if powered or channels.voltages.count(None) == 0 else ()


class WiringCheck:
    """The self-check of the wiring, for each of the records that are measured together."""

    def __init__(self, items: int) -> None:
        self._wiring = Wiring(items)
        self._items = items

    def take(self, window: Window) -> None:
        """Take the next window."""
        self._wiring.add(window)

    def findings(self, report: Report) -> Sequence[str]:
        """What is found, in words with the cure; of many records the first ones."""
        lines = list(self._lines(report))
        if len(lines) > _LINES_MAX:
            more = len(lines) - _LINES_MAX
            return (*lines[:_LINES_MAX], f"and {more} more findings about the wiring")
        return tuple(lines)

    def _lines(self, report: Report) -> Iterator[str]:
        names = report.recording.items
        for k in range(self._items):
            which = f"item {names[k]}: " if len(names) > 1 else ""
            for finding in self._wiring.findings(k):
                yield f"{which}{finding}"
