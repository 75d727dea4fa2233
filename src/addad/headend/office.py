"""What every part of a head end shares: settings, store, vault, the pages' feed, the clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ParamSpec, TypeVar

from addad.headend.link import Connect
from addad.headend.live import LiveBoard
from addad.headend.settings import HeadEndSettings
from addad.headend.store import Store
from addad.headend.stream import Hub
from addad.headend.vault import Vault

P = ParamSpec("P")
T = TypeVar("T")


def utc_now() -> datetime:
    """The time of day of this computer."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Office:
    """The shared furniture; `now` is the head end's wall clock, aware."""

    settings: HeadEndSettings
    store: Store
    vault: Vault
    hub: Hub
    board: LiveBoard
    connect: Connect
    now: Callable[[], datetime]

    async def stored(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a storage call beside the event loop, so that a slow disk stops no meter."""
        return await asyncio.to_thread(call, *args, **kwargs)
