"""The checks that each measurement of a recording makes, beside its values.

A check sees every window and says what it finds; its sentences stand in the report as findings.
"""

from __future__ import annotations

from collections.abc import Sequence

from addad.lab.report import Check, Report
from addad.metrology import Window
from addad.metrology.wiring import Wiring
from addad.world.channel_map import ChannelMap


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
        """What is found, in words with the cure."""
        names = report.recording.items
        return [
            f"item {names[k]}: {finding}" if len(names) > 1 else str(finding)
            for k in range(self._items)
            for finding in self._wiring.findings(k)
        ]
