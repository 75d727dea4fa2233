"""The checks that each measurement of a recording makes, beside its values.

A check sees every window and says what it finds; its sentences stand in the report as findings.
"""

from __future__ import annotations

from addad.lab.report import Check
from addad.world.channel_map import ChannelMap


def checks(channels: ChannelMap, items: int) -> tuple[Check, ...]:
    """Those for a record of these channels, of `items` records that are measured together."""
    return ()
